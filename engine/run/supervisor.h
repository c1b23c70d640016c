// Worker processes: starts them in sessions of their own, watches them, ends them by the cancel ladder. Which run goes
// next is run_queue's business.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "run/local_pool.h"
#include "run/outcome.h"

namespace dubito::run {

struct LaunchRequest {
    std::int64_t runNo = 0;
    RunId id;
    std::string name;  ///< for people
    fs::path jobDir;
    int attempt = 1, threads = 1;
    Demand demand;
    std::vector<std::string> gpus;  ///< those that are the run's, for CUDA_VISIBLE_DEVICES
    std::int64_t memoryBytes = 0;   ///< its worker is ended above this; 0: no limit of its own
    std::int64_t controlFrom = 0;   ///< first command that is meant for this attempt
    std::string reason = "first";   ///< first, resume, requeue, again
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
        std::function<void()> looked;  ///< after every round: at least five times a second
    };
    struct Ladder {
        std::chrono::milliseconds toTerm{5000}, toKill{3000};
        std::chrono::seconds toClaim{120};  ///< a worker that has not claimed its attempt by then will not
    };
    /// Workers are `worker run <jobdir> --attempt N`.
    Supervisor(fs::path worker, Callbacks callbacks, Ladder ladder);
    ~Supervisor();  ///< stop(); leaves workers running: they outlive their supervisor
    /// Nothing is started, watched or reported any more; further calls do nothing. Not from a callback.
    void stop();

    void start(LaunchRequest request);  ///< [any]; at once
    /// A process started by an earlier owner: the worker itself (its claim) or what is about to become it (its launch).
    /// [any]
    void adopt(LaunchRequest request, std::int64_t pid, std::int64_t startTicks);
    /// Stop: command, 5 s, SIGTERM, 3 s, SIGKILL. Kill: SIGKILL at once. One whose process is not made yet is ended
    /// without it. The cancel mark must be there already. [any]
    void cancel(std::int64_t runNo, bool kill);
    /// SIGKILL; the run fails with the cause memory and `why`. [any]
    void endForMemory(std::int64_t runNo, std::string why);
    struct InUse {
        std::int64_t bytes = 0;  ///< anonymous memory at the last look
        bool isEnding = false;   ///< killed for its memory, by its own limit or by endForMemory(), and not gone yet
    };
    /// Of each worker that has a process. [any]
    std::map<std::int64_t, InUse> memoryInUse() const;

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
        std::int64_t resident = 0;
        std::string detail;
    };
    void run();
    void launchAll(std::vector<std::pair<std::int64_t, int>>& started);
    Result<Worker> launch(const LaunchRequest& request);
    void lookForMarks();
    void lookForClaim(Worker& worker);
    void watchMemory(Worker& worker);
    void climb(Worker& worker);
    bool reap(Worker& worker, ExitReport& report);
    void report(const LaunchRequest& request, ProcessFate fate);

    fs::path m_worker;
    Callbacks m_callbacks;
    Ladder m_ladder;
    FileDescriptor m_wake;
    std::thread m_thread;

    mutable std::mutex m_mutex;  // guards all below
    std::deque<LaunchRequest> m_starting;
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
