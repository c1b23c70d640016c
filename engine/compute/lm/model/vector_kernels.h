// Loops over contiguous floats that the compiler turns into vector code for the CPU at hand (x86-64-v3, -v4 or plain).
#pragma once

#include <cstdint>

#include "lm/model/gate_function.h"

namespace dubito::lm {

/// out = x * rsqrt(mean(x^2) + epsilon) * weight; the sum of squares in fp32.
void rmsNorm(const float* x, const float* weight, float epsilon, std::int64_t n, float* out);
/// y += x
void addTo(float* y, const float* x, std::int64_t n);
/// y *= factor
void scale(float* y, float factor, std::int64_t n);
/// out = function(gate) * up
void gateMultiply(GateFunction function, const float* gate, const float* up, std::int64_t n, float* out);
/// Turns pairs (i, i + d/2) of one head by the angles whose cosines and sines are given [d/2].
void rotateHalf(float* head, const float* cosines, const float* sines, std::int64_t d);
/// Softmax in place over n scores times `scale`.
void softmaxScaled(float* scores, float scale, std::int64_t n);
float dot(const float* a, const float* b, std::int64_t n);
float norm(const float* x, std::int64_t n);
/// out[j] = dot(q, keys + j * stride) for j in [0, n)
void dots(const float* q, const float* keys, std::int64_t stride, std::int64_t n, std::int64_t d, float* out);
/// out (d) = sum over j of weights[j] * (values + j * stride)
void weightedSum(
    const float* weights, const float* values, std::int64_t stride, std::int64_t n, std::int64_t d, float* out);
/// y += factor * x
void addScaled(float* y, const float* x, float factor, std::int64_t n);

/// Running statistics of a softmax seen tile by tile.
struct TileSums {
    float tileMax = 0;
    float expSum = 0, expWeighted = 0;  ///< sum exp(z - max), sum exp(z - max) * (z - max)
    float crossed = 0;                  ///< sum p * z
    std::int32_t atLeast = 0;           ///< how many z >= threshold
};
float maxOf(const float* z, std::int64_t n);
/// Sums over a tile relative to `max`; p may be null.
void tileSums(const float* z, const float* p, float max, float threshold, std::int64_t n, TileSums& out);
/// out = exp(z - shift)
void expShifted(const float* z, float shift, std::int64_t n, float* out);

}  // namespace dubito::lm
