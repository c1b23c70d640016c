// Records of the kept stretches, and the logs of all attempts: what a replaced attempt said of itself stays readable.
#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "journal/array_block.h"
#include "store/blobs.h"
#include "store/queries.h"
#include "store/sql_text.h"
#include "store/stitch.h"

namespace dubito::store {
namespace {

constexpr std::size_t kMostBytes = 64u << 20;
/// Records counted for one series; more than a person asks for.
constexpr std::int64_t kMostCounted = 100'000;

/// The bytes lie in the row or in pieces of 1 MiB.
Result<void> fillBlock(Database& db, const Statement& row, int dataColumn, int blobColumn, Bytes& out) {
    if (row.isNull(blobColumn)) {
        const ByteSpan data = row.blob(dataColumn);
        out.assign(data.begin(), data.end());
        return {};
    }
    DUBITO_TRY(Statement pieces, db.prepare("SELECT data FROM blob_piece WHERE blob_no=?1 ORDER BY piece"));
    pieces.bind(1, row.integer(blobColumn));
    return pieces.forEach([&]() -> Result<void> {
        if (out.size() + pieces.blob(0).size() > kMostBytes)
            return Error(Code::Limit, "a stored record is larger than 64 MiB");
        append(out, pieces.blob(0));
        return {};
    });
}

/// Puts arrays that lie in blobs into the block. What cannot be given whole is said in place of it.
Result<void> makeWhole(Database& db, RecordRow& record) {
    if (!journal::namesBlobs(record.block)) return {};
    auto arrays = journal::decodeArrayHeads(record.block);
    if (!arrays) return {};  // the reader of the block says what is wrong
    std::uint64_t bytes = record.block.size();
    for (const journal::Array& array : *arrays)
        if (array.blob) bytes += std::min<std::uint64_t>(array.blob->bytes, kMostBytes + 1);
    std::deque<Bytes> held;
    const auto fill = [&]() -> Result<void> {
        if (bytes > kMostBytes)
            return Error(Code::Limit, "the record is larger than 64 MiB; its arrays are read in parts or exported");
        for (journal::Array& array : *arrays) {
            if (!array.blob) continue;
            DUBITO_TRY(const std::int64_t blobNo, findBlob(db, *array.blob));
            Bytes& data = held.emplace_back(array.blob->bytes);
            DUBITO_CHECK(readBlob(db, blobNo, 0, data));
            array.data = data;
            array.blob.reset();
        }
        return {};
    };
    Bytes whole;
    if (const auto filled = fill(); filled) journal::encodeArrayBlock(whole, *arrays);
    else record.problem = filled.error().text();
    record.block = std::move(whole);
    return {};
}

/// ?1 run, ?2 key, ?3 a record's number that is passed: the records of the stretches that no later attempt replaced.
const std::string kKept = R"(
    WITH kept(series_no, cut) AS MATERIALIZED (
        SELECT s.series_no, )" +
                          std::string(kCutOfSeries) +
                          R"(
        FROM series s JOIN name n USING(name_no)
        WHERE s.run_no=?1 AND n.text=?2)
    )";
constexpr std::string_view kFromKept = R"(
    FROM kept CROSS JOIN record q ON q.series_no=kept.series_no
    WHERE q.record_no>?3 AND (kept.cut IS NULL OR coalesce(q.step, 0x8000000000000000) < kept.cut))";

Result<Bytes> blockOf(Database& db, std::int64_t recordNo) {
    DUBITO_TRY(Statement row, db.prepare("SELECT data, blob_no FROM record WHERE record_no=?1"));
    std::optional<Bytes> block;
    DUBITO_CHECK(
        row.bind(1, recordNo).forEach([&]() -> Result<void> { return fillBlock(db, row, 0, 1, block.emplace()); }));
    if (!block) return Error(Code::NotFound, "that record is not in the project");
    return std::move(*block);
}

}  // namespace

