// A disk that is full and has room again, and one that cannot be written at all. Needs a mount namespace.
#include "journey/journey.h"
#include "support/tmpfs.h"

namespace dubito::tests {
namespace {

bool mayMount = false;

}  // namespace

class tst_JourneyDisk : public Journey {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        if (!mayMount) QSKIP("no mount namespace is allowed here, so no disk of one's own can be made");
        SCREEN();
        m_disk = std::make_unique<Tmpfs>(path("disk").toStdString());
        QVERIFY(m_disk->isThere());
        const QString wrong =
            dubito({"run", path("disk/p.dubito"), "coin_doubt", "--title", "first", "--set", "flips=20", "--quiet"});
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }
    void cleanup() {
        if (hasScreen()) screen().stop();
        m_disk.reset();  // before the folder it lies in
        tearDown();
    }
    void fullDisk_rename_isRefusedAloudAndWorksLater();
    void readOnlyDisk_project_opensForReading();

private:
    bool rename(const QString& name);
    std::unique_ptr<Tmpfs> m_disk;
};

bool tst_JourneyDisk::rename(const QString& name) {
    // In the row of the table, where the old name is chosen as a whole. Tables tell no assistive tool of their editors.
    return desk().click("*", "*, done*", "Project") && desk().menu({"Edit", "Rename run…"}) &&
           desk().waitGone("menu item", "Rename run…") && desk().type(name) && desk().key("Return") &&
           desk().until([&] { return shows("*", name + ", done*", "Project") || shows("*", "*full*"); }, name);
}

void tst_JourneyDisk::fullDisk_rename_isRefusedAloudAndWorksLater() {
    DO(desk().start({path("disk/p.dubito")}));
    DO(desk().wait("*", "first, done*", "Project"));
    QVERIFY(m_disk->fill());
    // The log of the database may have room for a few edits.
    const QString much(200, QLatin1Char('x'));
    for (int i = 0; i < 40 && !shows("*", "*full*"); ++i) DO(rename(QStringLiteral("first, %1 %2").arg(i).arg(much)));
    DO(desk().wait("*", "*full*"));
    if (shows("push button", "OK")) DO(desk().click("push button", "OK"));
    QVERIFY(m_disk->empty());
    DO(desk().waitGone("*", "*full*"));
    DO(rename("room again"));
    DO(desk().wait("*", "room again, done*", "Project"));
}

void tst_JourneyDisk::readOnlyDisk_project_opensForReading() {
    QVERIFY(::mount(nullptr, path("disk").toUtf8().constData(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    DO(desk().start({path("disk/p.dubito")}));
    DO(desk().wait("label", "*ead-only*"));
    DO(desk().wait("*", "first, done*", "Project"));
    // What cannot be done says why instead of failing later.
    DO(desk().click("menu item", "Run"));
    DO(desk().wait("menu item", "New run…"));
    DO(!desk().find("menu item", "New run…")->is(Node::Enabled));
    DO(desk().key("Esc"));
}

}  // namespace dubito::tests

int main(int argc, char** argv) {
    dubito::tests::mayMount = dubito::tests::enterMountNamespace();
    QCoreApplication application(argc, argv);
    dubito::tests::tst_JourneyDisk test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_journey_disk.moc"
