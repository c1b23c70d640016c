// Curves over the kept stretches: at most one value set a pixel column, exact at every edge.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "store/pyramid.h"
#include "store/queries.h"
#include "store/stitch.h"

namespace dubito::store {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(),
                       kMost = std::numeric_limits<std::int64_t>::max();

/// Parts that do not overlap any other: one ordered stretch read by its pyramid, or points of several, sorted.
struct Part {
    std::int64_t low = 0, high = 0;
    std::vector<Stretch> stretches;
};

/// Finds the first and last step; takes every row as a whole.
class EndsSink : public PyramidSink {
public:
    bool takesWhole(const Summary&) override { return true; }
    void add(const Summary& row) override {
        widen(row.stepFirst);
        widen(row.stepLast);
    }
    void add(const Points& points, std::size_t first, std::size_t last) override {
        for (std::size_t i = first; i < last; ++i) widen(points.steps[i]);
    }
    bool isEmpty = true;
    std::int64_t low = 0, high = 0;

private:
    void widen(std::int64_t step) {
        low = isEmpty ? step : std::min(low, step);
        high = isEmpty ? step : std::max(high, step);
        isEmpty = false;
    }
};

/// First and last kept step of a stretch; empty when it has none.
Result<std::optional<std::pair<std::int64_t, std::int64_t>>> endsOf(PyramidReader& reader, const Stretch& stretch) {
    EndsSink sink;
    if (!stretch.unordered) {
        DUBITO_CHECK(reader.walk(stretch.seriesNo, kLeast, stretch.lastKept(), sink));
    } else {
        Points points;
        DUBITO_CHECK(reader.readAsSaid(stretch, points));
        sink.add(points, 0, points.size());
    }
    if (sink.isEmpty) return std::optional<std::pair<std::int64_t, std::int64_t>>();
    return std::optional(std::pair(sink.low, sink.high));
}

/// Stretches that share a step become one part. In step order.
Result<std::vector<Part>> partsOf(PyramidReader& reader, const std::vector<Stretch>& stretches) {
    std::vector<Part> single;
    if (stretches.size() == 1) return std::vector<Part>{{kLeast, kMost, stretches}};
    for (const Stretch& stretch : stretches) {
        DUBITO_TRY(const auto ends, endsOf(reader, stretch));
        if (ends) single.push_back({ends->first, ends->second, {stretch}});
    }
    std::stable_sort(single.begin(), single.end(), [](const Part& a, const Part& b) { return a.low < b.low; });
    std::vector<Part> out;
    for (Part& part : single) {
        if (out.empty() || part.low > out.back().high) {
            out.push_back(std::move(part));
            continue;
        }
        out.back().high = std::max(out.back().high, part.high);
        out.back().stretches.push_back(part.stretches.front());
    }
    // Equal steps keep the order of the attempts.
    for (Part& part : out)
        std::sort(part.stretches.begin(), part.stretches.end(), [](auto& a, auto& b) { return a.attempt < b.attempt; });
    return out;
}

/// Maps steps of [from, to] to `columns` slots of equal width; one column a slot that has points. A row that crosses an
/// edge between two slots is taken apart, unless it is an eighth of a slot wide or less: it counts where it begins.
class Reducer : public PyramidSink {
public:
    Reducer(std::int64_t from, std::int64_t to, int columns) : m_from(static_cast<std::uint64_t>(from)) {
        m_span = static_cast<std::uint64_t>(to) - m_from;
        m_columns =
            std::min<std::uint64_t>(static_cast<std::uint64_t>(columns), m_span < kAllSteps ? m_span + 1 : m_span);
    }
    bool takesWhole(const Summary& row) override {
        if (row.stepFirst > row.stepLast) return false;
        const std::uint64_t wide = offsetOf(row.stepLast) - offsetOf(row.stepFirst);
        return wide <= m_span / m_columns / kNarrow || slotOf(row.stepFirst) == slotOf(row.stepLast);
    }
    void add(const Summary& row) override { slot(row.stepFirst).merge(row); }
    void add(const Points& points, std::size_t first, std::size_t last) override {
        for (std::size_t i = first; i < last;) {
            Summary& current = slot(points.steps[i]);
            do {
                current.add(points.steps[i], points.timesUs[i], points.values[i]);
                ++i;
            } while (i < last && isInSlot(points.steps[i]));
        }
    }

