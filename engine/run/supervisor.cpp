// pidfds and one poll loop. The claim in the job folder says who computes; a child that lost it is nobody.
#include "run/supervisor.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/log.h"
#include "run/control.h"
#include "run/process.h"

namespace dubito::run {
namespace {

int openPidfd(std::int64_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0)); }

}  // namespace

Result<fs::path> findWorker() {
    std::error_code error;
    if (const char* named = environmentValue("DUBITO_WORKER"); named && fs::exists(named, error))
        return fs::path(named);
    const fs::path beside = programFolder() / "dubito-worker";
    if (fs::exists(beside, error)) return beside;
    return Error(Code::NotFound, "dubito-worker is not beside this program. File: " + beside.string());
}

void signalWorker(std::int64_t pid, int signal) {
    if (pid <= 1) return;
    const pid_t group = ::getpgid(static_cast<pid_t>(pid));
    if (group > 1 && group != ::getpgrp()) ::kill(-group, signal);
    else ::kill(static_cast<pid_t>(pid), signal);
}

Supervisor::Supervisor(fs::path worker, Callbacks callbacks, Ladder ladder)
    : m_worker(std::move(worker)), m_callbacks(std::move(callbacks)), m_ladder(ladder),
      m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    m_thread = std::thread([this] { run(); });
}

