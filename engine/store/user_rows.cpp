// Keys are ids, never numbers, so that an edit means the same run in a copy of the project.
#include "store/user_rows.h"

#include "base/json.h"

namespace dubito::store {
namespace {

constexpr std::size_t kMostTitle = 200;

/// `column` is a name written in this file.
Result<Statement> prepareUserColumn(Database& db, const std::string& column) {
    return db.prepare("INSERT INTO run_user(run_id, " + column +
                      ") SELECT id, ?2 FROM run WHERE run_no=?1 ON CONFLICT(run_id) DO UPDATE SET " + column +
                      "=excluded." + column);
}

Result<void> checkChanged(const Database& db, std::int64_t runNo) {
    if (db.changes() > 0) return {};
    return Error(Code::NotFound, "there is no run " + std::to_string(runNo));
}

std::string bodyOf(const SavedView& view) { return jsonText({{"filter", view.filter}}); }

}  // namespace

Result<void> setRunTitle(Database& db, std::int64_t runNo, std::string_view title) {
    DUBITO_TRY(Statement put, prepareUserColumn(db, "title"));
    put.bind(1, runNo).bind(2, title);
    DUBITO_CHECK(put.run());
    return checkChanged(db, runNo);
}

Result<void> setStar(Database& db, const std::vector<std::int64_t>& runNos, bool isStarred) {
    for (const std::int64_t runNo : runNos) {
        DUBITO_TRY(Statement put, prepareUserColumn(db, "star"));
        put.bind(1, runNo).bind(2, isStarred ? 1 : 0);
        DUBITO_CHECK(put.run());
        DUBITO_CHECK(checkChanged(db, runNo));
    }
    return {};
}

Result<void> toggleStar(Database& db, const std::vector<std::int64_t>& runNos) {
    bool areAll = true;
    for (const std::int64_t runNo : runNos) {
        DUBITO_TRY(Statement star,
            db.prepare(
                "SELECT coalesce(u.star, 0) FROM run r LEFT JOIN run_user u ON u.run_id=r.id WHERE r.run_no=?1"));
        star.bind(1, runNo);
        DUBITO_TRY(const bool isThere, star.step());
        areAll &= isThere && star.integer(0) != 0;
    }
    return setStar(db, runNos, !areAll);
}

Result<void> setDeleted(Database& db, const std::vector<std::int64_t>& runNos, std::optional<std::int64_t> atUs) {
    for (const std::int64_t runNo : runNos) {
        DUBITO_TRY(Statement put, prepareUserColumn(db, "deleted_us"));
        put.bind(1, runNo).bind(2, atUs);
        DUBITO_CHECK(put.run());
        DUBITO_CHECK(checkChanged(db, runNo));
    }
    return {};
}

Result<void> putView(Database& db, const SavedView& view) {
    if (view.title.empty()) return Error(Code::InvalidArgument, "a view needs a name");
    if (view.title.size() > 4 * kMostTitle || view.filter.size() > (1 << 16))
        return Error(Code::InvalidArgument, "the name or the filter of the view is too long");
    DUBITO_TRY(Statement put, db.prepare(R"(
        INSERT INTO view(id, kind, title, body_json, edited_us)
        VALUES(?1, 'runs', ?2, ?3, ?4)
        ON CONFLICT(id) DO UPDATE SET title=excluded.title, body_json=excluded.body_json,
            edited_us=excluded.edited_us)"));
    put.bind(1, ByteSpan(view.id.bytes)).bind(2, view.title).bind(3, bodyOf(view)).bind(4, nowUs());
    return put.run();
}

Result<void> removeView(Database& db, const Uuid& id) {
    DUBITO_TRY(Statement remove, db.prepare("DELETE FROM view WHERE id=?1 AND kind='runs'"));
    remove.bind(1, ByteSpan(id.bytes));
    DUBITO_CHECK(remove.run());
    if (db.changes() > 0) return {};
    return Error(Code::NotFound, "there is no such view any more");
}

}  // namespace dubito::store
