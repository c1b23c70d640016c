// What torch::nn::Module lacks: parameters in one fixed order, each once; freezing by name, moving, counting.
#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "device.h"

namespace dubito::nn {

struct NamedTensor {
    std::string name;
    torch::Tensor value;
};

/// Every parameter in order of registration; a tensor that stands under two names (a tied head) is there once, under
/// the first. Checkpoints, optimisers and norms go by this order.
std::vector<NamedTensor> parametersOf(const torch::nn::Module& module);
/// Those of them that are trained.
std::vector<NamedTensor> trainedOf(const torch::nn::Module& module);
struct ParameterCount {
    std::int64_t all = 0, trained = 0;
    std::uint64_t bytes = 0;
};
ParameterCount countOf(const torch::nn::Module& module);

/// Trains the parameters whose names fit one of the patterns ('*' stands for any text) and freezes all others.
/// @return how many are trained  @error NotFound (a pattern that fits no name)
Result<std::int64_t> trainOnly(torch::nn::Module& module, const std::vector<std::string>& patterns);
bool fits(std::string_view name, std::string_view pattern);

torch::Device torchDevice(compute::Device device);
/// Floating-point parameters and buffers take the type; everything moves to the device.
/// @error OutOfMemory (bytes asked for and free)
Result<void> moveTo(torch::nn::Module& module, compute::Device device, torch::Dtype type);

/// Root of the sum of squares of all elements, summed in order in fp64. Undefined tensors count as zero.
double normOf(const std::vector<torch::Tensor>& tensors);

}  // namespace dubito::nn
