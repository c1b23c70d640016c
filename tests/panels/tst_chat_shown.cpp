// The chat as a pane shows it: narrow, with long words, from one run to another; read back as seen.
#include <QDoubleSpinBox>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>

#include "kit/pane_frame.h"
#include "kit/wrapped_text.h"
#include "support/talk.h"

using namespace dubito;
using namespace dubito::tests;

namespace {

const std::string kLongWord(240, 'w');

std::vector<std::string> answer() {
    std::vector<std::string> out{"The"};
    for (int i = 0; i < 60; ++i) out.push_back(i % 7 ? " word" + std::to_string(i) : " un" + std::string(18, 'a'));
    out.push_back(std::string(120, '-'));
    return out;
}

QStringList wordsToPress(const QWidget* turn) {
    QStringList out;
    for (auto* button : turn->findChildren<QToolButton*>()) {
        if (!button->isVisible()) continue;
        out << button->text();
        if (!button->menu()) continue;
        Q_EMIT button->menu()->aboutToShow();
        for (const QAction* action : button->menu()->actions()) out << action->text();
    }
    return out;
}

template <class Box>
Box* boxNamed(QWidget& panel, const char* name) {
    for (auto* box : panel.findChildren<Box*>())
        if (box->accessibleName() == QLatin1String(name)) return box;
    return nullptr;
}

}  // namespace

