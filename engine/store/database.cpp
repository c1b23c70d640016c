// SQLite with every guard on: project files come from strangers.
#define SQLITE_ENABLE_SESSION 1
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include "store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cmath>
#include <limits>

#include "base/ids.h"

namespace dubito::store {
namespace {

Error sqliteError(sqlite3* handle, std::string_view doing) {
    const int code = sqlite3_errcode(handle);
    Code mapped = Code::Io;
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) mapped = Code::CorruptData;
    else if (code == SQLITE_INTERRUPT) mapped = Code::Cancelled;
    else if (code == SQLITE_BUSY || code == SQLITE_LOCKED) mapped = Code::Owned;
    else if (code == SQLITE_AUTH || code == SQLITE_READONLY) mapped = Code::Refused;
    else if (code == SQLITE_ERROR || code == SQLITE_RANGE) mapped = Code::InvalidArgument;
    else if (code == SQLITE_CONSTRAINT || code == SQLITE_MISUSE) mapped = Code::Internal;
    else if (code == SQLITE_TOOBIG || code == SQLITE_NOMEM) mapped = Code::Limit;
    return Error(mapped, fmt::format("{}: {}", doing, sqlite3_errmsg(handle)));
}

}  // namespace

std::string sqliteVersion() { return sqlite3_libversion(); }

Statement::~Statement() { sqlite3_finalize(m_statement); }

Statement& Statement::bind(int at, std::int64_t value) {
    sqlite3_bind_int64(m_statement, at, value);
    return *this;
}
Statement& Statement::bind(int at, double value) {
    sqlite3_bind_double(m_statement, at, value);
    return *this;
}
Statement& Statement::bind(int at, std::string_view text) {
    sqlite3_bind_text64(m_statement, at, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}
Statement& Statement::bind(int at, ByteSpan blob) {
    sqlite3_bind_blob64(m_statement, at, blob.empty() ? reinterpret_cast<const std::uint8_t*>("") : blob.data(), blob.size(), SQLITE_TRANSIENT);
    return *this;
}
Statement& Statement::bindNull(int at) {
    sqlite3_bind_null(m_statement, at);
    return *this;
}

bool Statement::step() {
    if (!m_statement) return false;
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) m_error = sqliteError(sqlite3_db_handle(m_statement), "the query failed");
    return false;
}

Result<void> Statement::run() {
    while (step()) {
    }
    reset();
    if (m_error) {
        Error error = *m_error;
        m_error.reset();
        return error;
    }
    return {};
}

void Statement::reset() {
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(m_statement, column); }
double Statement::real(int column) const {
    return isNull(column) ? std::numeric_limits<double>::quiet_NaN() : sqlite3_column_double(m_statement, column);
}
std::string Statement::text(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(m_statement, column));
    return text ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))) : std::string();
}
ByteSpan Statement::blob(int column) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(m_statement, column));
    return data ? ByteSpan(data, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))) : ByteSpan();
}
bool Statement::isNull(int column) const { return sqlite3_column_type(m_statement, column) == SQLITE_NULL; }
int Statement::columns() const { return sqlite3_column_count(m_statement); }
std::string Statement::columnName(int column) const {
    const char* name = sqlite3_column_name(m_statement, column);
    return name ? name : "";
}
std::optional<std::int64_t> Statement::optionalInteger(int column) const {
    return isNull(column) ? std::nullopt : std::optional(integer(column));
}

Result<std::unique_ptr<Database>> Database::open(const fs::path& path, Mode mode) {
    sqlite3* handle = nullptr;
    const int flags = mode == Mode::ReadOnly ? SQLITE_OPEN_READONLY
                                             : SQLITE_OPEN_READWRITE | (mode == Mode::Create ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    std::unique_ptr<Database> database(new Database(handle));
    if (code != SQLITE_OK)
        return Error(fs::exists(path) ? Code::Io : Code::NotFound,
                     fmt::format("cannot open the project: {}. File: {}", handle ? sqlite3_errmsg(handle) : "out of memory", path.string()));
    sqlite3_extended_result_codes(handle, 0);
    sqlite3_busy_timeout(handle, 5000);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 64 << 20);
    sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, 1'000'000);
    sqlite3_limit(handle, SQLITE_LIMIT_EXPR_DEPTH, 200);
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 4);
    DUBITO_CHECK(database->execute("PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON;"));
    DUBITO_CHECK(database->execute(mode == Mode::ReadOnly ? "PRAGMA query_only=ON; PRAGMA cache_size=-4096;" : "PRAGMA cache_size=-16384;"));
    return database;
}

