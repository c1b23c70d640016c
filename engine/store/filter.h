// The one-line filter of the run table: "system = odm and params.lr < 1e-3 and eval/return_mean.max > 1000".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace dubito::store {

/// The word for a state's number in the project: "queued", ... "cancelled"; "?" for others.
std::string_view stateText(int state);

using FilterValue = std::variant<std::int64_t, double, std::string>;

/// The fields that are no parameter and no metric.
std::vector<std::string_view> filterFields();

/// A filter as a SQL condition over `run r`, `run_user u` and `plugin p`, with its values to bind, in order.
struct FilterSql {
    std::string condition;
    std::vector<FilterValue> values;
};

/// Fields: system, state, name (or title), plugin, seed, id, star, tag, note, params.NAME,
/// METRIC[.last|.min|.max|.mean].
/// Operators: = != < <= > >= and ~ (contains; letters of any case; no character is wild); and, or, not, parentheses.
/// A field has a type and the value is read as that type, quoted or not: name = 42 finds the title "42".
/// A run has any number of tags: tag != x means that none of them is x.
/// @error InvalidArgument with the position
Result<FilterSql> parseFilter(std::string_view text);

}  // namespace dubito::store
