// Plain loops that the compiler turns into vector code for the CPU at hand; the build lets sums be reordered here.
#include "nn/row_kernels.h"

#include <cmath>
#include <limits>

#include "nn/vector_lanes.h"

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define DUBITO_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DUBITO_CLONES
#endif

namespace dubito::nn {
namespace {

using lanes::expBelow;

template <class T>
DUBITO_INLINE T sigmoidOf(T x) {
    const T e = expBelow(x < 0 ? x : -x);
    return (x >= 0 ? T(1) : e) / (T(1) + e);
}

template <class T>
DUBITO_INLINE T rms(const T* x, const T* weight, T epsilon, std::int64_t n, T* out) {
    T sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += x[i] * x[i];
    const T factor = T(1) / std::sqrt(sum / static_cast<T>(n) + epsilon);
    for (std::int64_t i = 0; i < n; ++i) out[i] = x[i] * factor * weight[i];
    return factor;
}

template <class T>
DUBITO_INLINE void rmsBack(const T* x, const T* weight, const T* dy, T factor, std::int64_t n, T* dx, T* dWeight) {
    T along = 0;
    for (std::int64_t i = 0; i < n; ++i) along += dy[i] * weight[i] * x[i];
    const T pull = along * factor * factor * factor / static_cast<T>(n);
    for (std::int64_t i = 0; i < n; ++i) dx[i] = dy[i] * weight[i] * factor - x[i] * pull;
    if (!dWeight) return;
    for (std::int64_t i = 0; i < n; ++i) dWeight[i] += dy[i] * x[i] * factor;
}

template <class T>
DUBITO_INLINE void swiGlu(const T* gate, const T* up, std::int64_t n, T* out) {
    for (std::int64_t i = 0; i < n; ++i) out[i] = gate[i] * sigmoidOf(gate[i]) * up[i];
}

template <class T>
DUBITO_INLINE void swiGluBack(const T* gate, const T* up, const T* dy, std::int64_t n, T* dGate, T* dUp) {
    for (std::int64_t i = 0; i < n; ++i) {
        const T s = sigmoidOf(gate[i]);
        dUp[i] = dy[i] * gate[i] * s;
        dGate[i] = dy[i] * up[i] * s * (T(1) + gate[i] * (T(1) - s));
    }
}

template <class T>
DUBITO_INLINE void turnPairs(const T* in, const T* cosines, const T* sines, std::int64_t d, bool isBack, T* out) {
    const std::int64_t half = d / 2;
    const T sign = isBack ? T(-1) : T(1);
    for (std::int64_t i = 0; i < half; ++i) {
        const T a = in[i], b = in[i + half], s = sign * sines[i];
        out[i] = a * cosines[i] - b * s;
        out[i + half] = b * cosines[i] + a * s;
    }
}

template <class T>
DUBITO_INLINE double squares(const T* x, std::int64_t n) {
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    return sum;
}

/// Lanes of their own, because a maximum in one variable is not turned into vectors.
using lanes::largest;

template <class T>
DUBITO_INLINE double crossEntropy(T* z, std::int64_t n, std::int64_t target, T factor) {
    const T best = largest(z, n), own = z[target] - best;
    constexpr std::int64_t kTile = 1024;  // summed in T; tiles in fp64
    double sum = 0;
    for (std::int64_t first = 0; first < n; first += kTile) {
        const std::int64_t end = first + kTile < n ? first + kTile : n;
        T part = 0;
        for (std::int64_t i = first; i < end; ++i) {
            const T e = expBelow(z[i] - best > 0 ? T(0) : z[i] - best);
            z[i] = e;
            part += e;
        }
        sum += static_cast<double>(part);
    }
    const T scale = factor / static_cast<T>(sum);
    for (std::int64_t i = 0; i < n; ++i) z[i] *= scale;
    z[target] -= factor;
    // A logit that is no number would be lost: the polynomial's clamp hides it.
    if (!(std::abs(own) <= std::numeric_limits<T>::max())) return std::numeric_limits<double>::quiet_NaN();
    return std::log(sum) - static_cast<double>(own);
}

}  // namespace

#define DUBITO_BOTH(T)                                                                                                 \
    DUBITO_CLONES T rmsForward(const T* x, const T* weight, T epsilon, std::int64_t n, T* out) {                       \
        return rms(x, weight, epsilon, n, out);                                                                        \
    }                                                                                                                  \
    DUBITO_CLONES void rmsBackward(                                                                                    \
        const T* x, const T* weight, const T* dy, T factor, std::int64_t n, T* dx, T* dWeight) {                       \
        rmsBack(x, weight, dy, factor, n, dx, dWeight);                                                                \
    }                                                                                                                  \
    DUBITO_CLONES void swiGluForward(const T* gate, const T* up, std::int64_t n, T* out) { swiGlu(gate, up, n, out); } \
    DUBITO_CLONES void swiGluBackward(const T* gate, const T* up, const T* dy, std::int64_t n, T* dGate, T* dUp) {     \
        swiGluBack(gate, up, dy, n, dGate, dUp);                                                                       \
    }                                                                                                                  \
    DUBITO_CLONES void turn(const T* in, const T* cosines, const T* sines, std::int64_t d, bool isBack, T* out) {      \
        turnPairs(in, cosines, sines, d, isBack, out);                                                                 \
    }                                                                                                                  \
    DUBITO_CLONES double sumOfSquares(const T* x, std::int64_t n) { return squares(x, n); }                            \
    DUBITO_CLONES double crossEntropyRow(T* logits, std::int64_t n, std::int64_t target, T factor) {                   \
        return crossEntropy(logits, n, target, factor);                                                                \
    }
DUBITO_BOTH(float)
DUBITO_BOTH(double)
#undef DUBITO_BOTH

}  // namespace dubito::nn
