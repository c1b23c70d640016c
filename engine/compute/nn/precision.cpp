// Autocast keeps casts of parameters until the outermost scope ends.
#include "nn/precision.h"

#include <ATen/autocast_mode.h>
#include <fmt/format.h>

namespace dubito::nn {

Result<Precision> precisionFrom(std::string_view text) {
    for (const Precision one : {Precision::Fp32, Precision::Bf16, Precision::Bf16Weights})
        if (precisionName(one) == text) return one;
    return Error(
        Code::InvalidArgument, fmt::format("the precision \"{}\"; fp32, bf16 and bf16-weights are known", text));
}

std::string_view precisionName(Precision precision) {
    switch (precision) {
        case Precision::Fp32: return "fp32";
        case Precision::Bf16: return "bf16";
        case Precision::Bf16Weights: return "bf16-weights";
    }
    return "fp32";
}

at::ScalarType weightType(Precision precision) {
    return precision == Precision::Bf16Weights ? at::kBFloat16 : at::kFloat;
}

PrecisionScope::PrecisionScope(Precision precision, compute::Device device)
    : m_device(device.isCuda() ? c10::DeviceType::CUDA : c10::DeviceType::CPU), m_isOn(precision == Precision::Bf16) {
    if (!m_isOn) return;
    m_was = at::autocast::is_autocast_enabled(m_device);
    m_type = at::autocast::get_autocast_dtype(m_device);
    at::autocast::set_autocast_dtype(m_device, at::kBFloat16);
    at::autocast::set_autocast_enabled(m_device, true);
    at::autocast::increment_nesting();
}

PrecisionScope::~PrecisionScope() {
    if (!m_isOn) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(m_device, m_was);
    at::autocast::set_autocast_dtype(m_device, m_type);
}

}  // namespace dubito::nn
