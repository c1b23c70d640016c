// dubito-bench-desktop: the longest event of the window's thread while a person opens a large project, walks every
// panel, drags the cursor, watches a live run, opens the palette and the run dialog. Events are timed in
// QApplication::notify.
#include <QApplication>
#include <QComboBox>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <QLineEdit>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "action_registry.h"
#include "application.h"
#include "bench.h"
#include "inspector/inspector_panel.h"
#include "kit/panel.h"
#include "main_window.h"
#include "store/opener.h"

using namespace dubito;

namespace {

struct Slow {
    double ms;
    QString what;
};
std::vector<Slow> g_slowest;
QString g_phase;

/// Times each event that does not run inside another one.
class TimedApplication : public QApplication {
public:
    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override {
        if (m_depth++) {
            const bool taken = QApplication::notify(receiver, event);
            --m_depth;
            return taken;
        }
        const QString name = QString::fromLatin1(receiver->metaObject()->className());
        const int type = event->type();
        QElapsedTimer clock;
        clock.start();
        const bool taken = QApplication::notify(receiver, event);
        --m_depth;
        const double ms = static_cast<double>(clock.nsecsElapsed()) / 1e6;
        if (ms > 5) g_slowest.push_back({ms, QStringLiteral("%1: %2, event %3").arg(g_phase, name).arg(type)});
        return taken;
    }

private:
    int m_depth = 0;
};

void fill(const fs::path& file, int runs, int points) {
    if (auto made = store::createProject(file, "bench"); !made) qFatal("%s", made.error().text().c_str());
    auto writer = store::ProjectWriter::open(file);
    if (!writer) qFatal("%s", writer.error().text().c_str());
    for (int i = 0; i < runs; ++i) {
        if (i % 50 == 0) (void)(*writer)->begin();
        store::NewRun run;
        run.id = makeUuid();
        run.specJson = "{\"i\":" + std::to_string(i) + "}";
        run.specHash = run.groupHash = sha256(asBytes(run.specJson));
        run.pluginId = "org.dubito.fake";
        run.pluginVersion = "1.0.0";
        run.system = "fake";
        run.title = "filled-" + std::to_string(i);
        run.seed = i;
        run.createdUs = nowUs();
        run.parameters = Json{{"i", i}};
        const auto runNo = (*writer)->addRun(run);
        for (std::uint32_t key = 0; key < 6; ++key) {
            auto series = (*writer)->openSeries(*runNo, 1, 0,
                {key, journal::RecordType::ScalarGroup, journal::Goal::Min, "train/m" + std::to_string(key), "nats",
                    ""});
            for (int step = 0; step < points; ++step)
                (void)(*writer)->addPoint(*series, step, 1'000'000 + step * 1000,
                    1.0 / (1 + step) +
                        1e-3 * static_cast<double>((static_cast<unsigned>(step) * 2654435761u + key) % 1000));
        }
        if (i % 50 == 49) (void)(*writer)->commit();
        (*writer)->closeRun(*runNo);
    }
}

/// A panel that shows nothing.
class Dummy : public kit::Panel {
public:
    using Panel::Panel;
    QString title() const override { return id(); }

protected:
    void onAttached() override {}
};

app::Application::Options options(int more) {
    app::Application::Options out{QStringLiteral("en"), QStringLiteral("light"), false, false};
    out.morePanels = [more](kit::PanelRegistry& registry) {
        for (int i = 0; i < more; ++i) {
            kit::PanelKind kind;
            kind.id = QStringLiteral("dummy%1").arg(i);
            kind.title = "Dummy";
            kind.make = [id = kind.id] { return new Dummy(id); };
            registry.add(kind);
        }
    };
    return out;
}

struct Start {
    double shown = 1e9, usable = 1e9;  ///< ms since the program began to make the window
};

/// The best of five, so that what costs once in a process is not counted.
Start startWith(int more) {
    Start best;
    for (int i = 0; i < 5; ++i) {
        QElapsedTimer clock;
        clock.start();
        app::Application application(options(more));
        application.window()->resize(1280, 800);
        application.window()->show();
        best.shown = std::min(best.shown, static_cast<double>(clock.nsecsElapsed()) / 1e6);
        QApplication::processEvents();
        best.usable = std::min(best.usable, static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    return best;
}

}  // namespace

int main(int argc, char** argv) {
    QTemporaryDir folder;
    for (const char* home : {"XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"})
        qputenv(home, folder.path().toUtf8());
    TimedApplication qt(argc, argv);
    const QString file = folder.path() + QStringLiteral("/bench.dubito");
    fill(file.toStdString(), 5'000, 2'000);
    QProcess::execute(QStringLiteral(DUBITO_BIN "/dubito"),
        {QStringLiteral("run"), file, QStringLiteral(DUBITO_SOURCE "/projects/tas_eiffel.json"),
            QStringLiteral("--quiet")});
    g_slowest.clear();

    // What costs once, before the window is shown, has its own budget: start to window.
    const Start plain = startWith(0), crowded = startWith(25);
    bench::row("desktop: window shown, 25 more panels registered", crowded.shown, "ms", 200, true);
    bench::row("desktop: window usable, 25 more panels registered", crowded.usable, "ms", 400, true);
    bench::row(
        "desktop: what 25 more panels cost at the start", std::max(0.0, crowded.usable - plain.usable), "ms", 20, true);
    g_slowest.clear();
    app::Application application(options(25));
    auto* window = application.window();
    window->resize(1280, 800);
    g_phase = QStringLiteral("start");
    window->show();
    QTest::qWait(500);
    g_phase = QStringLiteral("open");
    bool isOpen = false;
    application.openProject(file, [&](bool opened) { isOpen = opened; });
    if (!QTest::qWaitFor([&] { return isOpen; }, 10'000)) qFatal("the project did not open");
    QTest::qWait(600);
    auto db = store::openReadOnly(file.toStdString());
    const auto runs = store::queryRuns(**db, {});
    const qint64 inspected = (*runs)[0].runNo;
    QVector<qint64> many;
    for (std::size_t i = 1; i < 9; ++i) many << (*runs)[i].runNo;
    for (const char* panel : {"curves", "inspector", "records", "log", "plugins", "runs"}) {
        g_phase = QStringLiteral("panel ") + QString::fromLatin1(panel);
        application.selection()->setRuns(QByteArray(panel) == "curves" ? many : QVector<qint64>{inspected});
        window->showPanel(QString::fromLatin1(panel));
        QTest::qWait(600);
    }
    g_phase = QStringLiteral("inspector views");
    window->showPanel(QStringLiteral("inspector"));
    bench::row("desktop: panels made of those registered", application.panels().made(), "", 12, true);
    auto* inspector = static_cast<inspector::InspectorPanel*>(window->panel(QStringLiteral("inspector")));
    for (int view = 0; view < inspector::InspectorPanel::ViewCount; ++view) {
        inspector->showView(view);
        QTest::qWait(200);
    }
    g_phase = QStringLiteral("inspector cursor");
    inspector->showView(inspector::InspectorPanel::Layers);
    for (int i = 0; i < 50; ++i) {
        inspector->moveCursor(i % 40);
        QTest::qWait(16);
    }
    g_phase = QStringLiteral("live run");
    auto plugin = host::readManifest(DUBITO_FAKE_PLUGIN);
    run::RunDraft draft;
    draft.threads = 1;
    draft.parameters = {{"steps", 3000}, {"sleep_us", 1000}};
    qint64 live = 0;
    application.ask([&](run::RunService& service) -> Result<void> {
        DUBITO_TRY(const auto runNo, service.submit(draft, *plugin));
        live = runNo;
        return {};
    });
    QTest::qWait(500);
    application.selection()->setRuns({live});
    for (const char* panel : {"curves", "runs", "log", "records"}) {
        window->showPanel(QString::fromLatin1(panel));
        QTest::qWait(900);
    }
    g_phase = QStringLiteral("palette");
    window->showPalette();
    QTest::qWait(200);
    if (auto* edit = qobject_cast<QLineEdit*>(QApplication::focusWidget()))
        QTest::keyClicks(edit, QStringLiteral("filled"));
    QTest::qWait(300);
    for (QWidget* top : QApplication::topLevelWidgets())
        if (top != window && top->isVisible()) top->close();
    g_phase = QStringLiteral("run dialog");
    window->newRun(false);
    QTest::qWait(500);
    for (QWidget* top : QApplication::topLevelWidgets())
        if (top != window && top->isVisible()) top->close();
    g_phase = QStringLiteral("close");
    application.closeProject();
    QTest::qWait(200);

    std::sort(g_slowest.begin(), g_slowest.end(), [](const Slow& a, const Slow& b) { return a.ms > b.ms; });
    bench::row(
        "desktop: longest event of the window's thread", g_slowest.empty() ? 0 : g_slowest[0].ms, "ms", 50, true);
    for (std::size_t i = 0;
         i < std::min<std::size_t>(qEnvironmentVariableIntValue("DUBITO_BENCH_EVENTS") > 0 ? 40 : 3, g_slowest.size());
         ++i)
        std::printf("    %6.1f ms  %s\n", g_slowest[i].ms, qPrintable(g_slowest[i].what));
    return 0;
}
