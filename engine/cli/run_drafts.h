// What stands behind `dubito run FILE`: spec files and plugins, with the settings that go for all of them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "host/catalogue.h"
#include "run/run_spec.h"

namespace dubito::cli {

struct RunOptions {
    std::string file;
    std::vector<std::string> what;  ///< a spec where a file of that name is or it ends in .json, else a plugin
    std::string plugin;             ///< another way to name one
    std::string title, device;
    std::vector<std::string> sets;  ///< KEY=VALUE
    std::int64_t seed = -1, threads = 0;
};

using Drafts = std::vector<std::pair<run::RunDraft, run::PluginDescription>>;

/// One draft a spec and a plugin, in the order given, their parameters checked; nothing is made on disk. Warnings and
/// notes go to stderr. @error InvalidArgument, InvalidParameters, NotFound, Refused (the plugin is disabled)
Result<Drafts> draftsFrom(const RunOptions& options, const host::Catalogue& catalogue);

}  // namespace dubito::cli
