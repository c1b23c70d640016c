// The first minutes of a stranger: ask, look at the answer's tokens, say something else, branch.
#include "journey/journey.h"

namespace dubito::tests {

class tst_JourneyAsk : public Journey {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        const QString wrong = setUp();
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        if (!hasLanguagePlugins()) QSKIP(qPrintable(whyNoLanguage()));
    }
    void cleanupTestCase() { tearDown(); }
    void firstStart_question_isAnsweredInAnUntitledProject();
};

void tst_JourneyAsk::firstStart_question_isAnsweredInAnUntitledProject() {
    DO(desk().start());
    QElapsedTimer clock;
    clock.start();
    const auto all = desk().see();
    for (const auto& node : all) qInfo("%s", qPrintable(node.line()));
    qInfo("%lld ms for %lld nodes", clock.elapsed(), static_cast<long long>(all.size()));
    DO(desk().fill("text", "Question", "What is the capital of France?"));
    DO(desk().click("push button", "Ask the model"));
    DO(desk().wait("label", "* tokens · *"));
    for (const auto& node : desk().see()) qInfo("%s", qPrintable(node.line()));
    desk().picture("answer");
}

}  // namespace dubito::tests

QTEST_GUILESS_MAIN(dubito::tests::tst_JourneyAsk)
#include "tst_journey_ask.moc"
