// The explorer by hand: views, the bin, artifacts, names of any length; and what actions may do with the selected run.
#include <QAccessible>
#include <QApplication>
#include <QInputDialog>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QTableView>
#include <QTimer>
#include <QToolButton>
#include <QTreeWidget>

#include "action_registry.h"
#include "app/desktop.h"
#include "explorer_rows.h"
#include "runs/runs_panel.h"
#include "store/opener.h"
#include "store/user_rows.h"
#include "store/writer.h"

using namespace dubito;
using tests::get;
using tests::kPatience;
using tests::ok;

namespace {

QTreeWidget* tree(const tests::Desktop& desktop) {
    return desktop.application->window()->explorerWidget()->findChild<QTreeWidget*>();
}

QTreeWidgetItem* item(const tests::Desktop& desktop, const QString& text) {
    for (QTreeWidgetItem* one : tree(desktop)->findItems(text, Qt::MatchExactly | Qt::MatchRecursive)) return one;
    return nullptr;
}

void click(const tests::Desktop& desktop, const QString& text) {
    auto* list = tree(desktop);
    auto* one = item(desktop, text);
    if (!one) qFatal("there is no row %s", qPrintable(text));
    list->scrollToItem(one);
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(one).center());
}

QToolButton* tool(const tests::Desktop& desktop, const QString& text) {
    for (auto* one : desktop.application->window()->explorerWidget()->findChildren<QToolButton*>())
        if (one->text() == text && one->isVisible()) return one;
    return nullptr;
}

void clickTool(const tests::Desktop& desktop, const QString& text) {
    if (!QTest::qWaitFor([&] { return tool(desktop, text) != nullptr; }, kPatience))
        qFatal("there is no button %s", qPrintable(text));
    QTest::mouseClick(tool(desktop, text), Qt::LeftButton);
}

/// Types into the next question that comes up and accepts it. @return what stood in it, once it was there
std::shared_ptr<QString> answerNext(const QString& text) {
    auto before = std::make_shared<QString>();
    auto* poll = new QTimer(qApp);
    QObject::connect(poll, &QTimer::timeout, poll, [poll, before, text] {
        auto* dialog = qobject_cast<QInputDialog*>(QApplication::activeModalWidget());
        if (!dialog) return;
        poll->deleteLater();
        auto* edit = dialog->findChild<QLineEdit*>();
        *before = edit->text();
        edit->selectAll();
        QTest::keyClicks(edit, text);
        QTest::keyClick(edit, Qt::Key_Return);
    });
    poll->start(20);
    return before;
}

bool isOffered(const tests::Desktop& desktop, const char* action) {
    auto& actions = desktop.application->window()->actionRegistry();
    actions.refresh();
    return actions.action(QString::fromLatin1(action))->isEnabled();
}

/// F2 on the selected run, in its row. @return the name that stood in the field
QString renameInTable(const tests::Desktop& desktop, const QString& text) {
    QTableView* table = nullptr;
    const auto isThere = [&] {
        auto* panel = desktop.application->window()->panel("runs");
        table = panel && panel->isVisible() ? panel->findChild<QTableView*>() : nullptr;
        return table && table->model()->rowCount() > 0 && isOffered(desktop, "edit.title");
    };
    if (!QTest::qWaitFor(isThere, kPatience)) qFatal("the run table is not there");
    desktop.application->window()->trigger("edit.title");
    QLineEdit* field = nullptr;
    const auto isOpen = [&] { return (field = table->findChild<QLineEdit*>("newName")) != nullptr; };
    if (!QTest::qWaitFor(isOpen, kPatience)) qFatal("no field for the name");
    const QString before = field->text();
    field->selectAll();
    QTest::keyClicks(field, text);
    QTest::keyClick(field, Qt::Key_Return);
    return before;
}

}  // namespace

