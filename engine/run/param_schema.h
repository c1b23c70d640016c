// The JSON Schema subset of plugin parameters: checks the schema itself, fills in defaults, refuses wrong values by
// name.
#pragma once

#include "base/json.h"

namespace dubito::run {

/// Every keyword is known and every default satisfies its own schema. @error InvalidParameters naming the pointer
Result<void> checkSchema(const Json& schema);

/// Fills defaults in and checks types, ranges, lengths, members. Integers given for reals become reals, so that equal
/// configurations hash equally. @error InvalidParameters: "/bias is 1.4; allowed 0 to 1"
Result<Json> applySchema(const Json& schema, const Json& value);

/// Sets a member by dotted path ("model.path"), reading text as the schema's type there. @error InvalidParameters
Result<void> setByPath(const Json& schema, Json& value, std::string_view path, std::string_view text);

/// One editable leaf of a schema, for forms, help and completion.
struct ParameterLeaf {
    std::string path, type, title, description, unit, group;
    Json schema, defaultValue;
    bool advanced = false;
};
std::vector<ParameterLeaf> parameterLeaves(const Json& schema);

/// Adds every default of nested objects, without checking.
Json defaultsOf(const Json& schema);

}  // namespace dubito::run
