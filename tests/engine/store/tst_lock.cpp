// One owner a project file, whatever name it is opened by; its log is neither followed elsewhere nor silently missed.
#include <QProcess>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "engine/store/store_support.h"
#include "store/lock.h"
#include "store/opener.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::store;
using tests::Child;
using tests::get;
using tests::ok;

namespace {

/// What the program says when it is asked to become the owner of `name` for a moment: 3 (nothing to undo) when it was.
struct Asked {
    int exitCode = -1;
    QString words;
};
Asked askAsOwner(const QString& name, const QString& folder = {}) {
    QProcess program;
    if (!folder.isEmpty()) program.setWorkingDirectory(folder);
    program.start(DUBITO_BIN "/dubito", {"edit", name, "undo"});
    program.waitForFinished(-1);
    return {program.exitCode(), QString::fromUtf8(program.readAllStandardError())};
}

void writeText(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

std::string readText(const fs::path& path) { return get(readFile(path, 1 << 20)); }

/// An owner that recorded a run and was then killed: the log beside the file holds it.
void leaveUnclean(const fs::path& file) {
    Child owner([&] {
        auto writer = get(ProjectWriter::open(file)).release();
        ok(writer->begin());
        get(writer->addRun(tests::newRun("in the log")));
        ok(writer->commit());
    });
}

std::int64_t runsOf(const fs::path& file) { return tests::count(*get(openReadOnly(file)), "SELECT count(*) FROM run"); }

}  // namespace

class tst_Lock : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void owner_anyNameInThisProcess_isTheOnlyOne() {
        tests::TempProject project;
        const fs::path folder = project.file.parent_path();
        fs::create_symlink(project.file, folder / "link.dubito");
        fs::create_directory_symlink(folder, folder / "folder");
        const int descriptor = ::open(project.file.c_str(), O_RDONLY | O_CLOEXEC);
        auto writer = get(ProjectWriter::open(project.file));
        for (const fs::path& name : {project.file, folder / "link.dubito", folder / "folder" / "test.dubito",
                 folder / "folder" / ".." / folder.filename() / "link.dubito",
                 fs::path("/proc/self/fd/" + std::to_string(descriptor))}) {
            auto second = ProjectWriter::open(name);
            QVERIFY2(!second, name.c_str());
            QVERIFY2(second.error().code() == Code::Owned, second.error().text().c_str());
            QVERIFY(second.error().message().find("pid " + std::to_string(::getpid())) != std::string::npos);
        }
        writer.reset();
        QVERIFY(ProjectWriter::open(folder / "link.dubito"));
    }
    void owner_anyNameInAnotherProcess_isTheOnlyOne() {
        tests::TempProject project;
        const fs::path folder = project.file.parent_path();
        fs::create_symlink("test.dubito", folder / "link.dubito");
        fs::create_directory_symlink(folder, folder / "folder");
        const int descriptor = ::open(project.file.c_str(), O_RDONLY | O_CLOEXEC);
        auto writer = get(ProjectWriter::open(project.file));
        const QString own = QString("/proc/%1/fd/%2").arg(::getpid()).arg(descriptor);
        for (const QString& name :
            {QString("test.dubito"), QString("./link.dubito"), QString("folder/test.dubito"), own}) {
            const Asked asked = askAsOwner(name, project.folder.path());
            QVERIFY2(asked.exitCode == 6, qPrintable(name + ": " + asked.words));
            QVERIFY2(asked.words.contains(QString("pid %1 on host").arg(::getpid())), qPrintable(asked.words));
        }
        writer.reset();
        QCOMPARE(askAsOwner("link.dubito", project.folder.path()).exitCode, 3);
    }
    void owner_bindMountOfTheFile_isTheOnlyOne() {
        tests::TempProject project;
        const QString folder = project.folder.path();
        writeText(folder.toStdString() + "/other.dubito", "");
        auto writer = get(ProjectWriter::open(project.file));
        QProcess program;
        program.start("unshare", {"-rm", "sh", "-c",
                                     "mount --bind \"$1/test.dubito\" \"$1/other.dubito\" || exit 99; "
                                     "\"$2\" edit \"$1/other.dubito\" undo",
                                     "sh", folder, DUBITO_BIN "/dubito"});
        if (!program.waitForStarted()) QSKIP("there is no unshare here");
        program.waitForFinished(-1);
        const QString words = QString::fromUtf8(program.readAllStandardError());
        if (program.exitCode() == 99 || words.contains("unshare")) QSKIP("this machine allows no mounts");
        QVERIFY2(program.exitCode() == 6, qPrintable(words));
    }
    void owner_hardLink_isRefusedUnderBothNames() {
        tests::TempProject project;
        const fs::path other = project.file.parent_path() / "other.dubito";
        fs::create_hard_link(project.file, other);
        for (const fs::path& name : {project.file, other}) {
            auto opened = ProjectWriter::open(name);
            QVERIFY(!opened && opened.error().code() == Code::Refused);
            QVERIFY(opened.error().message().find("2 names") != std::string::npos);
            QVERIFY(openReadOnly(name));
        }
        fs::remove(other);
        QVERIFY(ProjectWriter::open(project.file));
    }
    void lock_taken_makesNoFileAndTouchesNone() {
        tests::TempProject project;
        const fs::path precious = project.file.parent_path() / "precious.txt";
        const fs::path left = project.file.string() + ".lock";
        writeText(precious, "years of work");
        fs::create_symlink(precious, left);
        { auto writer = get(ProjectWriter::open(project.file)); }
        QCOMPARE(readText(precious), std::string("years of work"));
        QVERIFY(fs::is_symlink(left));
        fs::remove(left);
        { auto writer = get(ProjectWriter::open(project.file)); }
        QVERIFY(!fs::exists(left));
    }
    void owner_killed_isFollowedByTheNext() {
        tests::TempProject project;
        leaveUnclean(project.file);
        auto writer = get(ProjectWriter::open(project.file));
        QVERIFY(!writer->wasClosedCleanly());
        QCOMPARE(tests::count(writer->database(), "SELECT count(*) FROM run"), 1);
        QCOMPARE(ownerOf(project.file).find("pid " + std::to_string(::getpid())), std::size_t(0));
    }
    void owner_killedWhileItStartsAChild_isWaitedFor() {
        tests::TempProject project;
        int hold[2];
        QVERIFY(::pipe(hold) == 0);
        {
            Child owner([&] {
                get(ProjectWriter::open(project.file)).release();
                // The half-started child: it has the lock's descriptor until its exec, here until the pipe closes.
                if (::fork() == 0) {
                    ::close(hold[1]);
                    char end = 0;
                    while (::read(hold[0], &end, 1) > 0) {
                    }
                    ::_exit(0);
                }
                ::close(hold[1]);
            });
        }
        auto meanwhile = ProjectLock::take(project.file);
        QVERIFY(!meanwhile && meanwhile.error().code() == Code::Owned);
        ::close(hold[0]);
        std::thread release([&] { ::close(hold[1]); });
        bool isTaken = false;
        for (int i = 0; i < 60 && !isTaken; ++i) isTaken = static_cast<bool>(ProjectLock::take(project.file));
        release.join();
        QVERIFY(isTaken);
    }
    void lock_takenAndGivenBack_leavesReadersTheirLocks() {
        tests::TempProject project;
        auto reader = get(openReadOnly(project.file));
        ok(reader->execute("BEGIN"));
        QCOMPARE(tests::count(*reader, "SELECT count(*) FROM run"), 0);
        { const auto lock = get(ProjectLock::take(project.file)); }
        { const auto lock = get(ProjectLock::take(project.file)); }
        // SQLite's shared lock lies behind its pending byte; another process must still see it.
        const pid_t other = ::fork();
        if (other == 0) {
            struct flock ask {};
            ask.l_type = F_WRLCK;
            ask.l_whence = SEEK_SET;
            ask.l_start = 0x40000000 + 2;
            ask.l_len = 510;
            const int file = ::open(project.file.c_str(), O_RDWR);
            ::_exit(file >= 0 && ::fcntl(file, F_GETLK, &ask) == 0 && ask.l_type != F_UNLCK ? 0 : 1);
        }
        int status = 0;
        ::waitpid(other, &status, 0);
        QCOMPARE(WEXITSTATUS(status), 0);
    }
    void sideFile_link_isRefusedForReadersToo() {
        for (const char* suffix : {"-wal", "-shm", "-journal"}) {
            tests::TempProject project;
            const fs::path precious = project.file.parent_path() / "precious.txt";
            writeText(precious, "years of work");
            fs::create_symlink(precious, project.file.string() + suffix);
            for (const auto& error : {ProjectWriter::open(project.file).error(), openReadOnly(project.file).error()}) {
                QVERIFY(error.code() == Code::Refused);
                QVERIFY2(error.message().find("a link") != std::string::npos, error.message().c_str());
            }
            QCOMPARE(readText(precious), std::string("years of work"));
        }
    }
    void mainFile_copiedWhileOpen_saysThatItIsNotClean() {
        tests::TempProject project;
        const fs::path copy = project.file.parent_path() / "copy.dubito";
        auto writer = get(ProjectWriter::open(project.file));
        // Another process copies: a descriptor closed in this one would drop the locks of its own SQLite.
        QCOMPARE(QProcess::execute("cp", {QString::fromStdString(project.file), QString::fromStdString(copy)}), 0);
        QCOMPARE(tests::count(*get(openReadOnly(copy)), "SELECT value FROM meta WHERE key='clean_close'"), 0);
        auto opened = ProjectWriter::open(copy);
        QVERIFY(!opened && opened.error().code() == Code::Refused);
        QVERIFY(opened.error().message().find("-wal) is missing") != std::string::npos);
    }
    void log_missing_isSaidUntilItIsBack() {
        tests::TempProject project;
        leaveUnclean(project.file);
        const fs::path log = project.file.string() + "-wal", elsewhere = project.file.parent_path() / "elsewhere";
        fs::rename(log, elsewhere);
        fs::remove(project.file.string() + "-shm");
        for (int i = 0; i < 3; ++i) {
            auto opened = ProjectWriter::open(project.file);
            QVERIFY(!opened && opened.error().code() == Code::Refused);
            QCOMPARE(runsOf(project.file), 0);
        }
        fs::remove(log);
        fs::remove(project.file.string() + "-shm");
        fs::rename(elsewhere, log);
        { auto writer = get(ProjectWriter::open(project.file)); }
        QCOMPARE(runsOf(project.file), 1);
    }
    void log_lostForGood_isForgottenOnRequestOnly() {
        tests::TempProject project;
        QVERIFY(forgetLog(project.file).error().code() == Code::WrongState);
        leaveUnclean(project.file);
        QVERIFY(forgetLog(project.file).error().code() == Code::WrongState);
        fs::remove(project.file.string() + "-wal");
        fs::remove(project.file.string() + "-shm");
        QVERIFY(!ProjectWriter::open(project.file));
        ok(forgetLog(project.file));
        auto writer = get(ProjectWriter::open(project.file));
        QVERIFY(writer->wasClosedCleanly());
        QCOMPARE(tests::count(writer->database(), "SELECT count(*) FROM run"), 0);
    }
    void open_whatIsNoProject_saysWhatItIs() {
        tests::TempProject project;
        const fs::path folder = project.file.parent_path(), text = folder / "text.dubito",
                       half = folder / "half.dubito";
        writeText(text, std::string(5000, 'x'));
        writeText(half, readText(project.file).substr(0, 40'000));
        const auto wordsOf = [](const fs::path& file) { return openReadOnly(file).error().message(); };
        QVERIFY(wordsOf(text).find("this is not a Dubito project. File: ") == 0);
        QVERIFY(wordsOf(half).find("the project file is damaged") == 0);
        QVERIFY(wordsOf(folder).find("this is a folder, not a Dubito project") == 0);
        QVERIFY(openReadOnly(folder / "none.dubito").error().code() == Code::NotFound);
        for (const fs::path& file : {text, half, folder}) {
            QVERIFY(openReadOnly(file).error().code() == Code::CorruptData);
            QVERIFY(ProjectWriter::open(file).error().code() == Code::CorruptData);
        }
        auto other = get(Database::open(project.file, Database::Mode::ReadWrite));
        ok(other->execute("BEGIN EXCLUSIVE"));
        const Error held = openReadOnly(project.file).error();
        QVERIFY(held.code() == Code::Owned);
        QVERIFY2(held.message().find("another program holds the project file locked") == 0, held.message().c_str());
    }
};

QTEST_GUILESS_MAIN(tst_Lock)
#include "tst_lock.moc"
