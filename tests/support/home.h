// A folder with a project and a job home of its own, the command line pointed at both, and what the project says of a
// run of the ledger plugin (support/ledger_plugin). Every `wrong...` returns "" when all is right, else a sentence;
// no Qt, so usable on any thread.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <functional>

#include "run/job_dir.h"
#include "run/run_state.h"
#include "store/opener.h"
#include "store/queries.h"
#include "support/program.h"

namespace dubito::tests {

/// A folder that is gone with its owner.
class Scratch {
public:
    Scratch() {
        std::string name = (fs::temp_directory_path() / "dubito-XXXXXX").string();
        m_path = ::mkdtemp(name.data());
    }
    Scratch(const Scratch&) = delete;
    ~Scratch() {
        std::error_code error;
        fs::remove_all(m_path, error);
    }
    const fs::path& path() const { return m_path; }

private:
    fs::path m_path;
};

class Home {
public:
    /// `project`: folder of the project file; the root when empty.
    explicit Home(fs::path root, const fs::path& project = {}) : m_root(std::move(root)) {
        fs::create_directories(m_root);
        m_file = (project.empty() ? m_root : project) / "p.dubito";
        for (const char* kind : {"DATA", "STATE", "CONFIG", "CACHE"})
            environment[fmt::format("XDG_{}_HOME", kind)] = (m_root / kind).string();
        environment["DUBITO_WORKER"] = DUBITO_BIN "/dubito-worker";
        wait(dubito({"new", file()}));
    }
    Home(const Home&) = delete;
    /// Ends what a failing test left: processes with our folder in their command line.
    ~Home() {
        for (const auto& process : processesNaming(m_root.string())) ::kill(std::atoi(process.c_str()), SIGKILL);
    }

    std::string file() const { return m_file.string(); }
    const fs::path& root() const { return m_root; }
    std::string gate(const std::string& name) const { return (m_root / name).string(); }

    Program dubito(std::vector<std::string> arguments, const Environment& more = {}) const {
        arguments.insert(arguments.begin(), DUBITO_BIN "/dubito");
        Environment all = more;
        all.insert(environment.begin(), environment.end());
        return Program(arguments, all);
    }
    /// `run` or `submit` of the ledger under a title, with parameters "key=value".
    Program ledger(const std::string& verb, const std::string& title, const std::vector<std::string>& set,
        const Environment& more = {}) const {
        std::vector<std::string> arguments{
            verb, file(), "--plugin", DUBITO_LEDGER_PLUGIN, "--title", title, "--threads", "1"};
        for (const auto& one : set) arguments.insert(arguments.end(), {"--set", one});
        return dubito(std::move(arguments), more);
    }
    /// A program of the tests (support/actor.cpp): own FILE [resume|stay], lock FILE GATE, snapshot FILE GATE.
    Program actor(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), DUBITO_ACTOR);
        return Program(arguments, environment);
    }
    /// A worker program in place of the real one: `before` and `after` are shell lines around it.
    void wrapWorker(const std::string& before, const std::string& after) {
        const fs::path script = m_root / "worker.sh";
        std::ofstream(script) << "#!/bin/sh\necho start >> " << gate("starts") << "\n"
                              << before << "\n"
                              << DUBITO_BIN << "/dubito-worker \"$@\"\ncode=$?\n"
                              << after << "\nexit $code\n";
        fs::permissions(script, fs::perms::owner_all);
        environment["DUBITO_WORKER"] = script.string();
    }
    /// A shell line that waits for a file.
    std::string until(const std::string& name) const {
        return "while [ ! -e " + gate(name) + " ]; do sleep 0.05; done";
    }
    int starts() const {
        const std::string lines = contentOf(gate("starts"));
        return static_cast<int>(std::count(lines.begin(), lines.end(), '\n'));
    }

    static Program wait(Program program, int seconds = 120) {
        if (!program.wait(seconds)) program.kill(SIGKILL);
        return program;
    }
    /// The next owner: goes on until every run is final, with `resume` also until the failed and stopped ones are done.
    Program own(const std::string& how = "", int seconds = 120) const {
        std::vector<std::string> arguments{"own", file()};
        if (!how.empty()) arguments.push_back(how);
        return wait(actor(std::move(arguments)), seconds);
    }

    std::optional<store::RunRow> row(const std::string& title) const {
        auto db = store::openReadOnly(m_file);
        if (!db) return {};
        auto found = store::resolveRun(**db, title);
        if (!found) return {};
        return std::move(*found);
    }
    bool isState(const std::string& title, run::RunState state) const {
        const auto found = row(title);
        return found && found->state == static_cast<int>(state);
    }
    bool isFinal(const std::string& title) const {
        const auto found = row(title);
        return found && run::isFinal(static_cast<run::RunState>(found->state));
    }
    /// What a reader sees: "done", "failed (disk): sentence".
    std::string told(const std::string& title) const {
        const auto found = row(title);
        if (!found) return "no run " + title;
        return fmt::format("{} ({}): {}", run::stateName(static_cast<run::RunState>(found->state)),
            run::causeName(static_cast<run::Cause>(found->cause)), found->detail);
    }
    std::vector<store::AttemptRow> attempts(const std::string& title) const {
        auto db = store::openReadOnly(m_file);
        const auto run = row(title);
        if (!db || !run) return {};
        auto all = store::queryAttempts(**db, run->runNo);
        return all ? std::move(*all) : std::vector<store::AttemptRow>();
    }
    fs::path jobDir(const std::string& title) const {
        const auto all = attempts(title);
        return all.empty() ? fs::path() : fs::path(all.back().jobDir);
    }
    std::optional<run::WorkerStatus> status(const std::string& title, int attempt = 1) const {
        auto read = run::JobDir(jobDir(title)).readStatus(attempt);
        return read ? std::optional(*read) : std::nullopt;
    }
    bool hasWorkerEnded(const std::string& title, int attempt = 1) const {
        const auto read = status(title, attempt);
        return read && run::processStartTicks(read->pid) != read->startTicks;
    }
    /// True once the run has taken in `step`.
    bool hasStep(const std::string& title, std::int64_t step) const {
        auto db = store::openReadOnly(m_file);
        const auto run = row(title);
        if (!db || !run) return false;
        const auto range = store::queryStepRange(**db, run->runNo, "ledger/step");
        return range && *range && (*range)->second >= step;
    }
    std::size_t runs() const {
        auto db = store::openReadOnly(m_file);
        if (!db) return 0;
        auto all = store::queryRuns(**db, {});
        return all ? all->size() : 0;
    }

    /// Steps 0 to `steps` - 1 are there once each, with the values of the closed form, in every curve and in `latest`.
    std::string wrongCurves(const std::string& title, std::int64_t steps) const;
    std::string wrongRecords(const std::string& title, std::int64_t steps, std::int64_t every = 10) const;
    /// "" when `dubito check --full` finds the project sound.
    std::string wrongContent() const {
        const Program check = wait(dubito({"check", file(), "--full"}));
        return check.code() == 0 ? "" : "check --full: " + check.told();
    }
    /// Done, with every point and record, in a sound project.
    std::string wrongDone(const std::string& title, std::int64_t steps) const {
        if (!isState(title, run::RunState::Done)) return "the run is " + told(title);
        for (const auto& wrong : {wrongCurves(title, steps), wrongRecords(title, steps), wrongContent()})
            if (!wrong.empty()) return wrong;
        return {};
    }

    Environment environment;

