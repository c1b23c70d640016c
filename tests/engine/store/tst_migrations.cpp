// Projects of earlier schemas: read as they are, brought to this program's with a way back, never half.
#include <QTest>

#include <sys/stat.h>

#include <fstream>

#include "engine/store/store_support.h"
#include "run/collector.h"
#include "store/opener.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::store;
using tests::get;
using tests::ok;

namespace {

const fs::path kOldFiles = fs::path(DUBITO_SOURCE) / "tests/old_files";

/// The frozen project of schema 1, copied to where it may be written. What is in it: tests/old_files/README.md.
struct OldProject : tests::TempProject {
    OldProject() {
        fs::remove(file);
        fs::copy_file(kOldFiles / "schema1.dubito", file);
    }
};

/// Everything that the read models say of a run, as text.
std::string said(Database& db, std::int64_t run) {
    std::string out;
    const auto row = get(findRun(db, run));
    out += row->name() + "|" + row->system + "|" + std::to_string(row->state) + "|" + row->detail + "|" + row->specHash;
    for (const auto& [key, value] : get(queryParameters(db, run))) out += "\n" + key + "=" + value;
    for (const auto& series : get(querySeries(db, run))) {
        out += "\n" + series.key + " " + std::to_string(series.attempt) + " " + std::to_string(series.records);
        const Points points = get(queryPoints(db, run, series.key, INT64_MIN, INT64_MAX, 0));
        double sum = 0;
        for (const double value : points.values) sum += value;
        out += " " + std::to_string(points.size()) + " " + std::to_string(sum);
        for (const auto& record : get(queryRecords(db, run, series.key)))
            out += "\n" + std::to_string(record.step) + record.metaJson + std::to_string(sha256(record.block)[0]);
    }
    for (const auto& attempt : get(queryAttempts(db, run)))
        out += "\n" + std::to_string(attempt.attempt) + attempt.executor + attempt.environmentJson;
    for (const auto& line : get(queryLog(db, {run}, 4, "", 1000))) out += "\n" + line.text;
    return out;
}

std::string said(Database& db) {
    std::string out = get(querySpec(db, 1));
    for (std::int64_t run = 1; run <= 5; ++run) out += said(db, run) + "\n\n";
    for (const auto& edit : get(queryEdits(db))) out += edit.title + (edit.undone ? " undone" : "") + "\n";
    return out;
}

MetricRow metric(Database& db, std::int64_t run, const std::string& key) {
    for (const auto& row : get(queryMetrics(db, run)))
        if (row.key == key) return row;
    return {};
}

Result<void> isRefused(const fs::path& file) {
    auto opened = ProjectWriter::open(file);
    return opened ? Result<void>() : Result<void>(std::move(opened).error());
}

}  // namespace

