// pidfds and one poll loop; processes are started by posix_spawn, never by fork in a threaded program.
#include "run/supervisor.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "run/control.h"

extern char** environ;

namespace dubito::run {
namespace {

int openPidfd(std::int64_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0)); }

Result<std::int64_t> spawnWorker(const fs::path& worker, const LaunchRequest& request) {
    const JobDir job(request.jobDir);
    const std::string attempt = std::to_string(request.attempt), folder = request.jobDir.string(), program = worker.string();
    const std::string out = job.log(request.attempt, "out").string(), err = job.log(request.attempt, "err").string();
    std::vector<std::string> environment;
    for (char** entry = environ; *entry; ++entry)
        if (!std::string_view(*entry).starts_with("OMP_NUM_THREADS=")) environment.emplace_back(*entry);
    environment.push_back(fmt::format("OMP_NUM_THREADS={}", request.threads));
    // A short spin before sleeping: long spins starve the other thread on a busy machine.
    if (!std::getenv("GOMP_SPINCOUNT")) environment.emplace_back("GOMP_SPINCOUNT=20000");
    std::vector<char*> envp;
    for (auto& entry : environment) envp.push_back(entry.data());
    envp.push_back(nullptr);
    const char* argv[] = {program.c_str(), "run", folder.c_str(), "--attempt", attempt.c_str(), nullptr};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_addopen(&files, 2, err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    pid_t pid = 0;
    const int code = posix_spawn(&pid, program.c_str(), &files, &attributes, const_cast<char**>(argv), envp.data());
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (code != 0) return Error(Code::Io, fmt::format("the worker could not be started: {}. File: {}", std::strerror(code), program));
    return std::int64_t{pid};
}

std::int64_t residentBytes(std::int64_t pid) {
    auto text = readFile(fmt::format("/proc/{}/statm", pid), 256);
    if (!text) return 0;
    const auto space = text->find(' ');
    return space == std::string::npos ? 0 : std::atoll(text->c_str() + space) * ::sysconf(_SC_PAGESIZE);
}

}  // namespace

Result<fs::path> findWorker() {
    std::error_code error;
    if (const char* named = std::getenv("DUBITO_WORKER"); named && fs::exists(named, error)) return fs::path(named);
    const fs::path beside = programFolder() / "dubito-worker";
    if (fs::exists(beside, error)) return beside;
    return Error(Code::NotFound, "dubito-worker is not beside this program. File: " + beside.string());
}

Supervisor::Supervisor(fs::path worker, int slots, Callbacks callbacks, Ladder ladder)
    : m_worker(std::move(worker)), m_slots(std::max(1, slots)), m_callbacks(std::move(callbacks)), m_ladder(ladder), m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    m_thread = std::thread([this] { run(); });
}

