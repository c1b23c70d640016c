// Without a mouse: from the start to an answer, to its numbers in a file, and out again.
#include <QFileInfo>

#include "journey/journey.h"

namespace dubito::tests {

class tst_JourneyKeys : public Journey {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        NEEDS_LANGUAGE();
        SCREEN();
    }
    void init() { NEEDS_EARLIER_STEPS(); }
    void cleanup() { isBroken(); }
    void cleanupTestCase() { tearDown(); }
    void question_typedAtTheStart_isAnswered();
    void areas_walkedByF6_eachTakeTheFocusAndLetItGo();
    void palette_searched_opensAPanel();
    void table_exportedByKeys_isAFile();
    void quit_byKeys_asksOnceAndEnds();
};

void tst_JourneyKeys::question_typedAtTheStart_isAnswered() {
    DO(desk().start());
    DO(desk().until([this] { return shows("text", "Question") && desk().find("text", "Question")->is(Node::Focused); },
        "the focus in the question"));
    DO(desk().type("Is a whale a fish?"));
    DO(desk().until(
        [this] { return desk().find("push button", "Ask the model")->is(Node::Enabled); }, "a live button"));
    DO(desk().key("Return"));
    DO(desk().wait("label", "* tokens · *first after*"));
}

void tst_JourneyKeys::areas_walkedByF6_eachTakeTheFocusAndLetItGo() {
    QStringList path;
    for (int i = 0; i < 8; ++i) {
        DO(desk().key("F6"));
        QTest::qWait(200);
        const auto at = desk().focused();
        QVERIFY2(at, "nothing has the focus");
        path << at->path;
    }
    path.removeDuplicates();
    QVERIFY2(path.size() >= 3, qPrintable(path.join(QLatin1Char(' '))));
}

void tst_JourneyKeys::palette_searched_opensAPanel() {
    DO(desk().key("Ctrl+K"));
    DO(desk().wait("text", "Search"));
    DO(desk().type("Log"));
    DO(desk().wait("list item", "*Log*"));
    DO(desk().key("Esc"));
    DO(desk().waitGone("text", "Search"));
}

void tst_JourneyKeys::table_exportedByKeys_isAFile() {
    DO(desk().key("Alt+2"));
    DO(desk().wait("table", "Runs"));
    DO(desk().key("Ctrl+E"));
    DO(desk().wait("dialog", "Export*"));
    DO(desk().tabTo("text", "*"));
    DO(desk().key("Ctrl+A"));
    DO(desk().type(path("keys.csv")));
    DO(desk().key("Return"));
    DO(desk().until([this] { return QFileInfo(path("keys.csv")).size() > 0; }, "the file"));
    if (shows("dialog", "Export*")) DO(desk().key("Esc"));
    DO(desk().waitGone("dialog", "Export*"));
}

void tst_JourneyKeys::quit_byKeys_asksOnceAndEnds() {
    DO(desk().key("Ctrl+Q"));
    DO(desk().wait("push button", "Stop them"));
    DO(desk().tabTo("push button", "Stop them"));
    DO(desk().key("Space"));
    DO(desk().waitEnd());
    DO(desk().until([this] { return screen().processes("dubito-worker").isEmpty(); }, "the worker to end") ||
        screen().processes("dubito-worker").isEmpty());
}

}  // namespace dubito::tests

QTEST_GUILESS_MAIN(dubito::tests::tst_JourneyKeys)
#include "tst_journey_keys.moc"
