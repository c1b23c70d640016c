// cancel, send, watch: verbs about runs that somebody else may own, or nobody.
#include <fmt/format.h>
#include <signal.h>

#include <thread>

#include "cli/waiting.h"
#include "run/control.h"
#include "run/origin.h"
#include "store/opener.h"

namespace dubito::cli {
namespace {

struct Named {
    store::RunRow row;
    int attempt = 1;
    run::JobDir job;
    bool isFinal() const { return run::isFinal(static_cast<run::RunState>(row.state)); }
};

/// The run and where it is computed. @error WrongState when it is over, NotFound without a job folder
Result<Named> findLive(store::Database& db, const std::string& name) {
    DUBITO_TRY(const store::RunRow row, store::resolveRun(db, name));
    const auto state = static_cast<run::RunState>(row.state);
    if (run::isFinal(state))
        return Error(Code::WrongState,
            fmt::format("run {} ({}) is {} already; nothing listens", row.runNo, row.name(), run::stateName(state)));
    DUBITO_TRY(const auto attempts, store::queryAttempts(db, row.runNo));
    DUBITO_TRY(auto meta, store::queryMeta(db));
    const auto job = attempts.empty() ? std::nullopt : run::ownFolder(meta["project_id"], row, attempts.back().jobDir);
    if (!job) return Error(Code::NotFound, "the run has no job folder among this account's");
    return Named{row, static_cast<int>(attempts.back().attempt), *job};
}

/// The run's commands are for the project it was started from, not for a copy of that file.
Result<void> checkOwn(const Named& named, const std::string& file) {
    const std::string original = run::originalOf(named.row, named.job, fs::path(file));
    if (original.empty()) return {};
    return Error(Code::Refused, fmt::format("run {} belongs to the project that this file was copied from. File: {}",
                                    named.row.name(), original));
}

// --- cancel --------------------------------------------------------------------------------------------------------

struct CancelOptions {
    std::string file;
    std::vector<std::string> runs;
    bool kill = false;
};

/// The mark says that the end was asked for, whoever settles the run; then the worker is told.
Result<void> askForEnd(const Named& named, bool kill) {
    DUBITO_CHECK(named.job.markCancelled(named.attempt, kill));
    const auto claim = named.job.readStatus(named.attempt);
    if (kill) {
        if (claim && run::isAlive(*claim)) run::signalWorker(claim->pid, SIGKILL);
        return {};
    }
    DUBITO_CHECK(run::sendCommand(named.job, "stop", "{}"));
    return {};
}

/// Without an owner nobody would write down how the runs ended: then it is done here.
Result<void> settleWithoutOwner(const CancelOptions& options, const std::vector<std::int64_t>& runs) {
    Waiting waiting;
    auto service = run::RunService::open(options.file, waiting.options());
    if (!service)
        return service.error().code() == Code::Owned ? Result<void>() : Result<void>(std::move(service).error());
    DUBITO_CHECK(waiting.waitFor(**service, runs, true));
    return {};
}

Result<void> cancel(const CancelOptions& options) {
    DUBITO_TRY(auto db, store::openReadOnly(options.file));
    std::vector<std::int64_t> runs;
    for (const auto& name : options.runs) {
        DUBITO_TRY(const Named named, findLive(*db, name));
        DUBITO_CHECK(checkOwn(named, options.file));
        DUBITO_CHECK(askForEnd(named, options.kill));
        runs.push_back(named.row.runNo);
    }
    db.reset();
    return settleWithoutOwner(options, runs);
}

// --- send ----------------------------------------------------------------------------------------------------------

struct SendOptions {
    std::string file, run, verb, json = "{}";
};

Result<void> send(const Context& context, const SendOptions& options) {
    DUBITO_TRY(const Json checked, parseJson(options.json));
    if (!checked.is_object())
        return Error(Code::InvalidArgument,
            fmt::format("the arguments of {} must be a JSON object, as {{\"value\": 0.5}}", options.verb));
    DUBITO_TRY(auto db, store::openReadOnly(options.file));
    DUBITO_TRY(const Named named, findLive(*db, options.run));
    DUBITO_CHECK(checkOwn(named, options.file));
    DUBITO_TRY(const auto sequence, run::sendCommand(named.job, options.verb, options.json));
    return context.print({{"command", "sequence"}, {{options.verb, static_cast<std::int64_t>(sequence)}}});
}

// --- watch ---------------------------------------------------------------------------------------------------------

struct WatchOptions {
    std::string file;
    std::vector<std::string> runs;
};

struct Seen {
    bool allFinal = true;
    int exitCode = 0;
};

/// What the job folder says, where nobody can write it down.
run::RunState stateByFolder(const store::AttemptRow& attempt) {
    const auto facts = run::readFacts(run::JobDir(attempt.jobDir), static_cast<int>(attempt.attempt), 0);
    run::ProcessFate fate;
    if (facts.claim && run::isAlive(*facts.claim)) fate.kind = run::ProcessFate::Kind::Alive;
    return run::decide(std::span(&facts, 1), fate).state;
}

/// One look at the rows. `byFolder`: nobody can write the project, so the job folders say what became of the runs.
Result<Seen> look(store::Database& db, const std::vector<std::int64_t>& runs, bool byFolder, bool quiet) {
    Seen seen;
    for (const std::int64_t runNo : runs) {
        DUBITO_TRY(const auto found, store::findRun(db, runNo));
        if (!found) return Error(Code::NotFound, fmt::format("run {} was removed meanwhile", runNo));
        const store::RunRow& row = *found;
        auto state = static_cast<run::RunState>(row.state);
        if (!run::isFinal(state)) {
            DUBITO_TRY(const auto attempts, store::queryAttempts(db, row.runNo));
            if (attempts.empty() || attempts.back().jobDir.empty())
                return Error(Code::WrongState,
                    fmt::format("run {} is computed elsewhere; take in its folder again when it is over", row.name()));
            if (byFolder) state = stateByFolder(attempts.back());
        }
        const std::string line = fmt::format(
            "{} {}  {}  {:g}/{:g} {}", row.runNo, row.name(), run::stateName(state), row.done, row.total, row.phase);
        if (!quiet) sayPlain(line);
        seen.allFinal &= run::isFinal(state);
        if (state == run::RunState::Failed) seen.exitCode = 7;
        if (state == run::RunState::Cancelled && seen.exitCode == 0) seen.exitCode = 8;
    }
    return seen;
}

/// Reads while somebody owns the project; when nobody does, takes the runs in itself, so that a watch always ends.
Result<void> watch(Context& context, const WatchOptions& options) {
    DUBITO_TRY(auto db, store::openReadOnly(options.file));
    std::vector<std::int64_t> runs;  // what the names mean now: later runs may be called the same
    for (const auto& name : options.runs) {
        DUBITO_TRY(const store::RunRow row, store::resolveRun(*db, name));
        runs.push_back(row.runNo);
    }
    std::unique_ptr<run::RunService> service;
    bool byFolder = false;
    for (int round = 0;; ++round) {
        DUBITO_TRY(const Seen seen, look(*db, runs, byFolder, context.quiet));
        context.exitCode = seen.exitCode;
        if (seen.allFinal || !isHeard()) return {};  // or nobody looks any more
        if (!service && !byFolder && round % 2 == 0) {
            auto opened = run::RunService::open(options.file, {});
            if (opened) service = std::move(*opened);
            else byFolder = opened.error().code() != Code::Owned;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
}

}  // namespace

void addControlCommands(CLI::App& app, Context& context) {
    static CancelOptions cancelOptions;
    auto* verb = addVerb(app, context, "cancel");
    verb->add_option("file", cancelOptions.file, "the project")->required();
    verb->add_option("run", cancelOptions.runs, kRunHelp)->required();
    verb->add_flag("--kill", cancelOptions.kill, "SIGKILL at once");
    verb->callback([&context] { context.finish(cancel(cancelOptions)); });

    static SendOptions sendOptions;
    verb = addVerb(app, context, "send");
    verb->add_option("file", sendOptions.file, "the project")->required();
    verb->add_option("run", sendOptions.run, kRunHelp)->required();
    verb->add_option("verb", sendOptions.verb, "a command of its plugin; 'dubito plugins show PLUGIN' lists them")
        ->required();
    verb->add_option("json", sendOptions.json, "its arguments, a JSON object; {} when absent");
    verb->callback([&context] { context.finish(send(context, sendOptions)); });

    static WatchOptions watchOptions;
    verb = addVerb(app, context, "watch");
    verb->add_option("file", watchOptions.file, "the project")->required();
    verb->add_option("run", watchOptions.runs, kRunHelp)->required();
    verb->callback([&context] { context.finish(watch(context, watchOptions)); });
}

}  // namespace dubito::cli
