// Functions around matrix products: the adapted linear map, cross-entropy over the head, blocks computed twice.
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/ivalue.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "nn/functions.h"
#include "nn/row_kernels.h"

namespace dubito::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// Functions see the type that autocast wants and run without it.
struct WithoutAutocast {
    explicit WithoutAutocast(c10::DeviceType device)
        : m_device(device), m_was(at::autocast::is_autocast_enabled(device)) {
        at::autocast::set_autocast_enabled(device, false);
    }
    ~WithoutAutocast() { at::autocast::set_autocast_enabled(m_device, m_was); }
    c10::DeviceType m_device;
    bool m_was;
};
at::Tensor asAutocastWants(const at::Tensor& x) {
    const auto device = x.defined() ? x.device().type() : c10::DeviceType::CPU;
    if (!x.defined() || !at::autocast::is_autocast_enabled(device) || x.scalar_type() == at::kDouble) return x;
    return at::autocast::cached_cast(at::autocast::get_autocast_dtype(device), x, device);
}

/// An undefined tensor is no input of a node.
std::optional<at::Tensor> whenDefined(const at::Tensor& x) { return x.defined() ? std::optional(x) : std::nullopt; }

/// A matrix to multiply with: a tensor, or a stored matrix whose rows are made when they are needed.
struct Factor : torch::CustomClassHolder {
    at::Tensor tensor;
    StoredWeight stored;

    /// Rows first.. of it in a type.
    at::Tensor rows(std::int64_t first, std::int64_t count, at::ScalarType type) const {
        if (!stored) return tensor.narrow(0, first, count);
        constexpr std::int64_t kPiece = 64;
        at::Tensor out = at::empty({count, stored->columns()});
        auto* to = out.mutable_data_ptr<float>();
        at::parallel_for(0, (count + kPiece - 1) / kPiece, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin * kPiece; i < std::min(end * kPiece, count); i += kPiece)
                stored->give(first + i, std::min(kPiece, count - i), to + i * stored->columns());
        });
        return out.to(type);
    }
    at::Tensor whole(at::ScalarType type) const { return stored ? rows(0, stored->rows(), type) : tensor; }
    std::int64_t height() const { return stored ? stored->rows() : tensor.size(0); }
    /// How many rows are in use at a time.
    std::int64_t tile() const {
        constexpr std::int64_t kTile = 4096;
        return stored ? std::min(kTile, height()) : height();
    }
};
c10::intrusive_ptr<Factor> factorOf(const StoredWeight& weight) {
    auto out = c10::make_intrusive<Factor>();
    out->stored = weight;
    return out;
}

/// The A matrices of all parts below each other: one product serves them all.
at::Tensor below(at::TensorList matrices) { return matrices.size() == 1 ? matrices[0] : at::cat(matrices, 0); }

