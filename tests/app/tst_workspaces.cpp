// Workspaces as a hand uses them: keys and clicks at the window, what is shown read back; files of strangers; layouts
// over a restart.
#include <QAbstractItemView>
#include <QApplication>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QTimer>
#include <QToolButton>

#include "action_registry.h"
#include "application.h"
#include "drawer.h"
#include "kit/pane_frame.h"
#include "kit/panel.h"
#include "main_window.h"
#include "notifications.h"
#include "page_tabs.h"
#include "page_view.h"
#include "rail.h"
#include "support/temp_project.h"
#include "workspace_area.h"
#include "workspaces.h"

using namespace dubito;

namespace {

/// Shows the number of its run; counts how many were made.
class Probe : public kit::Panel {
public:
    explicit Probe(const QString& id) : Panel(id) {
        ++made;
        setFocusPolicy(Qt::StrongFocus);
    }
    QString title() const override { return id(); }
    qint64 run() const { return context().selection ? context().selection->leadingRun() : 0; }
    kit::CursorRange cursor() const override { return {QStringLiteral("step"), 1, 5}; }
    void ask(const QString& action) { context().trigger(action); }
    static inline int made = 0;

protected:
    void onAttached() override {}
};

void addProbe(kit::PanelRegistry& registry, const char* id, const QStringList& needs, bool hasAxis = false) {
    kit::PanelKind kind;
    kind.id = QString::fromLatin1(id);
    kind.title = id;
    kind.needs = needs;
    kind.hasAxis = hasAxis;
    kind.make = [name = kind.id] { return new Probe(name); };
    registry.add(kind);
}

Json page(const char* id, Json layout) { return {{"id", id}, {"title", {{"en", id}}}, {"layout", std::move(layout)}}; }

Json workspace(const char* id) {
    return {{"workspace", 1}, {"id", id}, {"title", {{"en", id}}}, {"place", 50}, {"serves", {"fake", "fake.*"}},
        {"pages", {page("one", {{"panel", "probe"}})}}};
}

/// A project with finished runs, and plugins that bring workspaces.
struct Desk {
    tests::TempProject project;
    std::unique_ptr<app::Application> application;

