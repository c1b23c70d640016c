// The bin: what is emptied is gone with all that only it used, and nothing else is.
#include <QTest>

#include "engine/store/store_support.h"
#include "store/bin.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::store;

using tests::count;
using tests::get;
using tests::newRun;
using tests::ok;
using tests::scalar;

namespace {

void inBatch(ProjectWriter& writer, const std::function<void()>& body) {
    ok(writer.begin());
    body();
    ok(writer.commit());
}

/// A run that ended, with points, a record of its own and one whose bytes other runs have too.
std::int64_t addWholeRun(ProjectWriter& writer, const std::string& title) {
    std::int64_t run = 0;
    inBatch(writer, [&] {
        run = get(writer.addRun(newRun(title)));
        ok(writer.setState(run, {.state = 5}));
        const auto series = get(writer.openSeries(run, 1, 0, scalar(0, "a")));
        for (int i = 0; i < 2000; ++i) ok(writer.addPoint(series, i, i, i));
        const auto fat =
            get(writer.openSeries(run, 1, 0, {1, journal::RecordType::Tensor, journal::Goal::None, "fat", "", ""}));
        ok(writer.addRecord(fat, 0, 0, 1, "{}", Bytes(200'000, 7)));
        ok(writer.addRecord(fat, 1, 0, 2, "{}", Bytes(200'000, static_cast<std::uint8_t>(run))));
        ok(writer.addLog(run, 1, 0, 3, 0, 2, "line"));
    });
    return run;
}

void setUser(ProjectWriter& writer, std::int64_t run, const std::string& assignment) {
    ok(writer.edit("set", "set", [&](Database& db) {
        return db.execute("UPDATE run_user SET " + assignment +
                          " WHERE run_id=(SELECT id FROM run WHERE run_no=" + std::to_string(run) + ")");
    }));
}

}  // namespace

class tst_Bin : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bin_emptied_leavesNothingOfTheRunAndAllOfOthers() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        Database& db = writer->database();
        const auto kept = addWholeRun(*writer, "kept"), gone = addWholeRun(*writer, "gone");
        setUser(*writer, kept, "star=1");
        setUser(*writer, gone, "star=1");
        setUser(*writer, kept, "star=2");
        setUser(*writer, gone, "deleted_us=5");
        const RunId id = get(findRun(db, gone))->id;
        QVERIFY(get(emptyBin(*writer)) == std::vector<RunId>{id});
        QCOMPARE(count(db, "SELECT count(*) FROM run"), 1);
        for (const char* table : {"chunk", "tail", "record"})
            QCOMPARE(count(db, std::string("SELECT count(*) FROM ") + table +
                                   " WHERE series_no NOT IN (SELECT series_no FROM series)"),
                0);
        QCOMPARE(count(db,
                     "SELECT count(*) FROM chunk_data WHERE data_no NOT IN (SELECT data_no FROM chunk WHERE data_no IS "
                     "NOT NULL)"),
            0);
        QCOMPARE(count(db, "SELECT count(*) FROM blob"), 2);  // its own of the kept run, and the shared one
        QCOMPARE(count(db, "SELECT count(*) FROM spec"), 1);
        QCOMPARE(count(db, "SELECT count(*) FROM run_user"), 1);
        QCOMPARE(get(queryCounter(db, "run")), 1);
        QCOMPARE(get(queryCounter(db, "series")), 2);
        const auto faults = get(checkContent(db, false));
        QVERIFY2(faults.empty(), faults.empty() ? "" : faults.front().c_str());
        // Edits of the run that is left can still be taken back.
        get(writer->undo());
        QCOMPARE(count(db, "SELECT star FROM run_user"), 1);
        QVERIFY(get(emptyBin(*writer)).empty());
    }
    void bin_runOfAReportOrStillRunning_isRefusedWhole() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        Database& db = writer->database();
        const auto used = addWholeRun(*writer, "used"), other = addWholeRun(*writer, "other");
        for (const auto run : {used, other}) setUser(*writer, run, "deleted_us=5");
        ok(
            db.execute("INSERT INTO report(id, title, settings_json) VALUES(x'01', 'Paper', '{}');"
                       "INSERT INTO report_run(report_id, run_id) SELECT x'01', id FROM run WHERE run_no=" +
                       std::to_string(used)));
        const Error refused = emptyBin(*writer).error();
        QVERIFY(refused.code() == Code::Refused);
        QVERIFY(refused.message().find("used") != std::string::npos &&
                refused.message().find("Paper") != std::string::npos);
        QCOMPARE(count(db, "SELECT count(*) FROM run"), 2);
        ok(db.execute("DELETE FROM report"));
        inBatch(*writer, [&] { ok(writer->setState(other, {.state = 2})); });
        QVERIFY(emptyBin(*writer).error().code() == Code::WrongState);
        inBatch(*writer, [&] { ok(writer->setState(other, {.state = 7})); });
        QCOMPARE(get(emptyBin(*writer)).size(), std::size_t(2));
        QVERIFY(!db.inTransaction());
    }
};

QTEST_GUILESS_MAIN(tst_Bin)
#include "tst_bin.moc"
