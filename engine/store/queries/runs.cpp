// The run table: rows, order, filter, and the run that a person means by a few letters.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <utility>

#include "base/hash.h"
#include "store/filter.h"
#include "store/queries.h"
#include "store/sql_text.h"

namespace dubito::store {
namespace {

constexpr int kFirstFinalState = 5;  // done, failed, cancelled: order of the states in run/run_state.h
/// What a run worked; a project of another program may say nothing of its attempts.
constexpr std::string_view kWorked =
    "coalesce((SELECT sum(a.ended_us - a.started_us) FROM attempt a WHERE a.run_no=r.run_no), r.ended_us - "
    "r.started_us)";
constexpr std::string_view kRunColumns = R"(
    SELECT
        r.run_no, r.id, coalesce(u.title, ''), r.system, p.id, p.version, coalesce(r.detail, ''), coalesce(r.phase, ''),
        r.state, r.cause, coalesce(r.seed, 0), r.created_us, r.started_us, r.ended_us, coalesce(r.done, 0),
        coalesce(r.total, 0), coalesce(u.star, 0), u.deleted_us IS NOT NULL, r.spec_hash, )";
constexpr std::string_view kRunTables = R"(
    FROM run r
        JOIN config c USING(config_no)
        JOIN plugin p USING(plugin_no)
        LEFT JOIN run_user u ON u.run_id=r.id
)";

/// Schema 1 has no inode; such files are read as they are.
Result<std::string> selectRuns(Database& db, std::string_view moreTables = {}) {
    DUBITO_TRY(const std::int64_t schema, db.schemaVersion());
    std::string sql(kRunColumns);
    sql.append(kWorked).append(schema >= 2 ? ", coalesce(r.inode, 0)" : ", 0").append(", r.config_no");
    sql += kRunTables;
    return sql.append(moreTables);
}

RunRow runFrom(const Statement& row) {
    RunRow run;
    run.runNo = row.integer(0);
    const ByteSpan id = row.blob(1);
    if (id.size() == 16) std::copy(id.begin(), id.end(), run.id.bytes.begin());
    run.title = row.text(2);
    run.system = row.text(3);
    run.pluginId = row.text(4);
    run.pluginVersion = row.text(5);
    run.detail = row.text(6);
    run.phase = row.text(7);
    run.state = static_cast<int>(row.integer(8));
    run.cause = static_cast<int>(row.integer(9));
    run.seed = row.integer(10);
    run.createdUs = row.integer(11);
    run.startedUs = row.optionalInteger(12);
    run.endedUs = row.optionalInteger(13);
    run.done = row.real(14);
    run.total = row.real(15);
    run.star = row.integer(16) != 0;
    run.isDeleted = row.integer(17) != 0;
    run.specHash = hexText(row.blob(18));
    run.workedUs = row.optionalInteger(19);
    run.inode = row.integer(20);
    run.configNo = row.integer(21);
    return run;
}

/// What an order means in SQL. A metric needs a table of its own.
struct Order {
    std::string column, tables, metric;
    bool mayMiss = false;
};

Result<Order> orderOf(const std::string& text) {
    if (text == "created") return Order{"r.created_us", {}, {}};
    if (text == "name") return Order{"coalesce(nullif(u.title, ''), r.system)", {}, {}};
    if (text == "system") return Order{"r.system", {}, {}};
    if (text == "state") return Order{"r.state", {}, {}};
    if (text == "progress") return Order{"r.done / nullif(r.total, 0)", {}, {}, true};
    if (text == "tags")
        return Order{
            "(SELECT min(g.name) FROM run_tag x JOIN tag g ON g.id=x.tag_id WHERE x.run_id=r.id)", {}, {}, true};
    if (text == "star") return Order{"coalesce(u.star, 0)", {}, {}};
    if (text == "seed") return Order{"coalesce(r.seed, 0)", {}, {}};
    if (text == "duration") return Order{std::string(kWorked), {}, {}, true};
    const auto end = text.rfind(':');
    if (text.starts_with("metric:") && end > 7) {
        const std::string reducer = text.substr(end + 1);
        for (const char* known : {"last", "min", "max", "mean"})
            if (reducer == known)
                return Order{"o." + reducer,
                    "LEFT JOIN latest o ON o.run_no=r.run_no AND o.name_no=(SELECT name_no FROM name WHERE text=?)\n",
                    text.substr(7, end - 7), true};
    }
    return Error(Code::InvalidArgument, "cannot order runs by " + text);
}

