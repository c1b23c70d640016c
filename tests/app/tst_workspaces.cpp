// Workspaces: files of strangers, rail, pages and drawer by keys and clicks, layouts over a restart.
#include <QToolButton>

#include "action_registry.h"
#include "drawer.h"
#include "notifications.h"
#include "rail.h"
#include "support/desk.h"

using namespace dubito;
using namespace dubito::tests;

class tst_Workspaces : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void file_wrongField_isRefusedAndNamed_data() {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("named");
        const std::tuple<const char*, const char*, const char*> rows[] = {
            {"/workspace", "2", "workspace is not 1"},
            {"/workspace", "\"1\"", "workspace is not 1"},
            {"/id", "7", "id of the workspace"},
            {"/id", "\"../x\"", "id of the workspace"},
            {"/title", "\"Words\"", "title of"},
            {"/title", "{\"zh_CN\": \"甲\"}", "no \"en\""},
            {"/title", "{\"en\": \"a title that is far too long for any rail at all\"}", "title of"},
            {"/place", "1.5", "place of"},
            {"/place", "-1", "place of"},
            {"/sign", "{}", "sign of"},
            {"/serves", "\"lm\"", "serves of"},
            {"/serves", "[1]", "serves of"},
            {"/explorer", "1", "explorer of"},
            {"/pages", "[]", "1 to 6 pages"},
            {"/pages", "{}", "1 to 6 pages"},
            {"/pages/0/id", "null", "id of a page"},
            {"/pages/0/roles", "[\"\"]", "roles of"},
            {"/pages/0/cursor", "0", "cursor of"},
            {"/pages/0/colour", "1", "unknown field \"colour\""},
            {"/colour", "1", "unknown field \"colour\""},
            {"/pages/0/layout", "{}", "panel of a pane"},
            {"/pages/0/layout", "{\"panel\": \"nobody\"}", "no panel"},
            {"/pages/0/layout", "[]", "a pane is no object"},
            {"/pages/0/layout", "{\"panel\": \"probe\", \"settings\": 3}", "settings of a pane"},
            {"/pages/0/layout", "{\"split\": \"up\", \"of\": [{\"panel\": \"probe\"}, {\"panel\": \"probe\"}]}",
                "split is"},
            {"/pages/0/layout", "{\"split\": \"down\", \"of\": [{\"panel\": \"probe\"}]}", "2 to 4 parts"},
            {"/pages/0/layout",
                "{\"split\": \"down\", \"ratio\": [1], \"of\": [{\"panel\": \"probe\"}, {\"panel\": \"probe\"}]}",
                "ratio"},
            {"/pages/0/layout",
                "{\"split\": \"down\", \"ratio\": [1, -1], \"of\": [{\"panel\": \"probe\"}, {\"panel\": \"probe\"}]}",
                "ratio"},
            {"/pages/0/layout",
                "{\"split\": \"down\", \"ratio\": [1, 0.001], \"of\": [{\"panel\": \"probe\"}, {\"panel\": "
                "\"probe\"}]}",
                "ratio"},
        };
        int row = 0;
        for (const auto& [pointer, value, named] : rows)
            QTest::addRow("%d %s", row++, pointer) << pointer << QString::fromUtf8(value) << QString::fromUtf8(named);
    }
    void file_wrongField_isRefusedAndNamed() {
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        QFETCH(QString, named);
        kit::PanelRegistry registry;
        addProbe(registry, "probe", {});
        Json json = workspace("w");
        QVERIFY(app::workspaceFromJson(json, registry));
        json[Json::json_pointer(pointer.toStdString())] = *parseJson(value.toStdString());
        const auto refused = app::workspaceFromJson(json, registry);
        QVERIFY(!refused);
        const QString why = QString::fromStdString(refused.error().message());
        QVERIFY2(why.contains(named), qPrintable(why));
    }
    void file_tooManyPanesPagesOrLevels_isRefused() {
        kit::PanelRegistry registry;
        addProbe(registry, "probe", {});
        const Json pane = {{"panel", "probe"}};
        const auto split = [&](Json a, Json b) {
            return Json{{"split", "across"}, {"of", {std::move(a), std::move(b)}}};
        };
        QVERIFY(app::layoutFromJson(split(split(pane, pane), split(pane, pane)), registry));
        QVERIFY(!app::layoutFromJson(split(split(pane, pane), split(pane, split(pane, pane))), registry));
        Json deep = pane;
        for (int i = 0; i < 30; ++i) deep = split(deep, pane);
        QVERIFY(!app::layoutFromJson(deep, registry));
        Json many = workspace("w");
        for (int i = 0; i < 6; ++i) many["pages"].push_back(page(("p" + std::to_string(i)).c_str(), pane));
        QVERIFY(!app::workspaceFromJson(many, registry));
        Json twice = workspace("w");
        twice["pages"].push_back(page("one", pane));
        QVERIFY(!app::workspaceFromJson(twice, registry));
    }
    void layout_writtenAndRead_isTheSame() {
        kit::PanelRegistry registry;
        addProbe(registry, "probe", {});
        const Json json = {{"split", "down"}, {"ratio", {0.7, 0.3}},
            {"of", {{{"panel", "probe"}, {"settings", {{"a", 1}}}}, {{"panel", "probe"}}}}};
        const auto layout = app::layoutFromJson(json, registry);
        QVERIFY(layout);
        QCOMPARE(QString::fromStdString(jsonText(app::layoutToJson(*layout))), QString::fromStdString(jsonText(json)));
        QCOMPARE(layout->columns(), 1);
    }
    void files_wrongOnes_areNoticesAndTheRestIsThere() {
        Desk desk;
        desk.install(workspace("fine"));
        desk.install("broken.json", "{\"workspace\": 1, ");
        Json wrong = workspace("wrong");
        wrong["pages"][0]["layout"] = {{"panel", "nobody"}};
        desk.install(wrong);
        QVERIFY(desk.start());
        QVERIFY(desk.area().shown().contains(QStringLiteral("fine")));
        QVERIFY(!desk.area().shown().contains(QStringLiteral("wrong")));
        const QString told = desk.application->notifications().texts().join(QLatin1Char('\n'));
        QVERIFY2(told.contains(QLatin1String("broken.json")) && told.contains(QLatin1String("no panel \"nobody\"")),
            qPrintable(told));
        // A second window reads the same files and repeats nothing.
        desk.window()->trigger(QStringLiteral("view.new_window"));
        QCOMPARE(desk.application->windows().size(), std::size_t(2));
        QCOMPARE(desk.application->notifications().texts().filter(QStringLiteral("broken.json")).size(), 1);
    }
    void files_ofOneWorkspace_arePutTogether() {
        Desk desk;
        Json more = workspace("runs");
        more["serves"] = {"fake"};
        desk.install(more);
        QVERIFY(desk.start());
        const auto* runs = desk.area().list().find(QStringLiteral("runs"));
        QVERIFY(runs && runs->page(QStringLiteral("one")) && runs->page(QStringLiteral("runs")));
        QCOMPARE(runs->place, 10);
    }
    void rail_withoutProject_showsHomeAndWaits() {
        Desk desk;
        desk.install(workspace("mine"));
        desk.application = std::make_unique<app::Application>(
            app::Application::Options{QStringLiteral("en"), QStringLiteral("light"), false, false});
        desk.window()->show();
        QCOMPARE(desk.area().workspace()->id, QStringLiteral("home"));
        desk.window()->showWorkspaceAt(1);
        QCOMPARE(desk.area().workspace()->id, QStringLiteral("home"));
        QVERIFY(!desk.window()->drawer().words()->isVisible());
    }
    void rail_workspaceWithoutRunsOrPlugin_isAmongTheRest() {
        Desk desk;
        Json other = workspace("elsewhere");
        other["serves"] = {"nobody.*"};
        desk.install(other);
        desk.install(workspace("mine"));
        QVERIFY(desk.start());
        QVERIFY(!desk.window()->rail().shown().contains(QStringLiteral("elsewhere")));
        QVERIFY(desk.area().rest().contains(QStringLiteral("elsewhere")));
        desk.stop();
        desk.addRun("org.nobody.nobody.else", {"a"});
        QVERIFY(desk.start());
        QTRY_VERIFY_WITH_TIMEOUT(desk.window()->rail().shown().contains(QStringLiteral("elsewhere")), 15'000);
    }
    void altNumber_showsTheWorkspaceOnThatPlace() {
        Desk desk;
        desk.install(workspace("mine"));
        QVERIFY(desk.start());
        QCOMPARE(desk.there(), QStringLiteral("runs/runs"));
        desk.key(Qt::Key_3, Qt::AltModifier);
        QCOMPARE(desk.there(), QStringLiteral("mine/one"));
        desk.key(Qt::Key_1, Qt::AltModifier);
        QVERIFY(desk.area().isHome());
        QVERIFY(!desk.window()->explorerWidget()->isVisible() && !desk.window()->drawer().isVisible());
        desk.key(Qt::Key_2, Qt::AltModifier);
        QCOMPARE(desk.there(), QStringLiteral("runs/runs"));
    }
    void ctrlNumber_showsThePageInside() {
        Desk desk;
        QVERIFY(desk.start());
        desk.key(Qt::Key_2, Qt::ControlModifier);
        QCOMPARE(desk.there(), QStringLiteral("runs/curves"));
        desk.key(Qt::Key_1, Qt::ControlModifier);
        QCOMPARE(desk.there(), QStringLiteral("runs/runs"));
        desk.key(Qt::Key_8, Qt::ControlModifier);  // there is none
        QCOMPARE(desk.there(), QStringLiteral("runs/runs"));
    }
    void ctrlJ_opensTheDrawerAndClosesIt_andItsToolIsRemembered() {
        Desk desk;
        QVERIFY(desk.start());
        auto& drawer = desk.window()->drawer();
        QVERIFY(!drawer.isVisible() && drawer.words()->isVisible());
        desk.key(Qt::Key_J, Qt::ControlModifier);
        QVERIFY(drawer.isVisible());
        auto* plugins = desk.word(drawer.words(), QStringLiteral("Plugins"));
        QVERIFY(plugins);
        QTest::mouseClick(plugins, Qt::LeftButton);
        QCOMPARE(drawer.tool(), QStringLiteral("plugins"));
        QTRY_VERIFY_WITH_TIMEOUT(drawer.front()->panel() && drawer.front()->panel()->isVisible(), 15'000);
        desk.key(Qt::Key_J, Qt::ControlModifier);
        QVERIFY(!drawer.isVisible());
        desk.key(Qt::Key_J, Qt::ControlModifier);
        QCOMPARE(drawer.tool(), QStringLiteral("plugins"));
        QVERIFY(drawer.height() > 100);
        desk.stop();
        QVERIFY(desk.start());
        QVERIFY(desk.window()->drawer().isVisible());
        QCOMPARE(desk.window()->drawer().tool(), QStringLiteral("plugins"));
    }
    void layout_changed_returnsAfterARestartInAnotherSize() {
        Desk desk;
        desk.install(workspace("mine"));
        QVERIFY(desk.start());
        desk.key(Qt::Key_3, Qt::AltModifier);
        desk.key(Qt::Key_Backslash, Qt::ControlModifier);
        auto* splitter = desk.area().page()->findChild<app::RatioSplitter*>();
        splitter->setRatio({1, 3});
        desk.stop();
        QVERIFY(desk.start({1024, 700}));
        QCOMPARE(desk.there(), QStringLiteral("mine/one"));
        const auto panes = desk.area().page()->panes();
        QCOMPARE(panes.size(), 2);
        const auto share = [&] { return double(panes[0]->width()) / (panes[0]->width() + panes[1]->width()); };
        QTRY_VERIFY2_WITH_TIMEOUT(std::abs(share() - 0.25) < 0.02, qPrintable(QString::number(share())), 15'000);
        QVERIFY(desk.area().isChanged());
        // Reset is of this workspace alone.
        desk.window()->trigger(QStringLiteral("view.perspective.reset"));
        QCOMPARE(desk.area().page()->panes().size(), 1);
        QVERIFY(!desk.area().isChanged());
        desk.stop();
        QVERIFY(desk.start());
        QCOMPARE(desk.area().page()->panes().size(), 1);
    }
    void layout_changedInAProjectOfAnother_outlivesARescan() {
        Desk desk;
        desk.install(workspace("mine"));
        auto owner = run::RunService::open(desk.project.file, {});
        QVERIFY(owner);
        QVERIFY(desk.start());
        QVERIFY(!desk.application->service());
        desk.key(Qt::Key_3, Qt::AltModifier);
        desk.key(Qt::Key_Backslash, Qt::ControlModifier);
        QCOMPARE(desk.area().page()->panes().size(), 2);
        desk.application->rescanPlugins();
        QCOMPARE(desk.there(), QStringLiteral("mine/one"));
        QCOMPARE(desk.area().page()->panes().size(), 2);
    }
    void layout_onlyLookedAt_isNotKept() {
        Desk desk;
        Json two = workspace("mine");
        two["pages"][0]["layout"] = {
            {"split", "across"}, {"ratio", {2, 1}}, {"of", {{{"panel", "probe"}}, {{"panel", "picky"}}}}};
        desk.install(two);
        QVERIFY(desk.start());
        desk.key(Qt::Key_3, Qt::AltModifier);
        desk.stop();
        auto db = store::openReadOnly(desk.project.file);
        QVERIFY(db);
        const auto kept = store::querySetting(**db, "layout/mine");
        QVERIFY(kept && kept->is_null());
    }
    void layout_strangeInTheProject_isPassedOver() {
        Desk desk;
        desk.install(workspace("mine"));
        {
            auto writer = store::ProjectWriter::open(desk.project.file);
            QVERIFY(writer);
            QVERIFY((*writer)->keepSettings({{"layout/mine", *parseJson(R"({"version": 1, "page": 7,
                "pages": {"one": {"panel": "gone"}, "x": [], "y": {"split": "down", "of": 3}}})")},
                {"layout/runs", "words"}, {"desktop", {{"workspace", {1, 2}}}}}));
        }
        QVERIFY(desk.start());
        QCOMPARE(desk.there(), QStringLiteral("runs/runs"));
        desk.key(Qt::Key_3, Qt::AltModifier);
        QCOMPARE(desk.front()->kind().id, QStringLiteral("probe"));
    }
    void layout_savedByName_isChosenAgain() {
        Desk desk;
        desk.install(workspace("mine"));
        QVERIFY(desk.start());
        desk.key(Qt::Key_3, Qt::AltModifier);
        desk.key(Qt::Key_Backslash, Qt::ControlModifier);
        desk.window()->savePerspective(QStringLiteral("Two"));
        desk.window()->trigger(QStringLiteral("view.perspective.reset"));
        QCOMPARE(desk.area().page()->panes().size(), 1);
        QTRY_VERIFY_WITH_TIMEOUT(
            [&] {
                auto db = store::openReadOnly(desk.project.file);
                auto kept = store::querySetting(**db, "layouts/mine");
                return kept && kept->contains("Two");
            }(),
            15'000);
        desk.area().useVariant(QStringLiteral("Two"));
        QTRY_VERIFY_WITH_TIMEOUT(desk.area().page() && desk.area().page()->panes().size() == 2, 15'000);
        // Undo takes the name back; what the window looks like is no edit.
        QTRY_VERIFY_WITH_TIMEOUT(
            desk.window()->actionRegistry().action(QStringLiteral("edit.undo"))->isEnabled(), 15'000);
        desk.window()->trigger(QStringLiteral("edit.undo"));
        QTRY_VERIFY_WITH_TIMEOUT(
            [&] {
                auto db = store::openReadOnly(desk.project.file);
                return store::querySetting(**db, "layouts/mine")->is_null();
            }(),
            15'000);
    }
};

QTEST_MAIN(tst_Workspaces)
#include "tst_workspaces.moc"