private:
    fs::path m_root, m_file;
};

inline double ledgerValue(std::string_view key, std::int64_t step) {
    return static_cast<double>(key == "ledger/step" ? step : step * (step + 1) / 2);
}

inline std::string Home::wrongCurves(const std::string& title, std::int64_t steps) const {
    auto db = store::openReadOnly(m_file);
    if (!db) return db.error().text();
    const auto run = row(title);
    if (!run) return "there is no run " + title;
    for (const char* key : {"ledger/step", "ledger/sum"}) {
        auto points = store::queryPoints(**db, run->runNo, key, INT64_MIN, INT64_MAX, 0);
        if (!points) return points.error().text();
        for (std::size_t i = 0; i < points->size(); ++i) {
            if (points->steps[i] != static_cast<std::int64_t>(i))
                return fmt::format("{}: point {} is step {}", key, i, points->steps[i]);
            if (points->values[i] != ledgerValue(key, points->steps[i]))
                return fmt::format("{}: step {} is {}", key, points->steps[i], points->values[i]);
        }
        if (std::cmp_not_equal(points->size(), steps))
            return fmt::format("{}: {} points of {}", key, points->size(), steps);
        auto metrics = store::queryMetrics(**db, run->runNo);
        if (!metrics) return metrics.error().text();
        for (const auto& metric : *metrics)
            if (metric.key == key &&
                (metric.n != steps || metric.last != ledgerValue(key, steps - 1) || metric.max != metric.last))
                return fmt::format("{}: latest says n {}, last {}, max {}", key, metric.n, metric.last, metric.max);
    }
    return {};
}

inline std::string Home::wrongRecords(const std::string& title, std::int64_t steps, std::int64_t every) const {
    auto db = store::openReadOnly(m_file);
    if (!db) return db.error().text();
    const auto run = row(title);
    if (!run) return "there is no run " + title;
    auto records = store::queryRecords(**db, run->runNo, "ledger/block");
    if (!records) return records.error().text();
    std::vector<std::int64_t> found;
    for (const auto& record : *records) found.push_back(record.step);
    std::sort(found.begin(), found.end());
    std::vector<std::int64_t> expected;
    for (std::int64_t step = 0; step < steps; step += every) expected.push_back(step);
    return found == expected
               ? ""
               : fmt::format("{} records of {}: {}", found.size(), expected.size(), fmt::join(found, " "));
}

}  // namespace dubito::tests
