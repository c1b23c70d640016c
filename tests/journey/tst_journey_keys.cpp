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
    void token_walkedTo_isAnsweredOtherwise();
    void palette_searched_doesWhatItFound();
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
        DO(desk().settle());
        const auto at = desk().focused();
        QVERIFY2(at, "nothing has the focus");
        path << at->path;
    }
    path.removeDuplicates();
    QVERIFY2(path.size() >= 3, qPrintable(path.join(QLatin1Char(' '))));
}

void tst_JourneyKeys::token_walkedTo_isAnsweredOtherwise() {
    DO(desk().tabTo("*", "Answer of *"));
    DO(desk().key("Right"));
    DO(desk().wait("label", "Instead of “*”", "Chat"));
    DO(desk().wait("push button", "Say “*” here; both answers stay"));
    DO(desk().tabTo("push button", "Say “*” here; both answers stay"));
    DO(desk().key("Space"));
    DO(desk().wait("label", "2 of 2", "Chat"));
    DO(desk().waitGone("label", "*speaking…*"));
}

void tst_JourneyKeys::palette_searched_doesWhatItFound() {
    DO(desk().key("Ctrl+K"));
    // A popup is in no list of windows, so that its field cannot be read.
    DO(desk().until(
        [this] {
            const auto field = desk().find("text", "Search");
            return (field && field->is(Node::Focused)) || screen().hand().hasPopup();
        },
        "the palette"));
    DO(desk().type("> shortc"));
    DO(desk().key("Return"));
    DO(desk().wait("dialog", "Shortcuts*"));
    DO(desk().key("Esc"));
    DO(desk().waitGone("dialog", "Shortcuts*"));
    DO(!screen().hand().hasPopup());
}

void tst_JourneyKeys::table_exportedByKeys_isAFile() {
    DO(desk().key("Alt+2"));
    DO(desk().wait("table", "Runs"));
    DO(desk().key("Ctrl+E"));
    DO(desk().wait("dialog", "Export*"));
    DO(desk().tabTo("text", "File"));
    DO(desk().key("Ctrl+A"));
    DO(desk().type(path("keys.csv")));  // its ending says what it becomes
    DO(desk().key("Return"));
    DO(desk().until([this] { return QFileInfo(path("keys.csv")).size() > 0; }, "the file"));
    DO(desk().waitGone("dialog", "Export*"));
    QFile file(path("keys.csv"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray all = file.readAll();
    QVERIFY2(all.contains("Is a whale a fish?"), all.constData());
}

void tst_JourneyKeys::quit_byKeys_asksOnceAndEnds() {
    DO(desk().key("Ctrl+Q"));
    DO(desk().wait("push button", "Stop them"));
    DO(desk().tabTo("push button", "Stop them"));
    DO(desk().key("Space"));
    DO(desk().waitEnd());
    QTRY_VERIFY_WITH_TIMEOUT(screen().processes("dubito-worker").isEmpty(), kPatienceS * 1000);
}

}  // namespace dubito::tests

QTEST_GUILESS_MAIN(dubito::tests::tst_JourneyKeys)
#include "tst_journey_keys.moc"
