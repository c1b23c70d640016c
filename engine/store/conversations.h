// Conversations of a project: their list, what was said in them, and the folders a person keeps them in.
#pragma once

#include "store/queries.h"

namespace dubito::store {

struct ConversationRow {
    std::int64_t runNo = 0, createdUs = 0;
    int state = 0;
    bool star = false;
    std::string name;       ///< of the run
    std::string firstTurn;  ///< what a person said first, at most 200 characters; empty: nothing yet
    std::string folder;     ///< title; empty: in none
};
/// Runs of these plugins that talk, outside the bin, newest first; a run that says it did another task is none.
Result<std::vector<ConversationRow>> queryConversations(
    Database& db, const std::vector<std::string>& pluginIds, std::int64_t limit);

struct SaidRow {
    std::int64_t runNo = 0, turn = 0;
    std::string text;  ///< around what was found, at most 160 characters
};
/// Turns that hold `text`, newest first; no character is wild, letters of ASCII in any case.
Result<std::vector<SaidRow>> searchConversations(
    Database& db, const std::vector<std::string>& pluginIds, std::string_view text, std::int64_t limit);

/// Titles of the folders that hold a run, sorted.
Result<std::vector<std::string>> queryFolders(Database& db);
/// Puts the runs into the folder of this title, which is made if need be; empty: takes them out. Folders that hold
/// nothing go. For ProjectWriter::edit. @error NotFound (no such run), InvalidArgument (more than 200 characters)
Result<void> setFolder(Database& db, const std::vector<std::int64_t>& runNos, std::string_view title);

}  // namespace dubito::store
