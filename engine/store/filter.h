// The one-line filter of the run table: "system = odm and params.lr < 1e-3 and eval/return_mean.max > 1000".
#pragma once

#include <variant>

#include "base/result.h"
#include "store/database.h"

namespace dubito::store {

/// A filter as a SQL condition over `run r` with its values to bind, in order.
struct FilterSql {
    std::string condition;
    std::vector<std::variant<double, std::string>> values;
};

/// Fields: system, state, name, plugin, seed, id, star, params.NAME, METRIC[.last|.min|.max|.mean]. Operators: = != < <= > >= ~
/// (contains); and, or, not, parentheses. @error InvalidArgument with the position
Result<FilterSql> parseFilter(std::string_view text);

}  // namespace dubito::store
