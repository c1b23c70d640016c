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

using SeriesNo = std::int64_t;

struct NewRun {
    RunId id;
    std::string specJson;
    Sha256 specHash{}, groupHash{};
    std::string pluginId, pluginVersion, manifestJson, system, title;
    std::int64_t seed = 0, createdUs = 0;
    Json parameters;  ///< of its group, a nested object; stored by dotted path
    std::optional<RunId> parent;
    std::int64_t inode =
        0;  ///< of the project file that submitted it; a copy of the file does not own the run's worker
};

struct RunStateChange {
    int state = 0, cause = 0;  ///< numbers of run/run_state.h
    std::string detail{};      ///< sentence for people; empty keeps the old one
    bool clearDetail = false;
    std::optional<std::int64_t> startedUs{}, endedUs{};
    bool clearEnded = false;  ///< the run goes on: a later attempt began
};

struct NewAttempt {
    std::int64_t attempt = 1;
    std::string executor, host, device, jobDir, environmentJson;
    std::optional<std::int64_t> startedUs, endedUs, exitCode, signal, resumedStep;
};

/// How far one journal was taken in. Stored in the same transaction as what was taken.
struct IngestCursor {
    std::int64_t segment = 0, bytePos = 0, nextSequence = 0;
    bool ended = false;
    std::string endJson;  ///< payload of the end frame; empty when none was taken
};

/// All calls on the [store] thread. Recorded data go between begin() and commit(), cursor included.
/// Every call ends in a plain error when the file cannot be read or written; after an error inside a batch the caller
/// calls rollback() and may begin the same batch again.
class ProjectWriter {
public:
    /// Opens an existing project as its owner, replays a left-over log, brings an older schema to this program's and
    /// marks the file as open. @error Owned, as ProjectLock::take, checkProject, checkLogIsThere and migrate
    static Result<std::unique_ptr<ProjectWriter>> open(const fs::path& path);
    /// close(); what it could not do is logged.
    ~ProjectWriter();

    /// Merges the log, marks a clean close and returns to one file; further calls do nothing. Without a full merge the
    /// mark stays "not closed cleanly", and the next owner merges. @error Owned (a reader holds the log up), Io
    Result<void> close();

    const fs::path& path() const { return m_path; }  ///< canonical
    const std::string& projectId() const { return m_projectId; }
    bool wasClosedCleanly() const { return m_wasClean; }
    /// The whole project as a new file that this file's fate no longer touches. @error as copyWhole
    Result<void> copyTo(const fs::path& path);
    FileFate fate() const { return m_lock->fate(); }  ///< [any]
    std::uint64_t device() const { return m_lock->identity().device; }
    std::uint64_t inode() const { return m_lock->identity().inode; }

    /// A batch that a failed caller left open is taken back first. @error as SQLite reports, and isHere()
    Result<void> begin();
    /// Flushes pending points of all series and ends the transaction; on error the whole batch was taken back, as by
    /// rollback(). A log that could not be merged afterwards is no error: see lastCheckpointProblem().
    Result<void> commit();
    /// Takes the batch back. Numbers of series handed out stay usable, also of those that the batch had made; numbers
    /// of runs that it had made do not.
    void rollback();
    /// begin(), `body`, commit(); on any error everything was taken back, as by rollback().
    Result<void> inBatch(const std::function<Result<void>()>& body);
    /// Why the log could not be merged after the last commit; tried again after the next one.
    const std::optional<Error>& lastCheckpointProblem() const { return m_checkpointProblem; }

    // --- runs (run_writer.cpp) -----------------------------------------------------------------------------------
    Result<std::int64_t> addRun(const NewRun& run);
    Result<std::int64_t> findRun(const RunId& id);  ///< @error NotFound
    Result<void> setState(std::int64_t runNo, const RunStateChange& change);
    Result<void> setProgress(std::int64_t runNo, double done, double total, std::string_view phase);
    Result<void> setInode(std::int64_t runNo);  ///< the run belongs to this file from now on
    Result<void> putAttempt(std::int64_t runNo, const NewAttempt& attempt);
    Result<void> addCheckpoint(std::int64_t runNo, std::int64_t attempt, std::int64_t step, ByteSpan manifestHash,
        std::int64_t bytes, std::string_view folder, std::int64_t timeUs);
    Result<std::optional<IngestCursor>> cursor(std::int64_t runNo, std::int64_t attempt, std::int64_t rank);
    Result<void> setCursor(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, const IngestCursor& cursor);
    Result<void> addGap(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, std::int64_t segment,
        std::int64_t byteFrom, std::int64_t byteTo, std::int64_t sequenceFrom, std::int64_t sequenceTo,
        std::string_view why);
    Result<void> addLog(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, std::uint64_t sequence,
        std::int64_t timeUs, int level, std::string_view text);
    /// The last n lines, oldest first.
    Result<std::vector<std::string>> newestLog(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, int n);

