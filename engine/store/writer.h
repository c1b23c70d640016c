// The only writing connection of a project: recorded data in batches, user edits with undo.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/hash.h"
#include "base/ids.h"
#include "base/json.h"
#include "journal/record.h"
#include "store/lock.h"
#include "store/series_writer.h"

namespace dubito::store {

struct NewRun {
    RunId id;
    std::string specJson;
    Sha256 specHash{}, groupHash{};
    std::string pluginId, pluginVersion, manifestJson, system, title;
    std::int64_t seed = 0, createdUs = 0;
    Json parameters;                      ///< nested object; stored by dotted path
    std::optional<RunId> parent;
};

struct RunStateChange {
    int state = 0, cause = 0;             ///< numbers of run/run_state.h
    std::string detail;                   ///< sentence for people; empty keeps the old one
    std::optional<std::int64_t> startedUs, endedUs;
};

struct NewAttempt {
    std::int64_t attempt = 1;
    std::string executor, host, device, jobDir, environmentJson;
    std::optional<std::int64_t> startedUs, endedUs, exitCode, signal, resumedStep;
};

struct IngestCursor {
    std::int64_t segment = 0, bytePos = 0, nextSequence = 0;
    bool ended = false;
};

/// All calls on the [store] thread. Recorded data go between begin() and commit(), cursor included.
class ProjectWriter {
public:
    /// Opens an existing project as its owner, replays a left-over log and marks it open. @error Owned, as checkProject
    static Result<std::unique_ptr<ProjectWriter>> open(const fs::path& path);
    /// Checkpoints, returns to one file, marks a clean close.
    ~ProjectWriter();

    const fs::path& path() const { return m_path; }
    const std::string& projectId() const { return m_projectId; }
    bool wasClosedCleanly() const { return m_wasClean; }

    Result<void> begin();
    /// Flushes pending points of all series and ends the transaction.
    Result<void> commit();
    void rollback();

    Result<std::int64_t> addRun(const NewRun& run);
    Result<std::int64_t> findRun(const RunId& id);           ///< @error NotFound
    Result<void> setState(std::int64_t runNo, const RunStateChange& change);
    Result<void> setProgress(std::int64_t runNo, double done, double total, std::string_view phase);
    Result<void> putAttempt(std::int64_t runNo, const NewAttempt& attempt);
    Result<void> addCheckpoint(std::int64_t runNo, std::int64_t attempt, std::int64_t step, ByteSpan manifestHash, std::int64_t bytes, std::string_view folder, std::int64_t timeUs);
    Result<std::optional<IngestCursor>> cursor(std::int64_t runNo, std::int64_t attempt, std::int64_t rank);
    Result<void> setCursor(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, const IngestCursor& cursor);
    Result<void> addGap(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, std::int64_t segment, std::int64_t byteFrom,
                        std::int64_t byteTo, std::int64_t sequenceFrom, std::int64_t sequenceTo, std::string_view why);

    /// Finds or adds the series; points of it are then added by the returned state. Pointers live until closeRun().
    Result<OpenSeries*> openSeries(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, const journal::SeriesDefinition& definition);
    void addPoint(OpenSeries& series, std::int64_t step, std::int64_t timeUs, double value) {
        if (series.pending.size() == 0) m_dirty.push_back(&series);
        series.pending.add(step, timeUs, value);
    }
    Result<void> addRecord(std::int64_t seriesNo, std::int64_t step, std::int64_t timeUs, std::uint64_t sequence, std::string_view metaJson,
                           ByteSpan block);
    Result<void> addLog(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, std::uint64_t sequence, std::int64_t timeUs, int level,
                        std::string_view text);
    /// Seals all series of the run: short chunks, no tails. Inside a batch.
    Result<void> sealRun(std::int64_t runNo);
    /// Forgets the open series of a run after its last commit.
    void closeRun(std::int64_t runNo);

    // --- the user's own tables: undoable -------------------------------------------------------------------------
    /// One intent: a transaction with its changeset kept for undo.
    Result<void> edit(std::string_view title, std::string_view command, const std::function<Result<void>(Database&)>& body);
    Result<std::string> undo();                              ///< title of what was taken back. @error NotFound
    Result<std::string> redo();
    Result<void> setSetting(std::string_view key, const Json& value);   ///< layouts and views; one undoable edit each

    Database& database() { return *m_database; }

private:
    ProjectWriter() = default;
    Result<void> prepareAll();
    Result<std::int64_t> nameNo(std::string_view text);
    Result<void> countUp(std::string_view what, std::int64_t by);
    Bytes editMac(ByteSpan changeset) const;

    fs::path m_path;
    std::optional<ProjectLock> m_lock;
    std::unique_ptr<Database> m_database;
    std::string m_projectId;
    bool m_wasClean = true;
    std::int64_t m_sinceCheckpoint = 0;
    std::optional<SeriesWriter> m_series;
    std::map<std::int64_t, std::map<std::int64_t, std::unique_ptr<OpenSeries>>> m_open;  ///< run_no -> series_no -> state
    std::vector<OpenSeries*> m_dirty;
    std::unordered_map<std::string, std::int64_t> m_names;
    Statement m_insertRecord, m_insertLog, m_setCursor, m_setProgress;
};

}  // namespace dubito::store