    std::vector<Column> finish() const {
        constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
        std::vector<Column> out;
        out.reserve(m_slots.size());
        for (const auto& [index, s] : m_slots) {
            Column column{static_cast<double>(s.stepFirst), static_cast<double>(s.stepLast), kNan, kNan, kNan, kNan,
                s.n, s.nanCount};
            if (s.hasFinite()) column.first = s.first, column.min = s.min, column.max = s.max, column.last = s.last;
            column.minStep = static_cast<double>(s.hasFinite() ? s.minStep : s.stepFirst);
            column.maxStep = static_cast<double>(s.hasFinite() ? s.maxStep : s.stepFirst);
            column.usFirst = s.usFirst, column.usLast = s.usLast;
            out.push_back(column);
        }
        return out;
    }

private:
    __extension__ using Wide = unsigned __int128;
    static constexpr std::uint64_t kNarrow = 8;
    static constexpr std::uint64_t kAllSteps = std::numeric_limits<std::uint64_t>::max();

    std::uint64_t offsetOf(std::int64_t step) const { return static_cast<std::uint64_t>(step) - m_from; }
    std::uint64_t slotOf(std::int64_t step) const {
        return static_cast<std::uint64_t>(Wide{offsetOf(step)} * m_columns / (Wide{m_span} + 1));
    }
    bool isInSlot(std::int64_t step) const { return offsetOf(step) >= m_low && offsetOf(step) <= m_high; }
    /// Steps come in order, so the slot of the last one is nearly always right.
    Summary& slot(std::int64_t step) {
        if (!m_current || !isInSlot(step)) {
            const std::uint64_t index = slotOf(step);
            const Wide steps = Wide{m_span} + 1;
            m_low = static_cast<std::uint64_t>((steps * index + m_columns - 1) / m_columns);
            m_high = static_cast<std::uint64_t>((steps * (index + 1) + m_columns - 1) / m_columns - 1);
            m_current = &m_slots[index];
        }
        return *m_current;
    }

    std::uint64_t m_from, m_span = 0, m_columns = 1, m_low = 0, m_high = 0;
    Summary* m_current = nullptr;
    std::map<std::uint64_t, Summary> m_slots;
};

/// Hands every single point on; a failing taker ends it.
class PointSink : public PyramidSink {
public:
    explicit PointSink(const TakePoints& take) : m_take(take) {}
    bool takesWhole(const Summary&) override { return false; }
    void add(const Summary&) override {}
    void add(const Points& points, std::size_t first, std::size_t last) override {
        if (result) result = m_take(points, first, last);
    }
    Result<void> result;

private:
    const TakePoints& m_take;
};

/// Debiasing keeps the first points from hanging at zero.
class Smoother {
public:
    explicit Smoother(double weight) : m_weight(weight) {}
    double add(double value) {
        if (!std::isfinite(value)) return std::numeric_limits<double>::quiet_NaN();
        m_sum = m_weight * m_sum + (1 - m_weight) * value;
        m_mass = m_weight * m_mass + (1 - m_weight);
        return m_sum / m_mass;
    }

private:
    double m_weight, m_sum = 0, m_mass = 0;
};

Result<void> forEachOf(
    PyramidReader& reader, const std::vector<Part>& parts, std::int64_t from, std::int64_t to, const TakePoints& take) {
    for (const Part& part : parts) {
        const Stretch& first = part.stretches.front();
        if (part.stretches.size() == 1 && !first.unordered) {
            PointSink sink(take);
            const std::int64_t end = std::min(to, first.lastKept());
            if (end >= from) DUBITO_CHECK(reader.walk(first.seriesNo, from, end, sink));
            DUBITO_CHECK(sink.result);
            continue;
        }
        Points points;
        for (const Stretch& stretch : part.stretches) DUBITO_CHECK(reader.readPoints(stretch, from, to, points));
        sortBySteps(points);
        if (points.size() > 0) DUBITO_CHECK(take(points, 0, points.size()));
    }
    return {};
}

/// The step from which at least `points` points lie before `before`; the first step of all when there are fewer.
Result<std::int64_t> leadIn(
    Database& db, std::int64_t runNo, std::string_view key, std::int64_t before, std::int64_t points) {
    DUBITO_TRY(const auto range, queryStepRange(db, runNo, key));
    if (!range || range->first >= before) return before;
    std::int64_t low = range->first;
    constexpr int kRounds = 6, kColumns = 64;
    for (int round = 0; round < kRounds; ++round) {
        DUBITO_TRY(const auto columns, queryColumns(db, runNo, key, low, before - 1, kColumns));
        std::int64_t n = 0;
        auto column = columns.rbegin();
        while (column != columns.rend() && (n += column->n) < points) ++column;
        if (column == columns.rend()) break;
        low = static_cast<std::int64_t>(column->x);
        if (n < 4 * points) break;
    }
    return low;
}

}  // namespace

