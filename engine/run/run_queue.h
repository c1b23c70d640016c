// The local pool at work: the waiting line in front of the supervisor.
#pragma once

#include "run/local_pool.h"
#include "run/supervisor.h"

namespace dubito::run {

struct QueuedRun {
    std::int64_t runNo = 0;
    std::string name;
    Demand demand;
    std::string waitsFor;  ///< empty: it is about to start
};

/// Starts what local_pool's rule lets start, whenever something changed and at least five times a second: memory is
/// measured then. All calls are [any]; callbacks run on [supervisor], those of cancel() on its caller, under no lock.
class RunQueue {
public:
    RunQueue(fs::path worker, Capacity capacity, Supervisor::Callbacks callbacks, Supervisor::Ladder ladder);
    RunQueue(const RunQueue&) = delete;

    /// At the end of the queue; a run that its own worker asked to start again keeps its turn and goes to the front.
    void submit(LaunchRequest request);
    void adopt(LaunchRequest request, std::int64_t pid, std::int64_t startTicks);  ///< as Supervisor::adopt
    /// As Supervisor::cancel; a queued run is ended without starting. The cancel mark must be there already.
    void cancel(std::int64_t runNo, bool kill);
    int live() const;  ///< workers running now and runs waiting
    void stop();       ///< as Supervisor::stop(): what is submitted later stays queued

    std::vector<QueuedRun> waiting() const;
    std::vector<RunId> order() const;
    /// Position 0 is the front; beyond the end means the end. @error NotFound: the run is not queued
    Result<void> move(std::int64_t runNo, std::size_t position);
    void setPaused(bool isPaused);
    bool isPaused() const;
    const Capacity& capacity() const { return m_capacity; }

private:
    struct Running {
        int attempt = 1;
        Demand demand;
        std::vector<std::string> gpus;
        std::int64_t usedBytes = 0;
    };
    void look();
    void schedule();
    void dropCancelled();
    void watchMemory();
    void onEnded(const ExitReport& report);
    std::vector<QueuedItem> waitingItems() const;
    std::vector<QueuedItem> runningItems() const;
    std::vector<std::string> freeGpus(int count) const;

    const Capacity m_capacity;
    const Supervisor::Callbacks m_callbacks;
    std::chrono::steady_clock::time_point m_marksLookedAt{};  // [supervisor]

    mutable std::mutex m_mutex;  // guards all below but the supervisor, whose own lock is taken inside this one
    std::deque<LaunchRequest> m_waiting;
    std::map<std::int64_t, Running> m_running;
    bool m_isPaused = false, m_isStopped = false;

    Supervisor m_supervisor;  // last: its thread uses all of the above
};

}  // namespace dubito::run
