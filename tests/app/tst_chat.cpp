// A conversation in the desktop, end to end on the packaged model: turns, versions, branches, stop, two models; memory
// and the longest event of the window's thread. DUBITO_CHAT_TOKENS sets how many tokens are said (300 when unset; 10000
// for a release).
#include <QApplication>
#include <QElapsedTimer>
#include <QLabel>
#include <QPlainTextEdit>
#include <QTest>
#include <QToolButton>

#include <malloc.h>
#include <sqlite3.h>
#include <time.h>

#include <fstream>

#include "application.h"
#include "chat/chat_panel.h"
#include "kit/token_strip.h"
#include "main_window.h"
#include "support/temp_project.h"

using namespace dubito;

namespace {

/// One event of the window's thread: by the clock, and what of it the thread computed (the rest is a busy machine).
struct Event {
    double ms = 0, cpuMs = 0;
    const char* receiver = "";
    int type = 0;
};
Event g_longest, g_dearest;  ///< by the clock; by computing time
bool g_measuring = false;

class TimedApplication : public QApplication {
public:
    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override {
        if (!g_measuring || m_depth > 0) return QApplication::notify(receiver, event);
        ++m_depth;
        const char* name = receiver->metaObject()->className();
        const int type = event->type();
        QElapsedTimer timer;
        timer.start();
        const double cpu = threadCpuMs();
        const bool taken = QApplication::notify(receiver, event);
        const Event now{static_cast<double>(timer.nsecsElapsed()) / 1e6, threadCpuMs() - cpu, name, type};
        if (now.ms > g_longest.ms) g_longest = now;
        if (now.cpuMs > g_dearest.cpuMs) g_dearest = now;
        --m_depth;
        return taken;
    }

private:
    static double threadCpuMs() {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
    }
    int m_depth = 0;
};

/// What the process holds, in KiB: pages of its own (heap and what the allocator keeps), the heap in use, and of it
/// SQLite's page caches, which fill with the project up to their limits.
struct Memory {
    std::int64_t own = 0, heap = 0, caches = 0;
};
Memory memoryNow() {
    Memory out;
    std::ifstream in("/proc/self/status");
    std::string line;
    while (std::getline(in, line)) {
        if (line.starts_with("RssAnon:")) out.own = std::strtoll(line.c_str() + 8, nullptr, 10);
    }
    const auto heap = mallinfo2();
    out.heap = static_cast<std::int64_t>((heap.uordblks + heap.hblkhd) / 1024);
    out.caches = sqlite3_memory_used() / 1024;
    return out;
}

}  // namespace

class tst_Chat : public QObject {
    Q_OBJECT
    std::unique_ptr<tests::TempProject> m_home;
    std::unique_ptr<app::Application> m_application;
    chat::ChatPanel* m_panel = nullptr;

