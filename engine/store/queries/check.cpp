// Says what of a project cannot be trusted: everything that is stored twice is compared.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>

#include "journal/array_block.h"
#include "store/blobs.h"
#include "store/queries.h"
#include "store/series_writer.h"
#include "store/stitch.h"

namespace dubito::store {
namespace {

/// Points keep their time to a millisecond; rows that sum them up keep it to a microsecond.
constexpr std::int64_t kTimeSlackUs = 1000;

bool isNearTime(std::int64_t a, std::int64_t b) {
    const auto low = static_cast<std::uint64_t>(std::min(a, b)), high = static_cast<std::uint64_t>(std::max(a, b));
    return high - low <= kTimeSlackUs;
}

/// Sums of the same values in another order. Rows of the pyramid add one value a chunk without carrying what rounding
/// takes, so beside the 1e-12 there is half an ulp for each of those additions.
bool isNearMean(double a, double b, const Summary& of) {
    if (!std::isfinite(a) || !std::isfinite(b)) return true;  // a sum beyond the doubles, or not known
    const double magnitude = std::max(std::abs(of.min), std::abs(of.max));
    return std::abs(a - b) <= (1e-12 + 1.2e-19 * static_cast<double>(of.n)) * magnitude;
}

bool agree(const Summary& a, const Summary& b) {
    if (a.n != b.n || a.nanCount != b.nanCount) return false;
    if (a.n == 0) return true;
    if (a.stepFirst != b.stepFirst || a.stepLast != b.stepLast) return false;
    if (!isNearTime(a.usFirst, b.usFirst) || !isNearTime(a.usLast, b.usLast)) return false;
    if (!a.hasFinite()) return true;
    if (a.first != b.first || a.last != b.last || a.min != b.min || a.max != b.max) return false;
    return a.minStep == b.minStep && a.maxStep == b.maxStep && isNearMean(a.mean(), b.mean(), a);
}

class Checker {
public:
    Checker(Database& db, std::int64_t schema) : m_db(db), m_schema(schema) {}

    Result<void> structure(bool full) {
        DUBITO_TRY(Statement integrity, m_db.prepare(full ? "PRAGMA integrity_check" : "PRAGMA quick_check"));
        DUBITO_CHECK(heed(integrity.forEach([&] {
            if (integrity.text(0) != "ok") m_faults.push_back(integrity.text(0));
        })));
        DUBITO_TRY(Statement references, m_db.prepare("PRAGMA foreign_key_check"));
        return heed(references.forEach([&] {
            m_faults.push_back("a row of " + references.text(0) + " points at a missing row of " + references.text(2));
        }));
    }

    /// One short read transaction a run: a writer may go on, and what is compared was stored together.
    Result<void> runs() {
        std::vector<std::int64_t> runNos;
        DUBITO_TRY(Statement rows, m_db.prepare("SELECT run_no FROM run ORDER BY run_no"));
        DUBITO_CHECK(heed(rows.forEach([&] { runNos.push_back(rows.integer(0)); })));
        for (const std::int64_t runNo : runNos) {
            const bool isOwn = !m_db.inTransaction();
            if (isOwn) DUBITO_CHECK(m_db.execute("BEGIN"));
            auto outcome = heed(run(runNo));
            if (isOwn) DUBITO_CHECK(m_db.execute("COMMIT"));
            DUBITO_CHECK(std::move(outcome));
        }
        return heed(strays());
    }

    std::vector<std::string> takeFaults() { return std::move(m_faults); }

private:
    struct Series {
        std::int64_t seriesNo = 0, attempt = 1, rank = 0, nameNo = 0;
    };
    using Kept = std::map<std::int64_t, Latest>;  ///< by name

    /// Damage is what a check is for; anything else, such as a disk that does not answer, ends it.
    Result<void> heed(Result<void> outcome) {
        if (outcome || outcome.error().code() != Code::CorruptData) return outcome;
        m_faults.push_back(outcome.error().text());
        return {};
    }

    Result<void> run(std::int64_t runNo) {
        std::vector<Series> all;
        DUBITO_TRY(Statement rows, m_db.prepare(R"(
            SELECT series_no, attempt, rank, name_no
            FROM series
            WHERE run_no=?1
            ORDER BY name_no, attempt, rank)"));
        rows.bind(1, runNo);
        DUBITO_CHECK(rows.forEach([&] {
            all.push_back({rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3)});
        }));
        DUBITO_TRY(const AttemptCuts cuts, AttemptCuts::load(m_db, runNo));
        Kept kept;
        for (const Series& series : all) {
            DUBITO_CHECK(heed(points(series, cuts, kept)));
            DUBITO_CHECK(heed(pyramid(series.seriesNo)));
            DUBITO_CHECK(heed(records(series.seriesNo)));
        }
        if (m_schema >= 2) DUBITO_CHECK(heed(latest(runNo, kept)));
        return heed(cursors(runNo));
    }

