// Making a project file, and deciding whether a stranger's file may be opened as one.
#pragma once

#include "store/database.h"

namespace dubito::store {

inline constexpr std::int64_t kApplicationId = 0x44424954;  ///< "DBIT"
inline constexpr std::int64_t kSchemaVersion = 1;

/// Empty schema 1 in a new file. @error WrongState when the file exists, Io
Result<void> createProject(const fs::path& path, std::string_view title);

/// Application id, version and the exact text of every table; foreign triggers, views and virtual tables are refused.
/// @error CorruptData (no project), Unsupported (newer), Refused (schema altered)
Result<void> checkProject(Database& database, const fs::path& path);

/// Opens read-only and checks.
Result<std::unique_ptr<Database>> openReadOnly(const fs::path& path);

}  // namespace dubito::store
