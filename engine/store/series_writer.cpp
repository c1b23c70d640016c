// A point is written once as a fragment and once as part of a chunk; a fast series goes straight to chunks.
#include "store/series_writer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace dubito::store {
namespace {

constexpr std::string_view kChunkInto = R"(INTO chunk(
    series_no, level, idx,
    n, nan_n, step_first, step_last, us_first, us_last, first, last, min, min_step, max, max_step, sum,
    data_no)
VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17))";
constexpr int kFirstSummaryValue = 4, kDataNoValue = 17;

void appendPoints(Points& to, const Points& from) {
    to.steps.insert(to.steps.end(), from.steps.begin(), from.steps.end());
    to.timesUs.insert(to.timesUs.end(), from.timesUs.begin(), from.timesUs.end());
    to.values.insert(to.values.end(), from.values.begin(), from.values.end());
}

void dropFront(Points& points, std::size_t n) {
    const auto drop = [n](auto& column) {
        column.erase(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(n));
    };
    drop(points.steps);
    drop(points.timesUs);
    drop(points.values);
}

}  // namespace

void bindSummary(Statement& statement, int at, const Summary& summary) {
    statement.bind(at, summary.n).bind(at + 1, summary.nanCount);
    statement.bind(at + 2, summary.stepFirst).bind(at + 3, summary.stepLast);
    statement.bind(at + 4, summary.usFirst).bind(at + 5, summary.usLast);
    if (!summary.hasFinite()) {
        for (int i = 6; i < kSummaryWidth; ++i) statement.bindNull(at + i);
        return;
    }
    statement.bind(at + 6, summary.first).bind(at + 7, summary.last);
    statement.bind(at + 8, summary.min).bind(at + 9, summary.minStep);
    statement.bind(at + 10, summary.max).bind(at + 11, summary.maxStep);
    statement.bind(at + 12, summary.total());
}

Summary readSummary(const Statement& row, int at) {
    Summary summary;
    summary.n = row.integer(at);
    summary.nanCount = row.integer(at + 1);
    summary.stepFirst = row.integer(at + 2);
    summary.stepLast = row.integer(at + 3);
    summary.usFirst = row.integer(at + 4);
    summary.usLast = row.integer(at + 5);
    // Without a finite value all that follows is NULL; a NULL must not become a NaN that spoils later sums.
    if (!summary.hasFinite()) return summary;
    summary.first = row.real(at + 6);
    summary.last = row.real(at + 7);
    summary.min = row.real(at + 8);
    summary.minStep = row.integer(at + 9);
    summary.max = row.real(at + 10);
    summary.maxStep = row.integer(at + 11);
    summary.sum = row.real(at + 12);
    return summary;
}

Result<SeriesWriter> SeriesWriter::create(Database& database) {
    SeriesWriter writer;
    writer.m_database = &database;
    DUBITO_TRY(
        writer.m_insertTail, database.prepare("INSERT INTO tail(series_no, seq, n, data) VALUES(?1, ?2, ?3, ?4)"));
    DUBITO_TRY(writer.m_deleteTail, database.prepare("DELETE FROM tail WHERE series_no=?1"));
    DUBITO_TRY(writer.m_insertData, database.prepare("INSERT INTO chunk_data(data) VALUES(?1)"));
    // A second chunk of one number would hide the first: the key must refuse it. Rows above are meant to be replaced.
    DUBITO_TRY(writer.m_insertChunk, database.prepare("INSERT " + std::string(kChunkInto)));
    DUBITO_TRY(writer.m_putSum, database.prepare("INSERT OR REPLACE " + std::string(kChunkInto)));
    DUBITO_TRY(writer.m_readSum, database.prepare("SELECT " + std::string(kSummaryColumns) +
                                                  " FROM chunk WHERE series_no=?1 AND level=?2 AND idx=?3"));
    DUBITO_TRY(writer.m_unordered, database.prepare("UPDATE series SET unordered=1 WHERE series_no=?1"));
    DUBITO_TRY(writer.m_latestTable, LatestTable::open(database));
    return writer;
}

