// The reference: plain loops with the roundings that the vector code has.
#include "lm/kernels/quant_kernels.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "lm/formats/quant_blocks.h"

namespace dubito::lm {
namespace {

/// A block's weights as whole numbers and what they are multiplied with: value = q * step[half] + offset[half].
struct Numbers {
    int q[kBlockColumns];
    float step[2], offset[2];
};

/// Row r of a block of a type with whole numbers.
Numbers numbersOf(RowKind kind, const std::uint8_t* at, int r) {
    Numbers out;
    const float d = halfAt(at + 2 * r);
    out.step[0] = out.step[1] = d;
    out.offset[0] = out.offset[1] = 0;
    if (kind == RowKind::Q8_0) {
        for (int i = 0; i < kBlockColumns; ++i)
            out.q[i] = static_cast<std::int8_t>(at[16 + 32 * (i / 4) + 4 * r + i % 4]);
        return out;
    }
    const std::uint8_t *nibbles = at + unitBlockBytes(kind) - 128, *fifths = nullptr, *twos = nullptr;
    const auto offset = [&](float value) { out.offset[0] = out.offset[1] = value; };
    switch (kind) {
        case RowKind::Q4_0: offset(-8.0f * d); break;
        case RowKind::Q4_1: offset(halfAt(at + 16 + 2 * r)); break;
        case RowKind::Q5_0: offset(-16.0f * d), fifths = at + 16; break;
        case RowKind::Q5_1: offset(halfAt(at + 16 + 2 * r)), fifths = at + 32; break;
        case RowKind::Q5_K: fifths = at + 48; [[fallthrough]];
        case RowKind::Q4_K:
            out.step[0] = out.step[1] = d * static_cast<float>(at[32 + r]);
            offset(-(halfAt(at + 16 + 2 * r) * static_cast<float>(at[40 + r])));
            break;
        case RowKind::Q6_K:
            for (int half = 0; half < 2; ++half)
                out.step[half] = d * static_cast<float>(static_cast<std::int8_t>(at[16 + 8 * half + r]));
            twos = at + 32;
            break;
        case RowKind::Q2_K:
            for (int half = 0; half < 2; ++half) {
                out.step[half] = d * static_cast<float>(at[32 + 8 * half + r]);
                out.offset[half] = -(halfAt(at + 16 + 2 * r) * static_cast<float>(at[48 + 8 * half + r]));
            }
            break;
        default: break;
    }
    std::uint32_t fifth = 0;
    if (fifths) std::memcpy(&fifth, fifths + 4 * r, 4);
    for (int i = 0; i < 16; ++i) {
        const int byte = nibbles[32 * (i / 4) + 4 * r + i % 4];
        out.q[i] = (byte & 15) | static_cast<int>(fifth >> i & 1) << 4;
        out.q[16 + i] = (byte >> 4) | static_cast<int>(fifth >> (16 + i) & 1) << 4;
        if (twos) {
            const int bits = twos[32 * (i / 8) + 4 * r + i % 4] >> (i / 4 % 2 * 4);
            out.q[i] = (out.q[i] | (bits & 3) << 4) - 32;
            out.q[16 + i] = (out.q[16 + i] | (bits >> 2 & 3) << 4) - 32;
        }
    }
    return out;
}

bool hasOffset(RowKind kind) { return kind != RowKind::Q8_0 && kind != RowKind::Q6_K; }
bool isFloat(RowKind kind) { return kind == RowKind::F16 || kind == RowKind::BF16 || kind == RowKind::F32; }

/// Element `index` of a block of floats.
float floatAt(RowKind kind, const std::uint8_t* at, std::int64_t index) {
    if (kind == RowKind::F16) return halfAt(at + 2 * index);
    if (kind == RowKind::BF16) {
        std::uint16_t bits;
        std::memcpy(&bits, at + 2 * index, 2);
        return std::bit_cast<float>(std::uint32_t{bits} << 16);
    }
    float out;
    std::memcpy(&out, at + 4 * index, 4);
    return out;
}

float floatRow(RowKind kind, const std::uint8_t* unit, std::int64_t blocks, const float* x, int r) {
    float partial[4] = {};
    for (std::int64_t b = 0; b < blocks; ++b)
        for (int j = 0; j < kBlockColumns; ++j)
            partial[j % 4] = std::fma(floatAt(kind, unit + b * unitBlockBytes(kind), kUnitRows * j + r),
                x[kBlockColumns * b + j], partial[j % 4]);
    return (partial[0] + partial[1]) + (partial[2] + partial[3]);
}

float numberRow(RowKind kind, const std::uint8_t* unit, std::int64_t blocks, const ActivationBlock* x, int r) {
    const bool inHalves = kind == RowKind::Q6_K || kind == RowKind::Q2_K;
    float acc = 0;
    for (std::int64_t b = 0; b < blocks; ++b) {
        const Numbers w = numbersOf(kind, unit + b * unitBlockBytes(kind), r);
        const ActivationBlock& a = x[b];
        std::int32_t s[2] = {};
        for (int i = 0; i < kBlockColumns; ++i) s[i / 16] += w.q[i] * (256 * a.high[i] + a.low[i]);
        if (!inHalves) s[0] += s[1];
        for (int half = 0; half < (inHalves ? 2 : 1); ++half) {
            acc = std::fma(w.step[half] * a.d, static_cast<float>(s[half]), acc);
            if (hasOffset(kind)) acc = std::fma(w.offset[half], inHalves ? a.half[half] : a.sum, acc);
        }
    }
    return acc;
}

}  // namespace

void quantiseActivation(const float* x, std::int64_t columns, Activation activation, ActivationBlock* out) {
    const float limit = activation == Activation::A16 ? 32639.0f : 127.0f;
    for (std::int64_t b = 0; b < columns / kBlockColumns; ++b, x += kBlockColumns, ++out) {
        float largest = 0;
        bool isFinite = true;
        for (int i = 0; i < kBlockColumns; ++i) {
            const float size = std::abs(x[i]);
            isFinite &= size <= 3.402823466e38f;
            largest = size > largest ? size : largest;
        }
        std::memset(out, 0, sizeof *out);
        const float d = largest / limit;
        if (!isFinite) {
            out->d = out->sum = out->half[0] = out->half[1] = NAN;
            continue;
        }
        if (d == 0) continue;  // zeros, or so small that their products are zero
        std::int32_t q[kBlockColumns];
        for (int i = 0; i < kBlockColumns; ++i) {
            // Adding and taking away 1.5 * 2^23 rounds to the nearest even integer.
            const float scaled = x[i] / d;
            const float bounded = scaled > limit ? limit : scaled < -limit ? -limit : scaled;
            q[i] = static_cast<std::int32_t>((bounded + 12582912.0f) - 12582912.0f);
            out->total[i / 16] += q[i];
        }
        for (int g = 0; g < 8; ++g) {
            out->even[g][0] = static_cast<std::int16_t>(q[4 * g]);
            out->even[g][1] = static_cast<std::int16_t>(q[4 * g + 2]);
            out->odd[g][0] = static_cast<std::int16_t>(q[4 * g + 1]);
            out->odd[g][1] = static_cast<std::int16_t>(q[4 * g + 3]);
        }
        for (int i = 0; i < kBlockColumns; ++i) {
            const int low = ((q[i] + 128) & 255) - 128;
            out->low[i] = static_cast<std::int8_t>(low);
            out->high[i] = static_cast<std::int8_t>((q[i] - low) / 256);
        }
        out->d = d;
        out->sum = d * static_cast<float>(out->total[0] + out->total[1]);
        for (int half = 0; half < 2; ++half) out->half[half] = d * static_cast<float>(out->total[half]);
    }
}

DUBITO_ROW_UNITS(detail::rowUnitsScalar) {
    (void)activation;
    const std::int64_t unitBytes = blocks * unitBlockBytes(kind);
    for (std::int64_t c = 0; c < x.count; ++c)
        for (std::int64_t u = first; u < last; ++u)
            for (int r = 0; r < kUnitRows; ++r)
                out[c * outStride + kUnitRows * u + r] =
                    isFloat(kind)
                        ? floatRow(kind, units + u * unitBytes, blocks, x.values + c * blocks * kBlockColumns, r)
                        : numberRow(kind, units + u * unitBytes, blocks, x.blocks + c * blocks, r);
}

void rowUnits(CpuLevel level, RowKind kind, Activation activation, const std::uint8_t* units, std::int64_t blocks,
    const ActivationRows& x, std::int64_t first, std::int64_t last, float* out, std::int64_t outStride) {
#if defined(__x86_64__)
    switch (level) {
        case CpuLevel::Scalar: break;
        case CpuLevel::Avx2:
            return detail::rowUnitsAvx2(kind, activation, units, blocks, x, first, last, out, outStride);
        case CpuLevel::VnniEmulated:
            return detail::rowUnitsVnniEmulated(kind, activation, units, blocks, x, first, last, out, outStride);
        case CpuLevel::AvxVnni:
            return detail::rowUnitsAvxVnni(kind, activation, units, blocks, x, first, last, out, outStride);
        case CpuLevel::Avx512Vnni:
            return detail::rowUnitsAvx512Vnni(kind, activation, units, blocks, x, first, last, out, outStride);
    }
#else
    (void)level;
#endif
    detail::rowUnitsScalar(kind, activation, units, blocks, x, first, last, out, outStride);
}

void dequantiseUnitBlock(CpuLevel level, RowKind kind, const std::uint8_t* at, float* out, std::int64_t stride) {
#if defined(__x86_64__)
    if (level != CpuLevel::Scalar) return detail::dequantiseUnitBlockAvx2(kind, at, out, stride);
#else
    (void)level;
#endif
    for (int r = 0; r < kUnitRows; ++r, out += stride) {
        if (isFloat(kind)) {
            for (int j = 0; j < kBlockColumns; ++j) out[j] = floatAt(kind, at, kUnitRows * j + r);
            continue;
        }
        const Numbers w = numbersOf(kind, at, r);
        for (int i = 0; i < kBlockColumns; ++i) {
            out[i] = static_cast<float>(w.q[i]) * w.step[i / 16];
            if (hasOffset(kind)) out[i] += w.offset[i / 16];
        }
    }
}

}  // namespace dubito::lm
