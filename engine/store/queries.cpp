// Runs, metrics, records and logs as plain values.
#include "store/queries.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "journal/array_block.h"
#include "store/filter.h"

namespace dubito::store {
namespace {

constexpr std::string_view kRunColumns =
    "SELECT r.run_no, r.id, coalesce(u.title,''), r.system, p.id, p.version, coalesce(r.detail,''), coalesce(r.phase,''), r.state, r.cause, "
    "coalesce(r.seed,0), r.created_us, r.started_us, r.ended_us, coalesce(r.done,0), coalesce(r.total,0), coalesce(u.star,0), "
    "u.deleted_us IS NOT NULL, r.spec_hash FROM run r JOIN config c USING(config_no) JOIN plugin p USING(plugin_no) "
    "LEFT JOIN run_user u ON u.run_id=r.id ";

RunRow runFrom(const Statement& row) {
    RunRow run;
    run.runNo = row.integer(0);
    const ByteSpan id = row.blob(1);
    if (id.size() == 16) std::copy(id.begin(), id.end(), run.id.bytes.begin());
    run.title = row.text(2);
    run.system = row.text(3);
    run.pluginId = row.text(4);
    run.pluginVersion = row.text(5);
    run.detail = row.text(6);
    run.phase = row.text(7);
    run.state = static_cast<int>(row.integer(8));
    run.cause = static_cast<int>(row.integer(9));
    run.seed = row.integer(10);
    run.createdUs = row.integer(11);
    run.startedUs = row.optionalInteger(12);
    run.endedUs = row.optionalInteger(13);
    run.done = row.real(14);
    run.total = row.real(15);
    run.star = row.integer(16) != 0;
    run.isDeleted = row.integer(17) != 0;
    run.specHash = hexText(row.blob(18));
    return run;
}

}  // namespace

std::string RunRow::name() const { return title.empty() ? system + "-" + id.text().substr(32) : title; }

Result<std::vector<RunRow>> queryRuns(Database& db, const RunQuery& query) {
    std::string sql(kRunColumns);
    std::vector<std::variant<double, std::string>> values;
    std::string orderColumn = "r.created_us";
    if (query.orderBy == "name") orderColumn = "coalesce(u.title, r.system)";
    else if (query.orderBy == "system") orderColumn = "r.system";
    else if (query.orderBy == "state") orderColumn = "r.state";
    else if (query.orderBy == "duration") orderColumn = "coalesce(r.ended_us, 0) - coalesce(r.started_us, 0)";
    else if (query.orderBy.starts_with("metric:")) {
        const auto end = query.orderBy.rfind(':');
        const std::string reducer = query.orderBy.substr(end + 1);
        if (end <= 7 || (reducer != "last" && reducer != "min" && reducer != "max" && reducer != "mean"))
            return Error(Code::InvalidArgument, "cannot order runs by " + query.orderBy);
        sql += "LEFT JOIN latest o ON o.run_no=r.run_no AND o.name_no=(SELECT name_no FROM name WHERE text=?) ";
        values.emplace_back(query.orderBy.substr(7, end - 7));
        orderColumn = "o." + reducer;
    } else if (query.orderBy != "created") {
        return Error(Code::InvalidArgument, "cannot order runs by " + query.orderBy);
    }
    sql += "WHERE 1";
    if (!query.includeDeleted) sql += " AND u.deleted_us IS NULL";
    if (!query.text.empty()) {
        sql += " AND (u.title LIKE ? OR r.system LIKE ? OR p.id LIKE ? OR lower(hex(r.id)) LIKE ?)";
        for (int i = 0; i < 4; ++i) values.emplace_back("%" + query.text + "%");
    }
    if (!query.where.empty()) {
        DUBITO_TRY(FilterSql filter, parseFilter(query.where));
        sql += " AND (" + filter.condition + ")";
        values.insert(values.end(), filter.values.begin(), filter.values.end());
    }
    if (query.afterRunNo) sql += fmt::format(" AND r.run_no < {}", *query.afterRunNo);
    const char* direction = query.descending ? "DESC" : "ASC";
    sql += fmt::format(" ORDER BY {} {}, r.run_no {} LIMIT {} OFFSET {}", orderColumn, direction, direction, query.limit, query.offset);
    DUBITO_TRY(Statement rows, db.prepare(sql));
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (const auto* number = std::get_if<double>(&values[i])) rows.bind(static_cast<int>(i + 1), *number);
        else rows.bind(static_cast<int>(i + 1), std::get<std::string>(values[i]));
    }
    std::vector<RunRow> out;
    while (rows.step()) out.push_back(runFrom(rows));
    if (rows.error()) return *rows.error();
    return out;
}

