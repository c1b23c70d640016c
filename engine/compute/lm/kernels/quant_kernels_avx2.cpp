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

/// The fifth bits 4g..4g+3 of each row's word, as 16 in the byte they belong to.
__m256i fifthBits(__m256i words, int shift) {
    const __m256i bitOf = _mm256_set1_epi32(0x08040201);
    const __m256i nibble = _mm256_and_si256(_mm256_srli_epi32(words, shift), _mm256_set1_epi32(15));
    const __m256i everywhere = _mm256_mullo_epi32(nibble, _mm256_set1_epi32(0x01010101));
    return _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_and_si256(everywhere, bitOf), bitOf), _mm256_set1_epi8(16));
}

/// `kUnits` units side by side share the broadcasts of the activation and hide each other's latency.
/// Four and five bit types: a pair of products is at most 15 * 128 * 2, so eight fit 16 bits; with five bits four do.
template <bool kFive, bool kMinimum, bool kWide, int kUnits>
void nibbles(const std::uint8_t* at, std::int64_t unitBytes, std::int64_t blocks, const ActivationBlock* x, float* out) {
    constexpr std::int64_t stride = 16 + (kMinimum ? 16 : 0) + (kFive ? 32 : 0) + 128, body = stride - 128;
    const __m256i low4 = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
    __m256 acc[kUnits];
    for (auto& one : acc) one = _mm256_setzero_ps();
    for (std::int64_t b = 0; b < blocks; ++b, at += stride) {
        const ActivationBlock& a = x[b];
        __m256i sumLow[kUnits], sumHigh[kUnits], wide[kUnits];
        for (int u = 0; u < kUnits; ++u) sumLow[u] = sumHigh[u] = wide[u] = _mm256_setzero_si256();
#pragma GCC unroll 1
        for (int g = 0; g < 4; ++g) {
            const __m256i lowFirst = four(a.low + 4 * g), lowSecond = four(a.low + 16 + 4 * g), highFirst = four(a.high + 4 * g), highSecond = four(a.high + 16 + 4 * g);
#pragma GCC unroll 2
            for (int u = 0; u < kUnits; ++u) {
                const std::uint8_t* own = at + u * unitBytes;
                const __m256i w = load(own + body + 32 * g);
                __m256i lo = _mm256_and_si256(w, low4), hi = _mm256_and_si256(_mm256_srli_epi16(w, 4), low4);
                if constexpr (kFive) {
                    const __m256i words = load(own + body - 32);
                    lo = _mm256_or_si256(lo, fifthBits(words, 4 * g));
                    hi = _mm256_or_si256(hi, fifthBits(words, 16 + 4 * g));
                }
                sumLow[u] = _mm256_add_epi16(sumLow[u], _mm256_add_epi16(_mm256_maddubs_epi16(lo, lowFirst), _mm256_maddubs_epi16(hi, lowSecond)));
                if constexpr (kWide) sumHigh[u] = _mm256_add_epi16(sumHigh[u], _mm256_add_epi16(_mm256_maddubs_epi16(lo, highFirst), _mm256_maddubs_epi16(hi, highSecond)));
                if constexpr (kFive) {
                    if (g == 1) {
                        wide[u] = _mm256_madd_epi16(sumLow[u], ones);
                        if constexpr (kWide) wide[u] = _mm256_add_epi32(wide[u], _mm256_slli_epi32(_mm256_madd_epi16(sumHigh[u], ones), 8));
                        sumLow[u] = sumHigh[u] = _mm256_setzero_si256();
                    }
                }
            }
        }
        const __m256 d = _mm256_set1_ps(a.d), sum = _mm256_set1_ps(a.sum);
#pragma GCC unroll 2
        for (int u = 0; u < kUnits; ++u) {
            const std::uint8_t* own = at + u * unitBytes;
            const __m256 dw = halves(own);
            __m256i s = _mm256_madd_epi16(sumLow[u], ones);
            if constexpr (kWide) s = _mm256_add_epi32(s, _mm256_slli_epi32(_mm256_madd_epi16(sumHigh[u], ones), 8));
            if constexpr (kFive) s = _mm256_add_epi32(s, wide[u]);
            const __m256 m = kMinimum ? halves(own + 16) : _mm256_mul_ps(dw, _mm256_set1_ps(kFive ? -16.0f : -8.0f));
            acc[u] = _mm256_fmadd_ps(_mm256_mul_ps(dw, d), _mm256_cvtepi32_ps(s), acc[u]);
            acc[u] = _mm256_fmadd_ps(m, sum, acc[u]);
        }
    }
    for (int u = 0; u < kUnits; ++u) _mm256_storeu_ps(out + kUnitRows * u, acc[u]);
}

