// Numbered steps from an older schema to this program's, forward only, each in one transaction.
#pragma once

#include "store/database.h"

namespace dubito::store {

inline constexpr std::int64_t kSchemaVersion = 3;

/// Text of the step that leads to schema `version`; a new project runs all of them. @param version 1..kSchemaVersion
std::string_view schemaStep(std::int64_t version);

/// Name of the copy that is made before the step to `version`: NAME.before-2. Removed at the next clean close.
fs::path safetyCopy(const fs::path& project, std::int64_t version);

/// Twice the project must be free beside it: for the copy, and for the log of the change.
/// @error Io saying how much is missing
Result<void> checkRoom(const fs::path& project, std::uint64_t projectBytes, std::uint64_t freeBytes);

/// Brings a checked project from schema `from` to kSchemaVersion, with a safety copy first; called by its owner only.
/// On failure the file is as it was. @error Io (no room, disk), Refused (a foreign file has the copy's name)
Result<void> migrate(Database& database, const fs::path& project, std::int64_t from);

/// Removes the safety copies of earlier migrations.
void removeSafetyCopies(const fs::path& project);

}  // namespace dubito::store
