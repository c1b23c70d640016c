// Every call of SQLite that a batch makes fails once: after rollback and a second try all rows are there exactly once.
#include <QTest>

#include <cmath>

#include "engine/store/faulty_sqlite.h"
#include "engine/store/store_support.h"
#include "journal/array_block.h"
#include "store/opener.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::store;
using tests::Faults;
using tests::g_faults;
using tests::get;
using tests::ok;

namespace {

constexpr int kPoints = 2500;

/// An array block that holds `bytes` bytes of numbers.
Bytes block(std::size_t bytes, int seed) {
    Bytes values(bytes), out;
    for (std::size_t i = 0; i < bytes; ++i)
        values[i] = static_cast<std::uint8_t>(i * 31 + static_cast<std::size_t>(seed) * 7);
    for (std::size_t i = 0; i + 4 <= bytes; i += 4096) std::memcpy(values.data() + i, &seed, sizeof seed);
    const journal::Array array{"v", "", kU8, {static_cast<std::int64_t>(bytes)}, journal::Array::Role::Values, values};
    journal::encodeArrayBlock(out, std::span(&array, 1));
    return out;
}

/// What a collector does with the begin of a journal, some data, and its end. Numbers of series are kept by the caller,
/// as a collector keeps them.
struct Batch {
    std::int64_t run = 0;
    SeriesNo loss = 0, record = 0;

