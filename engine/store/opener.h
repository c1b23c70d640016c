// Making a project file, and deciding whether a stranger's file may be opened as one.
#pragma once

#include "store/database.h"
#include "store/migrations.h"

namespace dubito::store {

inline constexpr std::int64_t kApplicationId = 0x44424954;  ///< "DBIT"

/// Empty project of this program's schema in a new file. @error WrongState when the file exists, Io
Result<void> createProject(const fs::path& path, std::string_view title);

/// Application id, version and the exact text of every table of that version. Beyond it only plain tables named x_* and
/// indexes on them are let through: no triggers, views, virtual tables or generated columns.
/// @return the file's schema, 1..kSchemaVersion
/// @error CorruptData (no project), Unsupported (newer), Refused (schema altered), Owned (locked by another program)
Result<std::int64_t> checkProject(Database& database, const fs::path& path);

/// Opens read-only and checks. A project of an older schema is read as it is.
Result<std::unique_ptr<Database>> openReadOnly(const fs::path& path);

/// Everything that the connection sees, as one whole file without a log, closed cleanly. Works while the file of the
/// connection is written, moved or deleted. @error WrongState when `path` exists, Io
Result<void> copyWhole(Database& database, const fs::path& path);

/// The project says that it was not closed cleanly, and its log is gone: it was lost, or lies beside another name. What
/// it held is missing then. @param project canonical, looked at before anybody opens it: opening may leave an empty log
/// @error Refused, with the way out
Result<void> checkLogIsThere(Database& database, const fs::path& project, bool needsLog, std::uint64_t bytesOfLog);

/// Gives up a lost log: reads everything that the file holds and, when that is sound, marks it as closed cleanly.
/// @error Owned, CorruptData naming the first fault, WrongState when no log is missing
Result<void> forgetLog(const fs::path& path);

}  // namespace dubito::store
