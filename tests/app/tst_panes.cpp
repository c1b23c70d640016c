// Panes as a hand uses them: split, closed, taken out, pinned; tabs, areas and sizes; panels made when shown.
#include <QPushButton>
#include <QSlider>
#include <QTableView>
#include <QToolButton>

#include "action_registry.h"
#include "cursor_player.h"
#include "drawer.h"
#include "page_tabs.h"
#include "progress.h"
#include "rail.h"
#include "run/run_state.h"
#include "support/desk.h"

using namespace dubito;
using namespace dubito::tests;

/// Notes whether the event loop came round between its making and its being told of the project.
class Patient : public kit::Panel {
public:
    Patient() : Panel(QStringLiteral("patient")) {
        QMetaObject::invokeMethod(
            this, [this] { m_cameRound = true; }, Qt::QueuedConnection);
    }
    QString title() const override { return id(); }
    bool wasLetAlone = false, wasHidden = false;

protected:
    void onAttached() override {
        wasLetAlone = m_cameRound;
        wasHidden = !isVisible();
    }

private:
    bool m_cameRound = false;
};

class tst_Panes : public QObject {
    Q_OBJECT
private Q_SLOTS:
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
    void pane_splitAndClosed_leavesTheSharesAsTheyWere() {
        Desk desk;
        Json two = workspace("mine");
        two["pages"][0]["layout"] = {
            {"split", "across"}, {"ratio", {3, 1}}, {"of", {{{"panel", "probe"}}, {{"panel", "picky"}}}}};
        desk.install(two);
        QVERIFY(desk.start());
        desk.key(Qt::Key_3, Qt::AltModifier);
        auto* page = desk.area().page();
        const app::PaneLayout before = page->layoutNow();
        for (const int index : {0, 1}) {
            page->setFront(page->panes()[index]);
            desk.window()->splitFront(Qt::Horizontal);
            QCOMPARE(page->panes().size(), 3);
            desk.window()->closeFront();
            QVERIFY(page->layoutNow().isLike(before));
        }
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
        QTRY_VERIFY_WITH_TIMEOUT(panel->isVisible(), 15'000);  // shown by an event of its own
        QTRY_VERIFY_WITH_TIMEOUT(std::abs(pane->width() - width) <= 2, 15'000);
        QCOMPARE(desk.front(), pane);
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
    void panel_firstShown_isMadeToldAndShownInEventsOfTheirOwn() {
        Desk desk;
        Json mine = workspace("mine");
        mine["pages"][0]["layout"] = {{"panel", "patient"}};
        desk.install(mine);
        QVERIFY(desk.start({1280, 800}, [](kit::PanelRegistry& registry) {
            kit::PanelKind kind;
            kind.id = QStringLiteral("patient");
            kind.title = "patient";
            kind.make = [] { return new Patient; };
            registry.add(kind);
        }));
        desk.key(Qt::Key_3, Qt::AltModifier);
        QTRY_VERIFY_WITH_TIMEOUT(desk.front()->panel(), 15'000);
        const auto* panel = static_cast<Patient*>(desk.front()->panel());
        QVERIFY(panel->wasLetAlone && panel->wasHidden);
        QTRY_VERIFY_WITH_TIMEOUT(panel->isVisible(), 15'000);
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
        QVERIFY2(desk.front()->line().contains(QLatin1String("picky cannot show this run: it has no data for it")) &&
                     desk.front()->line().contains(QLatin1String("Curves")),
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
        // It stays the same while nothing new is known of the run, so that a press is never lost.
        const QPointer<QPushButton> stays = button;
        Q_EMIT desk.application->events()->stateChanged(bare, static_cast<int>(run::RunState::Running), {});
        QTest::qWait(200);
        QVERIFY(stays);
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
    void pane_unpinned_takesTheSelectionAsItIs() {
        Desk desk;
        desk.install(workspace("mine"));
        const auto first = desk.addRun("org.dubito.fake", {"a"}), second = desk.addRun("org.dubito.fake", {"a"});
        QVERIFY(desk.start());
        auto* shared = desk.application->selection();
        const auto choose = [&](qint64 run, int place) {
            shared->setRuns({run});
            shared->setCell(place, place, place);
            shared->setMetric(QString::number(place));
            shared->setStep(place);
        };
        const auto isAt = [](const kit::Selection& one, qint64 run, int place) {
            return one.leadingRun() == run && one.sequence() == place && one.layer() == place &&
                   one.position() == place && one.metric() == QString::number(place) && one.step() == place;
        };
        choose(first, 3);
        desk.key(Qt::Key_3, Qt::AltModifier);
        auto* pane = desk.front();
        pane->setPinned(true);
        choose(second, 5);
        QVERIFY(isAt(pane->ownSelection(), first, 3));
        pane->setPinned(false);
        QVERIFY(isAt(*shared, second, 5));
        QVERIFY(isAt(pane->ownSelection(), second, 5));
    }
    void panes_inWindowsOfTheirOwn_leaveAWayBackWhenOneIsClosedOrSplit() {
        Desk desk;
        Json two = workspace("mine");
        two["pages"][0]["layout"] = {{"split", "across"}, {"of", {{{"panel", "probe"}}, {{"panel", "picky"}}}}};
        desk.install(two);
        QVERIFY(desk.start());
        desk.key(Qt::Key_3, Qt::AltModifier);
        auto* page = desk.area().page();
        const auto waysBack = [page] {
            int count = 0;
            for (const auto* one : page->findChildren<QPushButton*>())
                count += one->isVisible() && one->text() == QLatin1String("Dock back");
            return count;
        };
        const auto panes = page->panes();
        for (auto* pane : panes) page->popOut(pane);
        QCOMPARE(waysBack(), 1);
        page->close(panes[0]);
        QCOMPARE(waysBack(), 1);
        // The place of one that is out is that of the pane split off it.
        page->split(panes[1], Qt::Vertical);
        QCOMPARE(waysBack(), 0);
        QVERIFY(page->panes()[1]->isVisible());
        page->close(page->panes()[1]);
        QCOMPARE(waysBack(), 1);
        page->popOut(panes[1]);
        QCOMPARE(waysBack(), 0);
        QVERIFY(panes[1]->isVisible() && panes[1]->window() == desk.window());
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
            if (table->model()->index(row, 2).data().toString() == QLatin1String("org.dubito.fake")) {
                QTest::mouseClick(
                    table->viewport(), Qt::LeftButton, {}, table->visualRect(table->model()->index(row, 2)).center());
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
        // Both asked for where there is room for one: the last one is there, and the page keeps its room.
        QWidget* side = nullptr;
        for (auto* one : desk.window()->findChildren<QWidget*>())
            if (one->accessibleName() == QLatin1String("Selection")) side = one;
        QVERIFY(side && side->isVisible());
        desk.key(Qt::Key_B, Qt::ControlModifier);
        QVERIFY(desk.window()->explorerWidget()->isVisible() && !side->isVisible());
        desk.key(Qt::Key_B, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(!desk.window()->explorerWidget()->isVisible() && side->isVisible());
        desk.window()->resize(1280, 800);
        QTRY_VERIFY_WITH_TIMEOUT(desk.window()->explorerWidget()->isVisible() && side->isVisible(), 15'000);
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
    void cursor_played_walksToTheEndAndHoldsWhenItIsHidden() {
        QSlider cursor(Qt::Horizontal);
        cursor.setMaximum(3);
        app::CursorPlayer player(&cursor);
        player.show();
        const auto press = [&](const char* name) {
            for (auto* button : player.findChildren<QToolButton*>())
                if (button->accessibleName() == QString::fromUtf8(name))
                    return QTest::mouseClick(button, Qt::LeftButton);
            QFAIL(name);
        };
        press("Play");
        QVERIFY(player.isPlaying());
        QTRY_COMPARE_WITH_TIMEOUT(cursor.value(), 3, 15'000);
        QTRY_VERIFY_WITH_TIMEOUT(!player.isPlaying(), 15'000);
        press("One step back");
        QCOMPARE(cursor.value(), 2);
        press("Speed: 1×");
        press("Play");
        player.hide();
        QVERIFY(!player.isPlaying());
    }
    void progress_sessionThatWaits_isNotCountedAsRunning() {
        store::RunRow waiting, working;
        waiting.state = working.state = static_cast<int>(run::RunState::Running);
        waiting.phase = "waiting";
        working.done = 1, working.total = 4;
        QCOMPARE(app::progressText(app::progressOf({waiting, working}, 0)),
            QStringLiteral("1 running 25 %, 1 waiting for you"));
    }
};

QTEST_MAIN(tst_Panes)
#include "tst_panes.moc"
