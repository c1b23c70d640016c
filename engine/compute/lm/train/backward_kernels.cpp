// One pass over memory each; sums run in the order of rows.
#include "lm/train/backward_kernels.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "lm/model/vector_kernels.h"

namespace dubito::lm {

using compute::Floats;
using compute::product;

void transpose(const float* in, std::int64_t rows, std::int64_t columns, std::int64_t ld, Floats& out) {
    out.ensure(static_cast<std::size_t>(rows * columns));
    float* to = out.data();
    constexpr std::int64_t kTile = 32;
#pragma omp parallel for collapse(2) schedule(static)
    for (std::int64_t r0 = 0; r0 < rows; r0 += kTile)
        for (std::int64_t c0 = 0; c0 < columns; c0 += kTile)
            for (std::int64_t r = r0; r < std::min(rows, r0 + kTile); ++r)
                for (std::int64_t c = c0; c < std::min(columns, c0 + kTile); ++c) to[c * rows + r] = in[r * ld + c];
}

void addRows(float* y, std::int64_t ldy, const float* x, std::int64_t rows, std::int64_t columns, float factor) {
#pragma omp parallel for schedule(static)
    for (std::int64_t r = 0; r < rows; ++r) addScaled(y + r * ldy, x + r * columns, factor, columns);
}

void addAll(float* y, const float* x, std::int64_t n) {
#pragma omp parallel for schedule(static)
    for (std::int64_t i = 0; i < n; i += 4096) addTo(y + i, x + i, std::min<std::int64_t>(4096, n - i));
}

void rmsBackward(
    const float* x, const float* weight, float epsilon, const float* dy, std::int64_t n, float* dx, float* dWeight) {
    float square = 0, inner = 0;
    for (std::int64_t i = 0; i < n; ++i) square += x[i] * x[i], inner += x[i] * weight[i] * dy[i];
    const float r = 1 / std::sqrt(square / static_cast<float>(n) + epsilon),
                pull = inner * r * r * r / static_cast<float>(n);
    for (std::int64_t i = 0; i < n; ++i) dx[i] += r * weight[i] * dy[i] - x[i] * pull;
    if (dWeight)
        for (std::int64_t i = 0; i < n; ++i) dWeight[i] += dy[i] * x[i] * r;
}

namespace {

/// Value and derivative of a gate's function at one place.
std::pair<float, float> gateAt(GateFunction function, float x) {
    constexpr float kRoot = 0.79788456080286536f, kHalfRoot = 0.70710678118654752f;  // sqrt(2 / pi), sqrt(1 / 2)
    switch (function) {
        case GateFunction::Silu:
        case GateFunction::QuickGelu: {
            const float slope = function == GateFunction::Silu ? 1.0f : 1.702f, s = 1 / (1 + std::exp(-slope * x));
            return {x * s, s * (1 + slope * x * (1 - s))};
        }
        case GateFunction::Relu: return {std::max(x, 0.0f), x > 0 ? 1.0f : 0.0f};
        case GateFunction::ReluSquared: return {x > 0 ? x * x : 0.0f, x > 0 ? 2 * x : 0.0f};
        case GateFunction::Gelu: {
            const float share = 0.5f * (1 + std::erf(x * kHalfRoot));
            return {x * share, share + x * 0.5f * kRoot * std::exp(-0.5f * x * x)};
        }
        case GateFunction::GeluTanh: {
            const float t = std::tanh(kRoot * (x + 0.044715f * x * x * x));
            return {0.5f * x * (1 + t), 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * kRoot * (1 + 3 * 0.044715f * x * x)};
        }
    }
    return {};
}

}  // namespace

void gateBackward(GateFunction function, const float* gate, const float* up, const float* dy, std::int64_t n,
    float* dGate, float* dUp) {
    if (function == GateFunction::Silu) {
        for (std::int64_t j = 0; j < n; ++j) {
            const float sigmoid = 1 / (1 + std::exp(-gate[j]));
            dUp[j] = dy[j] * gate[j] * sigmoid;
            dGate[j] = dy[j] * up[j] * sigmoid * (1 + gate[j] * (1 - sigmoid));
        }
        return;
    }
    for (std::int64_t j = 0; j < n; ++j) {
        const auto [value, slope] = gateAt(function, gate[j]);
        dUp[j] = dy[j] * value;
        dGate[j] = dy[j] * up[j] * slope;
    }
}

void rotateBack(float* head, const float* cosines, const float* sines, std::int64_t d) {
    const std::int64_t half = d / 2;
    for (std::int64_t i = 0; i < half; ++i) {
        const float a = head[i], b = head[i + half];
        head[i] = a * cosines[i] + b * sines[i];
        head[i + half] = b * cosines[i] - a * sines[i];
    }
}

void weightBackward(const float* x, std::int64_t n, const float* weight, std::int64_t out, std::int64_t in,
    const float* dy, float* dx, float* dWeight) {
    product(dy, n, out, out, weight, in, in, false, dx, in);
    if (!dWeight) return;
    thread_local Floats turned, more;
    transpose(dy, n, out, out, turned);
    more.ensure(static_cast<std::size_t>(out * in));
    product(turned.data(), out, n, n, x, in, in, false, more.data(), in);
    addAll(dWeight, more.data(), out * in);
}

}  // namespace dubito::lm
