// The queue on the command line: seen beside an owner, ordered and paused without one. Driven from outside.
#include <QTest>

#include "support/outside.h"

using namespace dubito;

class tst_QueueCli : public QObject {
    Q_OBJECT
    tests::Scratch m_scratch;

    /// Runs that each want the whole processor; those named in `held` stay until the file "gate" is there.
    struct Queue : Home {
        explicit Queue(const fs::path& root) : Home(root) {
            environment["DUBITO_PLUGIN_PATH"] = DUBITO_BUILD "/fake_plugins";
        }
        std::string spec(const std::string& title, bool isHeld) const {
            const std::string file = gate(title + ".json");
            Json params = {{"steps", 60}};
            if (isHeld) params.update({{"do", "hold"}, {"file", gate("gate")}});
            const Json spec = {
                {"plugin", {{"id", "org.dubito.ledger"}}}, {"threads", 64}, {"title", title}, {"params", params}};
            std::ofstream(file) << jsonText(spec);
            return file;
        }
        Program queue(std::vector<std::string> what = {}) const {
            what.insert(what.begin(), {"queue", file()});
            return wait(dubito(std::move(what)));
        }
        /// `names` stand in that order in what `queue` prints.
        bool isOrder(const std::vector<std::string>& names) const {
            const std::string out = queue().out();
            std::size_t at = 0;
            for (const auto& name : names) {
                at = out.find("\t" + name + "\t", at);
                if (at == std::string::npos) return false;
            }
            return true;
        }
    };

private Q_SLOTS:
    void queue_besideAnOwner_isSeenAndNotChanged() {
        const Queue home(m_scratch.path() / "a");
        Program owner = home.dubito({"run", home.file(), home.spec("first", true), home.spec("second", false)});
        QTRUE(owner, eventually([&] { return home.isState("first", RunState::Running) && home.row("second"); }));
        const Program list = home.queue();
        QTRUE(list, list.code() == 0);
        QTRUE(list, tests::has(list.out(), "threads are taken by run 1"));
        for (const std::vector<std::string>& change :
            {std::vector<std::string>{"pause"}, {"resume"}, {"move", "second", "1"}}) {
            const Program refused = home.queue(change);
            QTRUE(refused, refused.code() == 6 && tests::has(refused.err(), std::to_string(owner.pid())));
        }
        tests::touch(home.gate("gate"));
        QTRUE(owner, owner.wait(120) && owner.code() == 0);
        QRIGHT(home.wrongDone("second", 60));
        const Program empty = home.queue({"list"});
        QTRUE(empty, empty.code() == 0 && !tests::has(empty.out(), "second"));
    }
    void queue_withoutAnOwner_isOrderedAndPaused() {
        const Queue home(m_scratch.path() / "b");
        Program owner = home.dubito({"run", home.file(), home.spec("first", true), home.spec("second", false),
            home.spec("third", false), home.spec("fourth", false)});
        QTRUE(owner, eventually([&] { return home.isState("first", RunState::Running) && home.row("fourth"); }));
        owner.kill(SIGKILL);
        QVERIFY(home.isOrder({"second", "third", "fourth"}));
        QCOMPARE(home.queue({"move", "fourth", "1"}).code(), 0);
        QVERIFY(home.isOrder({"fourth", "second", "third"}));
        QVERIFY(home.queue({"move", "first", "1"}).code() != 0);  // it runs
        QVERIFY(home.queue({"move", "second"}).code() != 0);
        QVERIFY(home.queue({"shuffle"}).code() != 0);
        QCOMPARE(home.queue({"pause"}).code(), 0);
        QVERIFY(tests::has(home.queue().out(), "the queue is paused"));

        Program next = home.actor({"own", home.file(), "stay"});
        tests::touch(home.gate("gate"));
        QTRUE(next, eventually([&] { return home.isState("first", RunState::Done); }));
        for (const char* title : {"second", "third", "fourth"})
            QVERIFY2(home.isState(title, RunState::Queued), home.told(title).c_str());
        next.kill(SIGKILL);
        QCOMPARE(home.queue({"resume"}).code(), 0);
        QCOMPARE(home.own().code(), 0);
        for (const char* title : {"first", "second", "third", "fourth"}) QRIGHT(home.wrongDone(title, 60));
        QVERIFY(*home.row("fourth")->startedUs < *home.row("second")->startedUs);
        QVERIFY(*home.row("second")->startedUs < *home.row("third")->startedUs);
    }
};

QTEST_GUILESS_MAIN(tst_QueueCli)
#include "tst_queue_cli.moc"
