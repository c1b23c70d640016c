// The one place that includes nlohmann/json: parsing without exceptions and the canonical writer of run specs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dubito {

/// Keys keep their order of appearance, so that forms follow the manifest.
using Json = nlohmann::ordered_json;

struct JsonLimits {
    std::size_t maxBytes = 1 << 20;
    int maxDepth = 32;
    bool keepsReals = false;  ///< a number that is no 64-bit integer becomes the text that it is written as
};

/// UTF-8 JSON with unique keys. @error CorruptData with line and column, or Limit.
Result<Json> parseJson(std::string_view text, JsonLimits limits = {});

/// Canonical JSON of a run spec: sorted keys, no white space, reals as shortest scientific ("7e-01"), integers decimal.
/// @error InvalidArgument for NaN, infinity or an integer beyond 2^53-1.
Result<std::string> canonicalJson(const Json& value);

/// Compact text; invalid UTF-8 becomes U+FFFD.
std::string jsonText(const Json& value, int indent = -1);

/// Reads of optional members; the fallback when absent or of another type.
std::string textOr(const Json& object, std::string_view key, std::string fallback);
double numberOr(const Json& object, std::string_view key, double fallback);
std::int64_t integerOr(const Json& object, std::string_view key, std::int64_t fallback);
bool boolOr(const Json& object, std::string_view key, bool fallback);
/// Member by key; a null value when absent or when this is no object.
const Json& memberOf(const Json& object, std::string_view key);

}  // namespace dubito