Result<std::shared_ptr<Latest>> SeriesWriter::latestOf(const OpenSeries& series) {
    if (m_latest.size() >= m_pruneAt) {
        std::erase_if(m_latest, [](const auto& entry) { return entry.second.expired(); });
        m_pruneAt = 2 * m_latest.size() + 1024;
    }
    auto& known = m_latest[{series.runNo, series.nameNo}];
    if (auto shared = known.lock()) return shared;
    auto shared = std::make_shared<Latest>();
    DUBITO_TRY(Statement row, m_database->prepare(R"(
        SELECT n, nan_n, last, last_step, last_us, min, min_step, max, max_step, mean
        FROM latest
        WHERE run_no=?1 AND name_no=?2)"));
    row.bind(1, series.runNo).bind(2, series.nameNo);
    DUBITO_CHECK(row.forEach([&] {
        Summary& s = shared->summary;
        s.n = row.integer(0);
        s.nanCount = row.integer(1);
        shared->lastValue = row.real(2);
        s.stepLast = row.integer(3);
        s.usLast = row.integer(4);
        if (!s.hasFinite()) return;
        s.last = row.real(2);
        s.min = row.real(5);
        s.minStep = row.integer(6);
        s.max = row.real(7);
        s.maxStep = row.integer(8);
        s.sum = row.real(9) * static_cast<double>(s.n - s.nanCount);
    }));
    known = shared;
    return shared;
}

Result<void> SeriesWriter::load(OpenSeries& series) {
    DUBITO_TRY(Statement own, m_database->prepare("SELECT attempt, rank, unordered FROM series WHERE series_no=?1"));
    DUBITO_CHECK(own.bind(1, series.seriesNo).forEach([&] {
        series.attempt = own.integer(0);
        series.rank = own.integer(1);
        series.unordered = own.integer(2) != 0;
    }));
    DUBITO_TRY(Statement tail, m_database->prepare("SELECT seq, data FROM tail WHERE series_no=?1 ORDER BY seq"));
    DUBITO_CHECK(tail.bind(1, series.seriesNo).forEach([&]() -> Result<void> {
        DUBITO_CHECK(decodePoints(tail.blob(1), series.tail));
        series.nextTailSequence = tail.integer(0) + 1;
        ++series.tailFragments;
        return {};
    }));
    DUBITO_TRY(Statement chunks, m_database->prepare(R"(
        SELECT max(idx) + 1, max(step_last)
        FROM chunk
        WHERE series_no=?1 AND level=0)"));
    DUBITO_CHECK(chunks.bind(1, series.seriesNo).forEach([&] {
        if (chunks.isNull(0)) return;
        series.chunks = chunks.integer(0);
        series.lastStep = chunks.integer(1);
    }));
    for (const std::int64_t step : series.tail.steps) series.lastStep = std::max(series.lastStep, step);
    if (series.rank != 0) return {};
    DUBITO_TRY(const AttemptCuts cuts, AttemptCuts::load(*m_database, series.runNo));
    series.isCut = cuts.of(series.attempt).has_value();
    DUBITO_TRY(series.latest, latestOf(series));
    return {};
}

Result<void> SeriesWriter::addChunk(OpenSeries& series, const Points& points, std::size_t first, std::size_t last) {
    DUBITO_CHECK(m_insertData.bind(1, ByteSpan(encodePoints(points, first, last))).run());
    const std::int64_t dataNo = m_database->lastRowId(), index = series.chunks++;
    const Summary own = summarise(points, first, last);
    m_insertChunk.bind(1, series.seriesNo).bind(2, 0).bind(3, index).bind(kDataNoValue, dataNo);
    bindSummary(m_insertChunk, kFirstSummaryValue, own);
    DUBITO_CHECK(m_insertChunk.run());
    return addToPyramid(series, index, own);
}

Result<void> SeriesWriter::addToPyramid(const OpenSeries& series, std::int64_t index, const Summary& own) {
    for (int level = 1; level <= kPyramidLevels; ++level) {
        index /= kPyramidFan;
        Summary row;
        m_readSum.bind(1, series.seriesNo).bind(2, level).bind(3, index);
        DUBITO_CHECK(m_readSum.forEach([&] { row = readSummary(m_readSum, 0); }));
        row.merge(own);
        m_putSum.bind(1, series.seriesNo).bind(2, level).bind(3, index);
        bindSummary(m_putSum, kFirstSummaryValue, row);
        DUBITO_CHECK(m_putSum.run());
    }
    return {};
}

Result<void> SeriesWriter::addFragment(OpenSeries& series, const Points& points) {
    const Bytes data = encodePoints(points, 0, points.size());
    m_insertTail.bind(1, series.seriesNo).bind(2, series.nextTailSequence++);
    DUBITO_CHECK(m_insertTail.bind(3, std::int64_t(points.size())).bind(4, ByteSpan(data)).run());
    ++series.tailFragments;
    return {};
}

Result<void> SeriesWriter::dropFragments(OpenSeries& series) {
    if (series.tailFragments > 0) DUBITO_CHECK(m_deleteTail.bind(1, series.seriesNo).run());
    series.tailFragments = 0;
    return {};
}

/// The tail, pending points included, becomes whole chunks; `seal` makes a short one of the rest.
Result<void> SeriesWriter::sealChunks(OpenSeries& series, bool seal) {
    DUBITO_CHECK(dropFragments(series));
    const std::size_t total = series.tail.size();
    std::size_t at = 0;
    for (; at + kChunkPoints <= total; at += kChunkPoints)
        DUBITO_CHECK(addChunk(series, series.tail, at, at + kChunkPoints));
    if (seal && at < total) {
        DUBITO_CHECK(addChunk(series, series.tail, at, total));
        at = total;
    }
    dropFront(series.tail, at);
    if (series.tail.size() > 0) DUBITO_CHECK(addFragment(series, series.tail));
    return {};
}

/// Notes what the pending points change besides their own bytes.
Result<void> SeriesWriter::takePending(OpenSeries& series) {
    const bool addsToLatest = series.latest && !series.isCut;
    for (std::size_t i = 0; i < series.pending.size(); ++i) {
        const std::int64_t step = series.pending.steps[i];
        if (step < series.lastStep && !series.unordered) {
            series.unordered = true;
            DUBITO_CHECK(m_unordered.bind(1, series.seriesNo).run());
        }
        series.lastStep = std::max(series.lastStep, step);
        if (!addsToLatest) continue;
        series.latest->summary.add(step, series.pending.timesUs[i], series.pending.values[i]);
        series.latest->lastValue = series.pending.values[i];
    }
    return {};
}

Result<void> SeriesWriter::flush(OpenSeries& series, bool seal) {
    const bool isFresh = series.pending.size() > 0;
    DUBITO_CHECK(takePending(series));
    appendPoints(series.tail, series.pending);
    if (series.tail.size() >= kChunkPoints || (seal && series.tail.size() > 0)) {
        DUBITO_CHECK(sealChunks(series, seal));
    } else if (isFresh && series.tailFragments >= kTailFragments) {
        DUBITO_CHECK(dropFragments(series));
        DUBITO_CHECK(addFragment(series, series.tail));
    } else if (isFresh) {
        DUBITO_CHECK(addFragment(series, series.pending));
    }
    series.pending.clear();
    return isFresh ? writeLatest(series) : Result<void>();
}

Result<void> SeriesWriter::writeLatest(OpenSeries& series) {
    if (!series.latest) return {};
    if (series.isCut) {
        // Late points of an attempt that another one took over: some of them may be cut.
        DUBITO_TRY(const auto stretches, keptStretches(*m_database, series.runNo, series.nameNo));
        DUBITO_TRY(*series.latest, summariseKept(*m_database, stretches));
    }
    return m_latestTable->put(series.runNo, series.nameNo, *series.latest);
}

}  // namespace dubito::store