Result<std::vector<MetricRow>> queryMetrics(Database& db, std::int64_t runNo) {
    // Unit and goal are those of the newest attempt: max() picks the row.
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT
            n.text, coalesce(s.unit, ''), coalesce(s.goal, 0), l.n, l.nan_n, l.last_step, l.last, l.min, l.max, l.mean,
            max(s.attempt)
        FROM latest l
            JOIN name n USING(name_no)
            LEFT JOIN series s ON s.run_no=l.run_no AND s.name_no=l.name_no AND s.rank=0
        WHERE l.run_no=?1
        GROUP BY l.name_no
        ORDER BY n.text)"));
    std::vector<MetricRow> out;
    rows.bind(1, runNo);
    DUBITO_CHECK(rows.forEach([&] {
        MetricRow row{rows.text(0), rows.text(1), static_cast<int>(rows.integer(2)), rows.integer(3), rows.integer(4),
            rows.integer(5)};
        row.last = rows.real(6);
        row.min = rows.real(7);
        row.max = rows.real(8);
        row.mean = rows.real(9);
        out.push_back(std::move(row));
    }));
    return out;
}

Result<std::vector<SeriesRow>> querySeries(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT s.series_no, s.attempt, s.rank, n.text, s.unit, s.kind
        FROM series s JOIN name n USING(name_no)
        WHERE s.run_no=?1
        ORDER BY n.text, s.attempt, s.rank)"));
    std::vector<SeriesRow> out;
    rows.bind(1, runNo);
    DUBITO_CHECK(rows.forEach([&] {
        out.push_back({rows.integer(0), rows.integer(1), rows.integer(2), 0, rows.text(3), rows.text(4),
            static_cast<journal::RecordType>(rows.integer(5))});
    }));
    DUBITO_TRY(const AttemptCuts cuts, AttemptCuts::load(db, runNo));
    DUBITO_TRY(Statement count, db.prepare(R"(
        SELECT count(*)
        FROM (
            SELECT 1
            FROM record
            WHERE series_no=?1 AND (?2 IS NULL OR coalesce(step, 0x8000000000000000) < ?2)
            LIMIT ?3))"));
    for (SeriesRow& row : out) {
        count.bind(1, row.seriesNo).bind(2, cuts.of(row.attempt)).bind(3, kMostCounted);
        DUBITO_CHECK(count.forEach([&] { row.records = count.integer(0); }));
    }
    return out;
}

Result<std::vector<std::string>> querySeriesKeys(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT DISTINCT n.text
        FROM series s JOIN name n USING(name_no)
        WHERE s.run_no=?1
        ORDER BY n.text
        LIMIT 20000)"));
    std::vector<std::string> out;
    rows.bind(1, runNo);
    DUBITO_CHECK(rows.forEach([&] { out.push_back(rows.text(0)); }));
    return out;
}

Result<std::vector<RecordRow>> queryRecords(
    Database& db, std::int64_t runNo, std::string_view key, std::int64_t afterRecordNo, std::int64_t limit) {
    static const std::string kSql =
        "SELECT q.record_no, q.step, q.time_us, coalesce(q.meta_json, ''), q.data, "
        "q.blob_no" +
        std::string(kFromKept) + " ORDER BY q.record_no LIMIT ?4";
    DUBITO_TRY(Statement rows, db.prepare(kKept + kSql));
    rows.bind(1, runNo).bind(2, key).bind(3, afterRecordNo).bind(4, limit);
    std::vector<RecordRow> out;
    DUBITO_CHECK(rows.forEach([&]() -> Result<void> {
        RecordRow record{rows.integer(0), rows.integer(1), rows.integer(2), rows.text(3), {}, {}};
        DUBITO_CHECK(fillBlock(db, rows, 4, 5, record.block));
        DUBITO_CHECK(makeWhole(db, record));
        out.push_back(std::move(record));
        return {};
    }));
    return out;
}

