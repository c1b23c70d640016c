// Rows and cursor in one transaction: a crash between any two instructions repeats or completes, never doubles.
#include "store/writer.h"

#include <fmt/format.h>

#include "base/log.h"
#include "store/blobs.h"
#include "store/opener.h"
#include "store/queries.h"

namespace dubito::store {
namespace {

constexpr std::uint64_t kMergeBytes = 16u << 20;     // log that is merged without waiting
constexpr std::uint64_t kRestartBytes = 256u << 20;  // log that is also begun anew, as soon as no reader is in it

}  // namespace

Result<std::unique_ptr<ProjectWriter>> ProjectWriter::open(const fs::path& path) {
    DUBITO_TRY(ProjectLock lock, ProjectLock::take(path));
    std::unique_ptr<ProjectWriter> writer(new ProjectWriter());
    writer->m_path = lock.path();
    writer->m_lock.emplace(std::move(lock));
    DUBITO_TRY(const bool needsLog, writer->m_lock->needsLog());
    const std::uint64_t bytesOfLog = logBytes(writer->m_path);
    DUBITO_TRY(auto database, Database::open(writer->m_path, Database::Mode::ReadWrite));
    DUBITO_CHECK(writer->m_lock->isUnmoved());
    DUBITO_TRY(const std::int64_t version, checkProject(*database, writer->m_path));
    DUBITO_CHECK(checkLogIsThere(*database, writer->m_path, needsLog, bytesOfLog));
    DUBITO_TRY(Statement id, database->prepare("SELECT value FROM meta WHERE key='project_id'"));
    DUBITO_CHECK(id.forEach([&] { writer->m_projectId = id.text(0); }));
    if (!parseUuid(writer->m_projectId))
        return Error(Code::CorruptData, "the project has no valid id. File: " + writer->m_path.string());
    DUBITO_TRY(const std::int64_t clean, database->integer("SELECT value FROM meta WHERE key='clean_close'"));
    writer->m_wasClean = clean == 1;
    if (version < kSchemaVersion) DUBITO_CHECK(migrate(*database, writer->m_path, version));
    id = Statement();
    // From here on close() has something to undo.
    writer->m_database = std::move(database);
    DUBITO_CHECK(writer->becomeOwner());
    DUBITO_CHECK(writer->prepareAll());
    DUBITO_TRY(const Json limit, querySetting(*writer->m_database, "blob_external_bytes"));
    writer->m_blobExternalBytes = limit.is_number_integer() ? limit.get<std::int64_t>() : kBlobExternalBytes;
    if (!writer->m_wasClean) DUBITO_CHECK(writer->removeStrayBlobs());
    return writer;
}

Result<void> ProjectWriter::removeStrayBlobs() {
    DUBITO_TRY(const auto strays, strayBlobs(*m_database, m_path));
    std::error_code error;
    for (const fs::path& stray : strays) fs::remove(stray, error);
    return {};
}

Result<void> ProjectWriter::becomeOwner() {
    Database& database = *m_database;
    DUBITO_TRY(const bool needsLog, m_lock->needsLog());
    // One whole file without a log: the mark "not clean" is from an end that is over. It must not meet an empty log.
    if (!needsLog && !m_wasClean) DUBITO_CHECK(database.execute("UPDATE meta SET value=1 WHERE key='clean_close'"));
    DUBITO_TRY(Statement mode, database.prepare("PRAGMA journal_mode=WAL"));
    std::string became;
    DUBITO_CHECK(mode.forEach([&] { became = mode.text(0); }));
    if (became != "wal")
        return Error(Code::Unsupported,
            fmt::format("this file system cannot hold a project that is written while others read it. File: {}",
                m_path.string()));
    mode = Statement();
    // A log that began anew gives back what it grew to.
    DUBITO_CHECK(
        database.execute("PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=1048576;"));
    DUBITO_CHECK(inTransaction([&]() -> Result<void> {
        const OwnProcess own = ownProcess();
        DUBITO_TRY(Statement owner, database.prepare(R"(
            INSERT OR REPLACE INTO owner(id, host, boot_id, pid, pid_start, since_us, dev, ino)
            VALUES(1, ?1, ?2, ?3, ?4, ?5, ?6, ?7))"));
        owner.bind(1, own.host).bind(2, own.bootId).bind(3, own.pid).bind(4, own.startTicks).bind(5, nowUs());
        owner.bind(6, static_cast<std::int64_t>(device())).bind(7, static_cast<std::int64_t>(inode()));
        DUBITO_CHECK(owner.run());
        return database.execute("UPDATE meta SET value=0 WHERE key='clean_close'");
    }));
    // The file alone says now that it is open. The log is merged but never cut while it says so: an empty log means a
    // lost one. A reader may hold this up; commit() goes on trying.
    DUBITO_TRY(m_isMarkedOpen, database.checkpoint(Database::Checkpoint::Passive));
    return {};
}

Result<void> ProjectWriter::prepareAll() {
    DUBITO_TRY(m_series, SeriesWriter::create(*m_database));
    DUBITO_TRY(m_insertRecord, m_database->prepare(R"(
        INSERT INTO record(series_no, step, time_us, seq, meta_json, data, blob_no)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT(series_no, seq) DO NOTHING)"));
    DUBITO_TRY(m_insertLog, m_database->prepare(R"(
        INSERT INTO log_line(run_no, attempt, rank, seq, time_us, level, text)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT(run_no, attempt, rank, seq) DO NOTHING)"));
    DUBITO_TRY(m_setCursor, m_database->prepare(R"(
        INSERT OR REPLACE INTO cursor(run_no, attempt, rank, segment, byte_pos, next_seq, ended, end_json)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, '')))"));
    DUBITO_TRY(m_setProgress, m_database->prepare(R"(
        UPDATE run
        SET done=?2, total=?3, phase=?4
        WHERE run_no=?1)"));
    return {};
}

ProjectWriter::~ProjectWriter() {
    if (auto closed = close(); !closed)
        logLine(LogLevel::Warn,
            "the project could not be closed cleanly; the next owner goes on from its log: " + closed.error().text());
}

Result<void> ProjectWriter::close() {
    if (!m_database) return {};
    if (m_isBatch || m_database->inTransaction()) rollback();
    forgetSeries();
    for (Statement* statement : {&m_insertRecord, &m_insertLog, &m_setCursor, &m_setProgress}) *statement = Statement();
    m_series.reset();
    // Beside another file of this name nothing is touched: the log there may be its own.
    auto marked = fate() == FileFate::Replaced ? isHere() : markClean();
    m_database.reset();
    m_lock.reset();
    return marked;
}

Result<void> ProjectWriter::markClean() {
    DUBITO_CHECK(m_database->execute("DELETE FROM owner"));
    m_database->waitForLocks(1000);
    // Restart: afterwards no reader needs the log, so that the mark is the only thing in it.
    DUBITO_TRY(const bool isMerged, m_database->checkpoint(Database::Checkpoint::Restart));
    if (!isMerged)
        return Error(Code::Owned,
            "another program is reading the project, so its log stays beside it. File: " + m_path.string());
    DUBITO_CHECK(m_database->execute("UPDATE meta SET value=1 WHERE key='clean_close'"));
    DUBITO_TRY(const bool isCut, m_database->checkpoint(Database::Checkpoint::Truncate));
    if (!isCut)
        return Error(Code::Owned,
            "another program is reading the project, so its log stays beside it. File: " + m_path.string());
    removeSafetyCopies(m_path);
    // A reader of another process that is only connected keeps the empty log there; the file is whole all the same.
    if (auto one = m_database->execute("PRAGMA journal_mode=DELETE"); !one && one.error().code() != Code::Owned)
        return one;
    return {};
}

Result<void> ProjectWriter::isHere() const {
    const FileFate now = fate();
    if (now == FileFate::Here) return {};
    return Error(Code::WrongState, fmt::format("the project's file {}, so nothing is written to it any more. File: {}",
                                       now == FileFate::Moved     ? "was moved or renamed"
                                       : now == FileFate::Deleted ? "was deleted"
                                                                  : "was replaced by another",
                                       m_path.string()));
}

Result<void> ProjectWriter::copyTo(const fs::path& path) {
    if (m_isBatch || m_database->inTransaction())
        return Error(Code::WrongState, "a copy cannot be made inside a batch. File: " + m_path.string());
    return copyWhole(*m_database, path);
}

Result<void> ProjectWriter::begin() {
    DUBITO_CHECK(isHere());
    if (m_isBatch) {
        logLine(LogLevel::Warn, "a batch that was left open is taken back. File: " + m_path.string());
        rollback();
    }
    DUBITO_CHECK(m_database->execute("BEGIN IMMEDIATE"));
    m_isBatch = true;
    return {};
}

Result<void> ProjectWriter::commit() {
    const auto finish = [&]() -> Result<void> {
        if (!m_isBatch) return Error(Code::WrongState, "no batch is open. File: " + m_path.string());
        DUBITO_CHECK(checkBatch());
        for (OpenSeries* series : m_dirty) DUBITO_CHECK(m_series->flush(*series, false));
        return m_database->execute("COMMIT");
    };
    if (auto outcome = finish(); !outcome) {
        rollback();
        return outcome;
    }
    m_isBatch = false;
    m_dirty.clear();
    m_newRuns.clear();
    for (const std::int64_t runNo : m_closingRuns) forgetRun(runNo);
    m_closingRuns.clear();
    std::erase_if(m_newSeries, [](const auto& entry) { return entry.second.isInFile; });
    mergeLog();
    return {};
}

Result<void> ProjectWriter::inBatch(const std::function<Result<void>()>& body) {
    DUBITO_CHECK(begin());
    if (auto outcome = body(); !outcome) {
        rollback();
        return outcome;
    }
    return commit();
}

void ProjectWriter::rollback() {
    // After some errors SQLite has taken everything back already.
    if (m_database->inTransaction())
        if (auto back = m_database->execute("ROLLBACK"); !back) logLine(LogLevel::Error, back.error().text());
    m_isBatch = false;
    // What is in memory no longer matches the file; it is loaded again when next used.
    forgetSeries();
    m_names.clear();
    for (auto& [number, series] : m_newSeries) series.isInFile = false;
    std::erase_if(m_newSeries, [&](const auto& entry) { return m_newRuns.contains(entry.second.runNo); });
    m_newRuns.clear();
}

void ProjectWriter::forgetSeries() {
    m_last = nullptr;
    m_dirty.clear();
    m_open.clear();
    m_closingRuns.clear();
}

Result<void> ProjectWriter::checkBatch() const {
    if (!m_isBatch || m_database->inTransaction()) return {};
    return Error(
        Code::Io, "the batch was given up after an earlier error and must be taken in again. File: " + m_path.string());
}

void ProjectWriter::mergeLog() {
    const std::uint64_t bytes = logBytes(m_path);
    if (m_isMarkedOpen && bytes <= kMergeBytes) return;
    const bool isLarge = bytes > kRestartBytes;
    m_database->waitForLocks(0);
    auto merged = m_database->checkpoint(isLarge ? Database::Checkpoint::Restart : Database::Checkpoint::Passive);
    m_database->waitForLocks(5000);
    m_checkpointProblem.reset();
    if (!merged) m_checkpointProblem = std::move(merged).error();
    else if (*merged) m_isMarkedOpen = true;
}

}  // namespace dubito::store