class tst_Migrations : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void schema1_readOnly_isReadAsItIs() {
        OldProject project;
        auto db = get(openReadOnly(project.file));
        QCOMPARE(tests::count(*db, "PRAGMA user_version"), 1);
        RunQuery query;
        query.includeDeleted = true;
        QCOMPARE(get(queryRuns(*db, query)).size(), std::size_t(5));
        QCOMPARE(get(queryPoints(*db, 2, "eval/posterior_mean", 0, 1 << 20, 0)).size(), std::size_t(1500));
        QVERIFY(get(checkContent(*db, true)).empty());
        db.reset();
        QVERIFY(!fs::exists(project.file.string() + ".before-2"));
        QCOMPARE(fs::file_size(project.file), fs::file_size(kOldFiles / "schema1.dubito"));
    }
    void schema1_migrated_saysTheSame() {
        OldProject project;
        const std::string before = said(*get(openReadOnly(project.file)));
        {
            auto writer = get(ProjectWriter::open(project.file));
            Database& db = writer->database();
            QCOMPARE(tests::count(db, "PRAGMA user_version"), kSchemaVersion);
            QCOMPARE(said(db), before);
            QCOMPARE(tests::count(db, "SELECT from_version FROM migration WHERE to_version=2"), 1);
            QVERIFY(get(checkContent(db, true)).empty());
        }
        auto db = get(openReadOnly(project.file));
        QCOMPARE(said(*db), before);
        // The last values that the old program printed, by its own "series" and "show".
        QCOMPARE(metric(*db, 2, "eval/posterior_mean").last, 0.697736351531292);
        QCOMPARE(metric(*db, 1, "fake/count").mean, 29.5);
    }
    void schema2_readOnlyAndMigrated_saysTheSame() {
        tests::TempProject project;
        fs::remove(project.file);
        fs::copy_file(kOldFiles / "schema2.dubito", project.file);
        const auto both = [](Database& db) { return get(querySpec(db, 2)) + said(db, 1) + said(db, 2); };
        std::string before;
        {
            auto db = get(openReadOnly(project.file));
            QCOMPARE(tests::count(*db, "PRAGMA user_version"), 2);
            QVERIFY(get(checkContent(*db, true)).empty());
            before = both(*db);
        }
        QVERIFY(before.find("second") != std::string::npos);
        auto writer = get(ProjectWriter::open(project.file));
        QCOMPARE(tests::count(writer->database(), "PRAGMA user_version"), kSchemaVersion);
        QVERIFY(fs::exists(project.file.string() + ".before-3"));
        QCOMPARE(both(writer->database()), before);
        QCOMPARE(get(queryPoints(writer->database(), 1, "eval/posterior_mean", 0, 1000, 0)).size(), std::size_t(50));
        QVERIFY(get(checkContent(writer->database(), true)).empty());
        QCOMPARE(tests::count(writer->database(), "SELECT count(*) FROM record_blob"), 0);
    }
    /// Attempt 2 of run 5 began afresh: 300 steps of step and step^2. The old program counted attempt 1 as well (489).
    void schema1_runOfTwoAttempts_countsTheOneThatStays() {
        OldProject project;
        auto writer = get(ProjectWriter::open(project.file));
        const MetricRow row = metric(writer->database(), 5, "fake/count");
        QCOMPARE(row.n, 300);
        QCOMPARE(row.mean, 149.5);
        QCOMPARE(metric(writer->database(), 5, "fake/square").mean, 299.0 * 599.0 / 6.0);
    }
    void schema1_recordsTakenInTwice_areKeptOnce() {
        OldProject project;
        {
            auto db = get(Database::open(project.file, Database::Mode::ReadWrite));
            ok(db->execute(R"(
                INSERT INTO record(series_no, step, time_us, seq, meta_json, data, blob_no)
                SELECT series_no, step, time_us, seq, meta_json, data, blob_no FROM record WHERE record_no % 2 = 0)"));
            QVERIFY(tests::count(*db, "SELECT count(*) FROM record") > 61);
        }
        auto writer = get(ProjectWriter::open(project.file));
        QCOMPARE(tests::count(writer->database(), "SELECT count(*) FROM record"), 61);
    }
    void schema1_history_isUndoneAndRepeated() {
        OldProject project;
        const std::string before = said(*get(openReadOnly(project.file)));
        {
            auto writer = get(ProjectWriter::open(project.file));
            // These edits were made on another installation: listed, and not applied.
            QVERIFY(writer->undo().error().code() == Code::Refused);
        }
        QCOMPARE(said(*get(openReadOnly(project.file))), before);
    }
    void safetyCopy_staysUntilTheNextCleanClose() {
        OldProject project;
        const fs::path copy = project.file.string() + ".before-2";
        {
            auto writer = get(ProjectWriter::open(project.file));
            auto old = get(openReadOnly(copy));
            QCOMPARE(tests::count(*old, "PRAGMA user_version"), 1);
            QCOMPARE(tests::count(*old, "SELECT count(*) FROM run"), 5);
        }
        QVERIFY(!fs::exists(copy));
        // A copy that an attempt left half is made again.
        OldProject second;
        const fs::path half = second.file.string() + ".before-2";
        std::ofstream(half).flush();
        auto writer = get(ProjectWriter::open(second.file));
        QCOMPARE(tests::count(*get(openReadOnly(half)), "SELECT count(*) FROM run"), 5);
    }
    void safetyCopy_nameOfAnotherFile_isLeftAlone() {
        OldProject project;
        const fs::path precious = project.file.parent_path() / "precious.txt",
                       copy = project.file.string() + ".before-2";
        std::ofstream(precious) << "years of work";
        fs::create_symlink(precious, copy);
        auto refused = isRefused(project.file);
        QVERIFY(!refused && refused.error().code() == Code::Refused);
        fs::remove(copy);
        fs::rename(precious, copy);
        refused = isRefused(project.file);
        QVERIFY(!refused && refused.error().code() == Code::Refused);
        QCOMPARE(get(readFile(copy, 100)), std::string("years of work"));
        QCOMPARE(tests::count(*get(openReadOnly(project.file)), "PRAGMA user_version"), 1);
    }
    void migration_failing_leavesTheFileAsItWas() {
        OldProject project;
        const std::string before = said(*get(openReadOnly(project.file)));
        {
            // Too many pages for the change: the disk is full as far as SQLite can tell.
            auto db = get(Database::open(project.file, Database::Mode::ReadWrite));
            const auto pages = tests::count(*db, "PRAGMA page_count");
            ok(db->execute("PRAGMA max_page_count=" + std::to_string(pages)));
            const auto failed = migrate(*db, project.file, 1);
            QVERIFY(!failed && failed.error().code() == Code::Io);
            QVERIFY2(failed.error().message().find("the disk is full") == 0, failed.error().message().c_str());
            QVERIFY(!db->inTransaction());
        }
        QCOMPARE(said(*get(openReadOnly(project.file))), before);
        QCOMPARE(tests::count(*get(openReadOnly(project.file)), "PRAGMA user_version"), 1);
        QVERIFY(ProjectWriter::open(project.file));
    }
    void migration_tooLittleRoom_isRefusedBeforeItBegins() {
        QVERIFY(checkRoom("p.dubito", 100 << 20, 200 << 20));
        const auto refused = checkRoom("p.dubito", 100 << 20, (200 << 20) - 2);
        QVERIFY(!refused && refused.error().code() == Code::Io);
        QVERIFY(refused.error().message().find("201 MiB must be free") != std::string::npos);
    }
    void schema_ofFreshAndMigratedProjects_isTheSame() {
        OldProject old;
        tests::TempProject fresh;
        const auto textOf = [](const fs::path& file) {
            std::string out;
            auto db = get(openReadOnly(file));
            for (const auto& row :
                get(selectText(*db, "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2", 1000)).rows)
                for (const auto& cell : row) out += cell + "\n";
            return out;
        };
        { auto writer = get(ProjectWriter::open(old.file)); }
        QCOMPARE(textOf(old.file), textOf(fresh.file));
    }
    void schema1_leftOpenByAKilledOwner_isMigratedWithItsLog() {
        OldProject project;
        {
            auto db = get(Database::open(project.file, Database::Mode::ReadWrite));
            ok(db->execute("PRAGMA journal_mode=WAL; UPDATE meta SET value=0 WHERE key='clean_close'"));
            QVERIFY(get(db->checkpoint(Database::Checkpoint::Passive)));
            ok(db->execute("UPDATE run_user SET star=7 WHERE title='coin'"));
        }
        QVERIFY(logBytes(project.file) > 0);
        auto writer = get(ProjectWriter::open(project.file));
        QVERIFY(!writer->wasClosedCleanly());
        QCOMPARE(tests::count(writer->database(), "SELECT star FROM run_user WHERE title='coin'"), 7);
        QCOMPARE(tests::count(writer->database(), "PRAGMA user_version"), kSchemaVersion);
    }
    /// Run 1 of the frozen project, from its own journal: 60 points of step and step^2, six records, one log line.
    void frozenJournal_collected_givesWhatTheOldProgramStored() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        const fs::path job = project.file.parent_path() / get(parseUuid("01a21dcf-98b5-7000-9098-3967cc2c6600")).text();
        fs::copy(kOldFiles / "job1", job, fs::copy_options::recursive);
        const auto run = get(run::collectJobDir(*writer, job, nullptr)).runNo;
        auto old = get(openReadOnly(kOldFiles / "schema1.dubito"));
        for (const char* key : {"fake/count", "fake/square"}) {
            const Points mine = get(queryPoints(writer->database(), run, key, 0, 1000, 0));
            const Points theirs = get(queryPoints(*old, 1, key, 0, 1000, 0));
            QVERIFY(mine.steps == theirs.steps && mine.values == theirs.values);
            QCOMPARE(mine.size(), std::size_t(60));
        }
        const auto mine = get(queryRecords(writer->database(), run, "fake/block")),
                   theirs = get(queryRecords(*old, 1, "fake/block"));
        QCOMPARE(mine.size(), std::size_t(6));
        for (std::size_t i = 0; i < mine.size(); ++i)
            QVERIFY(mine[i].block == theirs[i].block && mine[i].metaJson == theirs[i].metaJson);
        QCOMPARE(get(findRun(writer->database(), run))->state, 5);
    }
};

QTEST_GUILESS_MAIN(tst_Migrations)
#include "tst_migrations.moc"
