// Curves of runs with several attempts, against a model that keeps every point in a list.
#include "curve_model.h"

using namespace curve_model;

class tst_Pyramid : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void points_randomAttempts_equalTheNaiveModel() {
        forRandomRuns(25, [](Recorder& recorder, const Model& model, Dice& dice) {
            const auto curve = model.curve();
            QVERIFY(same(get(queryPoints(*recorder.db, 1, kKey, kLeast, kMost, 0)), curve));
            const auto range = get(queryStepRange(*recorder.db, 1, kKey));
            QCOMPARE(range.has_value(), !curve.empty());
            if (curve.empty()) return;
            QCOMPARE(range->first, curve.front().step);
            QCOMPARE(range->second, curve.back().step);
            const std::int64_t from = dice.below(20'000) - 500, to = from + dice.below(20'000);
            QVERIFY(same(get(queryPoints(*recorder.db, 1, kKey, from, to, 0)), model.curve(from, to)));
        });
    }

    void columns_randomAttempts_partTheNaiveCurve() {
        forRandomRuns(25, [](Recorder& recorder, const Model& model, Dice& dice) {
            for (int trial = 0; trial < 8; ++trial) {
                std::int64_t from = dice.below(60'000) - 500, to = from + dice.below(60'000);
                if (trial == 0) from = kLeast, to = kMost;
                const auto range = get(queryStepRange(*recorder.db, 1, kKey));
                if (trial == 1 && range) from = range->first, to = range->second;
                const int columns = 1 + static_cast<int>(dice.below(trial % 2 ? 30 : 1'500));
                const auto found = get(queryColumns(*recorder.db, 1, kKey, from, to, columns));
                QVERIFY(static_cast<int>(found.size()) <= columns);
                QVERIFY(partTheCurve(found, model.curve(from, to), from, to, columns));
            }
        });
    }

    void attempt_begunAfresh_replacesAllOlderPoints() {
        Recorder recorder;
        recorder.beginAttempt(1, {});
        recorder.say(*recorder.series(1), {{0, 0, 9}, {1, 0, 8}, {2, 0, 7}}, 2, false);
        recorder.beginAttempt(2, {});
        QVERIFY(get(queryMetrics(*recorder.db, 1)).empty());
        QVERIFY(!get(queryStepRange(*recorder.db, 1, kKey)));
        recorder.say(*recorder.series(2), {{0, 0, 1}, {1, 0, 2}}, 2, true);
        QCOMPARE(get(queryPoints(*recorder.db, 1, kKey, kLeast, kMost, 0)).values, (std::vector<double>{1, 2}));
        QCOMPARE(get(queryMetrics(*recorder.db, 1)).front().n, 2);
        QCOMPARE(recorder.faultText(), QByteArray());
    }

    void attempt_notBegun_replacesNothing() {
        Recorder recorder;
        recorder.beginAttempt(1, {});
        recorder.say(*recorder.series(1), {{0, 0, 9}, {1, 0, 8}}, 2, false);
        recorder.beginAttempt(2, 1, /*started=*/false);
        QCOMPARE(get(queryPoints(*recorder.db, 1, kKey, kLeast, kMost, 0)).size(), std::size_t(2));
        QCOMPARE(get(queryMetrics(*recorder.db, 1)).front().n, 2);
    }

    void attempt_laterGoesOnFromEarlierStep_cutsBoth() {
        Recorder recorder;
        for (std::int64_t attempt = 1; attempt <= 3; ++attempt) {
            const std::int64_t from = attempt == 1 ? 0 : attempt == 2 ? 50 : 20;
            recorder.beginAttempt(attempt, attempt == 1 ? std::nullopt : std::optional(from));
            std::vector<Point> points;
            for (std::int64_t step = from; step < 100; ++step) points.push_back({step, 0, double(attempt)});
            recorder.say(*recorder.series(attempt), points, 7, true);
        }
        const auto points = get(queryPoints(*recorder.db, 1, kKey, kLeast, kMost, 0));
        QCOMPARE(points.size(), std::size_t(100));
        QCOMPARE(points.values[19], 1.0);
        QCOMPARE(points.values[20], 3.0);
        QCOMPARE(recorder.faultText(), QByteArray());
    }

    void steps_extremes_areListedAndReducedLikeAnyOther() {
        Recorder recorder;
        recorder.beginAttempt(1, {});
        recorder.say(*recorder.series(1), {{kLeast, 0, 1}, {-5, 0, 2}, {0, 0, 3}, {kMost, 0, 4}}, 9, true);
        QCOMPARE(get(queryPoints(*recorder.db, 1, kKey, kLeast, kMost, 0)).steps,
            (std::vector<std::int64_t>{kLeast, -5, 0, kMost}));
        const auto range = get(queryStepRange(*recorder.db, 1, kKey));
        QCOMPARE(range->first, kLeast);
        QCOMPARE(range->second, kMost);
        const auto columns = get(queryColumns(*recorder.db, 1, kKey, kLeast, kMost, 3));
        QCOMPARE(columns.size(), std::size_t(3));
        QCOMPARE(columns[0].min, 1.0);
        QCOMPARE(columns[1].n, 2);
        QCOMPARE(columns[2].last, 4.0);
        QCOMPARE(get(queryColumns(*recorder.db, 1, kKey, -5, -5, 50)).front().last, 2.0);
    }

    void columns_threeAttemptsThatOverlap_neverMoreThanAsked() {
        Recorder recorder;
        for (std::int64_t attempt = 1; attempt <= 3; ++attempt) {
            const std::int64_t resumed = 20'000 * (attempt - 1);
            recorder.beginAttempt(attempt, attempt == 1 ? std::nullopt : std::optional(resumed));
            // The last one says steps below the one it went on from.
            std::vector<Point> points;
            for (std::int64_t step = attempt == 3 ? 10'000 : resumed; step < 60'000; ++step)
                points.push_back({step, 0, double(step)});
            recorder.say(*recorder.series(attempt), points, 10'000, true);
        }
        for (const int columns : {1, 2, 50, 79, 1'000}) {
            const auto found = get(queryColumns(*recorder.db, 1, kKey, 0, 59'999, columns));
            QCOMPARE(found.size(), std::size_t(columns));
            std::int64_t n = 0;
            for (const Column& column : found) n += column.n;
            QCOMPARE(n, 90'000);
        }
    }

    void mean_tenMillionEqualValues_staysTheirValue() {
        Summary summary;
        for (int i = 0; i < 10'000'000; ++i) summary.add(i, 0, 0.1);
        QVERIFY(std::abs(summary.mean() - 0.1) < 1e-16);
    }

    void mean_afterAChunkOfNan_isKnown() {
        Recorder recorder;
        recorder.beginAttempt(1, {});
        std::vector<Point> points;
        for (std::int64_t i = 0; i < 2 * std::int64_t(kChunkPoints); ++i)
            points.push_back({i, 0, i < std::int64_t(kChunkPoints) ? kNan : 2.0});
        recorder.say(*recorder.series(1), points, 100, true);
        QCOMPARE(get(recorder.db->integer("SELECT sum FROM chunk WHERE level=3")), std::int64_t(2 * kChunkPoints));
        QCOMPARE(get(summariseKept(*recorder.db, get(keptStretches(*recorder.db, 1, kKey)))).summary.mean(), 2.0);
    }
};

QTEST_GUILESS_MAIN(tst_Pyramid)
#include "tst_pyramid.moc"
