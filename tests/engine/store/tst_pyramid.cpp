// Curves, latest values and records of runs with several attempts, against a model that keeps every point in a list.
#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "journal/array_block.h"
#include "stats/counter_rng.h"
#include "store/queries.h"
#include "store/series_writer.h"
#include "store/stitch.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::store;

namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(),
                       kMost = std::numeric_limits<std::int64_t>::max();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr const char* kKey = "train/loss";

template <class T>
T get(Result<T> result) {
    if (!result) qFatal("%s", result.error().text().c_str());
    return std::move(*result);
}
void ok(const Result<void>& result) {
    if (!result) qFatal("%s", result.error().text().c_str());
}

struct Point {
    std::int64_t step = 0, us = 0;
    double value = 0;
};

/// A project with one run, written as the collector does: series by series, batch by batch.
class Recorder {
public:
    Recorder() {
        db = get(Database::open(m_project.file, Database::Mode::ReadWrite));
        ok(db->execute(R"(
            PRAGMA synchronous=OFF;
            PRAGMA user_version=2;
            INSERT INTO name(name_no, text) VALUES(1, 'train/loss');
            INSERT INTO plugin(plugin_no, id, version) VALUES(1, 'org.dubito.fake', '1');
            INSERT INTO spec(spec_hash, json) VALUES(x'00', '{}');
            INSERT INTO config(config_no, group_hash, plugin_no) VALUES(1, x'00', 1);
            INSERT INTO run(run_no, id, config_no, spec_hash, system, state, created_us)
            VALUES(1, x'00000000000000000000000000000001', 1, x'00', 'fake', 0, 0))"));
        m_writer.emplace(get(SeriesWriter::create(*db)));
    }

    /// started: whether its begin frame was taken in.
    void beginAttempt(std::int64_t attempt, std::optional<std::int64_t> resumedStep, bool started = true) {
        Statement put = get(db->prepare(R"(
            INSERT INTO attempt(run_no, attempt, executor, started_us, resumed_step)
            VALUES(1, ?1, 'local', ?2, ?3))"));
        put.bind(1, attempt);
        if (started) put.bind(2, 5);
        ok(put.bind(3, resumedStep).run());
        ok(restitch(*db, 1));
    }

    std::unique_ptr<OpenSeries> series(std::int64_t attempt, std::int64_t rank = 0, int kind = 0x21) {
        Statement put = get(db->prepare(R"(
            INSERT OR IGNORE INTO series(run_no, attempt, rank, name_no, kind, unit, goal)
            VALUES(1, ?1, ?2, 1, ?3, '', 0))"));
        ok(put.bind(1, attempt).bind(2, rank).bind(3, kind).run());
        Statement find = get(db->prepare("SELECT series_no FROM series WHERE attempt=?1 AND rank=?2"));
        auto open = std::make_unique<OpenSeries>();
        open->runNo = open->nameNo = 1;
        find.bind(1, attempt).bind(2, rank);
        ok(find.forEach([&] { open->seriesNo = find.integer(0); }));
        ok(m_writer->load(*open));
        return open;
    }

    void say(OpenSeries& open, const std::vector<Point>& points, std::size_t batch, bool seal) {
        ok(db->execute("BEGIN"));
        for (std::size_t i = 0; i < points.size(); ++i) {
            open.pending.add(points[i].step, points[i].us, points[i].value);
            if (i % batch == batch - 1) ok(m_writer->flush(open, false));
        }
        ok(m_writer->flush(open, seal));
        ok(db->execute("COMMIT"));
    }

    /// A record whose block is one whole, empty array block.
    void record(std::int64_t seriesNo, std::int64_t step, std::int64_t sequence) {
        const std::int32_t value = 7;
        const journal::Array array{"v", "", kI32, {1}, journal::Array::Role::Values,
            {reinterpret_cast<const std::uint8_t*>(&value), sizeof value}};
        Bytes block;
        journal::encodeArrayBlock(block, std::span(&array, 1));
        Statement put =
            get(db->prepare("INSERT INTO record(series_no, step, time_us, seq, data) VALUES(?1, ?2, 0, ?3, ?4)"));
        ok(put.bind(1, seriesNo).bind(2, step).bind(3, sequence).bind(4, ByteSpan(block)).run());
    }

    std::vector<std::string> faults() { return get(checkContent(*db, true)); }
    QByteArray faultText() {
        QByteArray out;
        for (const auto& fault : faults()) out += QByteArray::fromStdString(fault) + "\n";
        return out;
    }

    std::unique_ptr<Database> db;

private:
    tests::TempProject m_project;
    std::optional<SeriesWriter> m_writer;
};

/// The judge: lists, no chunks, no sums.
struct Model {
    struct Attempt {
        bool started = true;
        std::optional<std::int64_t> resumedStep;
        std::vector<Point> points;
    };
    std::vector<Attempt> attempts;

    /// In the order said.
    std::vector<Point> kept() const {
        std::vector<Point> out;
        for (std::size_t i = 0; i < attempts.size(); ++i)
            for (const Point& point : attempts[i].points) {
                bool isReplaced = false;
                for (std::size_t later = i + 1; later < attempts.size(); ++later) {
                    const Attempt& other = attempts[later];
                    isReplaced |= other.started && (!other.resumedStep || point.step >= *other.resumedStep);
                }
                if (!isReplaced) out.push_back(point);
            }
        return out;
    }
    std::vector<Point> curve(std::int64_t from = kLeast, std::int64_t to = kMost) const {
        std::vector<Point> out;
        for (const Point& point : kept())
            if (point.step >= from && point.step <= to) out.push_back(point);
        std::stable_sort(out.begin(), out.end(), [](const Point& a, const Point& b) { return a.step < b.step; });
        return out;
    }
};

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// What a column of these points shows.
Column naiveColumn(std::span<const Point> points) {
    const auto x = [](const Point& point) { return static_cast<double>(point.step); };
    Column column{x(points.front()), x(points.back()), kNan, kNan, kNan, kNan, std::int64_t(points.size()), 0};
    for (const Point& point : points) {
        if (!std::isfinite(point.value)) {
            ++column.nanCount;
            continue;
        }
        if (std::isnan(column.first)) column.first = column.min = column.max = point.value;
        column.min = std::min(column.min, point.value);
        column.max = std::max(column.max, point.value);
        column.last = point.value;
    }
    return column;
}

bool same(const Column& a, const Column& b) {
    return a.x == b.x && a.xLast == b.xLast && a.n == b.n && a.nanCount == b.nanCount && same(a.first, b.first) &&
           same(a.min, b.min) && same(a.max, b.max) && same(a.last, b.last);
}

/// The columns part the curve: each holds the points that follow those of the one before, none reaches further than an
/// eighth of a column beyond its own edge.
bool partTheCurve(
    const std::vector<Column>& columns, std::span<const Point> curve, std::int64_t from, std::int64_t to, int asked) {
    __extension__ using Wide = unsigned __int128;
    const auto offset = [from](std::int64_t step) {
        return static_cast<std::uint64_t>(step) - static_cast<std::uint64_t>(from);
    };
    const Wide steps = Wide{offset(to)} + 1, slots = std::min<Wide>(steps, static_cast<Wide>(asked));
    std::optional<Wide> before;
    for (const Column& column : columns) {
        if (column.n < 1 || curve.size() < static_cast<std::size_t>(column.n)) return false;
        const auto points = curve.first(static_cast<std::size_t>(column.n));
        curve = curve.subspan(points.size());
        const Wide slot = Wide{offset(points.front().step)} * slots / steps;
        const Wide edge = (steps * (slot + 1) + slots - 1) / slots;
        if (!same(column, naiveColumn(points)) || (before && slot <= *before)) return false;
        if (offset(points.back().step) >= edge + steps / slots / 8) return false;
        before = slot;
    }
    return curve.empty();
}

bool same(const Points& found, const std::vector<Point>& expected) {
    if (found.size() != expected.size()) return false;
    for (std::size_t i = 0; i < expected.size(); ++i)
        if (found.steps[i] != expected[i].step || found.timesUs[i] != expected[i].us ||
            !same(found.values[i], expected[i].value))
            return false;
    return true;
}

class Dice {
public:
    explicit Dice(std::uint64_t seed) : m_rng(seed, "attempts", 0) {}
    double unit() { return m_rng.uniform(); }
    bool chance(double share) { return unit() < share; }
    std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(unit() * static_cast<double>(n)); }

private:
    stats::CounterRng m_rng;
};

std::vector<Point> somePoints(Dice& dice, std::optional<std::int64_t> resumedStep) {
    std::vector<Point> out;
    const bool isOrdered = dice.chance(0.7), isLong = dice.chance(0.4);
    const std::int64_t n = dice.below(isLong ? 60'000 : 3'000);
    std::int64_t step = resumedStep.value_or(0);
    if (dice.chance(0.2)) step -= dice.below(500);  // below the step it goes on from
    const std::int64_t stride = 1 + dice.below(4);
    for (std::int64_t i = 0; i < n; ++i) {
        double value = dice.unit();
        if (dice.chance(0.0005)) value = 1e6 * (dice.unit() - 0.5);
        if (dice.chance(0.002)) value = dice.chance(0.5) ? kNan : std::numeric_limits<double>::infinity();
        out.push_back({step, 1'000 * i, value});
        step += dice.chance(0.01) ? 0 : stride;
        if (!isOrdered && dice.chance(0.001)) step -= dice.below(200);
    }
    if (dice.chance(0.15)) out.push_back({kMost, 1'000 * n, dice.unit()});
    if (dice.chance(0.15)) out.insert(out.begin(), {kLeast, 0, dice.unit()});
    return out;
}

/// Records a random run and calls body(recorder, model) after every attempt.
template <class F>
void forRandomRuns(int runs, F&& body) {
    for (int seed = 0; seed < runs; ++seed) {
        Dice dice(static_cast<std::uint64_t>(seed));
        Recorder recorder;
        Model model;
        const std::int64_t attempts = 1 + dice.below(4);
        for (std::int64_t attempt = 1; attempt <= attempts; ++attempt) {
            Model::Attempt next;
            next.started = attempt == 1 || dice.chance(0.9);
            if (attempt > 1 && dice.chance(0.8))
                next.resumedStep = dice.below(9'000) - (dice.chance(0.05) ? 10'000 : 0);
            next.points = somePoints(dice, next.resumedStep);
            recorder.beginAttempt(attempt, next.resumedStep, next.started);
            const auto series = recorder.series(attempt);
            recorder.say(*series, next.points, 1 + static_cast<std::size_t>(dice.below(5'000)), dice.chance(0.5));
            model.attempts.push_back(std::move(next));
            body(recorder, model, dice);
        }
    }
}

}  // namespace

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

QTEST_GUILESS_MAIN(tst_Pyramid)
#include "tst_pyramid.moc"
