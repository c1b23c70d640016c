// kill -9 of worker or owner at random moments: nothing journaled is lost, nothing is counted twice, the project is sound.
// DUBITO_KILLS sets how often (8 when unset).
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
private Q_SLOTS:
    void kill_workerOrOwner_losesNothing() {
        const int kills = qEnvironmentVariableIntValue("DUBITO_KILLS") > 0 ? qEnvironmentVariableIntValue("DUBITO_KILLS") : 8;
        stats::CounterRng rng(static_cast<std::uint64_t>(nowUs()), "kill", 0);
        tests::TempProject project;
        const QString dubito = QString(DUBITO_BIN) + "/dubito", file = QString::fromStdString(project.file.string());
        for (int round = 0; round < kills; ++round) {
            const bool killOwner = round % 2 == 0;
            QProcess owner;
            owner.start(dubito, {"run", file, "--plugin", DUBITO_FAKE_PLUGIN, "--set", "steps=4000", "--set", "sleep_us=100", "--threads", "1", "--quiet"});
            QVERIFY(owner.waitForStarted());
            QThread::msleep(static_cast<unsigned long>(20 + rng.uniform() * 600));
            if (killOwner) {
                ::kill(static_cast<pid_t>(owner.processId()), SIGKILL);
            } else {
                auto db = store::Database::open(project.file, store::Database::Mode::ReadOnly);
                store::RunQuery newest;
                newest.limit = 1;
                if (auto runs = store::queryRuns(**db, newest); runs && !runs->empty())
                    if (auto attempts = store::queryAttempts(**db, runs->front().runNo); attempts && !attempts->empty())
                        if (auto status = run::JobDir(attempts->back().jobDir).readStatus(1); status && status->phase == "running" && status->pid > 1) ::kill(static_cast<pid_t>(status->pid), SIGKILL);
            }
            QVERIFY(owner.waitForFinished(60'000));
            // The next owner picks up where things are; its worker may still run.
            auto service = run::RunService::open(project.file, {});
            QVERIFY2(service, service ? "" : service.error().text().c_str());
            auto db = store::openReadOnly(project.file);
            QVERIFY2(db, db ? "" : db.error().text().c_str());
            store::RunQuery all;
            all.limit = 1;
            auto runs = store::queryRuns(**db, all);
            QVERIFY(runs);
            if (runs->empty()) continue;  // killed before the run was written
            store::RunRow row;
            QVERIFY(tests::waitFinal(project.file, runs->front().runNo, 60, &row));
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
    }
};

QTEST_GUILESS_MAIN(tst_Kill)
#include "tst_kill.moc"
