// What a project says of itself: counters, settings, edits, and SQL typed by a person.
#include "store/queries.h"

namespace dubito::store {

Result<std::int64_t> queryCounter(Database& db, std::string_view name) {
    DUBITO_TRY(Statement row, db.prepare("SELECT n FROM counter WHERE name=?1"));
    std::int64_t n = 0;
    row.bind(1, name);
    DUBITO_CHECK(row.forEach([&] { n = row.integer(0); }));
    return n;
}

Result<std::map<std::string, std::string>> queryMeta(Database& db) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT key, value FROM meta"));
    std::map<std::string, std::string> out;
    DUBITO_CHECK(rows.forEach([&] { out[rows.text(0)] = rows.text(1); }));
    return out;
}

Result<Json> querySetting(Database& db, std::string_view key) {
    DUBITO_TRY(Statement row, db.prepare("SELECT value_json FROM setting WHERE key=?1"));
    std::optional<std::string> text;
    row.bind(1, key);
    DUBITO_CHECK(row.forEach([&] { text = row.text(0); }));
    if (!text) return Json();
    return parseJson(*text);
}

Result<std::vector<EditRow>> queryEdits(Database& db) {
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT title, command, time_us, undone
        FROM edit
        ORDER BY edit_no DESC
        LIMIT 1000)"));
    std::vector<EditRow> out;
    DUBITO_CHECK(rows.forEach([&] {
        out.push_back({rows.text(0), rows.text(1), rows.integer(2), rows.integer(3) != 0});
    }));
    return out;
}

Result<TextTable> selectText(Database& db, std::string_view sql, std::size_t maxRows) {
    DUBITO_TRY(Statement rows, db.prepare(sql));
    TextTable table;
    for (int i = 0; i < rows.columns(); ++i) table.columns.push_back(rows.columnName(i));
    for (;;) {
        DUBITO_TRY(const bool isRow, rows.step());
        if (!isRow) return table;
        if (table.rows.size() >= maxRows) {
            table.truncated = true;
            return table;
        }
        std::vector<std::string> cells;
        for (int i = 0; i < rows.columns(); ++i) cells.push_back(rows.text(i));
        table.rows.push_back(std::move(cells));
    }
}

}  // namespace dubito::store