Result<std::optional<RunRow>> findRun(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement row, db.prepare(std::string(kRunColumns) + "WHERE r.run_no=?1"));
    row.bind(1, runNo);
    if (row.step()) return std::optional(runFrom(row));
    if (row.error()) return *row.error();
    return std::optional<RunRow>();
}

Result<RunRow> resolveRun(Database& db, std::string_view text) {
    std::string hex;
    for (const char c : text)
        if (c != '-') hex += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    DUBITO_TRY(Statement rows, db.prepare(std::string(kRunColumns) + "WHERE u.title=?1 OR (length(?2)>=4 AND (lower(hex(r.id)) LIKE ?2||'%' OR lower(hex(r.id)) LIKE '%'||?2)) LIMIT 3"));
    rows.bind(1, text).bind(2, hex);
    std::vector<RunRow> found;
    while (rows.step()) found.push_back(runFrom(rows));
    if (found.size() == 1) return found[0];
    if (found.empty()) {
        // "system-xxxx" as the table shows it.
        const auto dash = text.rfind('-');
        if (dash != std::string_view::npos && text.size() - dash > 4) {
            if (auto byTail = resolveRun(db, text.substr(dash + 1))) return byTail;
        }
        return Error(Code::NotFound, fmt::format("no run is named {}; 'dubito list FILE' shows all", text));
    }
    return Error(Code::InvalidArgument, fmt::format("{} runs or more are named {}; give more of the id", found.size(), text));
}

Result<std::string> querySpec(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement row, db.prepare("SELECT s.json FROM run JOIN spec s USING(spec_hash) WHERE run_no=?1"));
    row.bind(1, runNo);
    if (!row.step()) return Error(Code::NotFound, "this run has no spec");
    return row.text(0);
}

Result<std::vector<std::pair<std::string, std::string>>> queryParameters(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT n.text, q.kind, q.num, q.txt FROM run r JOIN param q USING(config_no) JOIN name n USING(name_no) WHERE r.run_no=?1 ORDER BY n.text"));
    rows.bind(1, runNo);
    std::vector<std::pair<std::string, std::string>> out;
    while (rows.step()) {
        const auto kind = rows.integer(1);
        out.emplace_back(rows.text(0), kind == 0   ? "null"
                                       : kind == 1 ? (rows.real(2) != 0 ? "true" : "false")
                                       : kind == 2 ? fmt::format("{}", static_cast<std::int64_t>(rows.real(2)))
                                       : kind == 3 ? fmt::format("{}", rows.real(2))
                                                   : rows.text(3));
    }
    if (rows.error()) return *rows.error();
    return out;
}

Result<std::vector<MetricRow>> queryMetrics(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT n.text, coalesce(s.unit,''), coalesce(s.goal,0), l.n, l.nan_n, l.last_step, l.last, l.min, l.max, l.mean FROM latest l "
                                          "JOIN name n USING(name_no) LEFT JOIN series s ON s.run_no=l.run_no AND s.name_no=l.name_no AND s.rank=0 "
                                          "WHERE l.run_no=?1 GROUP BY l.name_no ORDER BY n.text"));
    rows.bind(1, runNo);
    std::vector<MetricRow> out;
    while (rows.step())
        out.push_back({rows.text(0), rows.text(1), static_cast<int>(rows.integer(2)), rows.integer(3), rows.integer(4), rows.integer(5), rows.real(6), rows.real(7), rows.real(8), rows.real(9)});
    if (rows.error()) return *rows.error();
    return out;
}