void bindValue(Statement& statement, int at, const FilterValue& value) {
    std::visit([&](const auto& typed) { statement.bind(at, typed); }, value);
}

Result<std::vector<RunRow>> readRuns(Statement& rows) {
    std::vector<RunRow> out;
    DUBITO_CHECK(rows.forEach([&] { out.push_back(runFrom(rows)); }));
    return out;
}

/// Which runs a query is about, as SQL behind the tables, with its values in order.
struct Choice {
    std::string condition;
    std::vector<FilterValue> values;
};

/// A session that was kept up, and reads what another run said or is of a plugin that only helps.
void chooseHelpers(const RunQuery& query, Choice& out) {
    if (query.helpers == RunQuery::Helpers::Among) return;
    constexpr std::string_view kConfigs =
        "r.config_no IN (SELECT config_no FROM param WHERE name_no=(SELECT name_no FROM name WHERE text='{}') AND "
        "num>0)";
    std::string marks;
    for (const std::string& id : query.helperPlugins) {
        marks += marks.empty() ? "?" : ", ?";
        out.values.emplace_back(id);
    }
    out.condition +=
        fmt::format(" AND {}({} AND ({} OR p.id IN ({})))", query.helpers == RunQuery::Helpers::Without ? "NOT " : "",
            fmt::format(kConfigs, "session.keep"), fmt::format(kConfigs, "prompt.answer_from"), marks);
}