/// Signed bytes: maddubs would saturate, so even and odd bytes are widened and meet 16-bit activations.
template <int kUnits>
void bytes(const std::uint8_t* at, std::int64_t unitBytes, std::int64_t blocks, const ActivationBlock* x, float* out) {
    constexpr std::int64_t stride = unitBlockBytes(RowKind::Q8_0);
    __m256 acc[kUnits];
    for (auto& one : acc) one = _mm256_setzero_ps();
    for (std::int64_t b = 0; b < blocks; ++b, at += stride) {
        const ActivationBlock& a = x[b];
        __m256i s[kUnits];
        for (auto& one : s) one = _mm256_setzero_si256();
#pragma GCC unroll 2
        for (int g = 0; g < 8; ++g) {
            const __m256i evenX = four(a.even[g]), oddX = four(a.odd[g]);
#pragma GCC unroll 2
            for (int u = 0; u < kUnits; ++u) {
                const __m256i w = load(at + u * unitBytes + 16 + 32 * g);
                const __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8), odd = _mm256_srai_epi16(w, 8);
                s[u] = _mm256_add_epi32(s[u], _mm256_add_epi32(_mm256_madd_epi16(even, evenX), _mm256_madd_epi16(odd, oddX)));
            }
        }
        const __m256 d = _mm256_set1_ps(a.d);
        for (int u = 0; u < kUnits; ++u) acc[u] = _mm256_fmadd_ps(_mm256_mul_ps(halves(at + u * unitBytes), d), _mm256_cvtepi32_ps(s[u]), acc[u]);
    }
    for (int u = 0; u < kUnits; ++u) _mm256_storeu_ps(out + kUnitRows * u, acc[u]);
}

template <auto kPair, auto kSingle>
void inPairs(RowKind kind, const std::uint8_t* units, std::int64_t blocks, const ActivationBlock* x, std::int64_t first, std::int64_t last, float* out) {
    const std::int64_t unitBytes = blocks * unitBlockBytes(kind);
    std::int64_t u = first;
    for (; u + 2 <= last; u += 2) kPair(units + u * unitBytes, unitBytes, blocks, x, out + kUnitRows * u);
    if (u < last) kSingle(units + u * unitBytes, unitBytes, blocks, x, out + kUnitRows * u);
}

}  // namespace

void rowUnitsAvx2(RowKind kind, Activation activation, const std::uint8_t* units, std::int64_t blocks, const ActivationBlock* x, std::int64_t first, std::int64_t last, float* out) {
    const auto run = [&]<bool kFive, bool kMinimum>() {
        if (activation == Activation::A16) inPairs<nibbles<kFive, kMinimum, true, 2>, nibbles<kFive, kMinimum, true, 1>>(kind, units, blocks, x, first, last, out);
        else inPairs<nibbles<kFive, kMinimum, false, 2>, nibbles<kFive, kMinimum, false, 1>>(kind, units, blocks, x, first, last, out);
    };
    switch (kind) {
        case RowKind::Q4_0: return run.template operator()<false, false>();
        case RowKind::Q4_1: return run.template operator()<false, true>();
        case RowKind::Q5_0: return run.template operator()<true, false>();
        case RowKind::Q5_1: return run.template operator()<true, true>();
        case RowKind::Q8_0: return inPairs<bytes<2>, bytes<1>>(kind, units, blocks, x, first, last, out);
    }
}

}  // namespace dubito::lm::detail
#endif
