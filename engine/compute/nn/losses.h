// Losses over rows, as plain compositions of differentiable operators. Sums are over rows that weigh more than 0; each
// returns a sum, so that parts of a step add up, and the caller divides by what all parts weigh.
#pragma once

#include <ATen/core/Tensor.h>

// Dimension key: n rows, V vocabulary, P pairs. Weights (n) carry no gradient; undefined: 1 each.

namespace dubito::nn {

/// Sum of weights * KL(softmax(logits) || softmax(reference)), nats. No gradient goes to the reference. (n, V) each
at::Tensor klToReference(const at::Tensor& logits, const at::Tensor& reference, const at::Tensor& weights = {});
/// Sum of weights * -sum_v teacher_v log softmax(logits / temperature)_v * temperature^2 with the teacher's softmax at
/// the same temperature. Source: arXiv:1503.02531.
at::Tensor distillation(
    const at::Tensor& logits, const at::Tensor& teacher, double temperature, const at::Tensor& weights = {});

/// Sum over pairs of -log sigmoid(chosen - rejected - margin): a reward model's loss. (P) each
at::Tensor rewardPairs(const at::Tensor& chosen, const at::Tensor& rejected, double margin = 0);
/// Sum over pairs of the preference loss over whole answers' log-probabilities, with labels smoothed by `smoothing`.
/// No gradient goes to the references. Source: arXiv:2305.18290.
at::Tensor preferencePairs(const at::Tensor& chosen, const at::Tensor& rejected, const at::Tensor& chosenReference,
    const at::Tensor& rejectedReference, double beta, double smoothing = 0);

/// Sum of weights * -min(ratio A, clip(ratio, 1 - clip, 1 + clip) A), ratio = exp(logp - old). Source:
/// arXiv:1707.06347. (n) each
at::Tensor clippedPolicy(const at::Tensor& logp, const at::Tensor& old, const at::Tensor& advantages, double clip,
    const at::Tensor& weights = {});
/// Sum of weights * 0.5 max((v - R)^2, (old + clip(v - old, -clip, clip) - R)^2). (n) each
at::Tensor clippedValue(const at::Tensor& values, const at::Tensor& old, const at::Tensor& returns, double clip,
    const at::Tensor& weights = {});
/// Sum of weights * entropy of softmax(logits), nats. (n, V)
at::Tensor entropyOf(const at::Tensor& logits, const at::Tensor& weights = {});

/// Generalised advantages of one episode, (T), from rewards (T) and values (T + 1; the last is what follows it).
/// Source: arXiv:1506.02438.
at::Tensor advantagesOf(const at::Tensor& rewards, const at::Tensor& values, double gamma, double lambda);

}  // namespace dubito::nn
