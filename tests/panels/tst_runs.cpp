// The run table by hand: what is typed, pressed and clicked, and what is shown then.
#include <QAbstractItemView>
#include <QClipboard>
#include <QCompleter>
#include <QHeaderView>
#include <QJsonArray>
#include <QJsonObject>
#include <QLineEdit>
#include <QMenu>
#include <QToolButton>
#include <QTranslator>

#include "kit/colours.h"
#include "kit/run_words.h"
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
    /// A run over, of a configuration; its number is `value`.
    std::int64_t addSeed(const std::string& config, int seed, double value, run::RunState state = run::RunState::Done,
        const std::string& system = "fake") {
        std::int64_t runNo = 0;
        shown.write([&] {
            store::NewRun run;
            run.id = makeUuid();
            run.specJson = "{\"config\":\"" + config + "\",\"seed\":" + std::to_string(seed) + "}";
            run.specHash = sha256(asBytes(run.specJson));
            run.groupHash = sha256(asBytes(config));
            run.pluginId = "fake";
            run.pluginVersion = "1.0.0";
            run.system = system;
            run.title = config;
            run.seed = seed;
            run.createdUs = nowUs();
            run.parameters = Json::object();
            runNo = *shown.writer->addRun(run);
            auto series = shown.writer->openSeries(
                runNo, 1, 0, {1, journal::RecordType::ScalarGroup, journal::Goal::None, "loss", "1", ""});
            for (int i = 0; i < 4; ++i) shown.must(shown.writer->addPoint(*series, i, i, value + 3 - i));
            shown.must(shown.writer->sealRun(runNo));
            store::RunStateChange change;
            change.state = static_cast<int>(state);
            shown.must(shown.writer->setState(runNo, change));
        });
        return runNo;
    }
    void choose(const QString& box, const QString& entry) const {
        for (auto* one : panel.findChildren<kit::LabelledChoice*>())
            if (one->box()->accessibleName() == box || one->findChild<QLabel*>()->text() == box) {
                one->box()->setFocus();
                while (one->box()->currentText() != entry && one->box()->currentIndex() + 1 < one->box()->count())
                    QTest::keyClick(one->box(), Qt::Key_Down);
            }
    }
    QString text(int row, int column) const { return model()->index(row, column).data().toString(); }
    /// Not cut: what the cell says fits the width it has.
    bool isWhole(int row, int column) const {
        const QModelIndex index = model()->index(row, column);
        const QFont font =
            index.data(Qt::FontRole).isValid() ? index.data(Qt::FontRole).value<QFont>() : view()->font();
        return QFontMetrics(font).horizontalAdvance(index.data().toString()) + 16 <= view()->columnWidth(column);
    }
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
    void widths_areSharedByContentAndStayAsAHandDrewThem() {
        Table table;
        table.addSeed("one", 1, 1, run::RunState::Done, "coin_doubt_with_a_name");
        table.open({1200, 400});
        QVERIFY(table.waitForRows(1));
        QTRY_VERIFY_WITH_TIMEOUT(table.isWhole(0, runs::RunsModel::System), kLong);
        QVERIFY(table.view()->columnWidth(runs::RunsModel::Name) >= 160);
        auto* header = table.view()->horizontalHeader();
        const auto edge = [&] {
            return QPoint(header->sectionViewportPosition(runs::RunsModel::System) +
                              header->sectionSize(runs::RunsModel::System) - 2,
                header->height() / 2);
        };
        const int before = table.view()->columnWidth(runs::RunsModel::System);
        const QPoint from = edge();
        QTest::mousePress(header->viewport(), Qt::LeftButton, {}, from);
        QTest::mouseMove(header->viewport(), from + QPoint(-20, 0));
        QTest::mouseMove(header->viewport(), from + QPoint(-60, 0));
        QTest::mouseRelease(header->viewport(), Qt::LeftButton, {}, from + QPoint(-60, 0));
        QTRY_COMPARE_WITH_TIMEOUT(table.view()->columnWidth(runs::RunsModel::System), before - 60, kLong);
        table.panel.resize(1100, 400);
        QTest::qWait(50);
        QCOMPARE(table.view()->columnWidth(runs::RunsModel::System), before - 60);
        const QJsonObject layout = table.panel.saveLayout();
        Table again;
        again.addSeed("one", 1, 1, run::RunState::Done, "coin_doubt_with_a_name");
        again.open({1100, 400});
        again.panel.restoreLayout(layout);
        QVERIFY(again.waitForRows(1));
        QTRY_COMPARE_WITH_TIMEOUT(again.view()->columnWidth(runs::RunsModel::System), before - 60, kLong);
        QTest::mouseDClick(header->viewport(), Qt::LeftButton, {}, edge());
        QTRY_VERIFY_WITH_TIMEOUT(table.isWhole(0, runs::RunsModel::System), kLong);
    }
    void column_thatSaysNothing_givesItsRoomFirst() {
        Table table;
        for (int seed = 1; seed <= 3; ++seed) table.addSeed("a name of some length", seed, seed);
        table.open({1300, 400});
        QVERIFY(table.waitForRows(3));
        const auto isThere = [&](int column) { return !table.view()->isColumnHidden(column); };
        QTRY_VERIFY_WITH_TIMEOUT(isThere(runs::RunsModel::Spark), kLong);
        // Runs that are over have no progress: where it is narrow the curve stays and that goes.
        for (int width = 1200; width > 400 && isThere(runs::RunsModel::Progress); width -= 10) {
            table.panel.resize(width, 400);
            QTest::qWait(1);
        }
        QVERIFY(!isThere(runs::RunsModel::Progress));
        QVERIFY(isThere(runs::RunsModel::Spark) && isThere(runs::RunsModel::Duration));
    }
    void focus_isOnTheRowAndNotRoundTheTable() {
        Table table;
        table.addSeed("one", 1, 1);
        table.open();
        QVERIFY(table.waitForRows(1));
        QCOMPARE(table.view()->property("role").toString(), QStringLiteral("rows"));
        QCOMPARE(table.view()->frameShape(), QFrame::NoFrame);
    }
    void helpers_areNoRowsUntilTheirSwitchIsOn() {
        Table table;
        table.shown.addRun({.title = "experiment"});
        table.shown.addRun({.title = "layers of: it",
            .parameters = {{"session", {{"keep", true}}}, {"prompt", {{"answer_from", 3}}}}});
        table.open();
        QVERIFY(table.waitForRows(1));
        QCOMPARE(table.names(), QStringList{"experiment"});
        auto* helpers = table.panel.findChild<QToolButton*>(QStringLiteral("helpers"));
        QTRY_VERIFY_WITH_TIMEOUT(helpers->isVisible() && helpers->text().startsWith(QLatin1String("1 helper")), kLong);
        QTRY_VERIFY_WITH_TIMEOUT(table.panel.showing().startsWith(QLatin1String("1 run")), kLong);
        QTest::mouseClick(helpers, Qt::LeftButton);
        QVERIFY(table.waitForRows(2));
        QTRY_VERIFY_WITH_TIMEOUT(table.panel.showing().startsWith(QLatin1String("2 run")), kLong);
        QTest::mouseClick(helpers, Qt::LeftButton);
        QVERIFY(table.waitForRows(1));
    }
    void seeds_grouped_areOneRowWithTheirMeanAndInterval() {
        Table table;
        for (int seed = 1; seed <= 3; ++seed) table.addSeed("many", seed, seed);
        table.addSeed("many", 3, 3);  // repeated: counts once
        table.addSeed("many", 4, 90, run::RunState::Failed);
        const auto alone = table.addSeed("alone", 1, 7);
        table.open({1300, 500});
        QVERIFY(table.waitForRows(6));
        table.choose(QStringLiteral("group"), QStringLiteral("seed"));
        QVERIFY(table.waitForRows(2));
        QCOMPARE(table.text(0, runs::RunsModel::Name), QStringLiteral("alone"));
        QCOMPARE(table.text(1, runs::RunsModel::Name), QStringLiteral("▸ many"));
        QCOMPARE(table.text(1, runs::RunsModel::Number), QStringLiteral("2.000"));
        QCOMPARE(table.text(1, runs::RunsModel::Interval), QStringLiteral("[-0.484, 4.484]"));
        QCOMPARE(table.text(1, runs::RunsModel::Progress), QStringLiteral("3 of 4 seed(s) done, 1 failed"));
        QVERIFY(!table.view()->isColumnHidden(runs::RunsModel::Interval));
        // A group is selected whole.
        QTest::mouseClick(table.view()->viewport(), Qt::LeftButton, {}, table.cell(1, runs::RunsModel::State));
        QCOMPARE(table.shown.selection.runs().size(), 5);
        QVERIFY(!table.shown.selection.runs().contains(alone));
        table.press(Qt::Key_Right);
        QVERIFY(table.waitForRows(7));
        QCOMPARE(table.text(1, runs::RunsModel::Name), QStringLiteral("▾ many"));
        QCOMPARE(table.text(2, runs::RunsModel::Name).trimmed(), QStringLiteral("many"));
        QCOMPARE(table.view()->currentIndex().row(), 1);
        table.press(Qt::Key_Left);
        QVERIFY(table.waitForRows(2));
        const QJsonObject layout = table.panel.saveLayout();
        table.choose(QStringLiteral("group"), QStringLiteral("off"));
        table.panel.restoreLayout(QJsonObject());
        QVERIFY(table.waitForRows(6));
        QVERIFY(table.view()->isColumnHidden(runs::RunsModel::Interval));
        table.panel.restoreLayout(layout);
        QVERIFY(table.waitForRows(2));
    }
    void baseline_standsFirstAndOthersAreDifferencesFromIt() {
        Table table;
        const auto base = table.addSeed("base", 1, 2);
        table.addSeed("more", 1, 5);
        table.addSeed("less", 1, 1.5);
        table.open({1300, 500});
        QVERIFY(table.waitForRows(3));
        table.shown.selection.setRuns({base});
        table.press(Qt::Key_B);
        QCOMPARE(table.shown.triggered, QStringList{"edit.baseline"});
        table.shown.must(table.shown.writer->edit(
            "baseline", "view only", [&](store::Database& db) { return store::toggleBaseline(db, base); }));
        Q_EMIT table.shown.events.committed(0);
        QTRY_COMPARE_WITH_TIMEOUT(table.names(), (QStringList{"base", "less", "more"}), kLong);
        QCOMPARE(table.text(0, runs::RunsModel::Number), QStringLiteral("2.000"));
        QCOMPARE(table.text(1, runs::RunsModel::Number), QStringLiteral("-0.500"));
        QCOMPARE(table.text(2, runs::RunsModel::Number), QStringLiteral("+3.000"));
        QCOMPARE(table.model()->headerData(runs::RunsModel::Number, Qt::Horizontal, Qt::DisplayRole).toString(),
            QStringLiteral("Δ loss"));
        table.view()->sortByColumn(runs::RunsModel::Number, Qt::DescendingOrder);
        QTRY_COMPARE_WITH_TIMEOUT(table.names(), (QStringList{"base", "more", "less"}), kLong);
        table.type("name = more");
        QTRY_COMPARE_WITH_TIMEOUT(table.names(), (QStringList{"base", "more"}), kLong);
    }
    void metrics_chosenAsColumns_areThereAfterARestart() {
        QJsonObject layout;
        {
            Table table;
            const auto run = table.addSeed("one", 1, 1);
            table.shown.addPoints(run, "unc/ece", 4);
            table.open({1300, 500});
            QVERIFY(table.waitForRows(1));
            auto* menu = table.panel.findChild<QMenu*>();
            const auto isOffered = [menu] {
                Q_EMIT menu->aboutToShow();
                const QList<QAction*> entries = menu->actions();
                return std::any_of(entries.begin(), entries.end(),
                    [](const QAction* one) { return one->text() == QLatin1String("unc/ece"); });
            };
            QTRY_VERIFY_WITH_TIMEOUT(isOffered(), kLong);
            menu->popup(table.panel.mapToGlobal(QPoint(10, 10)));
            for (QAction* one : menu->actions())
                if (one->text() == QLatin1String("unc/ece"))
                    QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(one).center());
            QCOMPARE(table.model()->columnCount(), runs::RunsModel::Columns + 1);
            QTRY_COMPARE_WITH_TIMEOUT(table.text(0, runs::RunsModel::Columns), QStringLiteral("0.250"), kLong);
            QVERIFY(!table.view()->isColumnHidden(runs::RunsModel::Columns));
            table.view()->sortByColumn(runs::RunsModel::Columns, Qt::AscendingOrder);
            layout = table.panel.saveLayout();
        }
        Table again;
        const auto run = again.addSeed("one", 1, 1);
        again.shown.addPoints(run, "unc/ece", 2);
        again.open({1300, 500});
        again.panel.restoreLayout(layout);
        QTRY_COMPARE_WITH_TIMEOUT(again.text(0, runs::RunsModel::Columns), QStringLiteral("0.500"), kLong);
        QCOMPARE(again.view()->horizontalHeader()->sortIndicatorSection(), int(runs::RunsModel::Columns));
        layout[QStringLiteral("metrics")] = QJsonArray{7, QString(), QStringLiteral("gone"), QStringLiteral("gone")};
        again.panel.restoreLayout(layout);
        QCOMPARE(again.model()->columnCount(), runs::RunsModel::Columns + 1);
        QTRY_COMPARE_WITH_TIMEOUT(again.text(0, runs::RunsModel::Columns), QStringLiteral("–"), kLong);
    }
    void curve_ofTheNumber_isDrawnSmallInItsCell() {
        Table table;
        table.addSeed("one", 1, 1);
        table.open({1300, 500});
        QVERIFY(table.waitForRows(1));
        QTRY_VERIFY_WITH_TIMEOUT(table.text(0, runs::RunsModel::Number) != QStringLiteral("–"), kLong);
        table.shown.selection.setRuns({});  // no mark behind it
        const auto isDrawn = [&] {
            if (table.view()->isColumnHidden(runs::RunsModel::Spark)) return false;
            const QRect cell = table.view()->visualRect(table.model()->index(0, runs::RunsModel::Spark));
            const QImage picture = table.view()->viewport()->grab(cell).toImage();
            // Falls: dark at the upper left and at the lower right.
            const auto isDark = [&](const QRect& part) {
                for (int x = part.left(); x <= part.right(); ++x)
                    for (int y = part.top(); y <= part.bottom(); ++y)
                        if (picture.pixelColor(x, y).lightness() < 200) return true;
                return false;
            };
            const int w = picture.width(), h = picture.height();
            return isDark({8, 4, w / 4, h / 3}) && isDark({w - w / 4 - 10, h / 2, w / 4, h / 3}) &&
                   !isDark({w - w / 4 - 10, 2, w / 4, h / 3});
        };
        QTRY_VERIFY_WITH_TIMEOUT(isDrawn(), kLong);
    }
    void curve_ofAGroup_isTheMeanOfItsSeedsThatAreDone() {
        Table table;
        table.addSeed("many", 1, 1);
        table.addSeed("many", 2, 3);
        table.addSeed("many", 3, 500, run::RunState::Failed);
        table.open({1300, 500});
        table.choose(QStringLiteral("group"), QStringLiteral("seed"));
        QVERIFY(table.waitForRows(1));
        const auto curve = [&] {
            return table.model()
                ->index(0, runs::RunsModel::Spark)
                .data(runs::RunsModel::SparkRole)
                .value<QVector<double>>();
        };
        QTRY_VERIFY_WITH_TIMEOUT(curve().size() > 2, kLong);
        QCOMPARE(curve().first(), 5.0);
        QCOMPARE(curve().last(), 2.0);
        const auto drawn = curve();
        QVERIFY(std::is_sorted(drawn.rbegin(), drawn.rend()));
        // Open it has the same curve, and each run its own below.
        table.press(Qt::Key_Home);
        table.press(Qt::Key_Right);
        QVERIFY(table.waitForRows(4));
        QCOMPARE(curve().last(), 2.0);
        QCOMPARE(table.model()
                     ->index(2, runs::RunsModel::Spark)
                     .data(runs::RunsModel::SparkRole)
                     .value<QVector<double>>()
                     .last(),
            3.0);
    }
    void metric_thatComesLater_isOfferedAndAChosenOneStays() {
        Table table;
        const auto run = table.shown.addRun({});
        table.shown.addPoints(run, "b/first", 3);
        table.open();
        QVERIFY(table.waitForRows(1));
        const QComboBox* box = nullptr;
        const auto findBox = [&] {
            for (auto* one : table.panel.findChildren<kit::LabelledChoice*>())
                if (one->box()->findText(QStringLiteral("b/first")) >= 0) box = one->box();
            return box != nullptr;
        };
        QTRY_VERIFY_WITH_TIMEOUT(findBox(), kLong);
        const auto other = table.shown.addRun({.title = "second"});
        table.shown.addPoints(other, "a/later", 3);
        table.shown.addPoints(other, "c/later", 3);
        Q_EMIT table.shown.events.committed(other);
        QTRY_COMPARE_WITH_TIMEOUT(box->count(), 3, kLong);
        QCOMPARE(box->itemText(0), QStringLiteral("a/later"));
        QCOMPARE(box->itemText(2), QStringLiteral("c/later"));
        QCOMPARE(box->currentText(), QStringLiteral("b/first"));
        // And so it is among the columns, and known to the filter.
        QToolButton* columns = nullptr;
        for (auto* one : table.panel.findChildren<QToolButton*>())
            if (one->accessibleName() == QLatin1String("Columns of the run table")) columns = one;
        QVERIFY(columns);
        Q_EMIT columns->menu()->aboutToShow();
        QStringList entries;
        for (const QAction* entry : columns->menu()->actions()) entries << entry->text();
        QVERIFY(entries.contains(QLatin1String("c/later")));
        table.type(QStringLiteral("c/la"));
        QVERIFY(table.filter()->findChild<QCompleter*>()->completionCount() > 0);
    }
    void metric_ofALayout_isTakenOnceItIsThere() {
        Table table;
        const auto run = table.shown.addRun({});
        table.shown.addPoints(run, "loss", 3);
        table.open();
        table.panel.restoreLayout({{"metric", "eval/score"}});
        QVERIFY(table.waitForRows(1));
        QTRY_COMPARE_WITH_TIMEOUT(table.model()->metric(), QStringLiteral("loss"), kLong);
        QCOMPARE(table.panel.saveLayout().value(QLatin1String("metric")).toString(), QStringLiteral("eval/score"));
        table.shown.addPoints(run, "eval/score", 3);
        Q_EMIT table.shown.events.committed(run);
        QTRY_COMPARE_WITH_TIMEOUT(table.model()->metric(), QStringLiteral("eval/score"), kLong);
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
    void runCard_parameterLeftEmpty_isNotListed() {
        Shown shown;
        const auto runNo =
            shown.addRun({.title = "talk", .parameters = {{"chat", {{"system", ""}, {"text", "Name a planet"}}}}});
        runs::RunCard card(shown.context());
        card.resize(320, 600);
        card.show();
        shown.selection.setRuns({runNo});
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(card).contains(QLatin1String("Name a planet")), kLong);
        QVERIFY(!wordsOf(card).contains(QLatin1String("chat.system")));
    }
    void runCard_endOfTheProgramsOwn_isToldInTheLanguageOfTheWindow() {
        struct Marking : QTranslator {
            QString translate(const char* context, const char* source, const char*, int) const override {
                return qstrcmp(context, "RunState") == 0 ? QStringLiteral("~") + QString::fromUtf8(source) : QString();
            }
            bool isEmpty() const override { return false; }
        } marking;
        QCoreApplication::installTranslator(&marking);
        QCOMPARE(kit::endWords("closed after an idle time"), QStringLiteral("~closed after an idle time"));
        QCOMPARE(kit::endWords("ended by SIGKILL\nlast lines"), QStringLiteral("~ended by SIGKILL\nlast lines"));
        QCOMPARE(kit::endWords("ended by SIGSEGV: in step: 4"), QStringLiteral("~ended by SIGSEGV: in step: 4"));
        QCOMPARE(kit::endWords("a plugin's own words"), QStringLiteral("a plugin's own words"));
        QCoreApplication::removeTranslator(&marking);
    }
};

QTEST_MAIN(tst_Runs)
#include "tst_runs.moc"