Result<std::vector<SeriesRow>> querySeries(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT s.series_no, s.attempt, s.rank, n.text, s.unit, s.kind, (SELECT count(*) FROM (SELECT 1 FROM record q WHERE q.series_no=s.series_no LIMIT 100000)) "
                                          "FROM series s JOIN name n USING(name_no) WHERE s.run_no=?1 ORDER BY n.text, s.attempt, s.rank"));
    rows.bind(1, runNo);
    std::vector<SeriesRow> out;
    while (rows.step()) {
        SeriesRow row;
        row.seriesNo = rows.integer(0);
        row.attempt = rows.integer(1);
        row.rank = rows.integer(2);
        row.key = rows.text(3);
        row.unit = rows.text(4);
        row.kind = static_cast<journal::RecordType>(rows.integer(5));
        row.records = rows.integer(6);
        out.push_back(std::move(row));
    }
    if (rows.error()) return *rows.error();
    return out;
}

Result<std::vector<AttemptRow>> queryAttempts(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT a.attempt, a.executor, coalesce(a.host,''), coalesce(a.device,''), coalesce(a.job_dir,''), coalesce(e.json,''), a.started_us, a.ended_us, a.exit_code, a.signal "
                                          "FROM attempt a LEFT JOIN environment e USING(env_no) WHERE a.run_no=?1 ORDER BY a.attempt"));
    rows.bind(1, runNo);
    std::vector<AttemptRow> out;
    while (rows.step())
        out.push_back({rows.integer(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4), rows.text(5), rows.optionalInteger(6), rows.optionalInteger(7), rows.optionalInteger(8), rows.optionalInteger(9)});
    if (rows.error()) return *rows.error();
    return out;
}

Result<std::vector<CheckpointRow>> queryCheckpoints(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT c.attempt, c.step, c.bytes, coalesce(a.job_dir || '/checkpoints/' || c.folder, ''), c.time_us FROM checkpoint c LEFT JOIN attempt a ON a.run_no=c.run_no AND a.attempt=c.attempt "
                                          "WHERE c.run_no=?1 ORDER BY c.step DESC, c.attempt DESC"));
    rows.bind(1, runNo);
    std::vector<CheckpointRow> out;
    while (rows.step()) out.push_back({rows.integer(0), rows.integer(1), rows.integer(2), rows.text(3), rows.optionalInteger(4)});
    if (rows.error()) return *rows.error();
    return out;
}

Result<std::vector<GapRow>> queryGaps(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT run_no, byte_to-byte_from, seq_from, seq_to, why FROM gap WHERE run_no=?1"));
    rows.bind(1, runNo);
    std::vector<GapRow> out;
    while (rows.step()) out.push_back({rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3), rows.text(4)});
    if (rows.error()) return *rows.error();
    return out;
}

namespace {

Result<void> fillBlock(Database& db, const Statement& row, int dataColumn, int blobColumn, Bytes& out) {
    if (row.isNull(blobColumn)) {
        const ByteSpan data = row.blob(dataColumn);
        out.assign(data.begin(), data.end());
        return {};
    }
    DUBITO_TRY(Statement pieces, db.prepare("SELECT data FROM blob_piece WHERE blob_no=?1 ORDER BY piece"));
    pieces.bind(1, row.integer(blobColumn));
    while (pieces.step()) {
        if (out.size() + pieces.blob(0).size() > (64u << 20)) return Error(Code::Limit, "a stored record is larger than 64 MiB");
        append(out, pieces.blob(0));
    }
    if (pieces.error()) return *pieces.error();
    return {};
}

}  // namespace