class tst_ChatShown : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void chat_longWordsAndNames_wrapAtEveryWidth() {
        Shown shown;
        const auto runNo = shown.addRun({.title = std::string(140, 'n'), .state = run::RunState::Running});
        shown.addModel(runNo, "Some Model of a very long name 135M 8k Lc100K Mix1 Ep2 Instruct");
        shown.addTalk(runNo, "Where is /" + kLongWord + " and why?", answer());
        chat::ChatPanel panel;
        shown.show(panel, {370, 500}, runNo);
        auto* view = panel.view(0);
        QVERIFY(waitForTurns(view, 2));
        for (const int width : {280, 300, 370, 420, 600, 900}) {
            panel.resize(width, 500);
            QTRY_COMPARE_WITH_TIMEOUT(panel.width(), width, kLong);
            QTest::qWait(30);
            QCOMPARE(cutOff(panel), QString());
            auto* strip = view->findChildren<kit::TokenStrip*>().last();
            QVERIFY(strip->isVisible());
            for (int i = 0; i < 62; ++i) {
                strip->setCurrent(i);
                QVERIFY2(strip->currentBox().right() <= strip->width() && strip->currentBox().left() >= 0,
                    qPrintable(QStringLiteral("token %1 at width %2").arg(i).arg(width)));
                QVERIFY(strip->currentBox().bottom() <= strip->height());
            }
            auto* question = view->findChildren<kit::WrappedText*>().first();
            QCOMPARE(question->toPlainText().size(), qsizetype(10 + 240 + 9));
            QVERIFY(question->document()->size().width() <= question->width() + 1);
            QVERIFY(question->height() + 1 >= question->document()->size().height());
            // All that can be done is there, as words or in the menu.
            const QStringList words = wordsToPress(view->findChildren<chat::TurnView*>().last());
            QVERIFY2(words.contains(QLatin1String("Prompt")) && words.contains(QLatin1String("Answer again")),
                qPrintable(words.join(QLatin1Char(' '))));
        }
    }
    void chat_wordsOfATurn_areInTheMenuOnlyWhereNarrow() {
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        shown.addModel(runNo, "Some Model of a long name 135M");
        shown.addTalk(runNo, "Hello", {"Hi", "."});
        chat::ChatPanel panel;
        shown.show(panel, {220, 500}, runNo);
        QVERIFY(waitForTurns(panel.view(0), 2));
        auto* turn = panel.view(0)->findChildren<chat::TurnView*>().last();
        const auto shownWord = [turn](const char* text) {
            for (auto* button : turn->findChildren<QToolButton*>())
                if (button->text() == QString::fromUtf8(text)) return button->isVisible();
            return false;
        };
        QTRY_VERIFY_WITH_TIMEOUT(!shownWord("Answer again") && shownWord("▾"), kLong);
        panel.resize(640, 500);
        QTRY_VERIFY_WITH_TIMEOUT(shownWord("Answer again") && shownWord("Prompt") && !shownWord("▾"), kLong);
        // From the menu as from the word.
        panel.resize(220, 500);
        QTRY_VERIFY_WITH_TIMEOUT(shownWord("▾"), kLong);
        for (auto* button : turn->findChildren<QToolButton*>())
            if (button->menu()) {
                Q_EMIT button->menu()->aboutToShow();
                button->menu()->actions().first()->trigger();
            }
        QCOMPARE(shown.sent.size(), 1);
        QCOMPARE(shown.sent.first().first, QStringLiteral("regenerate"));
    }
    void chat_twoColumns_fitInSixHundred() {
        Shown shown;
        QVector<qint64> runs;
        for (const char* model : {"Some Model of a very long name 135M 8k", "Another Model of a very long name 360M"}) {
            runs << shown.addRun({.title = model, .state = run::RunState::Running});
            shown.addModel(runs.last(), model);
            shown.addTalk(runs.last(), "Where is it? " + kLongWord, answer());
        }
        chat::ChatPanel panel;
        shown.show(panel, {600, 500}, runs[0]);
        QVERIFY(waitForTurns(panel.view(0), 2));
        panel.setSecond(runs[1]);
        QVERIFY(waitForTurns(panel.view(1), 2));
        QTest::qWait(30);
        QCOMPARE(panel.width(), 600);
        QCOMPARE(cutOff(panel), QString());
        for (int column : {0, 1}) {
            QVERIFY(panel.view(column)->width() >= 250);
            QCOMPARE(cutOff(*panel.view(column)), QString());
        }
        QVERIFY2(panel.showing().contains(QLatin1String("beside Another Model")), qPrintable(panel.showing()));
    }
    void chat_samplingOfTheRun_isWhatTheBoxesSay() {
        Shown shown;
        const auto greedy = shown.addRun({.title = "greedy",
            .parameters = {{"gen", {{"temperature", 0}, {"max_tokens", 64}}}},
            .state = run::RunState::Running});
        const auto warm = shown.addRun(
            {.title = "warm", .parameters = {{"gen", {{"temperature", 0.35}}}}, .state = run::RunState::Running});
        const auto odd = shown.addRun({.title = "odd",
            .parameters = {{"gen", {{"temperature", "hot"}, {"max_tokens", -4}}}},
            .state = run::RunState::Running});
        chat::ChatPanel panel;
        shown.show(panel, {420, 500}, greedy);
        auto* temperature = boxNamed<QDoubleSpinBox>(panel, "Temperature");
        auto* longest = boxNamed<QSpinBox>(panel, "Longest answer, tokens");
        QTRY_VERIFY_WITH_TIMEOUT(temperature->value() == 0 && longest->value() == 64 && longest->isEnabled(), kLong);
        QVERIFY(shown.sent.isEmpty());  // what is shown is said to nobody
        shown.selection.setRuns({warm});
        QTRY_VERIFY_WITH_TIMEOUT(qFuzzyCompare(temperature->value(), 0.35) && longest->value() == 512, kLong);
        shown.selection.setRuns({odd});
        QTRY_VERIFY_WITH_TIMEOUT(qFuzzyCompare(temperature->value(), 0.7) && longest->value() == 512, kLong);
        shown.selection.setRuns({greedy});
        QTRY_VERIFY_WITH_TIMEOUT(temperature->value() == 0 && longest->value() == 64, kLong);
        // Changed by hand: said to the run, that value only, and kept.
        temperature->setFocus();
        QTest::keyClick(temperature, Qt::Key_Up);
        QTRY_COMPARE_WITH_TIMEOUT(shown.sent.size(), 1, kLong);
        QCOMPARE(shown.sent.first().first, QStringLiteral("set_sampling"));
        QCOMPARE(shown.sent.first().second, QStringLiteral("{\"temperature\":0.1}"));
        shown.selection.setRuns({warm});
        QTRY_VERIFY_WITH_TIMEOUT(qFuzzyCompare(temperature->value(), 0.35), kLong);
        shown.selection.setRuns({greedy});
        QTRY_VERIFY_WITH_TIMEOUT(qFuzzyCompare(temperature->value(), 0.1) && longest->value() == 64, kLong);
        QCOMPARE(shown.sent.size(), 1);
    }
    void chat_firstTalkOfAProject_hasTheCursorInTheBox() {
        Shown shown;
        QWidget window;
        auto* row = new QVBoxLayout(&window);
        kit::PanelRegistry registry;
        registry.add({.id = QStringLiteral("chat"), .title = "Chat", .make = [] { return new chat::ChatPanel; }});
        auto* pane = new kit::PaneFrame(registry, *registry.find(QStringLiteral("chat")));
        row->addWidget(pane);
        window.resize(420, 500);
        window.show();
        pane->attach(shown.context());
        // Where nothing was said so far, the button that begins has the focus, and hides with its message.
        QTRY_VERIFY_WITH_TIMEOUT(pane->panel() && stateOf(*pane->panel()) == QLatin1String("empty"), kLong);
        pane->focusContent();
        QVERIFY(pane->panel()->isAncestorOf(window.focusWidget()));
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        shown.addTalk(runNo, "Hello", {"Hi"});
        shown.selection.setRuns({runNo});
        QTRY_VERIFY_WITH_TIMEOUT(
            window.focusWidget() && window.focusWidget() == pane->panel()->findChild<QPlainTextEdit*>(), kLong);
    }
    void chat_anotherRun_leavesNoTokenOnTheCard() {
        Shown shown;
        const auto first = shown.addRun({.state = run::RunState::Running});
        const auto second = shown.addRun({.state = run::RunState::Running});
        shown.addTalk(first, "Hello", {"Hi", " friend"});
        shown.addTalk(second, "Hello", {"Well", " met"});
        chat::ChatPanel panel;
        shown.show(panel, {420, 500}, first);
        QVERIFY(waitForTurns(panel.view(0), 2));
        auto* strip = panel.view(0)->findChildren<kit::TokenStrip*>().last();
        strip->setCurrent(1);
        QTest::mouseClick(strip, Qt::LeftButton, {}, strip->currentBox().center());
        const auto sayThis = [&panel]() -> QPushButton* {
            for (auto* button : panel.findChildren<QPushButton*>())
                if (button->text() == QLatin1String("say this") && button->isVisible()) return button;
            return nullptr;
        };
        QTRY_VERIFY_WITH_TIMEOUT(sayThis() && sayThis()->isEnabled(), kLong);
        QVERIFY(wordsOf(panel).contains(QString::fromUtf8("Instead of “ friend”")));
        // The worker ends: the token stays, the branch goes.
        shown.setState(first, run::RunState::Done);
        Q_EMIT shown.events.stateChanged(first, 0, {});
        QTRY_VERIFY_WITH_TIMEOUT(sayThis() && !sayThis()->isEnabled(), kLong);
        shown.selection.setRuns({second});
        QTRY_VERIFY_WITH_TIMEOUT(!sayThis(), kLong);
        QVERIFY(!wordsOf(panel).contains(QLatin1String("friend")));
    }
};

QTEST_MAIN(tst_ChatShown)
#include "tst_chat_shown.moc"
