// AVX-512 VNNI on 256-bit vectors. Built with -mavx512f -mavx512vl -mavx512vnni besides AVX2's flags.
#if defined(__x86_64__)
#include "lm/kernels/quant_kernels_simd.h"

namespace dubito::lm::detail {
namespace {
struct Dot {
    static __m256i apply(__m256i acc, __m256i w, __m256i x) { return _mm256_dpbusd_epi32(acc, w, x); }
};
}  // namespace

DUBITO_ROW_UNITS(rowUnitsAvx512Vnni) {
    unitsOf<Vnni<Dot>>(kind, activation, units, blocks, x, first, last, out, outStride);
}

}  // namespace dubito::lm::detail
#endif
