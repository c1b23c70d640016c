// The local pool: starts workers in sessions of their own, watches them, ends them by the cancel ladder.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "run/outcome.h"

namespace dubito::run {

struct LaunchRequest {
    std::int64_t runNo = 0;
    RunId id;
    fs::path jobDir;
    int attempt = 1, threads = 1;
    std::int64_t memoryBytes = 0;
    bool isSession =
        false;  ///< somebody waits for its answers: it starts at once and holds no slot, as it is mostly idle
    std::int64_t controlFrom = 0;  ///< first command that is meant for this attempt
    std::string reason = "first";  ///< first, resume, requeue, again
    int slots() const { return isSession ? 0 : threads; }
};

struct ExitReport {
    std::int64_t runNo = 0;
    int attempt = 1;
    ProcessFate fate;
};

/// One [supervisor] thread. Callbacks run on it, under no lock, and must not block.
/// What it does is written into the job folder first (launch, cancel mark), so that the next owner can go on from
/// there.
class Supervisor {
public:
    struct Callbacks {
        std::function<void(std::int64_t runNo, int attempt)> started;
        std::function<void(const ExitReport&)> ended;
    };
    struct Ladder {
        std::chrono::milliseconds toTerm{5000}, toKill{3000};
        std::chrono::seconds toClaim{120};  ///< a worker that has not claimed its attempt by then will not
    };
    /// Workers are `worker run <jobdir> --attempt N`. Slots are threads, at least one run goes at a time.
    Supervisor(fs::path worker, int slots, Callbacks callbacks, Ladder ladder);
    ~Supervisor();  ///< leaves workers running: they outlive their supervisor

    void submit(LaunchRequest request);  ///< [any]; first in, first out
    /// A process started by an earlier owner: the worker itself (its claim) or what is about to become it (its launch).
    /// [any]
    void adopt(LaunchRequest request, std::int64_t pid, std::int64_t startTicks);
    /// Stop: command, 5 s, SIGTERM, 3 s, SIGKILL. Kill: SIGKILL at once. A queued run is ended without starting. The
    /// cancel mark must be there already. [any]
    void cancel(std::int64_t runNo, bool kill);
    int live() const;  ///< workers running now and runs waiting for a slot

private:
    using Clock = std::chrono::steady_clock;
    struct Worker {
        LaunchRequest request;
        std::int64_t pid = 0, startTicks = 0;  ///< of the process that is watched
        std::int64_t computingPid = 0;         ///< of the claim; another one when a start script stands between
        FileDescriptor pidfd;
        bool isChild = true, asked = false, claimed = false, isKilledForMemory = false;
        Clock::time_point startedAt{}, askedAt{}, lookedAt{};
        int rung = 0;  ///< 0 none, 1 stop sent, 2 SIGTERM sent, 3 SIGKILL sent
        std::int64_t residentPeak = 0;
        std::string detail;
    };
    void run();
    void launchWaiting(std::vector<std::pair<std::int64_t, int>>& started);
    Result<Worker> launch(const LaunchRequest& request);
    void dropCancelled();
    void lookForClaim(Worker& worker);
    void watchMemory(Worker& worker);
    void climb(Worker& worker);
    bool reap(Worker& worker, ExitReport& report);
    void report(const LaunchRequest& request, ProcessFate fate);

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
    Clock::time_point m_marksLookedAt{};
    bool m_stopping = false;
};

/// The worker program beside this one. @error NotFound
Result<fs::path> findWorker();
/// Signals a worker with everything it started: the process group when it leads one of its own.
void signalWorker(std::int64_t pid, int signal);

}  // namespace dubito::run
