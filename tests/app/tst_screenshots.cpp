// Pictures of every panel, light and dark, filled by the demo on the packaged model. DUBITO_SCREENSHOTS names where they are
// kept (the build folder when unset); run again with QT_SCALE_FACTOR=2 for the second scale.
#include <QDir>
#include <QProcess>
#include <QTest>

#include "application.h"
#include "inspector/inspector_panel.h"
#include "main_window.h"
#include "support/temp_project.h"

using namespace dubito;

class tst_Screenshots : public QObject {
    Q_OBJECT
    /// Not empty: more than a handful of colours, in the window and in the panel's middle.
    static int colours(const QImage& image) {
        QSet<QRgb> seen;
        for (int y = 0; y < image.height(); y += 3)
            for (int x = 0; x < image.width(); x += 3) seen.insert(image.pixel(x, y));
        return static_cast<int>(seen.size());
    }
private Q_SLOTS:
    void panels_everyTheme_areDrawn() {
#ifdef __SANITIZE_THREAD__
        QSKIP("pictures are taken in other presets");
#endif
        if (!fs::exists(fs::path(DUBITO_BUILD) / "plugins/org.dubito.tas")) QSKIP("needs the inspector plugin");
        const QString folder = qEnvironmentVariable("DUBITO_SCREENSHOTS", QString(DUBITO_BUILD) + "/screenshots");
        QDir().mkpath(folder);
        tests::TempProject home;
        const QString file = home.folder.path() + "/demo.dubito";
        QProcess demo;
        demo.start(QString(DUBITO_BIN) + "/dubito", {"demo", file, "--quiet"});
        QVERIFY(demo.waitForFinished(240'000));
        QVERIFY2(demo.exitCode() == 0, demo.readAllStandardError());
        const int scale = qRound(qEnvironmentVariable("QT_SCALE_FACTOR", "1").toDouble());
        for (const char* theme : {"light", "dark"}) {
            app::Application application({qEnvironmentVariable("DUBITO_SCREENSHOT_LANG", "en"), QString::fromLatin1(theme), false, false});
            auto* window = application.window();
            window->resize(1280, 800);
            window->show();
            const auto take = [&](const QString& name) {
                QTest::qWait(450);
                const QImage image = window->grab().toImage();
                QVERIFY2(colours(image) > 20, qPrintable(name));
                QVERIFY(image.save(QStringLiteral("%1/%2-%3-%4x.png").arg(folder, name, QString::fromLatin1(theme)).arg(scale)));
            };
            take("start");
            int opened = -1;
            application.openProject(file, [&](bool outcome) { opened = outcome; });
            QTRY_COMPARE_WITH_TIMEOUT(opened, 1, 10'000);
            QTest::qWait(500);
            store::RunQuery query;
            auto db = store::openReadOnly(file.toStdString());
            auto runs = store::queryRuns(**db, query);
            QVERIFY(runs && runs->size() == 4);
            const auto named = [&](const char* name) {
                for (const auto& run : *runs)
                    if (run.name() == name) return static_cast<qint64>(run.runNo);
                return qint64(0);
            };
            application.selection()->setRuns({named("tas-eiffel")});
            take("runs");
            window->showPanel("inspector");
            QTest::qWait(700);
            auto* inspector = static_cast<inspector::InspectorPanel*>(window->panel("inspector"));
            inspector->showView(inspector::InspectorPanel::Layers);
            // The token where the model speaks of the tower; the layer where it settles.
            application.selection()->setCell(0, 28, 54);
            take("inspector-layers");
            for (const auto& [view, name] : {std::pair(inspector::InspectorPanel::Ranks, "inspector-ranks"), std::pair(inspector::InspectorPanel::Residual, "inspector-residual"), std::pair(inspector::InspectorPanel::Attention, "inspector-attention"),
                                             std::pair(inspector::InspectorPanel::Attribution, "inspector-attribution")}) {
                inspector->showView(view);
                take(QString::fromLatin1(name));
            }
            application.selection()->setRuns({named("tas-patch")});
            inspector->showView(inspector::InspectorPanel::Causal);
            QTest::qWait(500);
            take("inspector-causal");
            inspector->showView(inspector::InspectorPanel::Layers);
            application.selection()->setRuns({named("coin-doubt")});
            window->showPanel("curves");
            take("curves");
            window->showPanel("records");
            take("records");
            application.selection()->setRuns({named("tas-eiffel")});
            window->showPanel("log");
            take("log");
            window->showPanel("plugins");
            take("plugins");
            window->newRun(false);
            QTest::qWait(400);
            for (QWidget* top : QApplication::topLevelWidgets())
                if (top->inherits("dubito::app::RunDialog")) {
                    QVERIFY(top->grab().toImage().save(QStringLiteral("%1/run-dialog-%2-%3x.png").arg(folder, QString::fromLatin1(theme)).arg(scale)));
                    top->close();
                }
        }
    }
};

QTEST_MAIN(tst_Screenshots)
#include "tst_screenshots.moc"
