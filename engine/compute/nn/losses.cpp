// Written in log space, so that certain answers stay finite.
#include "nn/losses.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/log_sigmoid.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/softmax.h>

namespace dubito::nn {
namespace {

at::Tensor weighed(const at::Tensor& rows, const at::Tensor& weights) {
    return weights.defined() ? (rows * weights.to(rows.options())).sum() : rows.sum();
}
at::Tensor logSoftmax(const at::Tensor& logits) {
    return at::log_softmax(logits.scalar_type() == at::kDouble ? logits : logits.to(at::kFloat), -1);
}

}  // namespace

at::Tensor klToReference(const at::Tensor& logits, const at::Tensor& reference, const at::Tensor& weights) {
    const at::Tensor own = logSoftmax(logits), other = logSoftmax(reference.detach());
    return weighed((own.exp() * (own - other)).sum(-1), weights);
}

at::Tensor distillation(
    const at::Tensor& logits, const at::Tensor& teacher, double temperature, const at::Tensor& weights) {
    const at::Tensor goal = logSoftmax(teacher.detach() / temperature).exp();
    return weighed((goal * logSoftmax(logits / temperature)).sum(-1) * (-temperature * temperature), weights);
}

at::Tensor rewardPairs(const at::Tensor& chosen, const at::Tensor& rejected, double margin) {
    return -at::log_sigmoid(chosen - rejected - margin).sum();
}

at::Tensor preferencePairs(const at::Tensor& chosen, const at::Tensor& rejected, const at::Tensor& chosenReference,
    const at::Tensor& rejectedReference, double beta, double smoothing) {
    const at::Tensor edge = ((chosen - chosenReference.detach()) - (rejected - rejectedReference.detach())) * beta;
    return -(at::log_sigmoid(edge) * (1 - smoothing) + at::log_sigmoid(-edge) * smoothing).sum();
}

at::Tensor clippedPolicy(const at::Tensor& logp, const at::Tensor& old, const at::Tensor& advantages, double clip,
    const at::Tensor& weights) {
    const at::Tensor ratio = (logp - old.detach()).exp(), gain = advantages.detach();
    return weighed(-at::minimum(ratio * gain, at::clamp(ratio, 1 - clip, 1 + clip) * gain), weights);
}

at::Tensor clippedValue(const at::Tensor& values, const at::Tensor& old, const at::Tensor& returns, double clip,
    const at::Tensor& weights) {
    const at::Tensor before = old.detach(), goal = returns.detach(), free = (values - goal).square(),
                     held = (before + at::clamp(values - before, -clip, clip) - goal).square();
    return weighed(at::maximum(free, held) * 0.5, weights);
}

at::Tensor entropyOf(const at::Tensor& logits, const at::Tensor& weights) {
    const at::Tensor logp = logSoftmax(logits);
    return weighed(-(logp.exp() * logp).sum(-1), weights);
}

at::Tensor advantagesOf(const at::Tensor& rewards, const at::Tensor& values, double gamma, double lambda) {
    const at::Tensor r = rewards.detach().to(at::kCPU, at::kDouble).contiguous(),
                     v = values.detach().to(at::kCPU, at::kDouble).contiguous();
    TORCH_CHECK(v.numel() == r.numel() + 1, "advantages of ", r.numel(), " rewards need as many values and one more");
    at::Tensor out = at::empty_like(r);
    double next = 0;
    for (std::int64_t t = r.numel(); t-- > 0;) {
        const double* value = v.const_data_ptr<double>();
        next = r.const_data_ptr<double>()[t] + gamma * value[t + 1] - value[t] + gamma * lambda * next;
        out.mutable_data_ptr<double>()[t] = next;
    }
    return out.to(rewards.options());
}

}  // namespace dubito::nn
