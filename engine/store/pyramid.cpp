// Reading scalar series: the coarsest level with enough rows, then at most one value set a pixel column.
#include <algorithm>
#include <cmath>
#include <limits>

#include "store/queries.h"
#include "store/series_writer.h"

namespace dubito::store {
namespace {

struct Stretch {
    std::int64_t seriesNo = 0, cutFrom = std::numeric_limits<std::int64_t>::max();  ///< steps >= cutFrom belong to a later attempt
    bool unordered = false;
};

/// The series of one key over all attempts of rank 0, each with the step from which a resumed attempt replaces it.
Result<std::vector<Stretch>> stretches(Database& db, std::int64_t runNo, std::string_view key) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT s.series_no, s.attempt, s.unordered, (SELECT min(a.resumed_step) FROM attempt a WHERE a.run_no=s.run_no AND a.attempt>s.attempt) "
                                          "FROM series s JOIN name n USING(name_no) WHERE s.run_no=?1 AND n.text=?2 AND s.rank=0 ORDER BY s.attempt"));
    rows.bind(1, runNo).bind(2, key);
    std::vector<Stretch> out;
    while (rows.step()) {
        Stretch stretch{rows.integer(0), std::numeric_limits<std::int64_t>::max(), rows.integer(2) != 0};
        if (!rows.isNull(3)) stretch.cutFrom = rows.integer(3);
        out.push_back(stretch);
    }
    if (rows.error()) return *rows.error();
    return out;
}

/// Rows of one level that touch [from, to], or for level 0 the points themselves.
Result<void> readPoints(Database& db, const Stretch& stretch, std::int64_t from, std::int64_t to, Points& out) {
    Points all;
    DUBITO_TRY(Statement chunks, db.prepare("SELECT d.data FROM chunk c JOIN chunk_data d USING(data_no) WHERE c.series_no=?1 AND c.level=0 AND (?4 OR (c.step_last>=?2 AND c.step_first<=?3)) ORDER BY c.idx"));
    chunks.bind(1, stretch.seriesNo).bind(2, from).bind(3, to).bind(4, stretch.unordered ? 1 : 0);
    while (chunks.step()) DUBITO_CHECK(decodePoints(chunks.blob(0), all));
    if (chunks.error()) return *chunks.error();
    DUBITO_TRY(Statement tails, db.prepare("SELECT data FROM tail WHERE series_no=?1 ORDER BY seq"));
    tails.bind(1, stretch.seriesNo);
    while (tails.step()) DUBITO_CHECK(decodePoints(tails.blob(0), all));
    std::vector<std::size_t> order(all.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    if (stretch.unordered) std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return all.steps[a] < all.steps[b]; });
    for (const std::size_t i : order)
        if (all.steps[i] >= from && all.steps[i] <= to && all.steps[i] < stretch.cutFrom) out.add(all.steps[i], all.timesUs[i], all.values[i]);
    return {};
}

class Reducer {
public:
    Reducer(std::int64_t from, std::int64_t to, int columns) : m_from(static_cast<double>(from)), m_columns(columns) {
        m_width = std::max(1.0, (static_cast<double>(to) - m_from + 1) / columns);
    }
    void add(const Summary& part) {
        const int index = std::clamp(static_cast<int>((static_cast<double>(part.stepFirst) - m_from) / m_width), 0, m_columns - 1);
        if (m_out.empty() || index != m_index) {
            close();
            m_index = index;
            m_out.emplace_back();
            m_current = {};
        }
        m_current.merge(part);
    }
    std::vector<Column> finish() {
        close();
        return std::move(m_out);
    }

private:
    void close() {
        if (m_out.empty()) return;
        const double nan = std::numeric_limits<double>::quiet_NaN();
        const bool finite = m_current.hasFinite();
        m_out.back() = {static_cast<double>(m_current.stepFirst), static_cast<double>(m_current.stepLast), finite ? m_current.first : nan, finite ? m_current.min : nan,
                        finite ? m_current.max : nan, finite ? m_current.last : nan, m_current.n, m_current.nanCount};
    }
    double m_from, m_width;
    int m_columns, m_index = -1;
    Summary m_current;
    std::vector<Column> m_out;
};

}  // namespace

