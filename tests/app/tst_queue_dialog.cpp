// The queue as a person sees it: rows in order, moved, paused, cancelled.
#include <QAction>
#include <QCheckBox>
#include <QPointer>
#include <QPushButton>
#include <QTest>
#include <QTreeWidget>

#include "action_registry.h"
#include "app/desktop.h"
#include "queue_dialog.h"
#include "run/run_service.h"
#include "run/run_state.h"

using namespace dubito;
using tests::get;

namespace {

QTreeWidget* listNamed(const QWidget& dialog, const char* name) {
    for (auto* one : dialog.findChildren<QTreeWidget*>())
        if (one->accessibleName() == QLatin1String(name)) return one;
    return nullptr;
}

}  // namespace

class tst_QueueDialog : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void queue_isShownMovedCancelledAndGoesOn() {
        const tests::TempProject project;
        app::Application application({QStringLiteral("en"), QStringLiteral("light"), false, false});
        int outcome = -1;
        application.openProject(QString::fromStdString(project.file.string()), [&](bool opened) { outcome = opened; });
        QTRY_COMPARE_WITH_TIMEOUT(outcome, 1, 60'000);
        run::RunService& service = *application.service();
        service.setQueuePaused(true);
        const auto plugin = get(host::Catalogue::scan({}).find(DUBITO_FAKE_PLUGIN));
        std::vector<std::int64_t> runs;
        for (const char* title : {"one", "two", "three"}) {
            run::RunDraft draft;
            draft.pluginId = plugin.id;
            draft.threads = 1;
            draft.title = title;
            runs.push_back(get(service.submit(draft, plugin)));
        }
        application.window()->show();
        for (int i = 0; i < 2; ++i) application.window()->actionRegistry().action("run.queue")->trigger();
        QCOMPARE(application.window()->findChildren<app::QueueDialog*>().size(), 1);
        const QPointer<app::QueueDialog> dialog = application.window()->findChild<app::QueueDialog*>();
        auto* list = listNamed(*dialog, "Queue");
        auto* pause = dialog->findChild<QCheckBox*>();
        const auto rows = [list] {
            QStringList out;
            for (int i = 0; i < list->topLevelItemCount(); ++i) out << list->topLevelItem(i)->text(0);
            return out.join(' ');
        };
        const auto press = [&](const char* name) {
            QTest::mouseClick(dialog->findChild<QPushButton*>(QString::fromLatin1(name)), Qt::LeftButton);
        };
        QTRY_COMPARE_WITH_TIMEOUT(rows(), QStringLiteral("one two three"), 60'000);
        QVERIFY(pause->isChecked());
        QCOMPARE(list->topLevelItem(0)->text(4), QStringLiteral("the queue is paused"));
        QVERIFY(!dialog->findChild<QPushButton*>(QStringLiteral("up"))->isEnabled());  // none is chosen
        list->setCurrentItem(list->topLevelItem(2));
        press("first");
        QTRY_COMPARE_WITH_TIMEOUT(rows(), QStringLiteral("three one two"), 60'000);
        press("down");
        QTRY_COMPARE_WITH_TIMEOUT(rows(), QStringLiteral("one three two"), 60'000);
        press("cancel");
        QTRY_COMPARE_WITH_TIMEOUT(rows(), QStringLiteral("one two"), 60'000);
        QTest::mouseClick(pause, Qt::LeftButton, {}, QPoint(8, pause->height() / 2));
        QTRY_COMPARE_WITH_TIMEOUT(rows(), QString(), 60'000);
        store::RunRow row;
        for (const std::int64_t runNo : runs) QVERIFY(tests::waitFinal(project.file, runNo, 60, &row));
        QVERIFY(!service.isQueuePaused());
        application.closeProject();
        QTRY_VERIFY_WITH_TIMEOUT(dialog && !pause->isEnabled(), 60'000);
    }
    void running_isShownWithItsProgressPausedGoesOnAndIsStopped() {
        const tests::Desktop desktop;
        run::RunDraft draft;
        draft.threads = 1;
        draft.title = "long";
        draft.parameters = {{"steps", 4'000}, {"sleep_us", 20'000}};
        const auto plugin = get(host::readManifest(DUBITO_BUILD "/fake_plugins/org.dubito.ledger/1.0.0"));
        const auto runNo = get(desktop.application->service()->submit(draft, plugin));
        desktop.application->window()->actionRegistry().action("run.queue")->trigger();
        auto* dialog = desktop.application->window()->findChild<app::QueueDialog*>();
        auto* list = listNamed(*dialog, "Running");
        const auto cell = [list](int column) {
            return list->topLevelItemCount() == 1 ? list->topLevelItem(0)->text(column) : QString();
        };
        const auto button = [dialog](const char* name) {
            return dialog->findChild<QPushButton*>(QString::fromLatin1(name));
        };
        QTRY_COMPARE_WITH_TIMEOUT(cell(0), QStringLiteral("long"), tests::kPatience);
        QVERIFY(!button("pauseRun")->isEnabled() && !button("stopRun")->isEnabled());  // none is chosen
        QTRY_VERIFY_WITH_TIMEOUT(
            cell(2).endsWith(QLatin1Char('%')) && cell(2) != QLatin1String("0 %"), tests::kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(cell(3).contains(QLatin1Char(':')), tests::kPatience);  // time left
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(list->topLevelItem(0)).center());
        QTRY_VERIFY_WITH_TIMEOUT(button("pauseRun")->isEnabled(), tests::kPatience);
        QTest::mouseClick(button("pauseRun"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(cell(1), QStringLiteral("paused"), tests::kPatience);
        QVERIFY(!button("stopRun")->isEnabled());
        QTest::mouseClick(button("goOn"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(cell(1), QStringLiteral("running"), tests::kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(button("stopRun")->isEnabled(), tests::kPatience);
        QTest::mouseClick(button("stopRun"), Qt::LeftButton);
        store::RunRow row;
        QVERIFY(tests::waitFinal(desktop.project.file, runNo, 60, &row));
        QCOMPARE(row.state, static_cast<int>(run::RunState::Cancelled));
        QTRY_COMPARE_WITH_TIMEOUT(list->topLevelItemCount(), 0, tests::kPatience);  // stopped is not paused
        QCOMPARE(get(store::queryAttempts(*get(store::openReadOnly(desktop.project.file)), runNo)).size(), 2u);
    }
};

QTEST_MAIN(tst_QueueDialog)
#include "tst_queue_dialog.moc"
