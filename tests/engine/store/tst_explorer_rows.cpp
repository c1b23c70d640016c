// What the explorer and the first page ask of a project, and the edits they make.
#include <QTest>

#include "engine/store/store_support.h"
#include "store/explorer.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::store;

using tests::get;
using tests::newRun;
using tests::ok;

namespace {

std::int64_t addRun(ProjectWriter& writer, const std::string& title, int state, double done = 0, double total = 0) {
    ok(writer.begin());
    const auto run = get(writer.addRun(newRun(title)));
    RunStateChange change;
    change.state = state;
    ok(writer.setState(run, change));
    if (total > 0) ok(writer.setProgress(run, done, total, "phase"));
    ok(writer.commit());
    return run;
}

void edit(ProjectWriter& writer, const std::function<Result<void>(Database&)>& body) {
    ok(writer.edit("edit", "edit", body));
}

}  // namespace

class tst_ExplorerRows : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void overview_countsWhatIsOutsideTheBin() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        QCOMPARE(get(queryOverview(writer->database())).runs, 0);
        addRun(*writer, "running", 2, 1, 4);
        addRun(*writer, "length unknown", 2);
        addRun(*writer, "failed", 6);
        const auto gone = addRun(*writer, "gone", 6);
        edit(*writer, [&](Database& db) { return setDeleted(db, {gone}, 5); });
        const auto overview = get(queryOverview(writer->database()));
        QCOMPARE(overview.runs, 3);
        QCOMPARE(overview.deleted, 1);
        QCOMPARE(overview.alive, 2);
        QCOMPARE(overview.failed, 1);
        QCOMPARE(overview.aliveShare, 0.25);
        RunQuery bin;
        bin.onlyDeleted = true;
        const auto deleted = get(queryRuns(writer->database(), bin));
        QCOMPARE(deleted.size(), std::size_t{1});
        QCOMPARE(deleted[0].name(), std::string("gone"));
    }
    void overview_sessionThatWaits_isNoWorkInProgress() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        const auto session = addRun(*writer, "session", 2);
        addRun(*writer, "working", 2, 1, 4);
        ok(writer->begin());
        ok(writer->setProgress(session, 0, 0, "waiting"));
        ok(writer->commit());
        QCOMPARE(get(queryOverview(writer->database())).alive, 1);
    }
    void overview_countsNoSessionsThatOnlyHelp() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        const auto add = [&](const std::string& title, const char* plugin, Json parameters) {
            ok(writer->begin());
            NewRun run = newRun(title);
            run.pluginId = plugin;
            run.parameters = std::move(parameters);
            (void)get(writer->addRun(run));
            ok(writer->commit());
        };
        add("own", "fake", Json::object());
        add("reads", "fake", {{"session", {{"keep", true}}}, {"prompt", {{"answer_from", 1}}}});
        add("compares", "compare", {{"session", {{"keep", true}}}});
        QCOMPARE(get(queryOverview(writer->database())).runs, 2);
        QCOMPARE(get(queryOverview(writer->database(), {"compare"})).runs, 1);
    }
    void view_savedRenamedRemoved_comesBackByUndo() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        Database& db = writer->database();
        SavedView view{makeUuid(), "mine", "system = tas and seed < 3"};
        edit(*writer, [&](Database& in) { return putView(in, view); });
        view.title = "ours";
        edit(*writer, [&](Database& in) { return putView(in, view); });
        QCOMPARE(get(queryViews(db)).size(), std::size_t{1});
        QCOMPARE(get(queryViews(db))[0].title, std::string("ours"));
        edit(*writer, [&](Database& in) { return removeView(in, view.id); });
        QVERIFY(get(queryViews(db)).empty());
        (void)get(writer->undo());
        QCOMPARE(get(queryViews(db))[0].filter, view.filter);
        (void)get(writer->undo());
        QCOMPARE(get(queryViews(db))[0].title, std::string("mine"));
        QVERIFY(!writer->edit("edit", "edit", [&](Database& in) { return putView(in, {makeUuid(), "", "x"}); }));
        QVERIFY(!writer->edit("edit", "edit", [&](Database& in) { return removeView(in, makeUuid()); }));
    }
    void view_ofAStranger_isReadWhateverItsBodySays() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        for (const char* body : {"", "[]", "{\"filter\": 3}", "no json"})
            ok(writer->edit("edit", "edit", [&](Database& db) -> Result<void> {
                DUBITO_TRY(Statement put,
                    db.prepare("INSERT INTO view(id, kind, title, body_json) VALUES(?1, 'runs', 'odd', ?2)"));
                put.bind(1, ByteSpan(makeUuid().bytes)).bind(2, body);
                return put.run();
            }));
        ok(writer->edit("edit", "edit", [&](Database& db) {
            return db.execute("INSERT INTO view(id, kind, title, body_json) VALUES(x'00', 'runs', 'short', '{}')");
        }));
        const auto views = get(queryViews(writer->database()));
        QCOMPARE(views.size(), std::size_t{4});
        for (const auto& view : views) QVERIFY(view.filter.empty());
    }
    void star_toggled_isTakenAwayOnlyWhenAllHaveIt() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        const auto first = addRun(*writer, "first", 5), second = addRun(*writer, "second", 5);
        const auto stars = [&] {
            return std::pair(
                get(findRun(writer->database(), first))->star, get(findRun(writer->database(), second))->star);
        };
        edit(*writer, [&](Database& db) { return toggleStar(db, {first}); });
        QCOMPARE(stars(), std::pair(true, false));
        edit(*writer, [&](Database& db) { return toggleStar(db, {first, second}); });
        QCOMPARE(stars(), std::pair(true, true));
        edit(*writer, [&](Database& db) { return toggleStar(db, {first, second}); });
        QCOMPARE(stars(), std::pair(false, false));
        edit(*writer, [&](Database& db) { return setStar(db, {second}, true); });
        QCOMPARE(stars(), std::pair(false, true));
        edit(*writer, [&](Database& db) { return setStar(db, {first, second}, false); });
        QVERIFY(!writer->edit("edit", "edit", [&](Database& db) { return toggleStar(db, {first, 999}); }));
        QCOMPARE(stars(), std::pair(false, false));
    }
    void settings_kept_allOrNothing_andUndoPassesOverThem() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        Database& db = writer->database();
        const auto run = addRun(*writer, "first", 5);
        edit(*writer, [&](Database& in) { return setRunTitle(in, run, "second"); });
        const auto pageKept = [&](int page) { return memberOf(get(querySetting(db, "window")), "page") == page; };
        ok(writer->keepSettings({{"window", {{"page", 2}}}, {"queue", true}}));
        ok(writer->keepSettings({{"window", {{"page", 3}}}, {"queue", nullptr}, {"absent", nullptr}}));
        QVERIFY(pageKept(3));
        QVERIFY(get(querySetting(db, "queue")).is_null());
        QCOMPARE(get(writer->undo()), std::string("edit"));  // the title, which is older than what was kept
        QCOMPARE(get(findRun(db, run))->title, std::string("first"));
        QVERIFY(pageKept(3));
        (void)get(writer->redo());  // keeping them has forgotten no edit
        ok(writer->begin());
        QCOMPARE(writer->keepSettings({{"window", 4}}).error().code(), Code::WrongState);
        ok(writer->commit());
        ok(db.execute(
            "CREATE TEMP TRIGGER no BEFORE INSERT ON setting WHEN new.key='b' BEGIN SELECT raise(ABORT, 'no'); "
            "END"));
        QVERIFY(!writer->keepSettings({{"window", 5}, {"b", 1}}));
        QVERIFY(pageKept(3));
    }
    void artifacts_listCheckpointsAndBlobsWithTheirRun() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        const auto run = addRun(*writer, "maker", 5), gone = addRun(*writer, "gone", 5);
        ok(writer->begin());
        for (const auto number : {run, gone}) {
            const auto fat = get(
                writer->openSeries(number, 1, 0, {1, journal::RecordType::Tensor, journal::Goal::None, "fat", "", ""}));
            ok(writer->addRecord(fat, 7, 0, 1, "{}", Bytes(200'000, static_cast<std::uint8_t>(number))));
        }
        ok(writer->commit());
        for (const auto number : {run, gone})
            ok(writer->database().execute(
                "INSERT INTO checkpoint(run_no, attempt, step, sha256, bytes, folder) VALUES(" +
                std::to_string(number) + ", 1, 40, randomblob(32), 1234, '/somewhere/000040')"));
        edit(*writer, [&](Database& db) { return setDeleted(db, {gone}, 5); });
        const auto artifacts = get(queryArtifacts(writer->database()));
        QCOMPARE(artifacts.size(), std::size_t{2});
        QVERIFY(artifacts[0].kind == ArtifactKind::Checkpoint && artifacts[0].step == 40);
        QCOMPARE(artifacts[0].bytes, 1234);
        QVERIFY(artifacts[1].kind == ArtifactKind::Blob && artifacts[1].bytes >= 200'000);
        for (const auto& artifact : artifacts) {
            QCOMPARE(artifact.madeBy, run);
            QCOMPARE(artifact.madeByName, std::string("maker"));
            QCOMPARE(artifact.sha256.size(), std::size_t{64});
        }
    }
    void noteAndTags_takenBackAndRepeated_areAsTheyWere() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        const auto run = addRun(*writer, "one", 5), other = addRun(*writer, "two", 5);
        Database& db = writer->database();
        using Names = std::vector<std::string>;
        edit(*writer, [&](Database& in) { return changeTags(in, {run, other}, {"a", "b"}, {}); });
        edit(*writer, [&](Database& in) { return changeTags(in, {run}, {}, {"a"}); });
        edit(*writer, [&](Database& in) { return setNote(in, run, "keep"); });
        QCOMPARE(get(queryTags(db, run)), Names{"b"});
        QCOMPARE(get(queryTags(db, other)), (Names{"a", "b"}));
        QCOMPARE(get(queryNote(db, run)), std::string("keep"));
        RunQuery query;
        query.where = "tag = a and note != keep";
        QCOMPARE(get(countRuns(db, query)), std::int64_t{1});
        query = {};
        query.text = "kee";
        QCOMPARE(get(queryRunNumbers(db, query)), std::vector<std::int64_t>{run});
        for (int i = 0; i < 3; ++i) (void)get(writer->undo());
        QVERIFY(get(queryTags(db, run)).empty() && get(queryTags(db, other)).empty());
        QVERIFY(get(queryNote(db, run)).empty());
        for (int i = 0; i < 3; ++i) (void)get(writer->redo());
        QCOMPARE(get(queryTags(db, run)), Names{"b"});
        QCOMPARE(get(queryNote(db, run)), std::string("keep"));
        QVERIFY(!writer->edit("tags", "tags", [&](Database& in) { return changeTags(in, {run}, {""}, {}); }));
        QCOMPARE(get(countUnfinished(db, {run, other})), std::int64_t{0});
    }
};

QTEST_GUILESS_MAIN(tst_ExplorerRows)
#include "tst_explorer_rows.moc"
