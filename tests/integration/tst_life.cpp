// The life of a run as others see it: whoever starts, watches, kills, resumes or collects it, its state is true, its
// curve has every step once, and it is neither lost nor run twice. The built programs are driven from outside.
#include <QCryptographicHash>
#include <QTest>

#include "base/ids.h"
#include "support/long_main.h"
#include "support/outside.h"

using namespace dubito;

class tst_Life : public QObject {
    Q_OBJECT
    tests::Scratch m_scratch;
    int m_homes = 0;
    fs::path folder() { return m_scratch.path() / fmt::format("h{}", ++m_homes); }

    static fs::path copyOf(const fs::path& job, const fs::path& to) {
        fs::create_directories(to);
        fs::copy(job, to / job.filename(), fs::copy_options::recursive);
        return to / job.filename();
    }
    static std::string shaOf(const std::string& content) {
        return QCryptographicHash::hash(QByteArray::fromStdString(content), QCryptographicHash::Sha256)
            .toHex()
            .toStdString();
    }
    /// Whether the project has read the journal of a worker that has ended to its last frame.
    static bool tookInTheEnd(const Home& home, const std::string& title) {
        const auto status = home.status(title);
        auto db = store::openReadOnly(home.file());
        if (!db || !status || status->phase != "ended") return false;
        const auto next = (*db)->integer("SELECT max(next_seq) FROM cursor");
        return next && *next > status->lastSequence;
    }
    static void writeSpec(const std::string& file, const std::string& title, const std::string& more) {
        std::ofstream(file) << fmt::format(
            "{{\"plugin\": \"{}\", \"title\": \"{}\"{}}}", DUBITO_LEDGER_PLUGIN, title, more);
    }

private Q_SLOTS:
    void outcome_each_hasItsExitCode() {
        const Home home(folder());
        QCOMPARE(Home::wait(home.ledger("run", "fine", {})).code(), 0);
        QCOMPARE(Home::wait(home.ledger("run", "thrown", {"do=throw"})).code(), 7);
        Program stopped = home.ledger("run", "stopped", {"do=hold", "file=" + home.gate("never")});
        QTRUE(stopped, eventually([&] { return home.isState("stopped", RunState::Running); }));
        QCOMPARE(Home::wait(home.dubito({"cancel", home.file(), "stopped"})).code(), 0);
        QTRUE(stopped, stopped.wait(60));
        QCOMPARE(stopped.code(), 8);
        QVERIFY(home.isState("fine", RunState::Done) && home.isState("thrown", RunState::Failed));
        QVERIFY(home.isState("stopped", RunState::Cancelled));
    }
    void output_onAFullDevice_isAnError() {
        const Home home(folder());
        QCOMPARE(Home::wait(home.ledger("run", "r", {})).code(), 0);
        for (const std::string verb : {"export", "series", "show", "list", "log"}) {
            std::vector<std::string> command{
                "/bin/sh", "-c", "exec \"$@\" > /dev/full", "sh", DUBITO_BIN "/dubito", verb, home.file()};
            if (verb != "list") command.push_back("r");
            const Program program = Home::wait(Program(command, home.environment));
            QVERIFY2(
                program.code() > 0 && program.code() < 32 && !program.err().empty(), (verb + program.told()).c_str());
        }
    }
    void done_collectedAgain_staysDone() {
        const Home home(folder());
        QCOMPARE(Home::wait(home.ledger("run", "r", {})).code(), 0);
        const Program again = Home::wait(home.dubito({"collect", home.file(), home.jobDir("r").string()}));
        QTRUE(again, again.code() == 0);
        QRIGHT(home.wrongDone("r", 60));
    }
    void done_ownerKilledDuringTeardown_staysDone() {
        Home home(folder());
        home.wrapWorker("", home.until("gate"));
        Program owner = home.ledger("run", "r", {"steps=200"});
        // Killed once the end frame is in the project, and before the worker's program is gone.
        QTRUE(owner, eventually([&] { return tookInTheEnd(home, "r"); }));
        owner.kill(SIGKILL);
        Program next = home.actor({"own", home.file()});
        QTRUE(next, eventually([&] { return tests::has(next.out(), "open"); }));
        eventually([&] { return home.isFinal("r"); }, 2);  // a wrong verdict would fall now
        tests::touch(home.gate("gate"));
        QTRUE(next, next.wait(60) && next.code() == 0);
        QRIGHT(home.wrongDone("r", 200));
    }
    void start_slowAndOwnerKilled_runsOnce_data() {
        QTest::addColumn<bool>("recorded");
        QTest::newRow("as soon as the worker's program runs") << false;
        QTest::newRow("once the start is in the project") << true;
    }
    void start_slowAndOwnerKilled_runsOnce() {
        QFETCH(bool, recorded);
        Home home(folder());
        home.wrapWorker(home.until("gate"), "");
        Program owner = home.ledger("run", "r", {"steps=200"});
        QTRUE(owner,
            eventually([&] { return home.starts() == 1 && (!recorded || !home.isState("r", RunState::Queued)); }));
        owner.kill(SIGKILL);
        Program next = home.actor({"own", home.file()});
        QTRUE(next, eventually([&] { return tests::has(next.out(), "open"); }));
        eventually([&] { return home.isFinal("r"); }, 2);
        tests::touch(home.gate("gate"));
        QTRUE(next, next.wait(60) && next.code() == 0);
        QRIGHT(home.wrongDone("r", 200));
        QCOMPARE(home.attempts("r").size(), std::size_t(1));
        const auto log = Home::wait(home.dubito({"log", home.file(), "r"})).out();
        QCOMPARE(QString::fromStdString(log).count("ledger is active"), 1);
        if (recorded) QCOMPARE(home.starts(), 1);
    }
    void resume_withoutCheckpoint_cutsTheFirstAttempt() {
        const Home home(folder());
        const Program first = Home::wait(home.ledger("run", "r", {"steps=400", "saves=false", "do=throw", "at=250"}));
        QTRUE(first, first.code() == 7);
        const Program second = Home::wait(home.dubito({"resume", home.file(), "r"}));
        QTRUE(second, second.code() == 0);
        QRIGHT(home.wrongDone("r", 400));
        auto db = store::openReadOnly(home.file());
        auto metrics = store::queryMetrics(**db, home.row("r")->runNo);
        QVERIFY(metrics);
        for (const auto& metric : *metrics)
            if (metric.key == "ledger/attempt") QCOMPARE(metric.min, 2.0);  // nothing of the abandoned attempt
        const auto columns = store::queryColumns(**db, home.row("r")->runNo, "ledger/step", 0, 399, 50);
        QVERIFY(columns && columns->size() <= 50);
        std::int64_t n = 0;
        for (const auto& column : *columns) n += column.n;
        QCOMPARE(n, 400);
    }
    void resume_killedBehindACheckpoint_leavesNoHole() {
        for (int at : {39, 41, 55}) {
            const Home home(folder());
            const auto set = std::vector<std::string>{"checkpoint_every=20", "do=kill", fmt::format("at={}", at)};
            const Program first = Home::wait(home.ledger("run", "r", set));
            QTRUE(first, first.code() == 7);
            const auto row = home.row("r");
            QVERIFY(row && row->cause == static_cast<int>(Cause::Crash));
            QVERIFY2(home.hasStep("r", 39), "the points before the checkpoint of step 40 are not there");
            const Program second = Home::wait(home.dubito({"resume", home.file(), "r"}));
            QTRUE(second, second.code() == 0);
            QRIGHT(home.wrongDone("r", 60));
        }
    }
    void command_beforeTheSecondAttemptReads_isHeard() {
        Home home(folder());
        home.wrapWorker("[ $(wc -l < " + home.gate("starts") + ") = 1 ] || " + home.until("gate"), "");
        QCOMPARE(Home::wait(home.ledger("run", "r", {"steps=200", "sleep_us=5000", "do=throw", "at=3"})).code(), 7);
        Program second = home.dubito({"resume", home.file(), "r"});
        QTRUE(second, eventually([&] { return home.starts() == 2; }));
        const Program send = Home::wait(home.dubito({"send", home.file(), "r", "echo", R"({"text":"early"})"}));
        QTRUE(send, send.code() == 0);
        tests::touch(home.gate("gate"));
        QTRUE(second, second.wait(60) && second.code() == 0);
        QVERIFY(tests::has(Home::wait(home.dubito({"log", home.file(), "r"})).out(), "echo early"));
    }

