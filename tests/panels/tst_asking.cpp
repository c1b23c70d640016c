// The first minute of a conversation as a hand meets it: what stands there before the model does, and the way to a
// word.
#include <QApplication>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "kit/share_bar.h"
#include "support/talk.h"

using namespace dubito;
using namespace dubito::tests;

class tst_Asking : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void chat_whileItsModelLoads_saysTheQuestionAndTheShare() {
        Shown shown;
        const auto runNo = shown.addRun({.parameters = {{"chat", {{"text", "Name a planet"}}}},
            .state = run::RunState::Queued,
            .models = Json::array({{{"role", "model"}, {"name", "SmolLM2-135M-Instruct.Q4_1.gguf"}}})});
        chat::ChatPanel panel;
        shown.show(panel, {420, 500}, runNo);
        const auto says = [&](const char* words) { return wordsOf(panel).contains(QLatin1String(words)); };
        QTRY_VERIFY_WITH_TIMEOUT(says("Name a planet"), kLong);
        QVERIFY(says("SmolLM2-135M-Instruct Q4_1 waits for its turn on this machine."));
        shown.setState(runNo, run::RunState::Running);
        shown.write([&] { shown.must(shown.writer->setProgress(runNo, 0.42, 1, "loading the model")); });
        Q_EMIT shown.events.committed(runNo);
        QTRY_VERIFY_WITH_TIMEOUT(says("SmolLM2-135M-Instruct Q4_1 is being loaded: 42 %"), kLong);
        auto* bar = panel.findChild<kit::ShareBar*>();
        QVERIFY(bar && bar->isVisible() && bar->share() == 0.42);
        // The first turn takes its place.
        shown.addTalk(runNo, "Name a planet", {"Mars"});
        Q_EMIT shown.events.committed(runNo);
        QVERIFY(waitForTurns(panel.view(0), 2));
        QTRY_VERIFY_WITH_TIMEOUT(!says("is being loaded"), kLong);
        QTRY_COMPARE_WITH_TIMEOUT(wordsOf(panel).count(QLatin1String("Name a planet")), 1, kLong);
    }
    void chat_nothingAskedSoFar_saysWhenItsModelIsThere() {
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        shown.write([&] { shown.must(shown.writer->setProgress(runNo, 0, 0, "waiting")); });
        chat::ChatPanel panel;
        shown.show(panel, {420, 500}, runNo);
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(panel).contains(QLatin1String("The model is loaded. Say something.")), kLong);
    }
    void strip_anotherWidthWasAskedFor_growsWithItsLines() {
        QWidget page;
        auto* column = new QVBoxLayout(&page);
        auto* strip = new kit::TokenStrip;
        column->addWidget(strip);
        column->addStretch();
        page.resize(360, 200);
        page.show();
        QVector<kit::TokenChip> chips;
        const auto say = [&](const char* word) {
            chips.append({QString::fromLatin1(word), 0.9, false, false});
            strip->setTokens(chips);
        };
        for (const char* word : {"The", " river", " that", " runs", " through", " Paris", " is"}) say(word);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
        const int one = strip->height();
        // A layout asks for other widths, too: a narrower one may need the line already that comes next.
        QVERIFY(strip->heightForWidth(strip->width() - 60) > one);
        for (const char* word : {" the", " Seine", "."}) say(word);
        QTRY_VERIFY_WITH_TIMEOUT(strip->height() >= strip->heightForWidth(strip->width()), kLong);
        QVERIFY(strip->height() > one);
    }
    void card_paneGetsLower_staysWholeInView() {
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        shown.addTalk(runNo, "Name a planet", {"Mars", "."});
        chat::ChatPanel panel;
        shown.show(panel, {420, 430}, runNo);
        QVERIFY(waitForTurns(panel.view(0), 2));
        auto* area = panel.view(0)->findChild<QScrollArea*>();
        auto* answer = panel.view(0)->findChildren<chat::TurnView*>().last();
        auto* strip = answer->findChild<kit::TokenStrip*>();
        QTest::mouseClick(strip, Qt::LeftButton, {}, strip->partBox(0).center());
        const auto isWhole = [&] {
            const QRect box = answer->cardBox();
            const int end = answer->mapTo(area->viewport(), box.bottomLeft()).y();
            return box.isValid() && end >= 0 && end <= area->viewport()->height();
        };
        QTRY_VERIFY_WITH_TIMEOUT(isWhole(), kLong);
        for (const int height : {398, 366}) {  // a row comes below, and another one
            panel.resize(420, height);
            QCoreApplication::processEvents();
            QTRY_VERIFY_WITH_TIMEOUT(isWhole(), kLong);
        }
    }
    void alternative_said_theKeysGoToTheAnswer() {
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        shown.addTalk(runNo, "Name a planet", {"Mars", "."});
        chat::ChatPanel panel;
        shown.show(panel, {420, 500}, runNo);
        QVERIFY(waitForTurns(panel.view(0), 2));
        auto* strip = panel.view(0)->findChildren<chat::TurnView*>().last()->findChild<kit::TokenStrip*>();
        QTest::mouseClick(strip, Qt::LeftButton, {}, strip->partBox(0).center());
        press<QPushButton>(panel, "say this");
        QCOMPARE(shown.sent.last().first, QStringLiteral("branch"));
        QCOMPARE(panel.focusWidget(), strip);
    }
    void token_clicked_isOneOfTheThingsToTry() {
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        shown.addTalk(runNo, "Name a planet", {"Mars", "."});
        chat::ChatPanel panel;
        int chosen = 0;
        kit::PanelContext context = shown.context();
        context.wordChosen = [&] { ++chosen; };
        panel.resize(420, 500);
        panel.show();
        panel.attach(context);
        shown.selection.setRuns({runNo});
        QVERIFY(waitForTurns(panel.view(0), 2));
        auto* strip = panel.view(0)->findChildren<chat::TurnView*>().last()->findChild<kit::TokenStrip*>();
        QTest::mouseClick(strip, Qt::LeftButton, {}, strip->partBox(0).center());
        QCOMPARE(chosen, 1);
    }
};

int main(int argc, char** argv) {
    qputenv("QT_QPA_PLATFORM", qEnvironmentVariable("QT_QPA_PLATFORM", "offscreen").toUtf8());
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    tst_Asking test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_asking.moc"
