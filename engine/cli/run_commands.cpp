// run, submit, resume, demo.
#include <fmt/format.h>

#include <algorithm>

#include "cli/headline.h"
#include "cli/run_drafts.h"
#include "cli/waiting.h"
#include "host/strikes.h"
#include "store/opener.h"

namespace dubito::cli {
namespace {

/// A plugin that crashed gets a strike; one that finished loses them.
void noteHealth(const run::RunEvent& state, const run::PluginDescription& plugin) {
    Result<void> noted;
    if (state.state == run::RunState::Failed && host::isPluginCrash(state.text))
        noted = host::noteCrash(plugin.id, plugin.version);
    if (state.state == run::RunState::Done) noted = host::noteFinished(plugin.id, plugin.version);
    if (!noted) say(noted.error().text());
}

/// Makes the project when its name says that it is one and its folder is there.
/// @error NotFound saying how a project is made
Result<void> makeIfMissing(const std::string& file) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(file, error))) return {};
    const fs::path path(file), folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (path.extension() == ".dubito" && fs::is_directory(folder, error)) {
        DUBITO_CHECK(store::createProject(path, path.stem().string()));
        say("made the project " + file);
        return {};
    }
    if (path.extension() != ".dubito")
        return Error(Code::NotFound,
            fmt::format(
                "there is no such project, and none is made whose name does not end in .dubito; 'dubito new {}' "
                "makes it. File: {}",
                file, file));
    return Error(Code::NotFound, "there is no such project, and no folder to make it in. File: " + file);
}

struct Started {
    std::int64_t runNo = 0;
    const run::PluginDescription* plugin = nullptr;
};

Result<store::RunRow> rowOf(run::RunService& service, std::int64_t runNo) {
    std::optional<store::RunRow> row;
    DUBITO_CHECK(service.call([&](store::ProjectWriter& writer) -> Result<void> {
        DUBITO_TRY(row, store::findRun(writer.database(), runNo));
        return {};
    }));
    if (!row) return Error(Code::Internal, "the run that was just added is not there");
    return *row;
}

Result<std::vector<Finding>> foundBy(
    run::RunService& service, const store::RunRow& row, const run::PluginDescription& plugin) {
    std::vector<Finding> found;
    DUBITO_CHECK(service.call([&](store::ProjectWriter& writer) -> Result<void> {
        DUBITO_TRY(found, findingsOf(writer.database(), row, plugin));
        return {};
    }));
    return found;
}

/// What the runs were for: a heading a run when there are several, then what to type next on stderr.
Result<void> answerPeople(
    const Context& context, run::RunService& service, const std::vector<Started>& runs, const std::string& file) {
    bool isFirst = true;
    for (const Started& one : runs) {
        DUBITO_TRY(const store::RunRow row, rowOf(service, one.runNo));
        const auto state = static_cast<run::RunState>(row.state);
        std::string text;
        if (state != run::RunState::Failed) {
            DUBITO_TRY(const auto findings, foundBy(service, row, *one.plugin));
            text = findingsText(findings);
        }
        if (runs.size() > 1)
            text = fmt::format("{}run {}  {}\n{}", isFirst ? "" : "\n", row.runNo, oneLine(row.name()), text);
        isFirst = false;
        DUBITO_CHECK(writeOut(text));
        if (context.quiet) continue;
        if (text.empty() && state != run::RunState::Failed)
            say(fmt::format("run {} published nothing of what its plugin names as a result", row.runNo));
        for (const auto& command : nextCommands(*one.plugin, row, file)) sayPlain("next: " + command);
    }
    return {};
}

Result<void> answerPrograms(const Context& context, run::RunService& service, const std::vector<Started>& runs) {
    Table table = findingsTable();
    for (const Started& one : runs) {
        DUBITO_TRY(const store::RunRow row, rowOf(service, one.runNo));
        DUBITO_TRY(const auto findings, foundBy(service, row, *one.plugin));
        appendFindings(table, row, findings);
    }
    return context.print(table);
}

