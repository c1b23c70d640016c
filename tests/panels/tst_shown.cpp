// Panels as a pane shows them: narrow, on runs that have nothing for them, from one run to another; read back as seen.
#include <QDoubleSpinBox>
#include <QHeaderView>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTableWidget>
#include <QToolButton>

#include "chat/chat_panel.h"
#include "curves/curves_panel.h"
#include "generic/record_panel.h"
#include "inspector/inspector_panel.h"
#include "kit/pane_frame.h"
#include "kit/wrapped_text.h"
#include "lm/model_panel.h"
#include "lm/training_panel.h"
#include "log/log_panel.h"
#include "runs/run_card.h"
#include "runs/runs_panel.h"
#include "support/shown.h"

using namespace dubito;
using namespace dubito::tests;

namespace {

const std::string kLongWord(240, 'w');

}  // namespace

class tst_Shown : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void panels_runWithoutAnythingForThem_sayItAndNeverLoadForEver() {
        Shown shown;
        const auto live = shown.addRun({.state = run::RunState::Running});
        const auto queued = shown.addRun({.state = run::RunState::Queued});
        const auto over = shown.addRun({});
        for (const auto runNo : {live, queued, over}) shown.addPoints(runNo, "fake/count", 3);
        std::vector<std::unique_ptr<kit::Panel>> panels;
        panels.push_back(std::make_unique<inspector::InspectorPanel>());
        panels.push_back(std::make_unique<lmview::TrainingPanel>());
        panels.push_back(std::make_unique<lmview::ModelPanel>());
        for (auto& panel : panels)
            for (const auto runNo : {live, queued, over}) {
                shown.show(*panel, {370, 500}, runNo);
                QTRY_COMPARE_WITH_TIMEOUT(stateOf(*panel), QStringLiteral("empty"), kLong);
                QVERIFY(!wordsOf(*panel).contains(QLatin1String("Loading")));
                QCOMPARE(panel->showing(), QString());
            }
    }
    void inspectorCard_runWithoutReadOuts_isEmptyWithOneSentence() {
        Shown shown;
        const auto full =
            shown.addRun({.title = "full", .plugin = "org.dubito.tas.inspect", .state = run::RunState::Running});
        const auto bare = shown.addRun({.title = "bare", .state = run::RunState::Running});
        shown.addReadOut(full);
        shown.addTalk(bare, "Hello", {"Hi"});
        inspector::InspectorPanel panel;
        QWidget* card = panel.sideWidget();
        card->show();
        shown.show(panel, {560, 600}, full);
        const auto buttons = [card] {
            int out = 0;
            for (auto* button : card->findChildren<QPushButton*>()) out += button->isVisible();
            return out;
        };
        QTRY_VERIFY_WITH_TIMEOUT(buttons() == 4 && wordsOf(*card).contains(QLatin1String("Eiffel")), kLong);
        // Tools that a view does not heed are not there.
        const auto* legend = panel.findChild<inspector::ScaleLegend*>();
        QVERIFY(wordsOf(panel).contains(QLatin1String("colour")) && legend->isVisible());
        panel.showView(inspector::InspectorPanel::Residual);
        QVERIFY(!wordsOf(panel).contains(QLatin1String("colour")) && !legend->isVisible());
        panel.showView(inspector::InspectorPanel::Layers);
        QVERIFY(wordsOf(*card).contains(QLatin1String("Small")));
        QVERIFY2(panel.showing().contains(QLatin1String("3 token")), qPrintable(panel.showing()));
        QCOMPARE(panel.cursor().last, 2);
        shown.selection.setRuns({bare});
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(panel), QStringLiteral("empty"), kLong);
        QCOMPARE(buttons(), 0);
        QVERIFY(!card->findChild<kit::PlotView*>()->isVisible());
        QCOMPARE(wordsOf(*card).trimmed(), QStringLiteral("Nothing is read out so far; the cell comes here."));  // live
        QVERIFY(panel.cursor().last < 0);
        shown.selection.setRuns({});
        QTRY_COMPARE_WITH_TIMEOUT(wordsOf(*card).trimmed(), QStringLiteral("No run is selected."), kLong);
        shown.selection.setRuns({full});
        QTRY_VERIFY_WITH_TIMEOUT(buttons() == 4 && wordsOf(*card).contains(QLatin1String("Small")), kLong);
        for (auto* button : card->findChildren<QPushButton*>()) QVERIFY(button->isEnabled());
    }
    void inspector_backToARun_keepsTheCellInView() {
        Shown shown;
        const auto runNo = shown.addRun({.plugin = "org.dubito.tas.inspect"});
        constexpr int kPositions = 60, kLayers = 40;
        shown.addModel(runNo, "Small", kLayers);
        Block tokens, stats;
        tokens.add("id", kI32, {kPositions}, std::vector<std::int32_t>(kPositions, 1))
            .texts("text", std::vector<std::string>(kPositions, " word"))
            .add("logprob", kF32, {kPositions}, std::vector<float>(kPositions, -1));
        shown.addRecord(runNo, "trace/token", {{"seq", 0}, {"first", 0}, {"prompt", 1}}, tokens);
        stats.add("stats", kF32, {kPositions, kLayers + 1, 5}, std::vector<float>(kPositions * (kLayers + 1) * 5, 1));
        shown.addRecord(runNo, "lens/stats", {{"seq", 0}, {"first", 0}}, stats);
        const auto other = shown.addRun({});
        inspector::InspectorPanel panel;
        shown.show(panel, {500, 500}, runNo);
        auto* map = panel.findChild<inspector::LayerMap*>();
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(panel), QStringLiteral("content"), kLong);
        const auto seen = [&] {
            auto* strip = panel.findChild<kit::TokenStrip*>();
            const QRect box(
                strip->mapTo(strip->parentWidget(), strip->currentBox().topLeft()), strip->currentBox().size());
            return map->isCellInView() && strip->parentWidget()->rect().contains(box.center());
        };
        shown.selection.setCell(0, 3, 50);
        QTRY_VERIFY_WITH_TIMEOUT(seen(), kLong);
        panel.resize(370, 420);
        QTRY_VERIFY_WITH_TIMEOUT(seen(), kLong);
        shown.selection.setRuns({other});
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(panel), QStringLiteral("empty"), kLong);
        shown.selection.setRuns({runNo});
        shown.selection.setCell(0, 38, 2);
        QTRY_VERIFY_WITH_TIMEOUT(stateOf(panel) == QLatin1String("content") && seen(), kLong);
    }
    void pane_liveRunOfAnotherKind_saysSoAndLooksAgain() {
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        shown.addTalk(runNo, "Hello", {"Hi"});
        kit::PanelRegistry registry;
        registry.add({.id = QStringLiteral("inspector"),
            .title = "Inspector",
            .wants = "read-outs of layers",
            .needs = {QStringLiteral("lens/*")},
            .roles = {QStringLiteral("inspect")},
            .make = [] { return new inspector::InspectorPanel; }});
        registry.add({.id = QStringLiteral("chat"),
            .title = "Chat",
            .needs = {QStringLiteral("chat/*")},
            .roles = {QStringLiteral("chat")},
            .make = [] { return new chat::ChatPanel; }});
        kit::PaneFrame pane(registry, *registry.find(QStringLiteral("inspector")));
        pane.resize(370, 400);
        pane.show();
        pane.attach(shown.context());
        shown.selection.setRuns({runNo});
        QTRY_VERIFY_WITH_TIMEOUT(!pane.canShow(), kLong);
        QCOMPARE(pane.line(),
            QStringLiteral("Inspector cannot show this run: it has no read-outs of layers so far; these can: Chat."));
        QCOMPARE(cutOff(pane), QString());
        // A kind that says in words what a person can do is not explained by keys.
        kit::PanelKind inviting = *registry.find(QStringLiteral("inspector"));
        inviting.lacking = "Click a word.";
        kit::PaneFrame invited(registry, inviting);
        invited.resize(370, 400);
        invited.show();
        invited.attach(shown.context());
        QTRY_COMPARE_WITH_TIMEOUT(invited.line(), QStringLiteral("Click a word."), kLong);
        // A run of the plugin that will have it is waited for.
        const auto fresh = shown.addRun({.plugin = "org.dubito.tas.inspect", .state = run::RunState::Running});
        shown.selection.setRuns({fresh});
        QTRY_VERIFY_WITH_TIMEOUT(pane.canShow() && pane.panel(), kLong);
        // And one that has it after all is shown once it does.
        shown.selection.setRuns({runNo});
        QTRY_VERIFY_WITH_TIMEOUT(!pane.canShow(), kLong);
        shown.addReadOut(runNo);
        Q_EMIT shown.events.committed(runNo);
        QTRY_VERIFY_WITH_TIMEOUT(pane.canShow(), kLong);
    }
    void runs_table_anotherMetric_mixesNothing() {
        Shown shown;
        const auto first = shown.addRun({.title = "first"}), second = shown.addRun({.title = "second"});
        shown.addPoints(first, "a/one", 5);
        shown.addPoints(second, "b/two", 5);
        runs::RunsPanel panel;
        shown.show(panel, {1000, 400}, first);
        auto* model = qobject_cast<runs::RunsModel*>(panel.findChild<QTableView*>()->model());
        QVERIFY(model);
        const auto numberOf = [model](qint64 run) {
            return model->index(model->rowOf(run), runs::RunsModel::Number).data().toString();
        };
        QSignalSpy headers(model, &QAbstractItemModel::headerDataChanged);
        model->setMetric(QStringLiteral("a/one"), QStringLiteral("last"));
        QTRY_VERIFY_WITH_TIMEOUT(model->rowCount() == 2 && numberOf(first) != QStringLiteral("–"), kLong);
        model->setMetric(QStringLiteral("b/two"), QStringLiteral("last"));
        QVERIFY(headers.count() >= 2);
        QCOMPARE(model->headerData(runs::RunsModel::Number, Qt::Horizontal, Qt::DisplayRole).toString(),
            QStringLiteral("two"));
        QTRY_VERIFY_WITH_TIMEOUT(numberOf(second) != QStringLiteral("–"), kLong);
        QCOMPARE(numberOf(first), QStringLiteral("–"));
    }
    void runs_table_givesTheNameItsRoom() {
        Shown shown;
        const std::string title = "<b>a run of</b> a name that is long enough to be cut wherever it stands";
        const auto runNo = shown.addRun({.title = title});
        shown.addRun({.title = "short", .state = run::RunState::Failed});
        shown.addPoints(runNo, "trace/logprob", 5);
        runs::RunsPanel panel;
        shown.show(panel, {670, 400}, runNo);
        auto* table = panel.findChild<QTableView*>();
        QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), 2, kLong);
        QVERIFY(!table->wordWrap());
        for (const int width : {280, 370, 520, 670, 1000}) {
            panel.resize(width, 400);
            QTest::qWait(30);
            QVERIFY2(table->columnWidth(runs::RunsModel::Name) >= 160, qPrintable(QString::number(width)));
            QCOMPARE(table->horizontalScrollBar()->maximum(), 0);
            QCOMPARE(cutOff(panel), QString());
            QVERIFY(!table->isColumnHidden(runs::RunsModel::State) || width < 300);
            if (width >= 1000)
                for (int column = 0; column < runs::RunsModel::Tags; ++column) QVERIFY(!table->isColumnHidden(column));
            else QVERIFY2(panel.showing().contains(QLatin1String("columns fit")), qPrintable(panel.showing()));
        }
        // The times are whole where they stand.
        for (int row = 0; row < 2; ++row) {
            const QModelIndex created = table->model()->index(row, runs::RunsModel::Started);
            const QFontMetrics metrics(created.data(Qt::FontRole).value<QFont>());
            QVERIFY(metrics.horizontalAdvance(created.data().toString()) + 22 <= table->columnWidth(created.column()));
        }
        QStringList names;
        for (int row = 0; row < 2; ++row) names << table->model()->index(row, runs::RunsModel::Name).data().toString();
        QVERIFY(names.contains(QString::fromStdString(title)));
        for (int row = 0; row < 2; ++row)
            QVERIFY(!table->model()
                         ->index(row, runs::RunsModel::Name)
                         .data(Qt::ToolTipRole)
                         .toString()
                         .contains(QLatin1String("<b>")));
        QVERIFY2(panel.showing().startsWith(QLatin1String("2 run")), qPrintable(panel.showing()));
        // As a table nothing is short.
        QVERIFY(QRegularExpression(QStringLiteral("^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$"))
                    .match(panel.dataTable().rows.first()[runs::RunsModel::Started])
                    .hasMatch());
    }
    void times_areAsShortAsTheyCanBe() {
        const QDateTime now(QDate(2024, 3, 9), QTime(18, 5, 4));
        QCOMPARE(runs::shortTime({QDate(2024, 3, 9), QTime(7, 1, 2)}, now), QStringLiteral("07:01:02"));
        QCOMPARE(runs::shortTime({QDate(2024, 3, 8), QTime(23, 59, 58)}, now), QStringLiteral("03-08 23:59"));
        QCOMPARE(runs::shortTime({QDate(2023, 12, 31), QTime(7, 1, 2)}, now), QStringLiteral("2023-12-31"));
    }
    void runs_hidden_askNothingAndAreNewWhenShown() {
        Shown shown;
        const auto first = shown.addRun({.title = "first"});
        runs::RunsPanel table;
        runs::RunCard card(shown.context());
        table.attach(shown.context());
        table.show();
        card.show();
        shown.selection.setRuns({first});
        QTRY_COMPARE_WITH_TIMEOUT(table.dataTable().rows.size(), 1, kLong);
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(card).contains(QLatin1String("first")), kLong);
        table.hide();
        card.hide();
        shown.addRun({.title = "second"});
        shown.addPoints(first, "late/here", 3);
        Q_EMIT shown.events.added(2);
        Q_EMIT shown.events.committed(first);
        QTest::qWait(500);
        QCOMPARE(table.dataTable().rows.size(), 1);
        table.show();
        card.show();
        QTRY_COMPARE_WITH_TIMEOUT(table.dataTable().rows.size(), 2, kLong);
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(card).contains(QLatin1String("late/here")), kLong);
    }
    void runCard_anotherRun_keepsNothingOfTheLast() {
        Shown shown;
        const auto live = shown.addRun({.title = "<i>live</i>", .state = run::RunState::Running});
        const auto over = shown.addRun({.title = "over"});
        shown.addPoints(live, "only/here", 3);
        runs::RunCard card(shown.context());
        card.resize(300, 500);
        card.show();
        shown.selection.setRuns({live});
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(card).contains(QLatin1String("only/here")), kLong);
        QVERIFY(wordsOf(card).contains(QLatin1String("<i>live</i>")));
        QPushButton* stop = nullptr;
        for (auto* button : card.findChildren<QPushButton*>())
            if (button->text() == QLatin1String("Stop")) stop = button;
        QVERIFY(stop && stop->isVisible() && stop->isEnabled());
        shown.selection.setRuns({over});
        QVERIFY(!wordsOf(card).contains(QLatin1String("only/here")));  // at once
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(card).contains(QLatin1String("over")) && stop->isVisible(), kLong);
        QVERIFY(!stop->isEnabled());
        shown.selection.setRuns({9999});
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(card).contains(QLatin1String("the run is gone")), kLong);
        QVERIFY(!stop->isVisible());
    }
    void panels_withData_fitInANarrowPaneAndSayWhatTheyShow() {
        Shown shown;
        const auto runNo = shown.addRun({.title = std::string(140, 'n'), .plugin = "org.dubito.tas.inspect"});
        shown.addReadOut(runNo);
        shown.addPoints(runNo, "train/loss", 40);
        shown.addPoints(runNo, "a/metric/of/a/name/that/is/longer/than/any/narrow/card/can/show", 40);
        shown.write([&] {
            shown.must(shown.writer->setProgress(runNo, 20, 40, ""));
            shown.must(shown.writer->addLog(runNo, 1, 0, 1, 1, 1, kLongWord));
        });
        const std::pair<kit::Panel*, const char*> panels[] = {{new inspector::InspectorPanel, "3 token"},
            {new lmview::TrainingPanel, "step 39 of 40"}, {new lmview::ModelPanel, "Card"},
            {new curves::CurvesPanel, "2 metric(s) of 1 run(s)"}, {new log::LogPanel, "1 line"},
            {new generic::RecordPanel, "record(s)"}};
        for (const auto& [panel, words] : panels) {
            const std::unique_ptr<kit::Panel> owner(panel);
            QSignalSpy told(panel, &kit::Panel::showingChanged);
            shown.show(*panel, {280, 500}, runNo);
            QTRY_VERIFY2_WITH_TIMEOUT(panel->showing().contains(QLatin1String(words)),
                qPrintable(panel->id() + QStringLiteral(": ") + panel->showing()), kLong);
            QVERIFY(!told.isEmpty());
            QTest::qWait(50);
            QVERIFY2(panel->minimumSizeHint().width() <= 280,
                qPrintable(panel->id() + QString::number(panel->minimumSizeHint().width())));
            panel->hide();
        }
    }
    void log_ofSeveralRuns_namesThemAndWrapsLongLines() {
        Shown shown;
        const auto a = shown.addRun({.title = "first"}), b = shown.addRun({.title = std::string(60, 'n')});
        const std::string words = [] {
            std::string out;
            for (int i = 0; i < 60; ++i) out += "word" + std::to_string(i) + " ";
            return out;
        }();
        shown.write([&] {
            shown.must(shown.writer->addLog(a, 1, 0, 1, 1, 1, words));
            shown.must(shown.writer->addLog(b, 1, 0, 1, 2, 1, "other"));
        });
        log::LogPanel panel;
        shown.show(panel, {500, 400}, a);
        auto* text = panel.findChild<QPlainTextEdit*>();
        QTRY_VERIFY_WITH_TIMEOUT(text->toPlainText().contains("word59"), kLong);
        QVERIFY(!text->toPlainText().contains("first"));  // one run needs no name
        QCOMPARE(text->horizontalScrollBar()->maximum(), 0);
        shown.selection.setRuns({a, b});
        QTRY_VERIFY_WITH_TIMEOUT(text->toPlainText().contains("first") && text->toPlainText().contains("nnn…"), kLong);
        QCOMPARE(panel.dataTable().rows.last()[2], QString(60, 'n'));
    }
    void record_ofTexts_isAsWideAsTheySayAndHasNoEmptyLine() {
        Shown shown;
        const auto runNo = shown.addRun({});
        const std::string sentence = "key: general.architecture, as the file has it";
        shown.addRecord(runNo, "model/account", Json::object(),
            Block()
                .texts("fate", {"used"})
                .texts("what", {sentence})
                .add("bytes", kI64, {1}, std::vector<std::int64_t>{12}));
        generic::RecordPanel panel;
        shown.show(panel, {900, 400}, runNo);
        QTableWidget* values = panel.findChild<QTableWidget*>();
        QTRY_VERIFY_WITH_TIMEOUT(values->columnCount() == 3 && values->rowCount() == 1, kLong);
        QVERIFY(values->item(0, 2)->textAlignment() & Qt::AlignRight);
        QVERIFY(!(values->item(0, 1)->textAlignment() & Qt::AlignRight));
        QCOMPARE(values->item(0, 1)->text(), QString::fromStdString(sentence));
        QVERIFY(QFontMetrics(values->font()).horizontalAdvance(values->item(0, 1)->text()) < values->columnWidth(1));
        QVERIFY(values->columnWidth(0) < values->columnWidth(1));
        for (const auto* label : panel.findChildren<QLabel*>()) QVERIFY(label->text() != QLatin1String("{}"));
    }
    void curves_narrowPane_oneBelowTheOther() {
        Shown shown;
        const auto runNo = shown.addRun({});
        shown.addPoints(runNo, "a", 5);
        shown.addPoints(runNo, "b", 5);
        curves::CurvesPanel panel;
        shown.show(panel, {370, 500}, runNo);
        const auto charts = [&panel] {
            QVector<QWidget*> out;
            for (auto* chart : panel.findChildren<kit::PlotView*>()) out << chart;
            return out;
        };
        QTRY_COMPARE_WITH_TIMEOUT(charts().size(), 2, kLong);
        const auto left = [&](int i) { return charts()[i]->mapTo(&panel, QPoint(0, 0)).x(); };
        QTRY_VERIFY_WITH_TIMEOUT(left(0) == left(1) && charts()[0]->width() > 250, kLong);
        panel.resize(1'400, 500);
        QTRY_VERIFY_WITH_TIMEOUT(left(0) != left(1), kLong);
        // Nothing selected: nothing of the last run stays.
        shown.selection.setRuns({});
        QTRY_COMPARE_WITH_TIMEOUT(charts().size(), 0, kLong);
        QCOMPARE(stateOf(panel), QStringLiteral("empty"));
    }
};

QTEST_MAIN(tst_Shown)
#include "tst_shown.moc"
