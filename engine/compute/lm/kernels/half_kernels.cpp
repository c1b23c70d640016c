// The reference in plain loops, and the choice between it and the vector code.
#include "lm/kernels/half_kernels.h"

#include "lm/kernels/cpu_features.h"
#include "tensor/dtype.h"

namespace dubito::lm {
namespace scalar {
namespace {

float valueOf(float x) { return x; }
float valueOf(std::uint16_t half) { return floatFromHalf(half); }
std::uint16_t halfOf(float x) { return halfFromFloat(x); }
struct Lanes {
    float x[8] = {};
    static Lanes at(const float* in) {
        Lanes out;
        for (int i = 0; i < 8; ++i) out.x[i] = in[i];
        return out;
    }
    static Lanes at(const std::uint16_t* in) {
        Lanes out;
        for (int i = 0; i < 8; ++i) out.x[i] = floatFromHalf(in[i]);
        return out;
    }
    static Lanes all(float value) {
        Lanes out;
        for (float& one : out.x) one = value;
        return out;
    }
    void add(const Lanes& a, const Lanes& b) {
        for (int i = 0; i < 8; ++i) x[i] = __builtin_fmaf(a.x[i], b.x[i], x[i]);
    }
    float sum() const { return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7])); }
    void to(float* out) const {
        for (int i = 0; i < 8; ++i) out[i] = x[i];
    }
    void toHalves(std::uint16_t* out) const {
        for (int i = 0; i < 8; ++i) out[i] = halfFromFloat(x[i]);
    }
};
#include "lm/kernels/half_kernels_body.h"

}  // namespace
}  // namespace scalar

#if defined(__x86_64__)
namespace avx2 {  // half_kernels_avx2.cpp
void toHalves(const float* in, std::int64_t n, std::uint16_t* out);
void fromHalves(const std::uint16_t* in, std::int64_t n, float* out);
void dotsOfHalves(const float* query, const std::uint16_t* keys, std::int64_t n, std::int64_t width, float* out);
void dotsOfFloats(const float* query, const float* keys, std::int64_t n, std::int64_t width, float* out);
void addHalves(const float* weights, const std::uint16_t* values, std::int64_t n, std::int64_t width, float* out);
void addFloats(const float* weights, const float* values, std::int64_t n, std::int64_t width, float* out);
}  // namespace avx2
#define DUBITO_CHOOSE(vector, plain) (cpuLevel() == CpuLevel::Scalar ? (plain) : (vector))
#else
#define DUBITO_CHOOSE(vector, plain) (plain)
#endif

void toHalves(const float* in, std::int64_t n, std::uint16_t* out) {
    DUBITO_CHOOSE(avx2::toHalves(in, n, out), scalar::toHalves(in, n, out));
}
void fromHalves(const std::uint16_t* in, std::int64_t n, float* out) {
    DUBITO_CHOOSE(avx2::fromHalves(in, n, out), scalar::fromHalves(in, n, out));
}
void dotsOfHalves(const float* query, const std::uint16_t* keys, std::int64_t n, std::int64_t width, float* out) {
    DUBITO_CHOOSE(avx2::dotsOfHalves(query, keys, n, width, out), scalar::dotsOf(query, keys, n, width, out));
}
void dotsOfFloats(const float* query, const float* keys, std::int64_t n, std::int64_t width, float* out) {
    DUBITO_CHOOSE(avx2::dotsOfFloats(query, keys, n, width, out), scalar::dotsOf(query, keys, n, width, out));
}
void addHalves(const float* weights, const std::uint16_t* values, std::int64_t n, std::int64_t width, float* out) {
    DUBITO_CHOOSE(avx2::addHalves(weights, values, n, width, out), scalar::addOf(weights, values, n, width, out));
}
void addFloats(const float* weights, const float* values, std::int64_t n, std::int64_t width, float* out) {
    DUBITO_CHOOSE(avx2::addFloats(weights, values, n, width, out), scalar::addOf(weights, values, n, width, out));
}

}  // namespace dubito::lm
