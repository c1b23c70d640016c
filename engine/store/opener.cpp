// The schema is data to compare with: a file whose tables differ from the known text is never written and never trusted.
#include "store/opener.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <map>
#include <mutex>

#include "base/ids.h"
#include "store/schema_sql.h"

namespace dubito::store {
namespace {

using SchemaMap = std::map<std::string, std::string>;

Result<SchemaMap> readSchema(Database& database) {
    SchemaMap out;
    DUBITO_TRY(Statement rows, database.prepare("SELECT type||' '||name, coalesce(sql,'') FROM sqlite_schema"));
    DUBITO_CHECK(rows.forEach([&] { out[rows.text(0)] = rows.text(1); }));
    return out;
}

const SchemaMap& knownSchema() {
    static const SchemaMap kKnown = [] {
        SchemaMap known;
        if (auto memory = Database::open(":memory:", Database::Mode::Create); memory && (*memory)->execute(kSchemaSql))
            if (auto schema = readSchema(**memory)) known = *schema;
        return known;
    }();
    return kKnown;
}

}  // namespace

Result<void> createProject(const fs::path& path, std::string_view title) {
    std::error_code error;
    if (fs::exists(path, error)) return Error(Code::WrongState, "a file of that name exists already. File: " + path.string());
    if (path.has_parent_path()) DUBITO_CHECK(makeFolders(path.parent_path()));
    DUBITO_TRY(auto database, Database::open(path, Database::Mode::Create));
    DUBITO_CHECK(database->execute("PRAGMA page_size=8192; PRAGMA journal_mode=DELETE;"));
    DUBITO_CHECK(database->execute("BEGIN IMMEDIATE"));
    DUBITO_CHECK(database->execute(kSchemaSql));
    DUBITO_CHECK(database->execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={};", kApplicationId, kSchemaVersion)));
    DUBITO_TRY(Statement meta, database->prepare("INSERT INTO meta(key, value) VALUES(?1, ?2)"));
    DUBITO_CHECK(meta.bind(1, "project_id").bind(2, makeUuid().text()).run());
    DUBITO_CHECK(meta.bind(1, "title").bind(2, title).run());
    DUBITO_CHECK(meta.bind(1, "created_us").bind(2, nowUs()).run());
    DUBITO_CHECK(meta.bind(1, "app").bind(2, "Dubito " DUBITO_VERSION).run());
    DUBITO_CHECK(meta.bind(1, "clean_close").bind(2, 1).run());
    return database->execute("COMMIT");
}

Result<void> checkProject(Database& database, const fs::path& path) {
    DUBITO_TRY(const std::int64_t id, database.integer("PRAGMA application_id"));
    if (id != kApplicationId) return Error(Code::CorruptData, "this is not a Dubito project. File: " + path.string());
    DUBITO_TRY(const std::int64_t version, database.integer("PRAGMA user_version"));
    if (version > kSchemaVersion)
        return Error(Code::Unsupported, fmt::format("the project has schema {}, made by a newer Dubito; this one knows schema {}. File: {}", version,
                                                    kSchemaVersion, path.string()));
    if (version != kSchemaVersion) return Error(Code::CorruptData, fmt::format("the project has no valid schema number ({}). File: {}", version, path.string()));
    DUBITO_TRY(const SchemaMap schema, readSchema(database));
    for (const auto& [name, sql] : knownSchema()) {
        const auto found = schema.find(name);
        if (found == schema.end() || found->second != sql)
            return Error(Code::Refused, fmt::format("the project's schema was altered at {}; it is not opened. File: {}", name, path.string()));
    }
    for (const auto& [name, sql] : schema) {
        if (knownSchema().contains(name) || name.starts_with("table x_") || name.starts_with("table sqlite_stat") || name.starts_with("index x_")) continue;
        return Error(Code::Refused, fmt::format("the project holds a foreign {}; it is not opened. File: {}", name, path.string()));
    }
    return {};
}

Result<std::unique_ptr<Database>> openReadOnly(const fs::path& path) {
    DUBITO_TRY(auto database, Database::open(path, Database::Mode::ReadOnly));
    DUBITO_CHECK(checkProject(*database, path));
    return database;
}

}  // namespace dubito::store
