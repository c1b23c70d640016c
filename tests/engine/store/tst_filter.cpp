// The filter and the orders of the run table: what a person types finds what a person means.
#include <QTest>

#include <algorithm>

#include "store/filter.h"
#include "store/writer.h"
#include "support/results.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::store;
using tests::get;
using tests::ok;

namespace {

class Table {
public:
    Table() : m_writer(get(ProjectWriter::open(m_project.file))) {}

    std::int64_t add(const std::string& title, const Json& parameters = Json::object(), std::int64_t seed = 0) {
        NewRun run;
        run.id = makeUuid();
        run.specJson = "{\"title\":" + jsonText(Json(title)) + "}";
        run.specHash = sha256(asBytes(run.specJson));
        run.groupHash = sha256(asBytes(title + jsonText(parameters)));
        run.pluginId = "org.dubito.fake";
        run.pluginVersion = "1.0.0";
        run.system = "fake";
        run.title = title;
        run.seed = seed;
        run.createdUs = ++m_clock;
        run.parameters = parameters;
        ok(m_writer->begin());
        const std::int64_t runNo = get(m_writer->addRun(run));
        ok(m_writer->commit());
        return runNo;
    }
    void metric(std::int64_t runNo, const std::string& key, std::optional<double> last) {
        Statement name = get(db().prepare("INSERT OR IGNORE INTO name(text) VALUES(?1)"));
        ok(name.bind(1, key).run());
        Statement put = get(db().prepare(R"(
            INSERT INTO latest(run_no, name_no, n, nan_n, last, min, max, mean)
            SELECT ?1, name_no, 1, 0, ?3, ?3, ?3, ?3
            FROM name
            WHERE text=?2)"));
        ok(put.bind(1, runNo).bind(2, key).bind(3, last).run());
    }
    Database& db() { return m_writer->database(); }

    /// Titles in the order of creation, joined by '|'; "?" and the error's text when the filter is refused.
    QByteArray find(const std::string& where) {
        RunQuery query;
        query.where = where;
        query.descending = false;
        return titles(query);
    }
    QByteArray titles(const RunQuery& query) {
        const auto runs = queryRuns(db(), query);
        if (!runs) return "?" + QByteArray::fromStdString(runs.error().text());
        QByteArrayList out;
        for (const RunRow& run : *runs) out << QByteArray::fromStdString(run.title);
        return out.join('|');
    }
    const fs::path& file() const { return m_project.file; }

private:
    tests::TempProject m_project;
    std::unique_ptr<ProjectWriter> m_writer;
    std::int64_t m_clock = 0;
};

}  // namespace

class tst_Filter : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void title_ofDigits_isFoundQuotedAndBare() {
        Table table;
        table.add("42");
        table.add("042");
        table.add("forty-two");
        QCOMPARE(table.find("name = 42"), QByteArray("42"));
        QCOMPARE(table.find("name = \"42\""), QByteArray("42"));
        QCOMPARE(table.find("title != 42"), QByteArray("042|forty-two"));
        QCOMPARE(table.find("name ~ 42"), QByteArray("42|042"));
        table.add("1e3");
        QCOMPARE(table.find("name = 1e3"), QByteArray("1e3"));
        QCOMPARE(table.find("name = 1000"), QByteArray());
    }

    void contains_wildCharacters_standForThemselves() {
        Table table;
        table.add("100% sure");
        table.add("100 sure");
        table.add("a_b");
        table.add("axb");
        table.add("back\\slash");
        QCOMPARE(table.find("name ~ \"0% s\""), QByteArray("100% sure"));
        QCOMPARE(table.find("name ~ %"), QByteArray("100% sure"));
        QCOMPARE(table.find("name ~ a_b"), QByteArray("a_b"));
        QCOMPARE(table.find("name ~ _"), QByteArray("a_b"));
        QCOMPARE(table.find("name ~ \\"), QByteArray("back\\slash"));
        QCOMPARE(table.find("name ~ \"k\\s\""), QByteArray("back\\slash"));
        QCOMPARE(table.find("name = back\\slash"), QByteArray("back\\slash"));
        QCOMPARE(table.find("name ~ SURE"), QByteArray("100% sure|100 sure"));
    }

    void searchBox_wildCharacters_standForThemselves() {
        Table table;
        table.add("100% sure");
        table.add("100 sure");
        RunQuery query;
        query.text = "%";
        QCOMPARE(table.titles(query), QByteArray("100% sure"));
        query.text = "_";
        QCOMPARE(table.titles(query), QByteArray());
    }

    void run_namedByWildCharacters_isNotFound() {
        Table table;
        table.add("only");
        QVERIFY(!resolveRun(table.db(), "%%%%"));
        QVERIFY(!resolveRun(table.db(), "____"));
        QCOMPARE(get(resolveRun(table.db(), "only")).title, std::string("only"));
        const RunRow row = get(resolveRun(table.db(), "only"));
        QCOMPARE(get(resolveRun(table.db(), row.id.text())).runNo, row.runNo);
        QCOMPARE(get(resolveRun(table.db(), "fake-" + row.id.text().substr(32))).runNo, row.runNo);
    }

