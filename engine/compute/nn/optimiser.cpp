// One entry a parameter, in the order of the groups. What torch::optim updates is the parameter or its fp32 master.
#include "nn/optimiser.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/format.h>
#include <torch/optim/adamw.h>

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
    std::optional<RowMoments> rows;
    bool hasMaster() const { return !updated.is_same(parameter.value); }
};

double normOfGradient(const torch::Tensor& gradient) {
    if (!gradient.defined()) return 0;
    const torch::Tensor values = gradient.is_sparse() ? gradient._values() : gradient;
    return at::linalg_vector_norm(values, 2, std::nullopt, false, at::kDouble).item<double>();
}

}  // namespace

struct Optimiser::Parts {
    std::vector<ParameterGroup> groups;
    OptimiserSettings settings;
    std::vector<Entry> entries;
    std::unique_ptr<torch::optim::AdamW> adam;  ///< of the groups that are not row-wise
    std::vector<std::size_t> groupOfAdam;       ///< which of ours each of its groups is

    torch::optim::AdamWParamState* momentsOf(const Entry& one) const {
        const auto& state = adam->state();
        const auto at = state.find(one.updated.unsafeGetTensorImpl());
        return at == state.end() ? nullptr : static_cast<torch::optim::AdamWParamState*>(at->second.get());
    }

    void build() {
        std::vector<torch::optim::OptimizerParamGroup> adamGroups;
        for (std::size_t g = 0; g < groups.size(); ++g) {
            std::vector<torch::Tensor> tensors;
            for (const NamedTensor& one : groups[g].parameters) {
                Entry entry{one, one.value, {}, g, {}};
                const bool isNarrow = one.value.scalar_type() == at::kBFloat16 || one.value.scalar_type() == at::kHalf;
                if (isNarrow) entry.updated = one.value.detach().to(at::kFloat);
                if (settings.average > 0) entry.average = entry.updated.detach().clone();
                if (groups[g].isRowWise) {
                    const auto options = at::TensorOptions().dtype(at::kLong);
                    entry.rows = RowMoments{at::zeros_like(entry.updated.detach()),
                        at::zeros_like(entry.updated.detach()), at::zeros({one.value.size(0)}, options)};
                } else {
                    tensors.push_back(entry.updated);
                }
                entries.push_back(std::move(entry));
            }
            if (groups[g].isRowWise) continue;
            auto options = std::make_unique<torch::optim::AdamWOptions>(settings.schedule.peak);
            options->betas({settings.beta1, settings.beta2});
            options->eps(settings.epsilon).weight_decay(groups[g].weightDecay);
            adamGroups.emplace_back(std::move(tensors), std::move(options));
            groupOfAdam.push_back(g);
        }
        adam = std::make_unique<torch::optim::AdamW>(std::move(adamGroups), torch::optim::AdamWOptions());
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
        double sum = 0;
        for (const Entry& one : p.entries) {
            const double norm = normOfGradient(one.parameter.value.grad());
            sum += norm * norm;
        }
        out.gradientNorm = std::sqrt(sum) * scale;
        out.lr = p.settings.schedule.at(step);
        if (!std::isfinite(out.gradientNorm)) return out;
        const double clipped = p.settings.clip > 0 && out.gradientNorm > p.settings.clip
                                   ? scale * p.settings.clip / out.gradientNorm
                                   : scale;
        for (Entry& one : p.entries) {
            torch::Tensor& gradient = one.parameter.value.mutable_grad();
            if (!gradient.defined()) continue;
            if (one.rows) {
                p.updateRows(one, gradient * clipped, out.lr * p.groups[one.group].rate);
            } else if (one.hasMaster()) {
                one.updated.mutable_grad() = gradient.to(at::kFloat) * clipped;
            } else {
                gradient.mul_(clipped);
            }
        }
        for (std::size_t i = 0; i < p.groupOfAdam.size(); ++i)
            p.adam->param_groups()[i].options().set_lr(out.lr * p.groups[p.groupOfAdam[i]].rate);
        p.adam->step();
        std::vector<torch::Tensor> values;
        for (Entry& one : p.entries) {
            if (one.hasMaster()) {
                one.updated.mutable_grad() = torch::Tensor();
                one.parameter.value.copy_(one.updated);
            }
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
        } else if (const auto* moments = m_parts->momentsOf(one)) {
            state.put("m." + name, moments->exp_avg());
            state.put("v." + name, moments->exp_avg_sq());
            steps[name] = moments->step();
        }
    }
    state.rest["optimiser_steps"] = steps;
}

Result<void> Optimiser::restore(const TrainingState& state) {
    const Json& steps = memberOf(state.rest, "optimiser_steps");
    if (!steps.is_object()) return Error(Code::CorruptData, "the checkpoint does not say the optimiser's steps");
    // First everything is read into copies: a state that lacks something changes nothing.
    std::vector<std::pair<torch::Tensor, torch::Tensor>> copies;
    std::vector<std::pair<Entry*, std::unique_ptr<torch::optim::AdamWParamState>>> moments;
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
            moments.emplace_back(&one, nullptr);
            continue;
        }
        if (!count.is_number_integer() || count.get<std::int64_t>() < 1)
            return Error(Code::CorruptData, fmt::format("the checkpoint's step of {} is {}", name, jsonText(count)));
        auto own = std::make_unique<torch::optim::AdamWParamState>();
        own->step(count.get<std::int64_t>());
        own->exp_avg(at::zeros_like(one.updated.detach()));
        own->exp_avg_sq(at::zeros_like(one.updated.detach()));
        DUBITO_CHECK(take("m." + name, own->exp_avg()));
        DUBITO_CHECK(take("v." + name, own->exp_avg_sq()));
        moments.emplace_back(&one, std::move(own));
    }
    return compute::caught([&] {
        const c10::AutoGradMode off(false);
        for (auto& [target, copy] : copies) target.copy_(copy);
        auto& kept = m_parts->adam->state();
        for (auto& [entry, own] : moments) {
            void* key = entry->updated.unsafeGetTensorImpl();
            if (own) kept[key] = std::move(own);
            else kept.erase(key);
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