    template <class Condition>
    static bool waitFor(Condition condition, int seconds = 60) {
        return QTest::qWaitFor(condition, seconds * 1000);
    }
    /// All answers of the column are said.
    static bool isQuiet(chat::ConversationView* view) { return !view->isSpeaking(); }
    bool newChat(qint64 before) {
        m_application->window()->trigger(QStringLiteral("chat.new"));
        return waitFor([&] {
            return m_panel->view(0)->run() != before && m_panel->view(0)->run() != 0 && m_panel->view(0)->isLive();
        });
    }
    std::int64_t said(chat::ConversationView* view) const {
        std::int64_t out = 0;
        for (const auto& turn : view->conversation().turns) out += turn.tokens.size();
        return out;
    }
    QPlainTextEdit* field() const { return m_panel->findChild<QPlainTextEdit*>(); }
    /// A button of the panel that a hand could press now.
    QPushButton* button(const char* text) const {
        for (auto* one : m_panel->findChildren<QPushButton*>())
            if (one->text() == QLatin1String(text) && one->isVisible()) return one;
        return nullptr;
    }
    QString words() const {
        QStringList out;
        for (const auto* label : m_panel->findChildren<QLabel*>())
            if (label->isVisible()) out << label->text().remove(QChar(0x200B));
        return out.join(QLatin1Char('\n'));
    }
    static kit::TokenStrip* stripOf(chat::ConversationView* view, int turn) {
        for (auto* one : view->findChildren<chat::TurnView*>())
            if (one->number() == turn) return one->findChild<kit::TokenStrip*>();
        return nullptr;
    }
    QString nameOf(qint64 runNo) const {
        QString out;
        bool isThere = false;
        m_application->panelContext().readers->submit([&](store::Database& db) {
            const auto row = store::findRun(db, runNo);
            if (row && *row) out = QString::fromStdString((*row)->isDeleted ? "(bin)" : (*row)->name());
            isThere = true;
        });
        (void)waitFor([&] { return isThere; });
        return out;
    }
private Q_SLOTS:
    void initTestCase() {
        m_home = std::make_unique<tests::TempProject>();
        qputenv("XDG_CONFIG_HOME", m_home->folder.path().toUtf8() + "/config");
        m_application = std::make_unique<app::Application>(
            app::Application::Options{QStringLiteral("en"), QStringLiteral("light"), false, false});
        if (m_application->catalogue().withRole("chat").empty()) QSKIP("no plugin that talks is built");
        m_application->window()->resize(1280, 800);
        m_application->window()->show();
        int outcome = -1;
        m_application->openProject(
            QString::fromStdString(m_home->file.string()), [&](bool opened) { outcome = opened; });
        QVERIFY(waitFor([&] { return outcome >= 0; }) && outcome == 1);
        m_application->window()->trigger(QStringLiteral("view.panel.chat"));
        m_panel = qobject_cast<chat::ChatPanel*>(m_application->window()->panel(QStringLiteral("chat")));
        QVERIFY(m_panel);
    }
    void newChat_answersWithinSeconds() {
        QElapsedTimer timer;
        timer.start();
        QVERIFY(newChat(0));
        auto* view = m_panel->view(0);
        m_panel->say(QStringLiteral("What is the capital of France?"));
        QVERIFY(waitFor([&] { return said(view) > 0; }));
        qInfo("first token %lld ms after the button", timer.elapsed());
        QVERIFY(waitFor([&] { return view->leaf() >= 0 && isQuiet(view); }));
        const auto* answer = view->conversation().turn(view->leaf());
        QVERIFY(answer && !answer->said().isEmpty() && answer->stop == QLatin1String("eos"));
        QVERIFY(answer->tokensPerSecond > 0);
        QCOMPARE(view->path().size(), 2);
    }
    void model_isCalledAsItsFile() {
        QCOMPARE(m_panel->view(0)->conversation().model.name, QStringLiteral("SmolLM2-135M-Instruct Q4_1"));
        QVERIFY(words().contains(QLatin1String("SmolLM2-135M-Instruct Q4_1")));
        QVERIFY(m_panel->view(0)->contextTokens() > 0);
        QVERIFY(words().contains(QLatin1String("of 4,096 tokens")));
    }
    void newChat_isNamedByItsFirstTurn() {
        const qint64 runNo = m_panel->view(0)->run();
        QVERIFY(waitFor([&] { return nameOf(runNo) == QLatin1String("What is the capital of France?"); }));
        // No step of the history: there is nothing that a person did.
        m_application->window()->trigger(QStringLiteral("edit.undo"));
        QTest::qWait(300);
        QCOMPARE(nameOf(runNo), QStringLiteral("What is the capital of France?"));
    }
    void newChat_theCursorIsInTheBoxAndNoOldTokenIsShown() {
        auto* view = m_panel->view(0);
        const qint64 before = view->run();
        QTest::keyClick(stripOf(view, view->leaf()), Qt::Key_Home);
        QVERIFY(waitFor([&] { return words().contains(QLatin1String("Instead of")); }));
        for (auto* one : m_panel->findChildren<QToolButton*>())
            if (one->text() == QLatin1String("New chat")) QTest::mouseClick(one, Qt::LeftButton);
        QVERIFY(waitFor([&] { return view->run() != before && view->isLive(); }));
        QVERIFY(!words().contains(QLatin1String("Instead of")));
        QVERIFY(waitFor([&] { return m_application->window()->focusWidget() == field(); }));
        QTest::keyClicks(field(), "Name a colour.");
        QTest::keyClick(field(), Qt::Key_Return);
        QVERIFY(waitFor([&] { return view->leaf() >= 0 && isQuiet(view); }));
        // Away with it: the model that waits is stopped, and one step back brings it again.
        const qint64 gone = view->run();
        m_application->window()->trigger(QStringLiteral("chat.delete"));
        QVERIFY(waitFor([&] { return nameOf(gone) == QLatin1String("(bin)") && view->run() == before; }));
        m_application->window()->trigger(QStringLiteral("edit.undo"));
        QVERIFY(waitFor([&] { return nameOf(gone) == QLatin1String("Name a colour."); }));
        m_application->selection()->setRuns({before});
        QVERIFY(waitFor([&] { return view->run() == before && view->isLive(); }));
    }
    void edit_keepsBothVersions() {
        auto* view = m_panel->view(0);
        const qint64 turns = static_cast<qint64>(view->conversation().turns.size());
        Q_EMIT view->editAsked(0);
        m_panel->say(QStringLiteral("Name a river."));
        QVERIFY(waitFor(
            [&] { return static_cast<qint64>(view->conversation().turns.size()) == turns + 2 && isQuiet(view); }));
        QCOMPARE(view->conversation().children.at(-1).size(), 2);
        QCOMPARE(view->conversation().turn(view->path().first())->text, QStringLiteral("Name a river."));
        QCOMPARE(view->conversation().turn(0)->text, QStringLiteral("What is the capital of France?"));
    }
    void branch_goesOnFromAnotherToken() {
        auto* view = m_panel->view(0);
        const int answer = view->leaf();
        const auto before = view->conversation().turn(answer)->tokens;
        QVERIFY(before.size() > 3);
        // A hand clicks the third token, and then what else could have been said.
        auto* strip = stripOf(view, answer);
        QVERIFY(strip);
        strip->setCurrent(2);
        const QPoint third = strip->currentBox().center();
        strip->setCurrent(-1);
        QTest::mouseClick(strip, Qt::LeftButton, {}, third);
        QPushButton* say = nullptr;
        QVERIFY(waitFor([&] { return (say = button("say this")) && say->isEnabled(); }));
        QVERIFY(!words().contains(QLatin1String("No alternatives")));
        say->click();
        QVERIFY(waitFor([&] {
            return view->leaf() != answer && isQuiet(view) &&
                   view->conversation().turn(view->leaf())->tokens.size() >= 3;
        }));
        const auto& branched = view->conversation().turn(view->leaf())->tokens;
        QCOMPARE(branched[0].id, before[0].id);
        QCOMPARE(branched[1].id, before[1].id);
        QVERIFY(branched[2].id != before[2].id);
        // The first version stays in sight, and a click goes there and back.
        QVERIFY(waitFor([&] { return button("Go there") && words().contains(QLatin1String("1 of 2, from")); }));
        button("Go there")->click();
        QVERIFY(waitFor([&] { return view->leaf() == answer; }));
        button("Go there")->click();
        QVERIFY(waitFor([&] { return view->leaf() != answer; }));
        QCOMPARE(view->conversation().turn(view->leaf())->branchedFrom, answer);
        QCOMPARE(view->conversation().turn(answer)->tokens.size(), before.size());
    }
    void stop_endsTheAnswerAndKeepsIt() {
        auto* view = m_panel->view(0);
        m_panel->say(QStringLiteral("Write a very long story about a machine that doubts."));
        const auto turns = view->conversation().turns.size();
        QVERIFY(waitFor([&] {
            return view->conversation().turns.size() > turns && view->isSpeaking() &&
                   view->conversation().turn(view->leaf())->tokens.size() > 5;
        }));
        QTest::keyClick(field(), Qt::Key_Escape);
        QVERIFY(waitFor([&] { return isQuiet(view); }));
        const auto* answer = view->conversation().turn(view->leaf());
        QCOMPARE(answer->stop, QStringLiteral("stopped"));
        QVERIFY(answer->tokens.size() > 5 && answer->tokens.size() < 512);
    }
    void twoModels_answerTheSameTurn() {
        const qint64 first = m_panel->view(0)->run();
        QVERIFY(newChat(first));
        m_panel->setSecond(first);
        QVERIFY(waitFor([&] { return m_panel->view(1)->run() == first && m_panel->view(1)->isLive(); }));
        m_panel->say(QStringLiteral("Name a colour."));
        QVERIFY(waitFor(
            [&] { return m_panel->view(0)->leaf() >= 0 && isQuiet(m_panel->view(0)) && isQuiet(m_panel->view(1)); }));
        for (int column : {0, 1}) {
            auto* view = m_panel->view(column);
            QCOMPARE(view->conversation().turn(view->conversation().turn(view->leaf())->parent)->text,
                QStringLiteral("Name a colour."));
            QVERIFY(!view->conversation().turn(view->leaf())->said().isEmpty());
        }
        QVERIFY(!m_panel->dataTable().rows.isEmpty());
        m_panel->setSecond(0);
    }
    void manyTokens_neitherLeakNorStall() {
        const int wanted = std::max(300, qEnvironmentVariableIntValue("DUBITO_CHAT_TOKENS"));
        auto* view = m_panel->view(0);
        std::int64_t tokens = 0, lastChat = 0;
        std::optional<Memory> warm;
        int round = 0;
        g_longest = g_dearest = {};
        g_measuring = true;
        while (tokens < wanted) {
            if (round % 12 == 0) {  // a context holds some thousand tokens: a new conversation begins
                g_measuring = false;
                if (round) m_application->window()->trigger(QStringLiteral("run.cancel"));
                QVERIFY(newChat(view->run()));
                g_measuring = true;
                lastChat = 0;
            }
            const auto turns = view->conversation().turns.size();
            if (round % 4 == 2 && view->leaf() >= 0) Q_EMIT view->againAsked(view->leaf());
            else m_panel->say(QStringLiteral("Tell me something long about rivers, part %1.").arg(round));
            if (round % 5 == 3) {
                QVERIFY(waitFor([&] { return view->isSpeaking() && view->conversation().turns.size() > turns; }));
                QTest::qWait(300);
                if (QPushButton* stop = button("Stop")) stop->click();
            }
            QVERIFY(waitFor([&] { return view->conversation().turns.size() > turns && isQuiet(view); }, 120));
            if (round % 5 == 4 && view->leaf() >= 0) {
                const int leaf = view->leaf();
                if (view->conversation().turn(leaf)->tokens.size() > 4) {
                    view->setCurrentToken(leaf, 3);
                    Q_EMIT view->branchAsked(leaf, 3, 30);
                    QVERIFY(waitFor([&] { return view->leaf() != leaf && isQuiet(view); }, 120));
                }
            }
            const std::int64_t now = said(view);
            tokens += now - lastChat;
            lastChat = now;
            ++round;
            const Memory memory = memoryNow();
            if (round % 4 == 0)
                qInfo("%6lld tokens: %lld KiB of its own (heap in use %lld, SQLite %lld)",
                    static_cast<long long>(tokens), static_cast<long long>(memory.own),
                    static_cast<long long>(memory.heap), static_cast<long long>(memory.caches));
            if (!warm && tokens >= wanted / 3) warm = memory;
        }
        g_measuring = false;
        const Memory end = memoryNow();
        const std::int64_t grown = end.own - warm->own, caches = end.caches - warm->caches;
        qInfo(
            "%lld tokens in %d turns; longest event %.1f ms, %.1f of them computing (%s, type %d); most computing %.1f "
            "ms "
            "(%s, type %d); memory grew %lld KiB over the last two thirds, %lld of them page caches",
            static_cast<long long>(tokens), round, g_longest.ms, g_longest.cpuMs, g_longest.receiver, g_longest.type,
            g_dearest.cpuMs, g_dearest.receiver, g_dearest.type, static_cast<long long>(grown),
            static_cast<long long>(caches));
        // What is not a page cache: the conversation in view (some hundred bytes a token), which the next one replaces.
        QVERIFY2(grown - std::max<std::int64_t>(caches, 0) < 24 * 1024, "memory grows with the talk");
    }
    void closedChat_goesOnInANewRun() {
        auto* view = m_panel->view(0);
        QVERIFY(newChat(view->run()));
        m_panel->say(QStringLiteral("What is the capital of France?"));
        QVERIFY(waitFor([&] { return view->conversation().turns.size() == 2 && isQuiet(view); }));
        const qint64 before = view->run();
        const QString answer = view->conversation().turn(1)->said();
        m_application->window()->trigger(QStringLiteral("run.cancel"));
        QVERIFY(waitFor([&] { return !view->isLive(); }));
        QPushButton* on = nullptr;
        for (auto* button : m_panel->findChildren<QPushButton*>())
            if (button->text() == QLatin1String("Go on")) on = button;
        QVERIFY(on && on->isEnabled());
        on->click();
        QVERIFY(
            waitFor([&] { return view->run() != before && view->isLive() && view->conversation().turns.size() == 2; }));
        QVERIFY(waitFor([&] { return view->conversation().turn(1)->said() == answer; }));
        QVERIFY(std::isnan(view->conversation().turn(1)->tokens.first().logprob));
        m_panel->say(QStringLiteral("And of Italy?"));
        QVERIFY(waitFor([&] { return view->conversation().turns.size() == 4 && isQuiet(view); }));
        QCOMPARE(view->conversation().turn(2)->parent, 1);
        QVERIFY(!view->conversation().turn(3)->said().isEmpty());
    }
    void cleanupTestCase() {
        m_application.reset();
        m_home.reset();
    }
};

int main(int argc, char** argv) {
    qputenv("QT_QPA_PLATFORM", qEnvironmentVariable("QT_QPA_PLATFORM", "offscreen").toUtf8());
    TimedApplication application(argc, argv);
    tst_Chat test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_chat.moc"
