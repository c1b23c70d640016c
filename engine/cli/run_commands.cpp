// run, submit, demo, cancel, send, watch.
#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <thread>

#include "cli/commands.h"
#include "host/strikes.h"
#include "run/control.h"
#include "run/param_schema.h"
#include "run/run_service.h"
#include "store/opener.h"

namespace dubito::cli {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;

struct RunArguments {
    std::string file, plugin, title, device;
    std::vector<std::string> specs, sets;
    std::int64_t seed = -1, threads = 0;
};

Result<std::vector<std::pair<run::RunDraft, run::PluginDescription>>> draftsFrom(const RunArguments& arguments, const host::Catalogue& catalogue) {
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
    std::vector<std::pair<run::RunDraft, run::PluginDescription>> out;
    for (auto& draft : drafts) {
        DUBITO_TRY(run::PluginDescription plugin, catalogue.find(draft.pluginId, draft.pluginVersion));
        if (host::isDisabled(plugin.id, plugin.version)) return Error(Code::Refused, fmt::format("{} {} is disabled after three crashes; 'dubito plugins enable {}' enables it", plugin.id, plugin.version, plugin.id));
        const Json before = draft.parameters;
        for (const auto& set : arguments.sets) {
            const auto equals = set.find('=');
            if (equals == std::string::npos) return Error(Code::InvalidArgument, "--set takes KEY=VALUE, not " + set);
            DUBITO_CHECK(run::setByPath(plugin.parameters, draft.parameters, set.substr(0, equals), set.substr(equals + 1)));
        }
        run::freeChangedInputs(draft, before, plugin);
        if (arguments.seed >= 0) draft.seed = arguments.seed;
        if (arguments.threads > 0) draft.threads = arguments.threads;
        if (!arguments.device.empty()) draft.device = arguments.device;
        if (!arguments.title.empty()) draft.title = arguments.title;
        out.emplace_back(std::move(draft), std::move(plugin));
    }
    return out;
}

/// Waits for the runs, shows progress, notes crashes. @return worst exit code: 0, 7 or 8
int waitFor(run::RunService& service, std::mutex& mutex, std::condition_variable& wake, std::map<std::int64_t, run::RunEvent>& states, const std::vector<std::int64_t>& runs, bool quiet) {
    std::unique_lock lock(mutex);
    bool asked = false;
    for (;;) {
        bool all = true;
        for (const auto runNo : runs) all &= states.contains(runNo) && run::isFinal(states[runNo].state);
        if (all) break;
        wake.wait_for(lock, std::chrono::milliseconds(200));
        if (g_interrupted && !asked) {
            asked = true;
            lock.unlock();
            for (const auto runNo : runs) (void)service.cancel(runNo);
            lock.lock();
        }
    }
    int exitCode = 0;
    for (const auto runNo : runs) {
        const auto& state = states[runNo];
        if (state.state == run::RunState::Failed) {
            exitCode = 7;
            std::fprintf(stderr, "dubito: run %lld failed: %s\n", static_cast<long long>(runNo), state.text.c_str());
        } else if (state.state == run::RunState::Cancelled && exitCode == 0) {
            exitCode = g_interrupted ? 130 : 8;
        } else if (!quiet) {
            std::fprintf(stderr, "dubito: run %lld %s\n", static_cast<long long>(runNo), std::string(run::stateName(state.state)).c_str());
        }
    }
    return exitCode;
}

/// A service whose states can be waited for.
struct Waiting {
    std::mutex mutex;
    std::condition_variable wake;
    std::map<std::int64_t, run::RunEvent> states;
    run::RunService::Options options() {
        run::RunService::Options out;
        out.observer = [this](const run::RunEvent& event) {
            std::lock_guard lock(mutex);
            if (event.kind == run::RunEvent::Kind::State) states[event.runNo] = event;
            if (event.kind == run::RunEvent::Kind::Notice) std::fprintf(stderr, "dubito: %s\n", event.text.c_str());
            wake.notify_all();
        };
        return out;
    }
};

void catchInterrupts() {
    struct sigaction action {};
    action.sa_handler = [](int) { g_interrupted = 1; };
    ::sigaction(SIGINT, &action, nullptr);
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
    context.exitCode = waitFor(*service, waiting.mutex, waiting.wake, waiting.states, runs, context.quiet);
    return {};
}

Result<void> runAll(Context& context, const RunArguments& arguments, bool wait) {
    DUBITO_TRY(const auto drafts, draftsFrom(arguments, host::Catalogue::scan()));
    Waiting waiting;
    auto& [mutex, wake, states] = waiting;
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
        table.rows.push_back({row->id.text(), row->name(), plugin.id, row->specHash.substr(0, 12)});
    }
    if (wait) {
        context.exitCode = waitFor(*service, mutex, wake, states, runs, context.quiet);
        for (std::size_t i = 0; i < runs.size(); ++i) {
            const auto& state = states[runs[i]];
            const auto& plugin = drafts[i].second;
            if (state.state == run::RunState::Failed && host::isPluginCrash(state.text)) (void)host::noteCrash(plugin.id, plugin.version);
            if (state.state == run::RunState::Done) (void)host::noteFinished(plugin.id, plugin.version);
        }
    } else {
        std::unique_lock lock(mutex);
        wake.wait_for(lock, std::chrono::seconds(10), [&, &states = states] {
            return std::all_of(runs.begin(), runs.end(), [&](std::int64_t runNo) { return states.contains(runNo) && states[runNo].state != run::RunState::Queued; });
        });
    }
    return context.print(table);
}