struct AdaptedLinear : Function<AdaptedLinear> {
    static constexpr std::size_t kFirstPart = 4;  ///< of forward's parameters: x, weight, stored, bias, then the parts
    /// @param weight or `stored`, which has no gradient
    static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const std::optional<at::Tensor>& weight,
        const c10::intrusive_ptr<Factor>& stored, const std::optional<at::Tensor>& bias, at::TensorList a,
        at::TensorList b, const std::vector<std::int64_t>& offsets, double scale) {
        const at::Tensor rows = x.reshape({-1, x.size(-1)}),
                         matrix = weight ? *weight : stored->whole(rows.scalar_type());
        at::Tensor y = bias ? at::addmm(*bias, rows, matrix.t()) : at::mm(rows, matrix.t());
        variable_list saved{rows, weight.value_or(at::Tensor())};
        if (!a.empty()) {
            const at::Tensor seen = at::mm(rows, below(a).t());  // (n, sum of ranks)
            std::int64_t from = 0;
            for (std::size_t i = 0; i < a.size(); ++i) {
                y.narrow(1, offsets[i], b[i].size(0)).addmm_(seen.narrow(1, from, a[i].size(0)), b[i].t(), 1, scale);
                from += a[i].size(0);
            }
            saved.push_back(seen);
            saved.insert(saved.end(), a.begin(), a.end());
            saved.insert(saved.end(), b.begin(), b.end());
        }
        ctx->save_for_backward(saved);
        ctx->saved_data["offsets"] = offsets;
        ctx->saved_data["scale"] = scale;
        ctx->saved_data["shape"] = x.sizes().vec();
        ctx->saved_data["wants"] =
            std::vector<bool>{x.requires_grad(), weight && weight->requires_grad(), bias && bias->requires_grad()};
        if (!weight) ctx->saved_data["stored"] = c10::IValue::make_capsule(stored);
        std::vector<std::int64_t> shape = x.sizes().vec();
        shape.back() = matrix.size(0);
        return y.view(shape);
    }
    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        const variable_list saved = ctx->get_saved_variables();
        const at::Tensor& rows = saved[0];
        const bool isStored = !saved[1].defined();
        const auto offsets = ctx->saved_data["offsets"].toIntVector();
        const double scale = ctx->saved_data["scale"].toDouble();
        const auto wants = ctx->saved_data["wants"].toBoolList();
        const std::size_t parts = offsets.size();
        const at::Tensor dy = gradients[0].reshape({-1, gradients[0].size(-1)});
        at::Tensor dx;
        if (wants.get(0)) {
            const auto stored = isStored
                                    ? c10::static_intrusive_pointer_cast<Factor>(ctx->saved_data["stored"].toCapsule())
                                    : c10::intrusive_ptr<Factor>();
            dx = at::mm(dy, stored ? stored->whole(dy.scalar_type()) : saved[1]);
        }
        variable_list out(kFirstPart + 2 * parts + 2);
        if (wants.get(1)) out[1] = at::mm(dy.t(), rows);
        if (wants.get(2)) out[3] = dy.sum(0);
        if (parts) {
            const at::Tensor& seen = saved[2];
            const std::vector<at::Tensor> a(saved.begin() + 3, saved.begin() + 3 + static_cast<std::ptrdiff_t>(parts)),
                b(saved.begin() + 3 + static_cast<std::ptrdiff_t>(parts), saved.end());
            at::Tensor dSeen = at::empty(seen.sizes(), seen.options());
            std::int64_t from = 0;
            for (std::size_t i = 0; i < parts; ++i) {
                const at::Tensor own = dy.narrow(1, offsets[i], b[i].size(0)),
                                 ownSeen = seen.narrow(1, from, a[i].size(0));
                dSeen.narrow(1, from, a[i].size(0)).copy_(at::mm(own, b[i]).mul_(scale));
                out[kFirstPart + parts + i] = at::mm(own.t(), ownSeen).mul_(scale);
                from += a[i].size(0);
            }
            const at::Tensor dA = at::mm(dSeen.t(), rows);
            from = 0;
            for (std::size_t i = 0; i < parts; ++i) {
                out[kFirstPart + i] = dA.narrow(0, from, a[i].size(0));
                from += a[i].size(0);
            }
            if (dx.defined()) dx.addmm_(dSeen, below(a));
        }
        if (dx.defined()) out[0] = dx.view(ctx->saved_data["shape"].toIntVector());
        return out;
    }
};

/// Of one block of rows: logits become gradients by the rows' factors. @return losses (rows) in fp64, on the CPU
at::Tensor lossBlock(at::Tensor& logits, const std::int64_t* targets, const double* factors) {
    const std::int64_t n = logits.size(0), vocabulary = logits.size(1);
    at::Tensor losses = at::empty({n}, at::TensorOptions().dtype(at::kDouble));
    double* to = losses.mutable_data_ptr<double>();
    if (logits.device().is_cpu()) {
        const auto over = [&]<class T>(T* rows) {
            at::parallel_for(0, n, 1, [&](std::int64_t first, std::int64_t end) {
                for (std::int64_t i = first; i < end; ++i)
                    to[i] = crossEntropyRow(
                        rows + i * vocabulary, vocabulary, targets[i], factors ? static_cast<T>(factors[i]) : T(1));
            });
        };
        if (logits.scalar_type() == at::kDouble) over(logits.mutable_data_ptr<double>());
        else over(logits.mutable_data_ptr<float>());
        return losses;
    }
    const auto there = [&](const void* from, at::ScalarType type) {
        return at::from_blob(const_cast<void*>(from), {n, 1}, at::TensorOptions().dtype(type)).to(logits.device());
    };
    const at::Tensor index = there(targets, at::kLong), logp = at::log_softmax(logits, 1);
    losses.copy_(-logp.gather(1, index).squeeze(1));
    logits = logp.exp();
    logits.scatter_add_(1, index, at::zeros_like(index, logits.options()).sub_(1));
    if (factors) logits.mul_(there(factors, at::kDouble).to(logits.scalar_type()));
    return losses;
}

