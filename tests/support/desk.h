// A desktop on a project of its own, with panels and plugins made for tests.
#pragma once

#include <QApplication>
#include <QMenu>
#include <QTest>
#include <QTimer>
#include <QToolButton>

#include "application.h"
#include "kit/pane_frame.h"
#include "kit/panel.h"
#include "main_window.h"
#include "page_view.h"
#include "support/temp_project.h"
#include "workspace_area.h"
#include "workspaces.h"

namespace dubito::tests {

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

inline void addProbe(kit::PanelRegistry& registry, const char* id, const QStringList& needs, bool hasAxis = false) {
    kit::PanelKind kind;
    kind.id = QString::fromLatin1(id);
    kind.title = id;
    kind.needs = needs;
    kind.hasAxis = hasAxis;
    kind.make = [name = kind.id] { return new Probe(name); };
    registry.add(kind);
}

inline Json page(const char* id, Json layout) {
    return {{"id", id}, {"title", {{"en", id}}}, {"layout", std::move(layout)}};
}

inline Json workspace(const char* id) {
    return {{"workspace", 1}, {"id", id}, {"title", {{"en", id}}}, {"place", 50}, {"serves", {"fake", "fake.*"}},
        {"pages", {page("one", {{"panel", "probe"}})}}};
}

/// A project with finished runs, and plugins that bring workspaces.
struct Desk {
    TempProject project;
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
        app::Application::Options options{QStringLiteral("en"), QStringLiteral("light")};
        options.morePanels = [more](kit::PanelRegistry& registry) {
            addProbe(registry, "probe", {});
            addProbe(registry, "picky", {QStringLiteral("picky/*")}, true);
            if (more) more(registry);
        };
        // What else was built must not move the workspaces of the test.
        options.pluginRoots = {fs::path(project.folder.path().toStdString()) / "plugins"};
        application = std::make_unique<app::Application>(std::move(options));
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
inline void chooseFromMenu(const QString& text) {
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

}  // namespace dubito::tests
