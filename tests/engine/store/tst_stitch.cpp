// What a later attempt replaces: latest values, records, logs, and the check that judges them.
#include "curve_model.h"

using namespace curve_model;

class tst_Stitch : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void latest_randomAttempts_equalsTheKeptPoints() {
        forRandomRuns(25, [](Recorder& recorder, const Model& model, Dice&) {
            const auto kept = model.kept();
            const auto metrics = get(queryMetrics(*recorder.db, 1));
            QCOMPARE(metrics.size(), std::size_t(kept.empty() ? 0 : 1));
            QCOMPARE(recorder.faultText(), QByteArray());
            if (kept.empty()) return;
            double low = INFINITY, high = -INFINITY, sum = 0;
            std::int64_t notFinite = 0;
            for (const Point& point : kept) {
                if (!std::isfinite(point.value)) {
                    ++notFinite;
                    continue;
                }
                low = std::min(low, point.value);
                high = std::max(high, point.value);
                sum += point.value;
            }
            const MetricRow& row = metrics.front();
            QCOMPARE(row.n, std::int64_t(kept.size()));
            QCOMPARE(row.nanCount, notFinite);
            QCOMPARE(row.lastStep, kept.back().step);
            QVERIFY(std::isfinite(kept.back().value) ? row.last == kept.back().value : std::isnan(row.last));
            if (notFinite == row.n) return;
            QCOMPARE(row.min, low);
            QCOMPARE(row.max, high);
            const double mean = sum / static_cast<double>(row.n - notFinite);
            QVERIFY(std::abs(row.mean - mean) <= 1e-11 * std::max(std::abs(low), std::abs(high)));
        });
    }

    void latest_bestInReplacedStretch_isForgotten() {
        Recorder recorder;
        recorder.beginAttempt(1, {});
        recorder.say(*recorder.series(1), {{0, 0, 5}, {1, 0, 4}, {2, 0, -100}, {3, 0, 100}}, 9, true);
        recorder.beginAttempt(2, 2);
        const MetricRow before = get(queryMetrics(*recorder.db, 1)).front();
        QCOMPARE(before.last, 4.0);
        QCOMPARE(before.lastStep, 1);
        recorder.say(*recorder.series(2), {{2, 0, 3}}, 9, true);
        const MetricRow row = get(queryMetrics(*recorder.db, 1)).front();
        QCOMPARE(row.n, 3);
        QCOMPARE(row.min, 3.0);
        QCOMPARE(row.max, 5.0);
        QCOMPARE(row.mean, 4.0);
        QCOMPARE(row.last, 3.0);
    }

    void latest_latePointsOfReplacedAttempt_countBelowTheCutOnly() {
        Recorder recorder;
        recorder.beginAttempt(1, {});
        recorder.say(*recorder.series(1), {{0, 0, 1}}, 9, false);
        recorder.beginAttempt(2, 10);
        const auto second = recorder.series(2), first = recorder.series(1);
        recorder.say(*second, {{10, 0, 2}}, 9, false);
        recorder.say(*first, {{5, 0, 3}, {11, 0, 50}}, 9, true);
        recorder.say(*second, {{12, 0, 4}}, 9, true);
        const MetricRow row = get(queryMetrics(*recorder.db, 1)).front();
        QCOMPARE(row.n, 4);
        QCOMPARE(row.max, 4.0);
        QCOMPARE(row.last, 4.0);
        QCOMPARE(recorder.faultText(), QByteArray());
    }

    void latest_pointsOfOtherRanks_changeNothing() {
        Recorder recorder;
        recorder.beginAttempt(1, {});
        recorder.say(*recorder.series(1), {{0, 0, 1}}, 9, false);
        recorder.say(*recorder.series(1, 1), {{0, 0, 70}, {1, 0, 80}}, 9, true);
        QCOMPARE(get(queryMetrics(*recorder.db, 1)).front().n, 1);
        QCOMPARE(get(queryMetrics(*recorder.db, 1)).front().max, 1.0);
        ok(restitch(*recorder.db, 1));
        QCOMPARE(get(queryMetrics(*recorder.db, 1)).front().n, 1);
        QCOMPARE(recorder.faultText(), QByteArray());
    }

    void records_ofReplacedStretches_areLeftOut() {
        Recorder recorder;
        recorder.beginAttempt(1, {});
        const std::int64_t first = recorder.series(1, 0, 0x30)->seriesNo;
        for (std::int64_t step = 0; step < 10; ++step) recorder.record(first, step, step);
        recorder.beginAttempt(2, 6);
        const std::int64_t second = recorder.series(2, 0, 0x30)->seriesNo;
        for (std::int64_t step = 6; step < 9; ++step) recorder.record(second, step, step);
        std::vector<std::int64_t> steps;
        for (const auto& record : get(queryRecords(*recorder.db, 1, kKey))) steps.push_back(record.step);
        QCOMPARE(steps, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
        const auto series = get(querySeries(*recorder.db, 1));
        QCOMPARE(series[0].records, 6);
        QCOMPARE(series[1].records, 3);
        recorder.beginAttempt(3, {});
        QVERIFY(get(queryRecords(*recorder.db, 1, kKey)).empty());
    }

    void logs_ofReplacedAttempts_stay() {
        Recorder recorder;
        for (int attempt : {1, 2}) {
            recorder.beginAttempt(attempt, {});
            ok(recorder.db->execute(
                "INSERT INTO log_line VALUES(1, " + std::to_string(attempt) + ", 0, 0, 0, 2, '50% done_')"));
        }
        QCOMPARE(get(queryLog(*recorder.db, {1}, 4, "", 100)).size(), std::size_t(2));
        QCOMPARE(get(queryLog(*recorder.db, {1}, 4, "0% D", 100)).size(), std::size_t(2));
        QVERIFY(get(queryLog(*recorder.db, {1}, 4, "5%done", 100)).empty());
        QVERIFY(get(queryLog(*recorder.db, {}, 4, "done_x", 100)).empty());
    }

    void curve_pointsLost_isAnErrorNotAShorterCurve() {
        Recorder recorder;
        recorder.beginAttempt(1, {});
        std::vector<Point> points;
        for (std::int64_t step = 0; step < 5'000; ++step) points.push_back({step, 0, 1.0});
        recorder.say(*recorder.series(1), points, 700, true);
        ok(recorder.db->execute("DELETE FROM chunk_data WHERE data_no=2"));
        const auto found = queryPoints(*recorder.db, 1, kKey, kLeast, kMost, 0);
        QVERIFY(!found && found.error().code() == Code::CorruptData);
        QVERIFY(!queryColumns(*recorder.db, 1, kKey, 0, 4'999, 3'000));
    }

    void check_damage_isNamed_data() {
        QTest::addColumn<QByteArray>("sql");
        QTest::addColumn<QByteArray>("fault");
        QTest::newRow("latest counts too many")
            << QByteArray("UPDATE latest SET n=n+1") << QByteArray("points are counted");
        QTest::newRow("latest from a replaced stretch")
            << QByteArray("UPDATE latest SET min=-9") << QByteArray("least value");
        QTest::newRow("step of the greatest")
            << QByteArray("UPDATE latest SET max_step=0") << QByteArray("greatest value");
        QTest::newRow("last step") << QByteArray("UPDATE latest SET last_step=3") << QByteArray("last step");
        QTest::newRow("last value") << QByteArray("UPDATE latest SET last=3") << QByteArray("last value");
        QTest::newRow("mean") << QByteArray("UPDATE latest SET mean=mean+1e-9") << QByteArray("mean");
        QTest::newRow("latest gone") << QByteArray("DELETE FROM latest") << QByteArray("no latest row");
        QTest::newRow("chunk row") << QByteArray("UPDATE chunk SET max=max+1 WHERE level=0 AND idx=1")
                                   << QByteArray("chunk 1 of series 1");
        QTest::newRow("pyramid row") << QByteArray("UPDATE chunk SET n=n+1 WHERE level=2")
                                     << QByteArray("level 2 of series 1");
        QTest::newRow("pyramid row gone")
            << QByteArray("DELETE FROM chunk WHERE level=3") << QByteArray("level 3 of series 1");
        QTest::newRow("points") << QByteArray("UPDATE chunk_data SET data=x'0102' WHERE data_no=1")
                                << QByteArray("chunk 0 of series 1");
        QTest::newRow("cursor behind") << QByteArray("UPDATE cursor SET next_seq=4")
                                       << QByteArray("the cursor stands at 4");
        QTest::newRow("stray") << QByteArray("INSERT INTO tail VALUES(99, 0, 0, x'')")
                               << QByteArray("belong to no series");
        QTest::newRow("array block") << QByteArray("UPDATE record SET data=x'01'") << QByteArray("record 1");
    }
    void check_damage_isNamed() {
        QFETCH(QByteArray, sql);
        QFETCH(QByteArray, fault);
        Recorder recorder;
        recorder.beginAttempt(1, {});
        std::vector<Point> points;
        for (std::int64_t step = 0; step < 5'000; ++step) points.push_back({step, 0, std::sin(double(step))});
        const auto series = recorder.series(1);
        recorder.say(*series, points, 700, true);
        recorder.record(series->seriesNo, 4, 4);
        ok(recorder.db->execute(R"(
            INSERT INTO cursor(run_no, attempt, rank, segment, byte_pos, next_seq, ended)
            VALUES(1, 1, 0, 0, 100, 5, 0))"));
        QCOMPARE(recorder.faultText(), QByteArray());
        ok(recorder.db->execute(sql.toStdString()));
        QVERIFY2(recorder.faultText().contains(fault), recorder.faultText());
    }
    void check_oldSchemaWithStaleLatest_isNotCalledDamaged() {
        Recorder recorder;
        recorder.beginAttempt(1, {});
        recorder.say(*recorder.series(1), {{0, 0, 1}}, 9, true);
        ok(recorder.db->execute("UPDATE latest SET n=7; PRAGMA user_version=1"));
        QCOMPARE(recorder.faultText(), QByteArray());
    }
};

QTEST_GUILESS_MAIN(tst_Stitch)
#include "tst_stitch.moc"