/// The rows that are computed, with their targets and factors.
struct Supervised {
    std::vector<std::int64_t> rows, targets;
    std::vector<double> factors;
    at::Tensor index;  ///< on the hidden states' device

    Supervised(const at::Tensor& allTargets, const at::Tensor& weights, const at::Device& device) {
        const at::Tensor t = allTargets.to(at::kCPU, at::kLong).contiguous(),
                         w = weights.defined() ? weights.to(at::kCPU, at::kDouble).contiguous() : at::Tensor();
        const std::int64_t* target = t.const_data_ptr<std::int64_t>();
        const double* weight = w.defined() ? w.const_data_ptr<double>() : nullptr;
        for (std::int64_t i = 0; i < t.numel(); ++i) {
            if (target[i] < 0 || (weight && weight[i] == 0)) continue;
            rows.push_back(i);
            targets.push_back(target[i]);
            factors.push_back(weight ? weight[i] : 1);
        }
        index = at::empty({count()}, at::TensorOptions().dtype(at::kLong));
        std::copy(rows.begin(), rows.end(), index.mutable_data_ptr<std::int64_t>());
        index = index.to(device);
    }
    std::int64_t count() const { return static_cast<std::int64_t>(rows.size()); }
    bool areAll(const at::Tensor& hidden) const { return count() == hidden.size(0); }
    at::Tensor of(const at::Tensor& hidden) const { return areAll(hidden) ? hidden : hidden.index_select(0, index); }
    at::Tensor back(const at::Tensor& taken, std::int64_t n) const {
        if (count() == n) return taken;
        std::vector<std::int64_t> shape = taken.sizes().vec();
        shape[0] = n;
        return at::zeros(shape, taken.options()).index_copy_(0, index, taken);
    }
};

at::Tensor logitsOf(const at::Tensor& rows, const at::Tensor& head) {
    const at::Tensor logits = at::mm(rows, head.t());
    return logits.scalar_type() == at::kDouble ? logits : logits.to(at::kFloat);
}
at::Tensor logitsOf(const at::Tensor& rows, const Factor& head) {
    if (!head.stored) return logitsOf(rows, head.tensor);
    at::Tensor out = at::empty({rows.size(0), head.height()}, rows.options().dtype(at::kFloat));
    for (std::int64_t first = 0; first < head.height(); first += head.tile()) {
        const std::int64_t count = std::min(head.tile(), head.height() - first);
        out.narrow(1, first, count).copy_(at::mm(rows, head.rows(first, count, rows.scalar_type()).t()));
    }
    return out;
}
/// slopes (n, V) times the head.
at::Tensor throughHead(const at::Tensor& slopes, const Factor& head, at::ScalarType type) {
    if (!head.stored) return at::mm(slopes.to(type), head.tensor);
    at::Tensor out;
    for (std::int64_t first = 0; first < head.height(); first += head.tile()) {
        const std::int64_t count = std::min(head.tile(), head.height() - first);
        const at::Tensor own = slopes.narrow(1, first, count).to(type), rows = head.rows(first, count, type);
        if (out.defined()) out.addmm_(own, rows);
        else out = at::mm(own, rows);
    }
    return out;
}

