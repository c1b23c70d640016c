// kill -9 of worker, owner or desktop at random moments: nothing journaled is lost, nothing is counted twice, the project is sound.
// DUBITO_KILLS sets how often (9 when unset).
#include <QFile>
#include <QProcess>
#include <QTest>
#include <signal.h>

#include "journal/reader.h"
#include "stats/counter_rng.h"
#include "support/temp_project.h"

using namespace dubito;

class tst_Kill : public QObject {
    Q_OBJECT
    static std::int64_t journaledPoints(const fs::path& jobDir, const RunId& id) {
        journal::JournalReader reader(jobDir / "journal", id, 1, 0);
        std::int64_t points = 0;
        while (reader.poll(true, 64u << 20, [&](const journal::JournalReader::Delivery& frame) {
                   if (frame.header.type != journal::RecordType::ScalarGroup) return;
                   if (auto group = journal::decodeScalarGroup(frame.payload)) points += static_cast<std::int64_t>(group->values.size());
               }, [](const journal::Gap&) {}) == journal::JournalReader::Stop::Budget) {
        }
        return points;
    }
    /// What the project holds of a run is what its journal holds, and the file is sound.
    static void check(const fs::path& file, std::int64_t runNo) {
        store::RunRow row;
        QVERIFY(tests::waitFinal(file, runNo, 60, &row));
        auto db = store::openReadOnly(file);
        QVERIFY2(db, db ? "" : db.error().text().c_str());
        auto attempts = store::queryAttempts(**db, row.runNo);
        QVERIFY(attempts && !attempts->empty());
        const std::int64_t journaled = journaledPoints(attempts->back().jobDir, row.id);
        std::int64_t stored = 0;
        auto metrics = store::queryMetrics(**db, row.runNo);
        QVERIFY(metrics);
        for (const auto& metric : *metrics) stored += metric.n;
        QCOMPARE(stored, journaled);
        auto faults = store::checkContent(**db, true);
        QVERIFY(faults);
        QVERIFY2(faults->empty(), faults->empty() ? "" : faults->front().c_str());
    }
    static void killWorkerOf(const fs::path& file) {
        auto db = store::Database::open(file, store::Database::Mode::ReadOnly);
        store::RunQuery newest;
        newest.limit = 1;
        if (auto runs = store::queryRuns(**db, newest); runs && !runs->empty())
            if (auto attempts = store::queryAttempts(**db, runs->front().runNo); attempts && !attempts->empty())
                if (auto status = run::JobDir(attempts->back().jobDir).readStatus(1); status && status->phase == "running" && status->pid > 1) ::kill(static_cast<pid_t>(status->pid), SIGKILL);
    }
private Q_SLOTS:
    void kill_workerOwnerOrDesktop_losesNothing() {
        const int kills = qEnvironmentVariableIntValue("DUBITO_KILLS") > 0 ? qEnvironmentVariableIntValue("DUBITO_KILLS") : 9;
        stats::CounterRng rng(static_cast<std::uint64_t>(nowUs()), "kill", 0);
        const QString dubito = QString(DUBITO_BIN) + "/dubito", desktop = QString(DUBITO_BIN) + "/dubito-desktop";
        const auto faked = [](const char* steps) { return QStringList{"--plugin", DUBITO_FAKE_PLUGIN, "--set", QString("steps=%1").arg(steps), "--set", "sleep_us=100", "--threads", "1", "--quiet"}; };
        // A long campaign takes a new project now and then: the check reads the whole file each time.
        std::unique_ptr<tests::TempProject> project;
        for (int round = 0; round < kills; ++round) {
            if (round % 30 == 0) project = std::make_unique<tests::TempProject>();
            const QString file = QString::fromStdString(project->file.string());
            QProcess victim;
            switch (round % 3) {
                case 0:
                case 1:
                    victim.start(dubito, QStringList{"run", file} + faked("4000"));
                    QVERIFY(victim.waitForStarted());
                    QThread::msleep(static_cast<unsigned long>(20 + rng.uniform() * 600));
                    if (round % 3 == 0) victim.kill();
                    else killWorkerOf(project->file);
                    break;
                case 2:
                    if (!QFile::exists(desktop)) continue;
                    // The command line leaves a run behind; the desktop adopts it and takes in what it writes.
                    QCOMPARE(QProcess::execute(dubito, QStringList{"submit", file} + faked("12000")), 0);
                    victim.start(desktop, {file});
                    QVERIFY(victim.waitForStarted());
                    QThread::msleep(static_cast<unsigned long>(50 + rng.uniform() * 1200));
                    victim.kill();
                    break;
            }
            QVERIFY(victim.waitForFinished(60'000));
            // The next owner picks up where things are; a worker may still run.
            auto service = run::RunService::open(project->file, {});
            QVERIFY2(service, service ? "" : service.error().text().c_str());
            auto db = store::openReadOnly(project->file);
            QVERIFY2(db, db ? "" : db.error().text().c_str());
            store::RunQuery newest;
            newest.limit = 1;
            auto runs = store::queryRuns(**db, newest);
            QVERIFY(runs);
            if (runs->empty()) continue;  // killed before the run was written
            check(project->file, runs->front().runNo);
            if (QTest::currentTestFailed()) {
                qWarning("round %d", round);
                return;
            }
            if (kills > 20 && round % 50 == 49) qInfo("%d rounds done", round + 1);
        }
    }
};

QTEST_GUILESS_MAIN(tst_Kill)
#include "tst_kill.moc"
