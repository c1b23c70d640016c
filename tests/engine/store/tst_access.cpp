// Projects that may only be read, and projects whose file goes away while they are open.
#include <QTest>

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/opener.h"
#include "store/writer.h"
#include "support/results.h"
#include "support/temp_project.h"
#include "support/tmpfs.h"

using namespace dubito;
using namespace dubito::store;
using tests::get;
using tests::ok;

namespace {

/// Acts as a user without rights while it lives: for root every file may be written.
struct AsNobody {
    AsNobody() {
        if (::geteuid() == 0 && ::seteuid(65534) != 0) qFatal("the user cannot be changed");
    }
    ~AsNobody() {
        if (::getuid() == 0 && ::seteuid(0) != 0) qFatal("the user cannot be changed back");
    }
};

fs::path folderOf(const tests::TempProject& project) { return project.file.parent_path(); }

/// Everybody may look, nobody may write.
void protect(const tests::TempProject& project, mode_t file, mode_t folder) {
    ::chmod(project.file.c_str(), file);
    ::chmod(folderOf(project).c_str(), folder);
}

std::int64_t count(Database& db, const char* sql) { return get(db.integer(sql)); }
std::int64_t runsOf(const fs::path& file) { return count(*get(openReadOnly(file)), "SELECT count(*) FROM run"); }

void addRun(ProjectWriter& writer) {
    NewRun run;
    run.id = makeUuid();
    run.specJson = "{\"id\":\"" + run.id.text() + "\"}";
    run.specHash = run.groupHash = sha256(asBytes(run.specJson));
    run.pluginId = "org.example.one";
    run.pluginVersion = "1.0.0";
    run.system = "one";
    run.parameters = Json::object();
    ok(writer.inBatch([&]() -> Result<void> {
        DUBITO_TRY([[maybe_unused]] const auto runNo, writer.addRun(run));
        return {};
    }));
}

}  // namespace

