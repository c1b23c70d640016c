// The run table by hand: what is typed, pressed and clicked, and what is shown then.
#include <QAbstractItemView>
#include <QClipboard>
#include <QCompleter>
#include <QHeaderView>
#include <QJsonArray>
#include <QJsonObject>
#include <QLineEdit>

#include "kit/colours.h"
#include "runs/run_card.h"
#include "runs/runs_panel.h"
#include "store/user_rows.h"
#include "support/shown.h"

using namespace dubito;
using namespace dubito::tests;

namespace {

/// A table of runs in a window of its own.
struct Table {
    Shown shown;
    runs::RunsPanel panel;
    QVector<QStringList> edits;  ///< run, what, text

    void open(QSize size = {1100, 500}) {
        kit::PanelContext context = shown.context();
        context.edit = [this](const QVector<qint64>& runs, const QString& what, const QString& text) {
            edits << QStringList{QString::number(runs.value(0)), what, text};
        };
        panel.resize(size);
        panel.show();
        panel.attach(context);
    }
    QTableView* view() const { return panel.findChild<QTableView*>(); }
    runs::RunsModel* model() const { return qobject_cast<runs::RunsModel*>(view()->model()); }
    QLineEdit* filter() const { return panel.findChild<runs::FilterField*>(); }
    bool waitForRows(int rows) const {
        return QTest::qWaitFor([&] { return model()->rowCount() == rows; }, kLong);
    }
    QStringList names() const {
        QStringList out;
        for (int row = 0; row < model()->rowCount(); ++row)
            out << model()->index(row, runs::RunsModel::Name).data().toString();
        return out;
    }
    void type(const QString& text) const {
        filter()->selectAll();
        QTest::keyClick(filter(), Qt::Key_Delete);
        QTest::keyClicks(filter(), text);
        filter()->findChild<QCompleter*>()->popup()->hide();
    }
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) const { QTest::keyClick(view(), key, modifiers); }
    QPoint cell(int row, int column) const { return view()->visualRect(model()->index(row, column)).center(); }
};

}  // namespace

