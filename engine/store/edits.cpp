// The user's own rows: each intent is one transaction whose changeset takes it back, also after a restart.
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/log.h"
#include "store/writer.h"

namespace dubito::store {
namespace {

constexpr const char* kKeptEdits = "1000";
/// Rows that hang on others come first: taken back after what they hang on, they would be gone already.
const std::vector<std::string> kUserTables = {"run_user", "run_tag", "tag", "note", "folder_run", "folder", "view",
    "report_block", "report_run", "report", "setting"};

/// Key of this installation: edits of other installations are listed but never applied.
Bytes installationKey() {
    const fs::path path = stateHome() / "edit.key";
    if (auto text = readFile(path, 64); text && text->size() == 32) return Bytes(text->begin(), text->end());
    const Sha256 fresh = sha256(asBytes(makeUuid().text() + makeUuid().text()));
    if (auto made = makeFolders(path.parent_path()); !made) logLine(LogLevel::Warn, made.error().text());
    else if (auto kept = writeFileAtomic(path, asText(fresh), 0600); !kept)
        logLine(LogLevel::Warn, kept.error().text());
    return Bytes(fresh.begin(), fresh.end());
}

Bytes macOf(ByteSpan changeset) {
    static const Bytes kKey = installationKey();
    Bytes mac(32);
    unsigned bytes = 32;
    HMAC(EVP_sha256(), kKey.data(), static_cast<int>(kKey.size()), changeset.data(), changeset.size(), mac.data(),
        &bytes);
    return mac;
}

struct StoredEdit {
    std::int64_t number = 0;
    std::string title;
    Bytes changeset, mac;
};

/// The edit that undo or redo comes to next.
Result<std::optional<StoredEdit>> nextEdit(Database& database, bool isUndo) {
    DUBITO_TRY(Statement row, database.prepare(isUndo ? R"(
        SELECT edit_no, title, changeset, mac
        FROM edit
        WHERE undone=0
        ORDER BY edit_no DESC
        LIMIT 1)"
                                                      : R"(
        SELECT edit_no, title, changeset, mac
        FROM edit
        WHERE undone=1
        ORDER BY edit_no
        LIMIT 1)"));
    std::optional<StoredEdit> found;
    DUBITO_CHECK(row.forEach([&] {
        const ByteSpan changeset = row.blob(2), mac = row.blob(3);
        found = StoredEdit{row.integer(0), row.text(1), {changeset.begin(), changeset.end()}, {mac.begin(), mac.end()}};
    }));
    return found;
}

}  // namespace

Result<void> ProjectWriter::inTransaction(const std::function<Result<void>()>& body) {
    DUBITO_CHECK(m_database->execute("BEGIN IMMEDIATE"));
    auto outcome = body();
    if (outcome && !m_database->inTransaction())
        outcome = Error(Code::Io, "the change was taken back by an error of the file. File: " + m_path.string());
    if (outcome) outcome = m_database->execute("COMMIT");
    // COMMIT leaves the transaction open when it fails for a lock; after other errors SQLite has ended it already.
    if (!outcome && m_database->inTransaction())
        if (auto back = m_database->execute("ROLLBACK"); !back) logLine(LogLevel::Error, back.error().text());
    return outcome;
}

Result<void> ProjectWriter::edit(
    std::string_view title, std::string_view command, const std::function<Result<void>(Database&)>& body) {
    if (m_isBatch || m_database->inTransaction())
        return Error(Code::WrongState, "an edit cannot be made inside a batch. File: " + m_path.string());
    // A power cut may take the last batch, which is in its journal still, but never the last edit.
    DUBITO_CHECK(m_database->execute("PRAGMA synchronous=FULL"));
    auto outcome = inTransaction([&]() -> Result<void> {
        DUBITO_TRY(const Bytes changeset, m_database->recordChanges([&] { return body(*m_database); }, kUserTables));
        if (changeset.empty()) return {};
        DUBITO_CHECK(m_database->execute("DELETE FROM edit WHERE undone=1"));
        DUBITO_TRY(Statement insert, m_database->prepare(R"(
            INSERT INTO edit(title, command, time_us, changeset, mac)
            VALUES(?1, ?2, ?3, ?4, ?5))"));
        insert.bind(1, title).bind(2, command).bind(3, nowUs()).bind(4, ByteSpan(changeset));
        DUBITO_CHECK(insert.bind(5, ByteSpan(macOf(changeset))).run());
        return m_database->execute(
            fmt::format("DELETE FROM edit WHERE edit_no <= (SELECT max(edit_no) FROM edit) - {}", kKeptEdits));
    });
    auto normal = m_database->execute("PRAGMA synchronous=NORMAL");
    DUBITO_CHECK(std::move(outcome));
    return normal;
}

Result<std::string> ProjectWriter::moveHistory(bool isUndo) {
    if (m_isBatch || m_database->inTransaction())
        return Error(Code::WrongState, "an edit cannot be taken back inside a batch. File: " + m_path.string());
    DUBITO_TRY(const std::optional<StoredEdit> next, nextEdit(*m_database, isUndo));
    if (!next) return Error(Code::NotFound, isUndo ? "nothing to undo" : "nothing to redo");
    if (next->mac != macOf(next->changeset))
        return Error(Code::Refused, fmt::format("this edit was made on another installation and cannot be {} here",
                                        isUndo ? "taken back" : "repeated"));
    DUBITO_CHECK(m_database->execute("PRAGMA synchronous=FULL"));
    auto outcome = inTransaction([&]() -> Result<void> {
        DUBITO_CHECK(m_database->applyChanges(next->changeset, isUndo));
        return m_database->execute(
            fmt::format("UPDATE edit SET undone={} WHERE edit_no={}", isUndo ? 1 : 0, next->number));
    });
    auto normal = m_database->execute("PRAGMA synchronous=NORMAL");
    DUBITO_CHECK(std::move(outcome));
    DUBITO_CHECK(std::move(normal));
    return next->title;
}

Result<std::string> ProjectWriter::undo() { return moveHistory(true); }
Result<std::string> ProjectWriter::redo() { return moveHistory(false); }

Result<void> ProjectWriter::setSetting(std::string_view key, const Json& value) {
    return edit("Change " + std::string(key), "view only", [&](Database& db) -> Result<void> {
        DUBITO_TRY(Statement put, db.prepare(R"(
            INSERT INTO setting(key, value_json)
            VALUES(?1, ?2)
            ON CONFLICT(key) DO UPDATE SET value_json=excluded.value_json)"));
        return put.bind(1, key).bind(2, jsonText(value)).run();
    });
}

Result<void> ProjectWriter::keepSettings(const std::vector<std::pair<std::string, Json>>& settings) {
    if (m_isBatch || m_database->inTransaction())
        return Error(Code::WrongState, "settings cannot be kept inside a batch. File: " + m_path.string());
    return inTransaction([&]() -> Result<void> {
        DUBITO_TRY(Statement put, m_database->prepare(R"(
            INSERT INTO setting(key, value_json)
            VALUES(?1, ?2)
            ON CONFLICT(key) DO UPDATE SET value_json=excluded.value_json)"));
        DUBITO_TRY(Statement remove, m_database->prepare("DELETE FROM setting WHERE key=?1"));
        for (const auto& [key, value] : settings)
            DUBITO_CHECK(value.is_null() ? remove.bind(1, key).run() : put.bind(1, key).bind(2, jsonText(value)).run());
        return {};
    });
}

}  // namespace dubito::store
