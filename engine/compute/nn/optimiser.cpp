// One entry a parameter, in the order of the groups. What LibTorch's fused AdamW updates, in one pass over memory, is
// the
// parameter or its fp32 master.
#include "nn/optimiser.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/format.h>

#include <cmath>
#include <set>

#include "torch_bridge.h"

namespace dubito::nn {

std::vector<ParameterGroup> usualGroups(const torch::nn::Module& module, double weightDecay) {
    ParameterGroup matrices, vectors;
    matrices.weightDecay = weightDecay;
    vectors.weightDecay = 0;
    for (NamedTensor& one : trainedOf(module)) (one.value.dim() >= 2 ? matrices : vectors).parameters.push_back(one);
    std::vector<ParameterGroup> out;
    for (ParameterGroup* group : {&matrices, &vectors})
        if (!group->parameters.empty()) out.push_back(std::move(*group));
    return out;
}

namespace {

/// Moments of a table whose rows are updated when they are read. Every row counts its own steps.
struct RowMoments {
    torch::Tensor first, second, steps;
};

struct Entry {
    NamedTensor parameter;
    torch::Tensor updated;  ///< the parameter itself, or its fp32 master
    torch::Tensor average;  ///< undefined without
    std::size_t group = 0;
    torch::Tensor first, second;  ///< moments; undefined: it never had a gradient
    torch::Tensor steps;          ///< how often it was updated, as the fused kernel takes it: one float
    std::optional<RowMoments> rows;
    bool hasMaster() const { return !updated.is_same(parameter.value); }
};

torch::Tensor oneFloat(const torch::Tensor& like, double value) {
    return at::full({}, value, like.options().dtype(at::kFloat).requires_grad(false));
}

}  // namespace

struct Optimiser::Parts {
    std::vector<ParameterGroup> groups;
    OptimiserSettings settings;
    std::vector<Entry> entries;

    void build() {
        for (std::size_t g = 0; g < groups.size(); ++g)
            for (const NamedTensor& one : groups[g].parameters) {
                Entry entry{one, one.value, {}, g, {}, {}, {}, {}};
                const bool isNarrow = one.value.scalar_type() == at::kBFloat16 || one.value.scalar_type() == at::kHalf;
                if (isNarrow) entry.updated = one.value.detach().to(at::kFloat);
                if (settings.average > 0) entry.average = entry.updated.detach().clone();
                if (groups[g].isRowWise) {
                    const auto options = at::TensorOptions().dtype(at::kLong);
                    entry.rows = RowMoments{at::zeros_like(entry.updated.detach()),
                        at::zeros_like(entry.updated.detach()), at::zeros({one.value.size(0)}, options)};
                }
                entries.push_back(std::move(entry));
            }
    }

    /// AdamW of one group in one call. Gradients are multiplied by `factor` on the way.
    void updateGroup(std::size_t group, double lr, double factor) {
        std::vector<torch::Tensor> values, gradients, firsts, seconds, steps;
        for (Entry& one : entries) {
            const torch::Tensor& gradient = one.parameter.value.grad();
            if (one.group != group || !gradient.defined()) continue;
            if (!one.first.defined()) {
                one.first = at::zeros_like(one.updated.detach());
                one.second = at::zeros_like(one.updated.detach());
                one.steps = oneFloat(one.updated, 0);
            }
            values.push_back(one.updated.detach());
            gradients.push_back(one.hasMaster() ? gradient.to(at::kFloat) : gradient.contiguous());
            firsts.push_back(one.first);
            seconds.push_back(one.second);
            steps.push_back(one.steps);
        }
        if (values.empty()) return;
        at::_foreach_add_(steps, 1);
        // The kernel divides by its scale.
        const auto scale = factor == 1 ? std::optional<torch::Tensor>() : oneFloat(values.front(), 1 / factor);
        at::_fused_adamw_(values, gradients, firsts, seconds, {}, steps, lr, settings.beta1, settings.beta2,
            groups[group].weightDecay, settings.epsilon, false, false, scale, std::nullopt);
    }

