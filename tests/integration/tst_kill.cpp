// kill -9 of worker, owner or desktop at random moments: what the journal holds is in the project, once; the state is
// what the journal says; a killed run goes on from its checkpoint to the curve of an unbroken one; the project is
// sound. DUBITO_KILLS sets how often (9 when unset).
#include <QTest>

#include "journal/reader.h"
#include "run/checkpoint.h"
#include "stats/counter_rng.h"
#include "support/long_main.h"
#include "support/outside.h"

using namespace dubito;

namespace {

constexpr std::int64_t kSteps = 3000, kRecordEvery = 100;

/// What a journal says without the project: its newest step and how it ended ("" when it did not).
struct Journaled {
    std::int64_t lastStep = -1;
    std::string end;
};

Journaled journaled(const fs::path& job, const RunId& id, int attempt) {
    Journaled out;
    const auto take = [&](const journal::JournalReader::Delivery& frame) {
        if (frame.header.type == journal::RecordType::ScalarGroup)
            if (const auto group = journal::decodeScalarGroup(frame.payload))
                out.lastStep = std::max(out.lastStep, group->step);
        if (frame.header.type == journal::RecordType::ScalarRun)
            if (const auto points = journal::decodeScalarRun(frame.payload); points && !points->steps.empty())
                out.lastStep = std::max(out.lastStep, points->steps.back());
        if (frame.header.type == journal::RecordType::End)
            if (const auto json = parseJson(asText(frame.payload))) out.end = textOr(*json, "status", "");
    };
    journal::JournalReader reader(job / "journal", id, static_cast<std::uint32_t>(attempt), 0);
    while (reader.poll(true, 64u << 20, take, [](const journal::Gap&) {}) == journal::JournalReader::Stop::Budget) {
    }
    return out;
}

struct Tally {
    int owner = 0, worker = 0, desktop = 0, resumed = 0, before = 0;
};

}  // namespace

class tst_Kill : public QObject {
    Q_OBJECT
    tests::Scratch m_scratch;
    std::unique_ptr<stats::CounterRng> m_rng;
    Tally m_tally;

    void pause(double leastMs, double mostMs) {
        const double ms = leastMs + m_rng->uniform() * (mostMs - leastMs);
        std::this_thread::sleep_for(std::chrono::microseconds(static_cast<std::int64_t>(ms * 1000)));
    }
    static std::vector<std::string> parameters() {
        return {fmt::format("steps={}", kSteps), "sleep_us=100", "checkpoint_every=500",
            fmt::format("record_every={}", kRecordEvery)};
    }
    static bool kill(const Home& home, const std::string& title, int attempt) {
        const auto status = home.status(title, attempt);
        if (!status || status->phase != "running" || run::processStartTicks(status->pid) != status->startTicks)
            return false;
        return ::kill(static_cast<pid_t>(status->pid), SIGKILL) == 0;
    }
    /// Kills the worker at a random moment of its life, `owner` goes on. @return whether it lived
    bool killWorker(const Home& home, const std::string& title, int attempt, Program& owner) {
        eventually([&] { return owner.hasEnded() || home.status(title, attempt); });
        pause(0, 500);
        return kill(home, title, attempt);
    }
    /// After the next owner: the state that the journal of the only attempt gives, and all its points.
    static std::string wrongTruth(const Home& home, const std::string& title) {
        const auto row = home.row(title);
        const auto attempts = home.attempts(title);
        if (attempts.size() != 1) return fmt::format("{} attempts of 1", attempts.size());
        const Journaled truth = journaled(home.jobDir(title), row->id, 1);
        if (truth.end == "done" && !home.isState(title, RunState::Done))
            return "the journal says done, the project " + home.told(title);
        if (truth.end.empty()) {
            const auto cause = static_cast<Cause>(row->cause);
            const bool isRight =
                home.isState(title, RunState::Failed) && (cause == Cause::Crash || cause == Cause::Lost);
            if (!isRight || row->detail.empty()) return "killed, and the project says " + home.told(title);
        }
        if (truth.lastStep < 0) return {};
        return home.wrongCurves(title, truth.lastStep + 1);
    }
    static std::string wrongCheckpoints(const Home& home, const std::string& title) {
        std::vector<std::string> damaged;
        const auto newest = run::CheckpointStore(home.jobDir(title)).newest(&damaged);
        if (!damaged.empty()) return damaged.front();
        if (!newest || newest->step != kSteps) return "the newest checkpoint is not that of the last step";
        auto db = store::openReadOnly(home.file());
        if (!db) return db.error().text();
        const auto listed = store::queryCheckpoints(**db, home.row(title)->runNo);
        if (!listed) return listed.error().text();
        return listed->empty() || listed->front().step != kSteps ? "the project does not list the newest checkpoint"
                                                                 : "";
    }
    void goOn(const Home& home, const std::string& title) {
        const Program next = home.own();
        if (next.code() != 0) return report(title, "the next owner: " + next.told());
        if (!home.row(title)) return void(++m_tally.before);
        if (const auto wrong = wrongTruth(home, title); !wrong.empty()) return report(title, wrong);
        for (int attempt = 2; !home.isState(title, RunState::Done); ++attempt) {
            ++m_tally.resumed;
            Program again = home.dubito({"resume", home.file(), title});
            // Half of the second attempts are killed as well.
            if (attempt == 2 && m_rng->uniform() < 0.5) m_tally.worker += killWorker(home, title, attempt, again);
            if (!again.wait(120)) return report(title, "going on hangs: " + again.told());
            if (attempt > 4) return report(title, "it does not go on: " + again.told());
        }
        for (const auto& wrong : {home.wrongCurves(title, kSteps), home.wrongRecords(title, kSteps, kRecordEvery),
                 wrongCheckpoints(home, title), home.wrongContent()})
            if (!wrong.empty()) return report(title, wrong);
    }
    static void report(const std::string& title, const std::string& wrong) { QFAIL((title + ": " + wrong).c_str()); }

