// The reference: plain loops with the roundings that the vector code has.
#include "lm/kernels/quant_kernels.h"

#include <cmath>
#include <cstring>

#include "lm/formats/quant_blocks.h"

namespace dubito::lm {

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
            out->d = out->sum = NAN;
            continue;
        }
        if (d == 0) continue;  // zeros, or so small that their products are zero
        std::int32_t q[kBlockColumns], sum = 0;
        for (int i = 0; i < kBlockColumns; ++i) {
            // Adding and taking away 1.5 * 2^23 rounds to the nearest even integer.
            const float scaled = x[i] / d;
            const float bounded = scaled > limit ? limit : scaled < -limit ? -limit : scaled;
            q[i] = static_cast<std::int32_t>((bounded + 12582912.0f) - 12582912.0f);
            sum += q[i];
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
        out->sum = d * static_cast<float>(sum);
    }
}

void detail::rowUnitsScalar(RowKind kind, Activation, const std::uint8_t* units, std::int64_t blocks, const ActivationBlock* x, std::int64_t first, std::int64_t last, float* out) {
    const std::int64_t stride = unitBlockBytes(kind);
    const bool hasMinimum = kind == RowKind::Q4_1 || kind == RowKind::Q5_1, isFive = kind == RowKind::Q5_0 || kind == RowKind::Q5_1;
    for (std::int64_t u = first; u < last; ++u)
        for (int r = 0; r < kUnitRows; ++r) {
            float acc = 0;
            for (std::int64_t b = 0; b < blocks; ++b) {
                const std::uint8_t* at = units + (u * blocks + b) * stride;
                const float dw = halfAt(at + 2 * r);
                const ActivationBlock& a = x[b];
                const auto q = [&a](int element) { return 256 * a.high[element] + a.low[element]; };
                std::int32_t s = 0;
                if (kind == RowKind::Q8_0) {
                    for (int g = 0; g < 8; ++g)
                        for (int i = 0; i < 4; ++i) s += static_cast<std::int8_t>(at[16 + 32 * g + 4 * r + i]) * q(4 * g + i);
                    acc = std::fma(dw * a.d, static_cast<float>(s), acc);
                    continue;
                }
                const std::uint8_t* p = at + 16;
                float m = isFive ? -16.0f * dw : -8.0f * dw;
                if (hasMinimum) m = halfAt(p + 2 * r), p += 16;
                std::uint32_t fifth = 0;
                if (isFive) std::memcpy(&fifth, p + 4 * r, 4), p += 32;
                for (int g = 0; g < 4; ++g)
                    for (int i = 0; i < 4; ++i) {
                        const int byte = p[32 * g + 4 * r + i], element = 4 * g + i;
                        s += ((byte & 15) | static_cast<int>(fifth >> element & 1) << 4) * q(element);
                        s += ((byte >> 4) | static_cast<int>(fifth >> (16 + element) & 1) << 4) * q(16 + element);
                    }
                acc = std::fma(dw * a.d, static_cast<float>(s), acc);
                acc = std::fma(m, a.sum, acc);
            }
            out[kUnitRows * u + r] = acc;
        }
}

void rowUnits(CpuLevel level, RowKind kind, Activation activation, const std::uint8_t* units, std::int64_t blocks, const ActivationBlock* x, std::int64_t first, std::int64_t last, float* out) {
#if defined(__x86_64__)
    if (level == CpuLevel::Avx2) return detail::rowUnitsAvx2(kind, activation, units, blocks, x, first, last, out);
#endif
    detail::rowUnitsScalar(kind, activation, units, blocks, x, first, last, out);
}

}  // namespace dubito::lm
