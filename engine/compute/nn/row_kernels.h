// Loops behind the autograd functions, in fp32 and fp64: the same text twice, so that what is checked against
// differences in fp64 is what computes in fp32.
#pragma once

#include <cstdint>

namespace dubito::nn {

/// out = x * rsqrt(mean(x^2) + epsilon) * weight. @return the factor rsqrt(...)
float rmsForward(const float* x, const float* weight, float epsilon, std::int64_t n, float* out);
double rmsForward(const double* x, const double* weight, double epsilon, std::int64_t n, double* out);
/// dx of rmsForward with the factor that it returned; dWeight += when given.
void rmsBackward(
    const float* x, const float* weight, const float* dy, float factor, std::int64_t n, float* dx, float* dWeight);
void rmsBackward(const double* x, const double* weight, const double* dy, double factor, std::int64_t n, double* dx,
    double* dWeight);

/// Summed in fp64.
double sumOfSquares(const float* x, std::int64_t n);
double sumOfSquares(const double* x, std::int64_t n);

/// out = gate * sigmoid(gate) * up
void swiGluForward(const float* gate, const float* up, std::int64_t n, float* out);
void swiGluForward(const double* gate, const double* up, std::int64_t n, double* out);
void swiGluBackward(const float* gate, const float* up, const float* dy, std::int64_t n, float* dGate, float* dUp);
void swiGluBackward(const double* gate, const double* up, const double* dy, std::int64_t n, double* dGate, double* dUp);

/// out = in turned pairwise (i, i + d/2): by the angles, or back by them.
void turn(const float* in, const float* cosines, const float* sines, std::int64_t d, bool isBack, float* out);
void turn(const double* in, const double* cosines, const double* sines, std::int64_t d, bool isBack, double* out);

/// Logits become softmax - onehot(target), times `factor`. @return -log softmax[target]
double crossEntropyRow(float* logits, std::int64_t n, std::int64_t target, float factor);
double crossEntropyRow(double* logits, std::int64_t n, std::int64_t target, double factor);

}  // namespace dubito::nn