Supervisor::~Supervisor() {
    {
        std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    eventfd_write(m_wake.get(), 1);
    m_thread.join();
}

void Supervisor::submit(LaunchRequest request) {
    {
        std::lock_guard lock(m_mutex);
        m_waiting.push_back(std::move(request));
    }
    eventfd_write(m_wake.get(), 1);
}

void Supervisor::adopt(LaunchRequest request, std::int64_t pid) {
    {
        std::lock_guard lock(m_mutex);
        Worker worker;
        worker.pid = pid;
        worker.pidfd = FileDescriptor(openPidfd(pid));
        worker.isChild = false;
        const auto runNo = request.runNo;
        worker.request = std::move(request);
        m_workers[runNo] = std::move(worker);
    }
    eventfd_write(m_wake.get(), 1);
}

void Supervisor::cancel(std::int64_t runNo, bool kill) {
    {
        std::lock_guard lock(m_mutex);
        for (auto it = m_waiting.begin(); it != m_waiting.end(); ++it)
            if (it->runNo == runNo) {
                ExitReport report;
                report.runNo = runNo;
                report.attempt = it->attempt;
                report.exitCode = kExitCancelled;
                report.wasAsked = true;
                m_reports.push_back(report);
                m_waiting.erase(it);
                break;
            }
        if (const auto found = m_workers.find(runNo); found != m_workers.end()) {
            Worker& worker = found->second;
            if (!worker.asked) worker.askedAt = std::chrono::steady_clock::now();
            worker.asked = true;
            if (kill) {
                ::kill(static_cast<pid_t>(worker.pid), SIGKILL);
                worker.rung = 3;
            } else if (worker.rung == 0) {
                worker.rung = 1;
                if (auto sent = sendCommand(JobDir(worker.request.jobDir), "stop", "{}"); !sent) logLine(LogLevel::Warn, sent.error().text());
            }
        }
    }
    eventfd_write(m_wake.get(), 1);
}

int Supervisor::live() const {
    std::lock_guard lock(m_mutex);
    return static_cast<int>(m_workers.size() + m_waiting.size());
}

void Supervisor::launchWaiting() {
    int used = 0;
    for (const auto& [runNo, worker] : m_workers) used += worker.request.slots();
    std::stable_partition(m_waiting.begin(), m_waiting.end(), [](const LaunchRequest& request) { return request.isSession; });
    while (!m_waiting.empty() && (used == 0 || m_waiting.front().isSession || used + m_waiting.front().slots() <= m_slots)) {
        LaunchRequest request = std::move(m_waiting.front());
        m_waiting.pop_front();
        auto pid = spawnWorker(m_worker, request);
        if (!pid) {
            ExitReport report;
            report.runNo = request.runNo;
            report.attempt = request.attempt;
            report.cause = Cause::Launch;
            report.detail = pid.error().text();
            m_reports.push_back(std::move(report));
            continue;
        }
        used += request.slots();
        Worker worker;
        worker.pid = *pid;
        worker.pidfd = FileDescriptor(openPidfd(*pid));
        worker.request = request;
        m_workers[request.runNo] = std::move(worker);
        m_callbacks.started(request.runNo, request.attempt, *pid);
    }
}

void Supervisor::watch(Worker& worker) {
    if (worker.request.memoryBytes > 0 && !worker.killedForMemory) {
        const std::int64_t resident = residentBytes(worker.pid);
        worker.residentPeak = std::max(worker.residentPeak, resident);
        if (resident > worker.request.memoryBytes) {
            worker.killedForMemory = true;
            ::kill(static_cast<pid_t>(worker.pid), SIGKILL);
        }
    }
    if (!worker.asked) return;
    const auto waited = std::chrono::steady_clock::now() - worker.askedAt;
    if (worker.rung == 1 && waited >= m_ladder.toTerm) {
        ::kill(static_cast<pid_t>(worker.pid), SIGTERM);
        worker.rung = 2;
    } else if (worker.rung == 2 && waited >= m_ladder.toTerm + m_ladder.toKill) {
        ::kill(static_cast<pid_t>(worker.pid), SIGKILL);
        worker.rung = 3;
    }
}

bool Supervisor::reap(Worker& worker, ExitReport& report) {
    report.runNo = worker.request.runNo;
    report.attempt = worker.request.attempt;
    report.wasAsked = worker.asked;
    if (worker.isChild) {
        int status = 0;
        if (::waitpid(static_cast<pid_t>(worker.pid), &status, WNOHANG) != worker.pid) return false;
        if (WIFSIGNALED(status)) report.signal = WTERMSIG(status);
        else report.exitCode = WEXITSTATUS(status);
    } else {
        if (processStartTicks(worker.pid) >= 0) return false;
        if (auto status = JobDir(worker.request.jobDir).readStatus(worker.request.attempt); status && status->phase == "ended") report.exitCode = static_cast<int>(status->exitCode);
    }
    if (worker.killedForMemory) {
        report.cause = Cause::Memory;
        report.detail = fmt::format("memory: {} MiB of {} MiB allowed", worker.residentPeak >> 20, worker.request.memoryBytes >> 20);
    }
    return true;
}

void Supervisor::run() {
    for (;;) {
        std::vector<pollfd> waits{{m_wake.get(), POLLIN, 0}};
        std::vector<ExitReport> reports;
        {
            std::lock_guard lock(m_mutex);
            if (m_stopping) return;
            launchWaiting();
            for (auto it = m_workers.begin(); it != m_workers.end();) {
                ExitReport report;
                if (reap(it->second, report)) {
                    m_reports.push_back(std::move(report));
                    it = m_workers.erase(it);
                } else {
                    watch(it->second);
                    ++it;
                }
            }
            launchWaiting();
            for (const auto& [runNo, worker] : m_workers)
                if (worker.pidfd) waits.push_back({worker.pidfd.get(), POLLIN, 0});
            reports.swap(m_reports);
        }
        for (const ExitReport& report : reports) m_callbacks.ended(report);
        ::poll(waits.data(), waits.size(), 200);
        eventfd_t ignored;
        eventfd_read(m_wake.get(), &ignored);
    }
}

}  // namespace dubito::run
