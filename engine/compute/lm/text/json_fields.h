// Reading of files whose every field must be known.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "base/json.h"

namespace dubito::lm {

/// @error Unsupported (the field that is in none of the lists)
inline Result<void> checkFields(
    const Json& object, std::string_view where, std::initializer_list<std::string_view> known) {
    if (!object.is_object()) return Error(Code::CorruptData, fmt::format("{} is no object", where));
    for (const auto& [key, value] : object.items())
        if (std::find(known.begin(), known.end(), key) == known.end())
            return Error(Code::Unsupported,
                fmt::format("{} sets \"{:.80}\" to {:.80}, which is not read", where, key, jsonText(value)));
    return {};
}

/// A truth value; the fallback where it is absent or null. @error CorruptData (another type)
inline Result<bool> flagOf(const Json& object, std::string_view key, bool fallback) {
    const Json& value = memberOf(object, key);
    if (value.is_null()) return fallback;
    if (!value.is_boolean()) return Error(Code::CorruptData, fmt::format("\"{}\" is neither true nor false", key));
    return value.get<bool>();
}
/// @error CorruptData (absent, or no text)
inline Result<std::string> textOf(const Json& object, std::string_view key) {
    const Json& value = memberOf(object, key);
    if (!value.is_string()) return Error(Code::CorruptData, fmt::format("\"{}\" is no text", key));
    return value.get<std::string>();
}
/// @error CorruptData (absent, no whole number, out of range)
inline Result<std::int64_t> countOf(const Json& object, std::string_view key, std::int64_t most) {
    const Json& value = memberOf(object, key);
    if (!value.is_number_integer() || value.get<std::int64_t>() < 0 || value.get<std::int64_t>() > most)
        return Error(Code::CorruptData, fmt::format("\"{}\" is no number between 0 and {}", key, most));
    return value.get<std::int64_t>();
}

}  // namespace dubito::lm