Result<Choice> choiceOf(const RunQuery& query) {
    Choice out{"WHERE 1", {}};
    chooseHelpers(query, out);
    if (query.onlyDeleted) out.condition += " AND u.deleted_us IS NOT NULL";
    else if (!query.includeDeleted) out.condition += " AND u.deleted_us IS NULL";
    if (!query.text.empty()) {
        out.condition += R"( AND (u.title LIKE ? ESCAPE '\' OR r.system LIKE ? ESCAPE '\'
            OR p.id LIKE ? ESCAPE '\' OR lower(hex(r.id)) LIKE ? ESCAPE '\'
            OR EXISTS(SELECT 1 FROM run_tag x JOIN tag g ON g.id=x.tag_id
                WHERE x.run_id=r.id AND g.name LIKE ? ESCAPE '\')
            OR EXISTS(SELECT 1 FROM note e WHERE e.target_id=r.id AND e.body_md LIKE ? ESCAPE '\')))";
        for (int i = 0; i < 6; ++i) out.values.emplace_back(containsPattern(query.text));
    }
    if (!query.where.empty()) {
        DUBITO_TRY(const FilterSql filter, parseFilter(query.where));
        out.condition += " AND (" + filter.condition + ")";
        out.values.insert(out.values.end(), filter.values.begin(), filter.values.end());
    }
    if (query.configNo) out.condition += fmt::format(" AND r.config_no={}", query.configNo);
    if (query.afterRunNo) out.condition += fmt::format(" AND r.run_no < {}", *query.afterRunNo);
    return out;
}

std::string orderText(const Order& order, const RunQuery& query) {
    const char* direction = query.descending ? "DESC" : "ASC";
    // Runs without a value come last whatever the direction; an order that always has one keeps its index.
    const char* missing = order.mayMiss ? " NULLS LAST" : "";
    return fmt::format("\nORDER BY {} {}{}, r.run_no {} LIMIT {} OFFSET {}", order.column, direction, missing,
        direction, query.limit, query.offset);
}

template <class Read>
auto withStatement(Database& db, const std::string& sql, const std::vector<FilterValue>& values, Read read)
    -> decltype(read(std::declval<Statement&>())) {
    DUBITO_TRY(Statement rows, db.prepare(sql));
    for (std::size_t i = 0; i < values.size(); ++i) bindValue(rows, static_cast<int>(i + 1), values[i]);
    return read(rows);
}

/// The digits of an id, without its dashes; empty when the text is no part of an id.
std::string idDigits(std::string_view text) {
    std::string hex;
    for (const char c : text) {
        if (c == '-') continue;
        if (!std::isxdigit(static_cast<unsigned char>(c))) return {};
        hex += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return hex;
}

/// RunRow::name() in SQL.
constexpr std::string_view kName = "coalesce(nullif(u.title, ''), r.system || '-' || substr(lower(hex(r.id)), 29))";
constexpr std::size_t kMostNamed = 6;      ///< candidates that an error lists
constexpr std::size_t kLeastIdDigits = 4;  ///< fewer are too easily a word

/// "7"; with `withWord` also "run 7" and "run7". Leading zeros make it no number: ids begin with them.
std::optional<std::int64_t> runNumber(std::string_view text, bool withWord) {
    if (withWord) {
        if (text.size() < 4 || (text.substr(0, 3) != "run" && text.substr(0, 3) != "Run")) return std::nullopt;
        text.remove_prefix(std::min(text.find_first_not_of(' ', 3), text.size()));
    }
    std::int64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isWhole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    return isWhole && !text.empty() && text[0] >= '1' && text[0] <= '9' ? std::optional(number) : std::nullopt;
}

/// Those in the bin only when no other is meant; with `fromBin` the reverse.
std::vector<RunRow> preferred(std::vector<RunRow> found, bool fromBin) {
    const auto isWanted = [&](const RunRow& row) { return row.isDeleted == fromBin; };
    if (std::any_of(found.begin(), found.end(), isWanted)) std::erase_if(found, std::not_fn(isWanted));
    return found;
}

Error tooMany(std::string_view text, const std::vector<RunRow>& found) {
    std::string list;
    for (std::size_t i = 0; i < std::min(found.size(), kMostNamed); ++i)
        list += fmt::format("{}{} {} ({})", i ? ", " : "", found[i].runNo, found[i].name(), stateText(found[i].state));
    if (found.size() > kMostNamed) list += fmt::format(" and {} more", found.size() - kMostNamed);
    return Error(
        Code::InvalidArgument, fmt::format("\"{}\" may mean {} runs: {}; give the number", text, found.size(), list));
}

/// Runs that the text names wholly.
Result<std::vector<RunRow>> runsNamed(Database& db, std::string_view text) {
    DUBITO_TRY(const std::string select, selectRuns(db));
    DUBITO_TRY(Statement rows,
        db.prepare(
            fmt::format("{} WHERE {}=?1 OR lower(hex(r.id))=?2 OR r.run_no=?3 ORDER BY r.run_no", select, kName)));
    rows.bind(1, text).bind(2, idDigits(text)).bind(3, runNumber(text, true).value_or(0));
    return readRuns(rows);
}

/// Runs whose name the text begins, and with enough digits those whose id it begins or ends.
Result<std::vector<RunRow>> runsBegunBy(Database& db, std::string_view text) {
    DUBITO_TRY(const std::string select, selectRuns(db));
    DUBITO_TRY(Statement rows, db.prepare(fmt::format(R"({}
        WHERE substr({}, 1, length(?1))=?1
            OR (length(?2)>={} AND (lower(hex(r.id)) LIKE ?2||'%' OR lower(hex(r.id)) LIKE '%'||?2))
        ORDER BY r.run_no)",
                                   select, kName, kLeastIdDigits)));
    rows.bind(1, text).bind(2, idDigits(text));
    return readRuns(rows);
}

}  // namespace

std::string RunRow::name() const { return title.empty() ? system + "-" + id.text().substr(32) : title; }

Result<std::vector<RunRow>> queryRuns(Database& db, const RunQuery& query) {
    DUBITO_TRY(const Order order, orderOf(query.orderBy));
    DUBITO_TRY(std::string sql, selectRuns(db, order.tables));
    DUBITO_TRY(Choice choice, choiceOf(query));
    if (!order.metric.empty()) choice.values.insert(choice.values.begin(), order.metric);
    sql += choice.condition + orderText(order, query);
    return withStatement(db, sql, choice.values, [](Statement& rows) { return readRuns(rows); });
}

Result<std::vector<RunGroup>> queryRunGroups(Database& db, const RunQuery& query) {
    constexpr int kMostInside = 1000;
    DUBITO_TRY(Order order, orderOf(query.orderBy));
    DUBITO_TRY(const Choice choice, choiceOf(query));
    auto values = choice.values;
    if (!order.metric.empty()) values.insert(values.begin(), order.metric);
    // Words have no mean: the first of them stands for all.
    const bool isText = query.orderBy == "name" || query.orderBy == "system" || query.orderBy == "tags";
    order.column = fmt::format("{}({})", isText ? "min" : query.orderBy == "created" ? "max" : "avg", order.column);
    const std::string sql = fmt::format("SELECT r.config_no, max(r.run_no) AS newest {}{}{} GROUP BY r.config_no",
        kRunTables, order.tables, choice.condition);
    const char* direction = query.descending ? "DESC" : "ASC";
    std::vector<RunGroup> out;
    DUBITO_CHECK(withStatement(db,
        fmt::format("{}\nORDER BY {} {} NULLS LAST, newest {} LIMIT {} OFFSET {}", sql, order.column, direction,
            direction, query.limit, query.offset),
        values, [&](Statement& rows) { return rows.forEach([&] {
                                           out.push_back({rows.integer(0), {}});
                                       }); }));
    DUBITO_TRY(const std::string select, selectRuns(db));
    for (RunGroup& group : out) {
        const std::string inside =
            fmt::format("{}{} AND r.config_no={} ORDER BY coalesce(r.seed, 0), r.run_no LIMIT {}", select,
                choice.condition, group.configNo, kMostInside);
        DUBITO_TRY(
            group.runs, withStatement(db, inside, choice.values, [](Statement& rows) { return readRuns(rows); }));
    }
    return out;
}

Result<std::int64_t> queryBaseline(Database& db) {
    return db.integer(
        "SELECT coalesce((SELECT r.run_no FROM run_user u JOIN run r ON r.id=u.run_id WHERE u.baseline<>0 AND "
        "u.deleted_us IS NULL LIMIT 1), 0)");
}

Result<std::int64_t> countRuns(Database& db, const RunQuery& query) {
    const bool isAll = query.text.empty() && query.where.empty() && !query.afterRunNo && !query.onlyDeleted &&
                       query.configNo == 0 && query.helpers != RunQuery::Helpers::Alone;
    if (isAll && query.helpers == RunQuery::Helpers::Without) {
        RunQuery helpers = query;
        helpers.helpers = RunQuery::Helpers::Alone;
        DUBITO_TRY(const std::int64_t alone, countRuns(db, helpers));
        helpers.helpers = RunQuery::Helpers::Among;
        DUBITO_TRY(const std::int64_t all, countRuns(db, helpers));
        return all - alone;
    }
    if (isAll) {  // by the counter: rows of 100,000 runs are not walked for a number
        DUBITO_TRY(const std::int64_t all, queryCounter(db, "run"));
        if (query.includeDeleted) return all;
        DUBITO_TRY(const std::int64_t deleted,
            db.integer("SELECT count(*) FROM run_user u JOIN run r ON r.id=u.run_id WHERE u.deleted_us IS NOT NULL"));
        return all - deleted;
    }
    DUBITO_TRY(const Choice choice, choiceOf(query));
    const std::string sql = "SELECT count(*)" + std::string(kRunTables) + choice.condition;
    return withStatement(db, sql, choice.values, [](Statement& row) -> Result<std::int64_t> {
        std::int64_t n = 0;
        DUBITO_CHECK(row.forEach([&] { n = row.integer(0); }));
        return n;
    });
}

Result<std::vector<std::int64_t>> queryRunNumbers(Database& db, const RunQuery& query) {
    DUBITO_TRY(const Order order, orderOf(query.orderBy));
    DUBITO_TRY(Choice choice, choiceOf(query));
    if (!order.metric.empty()) choice.values.insert(choice.values.begin(), order.metric);
    const std::string sql =
        "SELECT r.run_no" + std::string(kRunTables) + order.tables + choice.condition + orderText(order, query);
    return withStatement(db, sql, choice.values, [](Statement& rows) -> Result<std::vector<std::int64_t>> {
        std::vector<std::int64_t> out;
        DUBITO_CHECK(rows.forEach([&] { out.push_back(rows.integer(0)); }));
        return out;
    });
}

Result<std::int64_t> countUnfinished(Database& db, const std::vector<std::int64_t>& runNos) {
    DUBITO_TRY(Statement row, db.prepare("SELECT state FROM run WHERE run_no=?1"));
    std::int64_t n = 0;
    for (const std::int64_t runNo : runNos) {
        row.bind(1, runNo);
        DUBITO_CHECK(row.forEach([&] { n += row.integer(0) < kFirstFinalState; }));
    }
    return n;
}

Result<std::optional<RunRow>> findRun(Database& db, std::int64_t runNo) {
    DUBITO_TRY(const std::string select, selectRuns(db));
    DUBITO_TRY(Statement row, db.prepare(select + "WHERE r.run_no=?1"));
    row.bind(1, runNo);
    DUBITO_TRY(const auto found, readRuns(row));
    return found.empty() ? std::nullopt : std::optional(found.front());
}

Result<std::vector<RunRow>> queryStartedFrom(Database& db, std::int64_t runNo) {
    DUBITO_TRY(const std::string select, selectRuns(db));
    DUBITO_TRY(Statement rows,
        db.prepare(select + "WHERE r.parent_id=(SELECT id FROM run WHERE run_no=?1) ORDER BY r.run_no DESC"));
    rows.bind(1, runNo);
    return readRuns(rows);
}

Result<RunRow> resolveRun(Database& db, std::string_view text, bool fromBin) {
    if (text.empty()) return Error(Code::InvalidArgument, "a run is named by nothing; give its number, title or id");
    if (const auto number = runNumber(text, false)) {
        DUBITO_TRY(const auto row, findRun(db, *number));
        if (row) return *row;
    }
    DUBITO_TRY(auto found, runsNamed(db, text));
    if (found.empty()) {
        DUBITO_TRY(found, runsBegunBy(db, text));
    }
    // "system-xxxx", what a run was called before it had a title.
    const auto dash = text.rfind('-');
    if (found.empty() && dash != std::string_view::npos && text.size() - dash > kLeastIdDigits) {
        const std::string digits = idDigits(text.substr(dash + 1));
        if (!digits.empty()) {
            DUBITO_TRY(found, runsBegunBy(db, digits));
        }
    }
    found = preferred(std::move(found), fromBin);
    if (found.size() == 1) return found.front();
    if (!found.empty()) return tooMany(text, found);
    if (const auto number = runNumber(text, text.starts_with('r') || text.starts_with('R')))
        return Error(Code::NotFound, fmt::format("there is no run {}; 'dubito list FILE' shows all", *number));
    return Error(Code::NotFound,
        fmt::format("no run has the title, id or beginning of one \"{}\"; 'dubito list FILE' shows all", text));
}

Result<std::string> querySpec(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement row, db.prepare(R"(
        SELECT s.json
        FROM run JOIN spec s USING(spec_hash)
        WHERE run_no=?1)"));
    std::optional<std::string> spec;
    row.bind(1, runNo);
    DUBITO_CHECK(row.forEach([&] { spec = row.text(0); }));
    if (!spec) return Error(Code::NotFound, "this run has no spec");
    return *spec;
}

Result<std::vector<std::pair<std::string, std::string>>> queryParameters(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT n.text, q.kind, q.num, q.txt
        FROM run r
            JOIN param q USING(config_no)
            JOIN name n USING(name_no)
        WHERE r.run_no=?1
        ORDER BY n.text)"));
    const auto shown = [&]() -> std::string {
        switch (rows.integer(1)) {
            case 0: return "null";
            case 1: return rows.real(2) != 0 ? "true" : "false";
            case 2: return fmt::format("{:.0f}", rows.real(2));
            case 3: return fmt::format("{}", rows.real(2));
            default: return rows.text(3);
        }
    };
    std::vector<std::pair<std::string, std::string>> out;
    rows.bind(1, runNo);
    DUBITO_CHECK(rows.forEach([&] { out.emplace_back(rows.text(0), shown()); }));
    return out;
}

