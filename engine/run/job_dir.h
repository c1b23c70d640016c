// Layout of a run's folder. Everything inside is relative, so a folder can be copied and collected elsewhere.
#pragma once

#include "run/run_spec.h"

namespace dubito::run {

/// Where and how: not part of the spec, because it does not change what is computed.
struct Placement {
    std::string pluginFolder;
    std::map<std::string, std::string> assets;
    std::int64_t memoryBytes = 0;      ///< resident limit; 0: none
    std::int64_t idleSeconds = 900;    ///< an interactive worker without commands ends after this
    std::int64_t checkpointSeconds = 300;  ///< between checkpoints of plugins that take them; 0: only when asked
    std::string title;
};

/// Whoever runs the attempt, as written by its worker.
struct WorkerStatus {
    std::int64_t pid = 0, startTicks = 0, exitCode = -1, lastSequence = -1;
    std::string host, bootId, phase;   ///< phase: running, ended
};

class JobDir {
public:
    explicit JobDir(fs::path root) : m_root(std::move(root)) {}
    /// Makes the folder with spec.json and placement.json (read-only files). @error Io, Limit (less than 1 GiB free)
    static Result<JobDir> create(const fs::path& root, const RunSpec& spec, const Placement& placement);

    const fs::path& root() const { return m_root; }
    fs::path journal() const { return m_root / "journal"; }
    fs::path control() const { return m_root / "control" / "000000.djl"; }
    fs::path log(int attempt, const char* stream) const;
    fs::path crashNote(int attempt) const;
    fs::path status(int attempt) const;

    Result<RunSpec> readSpec() const;
    Result<Placement> readPlacement() const;
    Result<WorkerStatus> readStatus(int attempt) const;
    Result<void> writeStatus(int attempt, const WorkerStatus& status) const;
    /// The folder's name is the run's id. @error CorruptData
    Result<RunId> runId() const;

private:
    fs::path m_root;
};

/// $XDG_DATA_HOME/dubito/jobs/<project id>
fs::path jobsRoot(const std::string& projectId);
std::string bootId();
/// Start time of a process in clock ticks since boot; -1 when it is gone.
std::int64_t processStartTicks(std::int64_t pid);

}  // namespace dubito::run
