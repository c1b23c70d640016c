// Gradients against central differences, in fp64.
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "stats/counter_rng.h"

namespace dubito::tests {

/// Normal numbers of a named stream, fp64.
inline at::Tensor normals(std::vector<std::int64_t> shape, std::string_view name, double scale = 1) {
    at::Tensor out = at::empty(shape, at::TensorOptions().dtype(at::kDouble));
    stats::CounterRng rng(7, name, 0);
    double* to = out.mutable_data_ptr<double>();
    for (std::int64_t i = 0; i < out.numel(); ++i) to[i] = scale * rng.normal();
    return out;
}

using Function = std::function<at::Tensor(const std::vector<at::Tensor>&)>;

/// Every element of every input is moved by h; a result of many elements is weighed by fixed random numbers first.
/// @return empty, or the first element whose gradient differs
inline std::string gradcheck(
    const Function& function, const std::vector<at::Tensor>& inputs, double tolerance = 1e-6, double h = 1e-5) {
    at::Tensor weigher;
    const auto scalar = [&](const std::vector<at::Tensor>& given) {
        const at::Tensor out = function(given);
        if (out.dim() == 0) return out;
        if (!weigher.defined()) weigher = normals(out.sizes().vec(), "weigher");
        return (out * weigher).sum();
    };
    std::vector<at::Tensor> leaves;
    for (const at::Tensor& one : inputs) leaves.push_back(one.detach().clone().set_requires_grad(true));
    torch::autograd::backward({scalar(leaves)}, {});
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const at::Tensor gradient = leaves[i].grad();
        if (!gradient.defined()) return "input " + std::to_string(i) + " has no gradient";
        const at::Tensor flat = gradient.contiguous();
        for (std::int64_t element = 0; element < inputs[i].numel(); ++element) {
            double side[2];
            for (const int sign : {0, 1}) {
                std::vector<at::Tensor> moved;
                for (const at::Tensor& one : inputs) moved.push_back(one.detach().clone());
                moved[i].mutable_data_ptr<double>()[element] += sign ? h : -h;
                side[sign] = scalar(moved).item<double>();
            }
            const double expected = (side[1] - side[0]) / (2 * h), got = flat.const_data_ptr<double>()[element];
            if (!(std::abs(got - expected) <= tolerance * std::max(1.0, std::abs(expected))))
                return "input " + std::to_string(i) + " element " + std::to_string(element) + ": gradient " +
                       std::to_string(got) + ", differences " + std::to_string(expected);
        }
    }
    return {};
}

}  // namespace dubito::tests
