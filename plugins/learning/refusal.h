// Errors of the engine as refusals of a plugin.
#pragma once

#include <dubito/plugin.hpp>

#include <type_traits>
#include <utility>

#include "base/result.h"

namespace dubito::learning {

/// @throws sdk::Refusal with the error's code and sentence
[[noreturn]] inline void refuse(const Error& error) {
    throw sdk::Refusal(static_cast<dubito_status>(error.code()), error.text());
}
/// The value. @throws sdk::Refusal with the error's code and sentence
template <class T>
T orRefuse(Result<T> result) {
    if (!result) refuse(result.error());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace dubito::learning
