// Rows of runs: what was asked for, how far it got, what it said about itself.
#include <algorithm>

#include "store/writer.h"

namespace dubito::store {
namespace {

using PutParameter = std::function<Result<void>(const std::string&, const Json&)>;

/// Calls put(path, value) for every leaf of a nested object, "model.path" style.
Result<void> walkParameters(const Json& value, const std::string& path, const PutParameter& put) {
    if (!value.is_object()) return put(path, value);
    for (const auto& [key, child] : value.items())
        DUBITO_CHECK(walkParameters(child, path.empty() ? key : path + "." + key, put));
    return {};
}

void bindParameter(Statement& parameter, const Json& value) {
    if (value.is_null()) parameter.bind(3, 0);
    else if (value.is_boolean()) parameter.bind(3, 1).bind(4, value.get<bool>() ? 1.0 : 0.0);
    else if (value.is_number_integer()) parameter.bind(3, 2).bind(4, value.get<double>());
    else if (value.is_number()) parameter.bind(3, 3).bind(4, value.get<double>());
    else if (value.is_string()) parameter.bind(3, 4).bind(5, value.get<std::string>());
    else parameter.bind(3, 5).bind(5, jsonText(value));
}

/// The first column of the one row that must be there.
Result<std::int64_t> numberOf(Statement& row, const char* missing) {
    DUBITO_TRY(const bool isThere, row.step());
    if (!isThere) return Error(Code::Internal, missing);
    return row.integer(0);
}

}  // namespace

Result<std::int64_t> ProjectWriter::nameNo(std::string_view text) {
    if (const auto found = m_names.find(std::string(text)); found != m_names.end()) return found->second;
    DUBITO_TRY(Statement insert, m_database->prepare("INSERT INTO name(text) VALUES(?1) ON CONFLICT(text) DO NOTHING"));
    DUBITO_CHECK(insert.bind(1, text).run());
    DUBITO_TRY(Statement select, m_database->prepare("SELECT name_no FROM name WHERE text=?1"));
    select.bind(1, text);
    DUBITO_TRY(const std::int64_t number, numberOf(select, "a name could not be stored"));
    return m_names[std::string(text)] = number;
}

Result<void> ProjectWriter::countUp(std::string_view what, std::int64_t by) {
    DUBITO_TRY(Statement count, m_database->prepare(R"(
        INSERT INTO counter(name, n)
        VALUES(?1, ?2)
        ON CONFLICT(name) DO UPDATE SET n=n+?2)"));
    return count.bind(1, what).bind(2, by).run();
}

Result<void> ProjectWriter::addParameters(std::int64_t configNo, const Json& parameters) {
    DUBITO_TRY(Statement parameter, m_database->prepare(R"(
        INSERT OR REPLACE INTO param(config_no, name_no, kind, num, txt)
        VALUES(?1, ?2, ?3, ?4, ?5))"));
    return walkParameters(parameters, "", [&](const std::string& path, const Json& value) -> Result<void> {
        DUBITO_TRY(const std::int64_t name, nameNo(path));
        parameter.bind(1, configNo).bind(2, name);
        bindParameter(parameter, value);
        return parameter.run();
    });
}

Result<std::int64_t> ProjectWriter::configNo(const NewRun& run) {
    Database& db = *m_database;
    DUBITO_TRY(Statement plugin, db.prepare(R"(
        INSERT INTO plugin(id, version, binary_sha256, manifest_json)
        VALUES(?1, ?2, x'', ?3)
        ON CONFLICT(id, version, binary_sha256) DO NOTHING)"));
    DUBITO_CHECK(plugin.bind(1, run.pluginId).bind(2, run.pluginVersion).bind(3, run.manifestJson).run());
    DUBITO_TRY(Statement pluginRow, db.prepare("SELECT plugin_no FROM plugin WHERE id=?1 AND version=?2"));
    pluginRow.bind(1, run.pluginId).bind(2, run.pluginVersion);
    DUBITO_TRY(const std::int64_t pluginNo, numberOf(pluginRow, "the plugin row is missing"));
    DUBITO_TRY(Statement config, db.prepare(R"(
        INSERT INTO config(group_hash, plugin_no)
        VALUES(?1, ?2)
        ON CONFLICT(group_hash) DO NOTHING)"));
    DUBITO_CHECK(config.bind(1, ByteSpan(run.groupHash)).bind(2, pluginNo).run());
    const bool isNew = db.changes() > 0;
    DUBITO_TRY(Statement configRow, db.prepare("SELECT config_no FROM config WHERE group_hash=?1"));
    configRow.bind(1, ByteSpan(run.groupHash));
    DUBITO_TRY(const std::int64_t number, numberOf(configRow, "the configuration row is missing"));
    if (isNew) DUBITO_CHECK(addParameters(number, run.parameters));
    return number;
}

Result<std::int64_t> ProjectWriter::addRun(const NewRun& run) {
    DUBITO_CHECK(checkBatch());
    Database& db = *m_database;
    DUBITO_TRY(Statement spec, db.prepare(R"(
        INSERT INTO spec(spec_hash, json)
        VALUES(?1, ?2)
        ON CONFLICT(spec_hash) DO NOTHING)"));
    DUBITO_CHECK(spec.bind(1, ByteSpan(run.specHash)).bind(2, run.specJson).run());
    DUBITO_TRY(const std::int64_t config, configNo(run));
    DUBITO_TRY(Statement insert, db.prepare(R"(
        INSERT INTO run(id, config_no, spec_hash, system, seed, state, created_us, parent_id, inode)
        VALUES(?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, nullif(?8, 0)))"));
    insert.bind(1, ByteSpan(run.id.bytes)).bind(2, config).bind(3, ByteSpan(run.specHash)).bind(4, run.system);
    insert.bind(5, run.seed).bind(6, run.createdUs).bind(8, run.inode);
    if (run.parent) insert.bind(7, ByteSpan(run.parent->bytes));
    DUBITO_CHECK(insert.run());
    const std::int64_t runNo = db.lastRowId();
    if (m_isBatch) m_newRuns.insert(runNo);
    if (!run.title.empty()) {
        DUBITO_TRY(Statement user, db.prepare(R"(
            INSERT INTO run_user(run_id, title)
            VALUES(?1, ?2)
            ON CONFLICT(run_id) DO UPDATE SET title=excluded.title)"));
        DUBITO_CHECK(user.bind(1, ByteSpan(run.id.bytes)).bind(2, run.title).run());
    }
    DUBITO_CHECK(countUp("run", 1));
    return runNo;
}

Result<std::int64_t> ProjectWriter::findRun(const RunId& id) {
    DUBITO_TRY(Statement row, m_database->prepare("SELECT run_no FROM run WHERE id=?1"));
    row.bind(1, ByteSpan(id.bytes));
    DUBITO_TRY(const bool isThere, row.step());
    if (!isThere) return Error(Code::NotFound, "no run with id " + id.text());
    return row.integer(0);
}

Result<void> ProjectWriter::setState(std::int64_t runNo, const RunStateChange& change) {
    DUBITO_CHECK(checkBatch());
    DUBITO_TRY(Statement update, m_database->prepare(R"(
        UPDATE run
        SET state=?2, cause=?3,
            detail=CASE WHEN ?7 THEN ?4 ELSE coalesce(?4, detail) END,
            started_us=coalesce(started_us, ?5),
            ended_us=CASE WHEN ?8 THEN ?6 ELSE coalesce(?6, ended_us) END
        WHERE run_no=?1)"));
    update.bind(1, runNo).bind(2, change.state).bind(3, change.cause).bind(5, change.startedUs).bind(6, change.endedUs);
    update.bind(7, change.clearDetail ? 1 : 0).bind(8, change.clearEnded ? 1 : 0);
    if (!change.detail.empty()) update.bind(4, change.detail);
    return update.run();
}

Result<void> ProjectWriter::setProgress(std::int64_t runNo, double done, double total, std::string_view phase) {
    DUBITO_CHECK(checkBatch());
    return m_setProgress.bind(1, runNo).bind(2, done).bind(3, total).bind(4, phase).run();
}

Result<void> ProjectWriter::setInode(std::int64_t runNo) {
    DUBITO_CHECK(checkBatch());
    DUBITO_TRY(Statement update, m_database->prepare("UPDATE run SET inode=?2 WHERE run_no=?1"));
    return update.bind(1, runNo).bind(2, static_cast<std::int64_t>(inode())).run();
}

Result<std::optional<std::int64_t>> ProjectWriter::environmentNo(std::string_view json) {
    if (json.empty()) return std::optional<std::int64_t>();
    const Sha256 hash = sha256(asBytes(json));
    DUBITO_TRY(Statement insert, m_database->prepare(R"(
        INSERT INTO environment(sha256, json)
        VALUES(?1, ?2)
        ON CONFLICT(sha256) DO NOTHING)"));
    DUBITO_CHECK(insert.bind(1, ByteSpan(hash)).bind(2, json).run());
    DUBITO_TRY(Statement row, m_database->prepare("SELECT env_no FROM environment WHERE sha256=?1"));
    row.bind(1, ByteSpan(hash));
    DUBITO_TRY(const std::int64_t number, numberOf(row, "the environment row is missing"));
    return std::optional(number);
}

Result<void> ProjectWriter::putAttempt(std::int64_t runNo, const NewAttempt& attempt) {
    DUBITO_CHECK(checkBatch());
    DUBITO_TRY(const std::optional<std::int64_t> environment, environmentNo(attempt.environmentJson));
    DUBITO_TRY(Statement put, m_database->prepare(R"(
        INSERT INTO attempt(run_no, attempt, executor, host, device, env_no, started_us, ended_us, exit_code, signal,
            resumed_step, job_dir)
        VALUES(?1, ?2, ?3, nullif(?4, ''), nullif(?5, ''), ?6, ?7, ?8, ?9, ?10, ?11, nullif(?12, ''))
        ON CONFLICT(run_no, attempt) DO UPDATE SET
            host=coalesce(excluded.host, host),
            device=coalesce(excluded.device, device),
            env_no=coalesce(excluded.env_no, env_no),
            started_us=coalesce(excluded.started_us, started_us),
            ended_us=coalesce(excluded.ended_us, ended_us),
            exit_code=coalesce(excluded.exit_code, exit_code),
            signal=coalesce(excluded.signal, signal),
            resumed_step=coalesce(excluded.resumed_step, resumed_step),
            job_dir=coalesce(excluded.job_dir, job_dir))"));
    put.bind(1, runNo).bind(2, attempt.attempt).bind(3, attempt.executor).bind(4, attempt.host).bind(5, attempt.device);
    put.bind(6, environment).bind(7, attempt.startedUs).bind(8, attempt.endedUs).bind(9, attempt.exitCode);
    put.bind(10, attempt.signal).bind(11, attempt.resumedStep).bind(12, attempt.jobDir);
    return put.run();
}

Result<void> ProjectWriter::addCheckpoint(std::int64_t runNo, std::int64_t attempt, std::int64_t step,
    ByteSpan manifestHash, std::int64_t bytes, std::string_view folder, std::int64_t timeUs) {
    DUBITO_CHECK(checkBatch());
    DUBITO_TRY(Statement put, m_database->prepare(R"(
        INSERT OR REPLACE INTO checkpoint(run_no, attempt, step, sha256, bytes, folder, time_us)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7))"));
    put.bind(1, runNo).bind(2, attempt).bind(3, step).bind(4, manifestHash).bind(5, bytes).bind(6, folder);
    return put.bind(7, timeUs).run();
}

Result<std::optional<IngestCursor>> ProjectWriter::cursor(std::int64_t runNo, std::int64_t attempt, std::int64_t rank) {
    DUBITO_TRY(Statement row, m_database->prepare(R"(
        SELECT segment, byte_pos, next_seq, ended, coalesce(end_json, '')
        FROM cursor
        WHERE run_no=?1 AND attempt=?2 AND rank=?3)"));
    row.bind(1, runNo).bind(2, attempt).bind(3, rank);
    std::optional<IngestCursor> found;
    DUBITO_CHECK(row.forEach([&] {
        found = IngestCursor{row.integer(0), row.integer(1), row.integer(2), row.integer(3) != 0, row.text(4)};
    }));
    return found;
}

Result<void> ProjectWriter::setCursor(
    std::int64_t runNo, std::int64_t attempt, std::int64_t rank, const IngestCursor& cursor) {
    DUBITO_CHECK(checkBatch());
    m_setCursor.bind(1, runNo).bind(2, attempt).bind(3, rank).bind(4, cursor.segment).bind(5, cursor.bytePos);
    return m_setCursor.bind(6, cursor.nextSequence).bind(7, cursor.ended ? 1 : 0).bind(8, cursor.endJson).run();
}

Result<void> ProjectWriter::addGap(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, std::int64_t segment,
    std::int64_t byteFrom, std::int64_t byteTo, std::int64_t sequenceFrom, std::int64_t sequenceTo,
    std::string_view why) {
    DUBITO_CHECK(checkBatch());
    DUBITO_TRY(Statement insert, m_database->prepare(R"(
        INSERT INTO gap(run_no, attempt, rank, segment, byte_from, byte_to, seq_from, seq_to, why)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9))"));
    insert.bind(1, runNo).bind(2, attempt).bind(3, rank).bind(4, segment).bind(5, byteFrom).bind(6, byteTo);
    return insert.bind(7, sequenceFrom).bind(8, sequenceTo).bind(9, why).run();
}

Result<void> ProjectWriter::addLog(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, std::uint64_t sequence,
    std::int64_t timeUs, int level, std::string_view text) {
    DUBITO_CHECK(checkBatch());
    m_insertLog.bind(1, runNo).bind(2, attempt).bind(3, rank).bind(4, static_cast<std::int64_t>(sequence));
    return m_insertLog.bind(5, timeUs).bind(6, level).bind(7, text).run();
}

Result<std::vector<std::string>> ProjectWriter::newestLog(
    std::int64_t runNo, std::int64_t attempt, std::int64_t rank, int n) {
    DUBITO_TRY(Statement rows, m_database->prepare(R"(
        SELECT text
        FROM log_line
        WHERE run_no=?1 AND attempt=?2 AND rank=?3
        ORDER BY seq DESC
        LIMIT ?4)"));
    rows.bind(1, runNo).bind(2, attempt).bind(3, rank).bind(4, n);
    std::vector<std::string> lines;
    DUBITO_CHECK(rows.forEach([&] { lines.push_back(rows.text(0)); }));
    std::reverse(lines.begin(), lines.end());
    return lines;
}

}  // namespace dubito::store