Result<std::optional<std::pair<std::int64_t, std::int64_t>>> queryStepRange(Database& db, std::int64_t runNo, std::string_view key) {
    DUBITO_TRY(const auto parts, stretches(db, runNo, key));
    std::optional<std::pair<std::int64_t, std::int64_t>> range;
    const auto widen = [&](std::int64_t first, std::int64_t last) {
        if (!range) range = {first, last};
        range->first = std::min(range->first, first);
        range->second = std::max(range->second, last);
    };
    for (const Stretch& part : parts) {
        DUBITO_TRY(Statement row, db.prepare("SELECT min(step_first), max(step_last) FROM chunk WHERE series_no=?1 AND level=?2"));
        row.bind(1, part.seriesNo).bind(2, part.unordered ? 0 : kPyramidLevels);
        if (row.step() && !row.isNull(0)) widen(row.integer(0), row.integer(1));
        DUBITO_TRY(Statement tails, db.prepare("SELECT data FROM tail WHERE series_no=?1 ORDER BY seq"));
        tails.bind(1, part.seriesNo);
        Points points;
        while (tails.step()) DUBITO_CHECK(decodePoints(tails.blob(0), points));
        if (points.size()) {
            const auto [low, high] = std::minmax_element(points.steps.begin(), points.steps.end());
            widen(*low, *high);
        }
    }
    return range;
}

Result<Points> queryPoints(Database& db, std::int64_t runNo, std::string_view key, std::int64_t stepFrom, std::int64_t stepTo, std::size_t maxPoints) {
    DUBITO_TRY(const auto parts, stretches(db, runNo, key));
    Points out;
    for (const Stretch& part : parts) DUBITO_CHECK(readPoints(db, part, stepFrom, stepTo, out));
    if (maxPoints && out.size() > maxPoints)
        return Error(Code::Limit, "the range holds " + std::to_string(out.size()) + " points, more than the " + std::to_string(maxPoints) + " asked for; narrow it or ask for columns");
    return out;
}

Result<std::vector<Column>> queryColumns(Database& db, std::int64_t runNo, std::string_view key, std::int64_t stepFrom, std::int64_t stepTo, int columns) {
    DUBITO_TRY(const auto parts, stretches(db, runNo, key));
    if (stepTo < stepFrom || columns < 1) return std::vector<Column>{};
    Reducer reducer(stepFrom, stepTo, columns);
    for (const Stretch& part : parts) {
        int level = 0;
        if (!part.unordered && part.cutFrom == std::numeric_limits<std::int64_t>::max()) {
            for (int candidate = kPyramidLevels; candidate > 0 && level == 0; --candidate) {
                DUBITO_TRY(Statement count, db.prepare("SELECT count(*) FROM chunk WHERE series_no=?1 AND level=?2 AND step_last>=?3 AND step_first<=?4"));
                count.bind(1, part.seriesNo).bind(2, candidate).bind(3, stepFrom).bind(4, stepTo);
                if (count.step() && count.integer(0) >= 2 * columns) level = candidate;
            }
            if (level == 0) {
                DUBITO_TRY(Statement count, db.prepare("SELECT count(*) FROM chunk WHERE series_no=?1 AND level=0 AND step_last>=?2 AND step_first<=?3"));
                count.bind(1, part.seriesNo).bind(2, stepFrom).bind(3, stepTo);
                if (!count.step() || count.integer(0) < 2 * columns) level = -1;  // few chunks: decode the points
            }
        } else {
            level = -1;
        }
        if (level < 0) {
            Points points;
            DUBITO_CHECK(readPoints(db, part, stepFrom, stepTo, points));
            for (std::size_t i = 0; i < points.size(); ++i) {
                Summary one;
                one.add(points.steps[i], points.timesUs[i], points.values[i]);
                reducer.add(one);
            }
            continue;
        }
        DUBITO_TRY(Statement rows, db.prepare("SELECT n, nan_n, step_first, step_last, us_first, us_last, first, last, min, min_step, max, max_step, sum FROM chunk WHERE series_no=?1 AND level=?2 AND step_last>=?3 AND step_first<=?4 ORDER BY idx"));
        rows.bind(1, part.seriesNo).bind(2, level).bind(3, stepFrom).bind(4, stepTo);
        while (rows.step()) {
            Summary row;
            row.n = rows.integer(0);
            row.nanCount = rows.integer(1);
            row.stepFirst = std::max(rows.integer(2), stepFrom);
            row.stepLast = rows.integer(3);
            row.usFirst = rows.integer(4);
            row.usLast = rows.integer(5);
            row.first = rows.real(6);
            row.last = rows.real(7);
            row.min = rows.real(8);
            row.minStep = rows.integer(9);
            row.max = rows.real(10);
            row.maxStep = rows.integer(11);
            row.sum = rows.real(12);
            reducer.add(row);
        }
        if (rows.error()) return *rows.error();
        DUBITO_TRY(Statement tails, db.prepare("SELECT data FROM tail WHERE series_no=?1 ORDER BY seq"));
        tails.bind(1, part.seriesNo);
        Points points;
        while (tails.step()) DUBITO_CHECK(decodePoints(tails.blob(0), points));
        for (std::size_t i = 0; i < points.size(); ++i) {
            if (points.steps[i] < stepFrom || points.steps[i] > stepTo) continue;
            Summary one;
            one.add(points.steps[i], points.timesUs[i], points.values[i]);
            reducer.add(one);
        }
    }
    return reducer.finish();
}

}  // namespace dubito::store
