// Layout of a run's folder. Everything inside is relative, so a folder can be copied and collected elsewhere.
#pragma once

#include "run/local_pool.h"
#include "run/run_spec.h"

namespace dubito::run {

/// Where and how: not part of the spec, because it does not change what is computed.
struct Placement {
    std::string pluginFolder;
    std::map<std::string, std::string> assets;
    std::int64_t memoryBytes = 0;          ///< resident limit; 0: none
    std::optional<Demand> demand;          ///< what the pool reckons with; empty: recorded by an older program
    std::int64_t idleSeconds = 900;        ///< an interactive worker without commands ends after this
    std::int64_t checkpointSeconds = 300;  ///< between checkpoints of plugins that take them; 0: only when asked
    std::string title;
    std::string project;  ///< path of the project file that started it
};

/// Whoever runs the attempt, as written by its worker. A process is known by pid, startTicks, bootId and host together.
struct WorkerStatus {
    std::int64_t pid = 0;             ///< 0: nobody
    std::int64_t startTicks = 0;      ///< clock ticks since boot
    std::int64_t exitCode = -1;       ///< -1: not ended
    std::int64_t lastSequence = -1;   ///< of the end frame; -1: none was written
    std::int64_t endedUs = 0;         ///< µs since 1970 UTC; 0: not ended
    std::string host, bootId, phase;  ///< phase: running, ended, void (claimed so that no worker can)
};

/// The start of one attempt, as written by its supervisor before and after the process is made.
struct LaunchRecord {
    std::int64_t submitUs = 0;      ///< µs since 1970 UTC
    std::int64_t pid = 0;           ///< 0: not started yet
    std::int64_t startTicks = 0;    ///< clock ticks since boot
    std::int64_t controlFrom = -1;  ///< first control sequence that is meant for this attempt; -1: not recorded
    std::string executor, reason;
    std::vector<std::string> gpus{};  ///< given to the attempt; names for CUDA_VISIBLE_DEVICES
};

/// Paths and small files of one job folder. Files are read only when they are regular and no folder or file on the way
/// down from the root is a link: the folder may come from a stranger. [any]; nothing is kept between calls
class JobDir {
public:
    explicit JobDir(fs::path root);
    /// Makes the folder with spec.json and placement.json (read-only files). @error Io, Limit (less than 1 GiB free)
    static Result<JobDir> create(const fs::path& root, const RunSpec& spec, const Placement& placement);

    const fs::path& root() const { return m_root; }
    fs::path journal() const { return m_root / "journal"; }
    fs::path blobs() const { return m_root / "blobs"; }  ///< of journal/blob_files.h
    fs::path artifacts() const { return m_root / "artifacts"; }
    fs::path control() const { return m_root / "control" / "000000.djl"; }
    fs::path log(int attempt, const char* stream, int rank = 0) const;  ///< stream: out, err
    fs::path crashNote(int attempt, int rank = 0) const;
    fs::path status(int attempt, int rank = 0) const;
    fs::path launch(int attempt) const;
    /// When this file exists the attempt is not to begin: a worker that finds it ends as cancelled.
    fs::path cancelMark(int attempt) const;

    /// Attempts of which a launch record, a status, a journal or a crash note lies here, ascending.
    std::vector<int> attempts() const;

    /// @error NotFound, Io, Refused (a link or no regular file), Limit (too large), CorruptData
    Result<RunSpec> readSpec() const;
    Result<Placement> readPlacement() const;
    Result<WorkerStatus> readStatus(int attempt, int rank = 0) const;
    Result<LaunchRecord> readLaunch(int attempt) const;

    /// First thing a worker does: the status file appears with its content or not at all, and only once.
    /// On disk when this returns. @error WrongState when the attempt is claimed already; NotFound (no job folder), Io
    Result<void> claim(int attempt, int rank, const WorkerStatus& status) const;
    /// Replaces the status; on disk when this returns. @error Io
    Result<void> writeStatus(int attempt, int rank, const WorkerStatus& status) const;
    Result<void> writeLaunch(int attempt, const LaunchRecord& record) const;

    /// Makes cancelMark(attempt), on disk when this returns. `kill`: its worker is not asked, it is ended. @error Io
    Result<void> markCancelled(int attempt, bool kill = false) const;
    bool isMarkedCancelled(int attempt) const;

    /// The folder's name is the run's id. @error CorruptData
    Result<RunId> runId() const;

private:
    /// A small text file by its path inside the root ("status/a001-r0000.json").
    Result<std::string> read(const fs::path& relative, std::uint64_t maxBytes) const;
    fs::path m_root;
};

/// $XDG_DATA_HOME/dubito/jobs/<project id>
fs::path jobsRoot(const std::string& projectId);
std::string bootId();
std::string hostName();
/// Start time of a process in clock ticks since boot; -1 when it is gone.
std::int64_t processStartTicks(std::int64_t pid);
/// Whether the process that started then is still there. One that was gone before its start could be read is not.
bool isProcess(std::int64_t pid, std::int64_t startTicks);
/// This process, running, for claim().
WorkerStatus ownStatus();

}  // namespace dubito::run