    void parameters_comparedAsTheyWereGiven_findTheirRuns() {
        Table table;
        table.add("a", Json{{"lr", 3e-4}, {"name", "42"}, {"on", true}, {"n", 10}});
        table.add("b", Json{{"lr", 1e-2}, {"name", "x_y"}, {"on", false}, {"n", 9}});
        table.add("c", Json{{"lr", "auto"}, {"name", "xzy"}, {"n", nullptr}});
        QCOMPARE(table.find("params.lr < 1e-3"), QByteArray("a"));
        QCOMPARE(table.find("params.lr >= 1e-9"), QByteArray("a|b"));
        QCOMPARE(table.find("params.lr = auto"), QByteArray("c"));
        QCOMPARE(table.find("params.name = 42"), QByteArray("a"));
        QCOMPARE(table.find("params.name = \"42\""), QByteArray("a"));
        QCOMPARE(table.find("params.name ~ x_y"), QByteArray("b"));
        QCOMPARE(table.find("params.on = true"), QByteArray("a"));
        QCOMPARE(table.find("params.on != true"), QByteArray("b"));
        QCOMPARE(table.find("params.n = 10"), QByteArray("a"));
        QCOMPARE(table.find("params.n > 9"), QByteArray("a"));
        QCOMPARE(table.find("params.n != 10"), QByteArray("b"));
    }

    void numbers_aboveTheDoubles_keepTheirDigits() {
        Table table;
        table.add("even", Json::object(), 9007199254740992);
        table.add("odd", Json::object(), 9007199254740993);
        QCOMPARE(table.find("seed = 9007199254740993"), QByteArray("odd"));
        QCOMPARE(table.find("seed > 9007199254740992"), QByteArray("odd"));
        QCOMPARE(table.find("seed ~ 0993"), QByteArray("odd"));
    }

    void fields_ofEachType_takeTheirValuesOnly() {
        Table table;
        const std::int64_t run = table.add("a");
        const std::string id = get(findRun(table.db(), run))->id.text();
        QCOMPARE(table.find("id = " + id), QByteArray("a"));
        QCOMPARE(table.find("id ~ " + id.substr(0, 8)), QByteArray("a"));
        QCOMPARE(table.find("star = false and state = queued and system = fake and plugin ~ fake"), QByteArray("a"));
        QCOMPARE(table.find("star = true or state ~ cancel"), QByteArray());
        QVERIFY(table.find("star = maybe").startsWith("?filter, column "));
        QVERIFY(table.find("state = 3").startsWith("?filter, column "));
        QVERIFY(table.find("seed = abc").contains("compared with a number"));
        QVERIFY(table.find("train/loss = nan").contains("compared with a number"));
        QVERIFY(table.find("train/loss ~ 5").contains("compared with a number"));
        QCOMPARE(table.find("system = \"x' OR 1=1 --\""), QByteArray());
    }

    void metrics_byReducer_findTheirRuns() {
        Table table;
        table.metric(table.add("low"), "eval/return", 1);
        table.metric(table.add("high"), "eval/return", 200);
        table.metric(table.add("nan"), "eval/return", {});
        table.add("none");
        QCOMPARE(table.find("eval/return > 150"), QByteArray("high"));
        QCOMPARE(table.find("eval/return.min <= 1"), QByteArray("low"));
        QCOMPARE(table.find("not eval/return.mean > 150"), QByteArray("low|nan|none"));
    }

    void order_runsWithoutTheValue_comeLastBothWays() {
        Table table;
        table.metric(table.add("two"), "loss", 2);
        table.add("none");
        table.metric(table.add("one"), "loss", 1);
        table.metric(table.add("nan"), "loss", {});
        RunQuery query;
        for (const char* reducer : {"last", "min", "max", "mean"}) {
            query.orderBy = std::string("metric:loss:") + reducer;
            query.descending = false;
            QCOMPARE(table.titles(query), QByteArray("one|two|none|nan"));
            query.descending = true;
            QCOMPARE(table.titles(query), QByteArray("two|one|nan|none"));
        }
        ok(table.db().execute(R"(
            UPDATE run SET started_us=0, ended_us=run_no*10 WHERE run_no IN (1, 3);
            UPDATE run SET started_us=5 WHERE run_no=2)"));
        query.orderBy = "duration";
        query.descending = false;
        QCOMPARE(table.titles(query), QByteArray("two|one|none|nan"));
        query.descending = true;
        QCOMPARE(table.titles(query), QByteArray("one|two|nan|none"));
        query.orderBy = "metric:loss:best";
        QVERIFY(table.titles(query).startsWith("?cannot order"));
    }

    void run_ofAnOldFile_hasNoInode() {
        Table table;
        table.add("a");
        ok(table.db().execute("PRAGMA user_version=1"));
        auto db = get(Database::open(table.file(), Database::Mode::ReadOnly));
        QCOMPARE(get(queryRuns(*db, {})).front().inode, 0);
    }

    void grammar_brokenText_isRefusedWithItsColumn() {
        Table table;
        table.add("a");
        for (const char* broken :
            {"system =", "((system = fake", "= 3", "name \"a\"", "name = \"a", "name = a name = b", "and", "not"})
            QVERIFY2(table.find(broken).startsWith("?filter, column "), broken);
        QVERIFY(table.find(std::string(100, '(') + "name = a").contains("too many nested"));
        QCOMPARE(table.find("(name = a or name = b) and not (name = b)"), QByteArray("a"));
    }
};

QTEST_GUILESS_MAIN(tst_Filter)
#include "tst_filter.moc"