    void collect_copiedFolder_readsAllAttempts() {
        const Home home(folder()), other(folder());
        QCOMPARE(Home::wait(home.ledger("run", "r", {"checkpoint_every=20", "do=throw"})).code(), 7);
        QCOMPARE(Home::wait(home.dubito({"resume", home.file(), "r"})).code(), 0);
        const fs::path copy = copyOf(home.jobDir("r"), other.root() / "copy");
        for (int time = 0; time < 2; ++time) {
            const Program collect = Home::wait(other.dubito({"collect", other.file(), copy.string()}));
            QTRUE(collect, collect.code() == 0);
            QRIGHT(other.wrongDone("r", 60));
            QCOMPARE(other.attempts("r").size(), std::size_t(2));
        }
        QCOMPARE(Home::wait(home.dubito({"collect", home.file(), home.jobDir("r").string()})).code(), 0);
        QRIGHT(home.wrongDone("r", 60));
    }
    void collect_livingWorker_isNotFinal() {
        const Home home(folder()), other(folder());
        const Program submit = Home::wait(home.ledger("submit", "r", {"do=hold", "file=" + home.gate("gate")}));
        QTRUE(submit, submit.code() == 0 && eventually([&] { return home.status("r").has_value(); }));
        const std::string job = home.jobDir("r").string();
        const Program early = Home::wait(other.dubito({"collect", other.file(), job}));
        QTRUE(early, !other.isFinal("r"));
        tests::touch(home.gate("gate"));
        QVERIFY(eventually([&] { return home.hasWorkerEnded("r"); }));
        const Program late = Home::wait(other.dubito({"collect", other.file(), job}));
        QTRUE(late, late.code() == 0);
        QRIGHT(other.wrongDone("r", 60));
        QCOMPARE(home.own().code(), 0);
        QRIGHT(home.wrongDone("r", 60));
    }
    void segments_damaged_costTheDamageOnly_data() {
        QTest::addColumn<int>("segment");
        QTest::addColumn<int>("fromEnd");
        QTest::newRow("a byte in the middle of segment 1") << 1 << 8000;
        QTest::newRow("a byte of the last records of segment 0") << 0 << 70;
        QTest::newRow("a byte of the seal of segment 0") << 0 << 8;
        QTest::newRow("segment 2 is gone") << 2 << 0;
    }
    void segments_damaged_costTheDamageOnly() {
        QFETCH(int, segment);
        QFETCH(int, fromEnd);
        Home home(folder()), other(folder());
        home.environment["DUBITO_SEGMENT_BYTES"] = "24576";
        QCOMPARE(Home::wait(home.ledger("run", "r", {"steps=3000", "record_floats=256"})).code(), 0);
        const fs::path copy = copyOf(home.jobDir("r"), other.root() / "copy");
        QVERIFY(fs::exists(copy / "journal/a001-r0000-000006.djl"));
        const fs::path file = copy / fmt::format("journal/a001-r0000-{:06}.djl", segment);
        std::string bytes = tests::contentOf(file);
        fs::remove(file);
        if (fromEnd > 0) {
            bytes[bytes.size() - static_cast<std::size_t>(fromEnd)] ^= 0x10;
            std::ofstream(file, std::ios::binary) << bytes;
        }
        const Program collect = Home::wait(other.dubito({"collect", other.file(), copy.string()}));
        QTRUE(collect, collect.code() == 0);
        QVERIFY2(other.isState("r", RunState::Done), other.told("r").c_str());
        const Program show = Home::wait(other.dubito({"show", other.file(), "r"}));
        QTRUE(show, tests::has(show.out(), "gap"));
        auto db = store::openReadOnly(other.file());
        const auto points = store::queryPoints(**db, other.row("r")->runNo, "ledger/sum", INT64_MIN, INT64_MAX, 0);
        QVERIFY(points);
        // 8 segments or more: one of them and what shares a frame may be gone.
        QVERIFY2(points->size() >= 1500, fmt::format("{} points of 3000", points->size()).c_str());
        QCOMPARE(points->steps.back(), 2999);
        for (std::size_t i = 0; i < points->size(); ++i) {
            QVERIFY(i == 0 || points->steps[i] > points->steps[i - 1]);
            QCOMPARE(points->values[i], tests::ledgerValue("ledger/sum", points->steps[i]));
        }
        const auto records = store::queryRecords(**db, other.row("r")->runNo, "ledger/block");
        QVERIFY(records && records->size() >= 150);
        QRIGHT(other.wrongContent());
    }

