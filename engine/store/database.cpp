// SQLite with every guard on: project files come from strangers.
#define SQLITE_ENABLE_SESSION 1
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include "store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/ids.h"
#include "store/file_identity.h"

namespace dubito::store {
namespace {

Code codeOf(int code) {
    switch (code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return Code::CorruptData;
        case SQLITE_INTERRUPT: return Code::Cancelled;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL: return Code::Owned;
        case SQLITE_AUTH:
        case SQLITE_READONLY:
        case SQLITE_PERM: return Code::Refused;
        case SQLITE_ERROR:
        case SQLITE_RANGE: return Code::InvalidArgument;
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_MISUSE: return Code::Internal;
        case SQLITE_TOOBIG:
        case SQLITE_NOMEM: return Code::Limit;
        default: return Code::Io;
    }
}

/// What went wrong in words; `message` is SQLite's own sentence, `system` what the operating system said, if anything.
std::string problemOf(int code, std::string_view doing, std::string_view message, int system) {
    const std::string words = system ? fmt::format(" ({})", errnoText(system)) : std::string();
    switch (code & 0xff) {
        case SQLITE_FULL: return fmt::format("the disk is full: {}", doing);
        case SQLITE_NOTADB: return "this is not a Dubito project";
        case SQLITE_CORRUPT: return fmt::format("the project file is damaged ({})", message);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL: return "another program holds the project file locked; try again when it has finished";
        case SQLITE_READONLY: return fmt::format("the project file may only be read: {}", doing);
        case SQLITE_IOERR:
            if (system == ENOSPC || system == EDQUOT) return fmt::format("the disk is full{}: {}", words, doing);
            return fmt::format("the disk reports an error{}: {}", words, doing);
        case SQLITE_CANTOPEN: return fmt::format("the project cannot be opened{}", words);
        default: return fmt::format("{}: {}", doing, message);
    }
}

Error sqliteError(sqlite3* handle, int code, std::string_view doing) {
    const bool isDisk = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
    std::string text = problemOf(code, doing, sqlite3_errmsg(handle), isDisk ? sqlite3_system_errno(handle) : 0);
    if (const char* file = sqlite3_db_filename(handle, "main"); file && *file) text += fmt::format(". File: {}", file);
    return Error(codeOf(code), std::move(text));
}

}  // namespace

std::string sqliteVersion() { return sqlite3_libversion(); }

Statement::~Statement() { sqlite3_finalize(m_statement); }

Statement& Statement::bind(int at, std::int64_t value) {
    keep(sqlite3_bind_int64(m_statement, at, value));
    return *this;
}
Statement& Statement::bind(int at, double value) {
    keep(sqlite3_bind_double(m_statement, at, value));
    return *this;
}
Statement& Statement::bind(int at, std::string_view text) {
    keep(sqlite3_bind_text64(
        m_statement, at, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}
Statement& Statement::bind(int at, ByteSpan blob) {
    const auto* data = blob.empty() ? reinterpret_cast<const std::uint8_t*>("") : blob.data();
    keep(sqlite3_bind_blob64(m_statement, at, data, blob.size(), SQLITE_TRANSIENT));
    return *this;
}
Statement& Statement::bindNull(int at) {
    keep(sqlite3_bind_null(m_statement, at));
    return *this;
}

void Statement::keep(int bindCode) {
    if (m_bindCode == SQLITE_OK) m_bindCode = bindCode;
}

Result<bool> Statement::step() {
    if (!m_statement) return false;
    sqlite3* handle = sqlite3_db_handle(m_statement);
    if (m_bindCode != SQLITE_OK)
        return Error(
            codeOf(m_bindCode), fmt::format("a value cannot be given to the query: {}", sqlite3_errstr(m_bindCode)));
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    const bool changes = sqlite3_stmt_readonly(m_statement) == 0;
    return sqliteError(handle, code, changes ? "the project file was not changed" : "the query failed");
}

Result<void> Statement::run() {
    return forEach([] {});
}

void Statement::reset() {
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
    m_bindCode = SQLITE_OK;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(m_statement, column); }
double Statement::real(int column) const {
    return isNull(column) ? std::numeric_limits<double>::quiet_NaN() : sqlite3_column_double(m_statement, column);
}
std::string Statement::text(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(m_statement, column));
    return text ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column)))
                : std::string();
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

