// AVX2: byte products meet in 16 bits and are widened before they could overflow. Built with -mavx2 -mfma -mf16c.
#if defined(__x86_64__)
#include "lm/kernels/quant_kernels_simd.h"

namespace dubito::lm::detail {
namespace {

struct Avx2 {
    struct Sum {
        __m256i narrow = _mm256_setzero_si256(), lanes = _mm256_setzero_si256();
        void add(__m256i w, __m256i x) { narrow = _mm256_add_epi16(narrow, _mm256_maddubs_epi16(w, x)); }
        void widen() {
            lanes = _mm256_add_epi32(lanes, _mm256_madd_epi16(narrow, _mm256_set1_epi16(1)));
            narrow = _mm256_setzero_si256();
        }
        __m256i value() const { return lanes; }
    };
    /// Signed bytes: maddubs would saturate, so even and odd bytes are widened and meet 16-bit activations.
    struct Halves {
        __m256i even, odd;
    };
    static Halves prepare(__m256i w) {
        return {_mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8), _mm256_srai_epi16(w, 8)};
    }
    template <bool>
    struct ByteSum {
        __m256i lanes = _mm256_setzero_si256();
        void add(const Halves& w, const ActivationBlock& a, int g) {
            lanes = _mm256_add_epi32(lanes,
                _mm256_add_epi32(_mm256_madd_epi16(w.even, four(a.even[g])), _mm256_madd_epi16(w.odd, four(a.odd[g]))));
        }
        __m256i value(const ActivationBlock&) const { return lanes; }
    };
};

/// The VNNI instruction in AVX2's: exact, so the VNNI kernels can be tested on a CPU without it.
struct EmulatedDot {
    static __m256i apply(__m256i acc, __m256i w, __m256i x) {
        const __m256i evenW = _mm256_and_si256(w, _mm256_set1_epi16(255)), oddW = _mm256_srli_epi16(w, 8);
        const __m256i evenX = _mm256_srai_epi16(_mm256_slli_epi16(x, 8), 8), oddX = _mm256_srai_epi16(x, 8);
        return _mm256_add_epi32(acc, _mm256_add_epi32(_mm256_madd_epi16(evenW, evenX), _mm256_madd_epi16(oddW, oddX)));
    }
};

}  // namespace

void dequantiseUnitBlockAvx2(RowKind kind, const std::uint8_t* at, float* out, std::int64_t stride) {
    withKind(kind, [&]<RowKind kKind>() { dequantiseBlock<kKind>(at, out, stride); });
}
DUBITO_ROW_UNITS(rowUnitsAvx2) { unitsOf<Avx2>(kind, activation, units, blocks, x, first, last, out, outStride); }
DUBITO_ROW_UNITS(rowUnitsVnniEmulated) {
    unitsOf<Vnni<EmulatedDot>>(kind, activation, units, blocks, x, first, last, out, outStride);
}

}  // namespace dubito::lm::detail
#endif
