// Keys are ids, never numbers, so that an edit means the same run in a copy of the project.
#include "store/user_rows.h"

#include <algorithm>

#include "base/json.h"

namespace dubito::store {
namespace {

constexpr std::size_t kMostTitle = 200, kMostNote = 64 << 10;
constexpr int kNoteOfRun = 0;

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

Result<RunId> idOf(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement row, db.prepare("SELECT id FROM run WHERE run_no=?1"));
    row.bind(1, runNo);
    DUBITO_TRY(const bool isThere, row.step());
    RunId out;
    if (!isThere || row.blob(0).size() != out.bytes.size())
        return Error(Code::NotFound, "there is no run " + std::to_string(runNo));
    const ByteSpan bytes = row.blob(0);
    std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
    return out;
}

/// The tag of this name, made where there is none.
Result<Uuid> tagNamed(Database& db, const std::string& name) {
    if (name.empty()) return Error(Code::InvalidArgument, "a tag needs a name");
    if (name.size() > 4 * kMostTitle) return Error(Code::InvalidArgument, "the name of the tag is too long");
    DUBITO_TRY(Statement row, db.prepare("SELECT id FROM tag WHERE name=?1"));
    row.bind(1, name);
    DUBITO_TRY(const bool isThere, row.step());
    Uuid tag = makeUuid();
    if (isThere && row.blob(0).size() == tag.bytes.size()) {
        const ByteSpan bytes = row.blob(0);
        std::copy(bytes.begin(), bytes.end(), tag.bytes.begin());
        return tag;
    }
    DUBITO_TRY(Statement put, db.prepare("INSERT INTO tag(id, name) VALUES(?1, ?2)"));
    DUBITO_CHECK(put.bind(1, ByteSpan(tag.bytes)).bind(2, name).run());
    return tag;
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

Result<void> toggleBaseline(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement before,
        db.prepare(
            "SELECT coalesce(u.baseline, 0) FROM run r LEFT JOIN run_user u ON u.run_id=r.id WHERE r.run_no=?1"));
    before.bind(1, runNo);
    DUBITO_TRY(const bool isThere, before.step());
    const bool wasIt = isThere && before.integer(0) != 0;
    DUBITO_CHECK(db.execute("UPDATE run_user SET baseline=0 WHERE baseline<>0"));
    DUBITO_TRY(Statement put, prepareUserColumn(db, "baseline"));
    put.bind(1, runNo).bind(2, wasIt ? 0 : 1);
    DUBITO_CHECK(put.run());
    return checkChanged(db, runNo);
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

Result<void> setNote(Database& db, std::int64_t runNo, std::string_view text) {
    if (text.size() > kMostNote) return Error(Code::Limit, "a note may have 64 KiB");
    DUBITO_TRY(const RunId run, idOf(db, runNo));
    if (text.empty()) {
        DUBITO_TRY(Statement remove, db.prepare("DELETE FROM note WHERE target_id=?1 AND anchor_json IS NULL"));
        return remove.bind(1, ByteSpan(run.bytes)).run();
    }
    DUBITO_TRY(Statement update, db.prepare(R"(
        UPDATE note
        SET body_md=?2, edited_us=?3
        WHERE target_id=?1 AND anchor_json IS NULL)"));
    update.bind(1, ByteSpan(run.bytes)).bind(2, text).bind(3, nowUs());
    DUBITO_CHECK(update.run());
    if (db.changes() > 0) return {};
    DUBITO_TRY(Statement put, db.prepare(R"(
        INSERT INTO note(id, target_kind, target_id, body_md, created_us, edited_us)
        VALUES(?1, ?2, ?3, ?4, ?5, ?5))"));
    put.bind(1, ByteSpan(makeUuid().bytes)).bind(2, kNoteOfRun).bind(3, ByteSpan(run.bytes));
    return put.bind(4, text).bind(5, nowUs()).run();
}

Result<void> changeTags(Database& db, const std::vector<std::int64_t>& runNos, const std::vector<std::string>& add,
    const std::vector<std::string>& remove) {
    DUBITO_TRY(Statement put, db.prepare(R"(
        INSERT INTO run_tag(run_id, tag_id)
        VALUES(?1, ?2)
        ON CONFLICT(run_id, tag_id) DO NOTHING)"));
    DUBITO_TRY(Statement take, db.prepare(R"(
        DELETE FROM run_tag
        WHERE run_id=?1 AND tag_id IN (SELECT id FROM tag WHERE name=?2))"));
    std::vector<Uuid> added;
    for (const std::string& name : add) {
        DUBITO_TRY(const Uuid tag, tagNamed(db, name));
        added.push_back(tag);
    }
    for (const std::int64_t runNo : runNos) {
        DUBITO_TRY(const RunId run, idOf(db, runNo));
        for (const Uuid& tag : added) DUBITO_CHECK(put.bind(1, ByteSpan(run.bytes)).bind(2, ByteSpan(tag.bytes)).run());
        for (const std::string& name : remove) DUBITO_CHECK(take.bind(1, ByteSpan(run.bytes)).bind(2, name).run());
    }
    return db.execute("DELETE FROM tag WHERE id NOT IN (SELECT tag_id FROM run_tag)");
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
