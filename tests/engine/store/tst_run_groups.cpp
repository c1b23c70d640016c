// What the run table groups, leaves out and compares with.
#include <QTest>

#include "base/hash.h"
#include "engine/store/store_support.h"
#include "store/user_rows.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::store;

using tests::get;
using tests::ok;

namespace {

std::int64_t addRun(ProjectWriter& writer, const std::string& config, int seed, double value, Json parameters = {},
    const char* plugin = "fake") {
    ok(writer.begin());
    NewRun run;
    run.id = makeUuid();
    run.specJson = jsonText({{"config", config}, {"seed", seed}});
    run.specHash = sha256(asBytes(run.specJson));
    run.groupHash = sha256(asBytes(config));
    run.pluginId = plugin;
    run.pluginVersion = "1.0.0";
    run.system = "fake";
    run.title = config + " " + std::to_string(seed);
    run.createdUs = nowUs();
    run.seed = seed;
    run.parameters = parameters.is_null() ? Json::object() : parameters;
    const auto runNo = get(writer.addRun(run));
    const auto series = get(
        writer.openSeries(runNo, 1, 0, {1, journal::RecordType::ScalarGroup, journal::Goal::None, "loss", "1", ""}));
    ok(writer.addPoint(series, 1, 1, value));
    ok(writer.sealRun(runNo));
    ok(writer.commit());
    return runNo;
}

}  // namespace

class tst_RunGroups : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void groups_areOfOneConfigurationAndStandWhereTheirMeanDoes() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        addRun(*writer, "b", 2, 4);
        addRun(*writer, "a", 1, 1);
        addRun(*writer, "b", 1, 2);
        addRun(*writer, "a", 3, 3);
        addRun(*writer, "c", 0, 2.5);
        RunQuery query;
        query.orderBy = "metric:loss:last";
        query.descending = false;
        auto groups = get(queryRunGroups(writer->database(), query));
        QCOMPARE(groups.size(), std::size_t{3});
        QCOMPARE(groups[0].runs.size(), std::size_t{2});
        QCOMPARE(groups[0].runs[0].title, std::string("a 1"));
        QCOMPARE(groups[1].runs[0].title, std::string("c 0"));
        QCOMPARE(groups[2].runs[0].title, std::string("b 1"));  // 3, by seed inside
        query.limit = 1;
        query.offset = 1;
        query.where = "seed < 3";
        groups = get(queryRunGroups(writer->database(), query));
        QCOMPARE(groups.size(), std::size_t{1});
        QCOMPARE(groups[0].runs[0].title, std::string("c 0"));
        for (const char* order :
            {"created", "name", "system", "state", "progress", "star", "seed", "tags", "duration"}) {
            query.orderBy = order;
            QCOMPARE(get(queryRunGroups(writer->database(), query)).size(), std::size_t{1});
        }
    }
    void helpers_areSessionsThatReadOrThatOnlyCompare() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        const Json kept = {{"session", {{"keep", true}}}};
        addRun(*writer, "trained", 1, 1);
        addRun(*writer, "chat", 1, 1, kept);
        addRun(*writer, "compared once", 1, 1, {{"session", {{"keep", false}}}}, "compare");
        const auto reads =
            addRun(*writer, "reads", 1, 1, {{"session", {{"keep", true}}}, {"prompt", {{"answer_from", 4}}}});
        const auto compares = addRun(*writer, "compares", 1, 1, kept, "compare");
        addRun(*writer, "own prompt", 1, 1, {{"session", {{"keep", true}}}, {"prompt", {{"answer_from", 0}}}});
        RunQuery query;
        query.helperPlugins = {"compare", "other"};
        query.helpers = RunQuery::Helpers::Alone;
        QCOMPARE(get(queryRunNumbers(writer->database(), query)), (std::vector<std::int64_t>{compares, reads}));
        QCOMPARE(get(countRuns(writer->database(), query)), 2);
        query.helpers = RunQuery::Helpers::Without;
        QCOMPARE(get(queryRuns(writer->database(), query)).size(), std::size_t{4});
        QCOMPARE(get(countRuns(writer->database(), query)), 4);
        ok(writer->edit("edit", "edit", [&](Database& db) { return setDeleted(db, {compares}, 5); }));
        QCOMPARE(get(countRuns(writer->database(), query)), 4);
        query.text = "s";
        QCOMPARE(
            get(countRuns(writer->database(), query)), std::int64_t(get(queryRuns(writer->database(), query)).size()));
        query = {};
        query.helpers = RunQuery::Helpers::Alone;  // of no plugin that only helps
        QCOMPARE(get(queryRunNumbers(writer->database(), query)), std::vector<std::int64_t>{reads});
    }
    void baseline_isOneRunAndCanBeTakenBack() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        const auto first = addRun(*writer, "a", 1, 1), second = addRun(*writer, "a", 2, 1);
        const auto toggle = [&](std::int64_t run) {
            return writer->edit("edit", "edit", [&](Database& db) { return toggleBaseline(db, run); });
        };
        const auto now = [&] { return get(queryBaseline(writer->database())); };
        QCOMPARE(now(), 0);
        ok(toggle(first));
        QCOMPARE(now(), first);
        ok(toggle(second));
        QCOMPARE(now(), second);
        (void)get(writer->undo());
        QCOMPARE(now(), first);
        ok(toggle(first));
        QCOMPARE(now(), 0);
        QVERIFY(!toggle(999));
        ok(toggle(second));
        ok(writer->edit("edit", "edit", [&](Database& db) { return setDeleted(db, {second}, 5); }));
        QCOMPARE(now(), 0);  // it is in the bin
    }
};

QTEST_APPLESS_MAIN(tst_RunGroups)
#include "tst_run_groups.moc"
