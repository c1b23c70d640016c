// A walk goes down only where a row is too wide: at the ends of the range and at the edges of columns.
#include "store/pyramid.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

namespace dubito::store {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(),
                       kMost = std::numeric_limits<std::int64_t>::max();

Error missingData(std::int64_t seriesNo, std::int64_t index) {
    return Error(Code::CorruptData,
        "chunk " + std::to_string(index) + " of series " + std::to_string(seriesNo) + " has lost its points");
}

/// Hands on the runs of points that lie in the range.
void addRange(const Points& points, std::int64_t from, std::int64_t to, PyramidSink& sink) {
    for (std::size_t i = 0; i < points.size();) {
        const std::size_t first = i;
        while (i < points.size() && points.steps[i] >= from && points.steps[i] <= to) ++i;
        if (i > first) sink.add(points, first, i);
        else ++i;
    }
}

void appendRange(const Points& from, std::int64_t low, std::int64_t high, Points& out) {
    for (std::size_t i = 0; i < from.size(); ++i)
        if (from.steps[i] >= low && from.steps[i] <= high) out.add(from.steps[i], from.timesUs[i], from.values[i]);
}

}  // namespace

Result<Snapshot> Snapshot::take(Database& db) {
    if (db.inTransaction()) return Snapshot(nullptr);
    DUBITO_CHECK(db.execute("BEGIN"));
    return Snapshot(&db);
}

Snapshot::~Snapshot() {
    // Nothing was written, so there is nothing to lose: a failing end is told by the next statement.
    if (m_database && m_database->inTransaction()) (void)m_database->execute("ROLLBACK");
}

void sortBySteps(Points& points) {
    if (std::is_sorted(points.steps.begin(), points.steps.end())) return;
    std::vector<std::size_t> order(points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return points.steps[a] < points.steps[b]; });
    Points sorted;
    for (const std::size_t i : order) sorted.add(points.steps[i], points.timesUs[i], points.values[i]);
    points = std::move(sorted);
}

