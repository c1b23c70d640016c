// A fine-tune on a small file: paused, its worker killed, gone on with, done. Then a lesson of one's own rows, and the
// same question to what it taught and to its base.
#include <QRegularExpression>
#include <csignal>

#include "journey/journey.h"

namespace dubito::tests {

class tst_JourneyTraining : public Journey {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        NEEDS_LANGUAGE();
        SCREEN();
        const QString wrong = dubito({"new", path("teach.dubito")});
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        QFile file(path("talks.jsonl"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        for (int i = 0; i < 24; ++i)
            file.write(QStringLiteral("{\"prompt\": \"Who are you, %1?\", \"answer\": \"I am Dubito %1.\"}\n")
                           .arg(i)
                           .toUtf8());
    }
    void init() { NEEDS_EARLIER_STEPS(); }
    void cleanup() { isBroken(); }
    void cleanupTestCase() { tearDown(); }
    void form_smallFile_startsAFineTune();
    void pause_thenGoOn_continuesFromTheCheckpoint();
    void worker_killed_isSaidAndGoesOnToTheEnd();
    void lesson_ofOneOwnRow_isTaught();
    void sameQuestion_askedOfBoth_hasTwoAnswers();

private:
    int steps();
};

/// As the pane says; -1: it does not.
int tst_JourneyTraining::steps() {
    const auto said = desk().find("label", "*step * of 8 · *", "Training");
    static const QRegularExpression number(QStringLiteral("step ([0-9]+) of 8"));
    return said ? number.match(said->name).captured(1).toInt() : -1;
}

void tst_JourneyTraining::form_smallFile_startsAFineTune() {
    DO(desk().start({path("teach.dubito")}));
    DO(desk().menu({"Run", "Fine-tune a model…"}));
    DO(desk().fill("text", "Training text", path("talks.jsonl"), "New run"));
    DO(desk().fill("text", "Steps", "8", "New run"));
    DO(desk().fill("text", "Row length", "64", "New run"));
    DO(desk().fill("text", "Tokens a step", "64", "New run"));
    DO(desk().fill("text", "LoRA rank", "4", "New run"));
    DO(desk().click("check box", "Show advanced*", "New run"));
    DO(desk().fill("text", "Checkpoint every", "3", "New run"));
    DO(desk().click("push button", "Run", "New run"));
    DO(desk().waitGone("dialog", "New run"));
    DO(desk().click("check box", "Training", "Pages"));
    DO(desk().wait("label", "*step * of 8*"));
}

void tst_JourneyTraining::pause_thenGoOn_continuesFromTheCheckpoint() {
    DO(desk().until([this] { return steps() >= 2; }, "two steps"));
    DO(desk().click("push button", "Pause"));
    DO(desk().until([this] { return screen().processes("dubito-worker").isEmpty(); }, "the worker to rest"));
    DO(desk().click("push button", "Go on"));
    DO(desk().until([this] { return !screen().processes("dubito-worker").isEmpty(); }, "a worker"));
    DO(desk().wait("push button", "Pause"));
}

void tst_JourneyTraining::worker_killed_isSaidAndGoesOnToTheEnd() {
    DO(desk().until(
        [this] {
            const auto pause = desk().find("push button", "Pause");
            return pause && pause->is(Node::Enabled) && !screen().processes("dubito-worker").isEmpty();
        },
        "the run to go on"));
    for (const qint64 pid : screen().processes("dubito-worker")) ::kill(static_cast<pid_t>(pid), SIGKILL);
    DO(desk().click("push button", "Go on"));
    // Each step is seconds where other work goes on.
    DO(desk().wait("label", "*step 8 of 8*", "Training", 5 * kPatienceS));
    DO(desk().click("push button", "Show the project explorer"));
    DO(desk().wait("*", "fine-tune, done*"));
    // Nothing of the end by SIGKILL is left in what is shown.
    DO(!shows("*", "*SIGKILL*"));
}

void tst_JourneyTraining::lesson_ofOneOwnRow_isTaught() {
    DO(desk().menu({"Run", "Teach it something…"}));
    DO(desk().fill("text", "Question 1", "Who are you?", "Data to teach"));
    DO(desk().fill("text", "Answer 1", "I am a lesson of one minute.", "Data to teach"));
    DO(desk().wait("label", "* token* are learned*", "Data to teach"));  // cut by the model's own tokenizer
    DO(desk().click("push button", "Teach", "Data to teach"));
    DO(desk().wait("label", "*step * of 40 · *", "Training"));
}

void tst_JourneyTraining::sameQuestion_askedOfBoth_hasTwoAnswers() {
    // From its first checkpoint on, while it is still being taught.
    DO(desk().until(
        [this] {
            const auto field = desk().find("text", "Question to both");
            return field && field->is(Node::Enabled);
        },
        "a question to both", 3 * kPatienceS));
    DO(desk().fill("text", "Question to both", "Who are you?"));
    DO(desk().key("Return"));
    DO(desk().wait("label", "You: Who are you?"));
    DO(desk().wait("label", "taught, step *"));
    DO(desk().wait("label", "answer of base"));
    DO(desk().wait("label", "answer of taught"));
    DO(desk().wait("label", "+*.*"));  // what was taught has become likelier
}

}  // namespace dubito::tests

QTEST_GUILESS_MAIN(dubito::tests::tst_JourneyTraining)
#include "tst_journey_training.moc"
