// The user's own rows of runs and saved views: what edits change. Each call belongs inside ProjectWriter::edit, whose
// changeset takes it back. [store]
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "store/database.h"

namespace dubito::store {

/// An empty title takes the run's own name away. @error NotFound (no such run)
Result<void> setRunTitle(Database& db, std::int64_t runNo, std::string_view title);
Result<void> setStar(Database& db, const std::vector<std::int64_t>& runNos, bool isStarred);  ///< @error NotFound
/// All of them starred: takes the stars away; else stars them all. @error NotFound
Result<void> toggleStar(Database& db, const std::vector<std::int64_t>& runNos);
/// The one run that others are compared with; it alone, or none when it was that already. @error NotFound
Result<void> toggleBaseline(Database& db, std::int64_t runNo);
/// Into the bin, or out of it with an empty time. @error NotFound
Result<void> setDeleted(Database& db, const std::vector<std::int64_t>& runNos, std::optional<std::int64_t> atUs);
/// What the user writes of the run, Markdown; an empty text takes it away. @error NotFound, Limit (over 64 KiB)
Result<void> setNote(Database& db, std::int64_t runNo, std::string_view text);
/// Tags by name; one that no run has any more is gone.
/// @error NotFound, InvalidArgument (an empty name, or longer than 200 characters)
Result<void> changeTags(Database& db, const std::vector<std::int64_t>& runNos, const std::vector<std::string>& add,
    const std::vector<std::string>& remove);

/// A filter of the run table under a name.
struct SavedView {
    Uuid id;
    std::string title, filter;
};
/// Adds the view, or changes the one with its id. @error InvalidArgument (no title, or longer than 200 characters)
Result<void> putView(Database& db, const SavedView& view);
Result<void> removeView(Database& db, const Uuid& id);  ///< @error NotFound

}  // namespace dubito::store
