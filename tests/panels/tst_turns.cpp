// Turns of a conversation as a hand meets them: keys, the card under a token, versions, Markdown.
#include <QClipboard>
#include <QImage>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QTextBrowser>
#include <QToolButton>

#include <set>

#include "chat/chat_tools.h"
#include "chat/token_card.h"
#include "kit/model_name.h"
#include "store/conversations.h"
#include "support/talk.h"

using namespace dubito;
using namespace dubito::tests;

class tst_Turns : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void modelName_nonsenseInTheMetadata_isTheFilesName() {
        const QString odd = QStringLiteral("Smollm2 135M 8k Lc100K Mix1 Ep2");
        QCOMPARE(kit::modelName(odd, "SmolLM2-135M-Instruct.Q4_1.gguf"), QStringLiteral("SmolLM2-135M-Instruct Q4_1"));
        QCOMPARE(kit::modelName(odd, "/models/qwen2.5-0.5b-instruct-q4_k_m.gguf"),
            QStringLiteral("qwen2.5-0.5b-instruct Q4_K_M"));
        QCOMPARE(kit::modelName("Phi 3", "/models/phi/model.gguf"), QStringLiteral("Phi 3"));
        QCOMPARE(kit::modelName("Phi 3", "ggml-model-q8_0.gguf"), QStringLiteral("Phi 3 Q8_0"));
        QCOMPARE(kit::modelName("", "/models/SmolLM2-135M/"), QStringLiteral("SmolLM2-135M"));
        QCOMPARE(kit::modelName("Named", QString(64, 'a')), QStringLiteral("Named"));
        QCOMPARE(kit::modelName(odd, ""), odd);
    }
    void keys_enterShiftEnterUpAndEscape_doWhatPeopleExpect() {
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        shown.addTalk(runNo, "Name a planet", {"Mars", "."});
        chat::ChatPanel panel;
        shown.show(panel, {420, 500}, runNo);
        QVERIFY(waitForTurns(panel.view(0), 2));
        auto* field = panel.findChild<QPlainTextEdit*>();
        QTest::keyClicks(field, "And");
        QTest::keyClick(field, Qt::Key_Return, Qt::ShiftModifier);
        QTest::keyClicks(field, "a star?");
        QCOMPARE(field->toPlainText(), QStringLiteral("And\na star?"));
        QVERIFY(shown.sent.isEmpty());
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(shown.sent.size(), 1);
        QCOMPARE(shown.sent[0].first, QStringLiteral("say"));
        QCOMPARE(shown.sent[0].second, QStringLiteral("{\"parent\":1,\"text\":\"And\\na star?\"}"));
        QCOMPARE(field->toPlainText(), QString());
        // Up in the empty field: the last turn to be said otherwise; Escape gives up, Enter says it beside the first.
        QTest::keyClick(field, Qt::Key_Up);
        QCOMPARE(field->toPlainText(), QStringLiteral("Name a planet"));
        QTest::keyClick(field, Qt::Key_Escape);
        QCOMPARE(field->toPlainText(), QString());
        QTest::keyClick(field, Qt::Key_Up);
        QTest::keyClicks(field, "Name a moon");
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(shown.sent.last().second, QStringLiteral("{\"parent\":-1,\"text\":\"Name a moon\"}"));
        // An answer is being said: Escape stops it.
        shown.addRecord(
            runNo, "chat/turn", {{"name", "turn"}, {"node", 2}, {"parent", 0}, {"role", "assistant"}, {"text", ""}});
        Q_EMIT shown.events.committed(runNo);
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(panel).contains(QLatin1String("Esc stops the answer")), kLong);
        QTest::keyClick(field, Qt::Key_Escape);
        QCOMPARE(shown.sent.last().first, QStringLiteral("stop_answer"));
    }
    void keys_swapped_theHintSaysItAndTheLayoutKeepsIt() {
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        shown.addTalk(runNo, "Name a planet", {"Mars"});
        chat::ChatPanel panel;
        shown.show(panel, {420, 500}, runNo);
        QVERIFY(waitForTurns(panel.view(0), 2));
        QTRY_VERIFY_WITH_TIMEOUT(
            wordsOf(panel).contains(QLatin1String("Enter says it, Shift+Enter breaks the line")), kLong);
        panel.restoreLayout({{"enter_says", false}});
        QVERIFY(wordsOf(panel).contains(QLatin1String("Ctrl+Enter says it, Enter breaks the line")));
        auto* field = panel.findChild<QPlainTextEdit*>();
        QTest::keyClicks(field, "a");
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY(shown.sent.isEmpty());
        QTest::keyClick(field, Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(shown.sent.size(), 1);
        QCOMPARE(panel.saveLayout()["enter_says"].toBool(true), false);
        // What a stranger's layout says may be of any type.
        panel.restoreLayout({{"enter_says", "no"}, {"answers", 7}});
        QCOMPARE(panel.saveLayout()["enter_says"].toBool(), true);
    }
    void token_ofALongAnswer_itsCardStandsUnderItsLine() {
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        shown.addTalk(runNo, "Tell me a story", std::vector<std::string>(160, " whale"));
        chat::ChatPanel panel;
        shown.show(panel, {420, 620}, runNo);
        QVERIFY(waitForTurns(panel.view(0), 2));
        auto* strip = panel.view(0)->findChildren<kit::TokenStrip*>().last();
        auto* area = panel.view(0)->findChild<QScrollArea*>();
        const auto onScreen = [&](int token) {
            const QRect box = strip->partBox(token);
            return QRect(strip->mapTo(area->viewport(), box.topLeft()), box.size());
        };
        const auto cardBelow = [&](int token) {
            const auto cards = panel.view(0)->findChildren<chat::TokenCard*>();
            if (cards.size() != 1 || !cards[0]->isVisible() || !cards[0]->isLoaded()) return false;
            const QRect card(cards[0]->mapTo(area->viewport(), QPoint()), cards[0]->size());
            const int gap = card.top() - onScreen(token).bottom();
            // Of the lines behind it none is hidden by the card.
            for (int at = token; at < strip->partCount(); ++at)
                if (card.intersects(onScreen(at))) return false;
            return gap >= 0 && gap <= 12 && area->viewport()->rect().contains(card) &&
                   area->viewport()->rect().contains(onScreen(token));
        };
        area->verticalScrollBar()->setValue(0);
        QTest::mouseClick(strip, Qt::LeftButton, {}, strip->partBox(24).center());
        QTRY_VERIFY_WITH_TIMEOUT(cardBelow(24), kLong);
        // The card moves to a token below it; the token stays under the pointer.
        area->ensureVisible(strip->mapTo(area->widget(), strip->partBox(70).center()).x(),
            strip->mapTo(area->widget(), strip->partBox(70).center()).y(), 0, 80);
        const int before = onScreen(70).y();
        QVERIFY(before > 0 && before < area->viewport()->height());
        QTest::mouseClick(strip, Qt::LeftButton, {}, strip->partBox(70).center());
        QTRY_VERIFY_WITH_TIMEOUT(cardBelow(70), kLong);
        QVERIFY(onScreen(70).y() <= before + 1);
        // Keys go on from it; Escape closes the gap.
        const int height = strip->height();
        strip->setFocus();
        QTest::keyClick(strip, Qt::Key_Right);
        QTRY_VERIFY_WITH_TIMEOUT(cardBelow(71), kLong);
        QTest::keyClick(strip, Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(strip->height() < height - 60, kLong);
    }
    void tools_paneOfASmallScreen_keepToTwoRows() {
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running,
            .models = Json::array({{{"role", "model"}, {"name", "SmolLM2-135M-Instruct.Q4_1.gguf"}}})});
        shown.addModel(runNo, "Small");
        shown.addTalk(runNo, "Hello", {"Hi"});
        chat::ChatPanel panel;
        shown.show(panel, {354, 600}, runNo);
        QVERIFY(waitForTurns(panel.view(0), 2));
        auto* tools = panel.findChild<chat::ChatTools*>();
        QTRY_VERIFY_WITH_TIMEOUT(pressable<QToolButton>(panel, QString::fromUtf8("sampling 0.7 ▾")), kLong);
        const auto isNamed = [&] {
            for (const auto* word : tools->findChildren<QToolButton*>())
                if (word->accessibleName() == QLatin1String("Model: SmolLM2-135M-Instruct Q4_1")) return true;
            return false;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isNamed(), kLong);
        QTest::qWait(30);
        std::set<int> rows;
        for (const auto* word : tools->findChildren<QToolButton*>())
            if (word->isVisible()) rows.insert(word->mapTo(tools, QPoint(0, word->height() / 2)).y() / 8);
        QVERIFY2(rows.size() <= 2, qPrintable(QString::number(rows.size())));
        QVERIFY(tools->height() <= 78);
    }
    void token_clicked_showsWhatElseAndEachCanBeSaid() {
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        shown.addTalk(runNo, "Hello", {"Hi", " friend", "."});
        chat::ChatPanel panel;
        shown.show(panel, {420, 600}, runNo);
        QVERIFY(waitForTurns(panel.view(0), 2));
        auto* strip = panel.view(0)->findChildren<kit::TokenStrip*>().last();
        strip->setCurrent(1);
        const QPoint at = strip->currentBox().center();
        strip->setCurrent(-1);
        QTest::mouseClick(strip, Qt::LeftButton, {}, at);
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(panel).contains(QLatin1String("these hold 0.83 of the mass")) &&
                                     pressable<QPushButton>(panel, "say this"),
            kLong);
        const QString words = wordsOf(panel);
        for (const char* part :
            {"Instead of “ friend”", "the model's own distribution", "said", "0.607", "0.223", "entropy 1.00 nats"})
            QVERIFY2(words.contains(QString::fromUtf8(part)), part);
        QVERIFY(strip->accessibleName().contains(QString::fromUtf8("token 2 of 3: “ friend”, probability 0.607")));
        press<QPushButton>(panel, "say this");
        QCOMPARE(shown.sent.last().first, QStringLiteral("branch"));
        QCOMPARE(shown.sent.last().second, QStringLiteral("{\"index\":1,\"node\":1,\"token\":4}"));
        // By keys as by hand: the token before, the last, none.
        strip->setFocus();
        QTest::keyClick(strip, Qt::Key_Left);
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(panel).contains(QString::fromUtf8("Instead of “Hi”")), kLong);
        QTest::keyClick(strip, Qt::Key_End);
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(panel).contains(QString::fromUtf8("Instead of “.”")), kLong);
        QTest::keyClick(strip, Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(!wordsOf(panel).contains(QLatin1String("Instead of")), kLong);
    }
    void token_layersAsked_asksForThatTokenOfThatAnswer() {
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        Block info;
        info.texts("key", {"name", "layers"}).texts("value", {"Small", "30"});
        shown.addRecord(runNo, "model/info", Json::object(), info);
        shown.addTalk(runNo, "Hello", {"Hi", " friend"});
        chat::ChatPanel panel;
        QVector<int> asked;
        panel.resize(420, 600);
        panel.show();
        kit::PanelContext context = shown.context();
        context.inspectAnswer = [&](qint64 run, int turn, int token) { asked = {static_cast<int>(run), turn, token}; };
        panel.attach(context);
        shown.selection.setRuns({runNo});
        QVERIFY(waitForTurns(panel.view(0), 2));
        auto* strip = panel.view(0)->findChildren<kit::TokenStrip*>().last();
        strip->setFocus();
        QTest::keyClick(strip, Qt::Key_End);
        press<QPushButton>(panel, QString::fromUtf8("What did layer 12 think here?  →"));
        QCOMPARE(asked, (QVector<int>{static_cast<int>(runNo), 1, 1}));
    }
    void branch_otherVersion_staysInSightAndStandsBeside() {
        Shown shown;
        const auto runNo = shown.addRun({.title = "planets", .state = run::RunState::Running});
        shown.addTalk(runNo, "Which planet?", {"The", " Jupiter", "."});
        addBranch(shown, runNo, 2, 1, 1, {"The", " Neptune", "."});
        chat::ChatPanel panel;
        shown.show(panel, {760, 500}, runNo);
        QVERIFY(waitForTurns(panel.view(0), 2));
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(panel).contains(QString::fromUtf8("1 of 2, from “ Jupiter”")), kLong);
        QVERIFY(wordsOf(panel).contains(QLatin1String("The Jupiter.")));
        press<QPushButton>(panel, "Go there");
        QTRY_COMPARE_WITH_TIMEOUT(panel.view(0)->leaf(), 1, kLong);
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(panel).contains(QString::fromUtf8("2 of 2, from “ Neptune”")), kLong);
        press<QPushButton>(panel, "Beside this one");
        QTRY_COMPARE_WITH_TIMEOUT(panel.view(1)->leaf(), 2, kLong);
        QVERIFY(panel.view(1)->isVisible());
        QCOMPARE(panel.view(0)->leaf(), 1);
        QTest::qWait(30);
        QCOMPARE(cutOff(panel), QString());
        // It goes on below the first only.
        QTest::keyClicks(panel.findChild<QPlainTextEdit*>(), "Sure?");
        QTest::keyClick(panel.findChild<QPlainTextEdit*>(), Qt::Key_Return);
        QCOMPARE(shown.sent.size(), 1);
        QCOMPARE(shown.sent[0].second, QStringLiteral("{\"parent\":1,\"text\":\"Sure?\"}"));
    }
    void text_markdown_isShownAndFetchesNothing() {
        QTemporaryDir folder;
        const QString picture = folder.filePath("secret.png");
        QImage(8, 8, QImage::Format_RGB32).save(picture);
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        shown.addTalk(runNo, "Code?",
            {"# Title\n\n- one\n- **two**\n\n![cat](file://", picture.toStdString(),
                ")\n\n<b onclick=1>bold</b> <img src=\"http://example.invalid/a.png\">\n\n",
                "```python\nprint(1)\n```\n", "\n[here](file:///etc/passwd)\n"});
        chat::ChatPanel panel;
        shown.show(panel, {420, 600}, runNo);
        QVERIFY(waitForTurns(panel.view(0), 2));
        press<QToolButton>(panel, "text");
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(panel).contains(QLatin1String("[cat]")), kLong);
        const QString words = wordsOf(panel);
        QVERIFY(words.contains(QLatin1String("Title")) && !words.contains(QLatin1String("# Title")));
        QVERIFY(words.contains(QLatin1String("print(1)")) && words.contains(QLatin1String("python")));
        QVERIFY(!words.contains(QLatin1String("```")) && !words.contains(QChar(0xFFFC)));
        for (auto* text : panel.findChildren<QTextBrowser*>())
            QVERIFY(!text->openLinks() && !text->openExternalLinks());
        press<QPushButton>(panel, "Copy");
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("print(1)\n"));
        QCOMPARE(panel.saveLayout()["answers"].toString(), QStringLiteral("text"));
        press<QToolButton>(panel, "tokens");
        QVERIFY(panel.view(0)->findChildren<kit::TokenStrip*>().last()->isVisible());
    }
    void text_fences_openUnevenOrNested_areParts() {
        using chat::markdownParts;
        auto parts = markdownParts("a\n```c++ title\nx\n~~~\n```\nb");
        QCOMPARE(parts.size(), 3);
        QVERIFY(!parts[0].isCode && parts[1].isCode && !parts[2].isCode);
        QCOMPARE(parts[1].language, QStringLiteral("c++"));
        QCOMPARE(parts[1].text, QStringLiteral("x\n~~~\n"));
        parts = markdownParts("````\n```\ninner\n```\n````");
        QCOMPARE(parts.size(), 1);
        QCOMPARE(parts[0].text, QStringLiteral("```\ninner\n```\n"));
        parts = markdownParts("```py\nstill being said");
        QCOMPARE(parts.size(), 1);
        QVERIFY(parts[0].isCode);
        QVERIFY(markdownParts("").isEmpty() && markdownParts("\n \n").isEmpty());
    }
    void context_afterAnAnswer_saysHowMuchIsTaken() {
        Shown shown;
        const auto runNo = shown.addRun({.state = run::RunState::Running});
        shown.addTalk(runNo, "Hello", {"Hi", " friend"});
        shown.addRecord(runNo, "chat/prompt", {{"node", 1}, {"tokens", 87}, {"context", 8192}});
        chat::ChatPanel panel;
        shown.show(panel, {420, 500}, runNo);
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(panel).contains(QLatin1String("89 of 8,192 tokens")), kLong);
    }
};

int main(int argc, char** argv) {
    qputenv("QT_QPA_PLATFORM", qEnvironmentVariable("QT_QPA_PLATFORM", "offscreen").toUtf8());
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    tst_Turns test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_turns.moc"
