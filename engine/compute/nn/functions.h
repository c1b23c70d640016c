// Autograd functions of our own: ordinary nodes of LibTorch's graph with one pass over memory each. Every one is
// checked against differences in fp64.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <vector>

// Dimension key: n rows, H width, F inner width, D head width, V vocabulary, r rank.

namespace dubito::nn {

/// Auto: the kernels of row_kernels.h for fp32 and fp64 on the CPU, LibTorch's operators for all else. Operators:
/// always those.
enum class Route { Auto, Operators };

/// x * rsqrt(mean x^2 + epsilon) * weight over the last dimension; summed in fp32 at least.
at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon, Route route = Route::Auto);

/// (..., 2 F), gates first, to (..., F): silu(gate) * up.
at::Tensor swiGlu(const at::Tensor& gateUp, Route route = Route::Auto);

/// (S, T, heads, D): the first `turned` heads are rotated in pairs (i, i + D/2) by the angles of their position, the
/// others stay.
/// @param cosines, sines (T, D/2), without gradient
at::Tensor rotate(const at::Tensor& x, const at::Tensor& cosines, const at::Tensor& sines, std::int64_t turned,
    Route route = Route::Auto);

/// A low-rank part beside a linear map: columns offset.. of the result gain scale * x A^T B^T.
struct LowRank {
    at::Tensor a, b;          ///< (r, in), (out_i, r)
    std::int64_t offset = 0;  ///< in the result's columns
};
/// x W^T + bias + low-rank parts as one node: nothing as wide as the result is kept for backward.
/// @param weight (out, in); gradients only where asked for  @param bias (out) or undefined
at::Tensor adaptedLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
    const std::vector<LowRank>& parts, double scale);

/// A frozen matrix (rows, columns) that is no tensor, such as a quantised one. It is made fp32 where it is multiplied,
/// forward and backward, and is nowhere kept so.
class StoredMatrix {
public:
    virtual ~StoredMatrix() = default;
    virtual std::int64_t rows() const = 0;
    virtual std::int64_t columns() const = 0;
    virtual std::size_t bytes() const = 0;
    /// out (count, columns) = rows first.. [any]
    virtual void give(std::int64_t first, std::int64_t count, float* out) const = 0;
};
using StoredWeight = std::shared_ptr<const StoredMatrix>;
/// The same map over a stored weight, on the CPU.
at::Tensor adaptedLinear(const at::Tensor& x, const StoredWeight& weight, const at::Tensor& bias,
    const std::vector<LowRank>& parts, double scale);

/// Sum over rows of weights[i] * -log softmax(hidden[i] head^T)[targets[i]], some rows at a time: logits of all rows
/// never exist. Rows with a target below 0 or weight 0 are not computed. fp32 sums.
/// @param hidden (n, H)  @param head (V, H)  @param targets (n) int64 on the CPU  @param weights (n) without gradient,
/// on the CPU, or undefined: 1 each  @param between called before every piece; what it throws comes out
at::Tensor weightedCrossEntropy(const at::Tensor& hidden, const at::Tensor& head, const at::Tensor& targets,
    const at::Tensor& weights = {}, std::int64_t rowsAtATime = 256, const std::function<void()>& between = {});
/// The same over a stored head, on the CPU.
at::Tensor weightedCrossEntropy(const at::Tensor& hidden, const StoredWeight& head, const at::Tensor& targets,
    const at::Tensor& weights = {}, std::int64_t rowsAtATime = 256, const std::function<void()>& between = {});

/// The same losses, one a row (n); 0 where the target is below 0. For losses that are no weighted sum; costs one more
/// product where the head is trained.
at::Tensor rowLosses(
    const at::Tensor& hidden, const at::Tensor& head, const at::Tensor& targets, std::int64_t rowsAtATime = 256);

/// block(x) of which only x is kept; backward computes it again. `block` must be repeatable; gradients of parameters it
/// uses go to their .grad during backward().
at::Tensor recomputed(const at::Tensor& x, std::function<at::Tensor(const at::Tensor&)> block);

}  // namespace dubito::nn
