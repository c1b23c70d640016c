// The thought inspector as a hand uses it: what is asked, where it lands, which run it speaks of.
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabBar>

#include "inspector/inspector_panel.h"
#include "kit/colours.h"
#include "kit/pane_frame.h"
#include "lm/model_data.h"
#include "support/inspection.h"

using namespace dubito;
using namespace dubito::tests;

class tst_Inspector : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void newPrompt_isShownAsSoonAsItIsThere_namedByItsFirstWords() {
        Shown shown;
        const auto runNo = addInspection(shown);
        inspector::InspectorPanel panel;
        shown.show(panel, {900, 600}, runNo);
        QVERIFY(isReady(panel));
        auto* prompt = shownChild<QLineEdit>(panel, "New prompt");
        QTRY_VERIFY_WITH_TIMEOUT(prompt->isVisible(), kLong);
        prompt->setFocus();
        QTest::keyClicks(prompt, QStringLiteral("Who built it?"));
        QTest::keyClick(prompt, Qt::Key_Return);
        QCOMPARE(shown.sent.size(), 1);
        QCOMPARE(shown.sent.first().first, QStringLiteral("prompt"));
        addText(shown, runNo, {.sequence = 1, .prompt = 4, .words = {"Who", " built", " it", "?", " Eiffel"}}, 4);
        Q_EMIT shown.events.committed(runNo);
        QTRY_COMPARE_WITH_TIMEOUT(shown.selection.sequence(), 1, kLong);
        QTRY_VERIFY_WITH_TIMEOUT(panel.showing().contains(QLatin1String("5 token")), kLong);
        QComboBox* texts = nullptr;
        for (auto* box : panel.findChildren<QComboBox*>())
            if (box->isVisible() && box->findText(QStringLiteral("Who built it?")) >= 0) texts = box;
        QVERIFY(texts);
        QCOMPARE(texts->currentText(), QStringLiteral("Who built it?"));
        QCOMPARE(texts->itemText(0), QStringLiteral("Where is the Eiffel Tower?"));
        // A branch is named by the word that it begins with.
        auto branch = question();
        branch.back() = " London";
        addText(shown, runNo, {.sequence = 2, .prompt = 8, .parent = 0, .branch = 7, .words = branch}, 4);
        Q_EMIT shown.events.committed(runNo);
        QTRY_VERIFY_WITH_TIMEOUT(texts->currentText().startsWith(QStringLiteral("with “London”")), kLong);
        // Whoever looks at another text stays there until there is a new one.
        shown.selection.setCell(0, 2, 6);
        Q_EMIT shown.events.committed(runNo);
        QTest::qWait(300);
        QCOMPARE(shown.selection.sequence(), 0);
    }
    void causalTest_opensItsView_tellsProgressAndItsScale() {
        Shown shown;
        const auto runNo = addInspection(shown);
        inspector::InspectorPanel panel;
        panel.sideWidget()->show();
        shown.show(panel, {900, 600}, runNo);
        QVERIFY(isReady(panel));
        shown.selection.setCell(0, 3, 6);
        QPushButton* ablate = nullptr;
        QTRY_VERIFY_WITH_TIMEOUT((ablate = buttonWith(*panel.sideWidget(), "Ablate")) && ablate->isEnabled(), kLong);
        QTest::mouseClick(ablate, Qt::LeftButton);
        QCOMPARE(shown.sent.size(), 1);
        // Of what was read up to the chosen place, token for token.
        const auto asked = parseJson(shown.sent.first().second.toStdString());
        QVERIFY(asked && integerOr(*asked, "end", 0) == 7 && integerOr(*asked, "seq", -1) == 0);
        auto* views = panel.findChild<QTabBar*>();
        QCOMPARE(views->currentIndex(), int(inspector::InspectorPanel::Causal));
        QVERIFY(wordsOf(panel).contains(QLatin1String("asked for")));
        QVERIFY(!wordsOf(panel).contains(QLatin1String("No causal test")));
        shown.write([&] { shown.must(shown.writer->setProgress(runNo, 56, 100, "causal test")); });
        Q_EMIT shown.events.committed(runNo);
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(panel).contains(QLatin1String("56 %")), kLong);
        // The legend of the map is the map's.
        QVERIFY(!panel.findChild<inspector::ScaleLegend*>()->isVisible());
        panel.showView(inspector::InspectorPanel::Layers);
        QVERIFY(panel.findChild<inspector::ScaleLegend*>()->isVisible());
        shown.write([&] { shown.must(shown.writer->setProgress(runNo, 100, 100, "causal test")); });
        addGrid(shown, runNo);
        Q_EMIT shown.events.committed(runNo);
        QTRY_COMPARE_WITH_TIMEOUT(views->currentIndex(), int(inspector::InspectorPanel::Causal), kLong);
        auto* grid = shownChild<inspector::MatrixView>(panel, "Causal grid");
        QTRY_COMPARE_WITH_TIMEOUT(grid->matrix().rows, 2, kLong);
        QVERIFY(!wordsOf(panel).contains(QLatin1String("%")));
        QVERIFY(grid->matrix().scale.low == QStringLiteral("−1") && grid->matrix().scale.isDiverging);
        QVERIFY(grid->matrix().scale.note.contains(QLatin1String("2.5")));
        QVERIFY(wordsOf(panel).contains(QStringLiteral("“Paris” against “Rome”")));
    }
    void patchTest_replacesTheAskedWordsAlone() {
        Shown shown;
        const auto runNo =
            shown.addRun({.title = "turn", .plugin = "org.dubito.tas.inspect", .state = run::RunState::Running});
        shown.addModel(runNo, "Small", 4);
        addText(shown, runNo,
            {.prompt = 8,
                .words = {"<|im_start|>", "user", "\n", "Who", " built", " it", "<|im_end|>", "\n", " Eiffel"},
                .special = {1, 0, 0, 0, 0, 0, 1, 0, 0}},
            4);
        inspector::InspectorPanel panel;
        panel.sideWidget()->show();
        shown.show(panel, {900, 600}, runNo);
        QVERIFY(isReady(panel));
        QPushButton* patch = nullptr;
        QTRY_VERIFY_WITH_TIMEOUT((patch = buttonWith(*panel.sideWidget(), "Patch")) && patch->isEnabled(), kLong);
        QTest::mouseClick(patch, Qt::LeftButton);
        auto* text = shownChild<QPlainTextEdit>(panel, "The other text");
        QTRY_VERIFY_WITH_TIMEOUT(text && text->isVisible(), kLong);
        QCOMPARE(text->toPlainText(), QStringLiteral("user\nWho built it"));
        text->selectAll();
        QTest::keyClicks(text, QStringLiteral("a b c d e"));
        QTest::mouseClick(buttonWith(*text->window(), "Test it"), Qt::LeftButton);
        QCOMPARE(shown.sent.size(), 1);
        const auto asked = parseJson(shown.sent.first().second.toStdString());
        QVERIFY(asked && integerOr(*asked, "from", -1) == 1 && integerOr(*asked, "to", -1) == 6);
        QCOMPARE(textOr(*asked, "corrupt", ""), std::string("a b c d e"));
    }
    void refusedTest_saysWhyAndWaitsNoLonger() {
        Shown shown;
        const auto runNo = addInspection(shown);
        inspector::InspectorPanel panel;
        panel.sideWidget()->show();
        shown.show(panel, {900, 600}, runNo);
        QVERIFY(isReady(panel));
        QPushButton* ablate = nullptr;
        QTRY_VERIFY_WITH_TIMEOUT((ablate = buttonWith(*panel.sideWidget(), "Ablate")) && ablate->isEnabled(), kLong);
        QTest::mouseClick(ablate, Qt::LeftButton);
        shown.write([&] {
            shown.must(shown.writer->addLog(
                runNo, 1, 0, 1, nowUs() + 1000, 1, "command causal refused: sequence 0 is not finished"));
        });
        Q_EMIT shown.events.committed(runNo);
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(panel).contains(QLatin1String("Not done: sequence 0 is not finished")), kLong);
        QVERIFY(!wordsOf(panel).contains(QLatin1String("asked for")));
    }
    void candidates_pressed_onlyTheWordAtTheEndSpeaks() {
        Shown shown;
        const auto runNo = addInspection(shown);
        inspector::InspectorPanel panel;
        QWidget* card = panel.sideWidget();
        card->resize(320, 700);
        card->show();
        shown.show(panel, {900, 600}, runNo);
        QVERIFY(isReady(panel));
        auto* bars = shownChild<kit::BarList>(*card, "Candidates of this read-out");
        QTRY_VERIFY_WITH_TIMEOUT(bars->isVisible() && bars->rows().size() == 2, kLong);
        QCOMPARE(bars->rows().first().word, QStringLiteral("say this"));
        QTest::mouseClick(bars, Qt::LeftButton, {}, QPoint(40, 11));
        QTest::mouseClick(bars, Qt::LeftButton, {}, QPoint(150, 11));
        QVERIFY(shown.sent.isEmpty());
        QTest::mouseClick(bars, Qt::LeftButton, {}, bars->wordRect(1).center());
        QCOMPARE(shown.sent.size(), 1);
        QCOMPARE(shown.sent.first().first, QStringLiteral("branch"));
        QVERIFY(shown.sent.first().second.contains(QLatin1String("\"token\":8")));
        // By keys as well, and the button says which word it takes.
        bars->setFocus();
        QTest::keyClick(bars, Qt::Key_Down);
        QTest::keyClick(bars, Qt::Key_Return);
        QCOMPARE(shown.sent.size(), 2);
        QVERIFY(buttonWith(*card, QStringLiteral("Say “ seven”")));
        shown.setState(runNo, run::RunState::Done);
        Q_EMIT shown.events.stateChanged(runNo, 0, {});
        QTRY_VERIFY_WITH_TIMEOUT(bars->rows().first().word.isEmpty() && bars->wordRect(0).isEmpty(), kLong);
    }
    void model_named_asInTheConversation() {
        Shown shown;
        const auto runNo = shown.addRun({.title = "look",
            .plugin = "org.dubito.tas.inspect",
            .models = Json::array({{{"role", "model"}, {"name", "SmolLM2-135M-Instruct.Q4_1.gguf"}}})});
        shown.addModel(runNo, "Smollm2 135M 8k Lc100K Mix1 Ep2", 4);
        addText(shown, runNo, {.prompt = 6, .words = question()}, 4);
        inspector::InspectorPanel panel;
        panel.sideWidget()->show();
        shown.show(panel, {900, 600}, runNo);
        QVERIFY(isReady(panel));
        QTRY_VERIFY_WITH_TIMEOUT(
            wordsOf(*panel.sideWidget()).contains(QLatin1String("SmolLM2-135M-Instruct Q4_1")), kLong);
        QVERIFY(!wordsOf(*panel.sideWidget()).contains(QLatin1String("Mix1")));
        const auto db = store::openReadOnly(shown.project.file);
        const auto model = lmview::loadModel(**db, runNo);
        QVERIFY(model && model->card.rows.size() == 2);
        QCOMPARE(model->card.rows[0][1], QStringLiteral("SmolLM2-135M-Instruct Q4_1"));
        QCOMPARE(model->card.rows[1][1], QStringLiteral("Smollm2 135M 8k Lc100K Mix1 Ep2"));
    }
    void pane_thatKeepsItsOwn_goesOnBesideARunOfAnotherKind() {
        Shown shown;
        const auto talk = shown.addRun({.title = "talk", .state = run::RunState::Running});
        shown.addTalk(talk, "Hello", {"Hi"});
        const auto look = addInspection(shown);
        kit::PanelRegistry registry;
        for (const bool keeps : {true, false})
            registry.add({.id = keeps ? QStringLiteral("keeps") : QStringLiteral("follows"),
                .title = "One",
                .needs = {QStringLiteral("chat/*")},
                .roles = {QStringLiteral("chat")},
                .make = [] { return new inspector::InspectorPanel; },
                .keepsOwn = keeps});
        for (const bool keeps : {true, false}) {
            kit::PaneFrame pane(registry, *registry.find(keeps ? QStringLiteral("keeps") : QStringLiteral("follows")));
            pane.resize(370, 400);
            pane.show();
            shown.selection.setRuns({talk});
            pane.attach(shown.context());
            QTRY_VERIFY_WITH_TIMEOUT(pane.canShow() && pane.panel(), kLong);
            shown.selection.setRuns({look});
            if (keeps) {
                QTest::qWait(300);
                QVERIFY(pane.canShow());
            } else {
                QTRY_VERIFY_WITH_TIMEOUT(!pane.canShow(), kLong);
            }
        }
    }
};

QTEST_MAIN(tst_Inspector)
#include "tst_inspector.moc"
