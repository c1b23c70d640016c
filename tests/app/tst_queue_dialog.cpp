// The queue as a person sees it: rows in order, moved, paused, cancelled.
#include <QAction>
#include <QCheckBox>
#include <QPointer>
#include <QPushButton>
#include <QTest>
#include <QTreeWidget>

#include "action_registry.h"
#include "application.h"
#include "main_window.h"
#include "queue_dialog.h"
#include "run/run_service.h"
#include "support/results.h"
#include "support/temp_project.h"

using namespace dubito;
using tests::get;

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
        auto* list = dialog->findChild<QTreeWidget*>();
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
};

QTEST_MAIN(tst_QueueDialog)
#include "tst_queue_dialog.moc"