Result<void> answer(
    const Context& context, run::RunService& service, const std::vector<Started>& runs, const std::string& file) {
    DUBITO_TRY(const Format format, context.format());
    // A pipe gets the same as a terminal: programs ask for a format.
    const bool isForPeople = context.output.empty() || format == Format::Table;
    return isForPeople ? answerPeople(context, service, runs, file) : answerPrograms(context, service, runs);
}

/// All that can be refused before a run exists, then the project to put it in.
Result<Drafts> prepared(const Context& context, const RunOptions& options) {
    DUBITO_CHECK(context.format());
    DUBITO_TRY(Drafts drafts, draftsFrom(options, host::Catalogue::scan()));
    DUBITO_CHECK(makeIfMissing(options.file));
    return drafts;
}

/// Submits all; one that is refused ends it, and those before it go on.
Result<std::vector<Started>> submitAll(run::RunService& service, const Drafts& drafts) {
    std::vector<Started> runs;
    for (const auto& [draft, plugin] : drafts) {
        DUBITO_TRY(const std::int64_t runNo, service.submit(draft, plugin));
        runs.push_back({runNo, &plugin});
    }
    return runs;
}

std::vector<std::int64_t> numbersOf(const std::vector<Started>& runs) {
    std::vector<std::int64_t> out;
    for (const Started& one : runs) out.push_back(one.runNo);
    return out;
}

// --- run -----------------------------------------------------------------------------------------------------------

Result<void> runAndAnswer(Context& context, const RunOptions& options) {
    DUBITO_TRY(const auto drafts, prepared(context, options));
    Waiting waiting;
    DUBITO_TRY(auto service, run::RunService::open(options.file, waiting.options()));
    catchInterrupts();
    DUBITO_TRY(const auto runs, submitAll(*service, drafts));
    DUBITO_TRY(context.exitCode, waiting.waitFor(*service, numbersOf(runs), context.quiet));
    for (const Started& one : runs) noteHealth(waiting.stateOf(one.runNo), *one.plugin);
    return answer(context, *service, runs, options.file);
}

// --- submit --------------------------------------------------------------------------------------------------------

Result<void> submit(Context& context, const RunOptions& options) {
    DUBITO_TRY(const auto drafts, prepared(context, options));
    Waiting waiting;
    DUBITO_TRY(auto service, run::RunService::open(options.file, waiting.options()));
    catchInterrupts();
    DUBITO_TRY(const auto runs, submitAll(*service, drafts));
    if (service->isQueuePaused()) say("the project's queue is paused; 'dubito queue FILE resume' lets it go on");
    else waiting.waitForStart(numbersOf(runs));
    Table table{{"run", "name", "plugin", "spec", "id"}, {}};
    std::string watched;
    for (const Started& one : runs) {
        DUBITO_TRY(const store::RunRow row, rowOf(*service, one.runNo));
        table.rows.push_back({row.runNo, row.name(), one.plugin->id, row.specHash.substr(0, 12), row.id.text()});
        watched += fmt::format(" {}", row.runNo);
    }
    DUBITO_CHECK(context.print(table));
    if (!context.quiet) sayPlain("next: dubito watch " + shellWord(options.file) + watched);
    return {};
}

// --- resume --------------------------------------------------------------------------------------------------------

struct ResumeOptions {
    std::string file;
    std::vector<std::string> runs;
};

/// The plugin that made the run, as far as it is here: what its headline says then is what was published.
run::PluginDescription pluginOf(const host::Catalogue& catalogue, const store::RunRow& row) {
    if (auto found = catalogue.find(row.pluginId, row.pluginVersion)) return std::move(*found);
    if (auto found = catalogue.find(row.pluginId)) return std::move(*found);
    return {};
}