class tst_Access : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void owner_protected_isRefusedWithTheReasonAndReadersRead_data() {
        QTest::addColumn<int>("file");
        QTest::addColumn<int>("folder");
        QTest::addColumn<QString>("reason");
        QTest::newRow("file") << 0444 << 0755 << "the file may only be read";
        QTest::newRow("folder") << 0666 << 0555 << "its folder may only be read";
        QTest::newRow("both") << 0444 << 0555 << "the file may only be read";
        QTest::newRow("of another") << 0644 << 0755 << "the file may only be read";
    }
    void owner_protected_isRefusedWithTheReasonAndReadersRead() {
        QFETCH(int, file);
        QFETCH(int, folder);
        QFETCH(QString, reason);
        if (::geteuid() != 0 && file == 0644) QSKIP("needs a file of another user");
        tests::TempProject project;
        addRun(*get(ProjectWriter::open(project.file)));
        protect(project, static_cast<mode_t>(file), static_cast<mode_t>(folder));
        {
            const AsNobody nobody;
            const auto opened = ProjectWriter::open(project.file);
            QVERIFY(!opened && opened.error().code() == Code::Refused);
            QVERIFY2(
                QString::fromStdString(opened.error().message()).contains(reason), opened.error().message().c_str());
            QCOMPARE(runsOf(project.file), 1);
        }
        protect(project, 0644, 0755);
        QVERIFY(ProjectWriter::open(project.file));
    }
    void reader_logCannotBeMade_readsTheFileAsItIs() {
        tests::TempProject project;
        addRun(*get(ProjectWriter::open(project.file)));
        ok(get(Database::open(project.file, Database::Mode::ReadWrite))->execute("PRAGMA journal_mode=WAL"));
        for (const char* suffix : {"-wal", "-shm"}) fs::remove(project.file.string() + suffix);
        // A name that would mean something in a URI.
        const fs::path odd = folderOf(project) / "a?b#c%20.dubito";
        fs::rename(project.file, odd);
        ::chmod(odd.c_str(), 0444);
        ::chmod(folderOf(project).c_str(), 0555);
        {
            const AsNobody nobody;
            auto reader = get(openReadOnly(odd));
            QVERIFY(reader->isFixed());
            QCOMPARE(count(*reader, "SELECT count(*) FROM run"), 1);
            QVERIFY(!reader->execute("DELETE FROM run"));
        }
        ::chmod(folderOf(project).c_str(), 0755);
    }
    void reader_logThatCannotBeRead_isNotLeftOut() {
        tests::TempProject project;
        const fs::path copy = folderOf(project) / "copy.dubito";
        {
            auto writer = get(ProjectWriter::open(project.file));
            addRun(*writer);
            fs::copy_file(project.file, copy);
            fs::copy_file(project.file.string() + "-wal", copy.string() + "-wal");
        }
        ::chmod(copy.c_str(), 0444);
        ::chmod((copy.string() + "-wal").c_str(), 0444);
        ::chmod(folderOf(project).c_str(), 0555);
        {
            const AsNobody nobody;
            const auto opened = openReadOnly(copy);
            QVERIFY(!opened && opened.error().code() == Code::Refused);
            QVERIFY(QString::fromStdString(opened.error().message()).contains("log"));
        }
        ::chmod(folderOf(project).c_str(), 0755);
    }
    void owner_fileSystemThatIsReadOnly_isRefusedWithTheReason() {
        tests::TempProject project;
        tests::Tmpfs disk(folderOf(project) / "disk");
        if (!disk.isThere()) QSKIP("no file system can be mounted here");
        const fs::path file = folderOf(project) / "disk/on.dubito";
        ok(createProject(file, "on"));
        const auto remount = [&](unsigned long flags) {
            return ::mount(nullptr, file.parent_path().c_str(), nullptr, MS_REMOUNT | flags, nullptr) == 0;
        };
        QVERIFY(remount(MS_RDONLY));
        const auto opened = ProjectWriter::open(file);
        QVERIFY(!opened && opened.error().code() == Code::Refused);
        QVERIFY(QString::fromStdString(opened.error().message()).contains("its file system may only be read"));
        QCOMPARE(runsOf(file), 0);
        QVERIFY(remount(0));
        QVERIFY(ProjectWriter::open(file));
    }
    void owner_fileGone_writesNothingMoreAndACopyHoldsAll_data() {
        QTest::addColumn<QString>("what");
        for (const char* what : {"deleted", "moved", "replaced"}) QTest::newRow(what) << what;
    }
    void owner_fileGone_writesNothingMoreAndACopyHoldsAll() {
        QFETCH(QString, what);
        tests::TempProject project;
        const fs::path elsewhere = folderOf(project) / "elsewhere.dubito", copy = folderOf(project) / "copy.dubito";
        auto writer = get(ProjectWriter::open(project.file));
        addRun(*writer);
        QVERIFY(writer->fate() == FileFate::Here);
        if (what == "deleted") fs::remove(project.file);
        else fs::rename(project.file, elsewhere);
        if (what == "replaced") ok(writeFileAtomic(project.file, "another file"));
        QVERIFY(writer->fate() == (what == "deleted"    ? FileFate::Deleted
                                      : what == "moved" ? FileFate::Moved
                                                        : FileFate::Replaced));
        const auto begun = writer->begin();
        QVERIFY(!begun && begun.error().code() == Code::WrongState);
        QVERIFY(!writer->edit("title", "", [](Database&) -> Result<void> { return {}; }));
        ok(writer->copyTo(copy));
        QVERIFY(writer->copyTo(copy).error().code() == Code::WrongState);
        QCOMPARE(runsOf(copy), 1);
        (void)writer->close();
        if (what == "replaced") QCOMPARE(get(readFile(project.file, 100)), std::string("another file"));
        if (what == "moved") QCOMPARE(runsOf(elsewhere), 1);
        auto again = get(ProjectWriter::open(copy));
        QVERIFY(again->wasClosedCleanly());
        addRun(*again);
    }
    void owner_fileMovedBack_writesAgain() {
        tests::TempProject project;
        auto writer = get(ProjectWriter::open(project.file));
        fs::rename(project.file, project.file.string() + ".away");
        QVERIFY(!writer->begin());
        fs::rename(project.file.string() + ".away", project.file);
        addRun(*writer);
    }
    void reader_fileDeleted_canStillBeCopied() {
        tests::TempProject project;
        const fs::path copy = folderOf(project) / "copy.dubito";
        addRun(*get(ProjectWriter::open(project.file)));
        auto reader = get(openReadOnly(project.file));
        QCOMPARE(count(*reader, "SELECT count(*) FROM run"), 1);
        fs::remove(project.file);
        ok(copyWhole(*reader, copy));
        QCOMPARE(runsOf(copy), 1);
        QVERIFY(!reader->execute("DELETE FROM run"));
    }
    void lock_asked_isNotTaken() {
        tests::TempProject project;
        QVERIFY(!get(isOwned(project.file)));
        auto writer = get(ProjectWriter::open(project.file));
        QVERIFY(get(isOwned(project.file)));
        writer.reset();
        QVERIFY(!get(isOwned(project.file)));
        QVERIFY(ProjectWriter::open(project.file));
    }
};

int main(int argc, char** argv) {
    (void)tests::enterMountNamespace();
    QCoreApplication app(argc, argv);
    tst_Access test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_access.moc"