    /// Source of the lazy rule: rows that a step does not read neither move nor forget.
    void updateRows(Entry& one, const torch::Tensor& gradient, double lr) const {
        const torch::Tensor dense = gradient.is_sparse() ? gradient.coalesce() : gradient;
        const torch::Tensor index =
            gradient.is_sparse() ? dense._indices()[0] : dense.abs().sum(1).nonzero().squeeze(1);
        if (index.numel() == 0) return;
        const torch::Tensor g =
            (gradient.is_sparse() ? dense._values() : dense.index_select(0, index)).to(one.updated.scalar_type());
        RowMoments& rows = *one.rows;
        const torch::Tensor there = index.to(rows.steps.device());
        rows.steps.index_add_(0, there, at::ones_like(there));
        torch::Tensor m = rows.first.index_select(0, index).mul_(settings.beta1).add_(g, 1 - settings.beta1);
        torch::Tensor v = rows.second.index_select(0, index).mul_(settings.beta2).addcmul_(g, g, 1 - settings.beta2);
        rows.first.index_copy_(0, index, m);
        rows.second.index_copy_(0, index, v);
        const torch::Tensor count =
            rows.steps.index_select(0, there).to(one.updated.device(), at::kDouble).unsqueeze(1);
        const auto correction = [&](double beta) {
            return (1 - at::pow(at::full_like(count, beta), count)).to(g.scalar_type());
        };
        const torch::Tensor change =
            (m / correction(settings.beta1)) / ((v / correction(settings.beta2)).sqrt_().add_(settings.epsilon));
        one.updated.index_add_(0, index, change, -lr);
    }
};

Optimiser::Optimiser() : m_parts(std::make_unique<Parts>()) {}
Optimiser::~Optimiser() = default;

Result<std::unique_ptr<Optimiser>> Optimiser::create(std::vector<ParameterGroup> groups, OptimiserSettings settings) {
    std::set<std::string> names;
    for (const ParameterGroup& group : groups) {
        if (!(group.weightDecay >= 0 && group.rate >= 0))
            return Error(Code::InvalidArgument, "a group's decay and rate are 0 or more");
        for (const NamedTensor& one : group.parameters) {
            if (!names.insert(one.name).second)
                return Error(Code::InvalidArgument, fmt::format("the parameter {} is in two groups", one.name));
            if (group.isRowWise && one.value.dim() != 2)
                return Error(Code::InvalidArgument, fmt::format("{} is no table of rows", one.name));
        }
    }
    if (names.empty()) return Error(Code::InvalidArgument, "there is no parameter to train");
    const auto isShare = [](double x) { return x >= 0 && x < 1; };
    if (!isShare(settings.beta1) || !isShare(settings.beta2) || !(settings.epsilon > 0) || !(settings.clip >= 0) ||
        !isShare(settings.average))
        return Error(Code::InvalidArgument,
            fmt::format("betas {} and {}, epsilon {}, clip {}, average {}: betas and average are in [0, 1), epsilon is "
                        "positive, clip 0 or more",
                settings.beta1, settings.beta2, settings.epsilon, settings.clip, settings.average));
    std::unique_ptr<Optimiser> out(new Optimiser());
    out->m_parts->groups = std::move(groups);
    out->m_parts->settings = settings;
    DUBITO_CHECK(compute::caught([&] { out->m_parts->build(); }));
    return out;
}

void Optimiser::zeroGradients() {
    for (Entry& one : m_parts->entries) one.parameter.value.mutable_grad() = torch::Tensor();
}

Result<OptimiserStep> Optimiser::step(std::int64_t step, double scale) {
    return compute::caught([&] {
        Parts& p = *m_parts;
        const c10::AutoGradMode off(false);
        OptimiserStep out;
        std::vector<torch::Tensor> gradients, values;
        for (const Entry& one : p.entries) {
            const torch::Tensor& gradient = one.parameter.value.grad();
            if (gradient.defined()) gradients.push_back(gradient.is_sparse() ? gradient._values() : gradient);
        }
        out.gradientNorm = normOf(gradients) * scale;
        out.lr = p.settings.schedule.at(step);
        if (!std::isfinite(out.gradientNorm)) return out;
        const double clipped = p.settings.clip > 0 && out.gradientNorm > p.settings.clip
                                   ? scale * p.settings.clip / out.gradientNorm
                                   : scale;
        for (std::size_t g = 0; g < p.groups.size(); ++g)
            if (!p.groups[g].isRowWise) p.updateGroup(g, out.lr * p.groups[g].rate, clipped);
        for (Entry& one : p.entries) {
            const torch::Tensor& gradient = one.parameter.value.grad();
            if (one.rows && gradient.defined())
                p.updateRows(one, gradient * clipped, out.lr * p.groups[one.group].rate);
            if (one.hasMaster()) one.parameter.value.copy_(one.updated);
            if (one.average.defined()) one.average.mul_(p.settings.average).add_(one.updated, 1 - p.settings.average);
            values.push_back(one.updated);
        }
        out.parameterNorm = normOf(values);
        out.isDone = true;
        return out;
    });
}

void Optimiser::save(TrainingState& state) const {
    Json steps = Json::object();
    for (const Entry& one : m_parts->entries) {
        const std::string& name = one.parameter.name;
        state.put("value." + name, one.parameter.value);
        if (one.hasMaster()) state.put("master." + name, one.updated);
        if (one.average.defined()) state.put("average." + name, one.average);
        if (one.rows) {
            state.put("m." + name, one.rows->first);
            state.put("v." + name, one.rows->second);
            state.put("steps." + name, one.rows->steps);
        } else if (one.first.defined()) {
            state.put("m." + name, one.first);
            state.put("v." + name, one.second);
            steps[name] = static_cast<std::int64_t>(one.steps.item<float>());
        }
    }
    state.rest["optimiser_steps"] = steps;
}

Result<void> Optimiser::restore(const TrainingState& state) {
    const Json& steps = memberOf(state.rest, "optimiser_steps");
    if (!steps.is_object()) return Error(Code::CorruptData, "the checkpoint does not say the optimiser's steps");
    // First everything is read into copies: a state that lacks something changes nothing.
    std::vector<std::pair<torch::Tensor, torch::Tensor>> copies;
    struct Moments {
        Entry* entry;
        torch::Tensor first, second, steps;
    };
    std::vector<Moments> moments;
    const auto take = [&](const std::string& name, const torch::Tensor& target) -> Result<void> {
        auto copy = compute::caught([&] { return at::zeros_like(target.detach()); });
        if (!copy) return std::move(copy).error();
        DUBITO_CHECK(state.into(name, *copy));
        copies.emplace_back(target, *copy);
        return {};
    };
    for (Entry& one : m_parts->entries) {
        const std::string& name = one.parameter.name;
        DUBITO_CHECK(take("value." + name, one.parameter.value));
        if (one.hasMaster()) DUBITO_CHECK(take("master." + name, one.updated));
        if (one.average.defined()) DUBITO_CHECK(take("average." + name, one.average));
        if (one.rows) {
            DUBITO_CHECK(take("m." + name, one.rows->first));
            DUBITO_CHECK(take("v." + name, one.rows->second));
            DUBITO_CHECK(take("steps." + name, one.rows->steps));
            continue;
        }
        const Json& count = memberOf(steps, name);
        if (count.is_null()) {  // it never had a gradient
            moments.push_back({&one, {}, {}, {}});
            continue;
        }
        constexpr std::int64_t kMostSteps = 1 << 24;  // a float counts so far
        if (!count.is_number_integer() || count.get<std::int64_t>() < 1 || count.get<std::int64_t>() > kMostSteps)
            return Error(Code::CorruptData, fmt::format("the checkpoint's step of {} is {}", name, jsonText(count)));
        auto own = compute::caught([&] {
            return Moments{&one, at::zeros_like(one.updated.detach()), at::zeros_like(one.updated.detach()),
                oneFloat(one.updated, count.get<double>())};
        });
        if (!own) return std::move(own).error();
        DUBITO_CHECK(take("m." + name, own->first));
        DUBITO_CHECK(take("v." + name, own->second));
        moments.push_back(*own);
    }
    return compute::caught([&] {
        const c10::AutoGradMode off(false);
        for (auto& [target, copy] : copies) target.copy_(copy);
        for (const Moments& own : moments) {
            own.entry->first = own.first;
            own.entry->second = own.second;
            own.entry->steps = own.steps;
        }
    });
}

Result<void> Optimiser::swapAverage() {
    return compute::caught([&] {
        const c10::AutoGradMode off(false);
        for (Entry& one : m_parts->entries) {
            if (!one.average.defined()) continue;
            const torch::Tensor kept = one.updated.detach().clone();
            one.updated.copy_(one.average);
            one.average.copy_(kept);
            if (one.hasMaster()) one.parameter.value.copy_(one.updated);
        }
    });
}

double Optimiser::rateAt(std::int64_t step) const { return m_parts->settings.schedule.at(step); }

}  // namespace dubito::nn