Result<std::optional<std::pair<std::int64_t, std::int64_t>>> queryStepRange(
    Database& db, std::int64_t runNo, std::string_view key) {
    DUBITO_TRY(const Snapshot snapshot, Snapshot::take(db));
    DUBITO_TRY(const auto stretches, keptStretches(db, runNo, key));
    DUBITO_TRY(PyramidReader reader, PyramidReader::create(db));
    std::optional<std::pair<std::int64_t, std::int64_t>> range;
    for (const Stretch& stretch : stretches) {
        DUBITO_TRY(const auto ends, endsOf(reader, stretch));
        if (!ends) continue;
        if (!range) range = ends;
        range->first = std::min(range->first, ends->first);
        range->second = std::max(range->second, ends->second);
    }
    return range;
}

Result<Points> queryPoints(Database& db, std::int64_t runNo, std::string_view key, std::int64_t stepFrom,
    std::int64_t stepTo, std::size_t maxPoints) {
    DUBITO_TRY(const Snapshot snapshot, Snapshot::take(db));
    DUBITO_TRY(const auto stretches, keptStretches(db, runNo, key));
    DUBITO_TRY(PyramidReader reader, PyramidReader::create(db));
    Points out;
    for (const Stretch& stretch : stretches) DUBITO_CHECK(reader.readPoints(stretch, stepFrom, stepTo, out));
    if (maxPoints && out.size() > maxPoints)
        return Error(Code::Limit, "the range holds " + std::to_string(out.size()) + " points, more than the " +
                                      std::to_string(maxPoints) + " asked for; narrow it or ask for columns");
    // An attempt may say steps below the one it went on from.
    sortBySteps(out);
    return out;
}

Result<std::vector<Column>> queryColumns(
    Database& db, std::int64_t runNo, std::string_view key, std::int64_t stepFrom, std::int64_t stepTo, int columns) {
    DUBITO_TRY(const Snapshot snapshot, Snapshot::take(db));
    DUBITO_TRY(const auto stretches, keptStretches(db, runNo, key));
    if (stepTo < stepFrom || columns < 1) return std::vector<Column>{};
    DUBITO_TRY(PyramidReader reader, PyramidReader::create(db));
    DUBITO_TRY(const auto parts, partsOf(reader, stretches));
    Reducer reducer(stepFrom, stepTo, columns);
    for (const Part& part : parts) {
        const Stretch& first = part.stretches.front();
        if (part.stretches.size() == 1 && !first.unordered) {
            const std::int64_t to = std::min(stepTo, first.lastKept());
            if (to >= stepFrom) DUBITO_CHECK(reader.walk(first.seriesNo, stepFrom, to, reducer));
            continue;
        }
        Points points;
        for (const Stretch& stretch : part.stretches)
            DUBITO_CHECK(reader.readPoints(stretch, stepFrom, stepTo, points));
        sortBySteps(points);
        reducer.add(points, 0, points.size());
    }
    return reducer.finish();
}

Result<void> forEachPoints(Database& db, std::int64_t runNo, std::string_view key, std::int64_t stepFrom,
    std::int64_t stepTo, const TakePoints& take) {
    DUBITO_TRY(const Snapshot snapshot, Snapshot::take(db));
    DUBITO_TRY(const auto stretches, keptStretches(db, runNo, key));
    if (stepTo < stepFrom || stretches.empty()) return {};
    DUBITO_TRY(PyramidReader reader, PyramidReader::create(db));
    DUBITO_TRY(const auto parts, partsOf(reader, stretches));
    return forEachOf(reader, parts, stepFrom, stepTo, take);
}

Result<std::vector<Column>> querySmoothed(Database& db, std::int64_t runNo, std::string_view key, std::int64_t stepFrom,
    std::int64_t stepTo, int columns, double weight) {
    if (!(weight >= 0 && weight < 1)) return Error(Code::InvalidArgument, "a smoothing weight is in [0, 1)");
    DUBITO_TRY(const Snapshot snapshot, Snapshot::take(db));
    if (stepTo < stepFrom || columns < 1) return std::vector<Column>{};
    // What lies further left weighs less than rounding does.
    constexpr double kNothing = 1e-15;
    const auto points = weight > 0 ? static_cast<std::int64_t>(std::log(kNothing) / std::log(weight)) + 1 : 0;
    DUBITO_TRY(const std::int64_t low, leadIn(db, runNo, key, stepFrom, points));
    Smoother smoother(weight);
    Reducer reducer(stepFrom, stepTo, columns);
    Points smooth;
    DUBITO_CHECK(forEachPoints(
        db, runNo, key, low, stepTo, [&](const Points& piece, std::size_t first, std::size_t last) -> Result<void> {
            smooth.clear();
            for (std::size_t i = first; i < last; ++i) {
                const double value = smoother.add(piece.values[i]);
                if (piece.steps[i] >= stepFrom) smooth.add(piece.steps[i], piece.timesUs[i], value);
            }
            if (smooth.size() > 0) reducer.add(smooth, 0, smooth.size());
            return {};
        }));
    return reducer.finish();
}

}  // namespace dubito::store
