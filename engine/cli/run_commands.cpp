// run, submit, resume, demo.
#include <fmt/format.h>

#include <algorithm>

#include "cli/waiting.h"
#include "host/strikes.h"
#include "run/param_schema.h"
#include "store/opener.h"

namespace dubito::cli {
namespace {

struct RunArguments {
    std::string file, plugin, title, device;
    std::vector<std::string> specs, sets;
    std::int64_t seed = -1, threads = 0;
};

using Drafts = std::vector<std::pair<run::RunDraft, run::PluginDescription>>;

Result<std::vector<run::RunDraft>> namedDrafts(const RunArguments& arguments) {
    std::vector<run::RunDraft> drafts;
    for (const auto& path : arguments.specs) {
        DUBITO_TRY(const std::string text, readFile(path, run::kMostSpecBytes));
        auto draft = run::draftFromJson(text);
        if (!draft) return std::move(draft).error().in("reading " + path);
        if (draft->title.empty()) draft->title = fs::path(path).stem().string();
        drafts.push_back(std::move(*draft));
    }
    if (!arguments.plugin.empty()) {
        run::RunDraft draft;
        draft.pluginId = arguments.plugin;
        drafts.push_back(std::move(draft));
    }
    if (drafts.empty()) return Error(Code::InvalidArgument, "name a spec file or a plugin (--plugin ID)");
    return drafts;
}

Result<void> applyArguments(const RunArguments& arguments, const run::PluginDescription& plugin, run::RunDraft& draft) {
    const Json before = draft.parameters;
    for (const auto& set : arguments.sets) {
        const auto equals = set.find('=');
        if (equals == std::string::npos) return Error(Code::InvalidArgument, "--set takes KEY=VALUE, not " + set);
        DUBITO_CHECK(
            run::setByPath(plugin.parameters, draft.parameters, set.substr(0, equals), set.substr(equals + 1)));
    }
    run::freeChangedInputs(draft, before, plugin);
    if (arguments.seed >= 0) draft.seed = arguments.seed;
    if (arguments.threads > 0) draft.threads = arguments.threads;
    if (!arguments.device.empty()) draft.device = arguments.device;
    if (!arguments.title.empty()) draft.title = arguments.title;
    return {};
}

Result<Drafts> draftsFrom(const RunArguments& arguments, const host::Catalogue& catalogue) {
    DUBITO_TRY(auto drafts, namedDrafts(arguments));
    Drafts out;
    for (auto& draft : drafts) {
        DUBITO_TRY(run::PluginDescription plugin, catalogue.find(draft.pluginId, draft.pluginVersion));
        if (host::isDisabled(plugin.id, plugin.version))
            return Error(Code::Refused,
                fmt::format("{} {} is disabled after three crashes; 'dubito plugins enable {}' enables it", plugin.id,
                    plugin.version, plugin.id));
        DUBITO_CHECK(applyArguments(arguments, plugin, draft));
        out.emplace_back(std::move(draft), std::move(plugin));
    }
    return out;
}

Result<void> resumeAll(Context& context, const std::string& file, const std::vector<std::string>& names) {
    Waiting waiting;
    DUBITO_TRY(auto service, run::RunService::open(file, waiting.options()));
    catchInterrupts();
    std::vector<std::int64_t> runs;
    for (const auto& name : names) {
        std::int64_t runNo = 0;
        DUBITO_CHECK(service->call([&](store::ProjectWriter& writer) -> Result<void> {
            DUBITO_TRY(const store::RunRow row, store::resolveRun(writer.database(), name));
            runNo = row.runNo;
            return {};
        }));
        DUBITO_CHECK(service->resume(runNo));
        runs.push_back(runNo);
    }
    DUBITO_TRY(context.exitCode, waiting.waitFor(*service, runs, context.quiet));
    return {};
}

/// A plugin that crashed gets a strike; one that finished loses them.
void noteHealth(const run::RunEvent& state, const run::PluginDescription& plugin) {
    Result<void> noted;
    if (state.state == run::RunState::Failed && host::isPluginCrash(state.text))
        noted = host::noteCrash(plugin.id, plugin.version);
    if (state.state == run::RunState::Done) noted = host::noteFinished(plugin.id, plugin.version);
    if (!noted) say(noted.error().text());
}

Result<void> runAll(Context& context, const RunArguments& arguments, bool wait) {
    DUBITO_TRY(const auto drafts, draftsFrom(arguments, host::Catalogue::scan()));
    Waiting waiting;
    DUBITO_TRY(auto service, run::RunService::open(arguments.file, waiting.options()));
    catchInterrupts();
    std::vector<std::int64_t> runs;
    Table table{{"run", "name", "plugin", "spec"}, {}};
    for (const auto& [draft, plugin] : drafts) {
        DUBITO_TRY(const std::int64_t runNo, service->submit(draft, plugin));
        runs.push_back(runNo);
        std::optional<store::RunRow> row;
        DUBITO_CHECK(service->call([&](store::ProjectWriter& writer) -> Result<void> {
            DUBITO_TRY(row, store::findRun(writer.database(), runNo));
            return {};
        }));
        if (!row) return Error(Code::Internal, "the run that was just added is not there");
        table.rows.push_back({row->id.text(), row->name(), plugin.id, row->specHash.substr(0, 12)});
    }
    if (wait) {
        DUBITO_TRY(context.exitCode, waiting.waitFor(*service, runs, context.quiet));
        for (std::size_t i = 0; i < runs.size(); ++i) noteHealth(waiting.stateOf(runs[i]), drafts[i].second);
    } else {
        waiting.waitForStart(runs);
    }
    return context.print(table);
}

}  // namespace

int fillDemo(const fs::path& project, bool quiet) {
    Context context;
    context.quiet = quiet;
    context.finish([&]() -> Result<void> {
        std::error_code error;
        if (!fs::exists(project, error)) DUBITO_CHECK(store::createProject(project, "Demo"));
        DUBITO_TRY(auto db, store::openReadOnly(project));
        DUBITO_TRY(const auto runs, store::queryCounter(*db, "run"));
        db.reset();
        if (runs > 0) {
            if (!quiet) say(fmt::format("the project holds {} runs already; nothing was added", runs));
            return {};
        }
        RunArguments arguments;
        arguments.file = project.string();
        for (const fs::path& folder :
            {programFolder() / "../share/dubito/projects", fs::path(DUBITO_SOURCE_DIR) / "projects"})
            if (fs::exists(folder / "demo.json", error)) {
                DUBITO_TRY(const std::string text, readFile(folder / "demo.json", 1 << 20));
                DUBITO_TRY(const Json demo, parseJson(text));
                for (const Json& name : memberOf(demo, "specs"))
                    if (name.is_string()) arguments.specs.push_back((folder / name.get<std::string>()).string());
                break;
            }
        if (arguments.specs.empty())
            return Error(Code::NotFound, "demo.json is neither installed nor in the source tree");
        if (!quiet) say(fmt::format("filling the demo project with {} runs", arguments.specs.size()));
        return runAll(context, arguments, true);
    }());
    return context.exitCode;
}

void addRunCommands(CLI::App& app, Context& context) {
    static RunArguments arguments;
    for (const bool wait : {true, false}) {
        auto* verb = addVerb(app, context, wait ? "run" : "submit");
        verb->add_option("file", arguments.file)->required();
        verb->add_option("spec", arguments.specs);
        verb->add_option("--plugin", arguments.plugin, "plugin id, or folder of one");
        verb->add_option("--set", arguments.sets, "KEY=VALUE, repeatable")->take_all();
        verb->add_option("--seed", arguments.seed);
        verb->add_option("--threads", arguments.threads);
        verb->add_option("--device", arguments.device, "cpu, cuda or auto");
        verb->add_option("--title", arguments.title);
        verb->callback([&context, wait] { context.finish(runAll(context, arguments, wait)); });
    }
    static std::string demoFile = "demo.dubito";
    auto* verb = addVerb(app, context, "demo");
    verb->add_option("file", demoFile);
    verb->callback([&context] { context.exitCode = fillDemo(demoFile, context.quiet); });

    static std::string file;
    static std::vector<std::string> runs;
    verb = addVerb(app, context, "resume");
    verb->add_option("file", file)->required();
    verb->add_option("run", runs)->required();
    verb->callback([&context] { context.finish(resumeAll(context, file, runs)); });
}

}  // namespace dubito::cli
