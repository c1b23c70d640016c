// 256-bit lanes: a 32-bit lane is a row, so there are no sums across lanes. Built with -mavx2 -mfma -mf16c.
#include "lm/kernels/quant_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

namespace dubito::lm::detail {
namespace {

__m256 halves(const std::uint8_t* at) { return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))); }
__m256i load(const std::uint8_t* at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); }
__m256i four(const void* at) {
    std::int32_t bits;
    std::memcpy(&bits, at, 4);
    return _mm256_set1_epi32(bits);
}

/// Four and five bit types. A pair of products is at most 15 * 128 * 2, so eight fit 16 bits; with five bits four do.
template <bool kFive, bool kMinimum, bool kWide>
void nibbles(const std::uint8_t* units, std::int64_t blocks, const ActivationBlock* x, std::int64_t first, std::int64_t last, float* out) {
    constexpr std::int64_t stride = 16 + (kMinimum ? 16 : 0) + (kFive ? 32 : 0) + 128;
    const __m256i low4 = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
    const __m256i bitOf = _mm256_set1_epi32(0x08040201), bit5 = _mm256_set1_epi8(16);
    for (std::int64_t u = first; u < last; ++u) {
        const std::uint8_t* at = units + u * blocks * stride;
        __m256 acc = _mm256_setzero_ps();
        for (std::int64_t b = 0; b < blocks; ++b, at += stride) {
            const ActivationBlock& a = x[b];
            const __m256 dw = halves(at);
            const std::uint8_t* p = at + 16;
            __m256 m;
            if constexpr (kMinimum) {
                m = halves(p);
                p += 16;
            } else {
                m = _mm256_mul_ps(dw, _mm256_set1_ps(kFive ? -16.0f : -8.0f));
            }
            __m256i fifth{};
            if constexpr (kFive) {
                fifth = load(p);
                p += 32;
            }
            __m256i sumLow = _mm256_setzero_si256(), sumHigh = _mm256_setzero_si256(), wideLow = sumLow, wideHigh = sumLow;
            for (int g = 0; g < 4; ++g) {
                const __m256i w = load(p + 32 * g);
                __m256i lo = _mm256_and_si256(w, low4), hi = _mm256_and_si256(_mm256_srli_epi16(w, 4), low4);
                if constexpr (kFive) {
                    // Bits 4g..4g+3 and 16+4g.. of each row's word, one a byte.
                    const __m256i shifted = _mm256_srli_epi32(fifth, 4 * g), upper = _mm256_srli_epi32(fifth, 16 + 4 * g);
                    const auto spread = [&](__m256i bits) {
                        const __m256i nibble = _mm256_and_si256(bits, _mm256_set1_epi32(15));
                        const __m256i everywhere = _mm256_mullo_epi32(nibble, _mm256_set1_epi32(0x01010101));
                        return _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_and_si256(everywhere, bitOf), bitOf), bit5);
                    };
                    lo = _mm256_or_si256(lo, spread(shifted));
                    hi = _mm256_or_si256(hi, spread(upper));
                }
                sumLow = _mm256_add_epi16(sumLow, _mm256_maddubs_epi16(lo, four(a.low + 4 * g)));
                sumLow = _mm256_add_epi16(sumLow, _mm256_maddubs_epi16(hi, four(a.low + 16 + 4 * g)));
                if constexpr (kWide) {
                    sumHigh = _mm256_add_epi16(sumHigh, _mm256_maddubs_epi16(lo, four(a.high + 4 * g)));
                    sumHigh = _mm256_add_epi16(sumHigh, _mm256_maddubs_epi16(hi, four(a.high + 16 + 4 * g)));
                }
                if constexpr (kFive) {
                    if (g == 1) {
                        wideLow = _mm256_madd_epi16(sumLow, ones);
                        wideHigh = _mm256_madd_epi16(sumHigh, ones);
                        sumLow = sumHigh = _mm256_setzero_si256();
                    }
                }
            }
            __m256i s = _mm256_add_epi32(wideLow, _mm256_madd_epi16(sumLow, ones));
            if constexpr (kWide) s = _mm256_add_epi32(s, _mm256_slli_epi32(_mm256_add_epi32(wideHigh, _mm256_madd_epi16(sumHigh, ones)), 8));
            acc = _mm256_fmadd_ps(_mm256_mul_ps(dw, _mm256_set1_ps(a.d)), _mm256_cvtepi32_ps(s), acc);
            acc = _mm256_fmadd_ps(m, _mm256_set1_ps(a.sum), acc);
        }
        _mm256_storeu_ps(out + kUnitRows * u, acc);
    }
}

/// Signed bytes: maddubs would saturate, so even and odd bytes are widened and meet 16-bit activations.
void bytes(const std::uint8_t* units, std::int64_t blocks, const ActivationBlock* x, std::int64_t first, std::int64_t last, float* out) {
    constexpr std::int64_t stride = unitBlockBytes(RowKind::Q8_0);
    for (std::int64_t u = first; u < last; ++u) {
        const std::uint8_t* at = units + u * blocks * stride;
        __m256 acc = _mm256_setzero_ps();
        for (std::int64_t b = 0; b < blocks; ++b, at += stride) {
            const ActivationBlock& a = x[b];
            __m256i s = _mm256_setzero_si256();
            for (int g = 0; g < 8; ++g) {
                const __m256i w = load(at + 16 + 32 * g);
                const __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8), odd = _mm256_srai_epi16(w, 8);
                s = _mm256_add_epi32(s, _mm256_madd_epi16(even, four(a.even[g])));
                s = _mm256_add_epi32(s, _mm256_madd_epi16(odd, four(a.odd[g])));
            }
            acc = _mm256_fmadd_ps(_mm256_mul_ps(halves(at), _mm256_set1_ps(a.d)), _mm256_cvtepi32_ps(s), acc);
        }
        _mm256_storeu_ps(out + kUnitRows * u, acc);
    }
}

}  // namespace

void rowUnitsAvx2(RowKind kind, Activation activation, const std::uint8_t* units, std::int64_t blocks, const ActivationBlock* x, std::int64_t first, std::int64_t last, float* out) {
    const bool wide = activation == Activation::A16;
    switch (kind) {
        case RowKind::Q4_0: return wide ? nibbles<false, false, true>(units, blocks, x, first, last, out) : nibbles<false, false, false>(units, blocks, x, first, last, out);
        case RowKind::Q4_1: return wide ? nibbles<false, true, true>(units, blocks, x, first, last, out) : nibbles<false, true, false>(units, blocks, x, first, last, out);
        case RowKind::Q5_0: return wide ? nibbles<true, false, true>(units, blocks, x, first, last, out) : nibbles<true, false, false>(units, blocks, x, first, last, out);
        case RowKind::Q5_1: return wide ? nibbles<true, true, true>(units, blocks, x, first, last, out) : nibbles<true, true, false>(units, blocks, x, first, last, out);
        case RowKind::Q8_0: return bytes(units, blocks, x, first, last, out);
    }
}

}  // namespace dubito::lm::detail
#endif
