// The facade for desktop and command line: submit, cancel, command, observe. Owns the writer and its [store] thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "run/collector.h"
#include "run/janitor.h"
#include "run/run_queue.h"
#include "store/queries.h"

namespace dubito::run {

struct RunEvent {
    enum class Kind { Added, State, Committed, Notice } kind = Kind::Committed;
    std::int64_t runNo = 0;  ///< 0: the project as a whole
    RunState state = RunState::Queued;
    std::string text;  ///< Notice, and the detail of a failed run
};

class RunService {
public:
    struct Options {
        std::function<void(const RunEvent&)> observer;  ///< on [store]; must not block
        int slots = 0;                                  ///< threads of the local pool; 0: all cores
        std::int64_t memoryBytes = 0;                   ///< of the local pool; 0: seven eighths of the machine
        Supervisor::Ladder ladder;
        bool adoptRunning = true;  ///< go on with runs an earlier process left
        int journalKeepDays = 7;   ///< journals of finished runs are kept this long; below 0: for ever
    };
    /// Why the project cannot be written at the moment. Recording goes on in the job folders and is taken in when it
    /// can be.
    struct WriteProblem {
        std::string text;
        std::chrono::steady_clock::time_point since;
    };
    /// Becomes the project's owner. @error Owned, NotFound and as ProjectWriter::open
    static Result<std::unique_ptr<RunService>> open(const fs::path& project, Options options);
    /// Leaves workers running, takes in what they wrote so far, closes the project.
    ~RunService();

    /// Validated once, frozen, hashed; a bad draft makes no row and no folder. Blocks for hashing inputs. [any but
    /// store]
    Result<std::int64_t> submit(const RunDraft& draft, const PluginDescription& plugin);
    /// A new attempt of a run that failed or was stopped; it goes on from the newest checkpoint, or starts afresh
    /// without one.
    /// @error NotFound, WrongState (running or done), Refused (the job folder is gone)  [any but store]
    Result<void> resume(std::int64_t runNo);
    Result<void> cancel(std::int64_t runNo, bool kill = false);  ///< [any but store]
    Result<std::uint64_t> command(
        std::int64_t runNo, std::string_view verb, std::string_view json);  ///< [any but store]
    /// Runs `body` on [store] and waits for it. For user edits.
    Result<void> edit(std::string title, std::string command, std::function<Result<void>(store::Database&)> body);
    Result<std::string> undo();
    Result<std::string> redo();
    /// Removes the runs in the bin for good. @error Refused when a report uses one of them  [any but store]
    Result<Tidied> emptyBin();
    /// The whole project as a new file, also when its own was moved or deleted. @error as copyWhole  [any but store]
    Result<void> copyTo(const fs::path& path);
    store::FileFate fate() const { return m_writer->fate(); }  ///< of the project's file; looks at the disk [any]
    /// Runs `body` on [store] later.
    void post(std::function<void(store::ProjectWriter&)> body);
    Result<void> call(const std::function<Result<void>(store::ProjectWriter&)>& body);

    /// Workers running, runs waiting, and runs whose end is not in the project yet. [any]
    int live() const { return m_queue->live() + m_unsettled; }
    bool hasWorkers() const { return m_queue->live() > 0; }  ///< [any]
    std::optional<WriteProblem> writeProblem() const;        ///< [any]
    /// Runs that wait for the machine, in the order in which they get it. [any]
    std::vector<QueuedRun> queue() const { return m_queue->waiting(); }
    /// Position 0 is the front. Order and pause are in force at once and outlive this owner. [any]
    /// @error NotFound: the run does not wait
    Result<void> moveInQueue(std::int64_t runNo, std::size_t position);
    /// Holds back every queued run that is no session. [any]
    void setQueuePaused(bool isPaused);
    bool isQueuePaused() const { return m_queue->isPaused(); }  ///< [any]
    const Capacity& capacity() const { return m_queue->capacity(); }
    void setInteractiveInView(bool inView) { m_fast = inView; }  ///< flush every 50 ms instead of 250
    const fs::path& project() const { return m_project; }
    bool wasClosedCleanly() const { return m_wasClean; }

private:
    RunService() = default;
    void run();
    void flush();
    void noteWriting(const Result<void>& outcome);
    void adoptRuns();
    void adopt(const store::RunRow& row);
    bool belongsHere(const store::RunRow& row, const JobDir& job);
    void leave(const store::RunRow& row, const std::string& why);
    Result<LaunchRequest> nextAttempt(store::ProjectWriter& writer, std::int64_t runNo, const char* reason);
    void onStarted(std::int64_t runNo, int attempt);
    void tell(const RunEvent& event) {
        if (m_options.observer) m_options.observer(event);
    }
    void settle();
    bool settleOne(const ExitReport& report);
    void requeue(std::int64_t runNo, int attempt);
    void enqueue(LaunchRequest request);
    void keepQueue();
    Demand demandOfJob(const JobDir& job) const;

    fs::path m_project;
    Options m_options;
    bool m_wasClean = true;
    std::unique_ptr<store::ProjectWriter> m_writer;  // [store]
    std::unique_ptr<Collector> m_collector;          // [store]
    std::unique_ptr<RunQueue> m_queue;
    std::thread m_thread;
    std::deque<ExitReport> m_ended;  // [store]; workers that are gone, their end not yet in the project
    std::atomic<bool> m_fast{false};
    std::atomic<int> m_unsettled{0};

    mutable std::mutex m_mutex;  // guards all below
    std::condition_variable m_wake;
    std::deque<std::function<void()>> m_tasks;
    std::optional<WriteProblem> m_problem;
    bool m_stopping = false;
};

}  // namespace dubito::run
