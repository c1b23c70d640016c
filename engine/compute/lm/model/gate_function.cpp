// Several names stand for one function.
#include "lm/model/gate_function.h"

#include <utility>

namespace dubito::lm {
namespace {

/// The first name of a function is the one written.
constexpr std::pair<std::string_view, GateFunction> kNames[] = {{"silu", GateFunction::Silu},
    {"swish", GateFunction::Silu}, {"gelu", GateFunction::Gelu}, {"gelu_python", GateFunction::Gelu},
    {"gelu_pytorch_tanh", GateFunction::GeluTanh}, {"gelu_new", GateFunction::GeluTanh},
    {"gelu_python_tanh", GateFunction::GeluTanh}, {"gelu_fast", GateFunction::GeluTanh},
    {"gelu_accurate", GateFunction::GeluTanh}, {"quick_gelu", GateFunction::QuickGelu}, {"relu", GateFunction::Relu},
    {"relu2", GateFunction::ReluSquared}};

}  // namespace

std::optional<GateFunction> gateFunctionFrom(std::string_view name) {
    for (const auto& [known, function] : kNames)
        if (name == known) return function;
    return std::nullopt;
}

const char* gateFunctionName(GateFunction function) {
    for (const auto& [known, one] : kNames)
        if (one == function) return known.data();
    return "";
}

}  // namespace dubito::lm