Result<void> resume(Context& context, const ResumeOptions& options) {
    DUBITO_CHECK(context.format());
    Waiting waiting;
    DUBITO_TRY(auto service, run::RunService::open(options.file, waiting.options()));
    catchInterrupts();
    const host::Catalogue catalogue = host::Catalogue::scan();
    std::vector<std::pair<std::int64_t, run::PluginDescription>> resumed;
    for (const auto& name : options.runs) {
        std::optional<store::RunRow> row;
        DUBITO_CHECK(service->call([&](store::ProjectWriter& writer) -> Result<void> {
            DUBITO_TRY(row, store::resolveRun(writer.database(), name));
            return {};
        }));
        DUBITO_CHECK(service->resume(row->runNo));
        resumed.emplace_back(row->runNo, pluginOf(catalogue, *row));
    }
    std::vector<Started> runs;
    for (const auto& [runNo, plugin] : resumed) runs.push_back({runNo, &plugin});
    DUBITO_TRY(context.exitCode, waiting.waitFor(*service, numbersOf(runs), context.quiet));
    return answer(context, *service, runs, options.file);
}

// --- demo ----------------------------------------------------------------------------------------------------------

/// The specs that demo.json names. @error NotFound, CorruptData
Result<std::vector<std::string>> demoSpecs() {
    const fs::path folder = sharedFolder("projects");
    DUBITO_TRY(const std::string text, readFile(folder / "demo.json", 1 << 20));
    DUBITO_TRY(const Json demo, parseJson(text));
    std::vector<std::string> specs;
    for (const Json& name : memberOf(demo, "specs"))
        if (name.is_string()) specs.push_back((folder / name.get<std::string>()).string());
    if (specs.empty())
        return Error(Code::CorruptData, "demo.json names no spec. File: " + (folder / "demo.json").string());
    return specs;
}

Result<void> demo(Context& context, const fs::path& project) {
    std::error_code error;
    if (!fs::exists(project, error)) DUBITO_CHECK(store::createProject(project, "Demo"));
    DUBITO_TRY(auto db, store::openReadOnly(project));
    DUBITO_TRY(const auto runs, store::queryCounter(*db, "run"));
    db.reset();
    if (runs > 0) {
        if (!context.quiet) say(fmt::format("the project holds {} runs already; nothing was added", runs));
        return {};
    }
    RunOptions options;
    options.file = project.string();
    DUBITO_TRY(options.what, demoSpecs());
    if (!context.quiet) say(fmt::format("filling the demo project with {} runs", options.what.size()));
    return runAndAnswer(context, options);
}

void addDrafting(CLI::App& verb, RunOptions& options) {
    verb.add_option("file", options.file, "the project; made when its name ends in .dubito and its folder is there")
        ->required();
    verb.add_option("what", options.what,
        "what to run, one or several: a plugin (short name, id or folder; see 'dubito plugins list') or a spec file");
    verb.add_option("--plugin", options.plugin, "a plugin, as an option");
    verb.add_option("--set", options.sets,
            "KEY=VALUE, repeatable: a parameter (see 'dubito params PLUGIN') or the role of an input")
        ->take_all()
        ->allow_extra_args(false);
    verb.add_option("--seed", options.seed, "of all random numbers, from 0; 1 when absent")
        ->check(CLI::NonNegativeNumber);
    verb.add_option("--threads", options.threads, "cores to use; all when absent or 0")->check(CLI::NonNegativeNumber);
    verb.add_option("--device", options.device, "cpu, cuda or auto");
    verb.add_option("--title", options.title, "a name for the run");
}

}  // namespace

void addRunCommands(CLI::App& app, Context& context) {
    static RunOptions runOptions;
    auto* verb = addVerb(app, context, "run");
    addDrafting(*verb, runOptions);
    verb->callback([&context] { context.finish(runAndAnswer(context, runOptions)); });

    static RunOptions submitOptions;
    verb = addVerb(app, context, "submit");
    addDrafting(*verb, submitOptions);
    verb->callback([&context] { context.finish(submit(context, submitOptions)); });

    static std::string demoFile = "demo.dubito";
    verb = addVerb(app, context, "demo");
    verb->add_option("file", demoFile, "the project; demo.dubito when absent");
    verb->callback([&context] { context.finish(demo(context, demoFile)); });

    static ResumeOptions resumeOptions;
    verb = addVerb(app, context, "resume");
    verb->add_option("file", resumeOptions.file, "the project")->required();
    verb->add_option("run", resumeOptions.runs, kRunHelp)->required();
    verb->callback([&context] { context.finish(resume(context, resumeOptions)); });
}

}  // namespace dubito::cli
