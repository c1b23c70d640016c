// What was said stands in records of the key chat/turn: "text" of a person, "answer" of the model at its end.
#include "store/conversations.h"

#include "base/json.h"
#include "store/sql_text.h"

namespace dubito::store {
namespace {

constexpr std::size_t kMostTitle = 200;

/// "?2,?3,..." for as many values as there are ids.
std::string placesFrom(int first, std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += (i ? ",?" : "?") + std::to_string(first + static_cast<int>(i));
    return out;
}

/// A member of a record's meta, which may be no JSON at all.
std::string member(const char* name) {
    return std::string("CASE WHEN json_valid(rec.meta_json) THEN json_extract(rec.meta_json, '$.") + name + "') END";
}

void bindAll(Statement& statement, int first, const std::vector<std::string>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) statement.bind(first + static_cast<int>(i), values[i]);
}

/// Condition on `run r`: plugins are bound from ?`first` on. Runs of earlier versions have a parameter "task".
std::string talks(int first, std::size_t plugins) {
    return "r.config_no IN (SELECT c.config_no FROM config c JOIN plugin p USING(plugin_no) WHERE p.id IN (" +
           placesFrom(first, plugins) + R"())
        AND NOT EXISTS (
            SELECT 1
            FROM param t JOIN name n USING(name_no)
            WHERE t.config_no=r.config_no AND n.text='task' AND t.txt<>'chat')
        AND NOT EXISTS (
            SELECT 1
            FROM run_user d
            WHERE d.run_id=r.id AND d.deleted_us IS NOT NULL))";
}

Result<Uuid> folderNamed(Database& db, std::string_view title) {
    DUBITO_TRY(Statement find, db.prepare("SELECT id FROM folder WHERE title=?1 ORDER BY id LIMIT 1"));
    find.bind(1, title);
    DUBITO_TRY(const bool isThere, find.step());
    if (isThere) {
        const ByteSpan id = find.blob(0);
        if (id.size() != sizeof(Uuid::bytes)) return Error(Code::CorruptData, "a folder has no id");
        Uuid out;
        std::copy(id.begin(), id.end(), out.bytes.begin());
        return out;
    }
    const Uuid made = makeUuid();
    DUBITO_TRY(Statement put, db.prepare("INSERT INTO folder(id, title, position) VALUES(?1, ?2, 0)"));
    put.bind(1, ByteSpan(made.bytes)).bind(2, title);
    DUBITO_CHECK(put.run());
    return made;
}

}  // namespace

Result<std::vector<ConversationRow>> queryConversations(
    Database& db, const std::vector<std::string>& pluginIds, std::int64_t limit) {
    std::vector<ConversationRow> out;
    if (pluginIds.empty()) return out;
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT
            r.run_no, r.created_us, r.state, coalesce(u.star, 0),
            coalesce(f.title, ''),
            coalesce((
                SELECT substr()" + member("text") +
                                          R"(, 1, 200)
                FROM series s
                    JOIN name n USING(name_no)
                    JOIN record rec USING(series_no)
                WHERE s.run_no=r.run_no AND n.text='chat/turn' AND )" +
                                          member("role") + R"(='user'
                ORDER BY rec.record_no
                LIMIT 1), '')
        FROM run r
            LEFT JOIN run_user u ON u.run_id=r.id
            LEFT JOIN folder f ON f.id=(SELECT min(m.folder_id) FROM folder_run m WHERE m.run_id=r.id)
        WHERE )" + talks(2, pluginIds.size()) +
                                          R"(
        ORDER BY r.run_no DESC
        LIMIT ?1)"));
    rows.bind(1, limit);
    bindAll(rows, 2, pluginIds);
    DUBITO_CHECK(rows.forEach([&] {
        ConversationRow row;
        row.runNo = rows.integer(0);
        row.createdUs = rows.integer(1);
        row.state = static_cast<int>(rows.integer(2));
        row.star = rows.integer(3) != 0;
        row.folder = rows.text(4);
        row.firstTurn = rows.text(5);
        out.push_back(std::move(row));
    }));
    for (ConversationRow& row : out) {
        DUBITO_TRY(const auto run, findRun(db, row.runNo));
        if (run) row.name = run->name();
    }
    return out;
}

Result<std::vector<SaidRow>> searchConversations(
    Database& db, const std::vector<std::string>& pluginIds, std::string_view text, std::int64_t limit) {
    std::vector<SaidRow> out;
    if (pluginIds.empty() || text.empty()) return out;
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT run_no, node, substr(said, max(1, instr(lower(said), lower(?2)) - 40), 160)
        FROM (
            SELECT
                r.run_no, rec.record_no, )" +
                                          member("node") + R"( AS node,
                CASE )" + member("name") + " WHEN 'end' THEN " +
                                          member("answer") + " ELSE " + member("text") + R"(
                END AS said
            FROM run r
                JOIN series s USING(run_no)
                JOIN name n USING(name_no)
                JOIN record rec USING(series_no)
            WHERE n.text='chat/turn' AND )" +
                                          talks(4, pluginIds.size()) + R"()
        WHERE said LIKE ?3 ESCAPE '\' AND typeof(node)='integer'
        ORDER BY record_no DESC
        LIMIT ?1)"));
    rows.bind(1, limit).bind(2, text).bind(3, containsPattern(text));
    bindAll(rows, 4, pluginIds);
    DUBITO_CHECK(rows.forEach([&] { out.push_back({rows.integer(0), rows.integer(1), rows.text(2)}); }));
    return out;
}

Result<std::vector<std::string>> queryFolders(Database& db) {
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT DISTINCT f.title
        FROM folder f JOIN folder_run m ON m.folder_id=f.id
        ORDER BY f.title)"));
    std::vector<std::string> out;
    DUBITO_CHECK(rows.forEach([&] { out.push_back(rows.text(0)); }));
    return out;
}

Result<void> setFolder(Database& db, const std::vector<std::int64_t>& runNos, std::string_view title) {
    if (title.size() > 4 * kMostTitle)
        return Error(Code::InvalidArgument, "the name of a folder has at most 200 characters");
    std::optional<Uuid> folder;
    if (!title.empty()) {
        DUBITO_TRY(folder, folderNamed(db, title));
    }
    for (const std::int64_t runNo : runNos) {
        DUBITO_TRY(const auto run, findRun(db, runNo));
        if (!run) return Error(Code::NotFound, "there is no run " + std::to_string(runNo));
        DUBITO_TRY(Statement out, db.prepare("DELETE FROM folder_run WHERE run_id=?1"));
        DUBITO_CHECK(out.bind(1, ByteSpan(run->id.bytes)).run());
        if (!folder) continue;
        DUBITO_TRY(Statement in, db.prepare("INSERT INTO folder_run(folder_id, run_id) VALUES(?1, ?2)"));
        in.bind(1, ByteSpan(folder->bytes)).bind(2, ByteSpan(run->id.bytes));
        DUBITO_CHECK(in.run());
    }
    return db.execute("DELETE FROM folder WHERE query_json IS NULL AND id NOT IN (SELECT folder_id FROM folder_run)");
}

}  // namespace dubito::store