Result<std::vector<RecordPlace>> queryRecordPlaces(
    Database& db, std::int64_t runNo, std::string_view key, std::optional<std::int64_t> step, std::int64_t limit) {
    DUBITO_TRY(Statement rows, db.prepare(kKept + "SELECT q.record_no, q.step" + std::string(kFromKept) +
                                          " AND (?4 IS NULL OR q.step=?4) ORDER BY q.record_no LIMIT ?5"));
    rows.bind(1, runNo).bind(2, key).bind(3, 0).bind(4, step).bind(5, limit);
    std::vector<RecordPlace> out;
    DUBITO_CHECK(rows.forEach([&] { out.push_back({rows.integer(0), rows.integer(1)}); }));
    return out;
}

Result<RecordRow> getRecord(Database& db, std::int64_t recordNo) {
    DUBITO_TRY(Statement row, db.prepare(R"(
        SELECT record_no, step, time_us, coalesce(meta_json, ''), data, blob_no
        FROM record
        WHERE record_no=?1)"));
    std::optional<RecordRow> record;
    row.bind(1, recordNo);
    DUBITO_CHECK(row.forEach([&]() -> Result<void> {
        record = RecordRow{row.integer(0), row.integer(1), row.integer(2), row.text(3), {}, {}};
        DUBITO_CHECK(fillBlock(db, row, 4, 5, record->block));
        return makeWhole(db, *record);
    }));
    if (!record) return Error(Code::NotFound, "that record is not in the project");
    return std::move(*record);
}

Result<std::vector<journal::Array>> queryArrays(Database& db, std::int64_t recordNo) {
    DUBITO_TRY(const Bytes block, blockOf(db, recordNo));
    DUBITO_TRY(auto arrays, journal::decodeArrayHeads(block));
    for (journal::Array& array : arrays) array.data = {};  // of a block that ends here
    return arrays;
}

Result<void> readArray(Database& db, std::int64_t recordNo, std::string_view name, journal::Array::Role role,
    std::uint64_t offset, std::span<std::uint8_t> out) {
    DUBITO_TRY(const Bytes block, blockOf(db, recordNo));
    DUBITO_TRY(const auto arrays, journal::decodeArrayHeads(block));
    const journal::Array* array = journal::findArray(arrays, name, role);
    if (!array) return Error(Code::NotFound, fmt::format("the record has no array \"{}\"", name));
    const std::uint64_t bytes = array->blob ? array->blob->bytes : array->data.size();
    if (offset > bytes || out.size() > bytes - offset)
        return Error(Code::InvalidArgument,
            fmt::format("array {} has {} bytes, {} from {} on are asked for", name, bytes, out.size(), offset));
    if (array->blob) {
        DUBITO_TRY(const std::int64_t blobNo, findBlob(db, *array->blob));
        return readBlob(db, blobNo, offset, out);
    }
    const ByteSpan part = array->data.subspan(offset, out.size());
    std::copy(part.begin(), part.end(), out.begin());
    return {};
}

Result<std::vector<LogRow>> queryLog(
    Database& db, const std::vector<std::int64_t>& runNos, int maxLevel, std::string_view text, std::int64_t limit) {
    std::string sql = R"(
        SELECT run_no, time_us, seq, level, text
        FROM log_line
        WHERE level<=?1 AND (?2='%%' OR text LIKE ?2 ESCAPE '\'))";
    for (std::size_t i = 0; i < runNos.size(); ++i) sql += (i ? "," : " AND run_no IN (") + std::to_string(runNos[i]);
    if (!runNos.empty()) sql += ")";
    sql += " ORDER BY run_no DESC, attempt DESC, rank, seq DESC LIMIT ?3";
    DUBITO_TRY(Statement rows, db.prepare(sql));
    rows.bind(1, maxLevel).bind(2, containsPattern(text)).bind(3, limit);
    std::vector<LogRow> out;
    DUBITO_CHECK(rows.forEach([&] {
        out.push_back(
            {rows.integer(0), rows.integer(1), rows.integer(2), static_cast<int>(rows.integer(3)), rows.text(4)});
    }));
    std::stable_sort(out.begin(), out.end(), [](const LogRow& a, const LogRow& b) { return a.timeUs < b.timeUs; });
    return out;
}

}  // namespace dubito::store