Result<PyramidReader> PyramidReader::create(Database& db) {
    PyramidReader reader;
    DUBITO_TRY(reader.m_rows, db.prepare("SELECT idx, " + std::string(kSummaryColumns) + R"(
        FROM chunk
        WHERE series_no=?1 AND level=?2 AND idx BETWEEN ?3 AND ?4 AND step_last>=?5 AND step_first<=?6
        ORDER BY idx)"));
    DUBITO_TRY(reader.m_chunk, db.prepare(R"(
        SELECT d.data
        FROM chunk c JOIN chunk_data d USING(data_no)
        WHERE c.series_no=?1 AND c.level=0 AND c.idx=?2)"));
    DUBITO_TRY(reader.m_chunks, db.prepare(R"(
        SELECT c.idx, d.data
        FROM chunk c LEFT JOIN chunk_data d USING(data_no)
        WHERE c.series_no=?1 AND c.level=0 AND (?2 OR (c.step_last>=?3 AND c.step_first<=?4))
        ORDER BY c.idx)"));
    DUBITO_TRY(reader.m_tail, db.prepare("SELECT data FROM tail WHERE series_no=?1 ORDER BY seq"));
    return reader;
}

Result<void> PyramidReader::readTail(std::int64_t seriesNo, Points& out) {
    m_tail.bind(1, seriesNo);
    return m_tail.forEach([&]() -> Result<void> { return decodePoints(m_tail.blob(0), out); });
}

Result<void> PyramidReader::walk(std::int64_t seriesNo, std::int64_t from, std::int64_t to, PyramidSink& sink) {
    const Walk walk{seriesNo, from, to, &sink};
    DUBITO_CHECK(descend(walk, kPyramidLevels, 0, kMost));
    Points tail;
    DUBITO_CHECK(readTail(seriesNo, tail));
    addRange(tail, from, to, sink);
    return {};
}

Result<void> PyramidReader::descend(const Walk& walk, int level, std::int64_t firstIndex, std::int64_t lastIndex) {
    // The rows are read before going down: the statement is used again there.
    std::vector<Row> rows;
    m_rows.bind(1, walk.seriesNo)
        .bind(2, level)
        .bind(3, firstIndex)
        .bind(4, lastIndex)
        .bind(5, walk.from)
        .bind(6, walk.to);
    DUBITO_CHECK(m_rows.forEach([&] { rows.push_back({m_rows.integer(0), readSummary(m_rows, 1)}); }));
    for (const Row& row : rows) {
        const bool isInside = row.summary.stepFirst >= walk.from && row.summary.stepLast <= walk.to;
        if (isInside && walk.sink->takesWhole(row.summary)) {
            walk.sink->add(row.summary);
        } else if (level == 0) {
            DUBITO_CHECK(addChunk(walk, row.index));
        } else {
            if (row.index > kMost / kPyramidFan - 1) return missingData(walk.seriesNo, row.index);
            const std::int64_t first = row.index * kPyramidFan;
            DUBITO_CHECK(descend(walk, level - 1, first, first + kPyramidFan - 1));
        }
    }
    return {};
}

Result<void> PyramidReader::addChunk(const Walk& walk, std::int64_t index) {
    Points points;
    bool isThere = false;
    m_chunk.bind(1, walk.seriesNo).bind(2, index);
    DUBITO_CHECK(m_chunk.forEach([&]() -> Result<void> {
        isThere = true;
        return decodePoints(m_chunk.blob(0), points);
    }));
    if (!isThere) return missingData(walk.seriesNo, index);
    addRange(points, walk.from, walk.to, *walk.sink);
    return {};
}

Result<void> PyramidReader::readPoints(const Stretch& stretch, std::int64_t from, std::int64_t to, Points& out) {
    to = std::min(to, stretch.lastKept());
    if (to < from) return {};
    Points found;
    m_chunks.bind(1, stretch.seriesNo).bind(2, stretch.unordered ? 1 : 0).bind(3, from).bind(4, to);
    DUBITO_CHECK(m_chunks.forEach([&]() -> Result<void> {
        if (m_chunks.isNull(1)) return missingData(stretch.seriesNo, m_chunks.integer(0));
        return decodePoints(m_chunks.blob(1), found);
    }));
    DUBITO_CHECK(readTail(stretch.seriesNo, found));
    if (stretch.unordered) sortBySteps(found);
    appendRange(found, from, to, out);
    return {};
}

Result<void> PyramidReader::readAsSaid(const Stretch& stretch, Points& out) {
    Points found;
    m_chunks.bind(1, stretch.seriesNo).bind(2, 1);
    DUBITO_CHECK(m_chunks.forEach([&]() -> Result<void> {
        if (m_chunks.isNull(1)) return missingData(stretch.seriesNo, m_chunks.integer(0));
        return decodePoints(m_chunks.blob(1), found);
    }));
    DUBITO_CHECK(readTail(stretch.seriesNo, found));
    appendRange(found, kLeast, stretch.lastKept(), out);
    return {};
}

Result<double> PyramidReader::lastSaid(std::int64_t seriesNo) {
    Points points;
    DUBITO_CHECK(readTail(seriesNo, points));
    if (points.size() > 0) return points.values.back();
    std::int64_t last = -1;
    m_rows.bind(1, seriesNo).bind(2, 0).bind(3, 0).bind(4, kMost).bind(5, kLeast).bind(6, kMost);
    DUBITO_CHECK(m_rows.forEach([&] { last = m_rows.integer(0); }));
    m_chunk.bind(1, seriesNo).bind(2, last);
    DUBITO_CHECK(m_chunk.forEach([&]() -> Result<void> { return decodePoints(m_chunk.blob(0), points); }));
    if (points.size() == 0) return Error(Code::NotFound, "series " + std::to_string(seriesNo) + " has no last point");
    return points.values.back();
}

}  // namespace dubito::store
