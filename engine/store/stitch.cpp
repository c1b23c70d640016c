// The rule of attempts in one place: curves, records, counts and `latest` all ask here.
#include "store/stitch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "store/pyramid.h"

namespace dubito::store {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(),
                       kMost = std::numeric_limits<std::int64_t>::max();

/// Takes every row as a whole whose sum is known.
class SummarySink : public PyramidSink {
public:
    bool takesWhole(const Summary& row) override { return !row.hasFinite() || !std::isnan(row.sum); }
    void add(const Summary& row) override { summary.merge(row); }
    void add(const Points& points, std::size_t first, std::size_t last) override {
        for (std::size_t i = first; i < last; ++i) summary.add(points.steps[i], points.timesUs[i], points.values[i]);
    }
    Summary summary;
};

Result<std::vector<Stretch>> stretchesOf(Statement& rows) {
    std::vector<Stretch> out;
    DUBITO_CHECK(rows.forEach([&] {
        const Stretch stretch{rows.integer(0), rows.integer(1), rows.optionalInteger(3), rows.integer(2) != 0};
        if (stretch.keeps(kLeast)) out.push_back(stretch);
    }));
    return out;
}

std::string stretchQuery(std::string_view name) {
    return "SELECT s.series_no, s.attempt, s.unordered, " + std::string(kCutOfSeries) +
           " FROM series s WHERE s.run_no=?1 AND s.rank=0 AND s.name_no=" + std::string(name) + " ORDER BY s.attempt";
}

/// Adds the kept points of one stretch; `last` becomes the value that was said last.
Result<void> addStretch(PyramidReader& reader, const Stretch& stretch, Latest& latest) {
    if (stretch.unordered && stretch.cutFrom) {
        Points points;
        DUBITO_CHECK(reader.readAsSaid(stretch, points));
        if (points.size() == 0) return {};
        latest.summary.merge(summarise(points, 0, points.size()));
        latest.lastValue = points.values.back();
        return {};
    }
    SummarySink sink;
    DUBITO_CHECK(reader.walk(stretch.seriesNo, kLeast, stretch.lastKept(), sink));
    if (sink.summary.n == 0) return {};
    latest.summary.merge(sink.summary);
    if (stretch.unordered) {
        DUBITO_TRY(latest.lastValue, reader.lastSaid(stretch.seriesNo));
        return {};
    }
    Points end;
    DUBITO_CHECK(reader.readPoints(stretch, sink.summary.stepLast, sink.summary.stepLast, end));
    if (end.size() == 0)
        return Error(Code::CorruptData, "series " + std::to_string(stretch.seriesNo) + ": its last point is missing");
    latest.lastValue = end.values.back();
    return {};
}

}  // namespace

Result<AttemptCuts> AttemptCuts::load(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT attempt, resumed_step
        FROM attempt
        WHERE run_no=?1 AND started_us IS NOT NULL
        ORDER BY attempt)"));
    AttemptCuts cuts;
    rows.bind(1, runNo);
    DUBITO_CHECK(
        rows.forEach([&] { cuts.m_begun.emplace_back(rows.integer(0), rows.optionalInteger(1).value_or(kLeast)); }));
    return cuts;
}

std::optional<std::int64_t> AttemptCuts::of(std::int64_t attempt) const {
    std::optional<std::int64_t> cut;
    for (const auto& [later, step] : m_begun)
        if (later > attempt) cut = std::min(cut.value_or(kMost), step);
    return cut;
}

std::int64_t Stretch::lastKept() const { return cutFrom ? *cutFrom - 1 : kMost; }

Result<std::vector<Stretch>> keptStretches(Database& db, std::int64_t runNo, std::string_view key) {
    DUBITO_TRY(Statement rows, db.prepare(stretchQuery("(SELECT name_no FROM name WHERE text=?2)")));
    rows.bind(1, runNo).bind(2, key);
    return stretchesOf(rows);
}

Result<std::vector<Stretch>> keptStretches(Database& db, std::int64_t runNo, std::int64_t nameNo) {
    DUBITO_TRY(Statement rows, db.prepare(stretchQuery("?2")));
    rows.bind(1, runNo).bind(2, nameNo);
    return stretchesOf(rows);
}

Result<Latest> summariseKept(Database& db, const std::vector<Stretch>& stretches) {
    Latest latest;
    DUBITO_TRY(PyramidReader reader, PyramidReader::create(db));
    for (const Stretch& stretch : stretches) DUBITO_CHECK(addStretch(reader, stretch, latest));
    return latest;
}

Result<LatestTable> LatestTable::open(Database& db) {
    LatestTable table;
    DUBITO_TRY(table.m_put, db.prepare(R"(
        INSERT OR REPLACE INTO latest(
            run_no, name_no, n, nan_n, last, last_step, last_us, min, min_step, max, max_step, mean)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12))"));
    DUBITO_TRY(table.m_drop, db.prepare("DELETE FROM latest WHERE run_no=?1 AND name_no=?2"));
    return table;
}

Result<void> LatestTable::put(std::int64_t runNo, std::int64_t nameNo, const Latest& latest) {
    const Summary& s = latest.summary;
    if (s.n == 0) return m_drop.bind(1, runNo).bind(2, nameNo).run();
    m_put.bind(1, runNo).bind(2, nameNo).bind(3, s.n).bind(4, s.nanCount);
    if (std::isfinite(latest.lastValue)) m_put.bind(5, latest.lastValue);
    m_put.bind(6, s.stepLast).bind(7, s.usLast);
    if (s.hasFinite()) {
        m_put.bind(8, s.min).bind(9, s.minStep);
        m_put.bind(10, s.max).bind(11, s.maxStep).bind(12, s.mean());
    }
    return m_put.run();
}

Result<void> restitch(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement names, db.prepare(R"(
        SELECT name_no FROM series WHERE run_no=?1 AND rank=0
        UNION
        SELECT name_no FROM latest WHERE run_no=?1)"));
    std::vector<std::int64_t> nameNos;
    names.bind(1, runNo);
    DUBITO_CHECK(names.forEach([&] { nameNos.push_back(names.integer(0)); }));
    DUBITO_TRY(LatestTable table, LatestTable::open(db));
    for (const std::int64_t nameNo : nameNos) {
        DUBITO_TRY(const auto stretches, keptStretches(db, runNo, nameNo));
        DUBITO_TRY(const Latest latest, summariseKept(db, stretches));
        DUBITO_CHECK(table.put(runNo, nameNo, latest));
    }
    return {};
}

}  // namespace dubito::store
