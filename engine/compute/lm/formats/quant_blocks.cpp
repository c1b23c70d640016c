// One loop a type; each reads bytes in file order and writes elements in row order.
#include "lm/formats/quant_blocks.h"

#include "tensor/dtype.h"

namespace dubito::lm {
namespace {

void q4(const std::uint8_t* qs, float d, float m, float* out) {
    for (int j = 0; j < 16; ++j) {
        out[j] = static_cast<float>(qs[j] & 15) * d + m;
        out[j + 16] = static_cast<float>(qs[j] >> 4) * d + m;
    }
}

void q5(const std::uint8_t* qh, const std::uint8_t* qs, float d, float m, float* out) {
    std::uint32_t high;
    std::memcpy(&high, qh, 4);
    for (int j = 0; j < 16; ++j) {
        out[j] = static_cast<float>((qs[j] & 15) | (high >> j & 1) << 4) * d + m;
        out[j + 16] = static_cast<float>((qs[j] >> 4) | (high >> (j + 16) & 1) << 4) * d + m;
    }
}

/// Six-bit scale and minimum of sub-block j of Q4_K and Q5_K.
void scaleMin(const std::uint8_t* b, int j, int& scale, int& minimum) {
    if (j < 4) {
        scale = b[j] & 63;
        minimum = b[j + 4] & 63;
    } else {
        scale = (b[j + 4] & 15) | (b[j - 4] >> 6) << 4;
        minimum = (b[j + 4] >> 4) | (b[j] >> 6) << 4;
    }
}

void q45K(const std::uint8_t* in, float* out, bool five) {
    const float d = halfAt(in), dmin = halfAt(in + 2);
    const std::uint8_t* scales = in + 4;
    const std::uint8_t* qh = in + 16;
    const std::uint8_t* qs = in + (five ? 48 : 16);
    for (int chunk = 0; chunk < 4; ++chunk) {
        for (int part = 0; part < 2; ++part) {
            const int sub = 2 * chunk + part;
            int scale, minimum;
            scaleMin(scales, sub, scale, minimum);
            const float step = d * static_cast<float>(scale), offset = dmin * static_cast<float>(minimum);
            for (int l = 0; l < 32; ++l) {
                int q = part ? qs[32 * chunk + l] >> 4 : qs[32 * chunk + l] & 15;
                if (five && (qh[l] >> sub & 1)) q += 16;
                *out++ = step * static_cast<float>(q) - offset;
            }
        }
    }
}

void q6K(const std::uint8_t* in, float* out) {
    const std::uint8_t *ql = in, *qh = in + 128;
    const auto* scales = reinterpret_cast<const std::int8_t*>(in + 192);
    const float d = halfAt(in + 208);
    for (int h = 0; h < 2; ++h) {
        for (int l = 0; l < 32; ++l) {
            const int a = ql[64 * h + l], b = ql[64 * h + 32 + l], high = qh[32 * h + l];
            const int q[4] = {(a & 15) | (high & 3) << 4, (b & 15) | (high >> 2 & 3) << 4,
                a >> 4 | (high >> 4 & 3) << 4, b >> 4 | (high >> 6) << 4};
            for (int quarter = 0; quarter < 4; ++quarter) {
                const int position = l + 32 * quarter;
                out[128 * h + position] =
                    d * static_cast<float>(scales[8 * h + position / 16]) * static_cast<float>(q[quarter] - 32);
            }
        }
    }
}

void q2K(const std::uint8_t* in, float* out) {
    const float d = halfAt(in + 80), dmin = halfAt(in + 82);
    int sub = 0;
    for (int h = 0; h < 2; ++h)
        for (int shift = 0; shift < 8; shift += 2)
            for (int part = 0; part < 2; ++part, ++sub) {
                const float step = d * static_cast<float>(in[sub] & 15),
                            offset = dmin * static_cast<float>(in[sub] >> 4);
                for (int l = 0; l < 16; ++l)
                    *out++ = step * static_cast<float>(in[16 + 32 * h + 16 * part + l] >> shift & 3) - offset;
            }
}

void q3K(const std::uint8_t* in, float* out) {
    const std::uint8_t *hmask = in, *qs = in + 32, *packed = in + 96;
    const float d = halfAt(in + 108);
    int sub = 0;
    for (int h = 0; h < 2; ++h)
        for (int shift = 0; shift < 4; ++shift)
            for (int part = 0; part < 2; ++part, ++sub) {
                const int low = sub < 8 ? packed[sub] & 15 : packed[sub - 8] >> 4;
                const int high = packed[8 + sub % 4] >> (2 * (sub / 4)) & 3;
                const float step = d * static_cast<float>((low | high << 4) - 32);
                for (int l = 0; l < 16; ++l) {
                    const int column = 16 * part + l;
                    int q = qs[32 * h + column] >> (2 * shift) & 3;
                    if (!(hmask[column] >> (4 * h + shift) & 1)) q -= 4;
                    *out++ = step * static_cast<float>(q);
                }
            }
}

}  // namespace

BlockLayout blockLayout(GgmlType type) {
    switch (type) {
        case GgmlType::F32: return {1, 4};
        case GgmlType::F16:
        case GgmlType::BF16: return {1, 2};
        case GgmlType::Q4_0:
        case GgmlType::IQ4_NL: return {32, 18};
        case GgmlType::Q4_1: return {32, 20};
        case GgmlType::Q5_0: return {32, 22};
        case GgmlType::Q5_1: return {32, 24};
        case GgmlType::Q8_0: return {32, 34};
        case GgmlType::Q2_K: return {256, 84};
        case GgmlType::Q3_K: return {256, 110};
        case GgmlType::Q4_K: return {256, 144};
        case GgmlType::Q5_K: return {256, 176};
        case GgmlType::Q6_K: return {256, 210};
    }
    return {};
}

std::string typeName(std::uint32_t code) {
    constexpr const char* kNames[] = {"F32", "F16", "Q4_0", "Q4_1", "", "", "Q5_0", "Q5_1", "Q8_0", "Q8_1", "Q2_K",
        "Q3_K", "Q4_K", "Q5_K", "Q6_K", "Q8_K", "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S",
        "IQ4_XS", "I8", "I16", "I32", "I64", "F64", "IQ1_M", "BF16"};
    if (code < std::size(kNames) && *kNames[code]) return kNames[code];
    return code == 39 ? "MXFP4" : "type " + std::to_string(code);
}

void dequantise(GgmlType type, const std::uint8_t* in, float* out, std::int64_t blocks) {
    const auto [elements, bytes] = blockLayout(type);
    if (type == GgmlType::F32) {
        std::memcpy(out, in, static_cast<std::size_t>(blocks) * 4);
        return;
    }
    for (std::int64_t i = 0; i < blocks; ++i, in += bytes, out += elements) {
        switch (type) {
            case GgmlType::F32: break;
            case GgmlType::F16: *out = halfAt(in); break;
            case GgmlType::BF16: {
                std::uint16_t bits;
                std::memcpy(&bits, in, 2);
                *out = std::bit_cast<float>(std::uint32_t{bits} << 16);
                break;
            }
            case GgmlType::Q4_0: q4(in + 2, halfAt(in), -8.0f * halfAt(in), out); break;
            case GgmlType::Q4_1: q4(in + 4, halfAt(in), halfAt(in + 2), out); break;
            case GgmlType::Q5_0: q5(in + 2, in + 6, halfAt(in), -16.0f * halfAt(in), out); break;
            case GgmlType::Q5_1: q5(in + 4, in + 8, halfAt(in), halfAt(in + 2), out); break;
            case GgmlType::Q8_0: {
                const float d = halfAt(in);
                for (int j = 0; j < 32; ++j) out[j] = d * static_cast<float>(static_cast<std::int8_t>(in[2 + j]));
                break;
            }
            case GgmlType::IQ4_NL: {
                const float d = halfAt(in);
                for (int j = 0; j < 16; ++j) {
                    out[j] = d * static_cast<float>(kIq4Levels[in[2 + j] & 15]);
                    out[j + 16] = d * static_cast<float>(kIq4Levels[in[2 + j] >> 4]);
                }
                break;
            }
            case GgmlType::Q2_K: q2K(in, out); break;
            case GgmlType::Q3_K: q3K(in, out); break;
            case GgmlType::Q4_K: q45K(in, out, false); break;
            case GgmlType::Q5_K: q45K(in, out, true); break;
            case GgmlType::Q6_K: q6K(in, out); break;
        }
    }
}

}  // namespace dubito::lm
