// Project files: schema, chunks, pyramid, edits, filters, strangers' files.
#include <QTest>

#include <cmath>

#include "engine/store/store_support.h"
#include "journal/array_block.h"
#include "stats/counter_rng.h"
#include "store/filter.h"
#include "store/opener.h"
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

}  // namespace

class tst_Store : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void chunk_hardValues_roundTripBitByBit() {
        Points points;
        const double nanPayload = std::bit_cast<double>(0x7FF80000DEADBEEFull);
        for (int i = 0; i < 1000; ++i) points.add(i * 3, 1'000'000 + i * 1000, i % 7 ? std::sin(i) : nanPayload);
        points.add(INT64_MAX, 0, INFINITY);
        points.add(INT64_MIN, 77, -0.0);
        Points back;
        ok(decodePoints(encodePoints(points, 0, points.size()), back));
        QVERIFY(back.steps == points.steps);
        for (std::size_t i = 0; i < points.size(); ++i)
            QCOMPARE(std::bit_cast<std::uint64_t>(back.values[i]), std::bit_cast<std::uint64_t>(points.values[i]));
        Points even;
        for (int i = 0; i < 1024; ++i) even.add(i * 10, i * 1000, static_cast<float>(i) * 0.5);
        QVERIFY(encodePoints(even, 0, 1024).size() < 6000);
    }
    void pyramid_randomSpikes_noExtremeIsHidden() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        ok(writer->begin());
        const auto run = get(writer->addRun(newRun("spikes")));
        const auto series = get(
            writer->openSeries(run, 1, 0, {0, journal::RecordType::ScalarGroup, journal::Goal::None, "x/y", "1", ""}));
        stats::CounterRng rng(1, "spikes", 0);
        std::vector<double> values;
        ok(writer->commit());
        for (int i = 0; i < 200'000; ++i) {
            double value = rng.uniform();
            if (rng.uniform() < 0.0002) value = rng.uniform() * 1000 - 500;
            if (rng.uniform() < 0.001) value = NAN;
            values.push_back(value);
            if (i % 777 == 0) ok(writer->begin());
            ok(writer->addPoint(series, i, 1000 + i, value));
            if (i % 777 == 776) ok(writer->commit());
        }
        if (!writer->database().inTransaction()) ok(writer->begin());
        ok(writer->commit());
        Database& db = writer->database();
        for (int trial = 0; trial < 60; ++trial) {
            std::int64_t from = static_cast<std::int64_t>(rng.uniform() * 199'000),
                         to = from + 1 + static_cast<std::int64_t>(rng.uniform() * static_cast<double>(199'999 - from));
            if (trial == 0) from = 0, to = 199'999;
            const int columns = 1 + static_cast<int>(rng.uniform() * 900);
            const auto reduced = get(queryColumns(db, run, "x/y", from, to, columns));
            QVERIFY(static_cast<int>(reduced.size()) <= columns);
            double low = INFINITY, high = -INFINITY, seenLow = INFINITY, seenHigh = -INFINITY;
            for (auto i = from; i <= to; ++i)
                if (std::isfinite(values[static_cast<std::size_t>(i)]))
                    low = std::min(low, values[static_cast<std::size_t>(i)]),
                    high = std::max(high, values[static_cast<std::size_t>(i)]);
            for (const auto& column : reduced)
                seenLow = std::min(seenLow, column.min), seenHigh = std::max(seenHigh, column.max);
            QVERIFY2(seenLow <= low && seenHigh >= high, qPrintable(QString("trial %1").arg(trial)));
            const auto again = get(queryColumns(db, run, "x/y", from, to, columns));
            QCOMPARE(again.size(), reduced.size());
        }
        const auto points = get(queryPoints(db, run, "x/y", 1000, 1999, 0));
        QCOMPARE(points.size(), std::size_t(1000));
        const auto metrics = get(queryMetrics(db, run));
        QCOMPARE(metrics[0].n, 200'000);
        ok(writer->begin());
        ok(writer->sealRun(run));
        ok(writer->commit());
        QVERIFY(get(checkContent(db, true)).empty());
    }
    void writer_reopened_goesOnWithTheSameCounts() {
        tests::TempProject project;
        std::int64_t run = 0;
        for (int round = 0; round < 5; ++round) {
            auto writer = get(ProjectWriter::open(project.file));
            ok(writer->begin());
            if (round == 0) run = get(writer->addRun(newRun("again")));
            const auto series = get(
                writer->openSeries(run, 1, 0, {0, journal::RecordType::ScalarGroup, journal::Goal::None, "a", "", ""}));
            for (int i = 0; i < 700; ++i) ok(writer->addPoint(series, round * 700 + i, i, i));
            ok(writer->commit());
        }
        auto db = get(openReadOnly(project.file));
        QCOMPARE(get(queryPoints(*db, run, "a", 0, 1 << 20, 0)).size(), std::size_t(3500));
        QVERIFY(get(checkContent(*db, true)).empty());
    }
    void project_secondOwner_isNamed() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        auto second = ProjectWriter::open(project.file);
        QVERIFY(!second);
        QVERIFY(second.error().code() == Code::Owned);
        QVERIFY(second.error().message().find("pid") != std::string::npos);
    }
    void project_alteredSchema_isRefused() {
        tests::TempProject project;
        {
            auto db = get(Database::open(project.file, Database::Mode::ReadWrite));
            ok(db->execute("CREATE VIEW trap AS SELECT 1"));
        }
        auto opened = openReadOnly(project.file);
        QVERIFY(!opened && opened.error().code() == Code::Refused);
        QVERIFY(opened.error().message().find("trap") != std::string::npos);
    }
    void project_newerSchema_saysSo() {
        tests::TempProject project;
        {
            auto db = get(Database::open(project.file, Database::Mode::ReadWrite));
            ok(db->execute("PRAGMA user_version=9"));
        }
        QVERIFY(openReadOnly(project.file).error().code() == Code::Unsupported);
    }
    void sql_typedByPeople_maySelectOnly() {
        tests::TempProject project;
        auto db = get(openReadOnly(project.file));
        db->allowOnlySelect();
        QVERIFY(selectText(*db, "SELECT count(*) FROM run", 10));
        QVERIFY(!selectText(*db, "DELETE FROM run", 10));
        QVERIFY(!selectText(*db, "ATTACH '/tmp/x' AS y", 10));
        QVERIFY(!selectText(*db, "PRAGMA journal_mode", 10));
    }
    void edits_undoAllRedoAll_giveTheSameRows() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        ok(writer->begin());
        std::vector<std::int64_t> runs;
        for (int i = 0; i < 5; ++i) runs.push_back(get(writer->addRun(newRun("run" + std::to_string(i)))));
        ok(writer->commit());
        const auto dump = [&] {
            std::string out;
            const auto table = get(selectText(
                writer->database(), "SELECT hex(run_id), title, star, deleted_us FROM run_user ORDER BY 1", 1000));
            for (const auto& row : table.rows)
                for (const auto& cell : row) out += cell + "|";
            return out;
        };
        const std::string start = dump();
        stats::CounterRng rng(5, "edits", 0);
        for (int i = 0; i < 60; ++i) {
            const auto run = runs[static_cast<std::size_t>(rng.uniform() * 5)];
            const std::string title = "title " + std::to_string(i);
            ok(writer->edit("e", "c", [&](Database& db) -> Result<void> {
                DUBITO_TRY(Statement put,
                    db.prepare(
                        "UPDATE run_user SET title=?2, star=?3 WHERE run_id=(SELECT id FROM run WHERE run_no=?1)"));
                return put.bind(1, run).bind(2, title).bind(3, i % 2).run();
            }));
        }
        const std::string end = dump();
        int undone = 0;
        while (writer->undo()) ++undone;
        QCOMPARE(undone, 60);
        QCOMPARE(dump(), start);
        while (writer->redo()) {
        }
        QCOMPARE(dump(), end);
    }
    void filter_grammar_findsRuns() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        ok(writer->begin());
        for (int i = 0; i < 4; ++i) {
            const auto run = get(writer->addRun(newRun("r" + std::to_string(i))));
            const auto series = get(writer->openSeries(
                run, 1, 0, {0, journal::RecordType::ScalarGroup, journal::Goal::None, "eval/return_mean", "1", ""}));
            ok(writer->addPoint(series, 0, 0, i * 100.0));
        }
        ok(writer->commit());
        const auto count = [&](const std::string& where) {
            RunQuery query;
            query.where = where;
            auto runs = queryRuns(writer->database(), query);
            return runs ? static_cast<int>(runs->size()) : -1;
        };
        QCOMPARE(count("system = fake"), 4);
        QCOMPARE(count("eval/return_mean.max > 150"), 2);
        QCOMPARE(count("eval/return_mean > 150 and name = r3"), 1);
        QCOMPARE(count("params.model.lr < 1e-3 and not (name = r0 or name = r1)"), 2);
        QCOMPARE(count("name ~ r"), 4);
        QCOMPARE(count("state = done"), 0);
        QCOMPARE(count("system = "), -1);
        QCOMPARE(count("(((system = fake"), -1);
        QCOMPARE(count("system = \"x' OR 1=1 --\""), 0);
    }
    void record_large_goesToPiecesAndBack() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        std::vector<float> values(700'000);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
        const journal::Array array{"v", "", kF32, {700'000}, journal::Array::Role::Values,
            {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * 4}};
        Bytes block;
        journal::encodeArrayBlock(block, std::span(&array, 1));
        ok(writer->begin());
        const auto run = get(writer->addRun(newRun("big")));
        const auto series =
            get(writer->openSeries(run, 1, 0, {0, journal::RecordType::Tensor, journal::Goal::None, "t", "", ""}));
        ok(writer->addRecord(series, 4, 1, 0, "{}", block));
        ok(writer->commit());
        const auto records = get(queryRecords(writer->database(), run, "t"));
        QCOMPARE(records.size(), std::size_t(1));
        QVERIFY(records[0].block == block);
    }
    void rollback_seriesNumbers_stayUsable() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        std::int64_t run = 0;
        SeriesNo old = 0, lost = 0, other = 0;
        inBatch(*writer, [&] {
            run = get(writer->addRun(newRun("r")));
            old = get(writer->openSeries(run, 1, 0, scalar(0, "old")));
            ok(writer->addPoint(old, 0, 0, 1.0));
        });
        ok(writer->begin());
        lost = get(writer->openSeries(run, 1, 0, scalar(1, "lost")));
        ok(writer->addPoint(lost, 0, 0, 5.0));
        ok(writer->addPoint(old, 1, 0, 2.0));
        writer->rollback();
        inBatch(*writer, [&] {
            // A series that is new now must not get the number that was handed out before.
            other = get(writer->openSeries(run, 1, 0, scalar(2, "other")));
            QVERIFY(other != lost && other != old);
            ok(writer->addPoint(lost, 0, 0, 6.0));
            ok(writer->addPoint(old, 1, 0, 3.0));
            ok(writer->addPoint(other, 0, 0, 7.0));
        });
        QVERIFY(get(queryPoints(writer->database(), run, "lost", 0, 9, 0)).values == std::vector<double>{6.0});
        QVERIFY((get(queryPoints(writer->database(), run, "old", 0, 9, 0)).values == std::vector<double>{1.0, 3.0}));
        QVERIFY(get(queryPoints(writer->database(), run, "other", 0, 9, 0)).values == std::vector<double>{7.0});
        QCOMPARE(count(writer->database(), "SELECT n FROM counter WHERE name='series'"), 3);
        // The definition comes again, as after a reader went back: the same number.
        inBatch(*writer, [&] { QCOMPARE(get(writer->openSeries(run, 1, 0, scalar(1, "lost"))), lost); });
    }
    void rollback_runOfTheBatch_takesItsSeriesAlong() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        ok(writer->begin());
        const auto gone = get(writer->addRun(newRun("gone")));
        const auto series = get(writer->openSeries(gone, 1, 0, scalar(0, "a")));
        writer->rollback();
        inBatch(*writer, [&] { QCOMPARE(get(writer->addRun(newRun("next"))), gone); });
        ok(writer->begin());
        QVERIFY(!writer->addPoint(series, 0, 0, 1));
        writer->rollback();
    }
    void closeRun_insideItsBatch_losesNoPoint() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        std::int64_t run = 0;
        inBatch(*writer, [&] {
            run = get(writer->addRun(newRun("r")));
            const auto series = get(writer->openSeries(run, 1, 0, scalar(0, "a")));
            for (int i = 0; i < 1500; ++i) ok(writer->addPoint(series, i, i, i));
            writer->closeRun(run);
        });
        QCOMPARE(get(queryPoints(writer->database(), run, "a", 0, 9999, 0)).size(), std::size_t(1500));
        QVERIFY(get(checkContent(writer->database(), true)).empty());
    }
    void begin_batchLeftOpen_isTakenBack() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        ok(writer->begin());
        get(writer->addRun(newRun("half")));
        inBatch(*writer, [&] { get(writer->addRun(newRun("whole"))); });
        QCOMPARE(count(writer->database(), "SELECT count(*) FROM run"), 1);
    }
    void sealRun_fragmentsInTheFileOnly_areSealed() {
        tests::TempProject project;
        std::int64_t run = 0;
        {
            auto writer = get(ProjectWriter::open(project.file));
            inBatch(*writer, [&] {
                run = get(writer->addRun(newRun("r")));
                for (std::uint32_t i = 0; i < 3; ++i)
                    ok(writer->addPoint(
                        get(writer->openSeries(run, 1, 0, scalar(i, "s" + std::to_string(i)))), 0, 0, i));
            });
        }
        auto writer = get(ProjectWriter::open(project.file));
        QCOMPARE(count(writer->database(), "SELECT count(*) FROM tail"), 3);
        inBatch(*writer, [&] { ok(writer->sealRun(run)); });
        QCOMPARE(count(writer->database(), "SELECT count(*) FROM tail"), 0);
        QCOMPARE(count(writer->database(), "SELECT sum(n) FROM chunk WHERE level=0"), 3);
        QVERIFY(get(checkContent(writer->database(), true)).empty());
    }
    void seriesOf_journalNumbers_areKeptInTheFile() {
        tests::TempProject project;
        std::int64_t run = 0;
        SeriesNo a = 0, b = 0;
        {
            auto writer = get(ProjectWriter::open(project.file));
            inBatch(*writer, [&] {
                run = get(writer->addRun(newRun("r")));
                a = get(writer->openSeries(run, 1, 0, scalar(7, "a")));
                b = get(writer->openSeries(run, 1, 0, scalar(9, "b")));
                get(writer->openSeries(run, 2, 0, scalar(1, "a")));
            });
        }
        auto writer = get(ProjectWriter::open(project.file));
        auto numbers = get(writer->seriesOf(run, 1, 0));
        QVERIFY((numbers && *numbers == std::map<std::uint32_t, SeriesNo>{{7, a}, {9, b}}));
        QVERIFY(get(writer->seriesOf(run, 3, 0))->empty());
        // One series under two numbers of its journal: the map would lose one of them.
        inBatch(*writer, [&] { QCOMPARE(get(writer->openSeries(run, 1, 0, scalar(8, "a"))), a); });
        QVERIFY(!get(writer->seriesOf(run, 1, 0)));
        ok(writer->database().execute("UPDATE series SET journal_no=NULL WHERE attempt=2"));
        QVERIFY(!get(writer->seriesOf(run, 2, 0)));
    }
    void cursor_endFrame_isKeptWithIt() {
        tests::TempProject project;
        std::int64_t run = 0;
        {
            auto writer = get(ProjectWriter::open(project.file));
            inBatch(*writer, [&] {
                run = get(writer->addRun(newRun("r")));
                ok(writer->setCursor(run, 1, 0, {2, 300, 40, true, "{\"status\":\"done\"}"}));
                ok(writer->setCursor(run, 1, 1, {0, 64, 0, false, ""}));
            });
        }
        auto writer = get(ProjectWriter::open(project.file));
        const auto cursor = get(writer->cursor(run, 1, 0));
        QVERIFY(
            cursor && cursor->segment == 2 && cursor->bytePos == 300 && cursor->nextSequence == 40 && cursor->ended);
        QCOMPARE(cursor->endJson, std::string("{\"status\":\"done\"}"));
        QVERIFY(get(writer->cursor(run, 1, 1))->endJson.empty());
        QVERIFY(!get(writer->cursor(run, 2, 0)));
    }
    void run_stateAndLog_areWhatWasSaidLast() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        std::int64_t run = 0;
        inBatch(*writer, [&] {
            run = get(writer->addRun(newRun("r")));
            ok(writer->setInode(run));
            ok(writer->setState(run, {.state = 6, .cause = 1, .detail = "it broke", .startedUs = 5, .endedUs = 9}));
            for (std::uint64_t i = 0; i < 9; ++i) ok(writer->addLog(run, 1, 0, i, 0, 2, "line " + std::to_string(i)));
        });
        QCOMPARE(get(findRun(writer->database(), run))->inode, static_cast<std::int64_t>(writer->inode()));
        QVERIFY((get(writer->newestLog(run, 1, 0, 2)) == std::vector<std::string>{"line 7", "line 8"}));
        inBatch(*writer, [&] { ok(writer->setState(run, {.state = 0})); });
        QCOMPARE(get(findRun(writer->database(), run))->detail, std::string("it broke"));
        inBatch(*writer, [&] { ok(writer->setState(run, {.state = 0, .clearDetail = true, .clearEnded = true})); });
        const auto row = get(findRun(writer->database(), run));
        QVERIFY(row->detail.empty() && !row->endedUs && row->startedUs == 5);
    }
    void restitch_attemptBegunAfresh_replacesTheOlder() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        std::int64_t run = 0;
        SeriesNo first = 0;
        inBatch(*writer, [&] {
            run = get(writer->addRun(newRun("r")));
            first = get(writer->openSeries(run, 1, 0, scalar(0, "a")));
            for (int i = 0; i < 50; ++i) ok(writer->addPoint(first, i, i, 1000));
        });
        inBatch(*writer, [&] {
            ok(writer->addPoint(first, 50, 50, 1000));  // still in memory when the next attempt begins
            NewAttempt next;
            next.attempt = 2;
            next.executor = "local";
            next.startedUs = 7;
            ok(writer->putAttempt(run, next));
            ok(writer->restitch(run));
            const auto second = get(writer->openSeries(run, 2, 0, scalar(0, "a")));
            for (int i = 0; i < 10; ++i) ok(writer->addPoint(second, i, i, i));
        });
        const auto metric = get(queryMetrics(writer->database(), run))[0];
        QCOMPARE(metric.n, 10);
        QCOMPARE(metric.max, 9.0);
        QCOMPARE(get(queryPoints(writer->database(), run, "a", 0, 99, 0)).size(), std::size_t(10));
        QCOMPARE(count(writer->database(), "SELECT sum(n) FROM tail"), 61);
    }
    void close_readerHoldsASnapshot_isNotSaidToBeClean() {
        tests::TempProject project;
        const fs::path copy = project.file.parent_path() / "copy.dubito";
        auto writer = get(ProjectWriter::open(project.file));
        auto reader = get(openReadOnly(project.file));
        ok(reader->execute("BEGIN"));
        QCOMPARE(count(*reader, "SELECT count(*) FROM run"), 0);
        inBatch(*writer, [&] { get(writer->addRun(newRun("r"))); });
        auto closed = writer->close();
        QVERIFY(!closed && closed.error().code() == Code::Owned);
        QVERIFY(closed.error().message().find("another program is reading") == 0);
        reader.reset();
        fs::copy_file(project.file, copy);
        QCOMPARE(count(*get(openReadOnly(copy)), "SELECT value FROM meta WHERE key='clean_close'"), 0);
        auto next = get(ProjectWriter::open(project.file));
        QVERIFY(!next->wasClosedCleanly());
        QCOMPARE(count(next->database(), "SELECT count(*) FROM run"), 1);
        ok(next->close());
        QVERIFY(!fs::exists(project.file.string() + "-wal"));
        fs::remove(copy);
        fs::copy_file(project.file, copy);
        auto whole = get(ProjectWriter::open(copy));
        QVERIFY(whole->wasClosedCleanly());
        QCOMPARE(count(whole->database(), "SELECT count(*) FROM run"), 1);
    }
    void opener_tablesOfOthers_areLetThroughOnlyWhenPlain() {
        const auto opens = [](const char* sql) {
            tests::TempProject project;
            ok(get(Database::open(project.file, Database::Mode::ReadWrite))->execute(sql));
            auto reader = openReadOnly(project.file);
            auto owner = ProjectWriter::open(project.file);
            if (static_cast<bool>(reader) != static_cast<bool>(owner)) qFatal("reader and owner differ: %s", sql);
            if (!reader && reader.error().code() != Code::Refused) qFatal("%s", reader.error().text().c_str());
            return static_cast<bool>(reader);
        };
        QVERIFY(opens(
            "CREATE TABLE x_coin__flips(a INTEGER PRIMARY KEY, b TEXT UNIQUE); CREATE INDEX x_i ON x_coin__flips(b)"));
        QVERIFY(opens("CREATE TABLE x_a(a); CREATE TABLE x_b(a REFERENCES x_a)"));
        QVERIFY(!opens("CREATE UNIQUE INDEX x_u ON run(system)"));
        QVERIFY(!opens("CREATE INDEX more ON run(system)"));
        QVERIFY(!opens("CREATE VIRTUAL TABLE x_v USING fts5(a)"));
        QVERIFY(!opens("CREATE TABLE x_g(a, b AS (a + 1))"));
        QVERIFY(!opens("CREATE TABLE x_g(a, b AS (a + 1) STORED)"));
        QVERIFY(!opens("CREATE TABLE x_f(a REFERENCES run(run_no) ON DELETE RESTRICT)"));
        QVERIFY(!opens("CREATE VIEW x_w AS SELECT 1"));
        QVERIFY(!opens("CREATE TABLE x_t(a); CREATE TRIGGER x_r AFTER INSERT ON x_t BEGIN SELECT 1; END"));
        QVERIFY(!opens("CREATE TRIGGER x_r AFTER INSERT ON run BEGIN SELECT 1; END"));
        QVERIFY(!opens("CREATE TABLE other(a)"));
    }
    void create_inTheWay_isRefused() {
        tests::TempProject project;
        const fs::path folder = project.file.parent_path(), fresh = folder / "fresh.dubito", away = folder / "away";
        QVERIFY(createProject(project.file, "t").error().code() == Code::WrongState);
        fs::create_symlink(away, fresh);
        QVERIFY(createProject(fresh, "t").error().code() == Code::WrongState);
        QVERIFY(!fs::exists(away));
        fs::remove(fresh);
        fs::create_symlink(away, fresh.string() + "-journal");
        QVERIFY(createProject(fresh, "t").error().code() == Code::WrongState);
        fs::remove(fresh.string() + "-journal");
        ok(createProject(fresh, "t"));
        QVERIFY(createProject(folder / "fresh.dubito" / "below", "t").error().code() == Code::Io);
    }
};

QTEST_GUILESS_MAIN(tst_Store)
#include "tst_store.moc"
