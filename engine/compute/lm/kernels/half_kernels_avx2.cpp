// Built with -mavx2 -mfma -mf16c; calls no inline function of other headers, whose code would then need these too.
#if defined(__x86_64__)
#include "lm/kernels/half_kernels.h"

#include <immintrin.h>

namespace dubito::lm::avx2 {
namespace {

float valueOf(float x) { return x; }
float valueOf(std::uint16_t half) { return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(half))); }
std::uint16_t halfOf(float x) {
    return static_cast<std::uint16_t>(_mm_cvtsi128_si32(_mm_cvtps_ph(_mm_set_ss(x), _MM_FROUND_TO_NEAREST_INT)));
}
struct Lanes {
    __m256 x = _mm256_setzero_ps();
    static Lanes at(const float* in) { return {_mm256_loadu_ps(in)}; }
    static Lanes at(const std::uint16_t* in) {
        return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in)))};
    }
    static Lanes all(float value) { return {_mm256_set1_ps(value)}; }
    void add(const Lanes& a, const Lanes& b) { x = _mm256_fmadd_ps(a.x, b.x, x); }
    float sum() const {
        const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));  // 0+4 1+5 2+6 3+7
        const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));  // (0+4)+(2+6), (1+5)+(3+7)
        return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
    }
    void to(float* out) const { _mm256_storeu_ps(out, x); }
    void toHalves(std::uint16_t* out) const {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
    }
};
namespace body {
#include "lm/kernels/half_kernels_body.h"
}

}  // namespace

void toHalves(const float* in, std::int64_t n, std::uint16_t* out) { body::toHalves(in, n, out); }
void fromHalves(const std::uint16_t* in, std::int64_t n, float* out) { body::fromHalves(in, n, out); }
void dotsOfHalves(const float* query, const std::uint16_t* keys, std::int64_t n, std::int64_t width, float* out) {
    body::dotsOf(query, keys, n, width, out);
}
void dotsOfFloats(const float* query, const float* keys, std::int64_t n, std::int64_t width, float* out) {
    body::dotsOf(query, keys, n, width, out);
}
void addHalves(const float* weights, const std::uint16_t* values, std::int64_t n, std::int64_t width, float* out) {
    body::addOf(weights, values, n, width, out);
}
void addFloats(const float* weights, const float* values, std::int64_t n, std::int64_t width, float* out) {
    body::addOf(weights, values, n, width, out);
}

}  // namespace dubito::lm::avx2
#endif
