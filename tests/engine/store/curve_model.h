// Runs of several attempts, written as the collector does, and a model of them that keeps every point in a list.
#pragma once

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
#include "support/results.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::store;
using tests::get;
using tests::ok;

namespace curve_model {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(),
                       kMost = std::numeric_limits<std::int64_t>::max();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr const char* kKey = "train/loss";

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
inline Column naiveColumn(std::span<const Point> points) {
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

inline bool same(const Column& a, const Column& b) {
    return a.x == b.x && a.xLast == b.xLast && a.n == b.n && a.nanCount == b.nanCount && same(a.first, b.first) &&
           same(a.min, b.min) && same(a.max, b.max) && same(a.last, b.last);
}

/// The columns part the curve: each holds the points that follow those of the one before, none reaches further than an
/// eighth of a column beyond its own edge.
inline bool partTheCurve(
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

inline bool same(const Points& found, const std::vector<Point>& expected) {
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

inline std::vector<Point> somePoints(Dice& dice, std::optional<std::int64_t> resumedStep) {
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
inline void forRandomRuns(int runs, F&& body) {
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

}  // namespace curve_model
