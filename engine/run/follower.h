// Takes one attempt's journal, of one rank, into the project. What it knows can be put back when a batch fails.
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "journal/reader.h"
#include "run/attempt_log.h"
#include "run/run_state.h"
#include "store/writer.h"

namespace dubito::run {

/// Belongs to [store], as everything that writes the project.
class Follower {
public:
    /// Goes on where the project's cursor stands.
    static Result<std::unique_ptr<Follower>> open(
        store::ProjectWriter& writer, std::int64_t runNo, RunId id, const JobDir& job, int attempt, int rank);

    /// All that a batch may change. Series are numbers, never pointers: they stay true after a rollback.
    struct Mark {
        journal::Cursor cursor;
        std::map<std::uint32_t, store::SeriesNo> series;
        EndFrame end;
        std::int64_t beganUs = 0, lastFrameUs = 0;
        std::uint64_t frames = 0;
        bool began = false, isStopped = false, isPaused = false;
    };
    const Mark& mark() const { return m_now; }
    void restore(const Mark& mark);

    /// Reads at most maxBytes into the open batch, cursor included. `ended`: the writer is gone, damage may be
    /// believed.
    /// @return frames taken; with `more` set there may be further ones
    Result<std::uint64_t> ingest(bool ended, std::uint64_t maxBytes, bool* more = nullptr);

    const JobDir& job() const { return m_job; }
    int attempt() const { return m_attempt; }
    int rank() const { return m_rank; }
    bool isStopped() const { return m_now.isStopped; }  ///< newer or foreign records follow: nothing more is read
    /// What the folder and the journal say so far.
    AttemptFacts facts() const;

private:
    using Delivery = journal::JournalReader::Delivery;
    Follower(store::ProjectWriter& writer, std::int64_t runNo, RunId id, JobDir job, int attempt, int rank);
    Result<void> findSeries();
    Result<void> take(const Delivery& frame);
    Result<void> onBegin(const Delivery& frame);
    Result<void> onDefine(const Delivery& frame);
    Result<void> onScalarGroup(const Delivery& frame);
    Result<void> onScalarRun(const Delivery& frame);
    Result<void> onProgress(const Delivery& frame);
    Result<void> onLog(const Delivery& frame);
    Result<void> onCheckpoint(const Delivery& frame);
    Result<void> onResult(const Delivery& frame);
    Result<void> onRecord(const Delivery& frame);
    Result<void> addGap(const journal::Gap& gap);

    store::ProjectWriter& m_writer;
    std::int64_t m_runNo;
    RunId m_id;
    JobDir m_job;
    int m_attempt, m_rank;
    std::unique_ptr<journal::JournalReader> m_reader;
    Mark m_now;
};

}  // namespace dubito::run
