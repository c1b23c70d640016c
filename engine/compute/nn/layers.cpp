// Tables of angles are made in fp32 from fp64 frequencies, as lm::Decoder makes them.
#include "nn/layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/softmax.h>

#include <cmath>

namespace dubito::nn {

Rotary::Rotary(std::int64_t headWidth, double base, const lm::RopeScaling& scaling, std::vector<float> divisors)
    : m_headWidth(headWidth), m_base(base), m_magnitude(lm::ropeMagnitude(scaling)), m_scaling(scaling),
      m_frequencies(lm::ropeFrequencies(headWidth, base, scaling, divisors)) {}

double Rotary::alphaOf(std::int64_t length) const {
    return m_scaling.kind == lm::RopeScaling::Kind::DynamicNtk ? lm::ntkAlpha(length, m_scaling.originalContext) : 1;
}

Rotary::Angles Rotary::at(std::int64_t past, std::int64_t rows, torch::Device device) const {
    const double alpha = alphaOf(past + rows);
    const std::vector<double> changed =
        alpha != 1 ? lm::ropeFrequencies(m_headWidth, lm::ntkBase(m_base, alpha, m_headWidth), {})
                   : std::vector<double>();
    const std::vector<double>& frequencies = changed.empty() ? m_frequencies : changed;
    const std::int64_t half = m_headWidth / 2;
    Angles out{at::empty({rows, half}), at::empty({rows, half})};
    auto *cosines = out.cosines.mutable_data_ptr<float>(), *sines = out.sines.mutable_data_ptr<float>();
    const auto magnitude = static_cast<float>(m_magnitude);
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < half; ++j) {
            const float angle =
                static_cast<float>(past + i) * static_cast<float>(frequencies[static_cast<std::size_t>(j)]);
            cosines[i * half + j] = magnitude * std::cos(angle);
            sines[i * half + j] = magnitude * std::sin(angle);
        }
    if (!device.is_cpu()) out = {out.cosines.to(device), out.sines.to(device)};
    return out;
}

namespace {

/// True where a row sees a key, broadcast to (S, 1, T, L); undefined where plain causal attention says it all.
torch::Tensor visible(std::int64_t rows, std::int64_t keys, const AttentionView& view, torch::Device device) {
    const bool isWindowed = view.window < keys;
    if (!isWindowed && !view.documents.defined() && (view.past == 0 || rows == 1)) return {};
    const auto whole = at::TensorOptions().dtype(at::kLong).device(device);
    const torch::Tensor from = at::arange(view.past, view.past + rows, whole).unsqueeze(1),
                        to = at::arange(keys, whole).unsqueeze(0);
    torch::Tensor mask = from.ge(to);
    if (isWindowed) mask = mask.logical_and((from - to).lt(view.window));
    mask = mask.view({1, 1, rows, keys});
    if (view.documents.defined()) {
        const torch::Tensor own = view.documents.to(device);
        mask = mask.logical_and(own.unsqueeze(2).eq(own.unsqueeze(1)).unsqueeze(1));
    }
    return mask;
}

}  // namespace

torch::Tensor attend(
    const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, const AttentionView& view) {
    const std::int64_t rows = q.size(2), keys = k.size(2), heads = q.size(1), group = heads / k.size(1);
    const torch::Tensor mask = visible(rows, keys, view, q.device());
    if (!view.probabilities) {
        const bool isCausal = !mask.defined() && rows > 1;
        return at::scaled_dot_product_attention(
            q, k, v, mask.defined() ? std::optional(mask) : std::nullopt, 0, isCausal, std::nullopt, group > 1);
    }
    const torch::Tensor everyKey = group > 1 ? k.repeat_interleave(group, 1) : k,
                        everyValue = group > 1 ? v.repeat_interleave(group, 1) : v;
    torch::Tensor scores = at::matmul(q, everyKey.transpose(2, 3)) / std::sqrt(static_cast<double>(q.size(3)));
    torch::Tensor seen = mask;
    if (!seen.defined() && rows > 1) {
        const auto whole = at::TensorOptions().dtype(at::kLong).device(q.device());
        seen = at::arange(rows, whole).unsqueeze(1).ge(at::arange(keys, whole).unsqueeze(0));
    }
    if (seen.defined()) scores = scores.masked_fill(seen.logical_not(), -INFINITY);
    *view.probabilities = at::softmax(scores, -1);
    return at::matmul(*view.probabilities, everyValue);
}

AdaptedLinear::AdaptedLinear(torch::Tensor given, torch::Tensor givenBias) {
    weight = register_parameter("weight", std::move(given));
    if (givenBias.defined()) bias = register_parameter("bias", std::move(givenBias));
}

AdaptedLinear::AdaptedLinear(StoredWeight stored, torch::Tensor givenBias) : m_stored(std::move(stored)) {
    if (givenBias.defined()) bias = register_parameter("bias", std::move(givenBias));
}

void AdaptedLinear::addPart(const std::string& name, torch::Tensor a, torch::Tensor b, std::int64_t offset) {
    register_parameter(name + "_lora_A", std::move(a));
    register_parameter(name + "_lora_B", std::move(b));
    m_parts.push_back({name, offset});
}

torch::Tensor AdaptedLinear::forward(const torch::Tensor& x) const {
    std::vector<LowRank> parts;
    const auto all = named_parameters(false);
    for (const Part& one : m_parts)
        parts.push_back({*all.find(one.name + "_lora_A"), *all.find(one.name + "_lora_B"), one.offset});
    return m_stored ? adaptedLinear(x, m_stored, bias, parts, m_scale) : adaptedLinear(x, weight, bias, parts, m_scale);
}

}  // namespace dubito::nn
