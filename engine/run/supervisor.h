// The local pool: starts workers in sessions of their own, watches them, ends them by the cancel ladder.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "run/job_dir.h"
#include "run/run_state.h"

namespace dubito::run {

struct LaunchRequest {
    std::int64_t runNo = 0;
    RunId id;
    fs::path jobDir;
    int attempt = 1, threads = 1;
    std::int64_t memoryBytes = 0;
    bool isSession = false;        ///< somebody waits for its answers: it starts at once and holds no slot, as it is mostly idle
    int slots() const { return isSession ? 0 : threads; }
};

struct ExitReport {
    std::int64_t runNo = 0;
    int attempt = 1, exitCode = -1, signal = 0;
    Cause cause = Cause::None;     ///< Memory or Launch when the supervisor knows better than the journal
    std::string detail;
    bool wasAsked = false;         ///< a stop or kill was asked for
};

/// One [supervisor] thread. Callbacks run on it and must not block.
class Supervisor {
public:
    struct Callbacks {
        std::function<void(std::int64_t runNo, int attempt, std::int64_t pid)> started;
        std::function<void(const ExitReport&)> ended;
    };
    struct Ladder {
        std::chrono::milliseconds toTerm{5000}, toKill{3000};
    };
    /// Workers are `worker run <jobdir> --attempt N`. Slots are threads, at least one run goes at a time.
    Supervisor(fs::path worker, int slots, Callbacks callbacks, Ladder ladder);
    ~Supervisor();  ///< leaves workers running: they outlive their supervisor

    void submit(LaunchRequest request);                     ///< [any]; first in, first out
    void adopt(LaunchRequest request, std::int64_t pid);    ///< [any]; a worker started by an earlier process
    /// Stop: command, 5 s, SIGTERM, 3 s, SIGKILL. Kill: SIGKILL at once. A queued run is ended without starting. [any]
    void cancel(std::int64_t runNo, bool kill);
    int live() const;                                       ///< workers running now

private:
    struct Worker {
        LaunchRequest request;
        std::int64_t pid = 0;
        FileDescriptor pidfd;
        bool isChild = true, asked = false, killedForMemory = false;
        std::chrono::steady_clock::time_point askedAt{};
        int rung = 0;  ///< 0 none, 1 stop sent, 2 SIGTERM sent, 3 SIGKILL sent
        std::int64_t residentPeak = 0;
    };
    void run();
    void launchWaiting();
    void watch(Worker& worker);
    bool reap(Worker& worker, ExitReport& report);

    fs::path m_worker;
    int m_slots;
    Callbacks m_callbacks;
    Ladder m_ladder;
    FileDescriptor m_wake;
    std::thread m_thread;

    mutable std::mutex m_mutex;  // guards all below
    std::deque<LaunchRequest> m_waiting;
    std::map<std::int64_t, Worker> m_workers;
    std::vector<ExitReport> m_reports;
    bool m_stopping = false;
};

/// The worker program beside this one. @error NotFound
Result<fs::path> findWorker();

}  // namespace dubito::run
