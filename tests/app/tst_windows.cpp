// Where windows stand, which of their parts are shown, and several of them on one project.
#include <QAccessible>
#include <QLineEdit>
#include <QMenuBar>
#include <QScreen>

#include <atomic>
#include <chrono>
#include <thread>

#include "action_registry.h"
#include "command_palette.h"
#include "drawer.h"
#include "errands.h"
#include "queue_dialog.h"
#include "screen_fit.h"
#include "settings.h"
#include "support/desk.h"

using namespace dubito;
using namespace dubito::tests;

class tst_Windows : public QObject {
    Q_OBJECT
    static QWidget* side(app::MainWindow* window) {
        for (auto* one : window->findChildren<QWidget*>())
            if (one->accessibleName() == QLatin1String("Selection")) return one;
        return nullptr;
    }
    static bool isWithin(const QWidget& window) {
        const QRect available = QGuiApplication::primaryScreen()->availableGeometry();
        return available.contains(window.frameGeometry());
    }
    static app::CommandPalette* paletteOf(app::MainWindow* window) {
        auto* palette = window->findChild<app::CommandPalette*>();
        return palette && palette->isVisible() ? palette : nullptr;
    }
private Q_SLOTS:
    void leaving_whileSomethingIsStillLookedAt_waitsForIt() {
        std::atomic<bool> mayEnd{false}, isOver{false};
        app::runErrand([&] {
            while (!mayEnd) std::this_thread::sleep_for(std::chrono::milliseconds(1));
            isOver = true;
        });
        QVERIFY(!app::waitForErrands(std::chrono::milliseconds(10)));
        Desk desk;
        desk.install(workspace("mine"));
        QVERIFY(desk.start({1280, 800}));
        mayEnd = true;
        desk.stop();
        QVERIFY(isOver);
        QVERIFY(app::waitForErrands(std::chrono::milliseconds(0)));
    }
    void palette_open_isAWindowThatToolsSeeAndGoesWithTheKeyboard() {
        Desk desk;
        desk.install(workspace("mine"));
        QVERIFY(desk.start({1280, 800}));
        QVERIFY(QTest::qWaitForWindowActive(desk.window()));
        desk.key(Qt::Key_K, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(paletteOf(desk.window()) && paletteOf(desk.window())->isActiveWindow(), 15'000);
        QVERIFY(!QApplication::activePopupWidget());
        QAccessibleInterface* program = QAccessible::queryAccessibleInterface(qApp);
        const QAccessibleInterface* seen = QAccessible::queryAccessibleInterface(paletteOf(desk.window()));
        bool isListed = false;
        for (int i = 0; i < program->childCount(); ++i) isListed = isListed || program->child(i) == seen;
        QVERIFY(isListed);
        QCOMPARE(seen->text(QAccessible::Name), QStringLiteral("Search anything"));
        QVERIFY(QRect(desk.window()->mapToGlobal(QPoint()), desk.window()->size())
                    .contains(paletteOf(desk.window())->frameGeometry()));
        desk.window()->activateWindow();
        QTRY_VERIFY_WITH_TIMEOUT(!paletteOf(desk.window()), 15'000);
        // Also while a text field has the keyboard, which keeps its text.
        auto* field = new QLineEdit(QStringLiteral("kept"), desk.window());
        field->show();
        field->setFocus();
        field->home(false);
        QTest::keyClick(field, Qt::Key_K, Qt::ControlModifier);
        QCOMPARE(field->text(), QStringLiteral("kept"));
        QTRY_VERIFY_WITH_TIMEOUT(paletteOf(desk.window()) && paletteOf(desk.window())->isActiveWindow(), 15'000);
        QTest::keyClick(paletteOf(desk.window())->findChild<QLineEdit*>(), Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(!paletteOf(desk.window()), 15'000);
    }
    void rectangle_anyScreen_isFittedWithItsFrame_data() {
        QTest::addColumn<QRect>("client");
        QTest::addColumn<QRect>("available");
        QTest::addColumn<QRect>("expected");
        const QRect small(0, 0, 1280, 800);
        QTest::newRow("fits") << QRect(40, 60, 900, 600) << small << QRect(40, 60, 900, 600);
        QTest::newRow("as large as the screen") << QRect(0, 0, 1280, 800) << small << QRect(1, 22, 1278, 773);
        QTest::newRow("from a larger screen") << QRect(1400, 900, 1800, 1000) << small << QRect(1, 22, 1278, 773);
        QTest::newRow("below the edge") << QRect(100, 700, 600, 400) << small << QRect(100, 395, 600, 400);
        QTest::newRow("above and left of it") << QRect(-300, -10, 600, 400) << small << QRect(1, 22, 600, 400);
        QTest::newRow("beside a bar") << QRect(0, 0, 1280, 800) << QRect(60, 30, 1220, 770) << QRect(61, 52, 1218, 743);
        QTest::newRow("second screen") << QRect(1300, 0, 3000, 300) << QRect(1280, 0, 1024, 700)
                                       << QRect(1281, 22, 1022, 300);
        QTest::newRow("no screen") << QRect(5, 5, 600, 400) << QRect() << QRect(5, 5, 600, 400);
    }
    void rectangle_anyScreen_isFittedWithItsFrame() {
        QFETCH(QRect, client);
        QFETCH(QRect, available);
        QFETCH(QRect, expected);
        QCOMPARE(app::fitted(client, QMargins(1, 22, 1, 5), available), expected);
    }
    void window_firstShown_liesWithinTheScreenWithItsFrame() {
        Desk desk;
        desk.application = std::make_unique<app::Application>(
            app::Application::Options{QStringLiteral("en"), QStringLiteral("light"), false, false});
        desk.window()->show();
        QTRY_VERIFY_WITH_TIMEOUT(isWithin(*desk.window()), 15'000);
    }
    void window_savedOnALargerScreen_liesWithinThisOne() {
        Desk desk;
        {
            QWidget large;
            large.setGeometry(700, 500, 2400, 1500);
            large.show();
            app::Settings().setGeometry(large.saveGeometry());
        }
        desk.application = std::make_unique<app::Application>(
            app::Application::Options{QStringLiteral("en"), QStringLiteral("light"), false, false});
        desk.window()->show();
        QTRY_VERIFY_WITH_TIMEOUT(isWithin(*desk.window()), 15'000);
    }
    void parts_hiddenByTheUser_areHiddenAfterARestart() {
        Desk desk;
        desk.install(workspace("mine"));
        QVERIFY(desk.start({1440, 900}));
        const auto isShown = [&](const char* what) {
            return QByteArray(what) == "explorer" ? desk.window()->explorerWidget()->isVisible()
                   : QByteArray(what) == "side"   ? side(desk.window())->isVisible()
                                                  : desk.window()->drawer().isVisible();
        };
        QVERIFY(isShown("explorer") && isShown("side") && !isShown("drawer"));
        desk.key(Qt::Key_B, Qt::ControlModifier);
        desk.key(Qt::Key_3, Qt::AltModifier);
        desk.key(Qt::Key_B, Qt::ControlModifier | Qt::ShiftModifier);
        desk.key(Qt::Key_J, Qt::ControlModifier);
        QVERIFY(isShown("explorer") && !isShown("side") && isShown("drawer"));
        desk.stop();
        QVERIFY(desk.start({1440, 900}));
        QCOMPARE(desk.there(), QStringLiteral("mine/one"));
        QVERIFY(isShown("explorer") && !isShown("side") && isShown("drawer"));
        desk.key(Qt::Key_2, Qt::AltModifier);
        QVERIFY(!isShown("explorer") && isShown("side") && isShown("drawer"));
        desk.key(Qt::Key_J, Qt::ControlModifier);
        desk.stop();
        QVERIFY(desk.start({1440, 900}));
        QVERIFY(!isShown("drawer"));
    }
    void window_second_showsAnotherWorkspaceWithTheSameSelection() {
        Desk desk;
        desk.install(workspace("mine"));
        const auto run = desk.addRun("org.dubito.fake", {"a"});
        QVERIFY(desk.start());
        desk.window()->showPageAt(0);
        QCOMPARE(desk.area().workspace()->id, QStringLiteral("runs"));
        app::MainWindow* first = desk.window();
        first->trigger(QStringLiteral("view.new_window"));
        QCOMPARE(desk.application->windows().size(), std::size_t(2));
        app::MainWindow* second = desk.application->windows()[1].get();
        QTRY_VERIFY_WITH_TIMEOUT(second->area().page(), 15'000);
        QCOMPARE(second->area().workspace()->id, QStringLiteral("mine"));
        QCOMPARE(first->area().workspace()->id, QStringLiteral("runs"));
        kit::PaneFrame* pane = second->area().page()->front();
        QTRY_VERIFY_WITH_TIMEOUT(pane->panel(), 15'000);
        desk.application->selection()->setRuns({run});
        QCOMPARE(static_cast<Probe*>(pane->panel())->run(), qint64(run));
    }
    void actions_ofTwoWindows_actWhereTheyCameFrom() {
        Desk desk;
        desk.install(workspace("mine"));
        QVERIFY(desk.start());
        app::MainWindow* first = desk.window();
        first->trigger(QStringLiteral("view.new_window"));
        app::MainWindow* second = desk.application->windows()[1].get();
        QTRY_VERIFY_WITH_TIMEOUT(second->area().page(), 15'000);
        const auto before = first->area().page()->panes().size();
        first->trigger(QStringLiteral("view.split_right"));
        QCOMPARE(first->area().page()->panes().size(), before + 1);
        QCOMPARE(second->area().page()->panes().size(), 1);
        second->trigger(QStringLiteral("view.page.1"));
        second->trigger(QStringLiteral("view.drawer"));
        QVERIFY(second->drawer().isVisible() && !first->drawer().isVisible());
        // A panel asks its own window.
        QTRY_VERIFY_WITH_TIMEOUT(second->area().page()->front()->panel(), 15'000);
        static_cast<Probe*>(second->area().page()->front()->panel())->ask(QStringLiteral("view.split_below"));
        QCOMPARE(second->area().page()->panes().size(), 2);
        // Keys that are changed in one hold in the other.
        first->actionRegistry().setShortcut(QStringLiteral("view.pin"), QStringLiteral("Ctrl+F9"));
        QCOMPARE(second->actionRegistry().action(QStringLiteral("view.pin"))->shortcut(), QKeySequence("Ctrl+F9"));
        QVERIFY(desk.application->history().size() >= 5);
    }
    void window_secondClosed_leavesTheProjectOpen() {
        Desk desk;
        desk.install(workspace("mine"));
        QVERIFY(desk.start());
        app::MainWindow* first = desk.window();
        first->trigger(QStringLiteral("view.new_window"));
        QPointer<app::MainWindow> second = desk.application->windows()[1].get();
        QTRY_VERIFY_WITH_TIMEOUT(second->area().page(), 15'000);
        second->trigger(QStringLiteral("view.split_right"));
        second->trigger(QStringLiteral("view.pop_out"));
        second->close();
        QTRY_VERIFY_WITH_TIMEOUT(!second, 15'000);
        QVERIFY(desk.application->hasProject() && first->isVisible() && first->area().page());
        QCOMPARE(desk.application->window(), first);
        QCOMPARE(desk.application->windows().size(), std::size_t(1));
        for (QWidget* top : QApplication::topLevelWidgets())
            QVERIFY2(!top->isVisible() || top == first, qPrintable(top->windowTitle()));
        // What was made of its workspace is kept.
        first->area().showWorkspace(QStringLiteral("mine"));
        // The first may go before the second; the project stays with the last.
        first->trigger(QStringLiteral("view.new_window"));
        app::MainWindow* third = desk.application->windows()[1].get();
        QTRY_VERIFY_WITH_TIMEOUT(third->area().page(), 15'000);
        first->close();
        QCOMPARE(desk.application->window(), third);
        QVERIFY(desk.application->hasProject());
        QTest::qWait(50);
        desk.application->closeProject();
        QVERIFY(third->isVisible() && third->area().isHome());
    }
    void project_closed_takesTheOtherWindowsWithIt() {
        Desk desk;
        QVERIFY(desk.start());
        desk.window()->trigger(QStringLiteral("view.new_window"));
        desk.window()->trigger(QStringLiteral("view.new_window"));
        QCOMPARE(desk.application->windows().size(), std::size_t(3));
        desk.application->closeProject();
        QCOMPARE(desk.application->windows().size(), std::size_t(1));
        QVERIFY(!desk.application->hasProject());
        QVERIFY(!desk.window()->actionRegistry().action(QStringLiteral("view.new_window"))->isEnabled());
    }
    void pane_inAWindowOfItsOwn_obeysTheSameKeys() {
        Desk desk;
        desk.install(workspace("mine"));
        QVERIFY(desk.start());
        desk.key(Qt::Key_3, Qt::AltModifier);
        kit::PaneFrame* pane = desk.front();
        QTRY_VERIFY_WITH_TIMEOUT(pane->panel(), 15'000);
        app::PageView* page = desk.area().page();
        desk.key(Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(page->isPoppedOut(pane));
        // Another page is shown behind it; the keys mean the pane all the same.
        desk.area().showWorkspace(QStringLiteral("runs"));
        pane->window()->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(pane->window(), 15'000));
        pane->focusContent();
        desk.key(Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(!page->isPoppedOut(pane));
    }
    void runs_countedInTheStatusBar_openTheQueue() {
        Desk desk;
        QVERIFY(desk.start());
        desk.window()->refreshStatus();
        auto* count = desk.word(desk.window(), QStringLiteral("nothing running"));
        QVERIFY(count && !count->accessibleName().isEmpty());
        QTest::mouseClick(count, Qt::LeftButton);
        QVERIFY(desk.window()->findChild<app::QueueDialog*>());
    }
};

QTEST_MAIN(tst_Windows)
#include "tst_windows.moc"
