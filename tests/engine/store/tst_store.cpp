// Project files: schema, chunks, pyramid, edits, filters, strangers' files.
#include <QTest>

#include <cmath>

#include "journal/array_block.h"
#include "stats/counter_rng.h"
#include "store/filter.h"
#include "store/writer.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::store;

namespace {

NewRun newRun(const std::string& title) {
    NewRun run;
    run.id = makeUuid();
    run.specJson = "{\"title\":\"" + title + "\"}";
    run.specHash = sha256(asBytes(run.specJson));
    run.groupHash = sha256(asBytes("group" + title));
    run.pluginId = "org.dubito.fake";
    run.pluginVersion = "1.0.0";
    run.system = "fake";
    run.title = title;
    run.seed = 3;
    run.createdUs = nowUs();
    run.parameters = Json{{"model", {{"lr", 3e-4}}}, {"name", title}, {"on", true}};
    return run;
}

template <class T>
T get(Result<T> result) {
    if (!result) qFatal("%s", result.error().text().c_str());
    return std::move(*result);
}
void ok(const Result<void>& result) {
    if (!result) qFatal("%s", result.error().text().c_str());
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
        for (std::size_t i = 0; i < points.size(); ++i) QCOMPARE(std::bit_cast<std::uint64_t>(back.values[i]), std::bit_cast<std::uint64_t>(points.values[i]));
        Points even;
        for (int i = 0; i < 1024; ++i) even.add(i * 10, i * 1000, static_cast<float>(i) * 0.5);
        QVERIFY(encodePoints(even, 0, 1024).size() < 6000);
    }
    void pyramid_randomSpikes_noExtremeIsHidden() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        ok(writer->begin());
        const auto run = get(writer->addRun(newRun("spikes")));
        const auto series = get(writer->openSeries(run, 1, 0, {0, journal::RecordType::ScalarGroup, journal::Goal::None, "x/y", "1", ""}));
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
            std::int64_t from = static_cast<std::int64_t>(rng.uniform() * 199'000), to = from + 1 + static_cast<std::int64_t>(rng.uniform() * static_cast<double>(199'999 - from));
            if (trial == 0) from = 0, to = 199'999;
            const int columns = 1 + static_cast<int>(rng.uniform() * 900);
            const auto reduced = get(queryColumns(db, run, "x/y", from, to, columns));
            QVERIFY(static_cast<int>(reduced.size()) <= columns);
            double low = INFINITY, high = -INFINITY, seenLow = INFINITY, seenHigh = -INFINITY;
            for (auto i = from; i <= to; ++i)
                if (std::isfinite(values[static_cast<std::size_t>(i)])) low = std::min(low, values[static_cast<std::size_t>(i)]), high = std::max(high, values[static_cast<std::size_t>(i)]);
            for (const auto& column : reduced) seenLow = std::min(seenLow, column.min), seenHigh = std::max(seenHigh, column.max);
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
            const auto series = get(writer->openSeries(run, 1, 0, {0, journal::RecordType::ScalarGroup, journal::Goal::None, "a", "", ""}));
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
            const auto table = get(selectText(writer->database(), "SELECT hex(run_id), title, star, deleted_us FROM run_user ORDER BY 1", 1000));
            for (const auto& row : table.rows)
                for (const auto& cell : row) out += cell + "|";
            return out;
        };
        const std::string start = dump();
        stats::CounterRng rng(5, "edits", 0);
        for (int i = 0; i < 200; ++i) {
            const auto run = runs[static_cast<std::size_t>(rng.uniform() * 5)];
            const std::string title = "title " + std::to_string(i);
            ok(writer->edit("e", "c", [&](Database& db) -> Result<void> {
                DUBITO_TRY(Statement put, db.prepare("UPDATE run_user SET title=?2, star=?3 WHERE run_id=(SELECT id FROM run WHERE run_no=?1)"));
                return put.bind(1, run).bind(2, title).bind(3, i % 2).run();
            }));
        }
        const std::string end = dump();
        int undone = 0;
        while (writer->undo()) ++undone;
        QCOMPARE(undone, 200);
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
            const auto series = get(writer->openSeries(run, 1, 0, {0, journal::RecordType::ScalarGroup, journal::Goal::None, "eval/return_mean", "1", ""}));
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
        const journal::Array array{"v", "", kF32, {700'000}, journal::Array::Role::Values, {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * 4}};
        Bytes block;
        journal::encodeArrayBlock(block, std::span(&array, 1));
        ok(writer->begin());
        const auto run = get(writer->addRun(newRun("big")));
        const auto series = get(writer->openSeries(run, 1, 0, {0, journal::RecordType::Tensor, journal::Goal::None, "t", "", ""}));
        ok(writer->addRecord(series, 4, 1, 0, "{}", block));
        ok(writer->commit());
        const auto records = get(queryRecords(writer->database(), run, "t"));
        QCOMPARE(records.size(), std::size_t(1));
        QVERIFY(records[0].block == block);
    }
};

QTEST_GUILESS_MAIN(tst_Store)
#include "tst_store.moc"