Result<std::vector<RecordRow>> queryRecords(Database& db, std::int64_t runNo, std::string_view key, std::int64_t afterRecordNo, std::int64_t limit) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT q.record_no, q.step, q.time_us, coalesce(q.meta_json,''), q.data, q.blob_no FROM record q WHERE q.series_no IN "
                                          "(SELECT series_no FROM series JOIN name n USING(name_no) WHERE run_no=?1 AND n.text=?2) AND q.record_no>?3 ORDER BY q.record_no LIMIT ?4"));
    rows.bind(1, runNo).bind(2, key).bind(3, afterRecordNo).bind(4, limit);
    std::vector<RecordRow> out;
    while (rows.step()) {
        RecordRow record{rows.integer(0), rows.integer(1), rows.integer(2), rows.text(3), {}};
        DUBITO_CHECK(fillBlock(db, rows, 4, 5, record.block));
        out.push_back(std::move(record));
    }
    if (rows.error()) return *rows.error();
    return out;
}

Result<RecordRow> getRecord(Database& db, std::int64_t recordNo) {
    DUBITO_TRY(Statement row, db.prepare("SELECT record_no, step, time_us, coalesce(meta_json,''), data, blob_no FROM record WHERE record_no=?1"));
    row.bind(1, recordNo);
    if (!row.step()) return Error(Code::NotFound, "that record is not in the project");
    RecordRow record{row.integer(0), row.integer(1), row.integer(2), row.text(3), {}};
    DUBITO_CHECK(fillBlock(db, row, 4, 5, record.block));
    return record;
}

Result<std::vector<LogRow>> queryLog(Database& db, const std::vector<std::int64_t>& runNos, int maxLevel, std::string_view text, std::int64_t limit) {
    std::string sql = "SELECT run_no, time_us, seq, level, text FROM log_line WHERE level<=?1 AND (?2='' OR text LIKE '%'||?2||'%')";
    if (!runNos.empty()) {
        sql += " AND run_no IN (";
        for (std::size_t i = 0; i < runNos.size(); ++i) sql += (i ? "," : "") + std::to_string(runNos[i]);
        sql += ")";
    }
    sql += " ORDER BY run_no DESC, attempt DESC, rank, seq DESC LIMIT ?3";
    DUBITO_TRY(Statement rows, db.prepare(sql));
    rows.bind(1, maxLevel).bind(2, text).bind(3, limit);
    std::vector<LogRow> out;
    while (rows.step()) out.push_back({rows.integer(0), rows.integer(1), rows.integer(2), static_cast<int>(rows.integer(3)), rows.text(4)});
    if (rows.error()) return *rows.error();
    std::stable_sort(out.begin(), out.end(), [](const LogRow& a, const LogRow& b) { return a.timeUs < b.timeUs; });
    return out;
}

Result<std::int64_t> queryCounter(Database& db, std::string_view name) {
    DUBITO_TRY(Statement row, db.prepare("SELECT n FROM counter WHERE name=?1"));
    row.bind(1, name);
    return row.step() ? row.integer(0) : std::int64_t{0};
}

Result<std::map<std::string, std::string>> queryMeta(Database& db) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT key, value FROM meta"));
    std::map<std::string, std::string> out;
    while (rows.step()) out[rows.text(0)] = rows.text(1);
    if (rows.error()) return *rows.error();
    return out;
}

Result<Json> querySetting(Database& db, std::string_view key) {
    DUBITO_TRY(Statement row, db.prepare("SELECT value_json FROM setting WHERE key=?1"));
    row.bind(1, key);
    if (!row.step()) return Json();
    return parseJson(row.text(0));
}

