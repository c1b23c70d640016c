// Runs of the language-model plugins that the verbs of `models` make: found by role, kept in a project of their own, so
// that every result has a spec.
#pragma once

#include "cli/commands.h"
#include "cli/settings.h"
#include "run/checkpoint.h"

namespace dubito::cli {

/// What every verb of `models` takes.
struct ModelOptions {
    std::string project;  ///< where the run is kept; empty: the model library's project
    std::int64_t threads = 0;
};

struct ModelRun {
    std::string role;  ///< of the plugin: card, convert, quantise, score
    std::string title;
    std::vector<Setting> settings;  ///< parameters by path, files by their role
};

/// A name in the library, or a path as it is.
std::string modelPath(const std::string& name);
/// The project where the runs are kept, made when it is not there.
Result<fs::path> modelProject(const std::string& asked);
/// Submits and waits; progress on stderr unless `quiet`. @return the run's number; a reader sees what it published
/// @error DeviceUnavailable (no plugin has the role), Internal (the run failed: its reason)
Result<std::int64_t> runAndWait(const fs::path& project, const ModelRun& wanted, std::int64_t threads, bool quiet);
/// The rows of a table that the run published, with these columns in this order; one that it lacks is left out.
Result<Table> publishedRows(
    const fs::path& project, std::int64_t runNo, const std::string& key, const std::vector<std::string>& columns);
/// The newest checkpoint whose hashes hold. @error NotFound
Result<run::CheckpointInfo> newestCheckpoint(store::Database& db, const store::RunRow& row);

/// Each adds its verbs below `models`.
CLI::App* addModelVerb(CLI::App& models, Context& context, const char* name, const char* help, ModelOptions& options);
void addModelMeasures(CLI::App& models, Context& context);
inline constexpr const char* kModelHelp = "a file, a folder, or a name in the library ('dubito models list')";

}  // namespace dubito::cli
