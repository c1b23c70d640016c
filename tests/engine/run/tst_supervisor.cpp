// Processes: who computes is said by the claim, ends are seen whoever waits for children, and nothing is left behind.
#include <signal.h>
#include <sys/wait.h>
#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "run/supervisor.h"
#include "support/job.h"

using namespace dubito;
using namespace dubito::run;
using tests::get;

namespace {

/// A shell script in the place of the worker: $2 is the job folder, $4 the attempt.
struct Pool {
    QTemporaryDir dir;
    std::mutex mutex;
    std::vector<ExitReport> reports;
    std::unique_ptr<Supervisor> supervisor;
    JobDir job{fs::path()};
    LaunchRequest request;

    explicit Pool(const char* script, Supervisor::Ladder ladder = {}) {
        const fs::path worker = fs::path(dir.path().toStdString()) / "worker";
        if (!writeFileAtomic(worker, std::string("#!/bin/sh\n") + script, 0755)) qFatal("script");
        request.id = makeUuid();
        job = get(JobDir::create(
            fs::path(dir.path().toStdString()) / request.id.text(), get(RunSpec::parse(tests::kFakeSpec)), {}));
        request.runNo = 1;
        request.jobDir = job.root();
        Supervisor::Callbacks callbacks;
        callbacks.started = [](std::int64_t, int) {};
        callbacks.ended = [this](const ExitReport& report) {
            std::lock_guard lock(mutex);
            reports.push_back(report);
        };
        supervisor = std::make_unique<Supervisor>(worker, callbacks, ladder);
    }
    std::size_t ended() {
        std::lock_guard lock(mutex);
        return reports.size();
    }
    RunState state() {
        const AttemptFacts facts = readFacts(job, 1, 0);
        std::lock_guard lock(mutex);
        return decide(std::span(&facts, 1), reports.at(0).fate).state;
    }
};

bool isChild(std::int64_t pid) { return ::waitpid(static_cast<pid_t>(pid), nullptr, WNOHANG) >= 0; }

}  // namespace

class tst_Supervisor : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void launch_isWrittenDownBeforeAndAfter() {
        Pool pool("sleep 1");
        pool.request.controlFrom = 7;
        pool.request.reason = "resume";
        pool.supervisor->start(pool.request);
        QTRY_COMPARE_WITH_TIMEOUT(pool.ended(), std::size_t(1), 60'000);
        const auto launch = get(pool.job.readLaunch(1));
        QVERIFY(launch.pid > 1 && launch.startTicks > 0 && launch.submitUs > 0);
        QCOMPARE(launch.controlFrom, std::int64_t{7});
        QCOMPARE(launch.reason, std::string("resume"));
        QVERIFY(pool.state() == RunState::Failed);  // it never claimed the attempt
    }
    void childrenAreNotOurs_theEndIsSeenAllTheSame() {
        const auto before = ::signal(SIGCHLD, SIG_IGN);
        {
            Pool pool("exit 3");
            pool.supervisor->start(pool.request);
            QTRY_COMPARE_WITH_TIMEOUT(pool.ended(), std::size_t(1), 60'000);
            QVERIFY(pool.state() == RunState::Failed);
        }
        ::signal(SIGCHLD, before == SIG_ERR ? SIG_DFL : before);
    }
    void workerThatNeverClaims_isDeclaredVoid() {
        Supervisor::Ladder ladder;
        ladder.toClaim = std::chrono::seconds(1);
        Pool pool("exec sleep 600", ladder);
        pool.supervisor->start(pool.request);
        QTRY_COMPARE_WITH_TIMEOUT(pool.ended(), std::size_t(1), 60'000);
        QCOMPARE(get(pool.job.readStatus(1)).phase, std::string("void"));
        QVERIFY(pool.state() == RunState::Failed);
        WorkerStatus late;
        late.phase = "running";
        QVERIFY(!pool.job.claim(1, 0, late));  // a worker that comes after all computes nothing
    }
    void cancelMarkThatKills_endsAWorkerThatHangs() {
        Pool pool("trap '' TERM; sleep 600");
        pool.supervisor->start(pool.request);
        QTRY_VERIFY_WITH_TIMEOUT(pool.job.readLaunch(1) && pool.job.readLaunch(1)->pid > 1, 60'000);
        if (!pool.job.markCancelled(1, true)) qFatal("mark");
        QTRY_COMPARE_WITH_TIMEOUT(pool.ended(), std::size_t(1), 60'000);
        QVERIFY(pool.state() == RunState::Cancelled);
    }
    void supervisorGone_itsChildrenBecomeNoZombies() {
        std::int64_t pid = 0;
        {
            Pool pool("sleep 1");
            pool.supervisor->start(pool.request);
            QTRY_VERIFY_WITH_TIMEOUT(pool.job.readLaunch(1) && pool.job.readLaunch(1)->pid > 1, 60'000);
            pid = pool.job.readLaunch(1)->pid;
        }
        QTRY_VERIFY_WITH_TIMEOUT(processStartTicks(pid) < 0 && !isChild(pid), 60'000);
    }
    void adoptedProcess_isKnownByItsStartTimeToo() {
        Pool pool("exit 0");
        // The number lives, but it is another process than the one that was recorded.
        pool.supervisor->adopt(pool.request, ::getpid(), processStartTicks(::getpid()) + 1);
        QTRY_COMPARE_WITH_TIMEOUT(pool.ended(), std::size_t(1), 60'000);
    }
    void adoptedProcess_goneBeforeItsStartWasRead_isOver() {
        // Nobody has the number, and nobody knew when it started: two unknowns are not the same process.
        QProcess gone;
        gone.start("true", QStringList());
        const auto pid = gone.processId();
        QVERIFY(gone.waitForFinished());
        QCOMPARE(processStartTicks(pid), std::int64_t{-1});
        Pool pool("exit 0");
        pool.supervisor->adopt(pool.request, pid, -1);
        QTRY_COMPARE_WITH_TIMEOUT(pool.ended(), std::size_t(1), 60'000);
    }
};

QTEST_GUILESS_MAIN(tst_Supervisor)
#include "tst_supervisor.moc"