    void cancelKill_anyAttempt_isCancelled_data() {
        QTest::addColumn<bool>("owned");
        QTest::newRow("with an owner") << true;
        QTest::newRow("with none") << false;
    }
    void cancelKill_anyAttempt_isCancelled() {
        QFETCH(bool, owned);
        const Home home(folder());
        for (int attempt = 1; attempt <= 2; ++attempt) {
            Program owner = attempt == 1 ? home.ledger("run", "r", {"do=hang", "on=0", "saves=false"})
                                         : home.dubito({"resume", home.file(), "r"});
            QTRUE(owner, eventually([&] { return home.isState("r", RunState::Running) && home.status("r", attempt); }));
            if (!owned) owner.kill(SIGKILL);
            const Program cancel = Home::wait(home.dubito({"cancel", home.file(), "r", "--kill"}));
            QTRUE(cancel, cancel.code() == 0);
            QVERIFY2(eventually([&] { return home.hasWorkerEnded("r", attempt); }), "the worker lives on");
            if (owned) QTRUE(owner, owner.wait(60) && owner.code() == 8);
            else QCOMPARE(home.own().code(), 0);
            QVERIFY2(home.isState("r", RunState::Cancelled), home.told("r").c_str());
        }
        QRIGHT(home.wrongContent());
    }
    void cancel_queuedRun_neverStarts_data() {
        QTest::addColumn<bool>("owned");
        QTest::addColumn<bool>("kill");
        QTest::newRow("stop with an owner") << true << false;
        QTest::newRow("kill with an owner") << true << true;
        QTest::newRow("stop with none") << false << false;
        QTest::newRow("kill with none") << false << true;
    }
    void cancel_queuedRun_neverStarts() {
        QFETCH(bool, owned);
        QFETCH(bool, kill);
        const Home home(folder());
        // Each asks for more threads than there are, so the second waits for the first.
        const std::string hold =
            fmt::format(", \"threads\": 512, \"params\": {{\"do\": \"hold\", \"file\": \"{}\"}}", home.gate("gate"));
        writeSpec(home.gate("first.json"), "first", hold);
        writeSpec(home.gate("second.json"), "second", hold);
        Program owner = home.dubito({"run", home.file(), home.gate("first.json"), home.gate("second.json")});
        QTRUE(owner, eventually([&] {
            return home.isState("first", RunState::Running) && home.isState("second", RunState::Queued);
        }));
        if (!owned) owner.kill(SIGKILL);
        std::vector<std::string> cancel{"cancel", home.file(), "second"};
        if (kill) cancel.push_back("--kill");
        const Program cancelled = Home::wait(home.dubito(cancel));
        QTRUE(cancelled, cancelled.code() == 0);
        Program next;
        if (!owned) next = home.actor({"own", home.file()});
        QVERIFY2(eventually([&] { return home.isFinal("second"); }), home.told("second").c_str());
        QVERIFY(!home.isFinal("first"));
        tests::touch(home.gate("gate"));
        if (owned) QTRUE(owner, owner.wait(60) && owner.code() == 8);
        else QTRUE(next, next.wait(60) && next.code() == 0);
        QRIGHT(home.wrongDone("first", 60));
        QVERIFY2(home.isState("second", RunState::Cancelled), home.told("second").c_str());
        QVERIFY2(!home.status("second"), "a worker ran");
    }