void Supervisor::stop() {
    {
        std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    eventfd_write(m_wake.get(), 1);
    if (m_thread.joinable()) m_thread.join();
}

Supervisor::~Supervisor() {
    stop();
    std::vector<std::int64_t> children;
    for (const auto& [runNo, worker] : m_workers)
        if (worker.isChild) children.push_back(worker.pid);
    reapLater(std::move(children));
}

void Supervisor::start(LaunchRequest request) {
    {
        std::lock_guard lock(m_mutex);
        m_starting.push_back(std::move(request));
    }
    eventfd_write(m_wake.get(), 1);
}

void Supervisor::adopt(LaunchRequest request, std::int64_t pid, std::int64_t startTicks) {
    {
        std::lock_guard lock(m_mutex);
        Worker worker;
        worker.pid = pid;
        worker.startTicks = startTicks;
        worker.pidfd = FileDescriptor(openPidfd(pid));
        worker.isChild = false;
        worker.startedAt = Clock::now();
        const auto runNo = request.runNo;
        worker.request = std::move(request);
        m_workers[runNo] = std::move(worker);
    }
    eventfd_write(m_wake.get(), 1);
}

void Supervisor::report(const LaunchRequest& request, ProcessFate fate) {
    m_reports.push_back({request.runNo, request.attempt, std::move(fate)});
}

void Supervisor::cancel(std::int64_t runNo, bool kill) {
    std::optional<JobDir> toStop;
    {
        std::lock_guard lock(m_mutex);
        const auto starting = std::find_if(m_starting.begin(), m_starting.end(),
            [runNo](const LaunchRequest& request) { return request.runNo == runNo; });
        if (starting != m_starting.end()) {
            report(*starting, {});
            m_starting.erase(starting);
        }
        if (const auto found = m_workers.find(runNo); found != m_workers.end()) {
            Worker& worker = found->second;
            if (!worker.asked) worker.askedAt = Clock::now();
            worker.asked = true;
            if (kill) {
                signalWorker(worker.pid, SIGKILL);
                worker.rung = 3;
            } else if (worker.rung == 0) {
                worker.rung = 1;
                toStop.emplace(worker.request.jobDir);
            }
        }
    }
    // Outside the lock: another sender may hold the control file for a moment.
    if (toStop)
        if (auto sent = sendCommand(*toStop, "stop", "{}"); !sent) logLine(LogLevel::Warn, sent.error().text());
    eventfd_write(m_wake.get(), 1);
}

void Supervisor::endForMemory(std::int64_t runNo, std::string why) {
    std::lock_guard lock(m_mutex);
    const auto found = m_workers.find(runNo);
    if (found == m_workers.end() || found->second.isKilledForMemory) return;
    found->second.isKilledForMemory = true;
    found->second.detail = std::move(why);
    signalWorker(found->second.pid, SIGKILL);
}

std::map<std::int64_t, Supervisor::InUse> Supervisor::memoryInUse() const {
    std::lock_guard lock(m_mutex);
    std::map<std::int64_t, InUse> out;
    for (const auto& [runNo, worker] : m_workers) out[runNo] = {worker.resident, worker.isKilledForMemory};
    return out;
}

Result<Supervisor::Worker> Supervisor::launch(const LaunchRequest& request) {
    const JobDir job(request.jobDir);
    LaunchRecord record;
    record.submitUs = nowUs();
    record.controlFrom = request.controlFrom;
    record.executor = "local";
    record.reason = request.reason;
    record.gpus = request.gpus;
    DUBITO_CHECK(job.writeLaunch(request.attempt, record));
    std::vector<std::string> environment{fmt::format("OMP_NUM_THREADS={}", request.threads)};
    // A short spin before sleeping: long spins starve the other thread on a busy machine.
    if (!environmentValue("GOMP_SPINCOUNT")) environment.emplace_back("GOMP_SPINCOUNT=20000");
    if (!request.gpus.empty())
        environment.push_back(fmt::format("CUDA_VISIBLE_DEVICES={}", fmt::join(request.gpus, ",")));
    DUBITO_TRY(const SpawnedProcess process,
        spawn(m_worker, {"run", request.jobDir.string(), "--attempt", std::to_string(request.attempt)}, environment,
            job.log(request.attempt, "out"), job.log(request.attempt, "err")));
    record.pid = process.pid;
    record.startTicks = process.startTicks;
    if (auto written = job.writeLaunch(request.attempt, record); !written)
        logLine(LogLevel::Warn, written.error().text());
    Worker worker;
    worker.pid = process.pid;
    worker.startTicks = process.startTicks;
    worker.pidfd = FileDescriptor(openPidfd(process.pid));
    worker.request = request;
    worker.startedAt = Clock::now();
    return worker;
}

void Supervisor::launchAll(std::vector<std::pair<std::int64_t, int>>& started) {
    for (; !m_starting.empty(); m_starting.pop_front()) {
        const LaunchRequest& request = m_starting.front();
        auto worker = launch(request);
        if (!worker) {
            ProcessFate fate;
            fate.kind = ProcessFate::Kind::NotStarted;
            fate.detail = worker.error().text();
            fate.seenUs = nowUs();
            report(request, std::move(fate));
            continue;
        }
        started.emplace_back(request.runNo, request.attempt);
        m_workers[request.runNo] = std::move(*worker);
    }
}

/// Workers that another process asked to end.
void Supervisor::lookForMarks() {
    if (Clock::now() - m_marksLookedAt < std::chrono::seconds(1)) return;
    m_marksLookedAt = Clock::now();
    for (auto& [runNo, worker] : m_workers) {
        if (worker.asked) continue;
        auto mark = readPlainFile(JobDir(worker.request.jobDir).cancelMark(worker.request.attempt), 64);
        if (!mark) continue;
        worker.asked = true;
        worker.askedAt = Clock::now();
        worker.rung = mark->starts_with("kill") ? 3 : 1;  // whoever left the mark sent the command as well
        if (worker.rung == 3) signalWorker(worker.pid, SIGKILL);
    }
}

void Supervisor::lookForClaim(Worker& worker) {
    if (worker.claimed || Clock::now() - worker.lookedAt < std::chrono::milliseconds(200)) return;
    worker.lookedAt = Clock::now();
    const JobDir job(worker.request.jobDir);
    if (const auto claim = job.readStatus(worker.request.attempt)) {
        worker.claimed = true;
        worker.computingPid = claim->pid;
        return;
    }
    if (Clock::now() - worker.startedAt < m_ladder.toClaim) return;
    // Taking the claim ourselves decides the race with a worker that comes after all.
    WorkerStatus nobody;
    nobody.phase = "void";
    nobody.bootId = bootId();
    nobody.endedUs = nowUs();
    if (!job.claim(worker.request.attempt, 0, nobody)) return;
    worker.claimed = true;
    worker.detail = fmt::format("the worker did not start within {} s", m_ladder.toClaim.count());
    signalWorker(worker.pid, SIGKILL);
}

void Supervisor::watchMemory(Worker& worker) {
    if (worker.isKilledForMemory) return;
    worker.resident = anonymousBytes(worker.computingPid ? worker.computingPid : worker.pid);
    if (worker.request.memoryBytes <= 0 || worker.resident <= worker.request.memoryBytes) return;
    worker.isKilledForMemory = true;
    worker.detail =
        fmt::format("memory: {} MiB of {} MiB allowed", worker.resident >> 20, worker.request.memoryBytes >> 20);
    signalWorker(worker.pid, SIGKILL);
}

void Supervisor::climb(Worker& worker) {
    if (!worker.asked) return;
    const auto waited = Clock::now() - worker.askedAt;
    if (worker.rung == 1 && waited >= m_ladder.toTerm) {
        signalWorker(worker.pid, SIGTERM);
        worker.rung = 2;
    } else if (worker.rung == 2 && waited >= m_ladder.toTerm + m_ladder.toKill) {
        signalWorker(worker.pid, SIGKILL);
        worker.rung = 3;
    }
}

bool Supervisor::reap(Worker& worker, ExitReport& out) {
    int status = 0;
    bool isKnown = false;
    if (worker.isChild) {
        const pid_t waited = ::waitpid(static_cast<pid_t>(worker.pid), &status, WNOHANG);
        isKnown = waited == worker.pid;
        // No child of that number: somebody else took its status (SIGCHLD ignored); its absence is all there is to
        // know.
        if (!isKnown && !(waited < 0 && errno == ECHILD)) return false;
    }
    if (!isKnown && isProcess(worker.pid, worker.startTicks)) return false;
    // A start script that is gone, or a worker that came second: whoever holds the claim is the one to watch.
    const auto claim = JobDir(worker.request.jobDir).readStatus(worker.request.attempt);
    if (claim && claim->pid != worker.pid && isAlive(*claim)) {
        worker.pid = claim->pid;
        worker.startTicks = claim->startTicks;
        worker.pidfd = FileDescriptor(openPidfd(claim->pid));
        worker.isChild = false;
        return false;
    }
    out.runNo = worker.request.runNo;
    out.attempt = worker.request.attempt;
    out.fate.kind = ProcessFate::Kind::Ended;
    out.fate.seenUs = nowUs();
    const bool isWorkerItself = !claim || claim->pid == worker.pid;
    if (isKnown && isWorkerItself && WIFSIGNALED(status)) out.fate.signal = WTERMSIG(status);
    if (isKnown && isWorkerItself && WIFEXITED(status)) out.fate.exitCode = WEXITSTATUS(status);
    out.fate.detail = worker.detail;
    out.fate.killedForMemory = worker.isKilledForMemory;
    return true;
}

void Supervisor::run() {
    for (;;) {
        std::vector<pollfd> waits{{m_wake.get(), POLLIN, 0}};
        std::vector<ExitReport> reports;
        std::vector<std::pair<std::int64_t, int>> started;
        {
            std::lock_guard lock(m_mutex);
            if (m_stopping) return;
            lookForMarks();
            for (auto it = m_workers.begin(); it != m_workers.end();) {
                ExitReport ended;
                if (reap(it->second, ended)) {
                    m_reports.push_back(std::move(ended));
                    it = m_workers.erase(it);
                    continue;
                }
                lookForClaim(it->second);
                watchMemory(it->second);
                climb(it->second);
                ++it;
            }
            launchAll(started);
            for (const auto& [runNo, worker] : m_workers)
                if (worker.pidfd) waits.push_back({worker.pidfd.get(), POLLIN, 0});
            reports.swap(m_reports);
        }
        for (const auto& [runNo, attempt] : started) m_callbacks.started(runNo, attempt);
        for (const ExitReport& ended : reports) m_callbacks.ended(ended);
        if (m_callbacks.looked) m_callbacks.looked();
        ::poll(waits.data(), waits.size(), 200);
        eventfd_t ignored;
        eventfd_read(m_wake.get(), &ignored);
    }
}

}  // namespace dubito::run