    Result<void> take(ProjectWriter& writer) {
        DUBITO_CHECK(writer.begin());
        NewAttempt attempt;
        attempt.executor = "local";
        attempt.startedUs = 5;
        attempt.environmentJson = "{\"host\":\"h\"}";
        DUBITO_CHECK(writer.putAttempt(run, attempt));
        DUBITO_CHECK(writer.setState(run, {.state = 2, .startedUs = 5}));
        if (record == 0) {
            DUBITO_TRY(loss, writer.openSeries(run, 1, 0, tests::scalar(0, "train/loss")));
            journal::SeriesDefinition tensor = tests::scalar(1, "fat");
            tensor.kind = journal::RecordType::Tensor;
            DUBITO_TRY(record, writer.openSeries(run, 1, 0, tensor));
        }
        for (int i = 0; i < kPoints; ++i) DUBITO_CHECK(writer.addPoint(loss, i, i * 1000, std::sin(i)));
        for (int i = 0; i < 4; ++i)
            DUBITO_CHECK(
                writer.addRecord(record, i, i, static_cast<std::uint64_t>(i), "{}", block(i == 3 ? 300'000 : 900, i)));
        for (int i = 0; i < 5; ++i)
            DUBITO_CHECK(writer.addLog(run, 1, 0, static_cast<std::uint64_t>(100 + i), i, 2, "line"));
        DUBITO_CHECK(writer.addCheckpoint(run, 1, 7, block(32, 1), 10, "c", 1));
        DUBITO_CHECK(writer.addGap(run, 1, 0, 0, 1, 2, 3, 4, "torn"));
        DUBITO_CHECK(writer.setProgress(run, 1, 2, "phase"));
        DUBITO_CHECK(writer.restitch(run));
        DUBITO_CHECK(writer.sealRun(run));
        DUBITO_CHECK(writer.setCursor(run, 1, 0, {1, 2, 200, true, "{\"status\":\"done\"}"}));
        return writer.commit();
    }
};

/// Rows of a run as counts and sums: equal for every run that took the same in exactly once.
std::string rowsOf(Database& db, std::int64_t run) {
    std::string out;
    const std::string ofSeries =
        " WHERE series_no IN (SELECT series_no FROM series WHERE run_no=" + std::to_string(run) + ")";
    const std::string ofRun = " WHERE run_no=" + std::to_string(run);
    for (const std::string& sql : {"count(*) FROM series" + ofRun, "count(*) FROM chunk" + ofSeries,
             "sum(n) FROM chunk" + ofSeries + " AND level=0", "count(data_no) FROM chunk" + ofSeries,
             "count(*) FROM tail" + ofSeries, "count(*) FROM record" + ofSeries,
             "sum(length(data)) FROM record" + ofSeries, "count(blob_no) FROM record" + ofSeries,
             "count(*) FROM log_line" + ofRun, "count(*) FROM checkpoint" + ofRun, "count(*) FROM gap" + ofRun,
             "count(*) FROM attempt" + ofRun, "sum(ended+segment+byte_pos+next_seq) FROM cursor" + ofRun,
             "sum(n) FROM latest" + ofRun, "sum(state) FROM run" + ofRun, "sum(journal_no) FROM series" + ofRun})
        out += std::to_string(tests::count(db, "SELECT " + sql)) + " ";
    const Points points = get(queryPoints(db, run, "train/loss", INT64_MIN, INT64_MAX, 0));
    bool isRight = points.size() == kPoints;
    for (std::size_t i = 0; isRight && i < points.size(); ++i)
        isRight = points.steps[i] == static_cast<std::int64_t>(i) && points.values[i] == std::sin(static_cast<int>(i));
    return out + (isRight ? "points right" : "points wrong");
}

std::int64_t addRun(ProjectWriter& writer, int number) {
    ok(writer.begin());
    const auto run = get(writer.addRun(tests::newRun("run " + std::to_string(number))));
    ok(writer.commit());
    return run;
}

struct Ground {
    tests::TempProject project;
    std::unique_ptr<ProjectWriter> writer = get(ProjectWriter::open(project.file));
    std::string wanted;
    Ground() {
        Batch batch{addRun(*writer, 0)};
        ok(batch.take(*writer));
        wanted = rowsOf(writer->database(), batch.run);
    }
    /// One run: fails as armed, is taken back, is taken in again. @return whether the fault came to pass
    bool tryOnce(Faults::Kind kind, int code, long n, bool isLasting) {
        Batch batch{addRun(*writer, static_cast<int>(n))};
        g_faults.arm(kind, code, n, isLasting);
        auto outcome = batch.take(*writer);
        const bool hasHit = g_faults.hasHit;
        if (!outcome) writer->rollback();
        g_faults.disarm();
        if (!outcome) {
            if (outcome.error().message().empty()) qFatal("an error without words");
            if (get(writer->cursor(batch.run, 1, 0))) qFatal("the cursor stayed at fault %ld", n);
            ok(batch.take(*writer));
        }
        const std::string rows = rowsOf(writer->database(), batch.run);
        if (rows != wanted) qFatal("fault %ld: %s, wanted %s", n, rows.c_str(), wanted.c_str());
        return hasHit;
    }
    void tryAll(Faults::Kind kind, int code, bool isLasting, long step = 1) {
        long n = 1;
        while (tryOnce(kind, code, n, isLasting)) n += step;
        QVERIFY2(n > 1, "nothing was tried");
        const auto faults = get(checkContent(writer->database(), true));
        QVERIFY2(faults.empty(), faults.empty() ? "" : faults.front().c_str());
        ok(writer->close());
        QCOMPARE(tests::count(*get(openReadOnly(project.file)), "SELECT value FROM meta WHERE key='clean_close'"), 1);
    }
};

}  // namespace

class tst_StoreErrors : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void batch_diskFullAtEachWrite_isThereOnceAfterwards() { Ground().tryAll(Faults::Kind::Write, SQLITE_FULL, true); }
    void batch_oneWriteFails_isThereOnceAfterwards() {
        Ground().tryAll(Faults::Kind::Write, SQLITE_IOERR_WRITE, false);
    }
    void batch_readsFail_isThereOnceAfterwards() {
        Ground ground;
        for (long n = 1; n < 40; ++n) {
            ok(ground.writer->database().execute("PRAGMA shrink_memory"));
            ground.tryOnce(Faults::Kind::Read, SQLITE_IOERR_READ, n, false);
        }
    }
    /// Every allocation of every statement: no other way makes each statement fail, COMMIT and ROLLBACK included.
    void batch_memoryEndsAtEachStatement_isThereOnceAfterwards() {
        Ground().tryAll(Faults::Kind::Memory, SQLITE_NOMEM, false, qgetenv("DUBITO_FAULTS") == "all" ? 1 : 7);
    }
    /// Pages run out at one place after the other; SQLite gives up the whole transaction by itself at some of them.
    void batch_pagesRunOut_isThereOnceAfterwards() {
        Ground ground;
        Database& db = ground.writer->database();
        bool hasFailed = true;
        int failures = 0;
        for (int spare = 0; hasFailed; ++spare) {
            Batch batch{addRun(*ground.writer, spare)};
            const auto pages = tests::count(db, "PRAGMA page_count") + spare;
            ok(db.execute("PRAGMA max_page_count=" + std::to_string(pages)));
            auto outcome = batch.take(*ground.writer);
            hasFailed = !outcome;
            if (hasFailed) {
                ++failures;
                QVERIFY(outcome.error().code() == Code::Io);
                ground.writer->rollback();
            }
            ok(db.execute("PRAGMA max_page_count=4000000"));
            if (hasFailed) ok(batch.take(*ground.writer));
            QCOMPARE(rowsOf(db, batch.run), ground.wanted);
        }
        QVERIFY(failures > 3);
    }
    void batch_anotherProgramHoldsTheFile_isThereOnceAfterwards() {
        Ground ground;
        ground.writer->database().waitForLocks(0);
        Batch batch{addRun(*ground.writer, 1)};
        {
            auto other = get(Database::open(ground.project.file, Database::Mode::ReadWrite));
            ok(other->execute("BEGIN IMMEDIATE"));
            for (int i = 0; i < 3; ++i) {
                auto outcome = batch.take(*ground.writer);
                QVERIFY(!outcome && outcome.error().code() == Code::Owned);
                QVERIFY(outcome.error().message().find("another program holds the project file locked") == 0);
                ground.writer->rollback();
                // The user's own changes meet the same lock, and leave nothing open either.
                QVERIFY(ground.writer->setSetting("a", 1).error().code() == Code::Owned);
                QVERIFY(!ground.writer->database().inTransaction());
            }
        }
        ok(batch.take(*ground.writer));
        QCOMPARE(rowsOf(ground.writer->database(), batch.run), ground.wanted);
        ok(ground.writer->setSetting("a", 1));
    }
    /// An edit whose COMMIT fails is reported as failed and leaves no transaction open.
    void edit_writesFail_isReportedAndNothingStaysOpen() {
        Ground ground;
        ok(ground.writer->setSetting("a", 1));
        for (long n = 1;; ++n) {
            g_faults.arm(Faults::Kind::Write, SQLITE_FULL, n, true);
            auto edited = ground.writer->setSetting("a", 100 + n);
            auto undone = edited ? Result<std::string>(std::string()) : ground.writer->undo();
            const bool hasHit = g_faults.hasHit;
            g_faults.disarm();
            if (!hasHit) break;
            QVERIFY(!edited && edited.error().code() == Code::Io && !undone);
            QVERIFY(!ground.writer->database().inTransaction());
            QVERIFY(get(querySetting(ground.writer->database(), "a")) == Json(1));
            ok(ground.writer->begin());
            ok(ground.writer->commit());
        }
        QCOMPARE(get(ground.writer->undo()), std::string("Change a"));
        QVERIFY(get(querySetting(ground.writer->database(), "a")) == Json(1));
    }
    /// The batch is in the log when its COMMIT was good: a log that cannot be merged is another matter.
    void commit_mergeFails_isNoFailedCommitAndIsTriedAgain() {
        Ground ground;
        Batch batch{addRun(*ground.writer, 1)};
        ok(batch.take(*ground.writer));
        ok(ground.writer->begin());
        for (int i = 0; i < 24; ++i)
            ok(ground.writer->addRecord(
                batch.record, i, i, static_cast<std::uint64_t>(10 + i), "{}", block(1'000'000, i)));
        // Merging waits for the disk; the commit of a batch does not.
        g_faults.arm(Faults::Kind::Sync, SQLITE_IOERR_FSYNC, 1, true);
        auto outcome = ground.writer->commit();
        const bool hasHit = g_faults.hasHit;
        g_faults.disarm();
        QVERIFY(outcome && hasHit);
        QVERIFY(ground.writer->lastCheckpointProblem());
        QVERIFY(ground.writer->lastCheckpointProblem()->code() == Code::Io);
        QCOMPARE(get(queryRecords(ground.writer->database(), batch.run, "fat")).size(), std::size_t(28));
        ok(ground.writer->begin());
        ok(ground.writer->commit());
        QVERIFY(!ground.writer->lastCheckpointProblem());
    }
    void log_large_isMergedAndGivesItsRoomBack() {
        Ground ground;
        Batch batch{addRun(*ground.writer, 1)};
        ok(batch.take(*ground.writer));
        for (int round = 0; round < 3; ++round) {
            ok(ground.writer->begin());
            for (int i = 0; i < 24; ++i)
                ok(ground.writer->addRecord(batch.record, i, i, static_cast<std::uint64_t>(100 * round + i + 10), "{}",
                    block(1'000'000, 100 * round + i)));
            ok(ground.writer->commit());
        }
        ok(ground.writer->begin());
        ok(ground.writer->setProgress(batch.run, 2, 2, ""));
        ok(ground.writer->commit());
        QVERIFY(logBytes(ground.writer->path()) < 2 << 20);
    }
    void close_diskFull_leavesTheMarkAndTheLog() {
        Ground ground;
        g_faults.arm(Faults::Kind::Write, SQLITE_FULL, 1, true);
        auto closed = ground.writer->close();
        g_faults.disarm();
        QVERIFY(!closed && closed.error().code() == Code::Io);
        auto next = get(ProjectWriter::open(ground.project.file));
        QVERIFY(!next->wasClosedCleanly());
        QCOMPARE(rowsOf(next->database(), 1), ground.wanted);
    }
    void open_anyFault_endsInPlainWords() {
        tests::TempProject project;
        for (const auto kind : {Faults::Kind::Write, Faults::Kind::Read, Faults::Kind::Memory})
            for (long n = 1;; n += kind == Faults::Kind::Memory ? 5 : 1) {
                g_faults.arm(kind, kind == Faults::Kind::Memory ? SQLITE_NOMEM : SQLITE_IOERR, n, true);
                auto writer = ProjectWriter::open(project.file);
                if (writer) writer->reset();
                const bool hasHit = g_faults.hasHit;
                g_faults.disarm();
                if (!writer) QVERIFY(!writer.error().message().empty());
                if (!hasHit) break;
            }
        auto writer = get(ProjectWriter::open(project.file));
        QVERIFY(get(checkContent(writer->database(), true)).empty());
    }
};

int main(int argc, char** argv) {
    tests::installFaultySqlite();
    tst_StoreErrors test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_store_errors.moc"