    // --- points and records (record_writer.cpp) ------------------------------------------------------------------
    /// Finds or adds the series; `definition.series` is kept as its number in the journal. Inside a batch.
    Result<SeriesNo> openSeries(
        std::int64_t runNo, std::int64_t attempt, std::int64_t rank, const journal::SeriesDefinition& definition);
    /// Journal number -> series of one (run, attempt, rank); nothing when an older program recorded some of them
    /// without journal numbers, or the journal gave one series two numbers: then its definitions must be read again.
    Result<std::optional<std::map<std::uint32_t, SeriesNo>>> seriesOf(
        std::int64_t runNo, std::int64_t attempt, std::int64_t rank);
    Result<void> addPoint(SeriesNo seriesNo, std::int64_t step, std::int64_t timeUs, double value) {
        if (!m_last || m_last->seriesNo != seriesNo) {
            DUBITO_TRY(m_last, series(seriesNo));
        }
        if (m_last->pending.size() == 0) m_dirty.push_back(m_last);
        m_last->pending.add(step, timeUs, value);
        return {};
    }
    /// A record whose sequence the series has already is left as it is. `blobs`: where the run wrote arrays that are in
    /// no record; one that is not there is said in the log, and the record is kept.
    Result<void> addRecord(SeriesNo seriesNo, std::int64_t step, std::int64_t timeUs, std::uint64_t sequence,
        std::string_view metaJson, ByteSpan block, const fs::path& blobs = {});
    /// Seals every series of the run that has unsealed points, in memory or in the file. Inside a batch.
    Result<void> sealRun(std::int64_t runNo);
    /// A later attempt began: counts the run's latest values anew from the stretches that stay. Inside a batch.
    Result<void> restitch(std::int64_t runNo);
    /// Forgets the open series of a run; inside a batch that has points of it, when that is committed.
    void closeRun(std::int64_t runNo);

    // --- the user's own tables: undoable (edits.cpp) -------------------------------------------------------------
    /// One intent: a transaction with its changeset kept for undo. On error nothing of it stays.
    Result<void> edit(
        std::string_view title, std::string_view command, const std::function<Result<void>(Database&)>& body);
    Result<std::string> undo();  ///< title of what was taken back. @error NotFound
    Result<std::string> redo();
    Result<void> setSetting(std::string_view key, const Json& value);  ///< layouts and views; one undoable edit each
    /// What a program keeps for its next start (how the window looks, the order of the queue), all of it or nothing; a
    /// null value removes its key. Undo passes over it: a key is kept by this or by setSetting(), never by both.
    Result<void> keepSettings(const std::vector<std::pair<std::string, Json>>& settings);

    Database& database() { return *m_database; }

private:
    /// What openSeries() was asked for. Kept until its row is committed, so that its number outlives a rollback.
    struct NewSeries {
        std::int64_t runNo = 0, attempt = 1, rank = 0;
        journal::SeriesDefinition definition;
        bool isInFile = false;
    };

    ProjectWriter() = default;
    Result<void> prepareAll();
    /// @error WrongState when the name no longer means the file that was opened
    Result<void> isHere() const;
    Result<void> becomeOwner();
    Result<void> markClean();
    /// SQLite ends a transaction by itself after some errors; what came later would be stored half.
    Result<void> checkBatch() const;
    void mergeLog();
    void forgetSeries();
    void forgetRun(std::int64_t runNo);

    Result<std::int64_t> nameNo(std::string_view text);
    Result<void> countUp(std::string_view what, std::int64_t by);
    Result<std::int64_t> configNo(const NewRun& run);
    Result<void> addParameters(std::int64_t configNo, const Json& parameters);
    Result<std::optional<std::int64_t>> environmentNo(std::string_view json);
    Result<OpenSeries*> series(SeriesNo seriesNo);
    Result<SeriesNo> freeSeriesNo(const NewSeries& wanted);
    Result<void> insertSeries(SeriesNo seriesNo, NewSeries& wanted);
    Result<void> putJournalNo(SeriesNo seriesNo, std::optional<std::int64_t> known, std::uint32_t journalNo);
    Result<void> linkBlobs(std::int64_t recordNo, ByteSpan block, const fs::path& blobs);
    Result<void> removeStrayBlobs();
    Result<void> inTransaction(const std::function<Result<void>()>& body);
    Result<std::string> moveHistory(bool isUndo);

    fs::path m_path;
    std::optional<ProjectLock> m_lock;
    std::unique_ptr<Database> m_database;
    std::string m_projectId;
    std::int64_t m_blobExternalBytes = 0;
    bool m_wasClean = true, m_isBatch = false, m_isMarkedOpen = false;
    std::optional<Error> m_checkpointProblem;
    std::optional<SeriesWriter> m_series;
    std::unordered_map<SeriesNo, std::unique_ptr<OpenSeries>> m_open;
    OpenSeries* m_last = nullptr;  ///< of the last addPoint()
    std::vector<OpenSeries*> m_dirty;
    std::map<SeriesNo, NewSeries> m_newSeries;
    std::set<std::int64_t> m_newRuns;      ///< made by the open batch
    std::set<std::int64_t> m_closingRuns;  ///< forgotten with the next commit
    std::unordered_map<std::string, std::int64_t> m_names;
    Statement m_insertRecord, m_insertLog, m_setCursor, m_setProgress;
};

}  // namespace dubito::store