    void watch_afterTheOwnerLeft_tellsTheTruth_data() {
        QTest::addColumn<bool>("killed");
        QTest::newRow("submit") << false;
        QTest::newRow("owner killed") << true;
    }
    void watch_afterTheOwnerLeft_tellsTheTruth() {
        QFETCH(bool, killed);
        const Home home(folder());
        Program owner = home.ledger(killed ? "run" : "submit", "r", {"do=hold", "file=" + home.gate("gate")});
        if (!killed) QTRUE(owner, owner.wait(60) && owner.code() == 0);
        QTRUE(owner, eventually([&] { return home.status("r").has_value(); }));
        owner.kill(SIGKILL);
        Program watch = home.dubito({"watch", home.file(), "r"});
        QTRUE(watch, eventually([&] { return !watch.err().empty() || !watch.out().empty(); }));
        tests::touch(home.gate("gate"));
        QTRUE(watch, watch.wait(60) && watch.code() == 0 && tests::has(watch.err(), "done"));
        QVERIFY(eventually([&] { return home.hasWorkerEnded("r"); }));
        const std::int64_t ended = nowUs();
        QCOMPARE(home.own().code(), 0);
        QRIGHT(home.wrongDone("r", 60));
        const auto row = home.row("r");
        QVERIFY(row->startedUs && row->endedUs && *row->startedUs <= *row->endedUs);
        QVERIFY2(*row->endedUs <= ended, "the time nobody looked is counted as run time");
    }
    void memory_afterOwnerRestart_isStillGuarded() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("a sanitizer's shadow memory is over any limit");
#endif
        const Home home(folder());
        Program owner =
            home.ledger("run", "r", {"do=hold_eat", "file=" + home.gate("gate")}, {{"DUBITO_RUN_MEMORY", "300000000"}});
        QTRUE(owner, eventually([&] { return home.isState("r", RunState::Running); }));
        owner.kill(SIGKILL);
        Program next = home.actor({"own", home.file()});
        QTRUE(next, eventually([&] { return tests::has(next.out(), "open"); }));
        tests::touch(home.gate("gate"));
        QTRUE(next, next.wait(120) && next.code() == 0);
        QVERIFY2(home.row("r")->cause == static_cast<int>(Cause::Memory), home.told("r").c_str());
    }

    void spec_notBuiltYet_isRefused_data() {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("world_size") << "world_size"
                                    << "4";
        QTest::newRow("warm_start") << "warm_start"
                                    << R"({"run": "01890a5d-ac96-774b-bcce-b302099a8057", "step": 4, "sha256": "00"})";
        QTest::newRow("models") << "models"
                                << R"([{"role": "model", "name": "m.gguf", "sha256": "00", "bytes": 1}])";
    }
    void spec_notBuiltYet_isRefused() {
        QFETCH(QString, key);
        QFETCH(QString, value);
        const Home home(folder());
        writeSpec(home.gate("s.json"), "r", ", \"" + key.toStdString() + "\": " + value.toStdString());
        const Program run = Home::wait(home.dubito({"run", home.file(), home.gate("s.json")}));
        QTRUE(run, run.code() != 0 && run.code() < 32 && tests::has(run.err(), key.toStdString()));
        QCOMPARE(home.runs(), std::size_t(0));
    }
    void input_changedBeforeTheStart_isRefused() {
        Home home(folder());
        home.wrapWorker(home.until("gate"), "");
        const std::string file = home.gate("input.txt");
        std::ofstream(file) << "what was submitted";
        Program owner = home.ledger("run", "r", {"data=" + file});
        QTRUE(owner, eventually([&] { return home.starts() == 1; }));
        std::ofstream(file) << "what somebody wrote since";
        tests::touch(home.gate("gate"));
        QTRUE(owner, owner.wait(60) && owner.code() == 7);
        const auto row = home.row("r");
        QVERIFY2(row && row->cause == static_cast<int>(Cause::Refused), home.told("r").c_str());
        for (const std::string& part :
            {file, shaOf("what was submitted").substr(0, 8), shaOf("what somebody wrote since").substr(0, 8)})
            QVERIFY2(tests::has(row->detail, part), home.told("r").c_str());
        QVERIFY(!home.hasStep("r", 0));
    }
    void plugin_goneWithACommandWaiting_isRefused() {
        Home home(folder());
        home.wrapWorker(home.until("gate"), "");
        const fs::path plugin = home.root() / "plugin";
        fs::copy(DUBITO_LEDGER_PLUGIN, plugin, fs::copy_options::recursive);
        Program owner =
            home.dubito({"run", home.file(), "--plugin", plugin.string(), "--title", "r", "--threads", "1"});
        QTRUE(owner, eventually([&] { return home.starts() == 1; }));
        fs::remove_all(plugin);
        const Program send = Home::wait(home.dubito({"send", home.file(), "r", "echo", R"({"text":"x"})"}));
        QTRUE(send, send.code() == 0);
        tests::touch(home.gate("gate"));
        QTRUE(owner, owner.wait(60) && owner.code() == 7);
        QVERIFY2(home.row("r")->cause == static_cast<int>(Cause::Refused), home.told("r").c_str());
        const auto status = home.status("r");
        QVERIFY(status && status->phase == "ended");
    }
};

DUBITO_LONG_MAIN(tst_Life)
#include "tst_life.moc"