    /// Chunks and fragments decode, and each chunk is what its row says. Kept points of rank 0 are counted.
    Result<void> points(const Series& series, const AttemptCuts& cuts, Kept& kept) {
        const auto cut = cuts.of(series.attempt);
        const auto count = [&](const Points& found) {
            if (series.rank != 0) return;
            for (std::size_t i = 0; i < found.size(); ++i) {
                if (cut && found.steps[i] >= *cut) continue;
                Latest& entry = kept[series.nameNo];
                entry.summary.add(found.steps[i], found.timesUs[i], found.values[i]);
                entry.lastValue = found.values[i];
            }
        };
        Points found;
        DUBITO_TRY(Statement chunks, m_db.prepare("SELECT idx, d.data, " + std::string(kSummaryColumns) + R"(
            FROM chunk c LEFT JOIN chunk_data d USING(data_no)
            WHERE series_no=?1 AND level=0
            ORDER BY idx)"));
        chunks.bind(1, series.seriesNo);
        DUBITO_CHECK(chunks.forEach([&] {
            found.clear();
            const bool isSound = bool(decodePoints(chunks.blob(1), found)) &&
                                 agree(summarise(found, 0, found.size()), readSummary(chunks, 2));
            if (!isSound)
                m_faults.push_back(fmt::format("chunk {} of series {} is damaged", chunks.integer(0), series.seriesNo));
            count(found);
        }));
        DUBITO_TRY(Statement tail, m_db.prepare("SELECT seq, n, data FROM tail WHERE series_no=?1 ORDER BY seq"));
        tail.bind(1, series.seriesNo);
        return tail.forEach([&] {
            found.clear();
            if (!decodePoints(tail.blob(2), found) || std::int64_t(found.size()) != tail.integer(1))
                m_faults.push_back(
                    fmt::format("fragment {} of series {} is damaged", tail.integer(0), series.seriesNo));
            count(found);
        });
    }

    /// Each row above the chunks is the sum of the rows below it.
    Result<void> pyramid(std::int64_t seriesNo) {
        DUBITO_TRY(Statement rows, m_db.prepare("SELECT level, idx, " + std::string(kSummaryColumns) + R"(
            FROM chunk
            WHERE series_no=?1
            ORDER BY level, idx)"));
        std::array<std::map<std::int64_t, Summary>, kPyramidLevels + 1> sums;
        std::array<std::map<std::int64_t, Summary>, kPyramidLevels + 1> stored;
        rows.bind(1, seriesNo);
        DUBITO_CHECK(rows.forEach([&] {
            const std::int64_t level = rows.integer(0), index = rows.integer(1);
            if (level < 0 || level > kPyramidLevels) return;
            const Summary row = readSummary(rows, 2);
            const auto at = static_cast<std::size_t>(level);
            stored[at][index] = row;
            if (at < kPyramidLevels) sums[at + 1][index / kPyramidFan].merge(row);
        }));
        for (std::size_t level = 1; level <= kPyramidLevels; ++level) {
            std::map<std::int64_t, Summary>& expected = sums[level];
            for (const auto& [index, row] : stored[level]) expected.try_emplace(index);
            for (const auto& [index, sum] : expected)
                if (const auto found = stored[level].find(index);
                    found == stored[level].end() || !agree(found->second, sum))
                    m_faults.push_back(fmt::format(
                        "level {} of series {}: row {} is not the sum of its parts", level, seriesNo, index));
        }
        return {};
    }

    Result<void> records(std::int64_t seriesNo) {
        DUBITO_TRY(Statement rows, m_db.prepare("SELECT record_no FROM record WHERE series_no=?1 ORDER BY record_no"));
        rows.bind(1, seriesNo);
        DUBITO_CHECK(rows.forEach([&]() -> Result<void> {
            const std::int64_t recordNo = rows.integer(0);
            const auto arrays = queryArrays(m_db, recordNo);
            if (!arrays && arrays.error().code() != Code::Limit && arrays.error().code() != Code::CorruptData)
                return arrays.error();
            if (!arrays) m_faults.push_back(fmt::format("record {}: {}", recordNo, arrays.error().text()));
            else
                for (const journal::Array& array : *arrays)
                    if (const auto there = array.blob ? findBlob(m_db, *array.blob) : Result<std::int64_t>(0); !there)
                        m_faults.push_back(
                            fmt::format("record {}, array {}: {}", recordNo, array.name, there.error().text()));
            return {};
        }));
        DUBITO_TRY(Statement twice, m_db.prepare(R"(
            SELECT seq, count(*)
            FROM record
            WHERE series_no=?1
            GROUP BY seq
            HAVING count(*)>1)"));
        twice.bind(1, seriesNo);
        return twice.forEach([&] {
            m_faults.push_back(
                fmt::format("series {}: record {} is stored {} times", seriesNo, twice.integer(0), twice.integer(1)));
        });
    }

    /// `latest` against a count of all kept points, one by one.
    Result<void> latest(std::int64_t runNo, Kept& kept) {
        DUBITO_TRY(Statement rows, m_db.prepare(R"(
            SELECT name_no, n, nan_n, last, last_step, last_us, min, min_step, max, max_step, mean
            FROM latest
            WHERE run_no=?1)"));
        std::map<std::int64_t, std::string> wrong;
        rows.bind(1, runNo);
        DUBITO_CHECK(rows.forEach([&] {
            const auto node = kept.extract(rows.integer(0));
            const std::string why = node ? difference(rows, node.mapped()) : "no point is kept";
            if (!why.empty()) wrong[rows.integer(0)] = why;
        }));
        for (const auto& [nameNo, points] : kept)
            wrong[nameNo] = fmt::format("{} points are kept, no latest row", points.summary.n);
        DUBITO_TRY(Statement name, m_db.prepare("SELECT text FROM name WHERE name_no=?1"));
        for (const auto& [nameNo, why] : wrong) {
            std::string key = std::to_string(nameNo);
            name.bind(1, nameNo);
            DUBITO_CHECK(name.forEach([&] { key = name.text(0); }));
            m_faults.push_back(fmt::format("run {}: latest of {}: {}", runNo, key, why));
        }
        return {};
    }

    /// What differs first, with both numbers; empty when nothing does.
    static std::string difference(const Statement& row, const Latest& kept) {
        const Summary& s = kept.summary;
        if (row.integer(1) != s.n) return fmt::format("{} points are counted, {} are kept", row.integer(1), s.n);
        if (row.integer(2) != s.nanCount)
            return fmt::format("{} NaN are counted, {} are kept", row.integer(2), s.nanCount);
        if (row.integer(4) != s.stepLast) return fmt::format("the last step is {}, not {}", row.integer(4), s.stepLast);
        if (!isNearTime(row.integer(5), s.usLast))
            return fmt::format("the last time is {}, not {}", row.integer(5), s.usLast);
        const bool isFinite = std::isfinite(kept.lastValue);
        if (row.isNull(3) == isFinite || (isFinite && row.real(3) != kept.lastValue))
            return fmt::format("the last value is {}, not {}", row.real(3), kept.lastValue);
        if (!s.hasFinite()) return {};
        if (row.real(6) != s.min || row.integer(7) != s.minStep)
            return fmt::format(
                "the least value is {} at {}, not {} at {}", row.real(6), row.integer(7), s.min, s.minStep);
        if (row.real(8) != s.max || row.integer(9) != s.maxStep)
            return fmt::format(
                "the greatest value is {} at {}, not {} at {}", row.real(8), row.integer(9), s.max, s.maxStep);
        if (!isNearMean(row.real(10), s.mean(), s))
            return fmt::format("the mean is {}, not {}", row.real(10), s.mean());
        return {};
    }

    /// Nothing is stored that its cursor has not passed: it would be taken in a second time.
    Result<void> cursors(std::int64_t runNo) {
        DUBITO_TRY(Statement rows, m_db.prepare(R"(
            SELECT
                k.attempt, k.rank, k.segment, k.byte_pos, k.next_seq,
                (SELECT max(q.seq)
                 FROM series s JOIN record q USING(series_no)
                 WHERE s.run_no=k.run_no AND s.attempt=k.attempt AND s.rank=k.rank),
                (SELECT max(g.seq)
                 FROM log_line g
                 WHERE g.run_no=k.run_no AND g.attempt=k.attempt AND g.rank=k.rank)
            FROM cursor k
            WHERE k.run_no=?1)"));
        rows.bind(1, runNo);
        return rows.forEach([&] {
            const std::string where =
                fmt::format("run {}, attempt {}, rank {}", runNo, rows.integer(0), rows.integer(1));
            const std::int64_t next = rows.integer(4);
            if (rows.integer(2) < 0 || rows.integer(3) < 0 || next < 0)
                m_faults.push_back(where + ": the cursor is negative");
            for (const int column : {5, 6})
                if (!rows.isNull(column) && rows.integer(column) >= next)
                    m_faults.push_back(fmt::format("{}: the cursor stands at {}, {} {} is stored", where, next,
                        column == 5 ? "record" : "log line", rows.integer(column)));
        });
    }

    /// Bytes that no series owns.
    Result<void> strays() {
        for (const char* table : {"chunk", "tail", "record"}) {
            DUBITO_TRY(const std::int64_t n,
                m_db.integer(fmt::format(
                    "SELECT count(*) FROM {} WHERE series_no NOT IN (SELECT series_no FROM series)", table)));
            if (n > 0) m_faults.push_back(fmt::format("{} rows of {} belong to no series", n, table));
        }
        DUBITO_TRY(auto blobs, checkBlobs(m_db));
        m_faults.insert(m_faults.end(), std::make_move_iterator(blobs.begin()), std::make_move_iterator(blobs.end()));
        return {};
    }

    Database& m_db;
    std::int64_t m_schema;
    std::vector<std::string> m_faults;
};

}  // namespace

Result<std::vector<std::string>> checkContent(Database& db, bool full) {
    DUBITO_TRY(const std::int64_t schema, db.schemaVersion());
    Checker checker(db, schema);
    DUBITO_CHECK(checker.structure(full));
    if (full) DUBITO_CHECK(checker.runs());
    return checker.takeFaults();
}

}  // namespace dubito::store
