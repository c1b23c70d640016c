// A stored run as a draft of a new one: with its files where they lie. A spec names them by content and name only.
#pragma once

#include <map>

#include "run/run_spec.h"
#include "store/queries.h"

namespace dubito::run {

struct RepeatableRun {
    RunDraft draft;                             ///< as the spec says; inputs by content
    std::map<std::string, std::string> assets;  ///< role -> path of its newest attempt; empty: nothing is known of it
};
/// [any reader] @error NotFound (no such run), and as draftFromJson
Result<RepeatableRun> repeatableRun(store::Database& db, std::int64_t runNo);

/// Writes paths into the parameters of `draft` that name inputs of `plugin`. A parameter that is empty stays empty: the
/// run took what comes with the program. A file that is no longer there keeps its name: its content is looked for.
void putPaths(RunDraft& draft, const std::map<std::string, std::string>& assets, const PluginDescription& plugin);

}  // namespace dubito::run
