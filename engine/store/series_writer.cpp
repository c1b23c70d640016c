// A point is written once as a fragment and once as part of a chunk; a fast series goes straight to chunks.
#include "store/series_writer.h"

#include <algorithm>
#include <cmath>

namespace dubito::store {

Result<SeriesWriter> SeriesWriter::create(Database& database) {
    SeriesWriter writer;
    writer.m_database = &database;
    const auto prepare = [&](Statement& into, std::string_view sql) -> Result<void> {
        DUBITO_TRY(into, database.prepare(sql));
        return {};
    };
    DUBITO_CHECK(prepare(writer.m_insertTail, "INSERT INTO tail(series_no, seq, n, data) VALUES(?1, ?2, ?3, ?4)"));
    DUBITO_CHECK(prepare(writer.m_deleteTail, "DELETE FROM tail WHERE series_no=?1"));
    DUBITO_CHECK(prepare(writer.m_insertData, "INSERT INTO chunk_data(data) VALUES(?1)"));
    DUBITO_CHECK(prepare(writer.m_insertChunk,
                         "INSERT OR REPLACE INTO chunk(series_no, level, idx, n, nan_n, step_first, step_last, us_first, us_last, first, last, "
                         "min, min_step, max, max_step, sum, data_no) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17)"));
    DUBITO_CHECK(prepare(writer.m_readChunk,
                         "SELECT n, nan_n, step_first, step_last, us_first, us_last, first, last, min, min_step, max, max_step, sum FROM chunk "
                         "WHERE series_no=?1 AND level=?2 AND idx=?3"));
    DUBITO_CHECK(prepare(writer.m_latest,
                         "INSERT OR REPLACE INTO latest(run_no, name_no, n, nan_n, last, last_step, last_us, min, min_step, max, max_step, mean) "
                         "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)"));
    DUBITO_CHECK(prepare(writer.m_unordered, "UPDATE series SET unordered=1 WHERE series_no=?1"));
    return writer;
}

Result<void> SeriesWriter::load(OpenSeries& series) {
    DUBITO_TRY(Statement tail, m_database->prepare("SELECT seq, data FROM tail WHERE series_no=?1 ORDER BY seq"));
    tail.bind(1, series.seriesNo);
    while (tail.step()) {
        DUBITO_CHECK(decodePoints(tail.blob(1), series.tail));
        series.nextTailSequence = tail.integer(0) + 1;
        ++series.tailFragments;
    }
    DUBITO_TRY(Statement chunks, m_database->prepare("SELECT count(*), max(step_last) FROM chunk WHERE series_no=?1 AND level=0"));
    chunks.bind(1, series.seriesNo);
    if (chunks.step()) {
        series.chunks = chunks.integer(0);
        if (series.chunks > 0) series.lastStep = chunks.integer(1);
    }
    if (series.tail.size()) series.lastStep = series.tail.steps.back();
    DUBITO_TRY(Statement latest, m_database->prepare("SELECT n, nan_n, last, last_step, last_us, min, min_step, max, max_step, mean FROM latest WHERE run_no=?1 AND name_no=?2"));
    latest.bind(1, series.runNo).bind(2, series.nameNo);
    if (latest.step()) {
        Summary& s = series.latest;
        s.n = latest.integer(0);
        s.nanCount = latest.integer(1);
        s.last = latest.real(2);
        s.stepLast = latest.integer(3);
        s.usLast = latest.integer(4);
        s.min = latest.real(5);
        s.minStep = latest.integer(6);
        s.max = latest.real(7);
        s.maxStep = latest.integer(8);
        s.sum = s.hasFinite() ? latest.real(9) * static_cast<double>(s.n - s.nanCount) : 0;
    }
    return {};
}

Result<void> SeriesWriter::addChunk(OpenSeries& series, const Points& points, std::size_t first, std::size_t last) {
    DUBITO_CHECK(m_insertData.bind(1, ByteSpan(encodePoints(points, first, last))).run());
    const std::int64_t dataNo = m_database->lastRowId();
    const Summary own = summarise(points, first, last);
    std::int64_t index = series.chunks++;
    for (int level = 0; level <= kPyramidLevels; ++level, index /= kPyramidFan) {
        Summary row = own;
        if (level > 0) {
            m_readChunk.bind(1, series.seriesNo).bind(2, level).bind(3, index);
            if (m_readChunk.step()) {
                Summary before;
                before.n = m_readChunk.integer(0);
                before.nanCount = m_readChunk.integer(1);
                before.stepFirst = m_readChunk.integer(2);
                before.stepLast = m_readChunk.integer(3);
                before.usFirst = m_readChunk.integer(4);
                before.usLast = m_readChunk.integer(5);
                before.first = m_readChunk.real(6);
                before.last = m_readChunk.real(7);
                before.min = m_readChunk.real(8);
                before.minStep = m_readChunk.integer(9);
                before.max = m_readChunk.real(10);
                before.maxStep = m_readChunk.integer(11);
                before.sum = m_readChunk.real(12);
                before.merge(own);
                row = before;
            }
            m_readChunk.reset();
        }
        m_insertChunk.bind(1, series.seriesNo).bind(2, level).bind(3, index).bind(4, row.n).bind(5, row.nanCount);
        m_insertChunk.bind(6, row.stepFirst).bind(7, row.stepLast).bind(8, row.usFirst).bind(9, row.usLast);
        if (row.hasFinite()) {
            m_insertChunk.bind(10, row.first).bind(11, row.last).bind(12, row.min).bind(13, row.minStep);
            m_insertChunk.bind(14, row.max).bind(15, row.maxStep).bind(16, row.sum);
        }
        if (level == 0) m_insertChunk.bind(17, dataNo);
        DUBITO_CHECK(m_insertChunk.run());
    }
    return {};
}

Result<void> SeriesWriter::flush(OpenSeries& series, bool seal) {
    const std::size_t fresh = series.pending.size();
    for (std::size_t i = 0; i < fresh; ++i) {
        const std::int64_t step = series.pending.steps[i];
        if (step < series.lastStep && !series.unordered) {
            series.unordered = true;
            DUBITO_CHECK(m_unordered.bind(1, series.seriesNo).run());
        }
        series.lastStep = std::max(series.lastStep, step);
        series.latest.add(step, series.pending.timesUs[i], series.pending.values[i]);
    }
    const std::size_t total = series.tail.size() + fresh;
    if (total >= kChunkPoints || (seal && total > 0)) {
        Points all = std::move(series.tail);
        all.steps.insert(all.steps.end(), series.pending.steps.begin(), series.pending.steps.end());
        all.timesUs.insert(all.timesUs.end(), series.pending.timesUs.begin(), series.pending.timesUs.end());
        all.values.insert(all.values.end(), series.pending.values.begin(), series.pending.values.end());
        if (series.tailFragments > 0) DUBITO_CHECK(m_deleteTail.bind(1, series.seriesNo).run());
        series.tailFragments = 0;
        std::size_t at = 0;
        for (; at + kChunkPoints <= total; at += kChunkPoints) DUBITO_CHECK(addChunk(series, all, at, at + kChunkPoints));
        if (seal && at < total) {
            DUBITO_CHECK(addChunk(series, all, at, total));
            at = total;
        }
        series.tail = {};
        for (; at < total; ++at) series.tail.add(all.steps[at], all.timesUs[at], all.values[at]);
        if (series.tail.size()) {
            DUBITO_CHECK(m_insertTail.bind(1, series.seriesNo).bind(2, series.nextTailSequence++).bind(3, std::int64_t(series.tail.size())).bind(4, ByteSpan(encodePoints(series.tail, 0, series.tail.size()))).run());
            series.tailFragments = 1;
        }
    } else if (fresh > 0) {
        for (std::size_t i = 0; i < fresh; ++i) series.tail.add(series.pending.steps[i], series.pending.timesUs[i], series.pending.values[i]);
        const Points* fragment = &series.pending;
        if (series.tailFragments >= 64) {
            DUBITO_CHECK(m_deleteTail.bind(1, series.seriesNo).run());
            series.tailFragments = 0;
            fragment = &series.tail;
        }
        DUBITO_CHECK(m_insertTail.bind(1, series.seriesNo).bind(2, series.nextTailSequence++).bind(3, std::int64_t(fragment->size())).bind(4, ByteSpan(encodePoints(*fragment, 0, fragment->size()))).run());
        ++series.tailFragments;
    }
    if (fresh > 0) {
        const Summary& s = series.latest;
        m_latest.bind(1, series.runNo).bind(2, series.nameNo).bind(3, s.n).bind(4, s.nanCount);
        const bool lastIsFinite = std::isfinite(series.pending.values.back());
        if (lastIsFinite) m_latest.bind(5, s.last);
        m_latest.bind(6, s.stepLast).bind(7, s.usLast);
        if (s.hasFinite())
            m_latest.bind(8, s.min).bind(9, s.minStep).bind(10, s.max).bind(11, s.maxStep).bind(12, s.sum / static_cast<double>(s.n - s.nanCount));
        DUBITO_CHECK(m_latest.run());
    }
    series.pending.clear();
    return {};
}

}  // namespace dubito::store