struct WeightedCrossEntropy : Function<WeightedCrossEntropy> {
    /// @param head for its gradient; `factor` is multiplied with
    static at::Tensor forward(AutogradContext* ctx, const at::Tensor& hidden, const std::optional<at::Tensor>& head,
        const c10::intrusive_ptr<Factor>& factor, const at::Tensor& targets, const std::optional<at::Tensor>& weights,
        std::int64_t rowsAtATime, bool wantsHidden, bool wantsHead, const std::function<void()>& between) {
        const Supervised rows(targets, weights.value_or(at::Tensor()), hidden.device());
        const at::Tensor taken = rows.of(hidden);
        at::Tensor dTaken = wantsHidden ? at::empty(taken.sizes(), taken.options()) : at::Tensor(),
                   dHead = wantsHead ? at::zeros(head->sizes(), head->options()) : at::Tensor();
        double sum = 0;
        for (std::int64_t first = 0; first < rows.count(); first += rowsAtATime) {
            if (between) between();
            const std::int64_t n = std::min(rowsAtATime, rows.count() - first);
            const at::Tensor part = taken.narrow(0, first, n);
            at::Tensor logits = logitsOf(part, *factor);
            const at::Tensor losses = lossBlock(logits, rows.targets.data() + first, rows.factors.data() + first);
            for (std::int64_t i = 0; i < n; ++i)
                sum += rows.factors[static_cast<std::size_t>(first + i)] * losses.const_data_ptr<double>()[i];
            if (wantsHidden) dTaken.narrow(0, first, n).copy_(throughHead(logits, *factor, part.scalar_type()));
            if (wantsHead) dHead.addmm_(logits.to(head->scalar_type()).t(), part);
        }
        ctx->saved_data["hidden"] = wantsHidden ? rows.back(dTaken, hidden.size(0)) : at::Tensor();
        ctx->saved_data["head"] = dHead;
        const auto type = hidden.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
        return at::zeros({}, hidden.options().dtype(type)).fill_(sum);
    }
    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        variable_list out(9);
        const std::pair<const char*, std::size_t> kept[] = {{"hidden", 0}, {"head", 1}};
        // The gradient of a vocabulary's head is large: it is handed on, not copied. So a loss goes backward once.
        const bool isOne = gradients[0].device().is_cpu() && gradients[0].item<double>() == 1;
        for (const auto& [name, place] : kept) {
            const at::Tensor slope = ctx->saved_data[name].toTensor();
            if (slope.defined()) out[place] = isOne ? slope : slope * gradients[0].to(slope.scalar_type());
            ctx->saved_data.erase(name);
        }
        return out;
    }
};

struct RowLosses : Function<RowLosses> {
    static at::Tensor forward(AutogradContext* ctx, const at::Tensor& hidden, const at::Tensor& head,
        const at::Tensor& targets, std::int64_t rowsAtATime, bool wantsHidden, bool wantsHead) {
        const Supervised rows(targets, {}, hidden.device());
        const at::Tensor taken = rows.of(hidden);
        at::Tensor dTaken = wantsHidden ? at::empty(taken.sizes(), taken.options()) : at::Tensor();
        const auto type = hidden.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
        at::Tensor losses = at::empty({rows.count()}, at::TensorOptions().dtype(type));
        for (std::int64_t first = 0; first < rows.count(); first += rowsAtATime) {
            const std::int64_t n = std::min(rowsAtATime, rows.count() - first);
            at::Tensor logits = logitsOf(taken.narrow(0, first, n), head);
            losses.narrow(0, first, n).copy_(lossBlock(logits, rows.targets.data() + first, nullptr));
            if (wantsHidden) dTaken.narrow(0, first, n).copy_(at::mm(logits.to(head.scalar_type()), head));
        }
        ctx->save_for_backward({hidden, head, targets, dTaken});
        ctx->saved_data["at_a_time"] = rowsAtATime;
        ctx->saved_data["head"] = wantsHead;
        return rows.back(losses.to(hidden.device()), hidden.size(0));
    }
    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        const variable_list saved = ctx->get_saved_variables();
        const at::Tensor &hidden = saved[0], &head = saved[1], &dTaken = saved[3];
        const Supervised rows(saved[2], {}, hidden.device());
        const at::Tensor upstream = rows.of(gradients[0]);
        variable_list out(6);
        if (dTaken.defined())
            out[0] = rows.back(dTaken * upstream.unsqueeze(1).to(dTaken.scalar_type()), hidden.size(0));
        if (!ctx->saved_data["head"].toBool()) return out;
        const at::Tensor taken = rows.of(hidden), factors = upstream.to(at::kCPU, at::kDouble).contiguous();
        const std::int64_t atATime = ctx->saved_data["at_a_time"].toInt();
        out[1] = at::zeros(head.sizes(), head.options());
        for (std::int64_t first = 0; first < rows.count(); first += atATime) {
            const std::int64_t n = std::min(atATime, rows.count() - first);
            at::Tensor logits = logitsOf(taken.narrow(0, first, n), head);
            lossBlock(logits, rows.targets.data() + first, factors.const_data_ptr<double>() + first);
            out[1].addmm_(logits.to(head.scalar_type()).t(), taken.narrow(0, first, n));
        }
        return out;
    }
};

struct Again : torch::CustomClassHolder {
    std::function<at::Tensor(const at::Tensor&)> block;
};

