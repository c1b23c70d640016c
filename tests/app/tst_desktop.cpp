// The desktop as a whole, offscreen: actions, palette, translations, a project opened, a run followed, panels attached.
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QAction>
#include <QComboBox>
#include <QElapsedTimer>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTabBar>
#include <QTest>
#include <QTimer>

#include "action_registry.h"
#include "application.h"
#include "cli/verb_table.h"
#include "command_palette.h"
#include "main_window.h"
#include "support/temp_project.h"

using namespace dubito;

/// Longest time the event loop did not come round.
class LoopWatch : public QObject {
public:
    LoopWatch() {
        m_timer.setInterval(0);
        connect(&m_timer, &QTimer::timeout, this, [this] { longest = std::max(longest, m_clock.restart()); });
        m_clock.start();
        m_timer.start();
    }
    qint64 longest = 0;

private:
    QTimer m_timer;
    QElapsedTimer m_clock;
};

static bool openAndWait(app::Application& application, const QString& file) {
    int outcome = -1;
    application.openProject(file, [&](bool opened) { outcome = opened; });
    return QTest::qWaitFor([&] { return outcome >= 0; }, 10'000) && outcome == 1;
}

class tst_Desktop : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void actions_each_haveTitleAndCommandOrViewOnly() {
        app::Application application({QStringLiteral("en"), QStringLiteral("light"), false, false});
        for (const auto& record : application.window()->actionRegistry().records()) {
            const QString line = QString::fromLatin1(record.commandLine);
            QVERIFY2(!application.window()->actionRegistry().title(record).isEmpty(), qPrintable(record.id));
            QVERIFY2(line == "view only" || cli::findVerb(line.section(' ', 0, 0).toStdString()),
                qPrintable(record.id + ": " + line));
        }
    }
    void shortcuts_each_areUnique() {
        app::Application application({QStringLiteral("en"), QStringLiteral("light"), false, false});
        QHash<QString, QString> seen;
        for (const auto& record : application.window()->actionRegistry().records()) {
            if (record.shortcut.isEmpty()) continue;
            QVERIFY2(!seen.contains(record.shortcut), qPrintable(record.id + " and " + seen.value(record.shortcut)));
            seen[record.shortcut] = record.id;
        }
    }
    void translations_chinese_areComplete() {
        QFile file(QString(DUBITO_SOURCE) + "/resources/translations/dubito_zh_CN.ts");
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(file.readAll());
        QVERIFY(text.count("<message") > 200);
        QStringList open;
        QRegularExpressionMatchIterator it =
            QRegularExpression("<source>(.*?)</source>\\s*(<translation[^>]*>)(.*?)</translation>",
                QRegularExpression::DotMatchesEverythingOption)
                .globalMatch(text);
        while (it.hasNext()) {
            const auto match = it.next();
            if (match.captured(2).contains("unfinished") || match.captured(3).trimmed().isEmpty() ||
                match.captured(3).contains("<numerusform></numerusform>"))
                open << match.captured(1);
        }
        QVERIFY2(open.isEmpty(), qPrintable(open.join("\n")));
    }
    void fuzzy_letters_matchInOrder() {
        QVERIFY(app::fuzzyScore("nr", "New run") > app::fuzzyScore("nr", "Thought inspector"));
        QCOMPARE(app::fuzzyScore("xyz", "New run"), -1);
    }
    void project_openedAndRun_isFollowedLive() {
        tests::TempProject project;
        app::Application application({QStringLiteral("en"), QStringLiteral("dark"), false, false});
        application.window()->show();
        LoopWatch watch;
        QVERIFY(openAndWait(application, QString::fromStdString(project.file.string())));
        QTest::qWait(300);
        auto plugin = host::readManifest(DUBITO_FAKE_PLUGIN);
        run::RunDraft draft;
        draft.threads = 1;
        draft.title = "followed";
        draft.parameters = {{"steps", 400}, {"sleep_us", 2000}};
        QSignalSpy committed(application.events(), &kit::RunEvents::committed);
        auto runNo = application.service()->submit(draft, *plugin);
        QVERIFY(runNo);
        application.selection()->setRuns({static_cast<qint64>(*runNo)});
        application.window()->showPanel("curves");
        QTRY_VERIFY_WITH_TIMEOUT(committed.count() > 2, 300'000);
        QTest::qWait(500);
        auto* curves = application.window()->panel("curves");
        QTRY_VERIFY_WITH_TIMEOUT(!curves->dataTable().rows.isEmpty(), 300'000);
        for (const char* id : {"runs", "inspector", "records", "log", "plugins"}) {
            application.window()->showPanel(QString::fromLatin1(id));
            QTest::qWait(150);
        }
        auto* runs = application.window()->panel("runs");
        QTRY_VERIFY_WITH_TIMEOUT(!runs->dataTable().rows.isEmpty(), 300'000);
        QVERIFY(runs->dataTable().rows[0].contains(QString("followed")));
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, *runNo, 30, &row));
        QTest::qWait(400);
        application.closeProject();
        QVERIFY(!application.hasProject());
        qInfo("longest stretch of the event loop: %lld ms", static_cast<long long>(watch.longest));
    }
    void edits_byActions_areMadeAndUndone() {
        tests::TempProject project;
        app::Application application({QStringLiteral("en"), QStringLiteral("light"), false, false});
        application.window()->show();
        QVERIFY(openAndWait(application, QString::fromStdString(project.file.string())));
        auto plugin = host::readManifest(DUBITO_FAKE_PLUGIN);
        run::RunDraft draft;
        draft.threads = 1;
        draft.title = "edited";
        draft.parameters = {{"steps", 10}};
        auto runNo = application.service()->submit(draft, *plugin);
        QVERIFY(runNo);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, *runNo, 30, &row));
        application.selection()->setRuns({static_cast<qint64>(*runNo)});
        const auto rowsLeft = [&] {
            auto db = store::openReadOnly(project.file);
            auto rows = store::queryRuns(**db, {});
            return rows ? static_cast<int>(rows->size()) : -1;
        };
        QCOMPARE(rowsLeft(), 1);
        application.window()->trigger("edit.delete");
        QTRY_COMPARE_WITH_TIMEOUT(rowsLeft(), 0, 300'000);
        application.window()->trigger("edit.undo");
        QTRY_COMPARE_WITH_TIMEOUT(rowsLeft(), 1, 300'000);
        application.window()->trigger("edit.redo");
        QTRY_COMPARE_WITH_TIMEOUT(rowsLeft(), 0, 300'000);
    }
    void project_closedAndOpenedAtOnce_isOwnedAgain() {
        tests::TempProject project;
        app::Application application({QStringLiteral("en"), QStringLiteral("light"), false, false});
        application.window()->show();
        for (int i = 0; i < 3; ++i) {
            QVERIFY(openAndWait(application, QString::fromStdString(project.file.string())));
            QVERIFY(application.service());
            application.closeProject();
        }
    }
    void project_missing_isRefusedAndTheOpenOneStays() {
        tests::TempProject project;
        app::Application application({QStringLiteral("en"), QStringLiteral("light"), false, false});
        application.window()->show();
        QVERIFY(openAndWait(application, QString::fromStdString(project.file.string())));
        QVERIFY(!openAndWait(application, project.folder.path() + "/missing.dubito"));
        QCOMPARE(application.projectPath(), QString::fromStdString(project.file.string()));
        for (QWidget* top : QApplication::topLevelWidgets())
            if (top->inherits("QMessageBox")) top->close();
    }
    void project_ownedElsewhere_opensReadOnly() {
        tests::TempProject project;
        auto owner = run::RunService::open(project.file, {});
        QVERIFY(owner);
        app::Application application({QStringLiteral("zh_CN"), QStringLiteral("light"), false, false});
        application.window()->show();
        QVERIFY(openAndWait(application, QString::fromStdString(project.file.string())));
        QVERIFY(!application.service());
        QVERIFY(!application.window()->actionRegistry().action("run.new")->isEnabled());
        QTest::qWait(200);
    }
    void widgets_interactive_haveAccessibleNames() {
        tests::TempProject project;
        app::Application application({QStringLiteral("en"), QStringLiteral("light"), false, false});
        application.window()->show();
        QVERIFY(openAndWait(application, QString::fromStdString(project.file.string())));
        // Panels are made when they are shown: every one, and what is in its pane.
        QStringList nameless;
        for (const auto& kind : application.panels().kinds()) {
            application.window()->showPanel(kind.id);
            QVERIFY2(application.window()->panel(kind.id), qPrintable(kind.id));
            lookForNames(application.window(), &nameless);
        }
        nameless.removeDuplicates();
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join("\n")));
    }

private:
    static void lookForNames(QWidget* window, QStringList* nameless) {
        for (QWidget* widget : window->findChildren<QWidget*>()) {
            const bool interactive = qobject_cast<QAbstractItemView*>(widget) || qobject_cast<QLineEdit*>(widget) ||
                                     qobject_cast<QComboBox*>(widget) || qobject_cast<QAbstractSpinBox*>(widget);
            if (!interactive || qobject_cast<QAbstractSpinBox*>(widget->parentWidget()) ||
                !widget->accessibleName().isEmpty() || qobject_cast<QComboBox*>(widget->parentWidget()) ||
                widget->inherits("QComboBoxListView") || widget->objectName().startsWith("qt_"))
                continue;
            if (qobject_cast<QHeaderView*>(widget)) continue;
            *nameless << QString("%1 in %2")
                             .arg(widget->metaObject()->className(),
                                 widget->parentWidget() ? widget->parentWidget()->metaObject()->className() : "");
        }
    }
};

QTEST_MAIN(tst_Desktop)
#include "tst_desktop.moc"