Database::~Database() { sqlite3_close_v2(m_handle); }

Error Database::fail(std::string_view doing) const { return sqliteError(m_handle, doing); }

Result<Statement> Database::prepare(std::string_view sql) {
    Statement statement;
    if (sqlite3_prepare_v3(m_handle, sql.data(), static_cast<int>(sql.size()), 0, &statement.m_statement, nullptr) != SQLITE_OK)
        return fail("the query was not understood");
    if (m_limitMs) m_deadlineUs = nowUs() + m_limitMs * 1000;
    return statement;
}

Result<void> Database::execute(std::string_view sql) {
    if (sqlite3_exec(m_handle, std::string(sql).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return fail("the project file refused a change");
    return {};
}

Result<std::int64_t> Database::integer(std::string_view sql) {
    DUBITO_TRY(Statement statement, prepare(sql));
    const std::int64_t value = statement.step() ? statement.integer(0) : 0;
    if (auto error = statement.error()) return *error;
    return value;
}

std::int64_t Database::lastRowId() const { return sqlite3_last_insert_rowid(m_handle); }
std::int64_t Database::changes() const { return sqlite3_changes64(m_handle); }
void Database::interrupt() { sqlite3_interrupt(m_handle); }
bool Database::inTransaction() const { return sqlite3_get_autocommit(m_handle) == 0; }

void Database::allowOnlySelect() {
    sqlite3_set_authorizer(
        m_handle,
        [](void*, int action, const char*, const char*, const char*, const char*) {
            return action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_FUNCTION || action == SQLITE_RECURSIVE ? SQLITE_OK
                                                                                                                            : SQLITE_DENY;
        },
        nullptr);
}

int Database::onProgress(void* self) {
    const auto* database = static_cast<Database*>(self);
    return database->m_deadlineUs && nowUs() > database->m_deadlineUs;
}

void Database::limitTime(std::int64_t ms) {
    m_limitMs = ms;
    sqlite3_progress_handler(m_handle, 1000, &Database::onProgress, this);
}

Result<Bytes> Database::recordChanges(const std::function<Result<void>()>& body, const std::vector<std::string>& tables) {
    sqlite3_session* session = nullptr;
    if (sqlite3session_create(m_handle, "main", &session) != SQLITE_OK) return fail("edits cannot be recorded");
    const std::unique_ptr<sqlite3_session, void (*)(sqlite3_session*)> owner(session, &sqlite3session_delete);
    for (const auto& table : tables)
        if (sqlite3session_attach(session, table.c_str()) != SQLITE_OK) return fail("edits cannot be recorded");
    DUBITO_CHECK(body());
    int bytes = 0;
    void* data = nullptr;
    if (sqlite3session_changeset(session, &bytes, &data) != SQLITE_OK) return fail("edits cannot be recorded");
    Bytes out(static_cast<std::uint8_t*>(data), static_cast<std::uint8_t*>(data) + bytes);
    sqlite3_free(data);
    return out;
}

Result<void> Database::applyChanges(ByteSpan changeset, bool inverted) {
    Bytes bytes(changeset.begin(), changeset.end());
    if (inverted) {
        int n = 0;
        void* data = nullptr;
        if (sqlite3changeset_invert(static_cast<int>(bytes.size()), bytes.data(), &n, &data) != SQLITE_OK)
            return Error(Code::CorruptData, "the stored edit cannot be read");
        bytes.assign(static_cast<std::uint8_t*>(data), static_cast<std::uint8_t*>(data) + n);
        sqlite3_free(data);
    }
    std::string conflict;
    const int code = sqlite3changeset_apply(
        m_handle, static_cast<int>(bytes.size()), bytes.data(), nullptr,
        [](void* context, int, sqlite3_changeset_iter* at) {
            const char* table = nullptr;
            int columns = 0, operation = 0, indirect = 0;
            sqlite3changeset_op(at, &table, &columns, &operation, &indirect);
            *static_cast<std::string*>(context) = table ? table : "?";
            return SQLITE_CHANGESET_ABORT;
        },
        &conflict);
    if (code == SQLITE_ABORT) return Error(Code::WrongState, "a row of table " + conflict + " changed since this edit; it cannot be taken back alone");
    if (code != SQLITE_OK) return fail("the edit could not be applied");
    return {};
}

Result<void> Database::checkpoint(Checkpoint kind) {
    const int code = sqlite3_wal_checkpoint_v2(m_handle, nullptr, kind == Checkpoint::Passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE,
                                               nullptr, nullptr);
    if (code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED) return fail("the write-ahead log could not be merged");
    return {};
}

}  // namespace dubito::store
