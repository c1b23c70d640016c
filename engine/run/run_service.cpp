// One [store] thread: tasks as they come, a collector flush on the clock.
#include "run/run_service.h"

#include <fmt/format.h>

#include <future>

#include "base/log.h"
#include "run/control.h"
#include "store/queries.h"

namespace dubito::run {

Result<std::unique_ptr<RunService>> RunService::open(const fs::path& project, Options options) {
    std::unique_ptr<RunService> service(new RunService());
    service->m_project = project;
    service->m_options = std::move(options);
    DUBITO_TRY(service->m_writer, store::ProjectWriter::open(project));
    service->m_wasClean = service->m_writer->wasClosedCleanly();
    service->m_collector = std::make_unique<Collector>(*service->m_writer);
    DUBITO_TRY(const fs::path worker, findWorker());
    const int slots = service->m_options.slots > 0 ? service->m_options.slots : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    RunService* raw = service.get();
    Supervisor::Callbacks callbacks;
    callbacks.started = [raw](std::int64_t runNo, int, std::int64_t) {
        raw->post([raw, runNo](store::ProjectWriter& writer) {
            if (CollectedRun* run = raw->m_collector->find(runNo)) {
                raw->m_collector->move(*run, RunState::Starting);
                if (auto set = writer.setState(runNo, {static_cast<int>(run->state), 0, "", {}, {}}); !set) logLine(LogLevel::Error, set.error().text());
                raw->tell({RunEvent::Kind::State, runNo, run->state, {}});
            }
        });
    };
    callbacks.ended = [raw](const ExitReport& report) { raw->post([raw, report](store::ProjectWriter&) { raw->onEnded(report); }); };
    service->m_supervisor = std::make_unique<Supervisor>(worker, slots, std::move(callbacks), service->m_options.ladder);
    service->m_thread = std::thread([raw] { raw->run(); });
    if (service->m_options.adoptRunning) service->post([raw](store::ProjectWriter&) { raw->adoptRuns(); });
    return service;
}

RunService::~RunService() {
    m_supervisor.reset();  // no callback can arrive after this
    if (m_thread.joinable()) {
        {
            std::lock_guard lock(m_mutex);
            m_stopping = true;
        }
        m_wake.notify_all();
        m_thread.join();
    }
    m_collector.reset();
    m_writer.reset();
}

void RunService::post(std::function<void(store::ProjectWriter&)> body) {
    {
        std::lock_guard lock(m_mutex);
        m_tasks.push_back([this, body = std::move(body)] { body(*m_writer); });
    }
    m_wake.notify_one();
}

Result<void> RunService::call(const std::function<Result<void>(store::ProjectWriter&)>& body) {
    std::promise<Result<void>> promise;
    auto future = promise.get_future();
    post([&](store::ProjectWriter& writer) { promise.set_value(body(writer)); });
    return future.get();
}

Result<void> RunService::edit(std::string title, std::string command, std::function<Result<void>(store::Database&)> body) {
    auto outcome = call([&](store::ProjectWriter& writer) { return writer.edit(title, command, body); });
    tell({RunEvent::Kind::Committed, 0, RunState::Queued, {}});
    return outcome;
}

Result<std::string> RunService::undo() {
    std::string title;
    DUBITO_CHECK(call([&](store::ProjectWriter& writer) -> Result<void> {
        DUBITO_TRY(title, writer.undo());
        return {};
    }));
    tell({RunEvent::Kind::Committed, 0, RunState::Queued, {}});
    return title;
}

Result<std::string> RunService::redo() {
    std::string title;
    DUBITO_CHECK(call([&](store::ProjectWriter& writer) -> Result<void> {
        DUBITO_TRY(title, writer.redo());
        return {};
    }));
    tell({RunEvent::Kind::Committed, 0, RunState::Queued, {}});
    return title;
}

Result<std::int64_t> RunService::submit(const RunDraft& draft, const PluginDescription& plugin) {
    DUBITO_TRY(const FrozenRun frozen, freeze(draft, plugin));
    const RunId id = makeUuid();
    Placement placement;
    placement.pluginFolder = plugin.folder.string();
    placement.assets = frozen.assetPaths;
    placement.title = frozen.title;
    if (const auto text = readFile("/proc/meminfo", 1 << 16)) {
        // Leave an eighth of the machine to everybody else; a runaway plugin then ends as "memory", not by the kernel's choice.
        const auto at = text->find("MemTotal:");
        if (at != std::string::npos) placement.memoryBytes = std::atoll(text->c_str() + at + 9) * 1024 / 8 * 7;
    }
    if (const char* limit = std::getenv("DUBITO_RUN_MEMORY")) placement.memoryBytes = std::atoll(limit);
    DUBITO_TRY(const JobDir job, JobDir::create(jobsRoot(m_writer->projectId()) / id.text(), frozen.spec, placement));
    store::NewRun row;
    row.id = id;
    row.specJson = frozen.spec.text();
    row.specHash = frozen.spec.hash();
    row.groupHash = frozen.spec.groupHash();
    row.pluginId = plugin.id;
    row.pluginVersion = plugin.version;
    row.manifestJson = plugin.manifestJson;
    row.system = plugin.system();
    row.title = frozen.title;
    row.seed = static_cast<std::int64_t>(frozen.spec.seed());
    row.createdUs = nowUs();
    row.parameters = frozen.spec.parameters();
    std::int64_t runNo = 0;
    DUBITO_CHECK(call([&](store::ProjectWriter& writer) -> Result<void> {
        DUBITO_CHECK(writer.begin());
        const auto write = [&]() -> Result<void> {
            DUBITO_TRY(runNo, writer.addRun(row));
            store::NewAttempt attempt;
            attempt.executor = "local";
            attempt.jobDir = job.root().string();
            return writer.putAttempt(runNo, attempt);
        };
        if (auto written = write(); !written) {
            writer.rollback();
            return std::move(written).error();
        }
        DUBITO_CHECK(writer.commit());
        DUBITO_TRY(CollectedRun * followed, m_collector->follow(runNo, id, job, 1, RunState::Queued));
        (void)followed;
        return {};
    }));
    tell({RunEvent::Kind::Added, runNo, RunState::Queued, {}});
    m_supervisor->submit({runNo, id, job.root(), 1, frozen.spec.threads(), placement.memoryBytes, frozen.spec.isSession()});
    return runNo;
}

Result<void> RunService::resume(std::int64_t runNo) {
    std::optional<LaunchRequest> request;
    DUBITO_CHECK(call([&](store::ProjectWriter& writer) -> Result<void> {
        DUBITO_TRY(const auto row, store::findRun(writer.database(), runNo));
        if (!row) return Error(Code::NotFound, fmt::format("there is no run {}", runNo));
        const auto state = static_cast<RunState>(row->state);
        if (!isLegalMove(state, RunState::Queued) || !isFinal(state)) return Error(Code::WrongState, fmt::format("the run is {}; only a failed or stopped run goes on", stateName(state)));
        DUBITO_TRY(const auto attempts, store::queryAttempts(writer.database(), runNo));
        if (attempts.empty() || attempts.back().jobDir.empty()) return Error(Code::Refused, "the run was computed elsewhere: its job folder is not known here");
        const JobDir job(attempts.back().jobDir);
        auto spec = job.readSpec();
        if (!spec) return Error(Code::Refused, fmt::format("the run cannot go on: {}", spec.error().text()));
        store::NewAttempt attempt;
        attempt.attempt = attempts.back().attempt + 1;
        attempt.executor = "local";
        attempt.jobDir = job.root().string();
        DUBITO_CHECK(writer.begin());
        const auto write = [&]() -> Result<void> {
            DUBITO_CHECK(writer.putAttempt(runNo, attempt));
            return writer.setState(runNo, {static_cast<int>(RunState::Queued), 0, "", {}, {}});
        };
        if (auto written = write(); !written) {
            writer.rollback();
            return std::move(written).error();
        }
        DUBITO_CHECK(writer.commit());
        DUBITO_TRY(CollectedRun * followed, m_collector->follow(runNo, row->id, job, static_cast<int>(attempt.attempt), RunState::Queued));
        (void)followed;
        const auto placement = job.readPlacement();
        request = LaunchRequest{runNo, row->id, job.root(), static_cast<int>(attempt.attempt), spec->threads(), placement ? placement->memoryBytes : 0, spec->isSession()};
        return {};
    }));
    tell({RunEvent::Kind::State, runNo, RunState::Queued, {}});
    m_supervisor->submit(*request);
    return {};
}

Result<void> RunService::cancel(std::int64_t runNo, bool kill) {
    DUBITO_CHECK(call([&](store::ProjectWriter& writer) -> Result<void> {
        CollectedRun* run = m_collector->find(runNo);
        if (!run) return Error(Code::WrongState, "the run is not running");
        if (run->state == RunState::Queued) return {};
        m_collector->move(*run, RunState::Cancelling);
        DUBITO_CHECK(writer.setState(runNo, {static_cast<int>(run->state), 0, "", {}, {}}));
        tell({RunEvent::Kind::State, runNo, run->state, {}});
        return {};
    }));
    m_supervisor->cancel(runNo, kill);
    return {};
}

Result<std::uint64_t> RunService::command(std::int64_t runNo, std::string_view verb, std::string_view json) {
    DUBITO_TRY(const Json checked, parseJson(json));
    if (!checked.is_object()) return Error(Code::InvalidArgument, "a command's arguments must be a JSON object");
    std::optional<JobDir> job;
    DUBITO_CHECK(call([&](store::ProjectWriter&) -> Result<void> {
        CollectedRun* run = m_collector->find(runNo);
        if (!run || isFinal(run->state)) return Error(Code::WrongState, "the run is not running, so it takes no command");
        job = run->job;
        return {};
    }));
    return sendCommand(*job, verb, json);
}

void RunService::onEnded(const ExitReport& report) {
    CollectedRun* run = m_collector->find(report.runNo);
    if (!run) return;
    auto state = m_collector->finish(report.runNo, report.exitCode, report.signal, report.cause, report.detail, report.wasAsked);
    if (!state) {
        logLine(LogLevel::Error, state.error().text());
        tell({RunEvent::Kind::Notice, report.runNo, RunState::Failed, state.error().text()});
        return;
    }
    std::string detail;
    if (auto row = store::findRun(m_writer->database(), report.runNo); row && *row) detail = (*row)->detail;
    tell({RunEvent::Kind::Committed, report.runNo, *state, {}});
    tell({RunEvent::Kind::State, report.runNo, *state, detail});
}

void RunService::adoptRuns() {
    store::RunQuery query;
    query.limit = 1'000'000;
    query.where = "state < done";
    query.includeDeleted = true;
    auto runs = store::queryRuns(m_writer->database(), query);
    if (!runs) {
        logLine(LogLevel::Error, runs.error().text());
        return;
    }
    for (const store::RunRow& row : *runs) {
        auto attempts = store::queryAttempts(m_writer->database(), row.runNo);
        const int attempt = attempts && !attempts->empty() ? static_cast<int>(attempts->back().attempt) : 1;
        const JobDir job(attempts && !attempts->empty() ? fs::path(attempts->back().jobDir) : fs::path());
        auto spec = job.readSpec();
        auto followed = m_collector->follow(row.runNo, row.id, job, attempt, static_cast<RunState>(row.state));
        if (!followed) {
            logLine(LogLevel::Error, followed.error().text());
            continue;
        }
        auto status = job.readStatus(attempt);
        const bool sameMachine = status && status->bootId == bootId();
        if (sameMachine && status->phase == "running" && processStartTicks(status->pid) == status->startTicks) {
            m_supervisor->adopt({row.runNo, row.id, job.root(), attempt, spec ? spec->threads() : 1, 0, spec && spec->isSession()}, status->pid);
            continue;
        }
        // Never started, or ended while nobody watched.
        ExitReport report;
        report.runNo = row.runNo;
        report.attempt = attempt;
        if (status && status->phase == "ended") report.exitCode = static_cast<int>(status->exitCode);
        if (!status && static_cast<RunState>(row.state) == RunState::Queued && spec) {
            m_supervisor->submit({row.runNo, row.id, job.root(), attempt, spec->threads(), 0, spec->isSession()});
            continue;
        }
        onEnded(report);
    }
    tell({RunEvent::Kind::Committed, 0, RunState::Queued, {}});
}

void RunService::run() {
    auto nextFlush = std::chrono::steady_clock::now();
    for (;;) {
        std::deque<std::function<void()>> tasks;
        bool stopping = false;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait_until(lock, nextFlush, [this] { return m_stopping || !m_tasks.empty(); });
            tasks.swap(m_tasks);
            stopping = m_stopping;
        }
        for (auto& task : tasks) task();
        const auto now = std::chrono::steady_clock::now();
        if (now >= nextFlush || stopping) {
            nextFlush = now + std::chrono::milliseconds(m_fast ? 50 : 250);
            auto changed = m_collector->poll(64u << 20);
            if (!changed) {
                logLine(LogLevel::Error, changed.error().text());
                tell({RunEvent::Kind::Notice, 0, RunState::Failed, changed.error().text()});
            } else {
                for (const std::int64_t runNo : *changed) {
                    const CollectedRun* run = m_collector->find(runNo);
                    tell({RunEvent::Kind::Committed, runNo, run ? run->state : RunState::Running, {}});
                }
            }
        }
        if (stopping) return;
    }
}

}  // namespace dubito::run
