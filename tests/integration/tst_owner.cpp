// The owner of a project among others: one owner a file whatever its name, disks that are full for a while, other
// programs that read or lock the file, copies, and what an owner leaves behind. The built programs are driven from
// outside.
#include <QTest>

#include "host/manifest.h"
#include "run/run_service.h"
#include "support/outside.h"
#include "support/tmpfs.h"

using namespace dubito;

namespace {

bool g_mayMount = false;

}  // namespace

class tst_Owner : public QObject {
    Q_OBJECT
    tests::Scratch m_scratch;
    int m_homes = 0;
    fs::path folder() { return m_scratch.path() / fmt::format("h{}", ++m_homes); }

    /// Zombies and others whose parent we are.
    static std::vector<std::string> children() {
        std::vector<std::string> out;
        std::error_code error;
        for (fs::directory_iterator it("/proc", error), end; it != end; it.increment(error)) {
            if (it->path().filename().string().find_first_not_of("0123456789") != std::string::npos) continue;
            const std::string stat = tests::contentOf(it->path() / "stat");
            const auto close = stat.rfind(')');
            if (close == std::string::npos) continue;
            char state = 0;
            int parent = 0;
            if (std::sscanf(stat.c_str() + close, ") %c %d", &state, &parent) == 2 && parent == ::getpid())
                out.push_back(stat);
        }
        return out;
    }

private Q_SLOTS:
    void owner_secondThroughAnotherName_isRefused_data() {
        QTest::addColumn<QString>("how");
        for (const char* how : {"symlink", "hard link", "bind mount", "symlink to a folder"})
            QTest::newRow(how) << QString(how);
    }
    void owner_secondThroughAnotherName_isRefused() {
        QFETCH(QString, how);
        const Home home(folder());
        Program first = home.ledger("run", "r", {"do=hold", "file=" + home.gate("gate")});
        QTRUE(first, eventually([&] { return home.isState("r", RunState::Running); }));
        fs::path other = home.root() / "other.dubito";
        if (how == "symlink") {
            fs::create_symlink(home.file(), other);
        } else if (how == "hard link") {
            fs::create_hard_link(home.file(), other);
        } else if (how == "bind mount") {
            if (!g_mayMount) QSKIP("mounting is not allowed here");
            tests::touch(other);
            QCOMPARE(::mount(home.file().c_str(), other.c_str(), nullptr, MS_BIND, nullptr), 0);
        } else {
            fs::create_symlink(home.root(), home.root() / "link");
            other = home.root() / "link" / "p.dubito";
        }
        const Program second =
            Home::wait(home.dubito({"run", other.string(), "--plugin", DUBITO_LEDGER_PLUGIN, "--title", "s"}));
        if (how == "bind mount") ::umount2(other.c_str(), MNT_DETACH);
        if (how == "hard link") fs::remove(other);
        tests::touch(home.gate("gate"));
        QTRUE(second, second.code() == 6);
        QTRUE(first, first.wait(60) && first.code() == 0);
        QRIGHT(home.wrongDone("r", 60));
        QCOMPARE(home.runs(), std::size_t(1));
    }
    void cancel_throughACopy_leavesTheRun() {
        const Home home(folder());
        Program owner = home.ledger("run", "r", {"do=hold", "file=" + home.gate("gate"), "steps=200"});
        QTRUE(owner, eventually([&] { return home.isState("r", RunState::Running); }));
        const std::string copy = home.gate("copy.dubito");
        fs::copy_file(home.file(), copy);
        std::error_code error;
        fs::copy_file(home.file() + "-wal", copy + "-wal", error);
        const Program cancel = Home::wait(home.dubito({"cancel", copy, "r", "--kill"}));
        QVERIFY(!eventually([&] { return home.hasWorkerEnded("r"); }, 1));
        tests::touch(home.gate("gate"));
        QTRUE(owner, owner.wait(60));
        QVERIFY2(owner.code() == 0, (owner.told() + cancel.told()).c_str());
        QRIGHT(home.wrongDone("r", 200));
    }
    void open_aCopy_adoptsNothing() {
        Home home(folder());
        home.wrapWorker("", "");
        Program owner = home.ledger("run", "r", {"do=hold", "file=" + home.gate("gate"), "steps=200"});
        QTRUE(owner, eventually([&] { return home.isState("r", RunState::Running); }));
        const fs::path copy = home.root() / "copy.dubito";
        fs::copy_file(home.file(), copy);
        std::error_code error;
        fs::copy_file(home.file() + "-wal", copy.string() + "-wal", error);
        Program other = home.actor({"own", copy.string(), "stay"});
        QTRUE(other, eventually([&] { return tests::has(other.out(), "open"); }));
        tests::touch(home.gate("gate"));
        QTRUE(owner, owner.wait(60) && owner.code() == 0);
        QRIGHT(home.wrongDone("r", 200));
        QCOMPARE(home.starts(), 1);
        const auto tookIn = [&] {
            auto db = store::openReadOnly(copy);
            if (!db) return false;
            auto row = store::resolveRun(**db, "r");
            if (!row) return false;
            auto range = store::queryStepRange(**db, row->runNo, "ledger/step");
            return range && *range && (*range)->second == 199;
        };
        QVERIFY2(!eventually(tookIn, 1), "the copy took in what the original's worker wrote after the copy was made");
    }

