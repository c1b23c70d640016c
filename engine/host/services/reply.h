// How a service answers: a status, and a sentence in the caller's dubito_error.
#pragma once

#include <dubito/host.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/error.h"

namespace dubito::host {

inline std::string_view view(dubito_str text) {
    return text.data ? std::string_view(text.data, static_cast<std::size_t>(text.bytes)) : std::string_view();
}
inline dubito_str str(std::string_view text) { return {text.data(), text.size()}; }

inline dubito_status refuse(dubito_error* error, dubito_status code, std::string_view message) {
    if (!error || error->struct_bytes < sizeof(dubito_error)) return code;
    error->code = code;
    const std::size_t n = std::min(message.size(), sizeof error->message - 1);
    std::memcpy(error->message, message.data(), n);
    error->message[n] = 0;
    return code;
}

/// Codes below -99 never cross the ABI: what nobody may do in this state is WRONG_STATE there.
inline dubito_status refuse(dubito_error* error, const Error& problem) {
    const auto code = static_cast<dubito_status>(problem.code());
    return refuse(error, code < DUBITO_TIMEOUT ? DUBITO_WRONG_STATE : code, problem.text());
}

}  // namespace dubito::host