Result<std::vector<AttemptRow>> queryAttempts(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT
            a.attempt, a.executor, coalesce(a.host, ''), coalesce(a.device, ''), coalesce(a.job_dir, ''),
            coalesce(e.json, ''), a.started_us, a.ended_us, a.exit_code, a.signal, a.resumed_step
        FROM attempt a LEFT JOIN environment e USING(env_no)
        WHERE a.run_no=?1
        ORDER BY a.attempt)"));
    std::vector<AttemptRow> out;
    rows.bind(1, runNo);
    DUBITO_CHECK(rows.forEach([&] {
        AttemptRow row{
            rows.integer(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4), rows.text(5), {}, {}, {}, {}, {}};
        row.startedUs = rows.optionalInteger(6);
        row.endedUs = rows.optionalInteger(7);
        row.exitCode = rows.optionalInteger(8);
        row.signal = rows.optionalInteger(9);
        row.resumedStep = rows.optionalInteger(10);
        out.push_back(std::move(row));
    }));
    return out;
}

Result<std::vector<CheckpointRow>> queryCheckpoints(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT c.attempt, c.step, c.bytes, coalesce(a.job_dir || '/checkpoints/' || c.folder, ''), c.time_us
        FROM checkpoint c LEFT JOIN attempt a ON a.run_no=c.run_no AND a.attempt=c.attempt
        WHERE c.run_no=?1
        ORDER BY c.step DESC, c.attempt DESC)"));
    std::vector<CheckpointRow> out;
    rows.bind(1, runNo);
    DUBITO_CHECK(rows.forEach([&] {
        out.push_back({rows.integer(0), rows.integer(1), rows.integer(2), rows.text(3), rows.optionalInteger(4)});
    }));
    return out;
}

Result<std::vector<GapRow>> queryGaps(Database& db, std::int64_t runNo) {
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT run_no, byte_to - byte_from, seq_from, seq_to, why
        FROM gap
        WHERE run_no=?1)"));
    std::vector<GapRow> out;
    rows.bind(1, runNo);
    DUBITO_CHECK(rows.forEach([&] {
        out.push_back({rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3), rows.text(4)});
    }));
    return out;
}

Result<std::vector<std::string>> queryPluginIds(Database& db) {
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT DISTINCT p.id
        FROM plugin p
        WHERE EXISTS (SELECT 1 FROM config c JOIN run r USING(config_no) WHERE c.plugin_no=p.plugin_no)
        ORDER BY p.id)"));
    std::vector<std::string> out;
    DUBITO_CHECK(rows.forEach([&] { out.push_back(rows.text(0)); }));
    return out;
}

}  // namespace dubito::store
