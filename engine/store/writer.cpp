// Rows and cursor in one transaction: a crash between any two instructions repeats or completes, never doubles.
#include "store/writer.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unistd.h>

#include "base/log.h"
#include "store/opener.h"

namespace dubito::store {
namespace {

constexpr std::size_t kInlineBytes = 128 * 1024;
constexpr std::size_t kPieceBytes = 1 << 20;
const std::vector<std::string> kUserTables = {"run_user", "tag", "run_tag", "note", "folder", "folder_run", "view", "report", "report_block", "report_run", "setting"};

/// Calls put(path, value) for every leaf of a nested object, "model.path" style.
void walkParameters(const Json& value, const std::string& path, const std::function<void(const std::string&, const Json&)>& put) {
    if (value.is_object()) {
        for (const auto& [key, child] : value.items()) walkParameters(child, path.empty() ? key : path + "." + key, put);
    } else {
        put(path, value);
    }
}

/// Key of this installation: edits of other installations are listed but never applied.
Bytes installationKey() {
    const fs::path path = stateHome() / "edit.key";
    if (auto text = readFile(path, 64); text && text->size() == 32) return Bytes(text->begin(), text->end());
    const Sha256 fresh = sha256(asBytes(makeUuid().text() + makeUuid().text()));
    if (makeFolders(path.parent_path()))
        if (auto written = writeFileAtomic(path, asText(fresh), 0600); !written) logLine(LogLevel::Warn, written.error().text());
    return Bytes(fresh.begin(), fresh.end());
}

}  // namespace

Result<std::unique_ptr<ProjectWriter>> ProjectWriter::open(const fs::path& path) {
    std::error_code error;
    if (!fs::exists(path, error)) return Error(Code::NotFound, "there is no such project; make one with 'dubito new FILE'. File: " + path.string());
    DUBITO_TRY(ProjectLock lock, ProjectLock::take(path));
    std::unique_ptr<ProjectWriter> writer(new ProjectWriter());
    writer->m_path = path;
    writer->m_lock.emplace(std::move(lock));
    DUBITO_TRY(writer->m_database, Database::open(path, Database::Mode::ReadWrite));
    Database& database = *writer->m_database;
    DUBITO_CHECK(checkProject(database, path));
    DUBITO_CHECK(database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0;"));
    DUBITO_TRY(Statement id, database.prepare("SELECT value FROM meta WHERE key='project_id'"));
    DUBITO_CHECK(id.forEach([&] { writer->m_projectId = id.text(0); }));
    if (!parseUuid(writer->m_projectId)) return Error(Code::CorruptData, "the project has no valid id. File: " + path.string());
    DUBITO_TRY(const std::int64_t clean, database.integer("SELECT value FROM meta WHERE key='clean_close'"));
    writer->m_wasClean = clean == 1;
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    DUBITO_TRY(Statement owner, database.prepare("INSERT OR REPLACE INTO owner(id, host, pid, since_us) VALUES(1, ?1, ?2, ?3)"));
    DUBITO_CHECK(owner.bind(1, host).bind(2, std::int64_t{::getpid()}).bind(3, nowUs()).run());
    DUBITO_CHECK(database.execute("UPDATE meta SET value=0 WHERE key='clean_close'"));
    DUBITO_CHECK(writer->prepareAll());
    return writer;
}

Result<void> ProjectWriter::prepareAll() {
    DUBITO_TRY(m_series, SeriesWriter::create(*m_database));
    DUBITO_TRY(m_insertRecord, m_database->prepare("INSERT INTO record(series_no, step, time_us, seq, meta_json, data, blob_no) VALUES(?1,?2,?3,?4,?5,?6,?7)"));
    DUBITO_TRY(m_insertLog, m_database->prepare("INSERT OR IGNORE INTO log_line(run_no, attempt, rank, seq, time_us, level, text) VALUES(?1,?2,?3,?4,?5,?6,?7)"));
    DUBITO_TRY(m_setCursor, m_database->prepare("INSERT OR REPLACE INTO cursor(run_no, attempt, rank, segment, byte_pos, next_seq, ended) VALUES(?1,?2,?3,?4,?5,?6,?7)"));
    DUBITO_TRY(m_setProgress, m_database->prepare("UPDATE run SET done=?2, total=?3, phase=?4 WHERE run_no=?1"));
    return {};
}

ProjectWriter::~ProjectWriter() {
    if (!m_database) return;
    if (m_database->inTransaction()) rollback();
    for (Statement* statement : {&m_insertRecord, &m_insertLog, &m_setCursor, &m_setProgress}) *statement = Statement();
    m_series.reset();
    (void)m_database->execute("UPDATE meta SET value=1 WHERE key='clean_close'; DELETE FROM owner;");
    (void)m_database->checkpoint(Database::Checkpoint::Truncate);
    // A reader in another process keeps the log alive; the next owner merges it then.
    (void)m_database->execute("PRAGMA journal_mode=DELETE;");
}

Result<void> ProjectWriter::begin() { return m_database->execute("BEGIN IMMEDIATE"); }

Result<void> ProjectWriter::commit() {
    for (OpenSeries* series : m_dirty) DUBITO_CHECK(m_series->flush(*series, false));
    m_dirty.clear();
    DUBITO_CHECK(m_database->execute("COMMIT"));
    if (++m_sinceCheckpoint >= 40) {
        m_sinceCheckpoint = 0;
        DUBITO_TRY([[maybe_unused]] const bool merged, m_database->checkpoint(Database::Checkpoint::Passive));
    }
    return {};
}

void ProjectWriter::rollback() {
    (void)m_database->execute("ROLLBACK");
    // In-memory series no longer match the file; they are loaded again when next used.
    m_dirty.clear();
    m_open.clear();
    m_names.clear();
}

Result<std::int64_t> ProjectWriter::nameNo(std::string_view text) {
    if (const auto found = m_names.find(std::string(text)); found != m_names.end()) return found->second;
    DUBITO_TRY(Statement insert, m_database->prepare("INSERT OR IGNORE INTO name(text) VALUES(?1)"));
    DUBITO_CHECK(insert.bind(1, text).run());
    DUBITO_TRY(Statement select, m_database->prepare("SELECT name_no FROM name WHERE text=?1"));
    select.bind(1, text);
    DUBITO_TRY(const bool hasSelect, select.step());
    if (!hasSelect) return Error(Code::Internal, "a name could not be stored");
    return m_names[std::string(text)] = select.integer(0);
}

Result<void> ProjectWriter::countUp(std::string_view what, std::int64_t by) {
    DUBITO_TRY(Statement count, m_database->prepare("INSERT INTO counter(name, n) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET n=n+?2"));
    return count.bind(1, what).bind(2, by).run();
}

Result<std::int64_t> ProjectWriter::addRun(const NewRun& run) {
    Database& db = *m_database;
    DUBITO_TRY(Statement plugin, db.prepare("INSERT OR IGNORE INTO plugin(id, version, binary_sha256, manifest_json) VALUES(?1, ?2, x'', ?3)"));
    DUBITO_CHECK(plugin.bind(1, run.pluginId).bind(2, run.pluginVersion).bind(3, run.manifestJson).run());
    DUBITO_TRY(Statement pluginRow, db.prepare("SELECT plugin_no FROM plugin WHERE id=?1 AND version=?2"));
    pluginRow.bind(1, run.pluginId).bind(2, run.pluginVersion);
    DUBITO_TRY(const bool hasPluginRow, pluginRow.step());
    if (!hasPluginRow) return Error(Code::Internal, "the plugin row is missing");
    const std::int64_t pluginNo = pluginRow.integer(0);
    DUBITO_TRY(Statement spec, db.prepare("INSERT OR IGNORE INTO spec(spec_hash, json) VALUES(?1, ?2)"));
    DUBITO_CHECK(spec.bind(1, ByteSpan(run.specHash)).bind(2, run.specJson).run());
    DUBITO_TRY(Statement config, db.prepare("INSERT OR IGNORE INTO config(group_hash, plugin_no) VALUES(?1, ?2)"));
    DUBITO_CHECK(config.bind(1, ByteSpan(run.groupHash)).bind(2, pluginNo).run());
    const bool isNewConfig = db.changes() > 0;
    DUBITO_TRY(Statement configRow, db.prepare("SELECT config_no FROM config WHERE group_hash=?1"));
    configRow.bind(1, ByteSpan(run.groupHash));
    DUBITO_TRY(const bool hasConfigRow, configRow.step());
    if (!hasConfigRow) return Error(Code::Internal, "the configuration row is missing");
    const std::int64_t configNo = configRow.integer(0);
    if (isNewConfig) {
        DUBITO_TRY(Statement parameter, db.prepare("INSERT OR REPLACE INTO param(config_no, name_no, kind, num, txt) VALUES(?1,?2,?3,?4,?5)"));
        Result<void> outcome;
        walkParameters(run.parameters, "", [&](const std::string& path, const Json& value) {
            if (!outcome) return;
            auto name = nameNo(path);
            if (!name) {
                outcome = std::move(name).error();
                return;
            }
            parameter.bind(1, configNo).bind(2, *name);
            if (value.is_null()) parameter.bind(3, 0);
            else if (value.is_boolean()) parameter.bind(3, 1).bind(4, value.get<bool>() ? 1.0 : 0.0);
            else if (value.is_number_integer()) parameter.bind(3, 2).bind(4, value.get<double>());
            else if (value.is_number()) parameter.bind(3, 3).bind(4, value.get<double>());
            else if (value.is_string()) parameter.bind(3, 4).bind(5, value.get<std::string>());
            else parameter.bind(3, 5).bind(5, jsonText(value));
            outcome = parameter.run();
        });
        DUBITO_CHECK(std::move(outcome));
    }
    DUBITO_TRY(Statement insert, db.prepare("INSERT INTO run(id, config_no, spec_hash, system, seed, state, created_us, parent_id) VALUES(?1,?2,?3,?4,?5,0,?6,?7)"));
    insert.bind(1, ByteSpan(run.id.bytes)).bind(2, configNo).bind(3, ByteSpan(run.specHash)).bind(4, run.system).bind(5, run.seed).bind(6, run.createdUs);
    if (run.parent) insert.bind(7, ByteSpan(run.parent->bytes));
    DUBITO_CHECK(insert.run());
    const std::int64_t runNo = db.lastRowId();
    if (!run.title.empty()) {
        DUBITO_TRY(Statement user, db.prepare("INSERT INTO run_user(run_id, title) VALUES(?1, ?2)"));
        DUBITO_CHECK(user.bind(1, ByteSpan(run.id.bytes)).bind(2, run.title).run());
    }
    DUBITO_CHECK(countUp("run", 1));
    return runNo;
}

Result<std::int64_t> ProjectWriter::findRun(const RunId& id) {
    DUBITO_TRY(Statement row, m_database->prepare("SELECT run_no FROM run WHERE id=?1"));
    row.bind(1, ByteSpan(id.bytes));
    DUBITO_TRY(const bool hasRow, row.step());
    if (!hasRow) return Error(Code::NotFound, "no run with id " + id.text());
    return row.integer(0);
}

Result<void> ProjectWriter::setState(std::int64_t runNo, const RunStateChange& change) {
    DUBITO_TRY(Statement update, m_database->prepare("UPDATE run SET state=?2, cause=?3, detail=coalesce(?4, detail), started_us=coalesce(started_us, ?5), ended_us=coalesce(?6, ended_us) WHERE run_no=?1"));
    update.bind(1, runNo).bind(2, change.state).bind(3, change.cause).bind(5, change.startedUs).bind(6, change.endedUs);
    if (!change.detail.empty()) update.bind(4, change.detail);
    return update.run();
}

Result<void> ProjectWriter::setProgress(std::int64_t runNo, double done, double total, std::string_view phase) {
    return m_setProgress.bind(1, runNo).bind(2, done).bind(3, total).bind(4, phase).run();
}

Result<void> ProjectWriter::putAttempt(std::int64_t runNo, const NewAttempt& attempt) {
    std::optional<std::int64_t> environment;
    if (!attempt.environmentJson.empty()) {
        const Sha256 hash = sha256(asBytes(attempt.environmentJson));
        DUBITO_TRY(Statement insert, m_database->prepare("INSERT OR IGNORE INTO environment(sha256, json) VALUES(?1, ?2)"));
        DUBITO_CHECK(insert.bind(1, ByteSpan(hash)).bind(2, attempt.environmentJson).run());
        DUBITO_TRY(Statement row, m_database->prepare("SELECT env_no FROM environment WHERE sha256=?1"));
        row.bind(1, ByteSpan(hash));
        DUBITO_CHECK(row.forEach([&] { environment = row.integer(0); }));
    }
    DUBITO_TRY(Statement put, m_database->prepare(
        "INSERT INTO attempt(run_no, attempt, executor, host, device, env_no, started_us, ended_us, exit_code, signal, resumed_step, job_dir) "
        "VALUES(?1,?2,?3,nullif(?4,''),nullif(?5,''),?6,?7,?8,?9,?10,?11,nullif(?12,'')) ON CONFLICT(run_no, attempt) DO UPDATE SET "
        "host=coalesce(excluded.host,host), device=coalesce(excluded.device,device), env_no=coalesce(excluded.env_no,env_no), "
        "started_us=coalesce(excluded.started_us,started_us), ended_us=coalesce(excluded.ended_us,ended_us), "
        "exit_code=coalesce(excluded.exit_code,exit_code), signal=coalesce(excluded.signal,signal), resumed_step=coalesce(excluded.resumed_step,resumed_step), job_dir=coalesce(excluded.job_dir,job_dir)"));
    put.bind(1, runNo).bind(2, attempt.attempt).bind(3, attempt.executor).bind(4, attempt.host).bind(5, attempt.device).bind(6, environment);
    put.bind(7, attempt.startedUs).bind(8, attempt.endedUs).bind(9, attempt.exitCode).bind(10, attempt.signal).bind(11, attempt.resumedStep).bind(12, attempt.jobDir);
    return put.run();
}

Result<void> ProjectWriter::addCheckpoint(std::int64_t runNo, std::int64_t attempt, std::int64_t step, ByteSpan manifestHash, std::int64_t bytes, std::string_view folder, std::int64_t timeUs) {
    DUBITO_TRY(Statement put, m_database->prepare("INSERT OR REPLACE INTO checkpoint(run_no, attempt, step, sha256, bytes, folder, time_us) VALUES(?1,?2,?3,?4,?5,?6,?7)"));
    return put.bind(1, runNo).bind(2, attempt).bind(3, step).bind(4, manifestHash).bind(5, bytes).bind(6, std::string(folder)).bind(7, timeUs).run();
}

Result<std::optional<IngestCursor>> ProjectWriter::cursor(std::int64_t runNo, std::int64_t attempt, std::int64_t rank) {
    DUBITO_TRY(Statement row, m_database->prepare("SELECT segment, byte_pos, next_seq, ended FROM cursor WHERE run_no=?1 AND attempt=?2 AND rank=?3"));
    row.bind(1, runNo).bind(2, attempt).bind(3, rank);
    DUBITO_TRY(const bool hasRow, row.step());
    if (!hasRow) return std::optional<IngestCursor>();
    return std::optional(IngestCursor{row.integer(0), row.integer(1), row.integer(2), row.integer(3) != 0});
}

Result<void> ProjectWriter::setCursor(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, const IngestCursor& cursor) {
    return m_setCursor.bind(1, runNo).bind(2, attempt).bind(3, rank).bind(4, cursor.segment).bind(5, cursor.bytePos).bind(6, cursor.nextSequence).bind(7, cursor.ended ? 1 : 0).run();
}

Result<void> ProjectWriter::addGap(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, std::int64_t segment, std::int64_t byteFrom,
                                   std::int64_t byteTo, std::int64_t sequenceFrom, std::int64_t sequenceTo, std::string_view why) {
    DUBITO_TRY(Statement insert, m_database->prepare("INSERT INTO gap(run_no, attempt, rank, segment, byte_from, byte_to, seq_from, seq_to, why) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)"));
    return insert.bind(1, runNo).bind(2, attempt).bind(3, rank).bind(4, segment).bind(5, byteFrom).bind(6, byteTo).bind(7, sequenceFrom).bind(8, sequenceTo).bind(9, why).run();
}

Result<OpenSeries*> ProjectWriter::openSeries(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, const journal::SeriesDefinition& definition) {
    DUBITO_TRY(const std::int64_t name, nameNo(definition.key));
    DUBITO_TRY(Statement insert, m_database->prepare("INSERT OR IGNORE INTO series(run_no, attempt, rank, name_no, kind, unit, goal) VALUES(?1,?2,?3,?4,?5,?6,?7)"));
    DUBITO_CHECK(insert.bind(1, runNo).bind(2, attempt).bind(3, rank).bind(4, name).bind(5, int(definition.kind)).bind(6, definition.unit).bind(7, int(definition.goal)).run());
    if (m_database->changes() > 0) DUBITO_CHECK(countUp("series", 1));
    DUBITO_TRY(Statement row, m_database->prepare("SELECT series_no FROM series WHERE run_no=?1 AND name_no=?2 AND attempt=?3 AND rank=?4"));
    row.bind(1, runNo).bind(2, name).bind(3, attempt).bind(4, rank);
    DUBITO_TRY(const bool hasRow, row.step());
    if (!hasRow) return Error(Code::Internal, "the series row is missing");
    const std::int64_t seriesNo = row.integer(0);
    auto& slot = m_open[runNo][seriesNo];
    if (!slot) {
        slot = std::make_unique<OpenSeries>();
        slot->seriesNo = seriesNo;
        slot->runNo = runNo;
        slot->nameNo = name;
        if (auto loaded = m_series->load(*slot); !loaded) {
            m_open[runNo].erase(seriesNo);
            return std::move(loaded).error();
        }
    }
    return slot.get();
}

Result<void> ProjectWriter::addRecord(std::int64_t seriesNo, std::int64_t step, std::int64_t timeUs, std::uint64_t sequence, std::string_view metaJson, ByteSpan block) {
    std::optional<std::int64_t> blobNo;
    if (block.size() > kInlineBytes) {
        const Sha256 hash = sha256(block);
        DUBITO_TRY(Statement blob, m_database->prepare("INSERT OR IGNORE INTO blob(sha256, bytes, media) VALUES(?1, ?2, 'application/x-dubito-arrays')"));
        DUBITO_CHECK(blob.bind(1, ByteSpan(hash)).bind(2, std::int64_t(block.size())).run());
        const bool isNew = m_database->changes() > 0;
        DUBITO_TRY(Statement row, m_database->prepare("SELECT blob_no FROM blob WHERE sha256=?1"));
        row.bind(1, ByteSpan(hash));
        DUBITO_TRY(const bool hasRow, row.step());
        if (!hasRow) return Error(Code::Internal, "the blob row is missing");
        blobNo = row.integer(0);
        if (isNew) {
            DUBITO_TRY(Statement piece, m_database->prepare("INSERT INTO blob_piece(blob_no, piece, data) VALUES(?1, ?2, ?3)"));
            for (std::size_t at = 0, index = 0; at < block.size(); at += kPieceBytes, ++index)
                DUBITO_CHECK(piece.bind(1, *blobNo).bind(2, std::int64_t(index)).bind(3, block.subspan(at, std::min(kPieceBytes, block.size() - at))).run());
        }
    }
    m_insertRecord.bind(1, seriesNo).bind(2, step).bind(3, timeUs).bind(4, std::int64_t(sequence)).bind(5, metaJson);
    if (!blobNo) m_insertRecord.bind(6, block);
    else m_insertRecord.bind(7, *blobNo);
    return m_insertRecord.run();
}

Result<void> ProjectWriter::addLog(std::int64_t runNo, std::int64_t attempt, std::int64_t rank, std::uint64_t sequence, std::int64_t timeUs, int level, std::string_view text) {
    return m_insertLog.bind(1, runNo).bind(2, attempt).bind(3, rank).bind(4, std::int64_t(sequence)).bind(5, timeUs).bind(6, level).bind(7, text).run();
}

Result<void> ProjectWriter::sealRun(std::int64_t runNo) {
    for (auto& [seriesNo, series] : m_open[runNo]) DUBITO_CHECK(m_series->flush(*series, true));
    std::erase_if(m_dirty, [runNo](const OpenSeries* series) { return series->runNo == runNo; });
    return {};
}

void ProjectWriter::closeRun(std::int64_t runNo) {
    std::erase_if(m_dirty, [runNo](const OpenSeries* series) { return series->runNo == runNo; });
    m_open.erase(runNo);
}

Bytes ProjectWriter::editMac(ByteSpan changeset) const {
    static const Bytes kKey = installationKey();
    Bytes mac(32);
    unsigned bytes = 32;
    HMAC(EVP_sha256(), kKey.data(), static_cast<int>(kKey.size()), changeset.data(), changeset.size(), mac.data(), &bytes);
    return mac;
}

Result<void> ProjectWriter::edit(std::string_view title, std::string_view command, const std::function<Result<void>(Database&)>& body) {
    DUBITO_CHECK(m_database->execute("PRAGMA synchronous=FULL; BEGIN IMMEDIATE"));
    const auto finish = [&]() -> Result<void> {
        DUBITO_TRY(const Bytes changeset, m_database->recordChanges([&] { return body(*m_database); }, kUserTables));
        if (changeset.empty()) return {};
        DUBITO_CHECK(m_database->execute("DELETE FROM edit WHERE undone=1"));
        DUBITO_TRY(Statement insert, m_database->prepare("INSERT INTO edit(title, command, time_us, changeset, mac) VALUES(?1,?2,?3,?4,?5)"));
        DUBITO_CHECK(insert.bind(1, title).bind(2, command).bind(3, nowUs()).bind(4, ByteSpan(changeset)).bind(5, ByteSpan(editMac(changeset))).run());
        return m_database->execute("DELETE FROM edit WHERE edit_no <= (SELECT max(edit_no) FROM edit) - 1000");
    };
    auto outcome = finish();
    (void)m_database->execute(outcome ? "COMMIT" : "ROLLBACK");
    (void)m_database->execute("PRAGMA synchronous=NORMAL");
    return outcome;
}

namespace {
constexpr const char* kNextUndo = "SELECT edit_no, title, changeset, mac FROM edit WHERE undone=0 ORDER BY edit_no DESC LIMIT 1";
constexpr const char* kNextRedo = "SELECT edit_no, title, changeset, mac FROM edit WHERE undone=1 ORDER BY edit_no LIMIT 1";
}  // namespace

Result<std::string> ProjectWriter::undo() {
    DUBITO_TRY(Statement row, m_database->prepare(kNextUndo));
    DUBITO_TRY(const bool hasRow, row.step());
    if (!hasRow) return Error(Code::NotFound, "nothing to undo");
    const std::int64_t number = row.integer(0);
    const std::string title = row.text(1);
    const Bytes changeset(row.blob(2).begin(), row.blob(2).end()), mac(row.blob(3).begin(), row.blob(3).end());
    row.reset();
    if (mac != editMac(changeset)) return Error(Code::Refused, "this edit was made on another installation and cannot be taken back here");
    DUBITO_CHECK(m_database->execute("BEGIN IMMEDIATE"));
    auto applied = m_database->applyChanges(changeset, true);
    if (applied) applied = m_database->execute(fmt::format("UPDATE edit SET undone=1 WHERE edit_no={}", number));
    (void)m_database->execute(applied ? "COMMIT" : "ROLLBACK");
    DUBITO_CHECK(std::move(applied));
    return title;
}

Result<std::string> ProjectWriter::redo() {
    DUBITO_TRY(Statement row, m_database->prepare(kNextRedo));
    DUBITO_TRY(const bool hasRow, row.step());
    if (!hasRow) return Error(Code::NotFound, "nothing to redo");
    const std::int64_t number = row.integer(0);
    const std::string title = row.text(1);
    const Bytes changeset(row.blob(2).begin(), row.blob(2).end()), mac(row.blob(3).begin(), row.blob(3).end());
    row.reset();
    if (mac != editMac(changeset)) return Error(Code::Refused, "this edit was made on another installation and cannot be repeated here");
    DUBITO_CHECK(m_database->execute("BEGIN IMMEDIATE"));
    auto applied = m_database->applyChanges(changeset, false);
    if (applied) applied = m_database->execute(fmt::format("UPDATE edit SET undone=0 WHERE edit_no={}", number));
    (void)m_database->execute(applied ? "COMMIT" : "ROLLBACK");
    DUBITO_CHECK(std::move(applied));
    return title;
}

Result<void> ProjectWriter::setSetting(std::string_view key, const Json& value) {
    return edit("Change " + std::string(key), "view only", [&](Database& db) -> Result<void> {
        DUBITO_TRY(Statement put, db.prepare("INSERT INTO setting(key, value_json) VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value_json=excluded.value_json"));
        return put.bind(1, key).bind(2, jsonText(value)).run();
    });
}

}  // namespace dubito::store