class tst_Runs : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void filter_unfinished_keepsTheRowsAndSaysWhatIsMissing() {
        Table table;
        table.shown.addRun({.title = "alpha"});
        table.shown.addRun({.title = "beta"});
        table.open();
        QVERIFY(table.waitForRows(2));
        table.type("name = alpha");
        QVERIFY(table.waitForRows(1));
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(table.panel).contains(QLatin1String("1 of 2 runs")), kLong);
        QTest::keyClicks(table.filter(), " and foo");
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(table.panel).contains(QLatin1String("is expected")), kLong);
        QCOMPARE(table.model()->rowCount(), 1);
        QCOMPARE(stateOf(table.panel), QStringLiteral("content"));
        QVERIFY(table.filter()->property("wrong").toBool());
        QVERIFY(!wordsOf(table.panel).contains(QLatin1String("InvalidArgument")));
        table.type("name = gamma");
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(table.panel), QStringLiteral("empty"), kLong);
        QVERIFY(!table.filter()->property("wrong").toBool());
        for (auto* button : table.panel.findChildren<QPushButton*>())
            if (button->text() == QLatin1String("Clear")) QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(table.waitForRows(2));
    }
    void filter_namesItKnows_areOffered() {
        Table table;
        const auto run = table.shown.addRun({.title = "one", .parameters = {{"lr", 0.5}}});
        table.shown.addPoints(run, "train/loss", 3);
        table.open();
        QVERIFY(table.waitForRows(1));
        auto* popup = table.filter()->findChild<QCompleter*>()->popup();
        const auto offered = [&](const QString& typed) {
            table.type(QString());
            QTest::keyClicks(table.filter(), typed);
            QStringList out;
            for (int i = 0; popup->isVisible() && i < popup->model()->rowCount(); ++i)
                out << popup->model()->index(i, 0).data().toString();
            return out;
        };
        QTRY_COMPARE_WITH_TIMEOUT(offered("los"), QStringList{"train/loss"}, kLong);
        QCOMPARE(offered("par"), QStringList{"params.lr"});
        QVERIFY(offered("state = ru").contains(QLatin1String("running")));
        QVERIFY(offered("sta").contains(QLatin1String("star")));
        QCOMPARE(offered("los"), QStringList{"train/loss"});
        QTest::keyClick(popup, Qt::Key_Down);
        QTest::keyClick(popup, Qt::Key_Return);
        QCOMPARE(table.filter()->text(), QStringLiteral("train/loss "));
    }
    void metric_sortedBothWays_leavesRunsWithoutItBehind() {
        Table table;
        table.shown.addRun({.title = "none"});
        const auto low = table.shown.addRun({.title = "one"}), high = table.shown.addRun({.title = "three"});
        table.shown.addPoints(low, "m", 1);   // last is 1
        table.shown.addPoints(high, "m", 4);  // last is 1/4
        table.open();
        QVERIFY(table.waitForRows(3));
        QTRY_COMPARE_WITH_TIMEOUT(
            table.model()->headerData(runs::RunsModel::Number, Qt::Horizontal, Qt::DisplayRole).toString(),
            QStringLiteral("m"), kLong);
        table.view()->sortByColumn(runs::RunsModel::Number, Qt::AscendingOrder);
        QTRY_COMPARE_WITH_TIMEOUT(table.names(), (QStringList{"three", "one", "none"}), kLong);
        table.view()->sortByColumn(runs::RunsModel::Number, Qt::DescendingOrder);
        QTRY_COMPARE_WITH_TIMEOUT(table.names(), (QStringList{"one", "three", "none"}), kLong);
    }
    void allRuns_moreThanAreLoaded_areSelectedAndReached() {
        Table table;
        constexpr int kRuns = 650;
        table.shown.write([&] {
            for (int i = 0; i < kRuns; ++i) {
                store::NewRun run;
                run.id = makeUuid();
                run.specJson = "{\"n\":" + std::to_string(i) + "}";
                run.specHash = run.groupHash = sha256(asBytes(run.specJson));
                run.pluginId = "fake";
                run.pluginVersion = "1.0.0";
                run.system = "fake";
                run.title = "run " + std::to_string(i);
                run.createdUs = 1'000'000 + i;
                run.parameters = Json::object();
                (void)*table.shown.writer->addRun(run);
            }
        });
        table.open();
        QVERIFY(QTest::qWaitFor([&] { return table.model()->rowCount() >= 200; }, kLong));
        QTRY_VERIFY2_WITH_TIMEOUT(
            table.panel.showing().startsWith(QLatin1String("650 run")), qPrintable(table.panel.showing()), kLong);
        QVERIFY(table.model()->rowCount() < kRuns);
        QVERIFY(table.panel.showing().contains(QLatin1String("loaded")));
        table.press(Qt::Key_A, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(table.shown.selection.runs().size(), kRuns, kLong);
        QVERIFY(table.panel.showing().contains(QLatin1String("650 selected")));
        table.press(Qt::Key_End, Qt::ControlModifier);
        QVERIFY(table.waitForRows(kRuns));
        QTRY_COMPARE_WITH_TIMEOUT(table.view()->currentIndex().row(), kRuns - 1, kLong);
        QCOMPARE(table.names().last(), QStringLiteral("run 0"));
    }
    void keys_ofTheTable_doWhatTheySay() {
        Table table;
        const auto second = table.shown.addRun({.title = "second"}), first = table.shown.addRun({.title = "first"});
        table.open();
        QVERIFY(table.waitForRows(2));
        QTRY_COMPARE_WITH_TIMEOUT(table.shown.selection.leadingRun(), first, kLong);
        table.press(Qt::Key_Down);
        QCOMPARE(table.shown.selection.runs(), QVector<qint64>{second});
        table.press(Qt::Key_Up, Qt::ControlModifier);  // moves, selects nothing
        QCOMPARE(table.shown.selection.runs(), QVector<qint64>{second});
        table.press(Qt::Key_Space);
        QCOMPARE(table.shown.selection.runs().size(), 2);
        table.press(Qt::Key_Return);
        table.press(Qt::Key_N);
        table.press(Qt::Key_Delete);
        QCOMPARE(table.shown.triggered, (QStringList{"run.open", "edit.note", "edit.delete"}));
        table.press(Qt::Key_Slash);
        QTRY_VERIFY_WITH_TIMEOUT(table.filter()->hasFocus() || !table.panel.isActiveWindow(), kLong);
        QVERIFY(!table.view()->tabKeyNavigation());
    }
    void name_isEditedInItsRow() {
        Table table;
        const auto run = table.shown.addRun({.title = "before"});
        table.open();
        QVERIFY(table.waitForRows(1));
        table.shown.selection.setRuns({run});
        const auto field = [&] { return table.view()->findChild<QLineEdit*>(QStringLiteral("newName")); };
        QVERIFY(table.panel.editName());
        QVERIFY(field());
        QCOMPARE(field()->text(), QStringLiteral("before"));
        QTest::keyClick(field(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!field(), kLong);
        QVERIFY(table.edits.isEmpty());  // nothing was changed
        QVERIFY(table.panel.editName());
        field()->selectAll();
        QTest::keyClicks(field(), "after");
        // A run that reports meanwhile takes nothing from under the hand.
        Q_EMIT table.shown.events.committed(run);
        QTest::qWait(500);
        auto* model = table.view()->model();
        Q_EMIT model->dataChanged(model->index(0, 0), model->index(0, model->columnCount() - 1));
        QCOMPARE(field()->text(), QStringLiteral("after"));
        QTest::keyClick(field(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(table.edits, (QVector<QStringList>{{QString::number(run), "title", "after"}}), kLong);
    }
    void star_isShownAndTurnedByAClick() {
        Table table;
        const auto run = table.shown.addRun({.title = "one"});
        table.shown.must(table.shown.writer->edit(
            "star", "star", [&](store::Database& db) { return store::setStar(db, {run}, true); }));
        table.open();
        QVERIFY(table.waitForRows(1));
        QCOMPARE(table.model()->index(0, runs::RunsModel::Star).data().toString(), QStringLiteral("★"));
        QTest::mouseClick(table.view()->viewport(), Qt::LeftButton, {}, table.cell(0, runs::RunsModel::Star));
        QCOMPARE(table.edits, (QVector<QStringList>{{QString::number(run), "star", QString()}}));
    }
    void selectedRuns_haveTheirColourInTheTable() {
        Table table;
        const auto run = table.shown.addRun({.title = "one"});
        table.open();
        QVERIFY(table.waitForRows(1));
        QTRY_COMPARE_WITH_TIMEOUT(table.shown.selection.leadingRun(), run, kLong);
        const QRect name = table.view()->visualRect(table.model()->index(0, runs::RunsModel::Name));
        const auto hasSwatch = [&] {
            const QImage picture = table.view()->viewport()->grab(name).toImage();
            for (int x = 0; x < picture.width() / 2; ++x)
                for (int y = picture.height() / 2 - 4; y < picture.height() / 2 + 4; ++y)
                    if (picture.pixelColor(x, y) == kit::seriesColour(0)) return true;
            return false;
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasSwatch(), kLong);
        table.shown.selection.setRuns({});
        QTRY_VERIFY_WITH_TIMEOUT(!hasSwatch(), kLong);
    }
    void columns_nameIsWidestAndNumbersStandRight() {
        Table table;
        table.shown.addRun({.title = "one", .state = run::RunState::Running});
        table.open({660, 400});
        QVERIFY(table.waitForRows(1));
        QTest::qWait(50);
        for (int column = 0; column < runs::RunsModel::Columns; ++column)
            if (column != runs::RunsModel::Name)
                QVERIFY(table.view()->columnWidth(column) <= table.view()->columnWidth(runs::RunsModel::Name));
        for (const int column : {runs::RunsModel::Number, runs::RunsModel::Duration}) {
            const auto header = table.model()->headerData(column, Qt::Horizontal, Qt::TextAlignmentRole).toInt();
            QVERIFY(header & Qt::AlignRight);
            QVERIFY(table.model()->index(0, column).data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight);
        }
    }
    void columns_chosen_areKeptWithTheLayout() {
        Table table;
        table.shown.addRun({.title = "one"});
        table.open();
        QVERIFY(table.waitForRows(1));
        QVERIFY(table.view()->isColumnHidden(runs::RunsModel::Tags));
        QJsonObject layout = table.panel.saveLayout();
        layout[QStringLiteral("columns")] = QJsonArray{QStringLiteral("tags"), QStringLiteral("created"), 7};
        layout[QStringLiteral("sort")] = QStringLiteral("name");
        layout[QStringLiteral("descending")] = false;
        table.panel.restoreLayout(layout);
        QVERIFY(!table.view()->isColumnHidden(runs::RunsModel::Tags));
        QVERIFY(table.view()->isColumnHidden(runs::RunsModel::Duration));
        QCOMPARE(table.panel.saveLayout()[QLatin1String("columns")].toArray().size(), 2);
        QCOMPARE(table.view()->horizontalHeader()->sortIndicatorSection(), int(runs::RunsModel::Name));
    }
    void rows_copied_areATableOfWhatIsSelected() {
        Table table;
        const auto a = table.shown.addRun({.title = "a|b"});
        table.shown.addRun({.title = "other"});
        table.open();
        QVERIFY(table.waitForRows(2));
        table.shown.selection.setRuns({a});
        table.press(Qt::Key_C, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(QGuiApplication::clipboard()->text().contains(QLatin1String("a|b")), kLong);
        QVERIFY(!QGuiApplication::clipboard()->text().contains(QLatin1String("other")));
        QVERIFY(wordsOf(table.panel).contains(QLatin1String("copied")));
        table.panel.copySelected(runs::RunsPanel::CopyAs::Markdown);
        const QStringList lines = QGuiApplication::clipboard()->text().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 3);
        QVERIFY(lines[1].startsWith(QLatin1String("| --- |")));
        QVERIFY(lines[2].contains(QLatin1String("a\\|b")));
    }
    void session_thatWaits_isNotRunningForAPercentage() {
        Table table;
        const auto run = table.shown.addRun({.title = "live", .state = run::RunState::Running});
        table.shown.write([&] { table.shown.must(table.shown.writer->setProgress(run, 21, 50, "speaking")); });
        table.open();
        QVERIFY(table.waitForRows(1));
        const auto progress = [&] { return table.model()->index(0, runs::RunsModel::Progress).data().toString(); };
        QCOMPARE(progress(), QStringLiteral("42 %"));
        table.shown.write([&] { table.shown.must(table.shown.writer->setProgress(run, 0, 0, "waiting")); });
        Q_EMIT table.shown.events.committed(run);
        QTRY_COMPARE_WITH_TIMEOUT(progress(), QStringLiteral("waiting"), kLong);
    }
    void card_parameters_haveTheirTitlesAndTellTheirKeys() {
        Shown shown;
        const auto run = shown.addRun({.title = "one", .parameters = {{"train", {{"steps", 40}}}, {"own", 7}}});
        kit::PanelContext context = shown.context();
        context.parameterTitles = [](const store::RunRow& row) -> QHash<QString, QString> {
            if (row.pluginId != "org.dubito.lm.chat") return {};
            return {{QStringLiteral("train.steps"), QStringLiteral("Optimiser <b>steps</b>")}};
        };
        runs::RunCard card(context);
        card.resize(320, 600);
        card.show();
        shown.selection.setRuns({run});
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(card).contains(QLatin1String("Optimiser <b>steps</b>")), kLong);
        QVERIFY(!wordsOf(card).contains(QLatin1String("train.steps")));
        QVERIFY(wordsOf(card).contains(QLatin1String("own")));  // nobody gave it a title
        bool isTold = false;
        for (const auto* row : card.findChildren<QWidget*>())
            isTold |= row->toolTip().contains(QLatin1String("train.steps = 40"));
        QVERIFY(isTold);
    }
    void card_showsNoteAndTagsAsTheyAre() {
        Shown shown;
        const auto run = shown.addRun({.title = "one"});
        shown.must(shown.writer->edit("note", "note", [&](store::Database& db) -> Result<void> {
            DUBITO_CHECK(store::setNote(db, run, "<b>keep</b> this"));
            return store::changeTags(db, {run}, {"warm start"}, {});
        }));
        runs::RunCard card(shown.context());
        card.resize(320, 600);
        card.show();
        shown.selection.setRuns({run});
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(card).contains(QLatin1String("<b>keep</b> this")), kLong);
        QVERIFY(wordsOf(card).contains(QLatin1String("#warm start")));
    }
};

QTEST_MAIN(tst_Runs)
#include "tst_runs.moc"