class tst_Explorer : public QObject {
    Q_OBJECT
    static int rowsForTools(const tests::Desktop& desktop) {
        QAccessibleInterface* list = QAccessible::queryAccessibleInterface(tree(desktop));
        int rows = 0;
        for (int i = 0; i < list->childCount(); ++i)
            if (QAccessibleInterface* one = list->child(i); one && one->role() == QAccessible::TreeItem) ++rows;
        return rows;
    }
private Q_SLOTS:
    void helpers_areNeitherListedNorCountedButComeBackFromTheBin() {
        tests::TempProject project;
        auto writer = get(store::ProjectWriter::open(project.file));
        const auto add = [&](const std::string& title, Json parameters) {
            ok(writer->begin());
            store::NewRun run;
            run.id = makeUuid();
            run.specJson = run.title = title;
            run.specHash = run.groupHash = sha256(asBytes(title));
            run.pluginId = "fake";
            run.pluginVersion = "1.0.0";
            run.parameters = std::move(parameters);
            const auto runNo = get(writer->addRun(run));
            ok(writer->commit());
            return runNo;
        };
        add("own", Json::object());
        const auto reads = add("reads", {{"session", {{"keep", true}}}, {"prompt", {{"answer_from", 1}}}});
        const auto textsOf = [&] {
            const app::ExplorerQuery asked{false, true, {}};
            QStringList out;
            for (const auto& row : app::explorerRows(get(app::queryExplorer(writer->database(), asked)), false, true))
                if (row.kind == app::RowKind::Run || row.kind == app::RowKind::Deleted) out << row.text;
                else if (row.kind == app::RowKind::AllRuns) out << row.count;
            return out;
        };
        QCOMPARE(textsOf(), (QStringList{"1", "own"}));
        ok(writer->edit("delete", "delete", [&](store::Database& db) { return store::setDeleted(db, {reads}, 5); }));
        QCOMPARE(textsOf(), (QStringList{"1", "reads", "own"}));
    }
    void explorer_hidden_givesItsRowsToNobodyAndHasThemAgain() {
        tests::Desktop desktop;
        const qint64 run = desktop.addRun("alpha");
        desktop.application->window()->showPanel("runs");
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, "alpha"), kPatience);
        click(desktop, "Saved views");
        click(desktop, "alpha");
        QTRY_COMPARE_WITH_TIMEOUT(desktop.application->selection()->runs(), QVector<qint64>{run}, kPatience);
        const bool wasOpen = item(desktop, "Saved views")->isExpanded();
        const int rows = rowsForTools(desktop);
        QVERIFY(rows > 2);
        desktop.application->window()->trigger("view.explorer");
        QTRY_VERIFY_WITH_TIMEOUT(!tree(desktop)->isVisible(), kPatience);
        QCOMPARE(rowsForTools(desktop), 0);
        // What comes meanwhile is there afterwards.
        desktop.addRun("beta");
        desktop.application->window()->trigger("view.explorer");
        QVERIFY(item(desktop, "alpha") && item(desktop, "alpha")->isSelected());
        QCOMPARE(item(desktop, "Saved views")->isExpanded(), wasOpen);
        QCOMPARE(tree(desktop)->currentItem(), item(desktop, "alpha"));
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, "beta"), kPatience);
        QVERIFY(rowsForTools(desktop) > rows);
    }
    void filter_savedAsView_isThereAfterUndoAndRedo() {
        tests::Desktop desktop;
        desktop.addRun("alpha");
        desktop.addRun("beta");
        desktop.application->window()->showPanel("runs");
        auto* runs = qobject_cast<runs::RunsPanel*>(desktop.application->window()->panel("runs"));
        QVERIFY(runs);
        QVERIFY(!isOffered(desktop, "edit.saveView"));
        runs->setFilter("alpha");
        QVERIFY(isOffered(desktop, "edit.saveView"));
        auto typed = answerNext("only alpha");
        desktop.application->window()->trigger("edit.saveView");
        QCOMPARE(*typed, QStringLiteral("alpha"));
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, "only alpha"), kPatience);
        click(desktop, "All runs");
        QTRY_COMPARE_WITH_TIMEOUT(runs->filter(), QString(), kPatience);
        click(desktop, "Saved views");
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, "Saved views")->isExpanded(), kPatience);
        click(desktop, "only alpha");
        QCOMPARE(runs->filter(), QStringLiteral("alpha"));
        answerNext("first");
        clickTool(desktop, "Rename…");
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, "first") && !item(desktop, "only alpha"), kPatience);
        click(desktop, "first");
        clickTool(desktop, "Delete");
        QTRY_VERIFY_WITH_TIMEOUT(!item(desktop, "first"), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(isOffered(desktop, "edit.undo"), kPatience);
        desktop.application->window()->trigger("edit.undo");
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, "first"), kPatience);
    }
    void deletedRun_isInTheBinAndComesBack() {
        tests::Desktop desktop;
        const qint64 kept = desktop.addRun("kept"), gone = desktop.addRun("gone");
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, "kept") && item(desktop, "gone"), kPatience);
        desktop.application->selection()->setRuns({gone});
        QTRY_VERIFY_WITH_TIMEOUT(isOffered(desktop, "edit.delete"), kPatience);
        desktop.application->window()->trigger("edit.delete");
        const auto count = [&](const char* name) {
            return item(desktop, name)->data(0, app::kRowRole).value<app::ExplorerRow>().count;
        };
        QTRY_COMPARE_WITH_TIMEOUT(count("All runs"), QStringLiteral("1"), kPatience);
        QCOMPARE(count("Bin"), QStringLiteral("1"));
        QVERIFY(!item(desktop, "gone"));
        click(desktop, "Bin");
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, "gone"), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(tool(desktop, "Empty bin…"), kPatience);
        click(desktop, "gone");
        clickTool(desktop, "Restore");
        QTRY_COMPARE_WITH_TIMEOUT(count("All runs"), QStringLiteral("2"), kPatience);
        QVERIFY(kept != gone);
    }
    void name_ofAnyLengthOrKind_widensNothing() {
        tests::Desktop desktop;
        const qint64 run = desktop.addRun("short");
        desktop.application->selection()->setRuns({run});
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, "short") && item(desktop, "short")->isSelected(), kPatience);
        QTest::qWait(300);  // the panels show the run, too
        const int before = desktop.application->window()->minimumSizeHint().width();
        const QString name = QStringLiteral("<b>HTML</b>") + QString(180, 'w');
        QTRY_VERIFY_WITH_TIMEOUT(isOffered(desktop, "edit.title"), kPatience);
        QCOMPARE(renameInTable(desktop, name), QStringLiteral("short"));  // the name it has stands in the field
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, name), kPatience);
        QVERIFY(desktop.application->window()->explorerWidget()->minimumSizeHint().width() <= 216);
        QTest::qWait(300);
        QVERIFY(desktop.application->window()->minimumSizeHint().width() <= before);
        QVERIFY(!item(desktop, name)->toolTip(0).startsWith("<b>"));
    }
    void sections_withNothingInThem_saySo() {
        tests::Desktop desktop;
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, "Artifacts"), kPatience);
        for (const char* section : {"Saved views", "Experiments", "Reports", "Artifacts", "Bin"}) {
            click(desktop, section);
            QTRY_VERIFY_WITH_TIMEOUT(item(desktop, section)->childCount() == 1, kPatience);
            QVERIFY(item(desktop, section)->isExpanded());
            QVERIFY(!item(desktop, section)->child(0)->text(0).isEmpty());
        }
    }
    void star_isTakenAwayByTheSameAction() {
        tests::Desktop desktop;
        const qint64 run = desktop.addRun("one");
        desktop.application->selection()->setRuns({run});
        const auto isStarred = [&] {
            auto* row = item(desktop, "one");
            return row && row->data(0, app::kRowRole).value<app::ExplorerRow>().isStarred;
        };
        for (const bool expected : {true, false}) {
            desktop.application->window()->trigger("edit.star");
            QTRY_COMPARE_WITH_TIMEOUT(isStarred(), expected, kPatience);
        }
    }
    void severalRuns_renamed_areNumbered() {
        tests::Desktop desktop;
        const qint64 first = desktop.addRun("a"), second = desktop.addRun("b");
        desktop.application->selection()->setRuns({first, second});
        answerNext("set");
        desktop.application->window()->trigger("edit.title");
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, "set 1") && item(desktop, "set 2"), kPatience);
    }
    void finishedRun_isNotOfferedToBeStopped() {
        tests::Desktop desktop;
        const qint64 run = desktop.addRun("over");
        desktop.application->selection()->setRuns({run});
        auto& actions = desktop.application->window()->actionRegistry();
        QTRY_VERIFY_WITH_TIMEOUT(!isOffered(desktop, "run.cancel"), kPatience);
        for (const char* id : {"run.kill", "run.resume", "edit.undo", "edit.redo", "chat.tuned"}) {
            QVERIFY2(!isOffered(desktop, id), id);
            QVERIFY2(!actions.action(QString::fromLatin1(id))->toolTip().isEmpty(), id);
        }
        QCOMPARE(actions.action("run.cancel")->toolTip(), QStringLiteral("The run is over."));
        QVERIFY(isOffered(desktop, "run.repeat"));
        QVERIFY(isOffered(desktop, "edit.delete"));
    }
    void liveRun_deleted_isStoppedFirstAfterAQuestion() {
        tests::Desktop desktop;
        const qint64 run = desktop.startRun("alive");
        desktop.application->selection()->setRuns({run});
        QTRY_VERIFY_WITH_TIMEOUT(isOffered(desktop, "run.cancel"), kPatience);
        const auto answer = [&](const QString& with) {
            desktop.application->window()->trigger("edit.delete");
            QMessageBox* box = nullptr;
            const auto isThere = [&] {
                box = desktop.application->window()->findChild<QMessageBox*>();
                return box && box->isVisible();
            };
            QVERIFY(QTest::qWaitFor(isThere, kPatience));
            for (QAbstractButton* button : box->buttons())
                if (button->text().remove(QLatin1Char('&')) == with) QTest::mouseClick(button, Qt::LeftButton);
            QVERIFY(
                QTest::qWaitFor([&] { return !desktop.application->window()->findChild<QMessageBox*>(); }, kPatience));
        };
        answer(QStringLiteral("Cancel"));
        QVERIFY(desktop.application->service()->live() > 0);
        QCOMPARE(desktop.application->selection()->leadingRun(), run);
        answer(QStringLiteral("Stop and delete"));
        store::RunRow row;
        QVERIFY(tests::waitFinal(desktop.project.file, run, 120, &row));
        QCOMPARE(row.state, static_cast<int>(run::RunState::Cancelled));
        const auto binned = [&] {
            auto db = get(store::openReadOnly(desktop.project.file));
            return get(store::findRun(*db, run))->isDeleted;
        };
        QTRY_VERIFY_WITH_TIMEOUT(binned(), kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(desktop.application->selection()->leadingRun(), qint64{0}, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(isOffered(desktop, "edit.emptyBin"), kPatience);
    }
    void clickBesideTheRows_leavesTheSelectedRunMarked() {
        tests::Desktop desktop;
        const qint64 run = desktop.addRun("one");
        desktop.application->selection()->setRuns({run});
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, "one") && item(desktop, "one")->isSelected(), kPatience);
        auto* list = tree(desktop);
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, QPoint(20, list->viewport()->height() - 5));
        QVERIFY(item(desktop, "one")->isSelected());
        QCOMPARE(desktop.application->selection()->leadingRun(), run);
    }
    void actions_thatCannotWork_sayWhy() {
        tests::Desktop desktop;
        auto& actions = desktop.application->window()->actionRegistry();
        QTRY_VERIFY_WITH_TIMEOUT(!isOffered(desktop, "edit.undo"), kPatience);
        const std::pair<const char*, const char*> reasons[] = {{"edit.undo", "There is nothing to undo."},
            {"edit.emptyBin", "The bin is empty."}, {"edit.star", "No run is selected."},
            {"edit.delete", "No run is selected."}, {"run.cancel", "No run is selected."}};
        for (const auto& [id, reason] : reasons) {
            QVERIFY2(!isOffered(desktop, id), id);
            QCOMPARE(actions.action(QString::fromLatin1(id))->toolTip(), QString::fromLatin1(reason));
        }
        desktop.application->closeProject();
        QVERIFY(!isOffered(desktop, "edit.undo"));
        QCOMPARE(actions.action(QStringLiteral("edit.undo"))->toolTip(), QStringLiteral("No project is open."));
    }
    void name_typedInTheTable_isInTheProject() {
        tests::Desktop desktop;
        const qint64 run = desktop.addRun("before");
        desktop.application->selection()->setRuns({run});
        QCOMPARE(renameInTable(desktop, "after"), QStringLiteral("before"));
        QTRY_VERIFY_WITH_TIMEOUT(item(desktop, "after"), kPatience);
    }
    void noteAndTags_typed_areOnTheCardAndFound() {
        tests::Desktop desktop;
        const qint64 run = desktop.addRun("one");
        desktop.application->selection()->setRuns({run});
        QTRY_VERIFY_WITH_TIMEOUT(isOffered(desktop, "edit.tags"), kPatience);
        answerNext("keep, warm start");
        desktop.application->window()->trigger("edit.tags");
        const auto hits = [&](const char* filter) {
            auto db = get(store::openReadOnly(desktop.project.file));
            store::RunQuery query;
            query.where = filter;
            return get(store::countRuns(*db, query));
        };
        QTRY_COMPARE_WITH_TIMEOUT(hits("tag = keep and tag ~ warm"), std::int64_t{1}, kPatience);
        QCOMPARE(hits("tag = other"), std::int64_t{0});
        QTRY_VERIFY_WITH_TIMEOUT(isOffered(desktop, "edit.undo"), kPatience);
        desktop.application->window()->trigger("edit.undo");
        QTRY_COMPARE_WITH_TIMEOUT(hits("tag = keep"), std::int64_t{0}, kPatience);
    }
    void role_withoutAPlugin_isGreyWithTheReason() {
        tests::Desktop desktop;
        auto& actions = desktop.application->window()->actionRegistry();
        const std::pair<const char*, const char*> needs[] = {{"chat.new", "chat"}, {"run.session", "inspect"},
            {"model.tokenise", "tokenise"}, {"model.lab", "quantise"}, {"model.train", "train"}};
        for (const auto& [id, role] : needs) {
            const bool isThere = !desktop.application->catalogue().withRole(role).empty();
            QVERIFY2(isOffered(desktop, id) == isThere, id);
            if (!isThere) QVERIFY2(actions.action(QString::fromLatin1(id))->toolTip().startsWith("No plugin"), id);
        }
        QVERIFY(isOffered(desktop, "run.new"));
    }
};

QTEST_MAIN(tst_Explorer)
#include "tst_explorer.moc"