namespace {

constexpr const char* kInMemory = ":memory:";

/// The name that SQLite gets: without links, and with nothing foreign beside it.
Result<fs::path> nameToOpen(const fs::path& path, bool isNew) {
    if (path == kInMemory) return path;
    if (isNew) {
        DUBITO_TRY(const fs::path folder, canonicalPath(path.has_parent_path() ? path.parent_path() : fs::path(".")));
        DUBITO_CHECK(checkSideFiles(folder / path.filename()));
        return folder / path.filename();
    }
    DUBITO_TRY(fs::path name, canonicalPath(path));
    DUBITO_TRY([[maybe_unused]] const FileIdentity identity, identify(name));
    DUBITO_CHECK(checkSideFiles(name));
    return name;
}

/// As a URI that promises that nobody changes the file.
std::string fixedUri(const fs::path& name) {
    std::string out = "file:";
    for (const char c : name.string()) {
        if (c == '%' || c == '?' || c == '#') out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        else out += c;
    }
    return out + "?immutable=1";
}

}  // namespace

Result<std::unique_ptr<Database>> Database::openWith(const std::string& name, int flags, const fs::path& path) {
    sqlite3* handle = nullptr;
    const int code =
        sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    std::unique_ptr<Database> database(new Database(handle));
    if (code != SQLITE_OK) {
        const int system = handle ? sqlite3_system_errno(handle) : ENOMEM;
        return Error(codeOf(code), fmt::format("the project cannot be opened: {}. File: {}",
                                       system ? errnoText(system) : std::string(sqlite3_errstr(code)), path.string()));
    }
    sqlite3_extended_result_codes(handle, 0);
    // A reader of a log waits for nobody but a program that keeps the file to itself: that is said soon.
    sqlite3_busy_timeout(handle, (flags & SQLITE_OPEN_READONLY) ? 1500 : 5000);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    // Only the owner merges and removes the log, in so many words: a missing log then means a lost one.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 64 << 20);
    sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, 1'000'000);
    sqlite3_limit(handle, SQLITE_LIMIT_EXPR_DEPTH, 200);
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 4);
    DUBITO_CHECK(database->execute(R"(
        PRAGMA cell_size_check=ON;
        PRAGMA mmap_size=0;
        PRAGMA temp_store=MEMORY;
        PRAGMA foreign_keys=ON;
        PRAGMA wal_autocheckpoint=0;)"));
    DUBITO_CHECK(database->execute((flags & SQLITE_OPEN_READONLY) ? "PRAGMA query_only=ON; PRAGMA cache_size=-4096;"
                                                                  : "PRAGMA cache_size=-16384;"));
    return database;
}

Result<std::unique_ptr<Database>> Database::open(const fs::path& path, Mode mode) {
    DUBITO_TRY(const fs::path name, nameToOpen(path, mode == Mode::Create));
    int flags = name == kInMemory ? 0 : SQLITE_OPEN_NOFOLLOW;
    if (mode == Mode::ReadOnly) flags |= SQLITE_OPEN_READONLY;
    if (mode == Mode::ReadWrite) flags |= SQLITE_OPEN_READWRITE;
    if (mode == Mode::Create) flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    auto database = openWith(name.string(), flags, path);
    if (mode != Mode::ReadOnly || name == kInMemory || whyNotWritable(name).empty()) return database;
    // The first read says whether the log that the file asks for can be had here.
    const Result<std::int64_t> readable =
        database ? (*database)->integer("PRAGMA schema_version") : Result<std::int64_t>(database.error());
    if (readable || (readable.error().code() != Code::Io && readable.error().code() != Code::Refused)) return database;
    if (logBytes(name) > 0)
        return Error(Code::Refused,
            fmt::format("what was recorded last lies in the log beside the project, which cannot be read here; copy "
                        "both to where you may write. File: {}",
                path.string()));
    database = openWith(fixedUri(name), flags | SQLITE_OPEN_URI, path);
    if (database) (*database)->m_isFixed = true;
    return database;
}

