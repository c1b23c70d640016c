// Pieces of kernels that stay vectors once they are inlined: include where the build compiles loops for several CPUs.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#define DUBITO_INLINE inline __attribute__((always_inline))

namespace dubito::lanes {

/// exp for x <= 0: in fp32 to about 2 ulp, 2^n times a degree-6 polynomial of the rest; exp(-87), some 1e-38, below
/// -87. No branch: it must stay a loop of vectors.
DUBITO_INLINE float expBelow(float x) {
    const float clamped = x < -87.0f ? -87.0f : x;
    const auto n = static_cast<std::int32_t>(clamped * 1.44269504088896341f - 0.5f);
    const float whole = static_cast<float>(n), r = (clamped - whole * 0.693359375f) + whole * 2.12194440e-4f;
    float p = 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    return p * std::bit_cast<float>((n + 127) << 23);
}
DUBITO_INLINE double expBelow(double x) { return std::exp(x); }

/// The largest of z (n); minus infinity of none. Lanes of their own, because a maximum in one variable is not turned
/// into vectors.
template <class T>
DUBITO_INLINE T largest(const T* z, std::int64_t n) {
    constexpr std::int64_t kLanes = 16;
    T lane[kLanes];
    for (T& one : lane) one = -std::numeric_limits<T>::infinity();
    std::int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes)
        for (std::int64_t j = 0; j < kLanes; ++j) lane[j] = z[i + j] > lane[j] ? z[i + j] : lane[j];
    T max = lane[0];
    for (std::int64_t j = 1; j < kLanes; ++j) max = lane[j] > max ? lane[j] : max;
    for (; i < n; ++i) max = z[i] > max ? z[i] : max;
    return max;
}

}  // namespace dubito::lanes
