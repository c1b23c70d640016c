// The function of the feed-forward part's gate, by the names that configurations give it.
#pragma once

#include <optional>
#include <string_view>

namespace dubito::lm {

/// Gelu by the error function; GeluTanh by its usual approximation; QuickGelu is x sigmoid(1.702 x).
enum class GateFunction { Silu, Gelu, GeluTanh, QuickGelu, Relu, ReluSquared };

/// Any name under which transformers knows one of them; empty: another function.
std::optional<GateFunction> gateFunctionFrom(std::string_view name);
/// The name to write.
const char* gateFunctionName(GateFunction function);

}  // namespace dubito::lm
