// Row-wise functions: one read of the inputs forward, one backward.
#include "nn/functions.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "nn/row_kernels.h"

namespace dubito::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

bool hasKernels(const at::Tensor& x, Route route) {
    return route == Route::Auto && x.device().is_cpu() &&
           (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble);
}

/// Calls code(T{}) with the element type of the tensor.
template <class Code>
void withType(const at::Tensor& x, Code&& code) {
    if (x.scalar_type() == at::kDouble) code(double{});
    else code(float{});
}

constexpr std::int64_t kGrain = 8;  ///< rows a thread takes at least

/// Rows [first, end) by threads; each row is one thread's own, so bits do not depend on how many there are.
template <class Code>
void overRows(std::int64_t rows, Code&& code) {
    at::parallel_for(0, rows, kGrain, [&](std::int64_t first, std::int64_t end) {
        for (std::int64_t row = first; row < end; ++row) code(row);
    });
}

struct RmsNorm : Function<RmsNorm> {
    static at::Tensor forward(AutogradContext* ctx, const at::Tensor& given, const at::Tensor& weight, double epsilon) {
        const at::Tensor x = given.contiguous(), w = weight.contiguous();
        const std::int64_t width = x.size(-1), rows = x.numel() / std::max<std::int64_t>(width, 1);
        at::Tensor out = at::empty_like(x), factors = at::empty({rows}, x.options());
        withType(x, [&](auto t) {
            using T = decltype(t);
            const T *from = x.const_data_ptr<T>(), *by = w.const_data_ptr<T>();
            T *to = out.mutable_data_ptr<T>(), *factor = factors.mutable_data_ptr<T>();
            overRows(rows, [&](std::int64_t i) {
                factor[i] = rmsForward(from + i * width, by, static_cast<T>(epsilon), width, to + i * width);
            });
        });
        ctx->save_for_backward({x, w, factors});
        ctx->saved_data["trained"] = weight.requires_grad();
        return out;
    }
    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        const variable_list saved = ctx->get_saved_variables();
        const at::Tensor &x = saved[0], &w = saved[1], &factors = saved[2], dy = gradients[0].contiguous();
        const bool isTrained = ctx->saved_data["trained"].toBool();
        const std::int64_t width = x.size(-1), rows = factors.numel();
        at::Tensor dx = at::empty_like(x), dWeight = isTrained ? at::zeros_like(w) : at::Tensor();
        withType(x, [&](auto t) {
            using T = decltype(t);
            const T *from = x.const_data_ptr<T>(), *by = w.const_data_ptr<T>(), *d = dy.const_data_ptr<T>(),
                    *factor = factors.const_data_ptr<T>();
            T *to = dx.mutable_data_ptr<T>(), *sum = isTrained ? dWeight.mutable_data_ptr<T>() : nullptr;
            const auto row = [&](std::int64_t i) {
                rmsBackward(from + i * width, by, d + i * width, factor[i], width, to + i * width, sum);
            };
            // The weight's gradient is summed in the order of rows.
            if (!isTrained) return overRows(rows, row);
            for (std::int64_t i = 0; i < rows; ++i) row(i);
        });
        return {dx, dWeight, at::Tensor()};
    }
};

struct SwiGlu : Function<SwiGlu> {
    static at::Tensor forward(AutogradContext* ctx, const at::Tensor& given) {
        const at::Tensor x = given.contiguous();
        const std::int64_t inner = x.size(-1) / 2, rows = x.numel() / std::max<std::int64_t>(2 * inner, 1);
        std::vector<std::int64_t> shape = x.sizes().vec();
        shape.back() = inner;
        at::Tensor out = at::empty(shape, x.options());
        withType(x, [&](auto t) {
            using T = decltype(t);
            const T* from = x.const_data_ptr<T>();
            T* to = out.mutable_data_ptr<T>();
            overRows(rows, [&](std::int64_t i) {
                const T* gate = from + i * 2 * inner;
                swiGluForward(gate, gate + inner, inner, to + i * inner);
            });
        });
        ctx->save_for_backward({x});
        return out;
    }
    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        const at::Tensor x = ctx->get_saved_variables()[0], dy = gradients[0].contiguous();
        const std::int64_t inner = x.size(-1) / 2, rows = x.numel() / std::max<std::int64_t>(2 * inner, 1);
        at::Tensor dx = at::empty_like(x);
        withType(x, [&](auto t) {
            using T = decltype(t);
            const T *from = x.const_data_ptr<T>(), *d = dy.const_data_ptr<T>();
            T* to = dx.mutable_data_ptr<T>();
            overRows(rows, [&](std::int64_t i) {
                const T* gate = from + i * 2 * inner;
                T* dGate = to + i * 2 * inner;
                swiGluBackward(gate, gate + inner, d + i * inner, inner, dGate, dGate + inner);
            });
        });
        return {dx};
    }
};