Database::~Database() { sqlite3_close_v2(m_handle); }

Error Database::fail(int code, std::string_view doing) const { return sqliteError(m_handle, code, doing); }

Result<Statement> Database::prepare(std::string_view sql) {
    Statement statement;
    const int code =
        sqlite3_prepare_v3(m_handle, sql.data(), static_cast<int>(sql.size()), 0, &statement.m_statement, nullptr);
    if (code != SQLITE_OK) return fail(code, "the query was not understood");
    if (m_limitMs) m_deadlineUs = nowUs() + m_limitMs * 1000;
    return statement;
}

Result<void> Database::execute(std::string_view sql) {
    const int code = sqlite3_exec(m_handle, std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(code, "the project file was not changed");
    return {};
}

Result<std::int64_t> Database::integer(std::string_view sql) {
    DUBITO_TRY(Statement statement, prepare(sql));
    DUBITO_TRY(const bool isRow, statement.step());
    return isRow ? statement.integer(0) : std::int64_t{0};
}

fs::path Database::path() const {
    const char* file = sqlite3_db_filename(m_handle, "main");
    return file ? fs::path(file) : fs::path();
}

Result<std::int64_t> Database::schemaVersion() {
    if (!m_schemaVersion) {
        DUBITO_TRY(m_schemaVersion, integer("PRAGMA user_version"));
    }
    return *m_schemaVersion;
}

std::int64_t Database::lastRowId() const { return sqlite3_last_insert_rowid(m_handle); }
std::int64_t Database::changes() const { return sqlite3_changes64(m_handle); }
void Database::interrupt() { sqlite3_interrupt(m_handle); }
bool Database::inTransaction() const { return sqlite3_get_autocommit(m_handle) == 0; }

void Database::allowOnlySelect() {
    sqlite3_set_authorizer(
        m_handle,
        [](void*, int action, const char*, const char*, const char*, const char*) {
            return action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_FUNCTION ||
                           action == SQLITE_RECURSIVE
                       ? SQLITE_OK
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

Result<Bytes> Database::recordChanges(
    const std::function<Result<void>()>& body, const std::vector<std::string>& tables) {
    constexpr const char* kDoing = "edits cannot be recorded";
    sqlite3_session* session = nullptr;
    if (const int code = sqlite3session_create(m_handle, "main", &session); code != SQLITE_OK)
        return fail(code, kDoing);
    const std::unique_ptr<sqlite3_session, void (*)(sqlite3_session*)> owner(session, &sqlite3session_delete);
    for (const auto& table : tables)
        if (const int code = sqlite3session_attach(session, table.c_str()); code != SQLITE_OK)
            return fail(code, kDoing);
    DUBITO_CHECK(body());
    int bytes = 0;
    void* data = nullptr;
    if (const int code = sqlite3session_changeset(session, &bytes, &data); code != SQLITE_OK) return fail(code, kDoing);
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
    if (code == SQLITE_ABORT)
        return Error(
            Code::WrongState, "a row of table " + conflict + " changed since this edit; it cannot be taken back alone");
    if (code != SQLITE_OK) return fail(code, "the edit could not be applied");
    return {};
}

Result<bool> Database::checkpoint(Checkpoint kind) {
    constexpr int kModes[] = {SQLITE_CHECKPOINT_PASSIVE, SQLITE_CHECKPOINT_RESTART, SQLITE_CHECKPOINT_TRUNCATE};
    int inLog = 0, merged = 0;
    const int code = sqlite3_wal_checkpoint_v2(m_handle, nullptr, kModes[static_cast<int>(kind)], &inLog, &merged);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) return false;
    if (code != SQLITE_OK) return fail(code, "the write-ahead log could not be merged");
    return inLog == merged;
}

void Database::waitForLocks(std::int64_t ms) { sqlite3_busy_timeout(m_handle, static_cast<int>(ms)); }

}  // namespace dubito::store