    void killOwner(const Home& home, const std::string& title) {
        Program owner = home.ledger("run", title, parameters());
        pause(5, 600);
        if (owner.hasEnded()) return;
        owner.kill(SIGKILL);
        ++m_tally.owner;
    }
    void killWorkerOnce(const Home& home, const std::string& title) {
        Program owner = home.ledger("run", title, parameters());
        m_tally.worker += killWorker(home, title, 1, owner);
        QVERIFY2(owner.wait(120), owner.told().c_str());
    }
    void killDesktop(const Home& home, const std::string& title) {
        // The command line leaves a run behind; the desktop adopts it and takes in what it writes.
        QCOMPARE(Home::wait(home.ledger("submit", title, parameters())).code(), 0);
        Program desktop({DUBITO_BIN "/dubito-desktop", home.file()}, home.environment);
        pause(50, 1200);
        if (desktop.hasEnded()) QFAIL(("the desktop ended by itself: " + desktop.told()).c_str());
        desktop.kill(SIGKILL);
        ++m_tally.desktop;
    }

private Q_SLOTS:
    void kill_workerOwnerOrDesktop_losesNothing() {
        const int kills =
            qEnvironmentVariableIntValue("DUBITO_KILLS") > 0 ? qEnvironmentVariableIntValue("DUBITO_KILLS") : 9;
        m_rng = std::make_unique<stats::CounterRng>(static_cast<std::uint64_t>(nowUs()), "kill", 0);
        const bool hasDesktop = fs::exists(DUBITO_BIN "/dubito-desktop");
        std::unique_ptr<Home> home;
        for (int round = 0; round < kills; ++round) {
            // A long campaign takes a new project now and then: the check reads the whole file each time.
            if (round % 30 == 0)
                home.reset(), home = std::make_unique<Home>(m_scratch.path() / fmt::format("h{}", round));
            const std::string title = fmt::format("k{}", round);
            if (round % 3 == 0) killOwner(*home, title);
            else if (round % 3 == 1 || !hasDesktop) killWorkerOnce(*home, title);
            else killDesktop(*home, title);
            if (!QTest::currentTestFailed()) goOn(*home, title);
            if (QTest::currentTestFailed()) return;
            if (kills > 20 && round % 50 == 49) qInfo("%d rounds done", round + 1);
        }
        qInfo("killed: %d owners, %d workers, %d desktops; %d runs went on, %d were not written yet; 0 wrong",
            m_tally.owner, m_tally.worker, m_tally.desktop, m_tally.resumed, m_tally.before);
    }
};

DUBITO_LONG_MAIN(tst_Kill)
#include "tst_kill.moc"
