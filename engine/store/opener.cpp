// The schema is data to compare with: a file whose tables differ from the known text is never written or trusted.
#include "store/opener.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "base/ids.h"
#include "store/blobs.h"
#include "store/lock.h"
#include "store/queries.h"

namespace dubito::store {
namespace {

struct SchemaObject {
    std::string table, sql;
    bool operator==(const SchemaObject&) const = default;
};
using SchemaMap = std::map<std::string, SchemaObject>;  // "table run" -> what it is

Result<SchemaMap> readSchema(Database& database) {
    SchemaMap out;
    DUBITO_TRY(Statement rows, database.prepare(R"(
        SELECT type || ' ' || name, tbl_name, coalesce(sql, '')
        FROM sqlite_schema)"));
    DUBITO_CHECK(rows.forEach([&] { out[rows.text(0)] = {rows.text(1), rows.text(2)}; }));
    return out;
}

SchemaMap makeSchema(std::int64_t version) {
    auto memory = Database::open(":memory:", Database::Mode::Create);
    if (!memory) return {};
    for (std::int64_t step = 1; step <= version; ++step)
        if (!(*memory)->execute(schemaStep(step))) return {};
    auto schema = readSchema(**memory);
    return schema ? std::move(*schema) : SchemaMap();
}

const SchemaMap& knownSchema(std::int64_t version) {
    static const std::array<SchemaMap, kSchemaVersion> kKnown = [] {
        std::array<SchemaMap, kSchemaVersion> known;
        for (std::int64_t i = 0; i < kSchemaVersion; ++i) known[static_cast<std::size_t>(i)] = makeSchema(i + 1);
        return known;
    }();
    return kKnown[static_cast<std::size_t>(version - 1)];
}

/// Tables of others: "CREATE TABLE x_..." with columns that are only stored and no say over our rows, and indexes on
/// such tables.
Result<bool> isTableOfOthers(Database& database, const std::string& name, const SchemaObject& object) {
    if (!object.table.starts_with("x_")) return false;
    if (name.starts_with("index ")) return true;
    if (!name.starts_with("table ") || name != "table " + object.table) return false;
    std::string begin = object.sql.substr(0, std::string_view("CREATE TABLE ").size());
    std::transform(begin.begin(), begin.end(), begin.begin(), [](unsigned char c) { return std::toupper(c); });
    if (begin != "CREATE TABLE ") return false;
    DUBITO_TRY(Statement traps, database.prepare(R"(
        SELECT (SELECT count(*) FROM pragma_table_xinfo(?1) WHERE hidden <> 0)
             + (SELECT count(*) FROM pragma_foreign_key_list(?1) WHERE "table" NOT GLOB 'x_*'))"));
    std::int64_t count = 0;
    DUBITO_CHECK(traps.bind(1, object.table).forEach([&] { count = traps.integer(0); }));
    return count == 0;
}

bool isOurStatistics(const std::string& name) { return name == "table sqlite_stat1" || name == "table sqlite_stat4"; }

Result<void> fillProject(Database& database, std::string_view title) {
    for (std::int64_t step = 1; step <= kSchemaVersion; ++step) DUBITO_CHECK(database.execute(schemaStep(step)));
    DUBITO_CHECK(database.execute(
        fmt::format("PRAGMA application_id={}; PRAGMA user_version={};", kApplicationId, kSchemaVersion)));
    DUBITO_TRY(Statement meta, database.prepare("INSERT INTO meta(key, value) VALUES(?1, ?2)"));
    DUBITO_CHECK(meta.bind(1, "project_id").bind(2, makeUuid().text()).run());
    DUBITO_CHECK(meta.bind(1, "title").bind(2, title).run());
    DUBITO_CHECK(meta.bind(1, "created_us").bind(2, nowUs()).run());
    DUBITO_CHECK(meta.bind(1, "app").bind(2, "Dubito " DUBITO_VERSION).run());
    return meta.bind(1, "clean_close").bind(2, 1).run();
}

Result<void> makeProject(const fs::path& path, std::string_view title) {
    DUBITO_TRY(auto database, Database::open(path, Database::Mode::Create));
    DUBITO_CHECK(database->execute("PRAGMA page_size=8192; PRAGMA journal_mode=DELETE;"));
    DUBITO_CHECK(database->execute("BEGIN IMMEDIATE"));
    DUBITO_CHECK(fillProject(*database, title));
    return database->execute("COMMIT");
}

bool isThere(const fs::path& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0;
}

}  // namespace

Result<void> createProject(const fs::path& path, std::string_view title) {
    if (isThere(path)) return Error(Code::WrongState, "a file of that name exists already. File: " + path.string());
    for (const char* suffix : {"-wal", "-shm", "-journal"})
        if (const fs::path side = path.string() + suffix; isThere(side))
            return Error(Code::WrongState,
                "a file that belongs to another project of this name is left over; move it away. File: " +
                    side.string());
    if (path.has_parent_path()) DUBITO_CHECK(makeFolders(path.parent_path()));
    auto made = makeProject(path, title);
    // What is left is no project; the next try would find it in its way.
    if (!made) ::unlink(path.c_str());
    return made;
}

Result<std::int64_t> checkProject(Database& database, const fs::path& path) {
    DUBITO_TRY(const std::int64_t id, database.integer("PRAGMA application_id"));
    if (id != kApplicationId) return Error(Code::CorruptData, "this is not a Dubito project. File: " + path.string());
    DUBITO_TRY(const std::int64_t version, database.integer("PRAGMA user_version"));
    if (version > kSchemaVersion)
        return Error(Code::Unsupported,
            fmt::format("the project has schema {}, made by a newer Dubito; this one knows schema {}. File: {}",
                version, kSchemaVersion, path.string()));
    if (version < 1)
        return Error(Code::CorruptData,
            fmt::format("the project has no valid schema number ({}). File: {}", version, path.string()));
    DUBITO_TRY(const SchemaMap schema, readSchema(database));
    const SchemaMap& known = knownSchema(version);
    if (known.empty()) return Error(Code::Internal, "the schema of this program cannot be made in memory");
    for (const auto& [name, object] : known) {
        const auto found = schema.find(name);
        if (found == schema.end() || found->second != object)
            return Error(Code::Refused,
                fmt::format("the project's schema was altered at {}; it is not opened. File: {}", name, path.string()));
    }
    for (const auto& [name, object] : schema) {
        if (known.contains(name) || isOurStatistics(name)) continue;
        DUBITO_TRY(const bool isHarmless, isTableOfOthers(database, name, object));
        if (!isHarmless)
            return Error(Code::Refused,
                fmt::format("the project holds a foreign {}; it is not opened. File: {}", name, path.string()));
    }
    return version;
}

Result<void> copyWhole(Database& database, const fs::path& path) {
    if (isThere(path)) return Error(Code::WrongState, "a file of that name exists already. File: " + path.string());
    if (path.has_parent_path()) DUBITO_CHECK(makeFolders(path.parent_path()));
    // A reader's connection may not write here either, except to the new file.
    DUBITO_TRY(const std::int64_t mayOnlyRead, database.integer("PRAGMA query_only"));
    if (mayOnlyRead) DUBITO_CHECK(database.execute("PRAGMA query_only=OFF"));
    const auto copy = [&]() -> Result<void> {
        DUBITO_TRY(Statement into, database.prepare("VACUUM INTO ?1"));
        DUBITO_CHECK(into.bind(1, path.string()).run());
        DUBITO_TRY(auto made, Database::open(path, Database::Mode::ReadWrite));
        DUBITO_TRY([[maybe_unused]] const std::int64_t version, checkProject(*made, path));
        DUBITO_CHECK(made->execute("DELETE FROM owner"));
        DUBITO_CHECK(copyBlobs(*made, database.path(), made->path()));
        return made->execute("UPDATE meta SET value=1 WHERE key='clean_close'");
    };
    auto outcome = copy();
    if (!outcome) ::unlink(path.c_str());
    if (mayOnlyRead) DUBITO_CHECK(database.execute("PRAGMA query_only=ON"));
    return outcome;
}

Result<std::unique_ptr<Database>> openReadOnly(const fs::path& path) {
    DUBITO_TRY(auto database, Database::open(path, Database::Mode::ReadOnly));
    DUBITO_TRY([[maybe_unused]] const std::int64_t version, checkProject(*database, path));
    return database;
}

Result<void> checkLogIsThere(Database& database, const fs::path& project, bool needsLog, std::uint64_t bytesOfLog) {
    if (!needsLog || bytesOfLog > 0) return {};
    DUBITO_TRY(const std::int64_t clean, database.integer("SELECT value FROM meta WHERE key='clean_close'"));
    if (clean == 1) return {};
    return Error(Code::Refused,
        fmt::format(
            "the project was not closed cleanly and its log ({}-wal) is missing: what was recorded last is lost, "
            "or lies beside another name of the file. Bring the log here, or go on without it by 'dubito check "
            "--forget-log FILE'. File: {}",
            project.filename().string(), project.string()));
}

Result<void> forgetLog(const fs::path& path) {
    DUBITO_TRY(const ProjectLock lock, ProjectLock::take(path));
    DUBITO_TRY(const bool needsLog, lock.needsLog());
    const std::uint64_t bytesOfLog = logBytes(lock.path());
    DUBITO_TRY(auto database, Database::open(lock.path(), Database::Mode::ReadWrite));
    DUBITO_CHECK(lock.isUnmoved());
    DUBITO_TRY([[maybe_unused]] const std::int64_t version, checkProject(*database, lock.path()));
    if (checkLogIsThere(*database, lock.path(), needsLog, bytesOfLog))
        return Error(Code::WrongState, "no log of this project is missing. File: " + lock.path().string());
    DUBITO_TRY(const auto faults, checkContent(*database, true));
    if (!faults.empty())
        return Error(Code::CorruptData, fmt::format("the project is not whole without its log: {}. File: {}",
                                            faults.front(), lock.path().string()));
    DUBITO_CHECK(database->execute("PRAGMA journal_mode=DELETE"));
    return database->execute("UPDATE meta SET value=1 WHERE key='clean_close'");
}

}  // namespace dubito::store
