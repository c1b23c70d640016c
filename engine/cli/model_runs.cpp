// No plugin's id stands here: whoever has the role does the work, those shipped with the program first.
#include "cli/model_runs.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/headline.h"
#include "cli/waiting.h"
#include "store/opener.h"

namespace dubito::cli {
namespace {

Result<run::PluginDescription> pluginWithRole(const std::string& role) {
    auto found = host::Catalogue::scan().withRole(role);
    if (!found.empty()) return std::move(found.front());
    return Error(Code::DeviceUnavailable,
        fmt::format(
            "no plugin here has the role {}; 'dubito plugins list' shows what was found, 'dubito doctor' why", role));
}

}  // namespace

std::string modelPath(const std::string& name) {
    std::error_code error;
    if (name.empty() || fs::exists(name, error)) return name;
    const fs::path inLibrary = dataHome() / "models" / name;
    return fs::exists(inLibrary, error) ? inLibrary.string() : name;
}

Result<fs::path> modelProject(const std::string& asked) {
    const fs::path project = asked.empty() ? dataHome() / "models.dubito" : fs::path(asked);
    std::error_code error;
    if (!fs::exists(project, error)) {
        DUBITO_CHECK(makeFolders(project.parent_path().empty() ? fs::path(".") : project.parent_path()));
        DUBITO_CHECK(store::createProject(project, "models"));
    }
    return project;
}

Result<std::int64_t> runAndWait(const fs::path& project, const ModelRun& wanted, std::int64_t threads, bool quiet) {
    DUBITO_TRY(const run::PluginDescription plugin, pluginWithRole(wanted.role));
    run::RunDraft draft;
    draft.pluginId = plugin.id;
    draft.title = wanted.title;
    draft.threads = threads;
    DUBITO_TRY(const auto warnings, applySettings(wanted.settings, plugin, draft));
    for (const auto& warning : warnings) say(warning);
    Waiting waiting;
    DUBITO_TRY(auto service, run::RunService::open(project, waiting.options()));
    catchInterrupts();
    DUBITO_TRY(const std::int64_t runNo, service->submit(draft, plugin));
    DUBITO_CHECK(
        waiting.untilFinal(*service, {runNo}, quiet ? std::function<void()>() : progressOf(*service, {runNo})));
    const run::RunEvent ended = waiting.stateOf(runNo);
    if (ended.state != run::RunState::Done)
        return Error(Code::Internal,
            fmt::format("run {} of {} {}: {}. Project: {}", runNo, plugin.shortName(), run::stateName(ended.state),
                ended.text.empty() ? "no reason given" : ended.text, project.string()));
    return runNo;
}

Result<Table> publishedRows(
    const fs::path& project, std::int64_t runNo, const std::string& key, const std::vector<std::string>& columns) {
    DUBITO_TRY(auto db, store::openReadOnly(project));
    DUBITO_TRY(const Table all, recordRows(*db, runNo, key));
    Table out;
    std::vector<std::size_t> places;
    for (const auto& column : columns) {
        const auto found = std::find(all.columns.begin(), all.columns.end(), column);
        if (found == all.columns.end()) continue;
        out.columns.push_back(column);
        places.push_back(static_cast<std::size_t>(found - all.columns.begin()));
    }
    for (const auto& row : all.rows) {
        auto& line = out.rows.emplace_back();
        for (const std::size_t place : places) line.push_back(row[place]);
    }
    return out;
}

Result<run::CheckpointInfo> newestCheckpoint(store::Database& db, const store::RunRow& row) {
    DUBITO_TRY(const auto attempts, store::queryAttempts(db, row.runNo));
    const auto newest = attempts.empty() ? std::nullopt : run::CheckpointStore(attempts.back().jobDir).newest();
    if (newest) return *newest;
    return Error(Code::NotFound, fmt::format("run {} ({}) has no whole checkpoint. Folder: {}", row.runNo, row.name(),
                                     attempts.empty() ? "none, it never started" : attempts.back().jobDir));
}

CLI::App* addModelVerb(CLI::App& models, Context& context, const char* name, const char* help, ModelOptions& options) {
    auto* verb = models.add_subcommand(name, help);
    verb->add_option(
        "--project", options.project, "where the run is kept; the model library's own project when absent");
    verb->add_option("--threads", options.threads, "cores to use; all when absent");
    addOutput(*verb, context);
    return verb;
}

}  // namespace dubito::cli