Result<run::JobDir> jobOf(store::Database& db, const std::string& name) {
    DUBITO_TRY(const store::RunRow row, store::resolveRun(db, name));
    if (run::isFinal(static_cast<run::RunState>(row.state))) return Error(Code::WrongState, fmt::format("run {} is {}", row.name(), run::stateName(static_cast<run::RunState>(row.state))));
    DUBITO_TRY(const auto attempts, store::queryAttempts(db, row.runNo));
    if (attempts.empty() || attempts.back().jobDir.empty()) return Error(Code::NotFound, "the run has no job folder on this machine");
    return run::JobDir(attempts.back().jobDir);
}

Result<void> watch(Context& context, const std::string& file, const std::vector<std::string>& names) {
    DUBITO_TRY(auto db, store::openReadOnly(file));
    for (;;) {
        bool all = true;
        for (const auto& name : names) {
            DUBITO_TRY(const store::RunRow row, store::resolveRun(*db, name));
            const auto state = static_cast<run::RunState>(row.state);
            if (!context.quiet) std::fprintf(stderr, "%s  %s  %g/%g %s\n", row.name().c_str(), std::string(run::stateName(state)).c_str(), row.done, row.total, row.phase.c_str());
            all &= run::isFinal(state);
            if (state == run::RunState::Failed) context.exitCode = 7;
            if (state == run::RunState::Cancelled && context.exitCode == 0) context.exitCode = 8;
        }
        if (all) return {};
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
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
            if (!quiet) std::fprintf(stderr, "dubito: the project holds %lld runs already; nothing was added\n", static_cast<long long>(runs));
            return {};
        }
        RunArguments arguments;
        arguments.file = project.string();
        for (const fs::path& folder : {programFolder() / "../share/dubito/projects", fs::path(DUBITO_SOURCE_DIR) / "projects"})
            if (fs::exists(folder / "demo.json", error)) {
                DUBITO_TRY(const std::string text, readFile(folder / "demo.json", 1 << 20));
                DUBITO_TRY(const Json demo, parseJson(text));
                for (const Json& name : memberOf(demo, "specs"))
                    if (name.is_string()) arguments.specs.push_back((folder / name.get<std::string>()).string());
                break;
            }
        if (arguments.specs.empty()) return Error(Code::NotFound, "demo.json is neither installed nor in the source tree");
        if (!quiet) std::fprintf(stderr, "dubito: filling the demo project with %zu runs\n", arguments.specs.size());
        return runAll(context, arguments, true);
    }());
    return context.exitCode;
}

void addRunCommands(CLI::App& app, Context& context) {
    static RunArguments arguments;
    static std::string file, run, verbName, json = "{}";
    static std::vector<std::string> runs;
    static bool kill = false;
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
    auto* verb = addVerb(app, context, "demo");
    static std::string demoFile = "demo.dubito";
    verb->add_option("file", demoFile);
    verb->callback([&] { context.exitCode = fillDemo(demoFile, context.quiet); });
    verb = addVerb(app, context, "cancel");
    verb->add_option("file", file)->required();
    verb->add_option("run", runs)->required();
    verb->add_flag("--kill", kill, "SIGKILL at once");
    verb->callback([&] {
        context.finish([&]() -> Result<void> {
            DUBITO_TRY(auto db, store::openReadOnly(file));
            for (const auto& name : runs) {
                DUBITO_TRY(const run::JobDir job, jobOf(*db, name));
                DUBITO_TRY(const auto sequence, run::sendCommand(job, "stop", "{}"));
                (void)sequence;
                if (kill) {
                    DUBITO_TRY(const auto status, job.readStatus(1));
                    if (run::processStartTicks(status.pid) == status.startTicks) ::kill(static_cast<pid_t>(status.pid), SIGKILL);
                }
            }
            return {};
        }());
    });
    verb = addVerb(app, context, "resume");
    verb->add_option("file", file)->required();
    verb->add_option("run", runs)->required();
    verb->callback([&] { context.finish(resumeAll(context, file, runs)); });
    verb = addVerb(app, context, "send");
    verb->add_option("file", file)->required();
    verb->add_option("run", run)->required();
    verb->add_option("verb", verbName)->required();
    verb->add_option("json", json);
    verb->callback([&] {
        context.finish([&]() -> Result<void> {
            DUBITO_TRY(const Json checked, parseJson(json));
            if (!checked.is_object()) return Error(Code::InvalidArgument, "the arguments must be a JSON object");
            DUBITO_TRY(auto db, store::openReadOnly(file));
            DUBITO_TRY(const run::JobDir job, jobOf(*db, run));
            DUBITO_TRY(const auto sequence, run::sendCommand(job, verbName, json));
            return context.print({{"command", "sequence"}, {{verbName, static_cast<std::int64_t>(sequence)}}});
        }());
    });
    verb = addVerb(app, context, "watch");
    verb->add_option("file", file)->required();
    verb->add_option("run", runs)->required();
    verb->callback([&] { context.finish(watch(context, file, runs)); });
}

}  // namespace dubito::cli