    Desk() {
        qputenv("XDG_CONFIG_HOME", project.folder.path().toUtf8() + "/config");
        qputenv("DUBITO_PLUGIN_PATH", project.folder.path().toUtf8() + "/plugins");
        Probe::made = 0;
    }
    ~Desk() {
        application.reset();
        qunsetenv("DUBITO_PLUGIN_PATH");
    }
    app::MainWindow* window() const { return application->window(); }
    app::WorkspaceArea& area() const { return window()->area(); }
    kit::PaneFrame* front() const { return area().page()->front(); }
    QString there() const {
        return area().workspace()->id + QLatin1Char('/') + (area().pageSpec() ? area().pageSpec()->id : QString());
    }
    void install(const char* name, const std::string& text) {
        const fs::path folder = fs::path(project.folder.path().toStdString()) / "plugins/org.dubito.fake/1.0.0";
        std::error_code error;
        fs::create_directories(folder / "workspaces", error);
        fs::copy(
            fs::path(DUBITO_FAKE_PLUGIN), folder, fs::copy_options::skip_existing | fs::copy_options::recursive, error);
        QVERIFY(writeFileAtomic(folder / "workspaces" / name, text));
    }
    void install(const Json& json) { install((textOr(json, "id", "x") + ".json").c_str(), jsonText(json)); }
    std::int64_t addRun(const char* plugin, const std::vector<const char*>& keys) {
        auto writer = store::ProjectWriter::open(project.file);
        if (!writer) qFatal("%s", writer.error().text().c_str());
        (void)(*writer)->begin();
        store::NewRun run;
        run.id = makeUuid();
        run.specJson = "{\"id\":\"" + run.id.text() + "\"}";
        run.specHash = run.groupHash = sha256(asBytes(run.specJson));
        run.pluginId = plugin;
        run.pluginVersion = "1.0.0";
        run.system = "fake";
        run.title = plugin;
        run.createdUs = nowUs();
        run.parameters = Json::object();
        const auto runNo = (*writer)->addRun(run);
        std::uint32_t number = 0;
        for (const char* key : keys) {
            auto series = (*writer)->openSeries(
                *runNo, 1, 0, {number++, journal::RecordType::ScalarGroup, journal::Goal::None, key, "1", ""});
            (void)(*writer)->addPoint(*series, 1, 1, 1.0);
        }
        (void)(*writer)->sealRun(*runNo);
        store::RunStateChange done;
        done.state = static_cast<int>(run::RunState::Done);
        (void)(*writer)->setState(*runNo, done);
        (void)(*writer)->commit();
        return *runNo;
    }
    bool start(QSize size = {1280, 800}, std::function<void(kit::PanelRegistry&)> more = {}) {
        application = std::make_unique<app::Application>(app::Application::Options{
            QStringLiteral("en"), QStringLiteral("light"), false, false, [more](kit::PanelRegistry& registry) {
                addProbe(registry, "probe", {});
                addProbe(registry, "picky", {QStringLiteral("picky/*")}, true);
                if (more) more(registry);
            }});
        window()->resize(size);
        window()->show();
        window()->activateWindow();
        if (!QTest::qWaitForWindowActive(window(), 15'000)) return false;
        int outcome = -1;
        application->openProject(QString::fromStdString(project.file.string()), [&](bool opened) { outcome = opened; });
        return QTest::qWaitFor([&] { return outcome >= 0; }, 15'000) && outcome == 1;
    }
    /// What was changed is in the file when this returns.
    void stop() { application.reset(); }
    void key(int key, Qt::KeyboardModifiers modifiers) const {
        QWidget* focus = QApplication::focusWidget();
        QTest::keyClick(focus ? focus : window(), static_cast<Qt::Key>(key), modifiers);
    }
    QToolButton* word(QWidget* parent, const QString& text) const {
        for (auto* one : parent->findChildren<QToolButton*>())
            if (one->text() == text && one->isVisible()) return one;
        return nullptr;
    }
};

/// Answers the menu that opens next by the entry's text.
void chooseFromMenu(const QString& text) {
    auto* timer = new QTimer;
    timer->setInterval(20);
    QObject::connect(timer, &QTimer::timeout, timer, [timer, text] {
        auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
        if (!menu) return;
        timer->deleteLater();
        timer->stop();
        for (QAction* action : menu->actions())
            if (action->text() == text) {
                QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(action).center());
                return;
            }
        menu->close();
    });
    timer->start();
}

}  // namespace

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
        const QString told = desk.application->notifications().all().join(QLatin1Char('\n'));
        QVERIFY2(told.contains(QLatin1String("broken.json")) && told.contains(QLatin1String("no panel \"nobody\"")),
            qPrintable(told));
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
    void panes_splitClosedAndReplaced_byKeysAndMenu() {
        Desk desk;
        desk.install(workspace("mine"));
        QVERIFY(desk.start());
        desk.key(Qt::Key_3, Qt::AltModifier);
        auto* page = desk.area().page();
        QCOMPARE(page->panes().size(), 1);
        desk.key(Qt::Key_Backslash, Qt::ControlModifier);
        QCOMPARE(page->panes().size(), 2);
        QCOMPARE(page->layoutNow().columns(), 2);
        desk.key(Qt::Key_Backslash, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(page->panes().size(), 3);
        QVERIFY(page->layoutNow().of[1].isDown);
        desk.key(Qt::Key_Backslash, Qt::ControlModifier);
        QCOMPARE(page->panes().size(), 4);
        desk.key(Qt::Key_Backslash, Qt::ControlModifier);  // four are the most
        QCOMPARE(page->panes().size(), 4);
        for (int left = 3; left >= 1; --left) {
            desk.key(Qt::Key_W, Qt::ControlModifier);
            QCOMPARE(page->panes().size(), left);
        }
        desk.key(Qt::Key_W, Qt::ControlModifier);  // the last one stays
        QCOMPARE(page->panes().size(), 1);
        QVERIFY(page->layoutNow().isPane());
        auto* more = desk.word(desk.front(), QStringLiteral("More ▾"));
        QVERIFY(more);
        chooseFromMenu(QStringLiteral("Split below"));
        QTest::mouseClick(more, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(page->panes().size(), 2, 15'000);
        QVERIFY(page->layoutNow().isDown);
    }
    void pane_poppedOutAndDockedBack_keepsItsPanelAndPlace() {
        Desk desk;
        Json two = workspace("mine");
        two["pages"][0]["layout"] = {
            {"split", "across"}, {"ratio", {3, 1}}, {"of", {{{"panel", "probe"}}, {{"panel", "picky"}}}}};
        desk.install(two);
        QVERIFY(desk.start());
        desk.key(Qt::Key_3, Qt::AltModifier);
        auto* pane = desk.front();
        QTRY_VERIFY_WITH_TIMEOUT(pane->panel(), 15'000);
        auto* panel = pane->panel();
        const int width = pane->width();
        desk.key(Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(desk.area().page()->isPoppedOut(pane));
        QVERIFY(pane->window() != desk.window() && pane->window()->isVisible());
        QVERIFY(pane->window()->windowFlags().testFlag(Qt::Window));
        desk.window()->activateWindow();
        pane->window()->close();  // docks back
        QVERIFY(!desk.area().page()->isPoppedOut(pane));
        QCOMPARE(pane->window(), desk.window());
        QCOMPARE(pane->panel(), panel);
        QVERIFY(panel->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(std::abs(pane->width() - width) <= 2, 15'000);
        QCOMPARE(desk.front(), pane);
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
        QTRY_VERIFY_WITH_TIMEOUT(panes[0]->width() > 0 && panes[1]->width() > 0, 15'000);
        const double share = double(panes[0]->width()) / (panes[0]->width() + panes[1]->width());
        QVERIFY2(std::abs(share - 0.25) < 0.02, qPrintable(QString::number(share)));
        QVERIFY(desk.area().isChanged());
        // Reset is of this workspace alone.
        desk.window()->trigger(QStringLiteral("view.perspective.reset"));
        QCOMPARE(desk.area().page()->panes().size(), 1);
        QVERIFY(!desk.area().isChanged());
        desk.stop();
        QVERIFY(desk.start());
        QCOMPARE(desk.area().page()->panes().size(), 1);
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
        desk.window()->trigger(QStringLiteral("edit.undo"));
        QTRY_VERIFY_WITH_TIMEOUT(
            [&] {
                auto db = store::openReadOnly(desk.project.file);
                return store::querySetting(**db, "layouts/mine")->is_null();
            }(),
            15'000);
    }
    void tabs_narrowWindow_areWholeOrInTheMenu() {
        Desk desk;
        Json six = workspace("mine");
        six["pages"] = Json::array();
        for (const char* id :
            {"comparisons", "experiments", "reconstruction", "transformations", "inspection", "generalisation"})
            six["pages"].push_back(page(id, {{"panel", "probe"}}));
        desk.install(six);
        for (const QSize size : {QSize(1280, 800), QSize(1024, 700), QSize(960, 600)}) {
            QVERIFY(desk.start(size));
            desk.key(Qt::Key_3, Qt::AltModifier);
            desk.key(Qt::Key_6, Qt::ControlModifier);
            QCOMPARE(desk.window()->size(), size);
            auto* tabs = desk.window()->findChild<app::PageTabs*>();
            int whole = 0, inMenu = 0;
            bool isFrontThere = false;
            for (auto* tab : tabs->findChildren<QToolButton*>(QString(), Qt::FindDirectChildrenOnly)) {
                if (tab->menu()) inMenu = static_cast<int>(tab->menu()->actions().size());
                if (!tab->isVisible() || tab->menu()) continue;
                ++whole;
                QVERIFY2(
                    tab->width() >= tab->fontMetrics().horizontalAdvance(tab->text()) + 8, qPrintable(tab->text()));
                QVERIFY(tab->geometry().right() <= tabs->width());
                isFrontThere |= tab->isChecked();
            }
            QCOMPARE(whole + inMenu, 6);
            QVERIFY(isFrontThere);
            desk.stop();
        }
    }
    void window_smallest_holdsEveryPage() {
        Desk desk;
        QVERIFY(desk.start({960, 600}));
        for (int page = 0; page < 3; ++page) {
            desk.window()->showPageAt(page);
            QTest::qWait(50);
            QCOMPARE(desk.window()->size(), QSize(960, 600));
            for (auto* pane : desk.area().page()->panes())
                QVERIFY(pane->mapTo(desk.window(), QPoint(pane->width(), 0)).x() <= 960);
        }
    }
    void panels_manyRegistered_areMadeWhenShown() {
        Desk desk;
        desk.install(workspace("mine"));
        QVERIFY(desk.start({1280, 800}, [](kit::PanelRegistry& registry) {
            static std::vector<std::string> names;
            names.clear();
            for (int i = 0; i < 25; ++i) names.push_back("dummy" + std::to_string(i));
            for (const auto& name : names) addProbe(registry, name.c_str(), {});
        }));
        QTRY_VERIFY_WITH_TIMEOUT(desk.front()->panel(), 15'000);
        QTest::qWait(100);
        QCOMPARE(Probe::made, 0);
        QVERIFY(desk.application->panels().made() <= 2);  // the table and the curves in front
        desk.key(Qt::Key_3, Qt::AltModifier);
        QTRY_COMPARE_WITH_TIMEOUT(Probe::made, 1, 15'000);
        // One that no page has comes beside what is in front.
        desk.window()->showPanel(QStringLiteral("dummy7"));
        QTRY_COMPARE_WITH_TIMEOUT(Probe::made, 2, 15'000);
        QCOMPARE(desk.front()->kind().id, QStringLiteral("dummy7"));
        QVERIFY(desk.window()->actionRegistry().action(QStringLiteral("view.panel.dummy7")));
    }
    void run_withoutWhatThePanelNeeds_isSaidWithWhatCan() {
        Desk desk;
        Json mine = workspace("mine");
        mine["pages"][0]["layout"] = {{"panel", "picky"}};
        desk.install(mine);
        const auto bare = desk.addRun("org.dubito.fake", {"fake/count"});
        const auto rich = desk.addRun("org.dubito.fake", {"fake/count", "picky/a"});
        QVERIFY(desk.start());
        desk.application->selection()->setRuns({bare});
        desk.key(Qt::Key_3, Qt::AltModifier);
        QTRY_VERIFY_WITH_TIMEOUT(!desk.front()->canShow(), 15'000);
        QCOMPARE(Probe::made, 0);
        QVERIFY2(desk.front()->line().contains(QLatin1String("picky cannot show this run: it has no picky/")) &&
                     desk.front()->line().contains(QLatin1String("probe")),
            qPrintable(desk.front()->line()));
        desk.application->selection()->setRuns({rich});
        QTRY_VERIFY_WITH_TIMEOUT(desk.front()->canShow() && desk.front()->panel(), 15'000);
        QCOMPARE(static_cast<Probe*>(desk.front()->panel())->run(), qint64(rich));
        desk.application->selection()->setRuns({bare});
        QTRY_VERIFY_WITH_TIMEOUT(!desk.front()->canShow(), 15'000);
        // The button leads to a panel that can.
        QPushButton* button = nullptr;
        for (auto* one : desk.front()->findChildren<QPushButton*>())
            if (one->text() == QLatin1String("Curves")) button = one;
        QVERIFY(button);
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(desk.front()->kind().id, QStringLiteral("curves"), 15'000);
    }
    void pane_pinned_keepsItsRunAndActsOnIt() {
        Desk desk;
        desk.install(workspace("mine"));
        const auto first = desk.addRun("org.dubito.fake", {"a"}), second = desk.addRun("org.dubito.fake", {"a"});
        QVERIFY(desk.start());
        desk.application->selection()->setRuns({first});
        desk.key(Qt::Key_3, Qt::AltModifier);
        QTRY_VERIFY_WITH_TIMEOUT(desk.front()->panel(), 15'000);
        auto* pane = desk.front();
        auto* probe = static_cast<Probe*>(pane->panel());
        QTest::mouseClick(desk.word(pane, QStringLiteral("Pin")), Qt::LeftButton);
        QVERIFY(pane->isPinned() && desk.word(pane, QStringLiteral("Pinned")));
        desk.application->selection()->setRuns({second});
        QCOMPARE(probe->run(), qint64(first));
        // A view action leaves the selection; an action on the run means the one that is shown.
        probe->ask(QStringLiteral("view.theme.light"));
        QCOMPARE(desk.application->selection()->leadingRun(), qint64(second));
        probe->ask(QStringLiteral("edit.star"));
        QCOMPARE(desk.application->selection()->leadingRun(), qint64(first));
        desk.application->selection()->setRuns({second});
        QTest::mouseClick(desk.word(pane, QStringLiteral("Pinned")), Qt::LeftButton);
        QCOMPARE(probe->run(), qint64(second));
    }
    void run_opened_showsTheWorkspaceOfItsPlugin() {
        Desk desk;
        Json mine = workspace("mine");
        mine["pages"].push_back(page("two", {{"panel", "picky"}}));
        desk.install(mine);
        const auto plain = desk.addRun("org.dubito.fake", {"a"}), picky = desk.addRun("org.dubito.fake", {"picky/a"}),
                   other = desk.addRun("org.nobody.else", {"a"});
        QVERIFY(desk.start());
        desk.window()->openRun(plain);
        QTRY_COMPARE_WITH_TIMEOUT(desk.there(), QStringLiteral("mine/one"), 15'000);
        desk.window()->openRun(picky);
        QTRY_COMPARE_WITH_TIMEOUT(desk.there(), QStringLiteral("mine/two"), 15'000);
        QCOMPARE(desk.application->selection()->leadingRun(), qint64(picky));
        desk.window()->openRun(other);
        QTRY_COMPARE_WITH_TIMEOUT(desk.there(), QStringLiteral("runs/records"), 15'000);
        // By hand: Enter in the table.
        desk.key(Qt::Key_1, Qt::ControlModifier);
        auto* table = desk.front()->findChild<QTableView*>();
        QTRY_VERIFY_WITH_TIMEOUT(table && table->model()->rowCount() == 3, 15'000);
        table->setFocus();
        for (int row = 0; row < 3; ++row)
            if (table->model()->index(row, 1).data().toString() == QLatin1String("org.dubito.fake")) {
                QTest::mouseClick(
                    table->viewport(), Qt::LeftButton, {}, table->visualRect(table->model()->index(row, 1)).center());
                break;
            }
        QTest::keyClick(table, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(desk.there().startsWith(QLatin1String("mine/")), 15'000);
    }
    void cursorRow_isThereOnlyWhereAPaneHasAnAxis() {
        Desk desk;
        Json mine = workspace("mine");
        mine["pages"].push_back(page("two", {{"panel", "picky"}}));
        desk.install(mine);
        QVERIFY(desk.start());
        QWidget* cursor = nullptr;
        for (auto* slider : desk.window()->findChildren<QWidget*>())
            if (slider->accessibleName() == QLatin1String("Time cursor")) cursor = slider;
        QVERIFY(cursor && !cursor->isVisible());
        desk.key(Qt::Key_3, Qt::AltModifier);
        QVERIFY(!cursor->isVisible());
        desk.key(Qt::Key_2, Qt::ControlModifier);
        QVERIFY(cursor->isVisible());
        desk.key(Qt::Key_1, Qt::AltModifier);
        QVERIFY(!cursor->isVisible());
    }
    void f6_walksEveryAreaAndComesRound() {
        Desk desk;
        desk.install(workspace("mine"));
        desk.addRun("org.dubito.fake", {"a"});
        QVERIFY(desk.start());
        QTRY_VERIFY_WITH_TIMEOUT(desk.front()->panel(), 15'000);
        QSet<QWidget*> seen;
        QWidget* first = QApplication::focusWidget();
        QVERIFY(first);
        int steps = 0;
        for (; steps < 20; ++steps) {
            QWidget* before = QApplication::focusWidget();
            desk.key(Qt::Key_F6, {});
            const auto name = [](QWidget* one) {
                return one ? QString::fromLatin1(one->metaObject()->className()) + QLatin1Char(' ') +
                                 one->accessibleName()
                           : QStringLiteral("nothing");
            };
            QVERIFY2(QApplication::focusWidget() && QApplication::focusWidget() != before,
                qPrintable(name(before) + QStringLiteral(" keeps the focus, step ") + QString::number(steps)));
            QVERIFY(QApplication::focusWidget()->isEnabled() && QApplication::focusWidget()->isVisible());
            if (seen.contains(QApplication::focusWidget())) break;
            seen << QApplication::focusWidget();
        }
        QVERIFY2(seen.size() >= 4 && steps < 20, qPrintable(QString::number(seen.size())));
    }
    void explorerAndCard_giveWayWhereItIsNarrow() {
        Desk desk;
        QVERIFY(desk.start({1280, 800}));
        QVERIFY(desk.window()->explorerWidget()->isVisible());
        desk.window()->resize(960, 600);
        QTRY_VERIFY_WITH_TIMEOUT(!desk.window()->explorerWidget()->isVisible(), 15'000);
        desk.key(Qt::Key_B, Qt::ControlModifier);  // asked for, it comes
        QVERIFY(desk.window()->explorerWidget()->isVisible());
        desk.key(Qt::Key_B, Qt::ControlModifier);
        QVERIFY(!desk.window()->explorerWidget()->isVisible());
    }
    void words_ofAPane_areReachedByTabAndNamed() {
        Desk desk;
        desk.install(workspace("mine"));
        QVERIFY(desk.start());
        desk.key(Qt::Key_3, Qt::AltModifier);
        for (auto* word : desk.front()->findChildren<QToolButton*>()) {
            QVERIFY(!word->accessibleName().isEmpty());
            QVERIFY(word->focusPolicy() & Qt::TabFocus);
        }
        for (auto* item : desk.window()->rail().findChildren<QAbstractButton*>())
            QVERIFY(!item->isVisible() || (!item->accessibleName().isEmpty() && (item->focusPolicy() & Qt::TabFocus)));
    }
};

QTEST_MAIN(tst_Workspaces)
#include "tst_workspaces.moc"
