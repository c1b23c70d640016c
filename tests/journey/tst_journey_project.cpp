// The project file under the desktop: two desktops on it, moved and deleted while open, and a desktop killed.
#include <QDir>
#include <QFileInfo>
#include <csignal>

#include "journey/journey.h"

namespace dubito::tests {

class tst_JourneyProject : public Journey {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        SCREEN();
        const QString wrong =
            dubito({"run", path("p.dubito"), "coin_doubt", "--title", "first", "--set", "flips=20", "--quiet"});
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }
    void cleanup() { tearDown(); }
    void desktop_killed_opensTheProjectAndItsRunAgain();
    void secondDesktop_onOneProject_readsAlongAndTakesOver();
    void file_moved_isSaid();
    void file_deleted_isSaidAndACopyIsSaved();

private:
    static bool submit(Desktop& desk, const QString& title, int steps);
};

bool tst_JourneyProject::submit(Desktop& desk, const QString& title, int steps) {
    return desk.key("Ctrl+R") && desk.choose("*", "Coin doubt", "New run") &&
           desk.fill("text", "Flips", QString::number(steps), "New run") &&
           desk.fill("text", "Name", title, "New run") && desk.click("push button", "Run", "New run") &&
           desk.waitGone("dialog", "New run");
}

void tst_JourneyProject::desktop_killed_opensTheProjectAndItsRunAgain() {
    DO(desk().start({path("p.dubito")}));
    DO(desk().wait("*", "first, done*", "Project"));
    DO(submit(desk(), "long", 1'000'000));
    // A fast machine is done with it before a hand could see it run.
    DO(desk().wait("*", "long, *", "Project"));
    desk().kill(SIGKILL);
    DO(desk().waitEnd());
    DO(desk().start());
    DO(desk().wait("frame", "p.dubito*"));
    DO(desk().wait("label", "This project was not closed cleanly*"));
    DO(desk().wait("*", "long, *", "Project"));
    DO(desk().wait("*", "long, done*", "Project"));
}

void tst_JourneyProject::secondDesktop_onOneProject_readsAlongAndTakesOver() {
    DO(desk().start({path("p.dubito")}));
    DO(desk().wait("*", "first, done*", "Project"));
    const auto other = newDesk();
    DO_AT(*other, other->start({path("p.dubito")}));
    DO_AT(*other, other->wait("label", "*ead-only*"));
    DO_AT(*other, other->wait("*", "first, done*", "Project"));
    DO(desk().bringUp());  // the second one lies over it
    DO(submit(desk(), "second", 30));
    DO_AT(*other, other->wait("*", "second, done*", "Project"));
    desk().kill(SIGTERM);
    DO(desk().waitEnd());
    DO_AT(*other, other->bringUp());
    DO_AT(*other, other->wait("label", "*owner has left*"));
    DO_AT(*other, other->click("push button", "Open for writing*"));
    DO_AT(*other, other->waitGone("label", "*ead-only*"));
    // Now it is the one that starts runs.
    DO_AT(*other, submit(*other, "third", 30));
    DO_AT(*other, other->wait("*", "third, done*", "Project"));
}

void tst_JourneyProject::file_moved_isSaid() {
    DO(desk().start({path("p.dubito")}));
    DO(desk().wait("*", "first, done*", "Project"));
    QVERIFY(QFile::rename(path("p.dubito"), path("q.dubito")));
    DO(desk().wait("label", "*moved*", "State of the project"));
}

void tst_JourneyProject::file_deleted_isSaidAndACopyIsSaved() {
    DO(desk().start({path("p.dubito")}));
    DO(desk().wait("*", "first, done*", "Project"));
    QVERIFY(QFile::remove(path("p.dubito")));
    DO(desk().wait("label", "*gone*", "State of the project"));
    DO(desk().click("push button", "Save a copy…", "State of the project"));
    DO(desk().wait("dialog", "Save a copy"));
    DO(desk().type(path("saved.dubito")));
    DO(desk().key("Return"));
    DO(desk().until([this] { return QFileInfo(path("saved.dubito")).size() > 0; }, "the copy"));
    desk().kill(SIGTERM);
    DO(desk().waitEnd());
    QByteArray said;
    QVERIFY(dubito({"list", path("saved.dubito")}, &said).isEmpty());
    QVERIFY(said.contains("first"));
}

}  // namespace dubito::tests

QTEST_GUILESS_MAIN(dubito::tests::tst_JourneyProject)
#include "tst_journey_project.moc"
