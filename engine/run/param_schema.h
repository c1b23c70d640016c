// The JSON Schema subset of plugin parameters: checks the schema itself, fills in defaults, refuses wrong values by
// name.
#pragma once

#include "run/parameter_leaves.h"

namespace dubito::run {

/// Every keyword is known, every default and choice satisfies its own schema, every x-visible-when points to a
/// parameter and asks for values it can have. "$ref" is resolved before (host/references.h).
/// @error InvalidParameters naming the pointer
Result<void> checkSchema(const Json& schema);

/// Fills defaults in and checks types, ranges, lengths, members. Integers given for reals become reals, so that equal
/// configurations hash equally. @error InvalidParameters: "/bias is 1.4; allowed 0 to 1"
Result<Json> applySchema(const Json& schema, const Json& value);

/// Writes `today` ("YYYY-MM-DD") where a text with "x-fill": "today" is empty, so that a run repeats from its spec on
/// another day.
/// @return JSON pointers of what was written
std::vector<std::string> fillIn(const Json& schema, Json& value, std::string_view today);

/// Sets a member by dotted path ("model.path"), reading text as the schema's type there. @error InvalidParameters
Result<void> setByPath(const Json& schema, Json& value, std::string_view path, std::string_view text);

/// Adds every default of nested objects, without checking.
Json defaultsOf(const Json& schema);

}  // namespace dubito::run
