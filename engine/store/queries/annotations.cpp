// What the user wrote of runs, and the names that a filter knows.
#include "store/filter.h"
#include "store/queries.h"

namespace dubito::store {
namespace {

Result<void> addTexts(Database& db, std::string_view sql, std::int64_t number, std::vector<std::string>& out) {
    DUBITO_TRY(Statement rows, db.prepare(sql));
    rows.bind(1, number);
    return rows.forEach([&] { out.push_back(rows.text(0)); });
}

}  // namespace

Result<std::vector<std::string>> queryFilterKeys(Database& db, std::int64_t limit) {
    std::vector<std::string> out;
    for (const std::string_view field : filterFields()) out.emplace_back(field);
    DUBITO_CHECK(addTexts(db, R"(
        SELECT 'params.' || n.text
        FROM name n
        WHERE EXISTS(SELECT 1 FROM param q WHERE q.name_no=n.name_no)
        ORDER BY n.text
        LIMIT ?1)",
        limit, out));
    DUBITO_TRY(const auto metrics, queryMetricNames(db, limit));
    out.insert(out.end(), metrics.begin(), metrics.end());
    return out;
}

Result<std::vector<std::string>> queryMetricNames(Database& db, std::int64_t limit) {
    std::vector<std::string> out;
    DUBITO_CHECK(addTexts(db, R"(
        SELECT n.text
        FROM name n
        WHERE EXISTS(SELECT 1 FROM latest l WHERE l.name_no=n.name_no)
        ORDER BY n.text
        LIMIT ?1)",
        limit, out));
    return out;
}

Result<std::string> queryNote(Database& db, std::int64_t runNo) {
    std::vector<std::string> notes;
    DUBITO_CHECK(addTexts(db, R"(
        SELECT e.body_md
        FROM run r JOIN note e ON e.target_id=r.id
        WHERE r.run_no=?1 AND e.anchor_json IS NULL
        ORDER BY e.created_us
        LIMIT 1)",
        runNo, notes));
    return notes.empty() ? std::string() : std::move(notes.front());
}

Result<std::vector<std::string>> queryTags(Database& db, std::int64_t runNo) {
    std::vector<std::string> tags;
    DUBITO_CHECK(addTexts(db, R"(
        SELECT g.name
        FROM run r JOIN run_tag x ON x.run_id=r.id JOIN tag g ON g.id=x.tag_id
        WHERE r.run_no=?1
        ORDER BY g.name)",
        runNo, tags));
    return tags;
}

}  // namespace dubito::store
