// The pieces a backward pass is made of, over rows of fp32. Bits do not depend on the number of threads.
#pragma once

#include "lm/model/gate_function.h"
#include "torch_bridge.h"

namespace dubito::lm {

/// out (columns, rows) of in (rows, columns; stride ld).
void transpose(const float* in, std::int64_t rows, std::int64_t columns, std::int64_t ld, compute::Floats& out);
/// y (rows, columns; stride ldy) += factor * x (rows, columns).
void addRows(float* y, std::int64_t ldy, const float* x, std::int64_t rows, std::int64_t columns, float factor = 1);
/// y += x over many elements, in parallel.
void addAll(float* y, const float* x, std::int64_t n);
/// dx += of y = x rsqrt(mean x^2 + eps) w; dw += when asked.
void rmsBackward(
    const float* x, const float* weight, float epsilon, const float* dy, std::int64_t n, float* dx, float* dWeight);
/// dGate and dUp of y = function(gate) up.
void gateBackward(GateFunction function, const float* gate, const float* up, const float* dy, std::int64_t n,
    float* dGate, float* dUp);
/// The rotation of rotateHalf by the negative angle: its transpose.
void rotateBack(float* head, const float* cosines, const float* sines, std::int64_t d);
/// dx (n, in) = dy W, and dWeight (out, in) += dy^T x when asked.
void weightBackward(const float* x, std::int64_t n, const float* weight, std::int64_t out, std::int64_t in,
    const float* dy, float* dx, float* dWeight);

}  // namespace dubito::lm