    void disk_fullForAWhile_costsNothing_data() {
        QTest::addColumn<int>("at");
        QTest::newRow("from the start") << 0;
        QTest::newRow("in mid-run") << 150;
        QTest::newRow("at the end") << 399;
    }
    void disk_fullForAWhile_costsNothing() {
        QFETCH(int, at);
        if (!g_mayMount) QSKIP("mounting is not allowed here");
        const fs::path root = folder();
        tests::Tmpfs disk(root / "small");
        if (!disk.isThere()) QSKIP("a tmpfs cannot be mounted here");
        const Home home(root, root / "small");
        const std::vector<std::string> set{
            "steps=400", "record_floats=4000", "do=hold", fmt::format("at={}", at), "file=" + home.gate("gate")};
        Program owner = home.ledger("run", "r", set);
        QTRUE(owner, eventually([&] { return home.isState("r", RunState::Running) && home.hasStep("r", at); }));
        QVERIFY(eventually([&] { return disk.fill(); }));
        tests::touch(home.gate("gate"));
        QTRUE(owner, eventually([&] { return home.hasWorkerEnded("r"); }));
        // The owner says that there is no room, or ends; then there is.
        eventually([&] { return owner.hasEnded() || tests::has(owner.err(), "full"); }, 5);
        QVERIFY(disk.empty());
        QTRUE(owner, owner.wait(60) && owner.code() == 0);
        QRIGHT(home.wrongDone("r", 400));
        QCOMPARE(Home::wait(home.dubito({"collect", home.file(), home.jobDir("r").string()})).code(), 0);
        QRIGHT(home.wrongDone("r", 400));
    }
    void journalDisk_full_isWaitedForOrNamed_data() {
        QTest::addColumn<bool>("comesRoom");
        QTest::newRow("room again after a while") << true;
        QTest::newRow("never room again") << false;
    }
    void journalDisk_full_isWaitedForOrNamed() {
        QFETCH(bool, comesRoom);
        if (!g_mayMount) QSKIP("mounting is not allowed here");
        const fs::path root = folder();
        tests::Tmpfs disk(root / "small");
        if (!disk.isThere()) QSKIP("a tmpfs cannot be mounted here");
        Home home(root);
        home.environment["XDG_DATA_HOME"] = (root / "small").string();
        Program owner = home.ledger("run", "r",
            {"steps=3000", "sleep_us=500", "record_floats=100", "do=hold", "at=150", "file=" + home.gate("gate")});
        QTRUE(owner, eventually([&] { return home.isState("r", RunState::Running) && home.hasStep("r", 150); }));
        QVERIFY(eventually([&] { return disk.fill(); }));
        tests::touch(home.gate("gate"));
        if (comesRoom) {
            eventually([&] { return owner.hasEnded(); }, 3);
            QVERIFY(disk.empty());
            QTRUE(owner, owner.wait(120) && owner.code() == 0);
            QRIGHT(home.wrongDone("r", 3000));
            return;
        }
        QTRUE(owner, owner.wait(120) && owner.code() == 7);
        const auto row = home.row("r");
        QVERIFY2(row && row->cause == static_cast<int>(Cause::Disk), home.told("r").c_str());
        QVERIFY2(tests::has(row->detail, "space"), home.told("r").c_str());  // errno's words
        QVERIFY(disk.empty());
        auto db = store::openReadOnly(home.file());
        const auto range = store::queryStepRange(**db, row->runNo, "ledger/step");
        QVERIFY(range && *range);
        QRIGHT(home.wrongCurves("r", (*range)->second + 1));
        QRIGHT(home.wrongContent());
    }

