// Registration order is LibTorch's own; only what stands there twice is left out.
#include "nn/module.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "nn/row_kernels.h"
#include "torch_bridge.h"

namespace dubito::nn {

std::vector<NamedTensor> parametersOf(const torch::nn::Module& module) {
    std::vector<NamedTensor> out;
    std::set<const void*> seen;
    for (const auto& one : module.named_parameters(true))
        if (one.value().defined() && seen.insert(one.value().unsafeGetTensorImpl()).second)
            out.push_back({one.key(), one.value()});
    return out;
}

std::vector<NamedTensor> trainedOf(const torch::nn::Module& module) {
    std::vector<NamedTensor> out;
    for (NamedTensor& one : parametersOf(module))
        if (one.value.requires_grad()) out.push_back(std::move(one));
    return out;
}

ParameterCount countOf(const torch::nn::Module& module) {
    ParameterCount out;
    for (const NamedTensor& one : parametersOf(module)) {
        out.all += one.value.numel();
        out.trained += one.value.requires_grad() ? one.value.numel() : 0;
        out.bytes += one.value.nbytes();
    }
    return out;
}

bool fits(std::string_view name, std::string_view pattern) {
    // Where the text after the last star began, and how much of the name that star has taken.
    std::size_t n = 0, p = 0, star = std::string_view::npos, taken = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = ++p;
            taken = n;
        } else if (p < pattern.size() && pattern[p] == name[n]) {
            ++p, ++n;
        } else if (star != std::string_view::npos) {
            p = star;
            n = ++taken;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

Result<std::int64_t> trainOnly(torch::nn::Module& module, const std::vector<std::string>& patterns) {
    std::vector<bool> used(patterns.size());
    std::int64_t trained = 0;
    std::vector<std::pair<torch::Tensor, bool>> wanted;
    for (const NamedTensor& one : parametersOf(module)) {
        bool isTrained = false;
        for (std::size_t i = 0; i < patterns.size(); ++i)
            if (fits(one.name, patterns[i])) used[i] = isTrained = true;
        wanted.emplace_back(one.value, isTrained);
        trained += isTrained;
    }
    for (std::size_t i = 0; i < patterns.size(); ++i)
        if (!used[i]) return Error(Code::NotFound, fmt::format("no parameter fits \"{}\"", patterns[i]));
    for (auto& [tensor, isTrained] : wanted) tensor.set_requires_grad(isTrained);
    return trained;
}

torch::Device torchDevice(compute::Device device) {
    if (!device.isCuda()) return torch::Device(torch::kCPU);
    return torch::Device(torch::kCUDA, static_cast<torch::DeviceIndex>(device.index));
}

Result<void> moveTo(torch::nn::Module& module, compute::Device device, torch::Dtype type) {
    std::uint64_t wanted = 0;
    for (const NamedTensor& one : parametersOf(module))
        wanted += static_cast<std::uint64_t>(one.value.numel()) * c10::elementSize(type);
    DUBITO_TRY(const compute::DeviceFacts facts, compute::factsOf(device));
    if (device.isCuda() && facts.freeBytes && wanted > facts.freeBytes)
        return compute::doesNotFit(
            device, wanted, facts.freeBytes, "bf16 halves what fp32 needs, a smaller model needs less");
    return compute::caught([&] { module.to(torchDevice(device), type); });
}

namespace {

/// Pieces of fixed length, so that the sum does not depend on the number of threads.
double squaresOf(const torch::Tensor& x) {
    constexpr std::int64_t kPiece = 1 << 16;
    const std::int64_t n = x.numel(), pieces = (n + kPiece - 1) / kPiece;
    std::vector<double> sums(static_cast<std::size_t>(pieces));
    at::parallel_for(0, pieces, 1, [&](std::int64_t first, std::int64_t end) {
        for (std::int64_t i = first; i < end; ++i) {
            const std::int64_t from = i * kPiece, count = std::min(kPiece, n - from);
            sums[static_cast<std::size_t>(i)] = x.scalar_type() == at::kDouble
                                                    ? sumOfSquares(x.const_data_ptr<double>() + from, count)
                                                    : sumOfSquares(x.const_data_ptr<float>() + from, count);
        }
    });
    double sum = 0;
    for (const double one : sums) sum += one;
    return sum;
}

}  // namespace

double normOf(const std::vector<torch::Tensor>& tensors) {
    double sum = 0;
    std::vector<torch::Tensor> elsewhere;  // norms on a device, fetched together
    for (const torch::Tensor& one : tensors) {
        if (!one.defined()) continue;
        const torch::Tensor plain = one.detach();
        const bool isWide = plain.scalar_type() == at::kFloat || plain.scalar_type() == at::kDouble;
        if (plain.device().is_cpu() && plain.is_contiguous() && isWide) sum += squaresOf(plain);
        else
            elsewhere.push_back(
                at::linalg_vector_norm(plain, 2, std::nullopt, false, isWide ? plain.scalar_type() : at::kFloat));
    }
    if (!elsewhere.empty()) sum += at::stack(elsewhere).to(at::kCPU, at::kDouble).square().sum().item<double>();
    return std::sqrt(sum);
}

}  // namespace dubito::nn