Result<std::vector<EditRow>> queryEdits(Database& db) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT title, command, time_us, undone FROM edit ORDER BY edit_no DESC LIMIT 1000"));
    std::vector<EditRow> out;
    while (rows.step()) out.push_back({rows.text(0), rows.text(1), rows.integer(2), rows.integer(3) != 0});
    return out;
}

Result<TextTable> selectText(Database& db, std::string_view sql, std::size_t maxRows) {
    DUBITO_TRY(Statement rows, db.prepare(sql));
    TextTable table;
    for (int i = 0; i < rows.columns(); ++i) table.columns.push_back(rows.columnName(i));
    while (rows.step()) {
        if (table.rows.size() >= maxRows) {
            table.truncated = true;
            return table;
        }
        std::vector<std::string> cells;
        for (int i = 0; i < rows.columns(); ++i) cells.push_back(rows.text(i));
        table.rows.push_back(std::move(cells));
    }
    if (rows.error()) return *rows.error();
    return table;
}

Result<std::vector<std::string>> checkContent(Database& db, bool full) {
    std::vector<std::string> faults;
    DUBITO_TRY(Statement integrity, db.prepare(full ? "PRAGMA integrity_check" : "PRAGMA quick_check"));
    while (integrity.step())
        if (integrity.text(0) != "ok") faults.push_back(integrity.text(0));
    if (integrity.error()) faults.push_back(integrity.error()->text());
    DUBITO_TRY(Statement references, db.prepare("PRAGMA foreign_key_check"));
    while (references.step()) faults.push_back("a row of " + references.text(0) + " points at a missing row of " + references.text(2));
    DUBITO_TRY(Statement chunks, db.prepare("SELECT c.series_no, c.idx, c.n, d.data FROM chunk c LEFT JOIN chunk_data d USING(data_no) WHERE c.level=0"));
    Points points;
    while (full && chunks.step()) {
        points.clear();
        auto decoded = decodePoints(chunks.blob(3), points);
        if (!decoded || std::int64_t(points.size()) != chunks.integer(2)) faults.push_back(fmt::format("chunk {} of series {} is damaged", chunks.integer(1), chunks.integer(0)));
    }
    DUBITO_TRY(Statement tails, db.prepare("SELECT series_no, seq, n, data FROM tail"));
    while (full && tails.step()) {
        points.clear();
        auto decoded = decodePoints(tails.blob(3), points);
        if (!decoded || std::int64_t(points.size()) != tails.integer(2)) faults.push_back(fmt::format("fragment {} of series {} is damaged", tails.integer(1), tails.integer(0)));
    }
    // Every point is counted twice: in chunks and fragments, and in `latest`.
    DUBITO_TRY(Statement counts, db.prepare("SELECT l.run_no, n.text, l.n, (SELECT coalesce(sum(c.n),0) FROM series s JOIN chunk c ON c.series_no=s.series_no AND c.level=0 WHERE s.run_no=l.run_no AND s.name_no=l.name_no) + "
                                            "(SELECT coalesce(sum(t.n),0) FROM series s JOIN tail t USING(series_no) WHERE s.run_no=l.run_no AND s.name_no=l.name_no) FROM latest l JOIN name n USING(name_no)"));
    while (full && counts.step())
        if (counts.integer(2) != counts.integer(3)) faults.push_back(fmt::format("run {}: {} counts {} points, {} are stored", counts.integer(0), counts.text(1), counts.integer(2), counts.integer(3)));
    if (full) {
        DUBITO_TRY(Statement records, db.prepare("SELECT record_no FROM record"));
        while (records.step()) {
            auto record = getRecord(db, records.integer(0));
            if (!record) faults.push_back(fmt::format("record {}: {}", records.integer(0), record.error().text()));
            else if (auto arrays = journal::decodeArrayBlock(record->block); !arrays) faults.push_back(fmt::format("record {}: {}", records.integer(0), arrays.error().text()));
        }
    }
    return faults;
}

}  // namespace dubito::store
