// Plain loops; the build lets sums be reordered in this file only.
#include "lm/model/vector_kernels.h"

#include <algorithm>
#include <cmath>

#include "nn/vector_lanes.h"

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define DUBITO_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DUBITO_CLONES
#endif

namespace dubito::lm {

using lanes::expBelow;
using lanes::largest;

DUBITO_CLONES void rmsNorm(const float* x, const float* weight, float epsilon, std::int64_t n, float* out) {
    float sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += x[i] * x[i];
    const float scale = 1.0f / std::sqrt(sum / static_cast<float>(n) + epsilon);
    for (std::int64_t i = 0; i < n; ++i) out[i] = x[i] * scale * weight[i];
}

DUBITO_CLONES void addTo(float* y, const float* x, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) y[i] += x[i];
}

DUBITO_CLONES void scale(float* y, float factor, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) y[i] *= factor;
}

namespace {

/// out = gate * sigmoid(slope * gate) * up
DUBITO_CLONES void sigmoidMultiply(float slope, const float* gate, const float* up, std::int64_t n, float* out) {
    for (std::int64_t i = 0; i < n; ++i) {
        const float g = gate[i], x = slope * g, e = expBelow(-std::abs(x));
        const float sigmoid = (x >= 0 ? 1.0f : e) / (1.0f + e);
        out[i] = g * sigmoid * up[i];
    }
}

DUBITO_CLONES void reluMultiply(const float* gate, const float* up, std::int64_t n, float* out) {
    for (std::int64_t i = 0; i < n; ++i) out[i] = (gate[i] > 0 ? gate[i] : 0.0f) * up[i];
}

}  // namespace

void gateMultiply(GateFunction function, const float* gate, const float* up, std::int64_t n, float* out) {
    switch (function) {
        case GateFunction::Silu: return sigmoidMultiply(1, gate, up, n, out);
        case GateFunction::QuickGelu: return sigmoidMultiply(1.702f, gate, up, n, out);
        case GateFunction::Relu: return reluMultiply(gate, up, n, out);
        case GateFunction::ReluSquared:
            for (std::int64_t i = 0; i < n; ++i) out[i] = (gate[i] > 0 ? gate[i] * gate[i] : 0.0f) * up[i];
            return;
        case GateFunction::Gelu:
            for (std::int64_t i = 0; i < n; ++i) {
                constexpr float kHalfRoot = 0.70710678118654752f;
                out[i] = 0.5f * gate[i] * (1 + std::erf(gate[i] * kHalfRoot)) * up[i];
            }
            return;
        case GateFunction::GeluTanh:
            for (std::int64_t i = 0; i < n; ++i) {
                constexpr float kRoot = 0.79788456080286536f;  // sqrt(2 / pi)
                const float g = gate[i];
                out[i] = 0.5f * g * (1 + std::tanh(kRoot * (g + 0.044715f * g * g * g))) * up[i];
            }
            return;
    }
}

DUBITO_CLONES void rotateHalf(float* head, const float* cosines, const float* sines, std::int64_t d) {
    const std::int64_t half = d / 2;
    float* other = head + half;
    for (std::int64_t i = 0; i < half; ++i) {
        const float a = head[i], b = other[i];
        head[i] = a * cosines[i] - b * sines[i];
        other[i] = b * cosines[i] + a * sines[i];
    }
}

DUBITO_CLONES void softmaxScaled(float* scores, float scale, std::int64_t n) {
    const float max = largest(scores, n);
    float sum = 0;
    for (std::int64_t i = 0; i < n; ++i) {
        const float e = expBelow((scores[i] - max) * scale);
        scores[i] = e;
        sum += e;
    }
    const float inverse = 1.0f / sum;
    for (std::int64_t i = 0; i < n; ++i) scores[i] *= inverse;
}

DUBITO_CLONES float dot(const float* a, const float* b, std::int64_t n) {
    float sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
    return sum;
}

DUBITO_CLONES void dots(
    const float* q, const float* keys, std::int64_t stride, std::int64_t n, std::int64_t d, float* out) {
    std::int64_t j = 0;
    for (; j + 4 <= n; j += 4) {
        const float *a = keys + j * stride, *b = a + stride, *c = b + stride, *e = c + stride;
        float sa = 0, sb = 0, sc = 0, se = 0;
        for (std::int64_t i = 0; i < d; ++i) {
            sa += q[i] * a[i];
            sb += q[i] * b[i];
            sc += q[i] * c[i];
            se += q[i] * e[i];
        }
        out[j] = sa, out[j + 1] = sb, out[j + 2] = sc, out[j + 3] = se;
    }
    for (; j < n; ++j) {
        float sum = 0;
        for (std::int64_t i = 0; i < d; ++i) sum += q[i] * keys[j * stride + i];
        out[j] = sum;
    }
}

DUBITO_CLONES void weightedSum(
    const float* weights, const float* values, std::int64_t stride, std::int64_t n, std::int64_t d, float* out) {
    constexpr std::int64_t kLane = 32;
    std::int64_t from = 0;
    // Sums of 32 columns stay in registers over all places.
    for (; from + kLane <= d; from += kLane) {
        float sum[kLane] = {};
        for (std::int64_t j = 0; j < n; ++j) {
            const float w = weights[j];
            const float* row = values + j * stride + from;
            for (std::int64_t i = 0; i < kLane; ++i) sum[i] += w * row[i];
        }
        for (std::int64_t i = 0; i < kLane; ++i) out[from + i] = sum[i];
    }
    for (; from < d; ++from) {
        float sum = 0;
        for (std::int64_t j = 0; j < n; ++j) sum += weights[j] * values[j * stride + from];
        out[from] = sum;
    }
}

DUBITO_CLONES float norm(const float* x, std::int64_t n) {
    float sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += x[i] * x[i];
    return std::sqrt(sum);
}

DUBITO_CLONES void addScaled(float* y, const float* x, float factor, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

DUBITO_CLONES float maxOf(const float* z, std::int64_t n) { return largest(z, n); }

DUBITO_CLONES void tileSums(const float* z, const float* p, float max, float threshold, std::int64_t n, TileSums& out) {
    float expSum = 0, expWeighted = 0, crossed = 0;
    std::int32_t atLeast = 0;
    for (std::int64_t i = 0; i < n; ++i) {
        const float below = z[i] - max;
        const float e = expBelow(below);
        expSum += e;
        expWeighted += e * below;
        crossed += p[i] * z[i];
        atLeast += z[i] >= threshold ? 1 : 0;
    }
    out.expSum = expSum;
    out.expWeighted = expWeighted;
    out.crossed = crossed;
    out.atLeast = atLeast;
}

DUBITO_CLONES void expShifted(const float* z, float shift, std::int64_t n, float* out) {
    for (std::int64_t i = 0; i < n; ++i) {
        const float below = z[i] - shift;
        out[i] = expBelow(below > 0 ? 0.0f : below);
    }
}

}  // namespace dubito::lm
