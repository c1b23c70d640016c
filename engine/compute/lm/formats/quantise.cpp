// Scales first, then every element to its nearest level under the scale as it is stored.
#include "lm/formats/quantise.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>

namespace dubito::lm {
namespace {

void putHalf(std::uint8_t* at, float value) {
    const std::uint16_t bits = halfFromFloat(value);
    std::memcpy(at, &bits, 2);
}

int nearest(float value, int low, int high) {
    return static_cast<int>(std::clamp(std::nearbyint(value), static_cast<float>(low), static_cast<float>(high)));
}

/// The value of largest magnitude, with its sign.
float extreme(const float* x, int n) {
    float out = 0;
    for (int i = 0; i < n; ++i)
        if (std::abs(x[i]) > std::abs(out)) out = x[i];
    return out;
}

void packNibbles(const std::uint8_t* q, std::uint8_t* out) {
    for (int j = 0; j < 16; ++j) out[j] = static_cast<std::uint8_t>((q[j] & 15) | (q[j + 16] & 15) << 4);
}

/// Q4_0 and Q5_0: the extreme value takes the lowest level.
void symmetric(const float* x, int levels, std::uint8_t* out) {
    const int half = levels / 2;
    const float d = extreme(x, 32) / static_cast<float>(-half), inverse = d != 0 ? 1 / d : 0;
    std::uint8_t q[32];
    std::uint32_t fifth = 0;
    for (int i = 0; i < 32; ++i) {
        q[i] = static_cast<std::uint8_t>(
            std::min(levels - 1, static_cast<int>(x[i] * inverse + static_cast<float>(half) + 0.5f)));
        fifth |= static_cast<std::uint32_t>(q[i] >> 4) << i;
    }
    putHalf(out, d);
    if (levels == 32) std::memcpy(out + 2, &fifth, 4);
    packNibbles(q, out + (levels == 32 ? 6 : 2));
}

/// Q4_1 and Q5_1: levels from the smallest value to the largest.
void affine(const float* x, int levels, std::uint8_t* out) {
    const auto [low, high] = std::minmax_element(x, x + 32);
    const float m = *low, d = (*high - m) / static_cast<float>(levels - 1), inverse = d != 0 ? 1 / d : 0;
    std::uint8_t q[32];
    std::uint32_t fifth = 0;
    for (int i = 0; i < 32; ++i) {
        q[i] = static_cast<std::uint8_t>(std::min(levels - 1, static_cast<int>((x[i] - m) * inverse + 0.5f)));
        fifth |= static_cast<std::uint32_t>(q[i] >> 4) << i;
    }
    putHalf(out, d);
    putHalf(out + 2, m);
    if (levels == 32) std::memcpy(out + 4, &fifth, 4);
    packNibbles(q, out + (levels == 32 ? 8 : 4));
}

void q8(const float* x, std::uint8_t* out) {
    const float d = std::abs(extreme(x, 32)) / 127, inverse = d != 0 ? 1 / d : 0;
    putHalf(out, d);
    for (int i = 0; i < 32; ++i)
        out[2 + i] = static_cast<std::uint8_t>(static_cast<std::int8_t>(std::lround(x[i] * inverse)));
}

int nearestIq4(float value) {
    int best = 0;
    for (int level = 1; level < 16; ++level)
        if (std::abs(value - static_cast<float>(kIq4Levels[level])) <
            std::abs(value - static_cast<float>(kIq4Levels[best])))
            best = level;
    return best;
}

void iq4(const float* x, std::uint8_t* out) {
    const float peak = extreme(x, 32);
    float best = 0, bestGain = -1;
    for (int tried = -7; tried <= 7 && peak != 0; ++tried) {
        const float inverse = static_cast<float>(kIq4Levels[0] + tried) / peak;
        float product = 0, square = 0;
        for (int i = 0; i < 32; ++i) {
            const auto level = static_cast<float>(kIq4Levels[nearestIq4(x[i] * inverse)]);
            product += x[i] * level;
            square += level * level;
        }
        if (square > 0 && product * product / square > bestGain)
            bestGain = product * product / square, best = product / square;
    }
    putHalf(out, best);
    const float d = halfAt(out), inverse = d != 0 ? 1 / d : 0;
    std::uint8_t q[32];
    for (int i = 0; i < 32; ++i) q[i] = static_cast<std::uint8_t>(nearestIq4(x[i] * inverse));
    packNibbles(q, out + 2);
}

/// Scale of x ~ s q with q in [-levels/2, levels/2): the tried scale that leaves the least squared error.
float fitScale(const float* x, int n, int levels) {
    const float peak = extreme(x, n);
    float best = 0, bestGain = -1;
    for (int tried = -9; tried <= 9 && peak != 0; ++tried) {
        const float inverse = (static_cast<float>(-levels / 2) + 0.1f * static_cast<float>(tried)) / peak;
        float product = 0, square = 0;
        for (int i = 0; i < n; ++i) {
            const auto q = static_cast<float>(nearest(x[i] * inverse, -levels / 2, levels / 2 - 1));
            product += x[i] * q;
            square += q * q;
        }
        if (square > 0 && product * product / square > bestGain)
            bestGain = product * product / square, best = product / square;
    }
    return best;
}

struct ScaleMin {
    float scale = 0, minimum = 0;  ///< x ~ scale q - minimum, both not negative
};

ScaleMin fitScaleMin(const float* x, int n, int levels) {
    const auto [low, high] = std::minmax_element(x, x + n);
    const float floor = std::min(0.0f, *low), range = *high - floor;
    ScaleMin best{std::max(0.0f, range) / static_cast<float>(levels - 1), -floor};
    if (!(range > 0)) return {0, -floor};
    float bestError = INFINITY;
    for (int tried = -8; tried <= 8; ++tried) {
        const float inverse = (static_cast<float>(levels - 1) + 0.1f * static_cast<float>(tried)) / range;
        float sumQ = 0, sumQq = 0, sumX = 0, sumXq = 0;
        for (int i = 0; i < n; ++i) {
            const auto q = static_cast<float>(nearest((x[i] - floor) * inverse, 0, levels - 1));
            sumQ += q, sumQq += q * q, sumX += x[i], sumXq += x[i] * q;
        }
        const auto count = static_cast<float>(n);
        const float determinant = count * sumQq - sumQ * sumQ;
        ScaleMin fit{};
        if (determinant > 0)
            fit = {(count * sumXq - sumX * sumQ) / determinant, -(sumQq * sumX - sumQ * sumXq) / determinant};
        if (fit.minimum < 0) fit = {sumQq > 0 ? sumXq / sumQq : 0, 0};  // the format has no positive offset
        if (!(fit.scale > 0)) continue;
        float error = 0;
        for (int i = 0; i < n; ++i) {
            const float rest =
                x[i] - (fit.scale * static_cast<float>(nearest((x[i] + fit.minimum) / fit.scale, 0, levels - 1)) -
                           fit.minimum);
            error += rest * rest;
        }
        if (error < bestError) bestError = error, best = fit;
    }
    return best;
}

/// Q4_K and Q5_K: eight sub-blocks with six-bit scales and minima.
void k45(const float* x, bool five, std::uint8_t* out) {
    ScaleMin fits[8];
    float maxScale = 0, maxMinimum = 0;
    for (int s = 0; s < 8; ++s) {
        fits[s] = fitScaleMin(x + 32 * s, 32, five ? 32 : 16);
        maxScale = std::max(maxScale, fits[s].scale);
        maxMinimum = std::max(maxMinimum, fits[s].minimum);
    }
    std::memset(out, 0, five ? 176 : 144);
    putHalf(out, maxScale / 63);
    putHalf(out + 2, maxMinimum / 63);
    const float d = halfAt(out), dmin = halfAt(out + 2);
    std::uint8_t *b = out + 4, *high = out + 16, *low = out + (five ? 48 : 16);
    for (int s = 0; s < 8; ++s) {
        const int scale = d > 0 ? nearest(fits[s].scale / d, 0, 63) : 0,
                  minimum = dmin > 0 ? nearest(fits[s].minimum / dmin, 0, 63) : 0;
        if (s < 4) {
            b[s] = static_cast<std::uint8_t>(b[s] | scale);
            b[s + 4] = static_cast<std::uint8_t>(b[s + 4] | minimum);
        } else {
            b[s + 4] = static_cast<std::uint8_t>((scale & 15) | (minimum & 15) << 4);
            b[s - 4] = static_cast<std::uint8_t>(b[s - 4] | scale >> 4 << 6);
            b[s] = static_cast<std::uint8_t>(b[s] | minimum >> 4 << 6);
        }
        const float step = d * static_cast<float>(scale), offset = dmin * static_cast<float>(minimum);
        for (int l = 0; l < 32; ++l) {
            const int q = step > 0 ? nearest((x[32 * s + l] + offset) / step, 0, five ? 31 : 15) : 0;
            std::uint8_t& at = low[32 * (s / 2) + l];
            at = static_cast<std::uint8_t>(at | (q & 15) << (s % 2 ? 4 : 0));
            if (five) high[l] = static_cast<std::uint8_t>(high[l] | (q >> 4) << s);
        }
    }
}

void k6(const float* x, std::uint8_t* out) {
    float scales[16];
    for (int s = 0; s < 16; ++s) scales[s] = fitScale(x + 16 * s, 16, 64);
    std::memset(out, 0, 210);
    putHalf(out + 208, extreme(scales, 16) / -128);
    const float d = halfAt(out + 208);
    for (int s = 0; s < 16; ++s) {
        const int scale = d != 0 ? nearest(scales[s] / d, -128, 127) : 0;
        out[192 + s] = static_cast<std::uint8_t>(static_cast<std::int8_t>(scale));
        const float step = d * static_cast<float>(scale);
        for (int i = 0; i < 16; ++i) {
            const int q = step != 0 ? nearest(x[16 * s + i] / step, -32, 31) + 32 : 32;
            const int h = s / 8, position = 16 * (s % 8) + i, quarter = position / 32, l = position % 32;
            std::uint8_t& low = out[64 * h + 32 * (quarter % 2) + l];
            std::uint8_t& high = out[128 + 32 * h + l];
            low = static_cast<std::uint8_t>(low | (q & 15) << (quarter / 2 ? 4 : 0));
            high = static_cast<std::uint8_t>(high | (q >> 4) << (2 * quarter));
        }
    }
}

void k2(const float* x, std::uint8_t* out) {
    ScaleMin fits[16];
    float maxScale = 0, maxMinimum = 0;
    for (int s = 0; s < 16; ++s) {
        fits[s] = fitScaleMin(x + 16 * s, 16, 4);
        maxScale = std::max(maxScale, fits[s].scale);
        maxMinimum = std::max(maxMinimum, fits[s].minimum);
    }
    std::memset(out, 0, 84);
    putHalf(out + 80, maxScale / 15);
    putHalf(out + 82, maxMinimum / 15);
    const float d = halfAt(out + 80), dmin = halfAt(out + 82);
    for (int s = 0; s < 16; ++s) {
        const int scale = d > 0 ? nearest(fits[s].scale / d, 0, 15) : 0,
                  minimum = dmin > 0 ? nearest(fits[s].minimum / dmin, 0, 15) : 0;
        out[s] = static_cast<std::uint8_t>(scale | minimum << 4);
        const float step = d * static_cast<float>(scale), offset = dmin * static_cast<float>(minimum);
        for (int i = 0; i < 16; ++i) {
            const int q = step > 0 ? nearest((x[16 * s + i] + offset) / step, 0, 3) : 0;
            std::uint8_t& at = out[16 + 32 * (s / 8) + 16 * (s % 2) + i];
            at = static_cast<std::uint8_t>(at | q << (2 * (s % 8 / 2)));
        }
    }
}

void k3(const float* x, std::uint8_t* out) {
    float scales[16];
    for (int s = 0; s < 16; ++s) scales[s] = fitScale(x + 16 * s, 16, 8);
    std::memset(out, 0, 110);
    putHalf(out + 108, extreme(scales, 16) / -32);
    const float d = halfAt(out + 108);
    for (int s = 0; s < 16; ++s) {
        const int scale = d != 0 ? nearest(scales[s] / d, -32, 31) + 32 : 32;
        std::uint8_t *low = out + 96 + s % 8, *top = out + 96 + 8 + s % 4;
        *low = static_cast<std::uint8_t>(*low | (scale & 15) << (s < 8 ? 0 : 4));
        *top = static_cast<std::uint8_t>(*top | (scale >> 4) << (2 * (s / 4)));
        const float step = d * static_cast<float>(scale - 32);
        for (int i = 0; i < 16; ++i) {
            const int q = step != 0 ? nearest(x[16 * s + i] / step, -4, 3) + 4 : 4;
            const int h = s / 8, shift = s % 8 / 2, l = 16 * (s % 2) + i;
            std::uint8_t& at = out[32 + 32 * h + l];
            at = static_cast<std::uint8_t>(at | (q & 3) << (2 * shift));
            if (q & 4) out[l] = static_cast<std::uint8_t>(out[l] | 1 << (4 * h + shift));
        }
    }
}

constexpr GgmlType kWritten[] = {GgmlType::F32, GgmlType::F16, GgmlType::BF16, GgmlType::Q4_0, GgmlType::Q4_1,
    GgmlType::Q5_0, GgmlType::Q5_1, GgmlType::Q8_0, GgmlType::IQ4_NL, GgmlType::Q2_K, GgmlType::Q3_K, GgmlType::Q4_K,
    GgmlType::Q5_K, GgmlType::Q6_K};

}  // namespace

std::uint16_t bfloatFromFloat(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return static_cast<std::uint16_t>(bits >> 16 | 0x40);
    return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

void quantise(GgmlType type, const float* in, std::uint8_t* out, std::int64_t blocks) {
    const BlockLayout layout = blockLayout(type);
    for (std::int64_t b = 0; b < blocks; ++b, in += layout.elements, out += layout.bytes) {
        switch (type) {
            case GgmlType::F32: std::memcpy(out, in, 4); break;
            case GgmlType::F16: putHalf(out, *in); break;
            case GgmlType::BF16: {
                const std::uint16_t bits = bfloatFromFloat(*in);
                std::memcpy(out, &bits, 2);
                break;
            }
            case GgmlType::Q4_0: symmetric(in, 16, out); break;
            case GgmlType::Q5_0: symmetric(in, 32, out); break;
            case GgmlType::Q4_1: affine(in, 16, out); break;
            case GgmlType::Q5_1: affine(in, 32, out); break;
            case GgmlType::Q8_0: q8(in, out); break;
            case GgmlType::IQ4_NL: iq4(in, out); break;
            case GgmlType::Q2_K: k2(in, out); break;
            case GgmlType::Q3_K: k3(in, out); break;
            case GgmlType::Q4_K: k45(in, false, out); break;
            case GgmlType::Q5_K: k45(in, true, out); break;
            case GgmlType::Q6_K: k6(in, out); break;
        }
    }
}

GgmlType typeThatFits(GgmlType wanted, std::int64_t columns) {
    if (columns % blockLayout(wanted).elements == 0) return wanted;
    if (columns % 32 != 0) return GgmlType::F16;
    switch (wanted) {
        case GgmlType::Q4_K: return GgmlType::Q5_0;
        case GgmlType::Q5_K: return GgmlType::Q5_1;
        case GgmlType::Q6_K: return GgmlType::Q8_0;
        default: return GgmlType::IQ4_NL;
    }
}

bool typeFromName(std::string_view name, GgmlType& out) {
    std::string upper(name);
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    for (const GgmlType type : kWritten)
        if (typeName(static_cast<std::uint32_t>(type)) == upper) return out = type, true;
    return false;
}

}  // namespace dubito::lm
