// One [store] thread: tasks as they come, a collector flush on the clock, ends written until they are written.
#include "run/run_service.h"

#include <fmt/format.h>

#include <future>

#include "base/log.h"
#include "run/control.h"
#include "run/origin.h"
#include "run/queue_order.h"
#include "store/queries.h"

namespace dubito::run {
namespace {

constexpr int kMaxRequeues = 3;

std::string nameOf(const store::NewRun& added) {
    store::RunRow row;
    row.id = added.id;
    row.title = added.title;
    row.system = added.system;
    return row.name();
}

/// Of one run alone; the pool keeps all of them together within the machine (local_pool.h).
std::int64_t memoryLimit(const Capacity& capacity) {
    const char* limit = environmentValue("DUBITO_RUN_MEMORY");
    return limit ? std::atoll(limit) : capacity.memoryBytes;
}

store::NewRun rowOf(const FrozenRun& frozen, const PluginDescription& plugin, const RunId& id, std::uint64_t inode) {
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
    row.parameters = frozen.spec.groupParameters();
    row.inode = static_cast<std::int64_t>(inode);
    return row;
}

/// The run that made what this one is given: the youngest of those whose job folders its inputs lie in.
std::optional<RunId> parentOf(const std::map<std::string, std::string>& inputs, const fs::path& jobs) {
    std::optional<RunId> out;
    for (const auto& [role, path] : inputs) {
        const fs::path within = fs::path(path).lexically_normal().lexically_relative(jobs.lexically_normal());
        const auto id = within.empty() ? Result<RunId>(Error(Code::NotFound, "")) : parseUuid(within.begin()->string());
        if (id && (!out || *out < *id)) out = *id;  // ids sort by time
    }
    return out;
}

}  // namespace

Result<std::unique_ptr<RunService>> RunService::open(const fs::path& project, Options options) {
    std::unique_ptr<RunService> service(new RunService());
    service->m_options = std::move(options);
    DUBITO_TRY(service->m_writer, store::ProjectWriter::open(project));
    service->m_project = service->m_writer->path();
    service->m_wasClean = service->m_writer->wasClosedCleanly();
    service->m_collector = std::make_unique<Collector>(*service->m_writer);
    DUBITO_TRY(const fs::path worker, findWorker());
    StoredQueue stored;
    if (auto read = readQueue(service->m_writer->database())) stored = std::move(*read);
    else logLine(LogLevel::Warn, "the order of the queue cannot be read: " + read.error().text());
    Capacity capacity = machineCapacity(service->m_options.slots);
    if (service->m_options.memoryBytes > 0) capacity.memoryBytes = service->m_options.memoryBytes;
    RunService* raw = service.get();
    Supervisor::Callbacks callbacks;
    callbacks.started = [raw](std::int64_t runNo, int attempt) {
        raw->post([raw, runNo, attempt](store::ProjectWriter&) { raw->onStarted(runNo, attempt); });
    };
    callbacks.ended = [raw](const ExitReport& report) {
        ++raw->m_unsettled;
        raw->post([raw, report](store::ProjectWriter&) {
            raw->m_ended.push_back(report);
            raw->settle();
        });
    };
    service->m_queue =
        std::make_unique<RunQueue>(worker, std::move(capacity), std::move(callbacks), service->m_options.ladder);
    service->m_queue->setPaused(stored.isPaused);
    service->m_thread = std::thread([raw] { raw->run(); });
    if (service->m_options.adoptRunning) service->post([raw](store::ProjectWriter&) { raw->adoptRuns(); });
    if (service->m_options.journalKeepDays >= 0)
        service->post([raw](store::ProjectWriter& writer) {
            auto tidied = tidy(writer, raw->m_options.journalKeepDays);
            if (!tidied) logLine(LogLevel::Warn, tidied.error().text());
        });
    return service;
}

RunService::~RunService() {
    if (m_queue) m_queue->stop();  // no callback can arrive after this; what is still to be done asks for it
    if (m_thread.joinable()) {
        {
            std::lock_guard lock(m_mutex);
            m_stopping = true;
        }
        m_wake.notify_all();
        m_thread.join();
    }
    m_queue.reset();
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

Result<void> RunService::edit(
    std::string title, std::string command, std::function<Result<void>(store::Database&)> body) {
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

Result<Tidied> RunService::emptyBin() {
    Tidied gone;
    DUBITO_CHECK(call([&](store::ProjectWriter& writer) -> Result<void> {
        DUBITO_TRY(gone, run::emptyBin(writer));
        return {};
    }));
    tell({RunEvent::Kind::Committed, 0, RunState::Queued, {}});
    return gone;
}

Result<void> RunService::copyTo(const fs::path& path) {
    return call([&](store::ProjectWriter& writer) { return writer.copyTo(path); });
}

Result<std::int64_t> RunService::submit(const RunDraft& draft, const PluginDescription& plugin) {
    DUBITO_TRY(const FrozenRun frozen, freeze(draft, plugin));
    const RunId id = makeUuid();
    Placement placement;
    placement.pluginFolder = plugin.folder.string();
    placement.assets = frozen.assetPaths;
    placement.title = frozen.title;
    placement.memoryBytes = memoryLimit(m_queue->capacity());
    placement.demand = demandOf(frozen.spec, plugin.demand, m_queue->capacity());
    placement.project = m_project.string();
    DUBITO_TRY(const JobDir job, JobDir::create(jobsRoot(m_writer->projectId()) / id.text(), frozen.spec, placement));
    store::NewRun row = rowOf(frozen, plugin, id, m_writer->inode());
    row.parent = parentOf(frozen.assetPaths, jobsRoot(m_writer->projectId()));
    std::int64_t runNo = 0;
    auto added = call([&](store::ProjectWriter& writer) -> Result<void> {
        DUBITO_CHECK(writer.inBatch([&]() -> Result<void> {
            DUBITO_TRY(runNo, writer.addRun(row));
            store::NewAttempt attempt;
            attempt.executor = "local";
            attempt.jobDir = job.root().string();
            return writer.putAttempt(runNo, attempt);
        }));
        DUBITO_CHECK(m_collector->follow(runNo, id, job, 1, RunState::Queued));
        return {};
    });
    if (!added) {  // no row: the folder is nobody's
        std::error_code error;
        fs::remove_all(job.root(), error);
        return std::move(added).error();
    }
    tell({RunEvent::Kind::Added, runNo, RunState::Queued, {}});
    LaunchRequest request;
    request.runNo = runNo;
    request.id = id;
    request.name = nameOf(row);
    request.jobDir = job.root();
    request.threads = frozen.spec.threads();
    request.memoryBytes = placement.memoryBytes;
    request.demand = *placement.demand;
    m_queue->submit(std::move(request));
    return runNo;
}

Result<LaunchRequest> RunService::nextAttempt(store::ProjectWriter& writer, std::int64_t runNo, const char* reason) {
    DUBITO_TRY(const auto row, store::findRun(writer.database(), runNo));
    if (!row) return Error(Code::NotFound, fmt::format("there is no run {}", runNo));
    DUBITO_TRY(const auto attempts, store::queryAttempts(writer.database(), runNo));
    if (attempts.empty() || attempts.back().jobDir.empty())
        return Error(Code::Refused, "the run was computed elsewhere: its job folder is not known here");
    const auto own = ownFolder(m_writer->projectId(), *row, attempts.back().jobDir);
    if (!own) return Error(Code::Refused, "the run's job folder is not among this account's; repeat the run instead");
    const JobDir& job = *own;
    if (!belongsHere(*row, job))
        return Error(Code::Refused, "the run belongs to the project that this file was copied from; repeat it instead");
    auto spec = job.readSpec();
    if (!spec) return Error(Code::Refused, fmt::format("the run cannot go on: {}", spec.error().text()));
    LaunchRequest request;
    request.runNo = runNo;
    request.id = row->id;
    request.name = row->name();
    request.jobDir = job.root();
    request.attempt = static_cast<int>(attempts.back().attempt) + 1;
    for (const int onDisk : job.attempts()) request.attempt = std::max(request.attempt, onDisk + 1);
    request.threads = spec->threads();
    request.demand = demandOfJob(job);
    request.reason = reason;
    if (const auto placement = job.readPlacement()) request.memoryBytes = placement->memoryBytes;
    DUBITO_TRY(const std::uint64_t next, nextSequence(job));
    request.controlFrom = static_cast<std::int64_t>(next);
    DUBITO_CHECK(writer.inBatch([&]() -> Result<void> {
        store::NewAttempt attempt;
        attempt.attempt = request.attempt;
        attempt.executor = "local";
        attempt.jobDir = job.root().string();
        DUBITO_CHECK(writer.putAttempt(runNo, attempt));
        store::RunStateChange change;
        change.state = static_cast<int>(RunState::Queued);
        change.clearDetail = change.clearEnded = true;
        return writer.setState(runNo, change);
    }));
    DUBITO_CHECK(m_collector->follow(runNo, row->id, job, request.attempt, RunState::Queued));
    return request;
}

Result<void> RunService::resume(std::int64_t runNo) {
    std::optional<LaunchRequest> request;
    DUBITO_CHECK(call([&](store::ProjectWriter& writer) -> Result<void> {
        DUBITO_TRY(const auto row, store::findRun(writer.database(), runNo));
        if (!row) return Error(Code::NotFound, fmt::format("there is no run {}", runNo));
        const auto state = static_cast<RunState>(row->state);
        if (!isLegalMove(state, RunState::Queued) || !isFinal(state))
            return Error(
                Code::WrongState, fmt::format("the run is {}; only a failed or stopped run goes on", stateName(state)));
        DUBITO_TRY(request, nextAttempt(writer, runNo, "resume"));
        return {};
    }));
    tell({RunEvent::Kind::State, runNo, RunState::Queued, {}});
    enqueue(std::move(*request));
    return {};
}

void RunService::requeue(std::int64_t runNo, int attempt) {
    Result<void> problem;
    if (attempt > kMaxRequeues)
        problem = Error(Code::Limit, fmt::format("asked to be started again {} times", kMaxRequeues));
    if (problem) {
        auto request = nextAttempt(*m_writer, runNo, "requeue");
        if (request) {
            tell({RunEvent::Kind::State, runNo, RunState::Queued, {}});
            enqueue(std::move(*request));
            return;
        }
        problem = std::move(request).error();
    }
    store::RunStateChange change;
    change.state = static_cast<int>(RunState::Failed);
    change.cause = static_cast<int>(Cause::Lost);
    change.detail = "the run could not be started again: " + problem.error().text();
    change.endedUs = nowUs();
    auto written = m_writer->inBatch([&] { return m_writer->setState(runNo, change); });
    if (!written) logLine(LogLevel::Error, written.error().text());
    tell({RunEvent::Kind::State, runNo, RunState::Failed, change.detail});
}

Result<void> RunService::cancel(std::int64_t runNo, bool kill) {
    DUBITO_CHECK(call([&](store::ProjectWriter&) -> Result<void> {
        CollectedRun* run = m_collector->find(runNo);
        if (!run) return Error(Code::WrongState, "the run is not running");
        // The mark outlives this owner: whoever settles the run knows that its end was asked for.
        DUBITO_CHECK(run->job.markCancelled(run->attempt, kill));
        if (run->state == RunState::Queued) return {};
        DUBITO_CHECK(m_collector->move(*run, RunState::Cancelling));
        tell({RunEvent::Kind::State, runNo, run->state, {}});
        return {};
    }));
    m_queue->cancel(runNo, kill);
    return {};
}

Result<std::uint64_t> RunService::command(std::int64_t runNo, std::string_view verb, std::string_view json) {
    DUBITO_TRY(const Json checked, parseJson(json));
    if (!checked.is_object()) return Error(Code::InvalidArgument, "a command's arguments must be a JSON object");
    std::optional<JobDir> job;
    DUBITO_CHECK(call([&](store::ProjectWriter&) -> Result<void> {
        CollectedRun* run = m_collector->find(runNo);
        if (!run || isFinal(run->state))
            return Error(Code::WrongState, "the run is not running, so it takes no command");
        job = run->job;
        return {};
    }));
    return sendCommand(*job, verb, json);
}

void RunService::onStarted(std::int64_t runNo, int attempt) {
    CollectedRun* run = m_collector->find(runNo);
    // Its first frame may have been taken in before this news: then it is running already.
    if (!run || run->attempt != attempt || run->state != RunState::Queued) return;
    if (auto moved = m_collector->move(*run, RunState::Starting); !moved) noteWriting(moved);
    tell({RunEvent::Kind::State, runNo, run->state, {}});
}

bool RunService::settleOne(const ExitReport& report) {
    CollectedRun* run = m_collector->find(report.runNo);
    if (!run || run->attempt != report.attempt) return true;
    auto outcome = m_collector->finish(report.runNo, report.fate);
    if (!outcome) {
        noteWriting(std::move(outcome).error());
        return false;
    }
    noteWriting({});
    tell({RunEvent::Kind::Committed, report.runNo, outcome->state, {}});
    if (outcome->state == RunState::Queued) requeue(report.runNo, report.attempt);
    else tell({RunEvent::Kind::State, report.runNo, outcome->state, outcome->text});
    return true;
}

void RunService::settle() {
    for (std::size_t left = m_ended.size(); left > 0; --left) {
        const ExitReport report = m_ended.front();
        m_ended.pop_front();
        if (settleOne(report)) --m_unsettled;
        else m_ended.push_back(report);
    }
}

std::optional<RunService::WriteProblem> RunService::writeProblem() const {
    std::lock_guard lock(m_mutex);
    return m_problem;
}

void RunService::noteWriting(const Result<void>& outcome) {
    std::string news;
    {
        std::lock_guard lock(m_mutex);
        if (outcome && m_problem) {
            m_problem.reset();
            news = "the project can be written again; what waited is taken in";
        } else if (!outcome) {
            const bool isNews = !m_problem;
            const auto since = m_problem ? m_problem->since : std::chrono::steady_clock::now();
            m_problem = WriteProblem{outcome.error().text(), since};
            if (isNews)
                news = "the project cannot be written; recording goes on in the job folder and is taken in later: " +
                       m_problem->text;
        }
    }
    if (news.empty()) return;
    if (m_options.observer) tell({RunEvent::Kind::Notice, 0, RunState::Failed, news});
    else logLine(LogLevel::Warn, news);
}

void RunService::flush() {
    auto changed = m_collector->poll(64u << 20);
    if (!changed) return noteWriting(std::move(changed).error());
    if (!changed->empty()) noteWriting({});
    for (const std::int64_t runNo : *changed) {
        const CollectedRun* run = m_collector->find(runNo);
        tell({RunEvent::Kind::Committed, runNo, run ? run->state : RunState::Running, {}});
    }
    settle();
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
            flush();
            const auto every =
                writeProblem() ? std::chrono::milliseconds(1000) : std::chrono::milliseconds(m_fast ? 50 : 250);
            nextFlush = std::chrono::steady_clock::now() + every;
        }
        if (stopping) return;
    }
}

}  // namespace dubito::run
