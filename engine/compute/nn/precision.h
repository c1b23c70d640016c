// In which type a run computes: the parameter compute.precision, shown on the run.
#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

#include "base/result.h"
#include "device.h"

namespace dubito::nn {

/// Fp32: all of it. Bf16: parameters stay fp32, products run in bfloat16 (autocast). Bf16Weights: parameters are
/// bfloat16 too; what is trained has fp32 masters in the optimiser, which the update goes to.
enum class Precision : std::uint8_t { Fp32, Bf16, Bf16Weights };

/// "fp32", "bf16", "bf16-weights". @error InvalidArgument
Result<Precision> precisionFrom(std::string_view text);
std::string_view precisionName(Precision precision);
/// What the parameters of a module are kept in.
at::ScalarType weightType(Precision precision);

/// While it lives, LibTorch's operators choose bfloat16 as Bf16 says; nothing for the others. Forward only: leave it
/// before backward().
class PrecisionScope {
public:
    PrecisionScope(Precision precision, compute::Device device);
    ~PrecisionScope();
    PrecisionScope(const PrecisionScope&) = delete;

private:
    c10::DeviceType m_device;
    bool m_isOn;
    bool m_was = false;
    at::ScalarType m_type = at::kFloat;
};

}  // namespace dubito::nn