/// Rotation and its transpose are the same loop with the angle's sign turned.
at::Tensor turnedHeads(
    const at::Tensor& given, const at::Tensor& cosines, const at::Tensor& sines, std::int64_t turned, bool isBack) {
    const at::Tensor x = given.contiguous(), c = cosines.contiguous(), s = sines.contiguous();
    const std::int64_t length = x.size(1), heads = x.size(2), d = x.size(3), rows = x.size(0) * length;
    at::Tensor out = at::empty_like(x);
    withType(x, [&](auto t) {
        using T = decltype(t);
        const T *from = x.const_data_ptr<T>(), *cosine = c.const_data_ptr<T>(), *sine = s.const_data_ptr<T>();
        T* to = out.mutable_data_ptr<T>();
        overRows(rows, [&](std::int64_t i) {
            const std::int64_t at = i % length * (d / 2), base = i * heads * d;
            for (std::int64_t head = 0; head < turned; ++head)
                turn(from + base + head * d, cosine + at, sine + at, d, isBack, to + base + head * d);
            std::copy(from + base + turned * d, from + base + heads * d, to + base + turned * d);
        });
    });
    return out;
}

struct Rotate : Function<Rotate> {
    static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& cosines,
        const at::Tensor& sines, std::int64_t turned) {
        ctx->save_for_backward({cosines, sines});
        ctx->saved_data["turned"] = turned;
        return turnedHeads(x, cosines, sines, turned, false);
    }
    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        const variable_list saved = ctx->get_saved_variables();
        return {turnedHeads(gradients[0], saved[0], saved[1], ctx->saved_data["turned"].toInt(), true), at::Tensor(),
            at::Tensor(), at::Tensor()};
    }
};

}  // namespace

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon, Route route) {
    if (hasKernels(x, route) && weight.scalar_type() == x.scalar_type()) return RmsNorm::apply(x, weight, epsilon);
    const at::Tensor wide = x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
    return (wide * at::rsqrt((wide * wide).mean(-1, true) + epsilon)).to(x.scalar_type()) * weight.to(x.scalar_type());
}

at::Tensor swiGlu(const at::Tensor& gateUp, Route route) {
    if (hasKernels(gateUp, route)) return SwiGlu::apply(gateUp);
    const std::int64_t inner = gateUp.size(-1) / 2;
    return at::silu(gateUp.narrow(-1, 0, inner)) * gateUp.narrow(-1, inner, inner);
}

at::Tensor rotate(
    const at::Tensor& x, const at::Tensor& cosines, const at::Tensor& sines, std::int64_t turned, Route route) {
    const at::Tensor c = cosines.to(x.scalar_type()), s = sines.to(x.scalar_type());
    if (hasKernels(x, route)) return Rotate::apply(x, c, s, turned);
    const std::int64_t half = x.size(3) / 2;
    const at::Tensor own = x.narrow(2, 0, turned), a = own.narrow(3, 0, half), b = own.narrow(3, half, half),
                     cosine = c.unsqueeze(1), sine = s.unsqueeze(1);
    const at::Tensor result = at::cat({a * cosine - b * sine, b * cosine + a * sine}, 3);
    return turned == x.size(2) ? result : at::cat({result, x.narrow(2, turned, x.size(2) - turned)}, 2);
}

}  // namespace dubito::nn
