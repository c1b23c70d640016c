// Arrays of a stored record as JSON and as rows of a table.
#pragma once

#include "cli/output.h"
#include "journal/record.h"

namespace dubito::cli {

inline constexpr std::size_t kMostMetaBytes = 16 << 20;  ///< of a record's meta data, as far as it is shown

/// Values of one array of a block, texts for a text column; numbers that are none are spelled out. Null: of a type that
/// is not shown.
Json valuesOf(const journal::Array& array, std::span<const journal::Array> all);

/// Columns of the same length side by side, a row an element; arrays of another length or rank are left out.
/// @error CorruptData
Result<Table> recordTable(ByteSpan block);

}  // namespace dubito::cli
