// RAII over SQLite: the only file pair that includes sqlite3.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"
#include "base/files.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace dubito::store {

/// A prepared statement. Bind from 1, read columns from 0. Values read stay valid until the next step() or reset().
/// Errors of every call, COMMIT and ROLLBACK included: "the disk is full" and other I/O are Io, another program's lock
/// is Owned, a broken constraint is Internal, bytes that are no database are CorruptData. The sentence ends with the
/// file.
class Statement {
public:
    Statement() = default;
    Statement(Statement&& other) noexcept { *this = std::move(other); }
    Statement& operator=(Statement&& other) noexcept {
        std::swap(m_statement, other.m_statement);
        std::swap(m_bindCode, other.m_bindCode);
        return *this;
    }
    ~Statement();

    Statement& bind(int at, std::int64_t value);
    Statement& bind(int at, int value) { return bind(at, std::int64_t{value}); }
    Statement& bind(int at, double value);  ///< NaN is stored as NULL
    Statement& bind(int at, std::string_view text);
    Statement& bind(int at, const char* text) { return bind(at, std::string_view(text)); }
    Statement& bind(int at, const std::string& text) { return bind(at, std::string_view(text)); }
    Statement& bind(int at, ByteSpan blob);
    Statement& bindNull(int at);
    template <class T>
    Statement& bind(int at, const std::optional<T>& value) {
        return value ? bind(at, *value) : bindNull(at);
    }

    /// True: a row is there; false: there are no more. @error as SQLite reports; also a bind() that failed
    Result<bool> step();
    /// Calls `body` once a row, then resets the statement, also after an error. `body` returns void or Result<void>.
    /// @error of SQLite or of the body, whichever comes first
    template <class F>
    Result<void> forEach(F&& body) {
        auto outcome = walk(body);
        reset();
        return outcome;
    }
    /// Runs a statement without rows and resets it, also after an error. @error as SQLite reports
    Result<void> run();
    void reset();

    std::int64_t integer(int column) const;
    double real(int column) const;  ///< NULL reads as NaN
    std::string text(int column) const;
    ByteSpan blob(int column) const;
    bool isNull(int column) const;
    int columns() const;
    std::string columnName(int column) const;
    std::optional<std::int64_t> optionalInteger(int column) const;

private:
    friend class Database;
    template <class F>
    Result<void> walk(F& body) {
        for (;;) {
            DUBITO_TRY(const bool isRow, step());
            if (!isRow) return {};
            if constexpr (std::is_void_v<std::invoke_result_t<F&>>) body();
            else DUBITO_CHECK(body());
        }
    }
    void keep(int bindCode);

    sqlite3_stmt* m_statement = nullptr;
    int m_bindCode = 0;  ///< first bind() that failed since the last reset; step() reports it
};

class Database {
public:
    enum class Mode { ReadOnly, ReadWrite, Create };
    /// Opens with every guard on: canonical name, nothing foreign beside the file, defensive, no trusted schema, cell
    /// checks, no mmap, row limits. Never merges or removes the log by itself. Where a reader cannot make the log that
    /// the file asks for, and there is none, the file is read as one that nobody changes: isFixed().
    /// @error NotFound, CorruptData (a folder), Refused (links beside the file), Io
    static Result<std::unique_ptr<Database>> open(const fs::path& path, Mode mode);
    ~Database();
    Database(const Database&) = delete;
    bool isFixed() const { return m_isFixed; }  ///< what others write to the file is not seen
    /// A number that is another one after any other connection has changed the file. @error as SQLite reports
    Result<std::int64_t> dataVersion() { return integer("PRAGMA data_version"); }

    Result<Statement> prepare(std::string_view sql);
    Result<void> execute(std::string_view sql);          ///< one or more statements without rows
    Result<std::int64_t> integer(std::string_view sql);  ///< first column of the first row; 0 when there is none
    /// user_version, read once a connection. @error as SQLite reports
    Result<std::int64_t> schemaVersion();
    fs::path path() const;  ///< canonical; empty in memory
    std::int64_t lastRowId() const;
    std::int64_t changes() const;
    void interrupt();  ///< [any]: running queries end with Cancelled
    bool inTransaction() const;

    /// SELECT only: no ATTACH, PRAGMA, writes. For SQL typed by people.
    void allowOnlySelect();
    /// Interrupts every statement that runs longer than this.
    void limitTime(std::int64_t ms);

    /// Records changes of the tables `body` writes. @return the changeset (empty when nothing changed).
    Result<Bytes> recordChanges(const std::function<Result<void>()>& body, const std::vector<std::string>& tables);
    /// Applies a changeset, inverted if asked. @error WrongState naming the table when a row changed since
    Result<void> applyChanges(ByteSpan changeset, bool inverted);

    /// Passive merges what it can without waiting; Restart waits for readers, so that the log begins anew with the next
    /// change; Truncate also cuts it to nothing.
    enum class Checkpoint { Passive, Restart, Truncate };
    /// @return true when the whole log was merged, false when a reader or a lock holds it up: asking again later may
    /// do.
    /// @error Io and as SQLite reports
    Result<bool> checkpoint(Checkpoint kind);
    /// How long later calls wait for the locks of others; 5 s at first.
    void waitForLocks(std::int64_t ms);

private:
    explicit Database(sqlite3* handle) : m_handle(handle) {}
    Error fail(int code, std::string_view doing) const;
    sqlite3* m_handle;
    std::optional<std::int64_t> m_schemaVersion;
    static Result<std::unique_ptr<Database>> openWith(const std::string& name, int flags, const fs::path& path);
    std::int64_t m_deadlineUs = 0, m_limitMs = 0;
    bool m_isFixed = false;
    static int onProgress(void* self);
};

std::string sqliteVersion();

}  // namespace dubito::store
