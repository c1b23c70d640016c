// Journals -> project file. Idempotent by (run, attempt, rank, sequence); belongs to the [store] thread.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "run/follower.h"
#include "run/outcome.h"

namespace dubito::run {

/// One run that is being taken in.
struct CollectedRun {
    std::int64_t runNo = 0;
    RunId id;
    JobDir job;
    int attempt = 1;
    RunState state = RunState::Queued;             ///< as the project's row says
    std::vector<std::unique_ptr<Follower>> ranks;  ///< of this attempt, rank 0 first
};

class Collector {
public:
    explicit Collector(store::ProjectWriter& writer) : m_writer(writer) {}

    /// Starts following one attempt from where the project's cursor stands: rank 0, and every other rank that has a
    /// journal.
    Result<CollectedRun*> follow(std::int64_t runNo, RunId id, const JobDir& job, int attempt, RunState state);
    CollectedRun* find(std::int64_t runNo);

    /// One flush: everything that is there, at most maxBytes a run, in one transaction. @return runs that changed.
    /// On error nothing of the flush is in the project, and the next call tries the same again. When the fault lies
    /// with one run alone, the others are taken in all the same.
    Result<std::vector<std::int64_t>> poll(std::uint64_t maxBytes = 4u << 20);

    /// After the worker's end: reads to the end, seals, and writes the state that the facts decide. On error the run is
    /// still followed and this may be called again. A state of Queued means that another attempt is wanted.
    Result<Outcome> finish(std::int64_t runNo, const ProcessFate& fate);

    /// Writes a move of the table; one that is not in it is refused and logged. Outside a batch.
    Result<void> move(CollectedRun& run, RunState to);

private:
    Result<std::uint64_t> ingest(CollectedRun& run, bool ended, std::uint64_t maxBytes, bool* more = nullptr);
    Result<bool> ingestAlone(CollectedRun& run, std::uint64_t maxBytes);
    Result<Outcome> decideAndWrite(CollectedRun& run, const ProcessFate& fate);
    /// Runs `body` in one transaction; on error everything, in the file and in what is known of `runs`, is as before.
    Result<void> inBatch(const std::vector<CollectedRun*>& runs, const std::function<Result<void>()>& body);
    std::string hints(const CollectedRun& run);
    /// A checkpoint whose record was lost with its worker lies there all the same.
    Result<void> listCheckpoints(const CollectedRun& run, std::int64_t timeUs);

    store::ProjectWriter& m_writer;
    std::map<std::int64_t, CollectedRun> m_runs;
};

/// What taking in a folder found.
struct CollectedFolder {
    std::int64_t runNo = 0;
    RunState state = RunState::Done;
    int attempts = 0;
    bool isAlive = false;  ///< its worker still goes on: collect again later
};
/// Takes in a job folder, written here or elsewhere: adds the run when it is unknown, then reads the journals of all
/// attempts. May be repeated: equal facts give an equal state.
Result<CollectedFolder> collectJobDir(
    store::ProjectWriter& writer, const fs::path& folder, const PluginDescription* plugin);

}  // namespace dubito::run