struct Recomputed : Function<Recomputed> {
    /// @param spark a tensor with a gradient, so that the node exists although x may have none
    static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& /*spark*/,
        const c10::intrusive_ptr<Again>& again) {
        ctx->save_for_backward({x});
        ctx->saved_data["again"] = c10::IValue::make_capsule(again);
        ctx->saved_data["wants"] = x.requires_grad();
        return again->block(x);
    }
    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        const auto again = c10::static_intrusive_pointer_cast<Again>(ctx->saved_data["again"].toCapsule());
        const c10::AutoGradMode on(true);
        at::Tensor x = ctx->get_saved_variables()[0].detach();
        x.set_requires_grad(ctx->saved_data["wants"].toBool());
        torch::autograd::backward({again->block(x)}, {gradients[0]});
        return {x.grad(), at::Tensor(), at::Tensor()};
    }
};

at::Tensor linearOf(const at::Tensor& x, const at::Tensor& weight, const c10::intrusive_ptr<Factor>& factor,
    const at::Tensor& bias, const std::vector<LowRank>& parts, double scale) {
    std::vector<at::Tensor> a, b;
    std::vector<std::int64_t> offsets;
    for (const LowRank& one : parts) {
        a.push_back(asAutocastWants(one.a));
        b.push_back(asAutocastWants(one.b));
        offsets.push_back(one.offset);
    }
    const at::Tensor input = asAutocastWants(x), w = asAutocastWants(weight), c = asAutocastWants(bias);
    const WithoutAutocast guard(x.device().type());
    return AdaptedLinear::apply(
        input, whenDefined(w), factor, whenDefined(c), at::TensorList(a), at::TensorList(b), offsets, scale);
}

}  // namespace

at::Tensor adaptedLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
    const std::vector<LowRank>& parts, double scale) {
    return linearOf(x, weight, {}, bias, parts, scale);
}

at::Tensor adaptedLinear(const at::Tensor& x, const StoredWeight& weight, const at::Tensor& bias,
    const std::vector<LowRank>& parts, double scale) {
    return linearOf(x, {}, factorOf(weight), bias, parts, scale);
}

at::Tensor weightedCrossEntropy(const at::Tensor& hidden, const at::Tensor& head, const at::Tensor& targets,
    const at::Tensor& weights, std::int64_t rowsAtATime, const std::function<void()>& between) {
    const at::Tensor rows = asAutocastWants(hidden), matrix = asAutocastWants(head);
    const WithoutAutocast guard(hidden.device().type());
    const bool isOn = c10::GradMode::is_enabled();
    auto factor = c10::make_intrusive<Factor>();
    factor->tensor = matrix.detach();
    return WeightedCrossEntropy::apply(rows, whenDefined(matrix), factor, targets, whenDefined(weights),
        std::max<std::int64_t>(rowsAtATime, 1), isOn && rows.requires_grad(), isOn && matrix.requires_grad(), between);
}

at::Tensor weightedCrossEntropy(const at::Tensor& hidden, const StoredWeight& head, const at::Tensor& targets,
    const at::Tensor& weights, std::int64_t rowsAtATime, const std::function<void()>& between) {
    const at::Tensor rows = asAutocastWants(hidden);
    const WithoutAutocast guard(hidden.device().type());
    return WeightedCrossEntropy::apply(rows, std::optional<at::Tensor>(), factorOf(head), targets, whenDefined(weights),
        std::max<std::int64_t>(rowsAtATime, 1), c10::GradMode::is_enabled() && rows.requires_grad(), false, between);
}

at::Tensor rowLosses(
    const at::Tensor& hidden, const at::Tensor& head, const at::Tensor& targets, std::int64_t rowsAtATime) {
    const at::Tensor rows = asAutocastWants(hidden), matrix = asAutocastWants(head);
    const WithoutAutocast guard(hidden.device().type());
    const bool isOn = c10::GradMode::is_enabled();
    return RowLosses::apply(rows, matrix, targets, std::max<std::int64_t>(rowsAtATime, 1), isOn && rows.requires_grad(),
        isOn && matrix.requires_grad());
}

at::Tensor recomputed(const at::Tensor& x, std::function<at::Tensor(const at::Tensor&)> block) {
    if (!c10::GradMode::is_enabled()) return block(x);
    auto again = c10::make_intrusive<Again>();
    again->block = std::move(block);
    const at::Tensor spark = at::zeros({0}, x.options()).set_requires_grad(true);
    return Recomputed::apply(x, spark, again);
}

}  // namespace dubito::nn