    void project_lockedByAnotherProgram_isWaitedFor() {
        const Home home(folder());
        Program owner = home.ledger("run", "r", {"steps=200", "do=hold", "file=" + home.gate("gate")});
        QTRUE(owner, eventually([&] { return home.isState("r", RunState::Running) && home.hasStep("r", 30); }));
        Program other = home.actor({"lock", home.file(), home.gate("unlock")});
        QTRUE(other, eventually([&] { return tests::has(other.out(), "held"); }));
        tests::touch(home.gate("gate"));
        QTRUE(owner, eventually([&] { return home.hasWorkerEnded("r"); }));
        eventually([&] { return owner.hasEnded(); }, 12);  // longer than two time-outs of SQLite
        tests::touch(home.gate("unlock"));
        QTRUE(other, other.wait(60) && other.code() == 0);
        QTRUE(owner, owner.wait(60) && owner.code() == 0);
        QRIGHT(home.wrongDone("r", 200));
    }
    void close_whileAnotherReads_saysSo() {
        const Home home(folder());
        Program run =
            home.ledger("run", "r", {"steps=200", "record_floats=4000", "do=hold", "file=" + home.gate("go on")});
        QTRUE(run, eventually([&] { return home.isState("r", RunState::Running); }));
        Program reader = home.actor({"snapshot", home.file(), home.gate("gate")});
        QTRUE(reader, eventually([&] { return tests::has(reader.out(), "held"); }));
        tests::touch(home.gate("go on"));
        QTRUE(run, run.wait(60) && run.code() == 0);
        // The main file alone, as somebody sends it: either whole, or it says that it was not closed.
        const std::string copy = home.gate("copy.dubito");
        const auto copied = [&] { fs::copy_file(home.file(), copy, fs::copy_options::overwrite_existing); };
        copied();
        const auto isClean = [&] {
            const Program info = Home::wait(home.dubito({"info", copy}));
            return info.code() == 0 && tests::has(info.out(), "closed cleanly\tyes");
        };
        const auto hasRun = [&] {
            const Program list = Home::wait(home.dubito({"list", copy}));
            return list.code() == 0 && tests::has(list.out(), "\tr\t");
        };
        QVERIFY2(!isClean() || hasRun(), "closed cleanly, it says, and the run is not there");
        tests::touch(home.gate("gate"));
        QTRUE(reader, reader.wait(60) && reader.code() == 0);
        QCOMPARE(home.own().code(), 0);
        copied();
        QVERIFY(isClean() && hasRun());
        QRIGHT(home.wrongDone("r", 200));
    }

    void childSignals_ignored_runEnds() {
        const Home home(folder());
        Program shell = home.actor({"ignoring", DUBITO_BIN "/dubito", "run", home.file(), "--plugin",
            DUBITO_LEDGER_PLUGIN, "--title", "r", "--threads", "1"});
        QTRUE(shell, shell.wait(60) && shell.code() == 0);
        QRIGHT(home.wrongDone("r", 60));
    }
    void service_closedInALivingProcess_leavesNoZombies() {
        const Home home(folder());
        for (const auto& [name, value] : home.environment) qputenv(name.c_str(), QByteArray::fromStdString(value));
        auto plugin = host::readManifest(DUBITO_LEDGER_PLUGIN);
        QVERIFY(plugin);
        auto service = run::RunService::open(home.file(), {});
        QVERIFY2(service, service ? "" : service.error().text().c_str());
        for (int i = 0; i < 3; ++i) {
            run::RunDraft draft;
            draft.threads = 1;
            draft.title = fmt::format("r{}", i);
            draft.parameters = {{"do", "hold"}, {"file", home.gate("gate")}};
            QVERIFY((*service)->submit(draft, *plugin));
        }
        // As many run at once as there are cores; one is enough.
        QVERIFY(eventually([&] { return home.isState("r0", RunState::Running); }));
        service->reset();
        tests::touch(home.gate("gate"));
        QVERIFY(eventually([&] { return home.hasWorkerEnded("r0"); }));
        QVERIFY2(eventually([&] { return children().empty(); }), children().empty() ? "" : children().front().c_str());
        QCOMPARE(home.own().code(), 0);
        for (int i = 0; i < 3; ++i) QRIGHT(home.wrongDone(fmt::format("r{}", i), 60));
    }
};

int main(int argc, char** argv) {
    g_mayMount = tests::enterMountNamespace();
    const QCoreApplication app(argc, argv);
    tst_Owner test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_owner.moc"
