// Taking journals in: nothing is lost or doubled by an error of the project file, attempts are stitched, facts decide.
#include <QTest>

#include "journal/array_block.h"
#include "journal/writer.h"
#include "run/checkpoint.h"
#include "run/collector.h"
#include "run/janitor.h"
#include "store/writer.h"
#include "support/job.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::run;
using tests::get;
using tests::Job;
using tests::ok;

namespace {

store::NewRun rowFor(const Job& job) {
    store::NewRun row;
    row.id = job.id;
    row.specJson = tests::kFakeSpec;
    row.specHash = sha256(asBytes(row.specJson));
    row.groupHash = sha256(asBytes("g"));
    row.pluginId = "org.dubito.fake";
    row.pluginVersion = "1.0.0";
    row.system = "fake";
    row.createdUs = nowUs();
    return row;
}

store::RunRow rowOf(const fs::path& file, std::int64_t runNo) {
    auto db = get(store::openReadOnly(file));
    auto row = get(store::findRun(*db, runNo));
    if (!row) qFatal("no row");
    return *row;
}

}  // namespace

class tst_Collector : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void collect_doneRunAgain_staysDone() {
        tests::TempProject project;
        Job job;
        job.claim(1, "ended", 0);
        auto journal = job.begin(1);
        Job::points(*journal, 0, 100);
        Job::end(*journal, "done");
        std::int64_t runNo = 0;
        for (int round = 0; round < 3; ++round) {
            auto writer = get(store::ProjectWriter::open(project.file));
            const auto found = get(collectJobDir(*writer, job.job.root(), nullptr));
            QVERIFY(found.state == RunState::Done);
            QCOMPARE(found.attempts, 1);
            runNo = found.runNo;
        }
        QCOMPARE(rowOf(project.file, runNo).state, static_cast<int>(RunState::Done));
        auto db = get(store::openReadOnly(project.file));
        QCOMPARE(get(store::queryPoints(*db, runNo, "train/loss", 0, 1000, 0)).size(), std::size_t(100));
    }
    void collect_severalAttempts_areStitchedAndTheLastDecides() {
        tests::TempProject project;
        Job job;
        job.claim(1, "running", -1);  // killed: no end
        auto journal = job.begin(1);
        Job::points(*journal, 0, 60, 1000);
        ok(journal->close());
        job.claim(2, "ended", 20);
        journal = job.begin(2, 40);
        Job::points(*journal, 40, 80, 2000);
        Job::end(*journal, "cancelled");
        job.claim(3, "ended", 0);
        journal = job.begin(3, 50);
        Job::points(*journal, 50, 100, 3000);
        Job::end(*journal, "done");
        auto writer = get(store::ProjectWriter::open(project.file));
        const auto found = get(collectJobDir(*writer, job.job.root(), nullptr));
        QCOMPARE(found.attempts, 3);
        QVERIFY(found.state == RunState::Done);
        writer.reset();
        auto db = get(store::openReadOnly(project.file));
        const auto points = get(store::queryPoints(*db, found.runNo, "train/loss", 0, 1000, 0));
        QCOMPARE(points.size(), std::size_t(100));
        for (std::int64_t step = 0; step < 100; ++step) {
            QCOMPARE(points.steps[std::size_t(step)], step);
            QCOMPARE(points.values[std::size_t(step)], double(step) + (step < 40 ? 1000 : step < 50 ? 2000 : 3000));
        }
        const auto metrics = get(store::queryMetrics(*db, found.runNo));
        QCOMPARE(metrics.size(), std::size_t(1));
        QCOMPARE(metrics[0].n, std::int64_t{100});
        QCOMPARE(metrics[0].min, 1000.0);
        QCOMPARE(metrics[0].max, 3099.0);
        QVERIFY(get(store::checkContent(*db, true)).empty());
    }
    void collect_attemptThatStartsAfresh_cutsAllBefore() {
        tests::TempProject project;
        Job job;
        job.claim(1, "running", -1);
        auto journal = job.begin(1);
        Job::points(*journal, 0, 5000, -9);
        ok(journal->close());
        job.claim(2, "ended", 0);
        journal = job.begin(2);
        Job::points(*journal, 0, 3000);
        Job::end(*journal, "done");
        auto writer = get(store::ProjectWriter::open(project.file));
        const auto found = get(collectJobDir(*writer, job.job.root(), nullptr));
        writer.reset();
        auto db = get(store::openReadOnly(project.file));
        QCOMPARE(get(store::queryPoints(*db, found.runNo, "train/loss", 0, 10'000, 0)).size(), std::size_t(3000));
        QVERIFY(get(store::queryColumns(*db, found.runNo, "train/loss", 0, 2999, 50)).size() <= 50);
        QCOMPARE(get(store::queryMetrics(*db, found.runNo))[0].n, std::int64_t{3000});
        QCOMPARE(get(store::queryMetrics(*db, found.runNo))[0].min, 0.0);
    }
    void collect_livingWorker_isNotMadeFinal() {
        tests::TempProject project;
        Job job;
        WorkerStatus own;
        own.pid = ::getpid();
        own.startTicks = processStartTicks(own.pid);
        own.bootId = bootId();
        own.phase = "running";
        ok(job.job.claim(1, 0, own));
        auto journal = job.begin(1);
        Job::points(*journal, 0, 10);
        ok(journal->flush());
        auto writer = get(store::ProjectWriter::open(project.file));
        const auto first = get(collectJobDir(*writer, job.job.root(), nullptr));
        QVERIFY(first.isAlive && first.state == RunState::Running);
        Job::points(*journal, 10, 25);
        Job::end(*journal, "done");
        own.phase = "ended";
        own.exitCode = 0;
        ok(job.job.writeStatus(1, 0, own));
        const auto second = get(collectJobDir(*writer, job.job.root(), nullptr));
        QVERIFY(!second.isAlive && second.state == RunState::Done);
        QCOMPARE(second.runNo, first.runNo);
        QCOMPARE(get(store::queryMetrics(writer->database(), second.runNo))[0].n, std::int64_t{25});
    }
    void collect_folderWithoutAnAttempt_isRefusedWithoutARow() {
        tests::TempProject project;
        Job job;
        auto writer = get(store::ProjectWriter::open(project.file));
        auto refused = collectJobDir(*writer, job.job.root(), nullptr);
        QVERIFY(!refused && refused.error().code() == Code::Refused);
        QCOMPARE(get(store::queryCounter(writer->database(), "run")), std::int64_t{0});
    }
    /// The file is full for a while in mid-run: what was rolled back comes again, once.
    void poll_fullFile_goesOnWhenThereIsRoom() {
        tests::TempProject project;
        Job job;
        job.claim(1, "running", -1);
        auto journal = job.begin(1);
        Job::points(*journal, 0, 500);
        for (int i = 0; i < 6; ++i) Job::fat(*journal, i);
        ok(journal->flush());
        auto writer = get(store::ProjectWriter::open(project.file));
        store::Database& db = writer->database();
        // One run row, then follow it as the service does.
        const store::NewRun row = rowFor(job);
        ok(writer->begin());
        const auto runNo = get(writer->addRun(row));
        ok(writer->commit());
        Collector collector(*writer);
        get(collector.follow(runNo, job.id, job.job, 1, RunState::Starting));
        const auto pages = get(db.integer("PRAGMA page_count"));
        for (int limit = 1; limit < 40; limit += 3) {
            get(db.integer("PRAGMA max_page_count=" + std::to_string(pages + limit)));
            auto full = collector.poll();
            QVERIFY2(!full, qPrintable(QString("limit %1").arg(limit)));
            QVERIFY(full.error().code() == Code::Io);
            QCOMPARE(get(db.integer("SELECT count(*) FROM cursor")), std::int64_t{0});
            QVERIFY(collector.find(runNo)->state == RunState::Starting);
        }
        get(db.integer("PRAGMA max_page_count=1000000"));
        QCOMPARE(get(collector.poll()).size(), std::size_t(1));
        QVERIFY(collector.find(runNo)->state == RunState::Running);
        Job::points(*journal, 500, 700);
        for (int i = 6; i < 9; ++i) Job::fat(*journal, i);
        Job::end(*journal, "done");
        // And full again at the very end.
        get(db.integer("PRAGMA max_page_count=" + std::to_string(get(db.integer("PRAGMA page_count")))));
        QVERIFY(!collector.finish(runNo, {}));
        QVERIFY(collector.find(runNo) && collector.find(runNo)->state == RunState::Running);
        get(db.integer("PRAGMA max_page_count=1000000"));
        QVERIFY(get(collector.finish(runNo, {})).state == RunState::Done);
        QCOMPARE(get(store::queryPoints(db, runNo, "train/loss", 0, 10'000, 0)).size(), std::size_t(700));
        QCOMPARE(get(store::queryRecords(db, runNo, "resid/fat")).size(), std::size_t(9));
        writer.reset();
        auto reader = get(store::openReadOnly(project.file));
        const auto faults = get(store::checkContent(*reader, true));
        QVERIFY2(faults.empty(), faults.empty() ? "" : faults.front().c_str());
    }
    void finish_endTakenInBefore_isRememberedByTheNextOwner() {
        tests::TempProject project;
        Job job;
        job.claim(1, "running", -1);
        auto journal = job.begin(1);
        Job::points(*journal, 0, 10);
        Job::end(*journal, "done");
        std::int64_t runNo = 0;
        {
            auto writer = get(store::ProjectWriter::open(project.file));
            const store::NewRun row = rowFor(job);
            ok(writer->begin());
            runNo = get(writer->addRun(row));
            ok(writer->commit());
            Collector collector(*writer);
            get(collector.follow(runNo, job.id, job.job, 1, RunState::Starting));
            get(collector.poll());  // past the end frame; the owner goes away before the worker's process does
        }
        auto writer = get(store::ProjectWriter::open(project.file));
        Collector collector(*writer);
        get(collector.follow(runNo, job.id, job.job, 1, RunState::Running));
        QVERIFY(get(collector.finish(runNo, {})).state == RunState::Done);
    }
    /// The worker was killed between a checkpoint's last rename and the record of it.
    void finish_checkpointWithoutARecord_isListed() {
        tests::TempProject project;
        Job job;
        job.claim(1, "running", -1);
        auto journal = job.begin(1);
        Job::points(*journal, 0, 10);
        ok(journal->close());
        CheckpointStore checkpoints(job.job.root());
        const fs::path folder = get(checkpoints.begin(10));
        ok(writeFileAtomic(folder / "model.bin", "weights"));
        const CheckpointInfo made = get(checkpoints.commit({"model.bin"}, Json::object()));
        auto writer = get(store::ProjectWriter::open(project.file));
        const auto found = get(collectJobDir(*writer, job.job.root(), nullptr));
        get(collectJobDir(*writer, job.job.root(), nullptr));
        const auto listed = get(store::queryCheckpoints(writer->database(), found.runNo));
        QCOMPARE(listed.size(), std::size_t(1));
        QCOMPARE(listed[0].step, std::int64_t{10});
        QCOMPARE(listed[0].bytes, std::int64_t(made.bytes));
    }
    void tidy_oldJournals_goWhenTheirRowsAreSafe() {
        tests::TempProject project;
        auto writer = get(store::ProjectWriter::open(project.file));
        const Job job(jobsRoot(writer->projectId())), elsewhere;
        const auto takeIn = [&](const Job& one) {
            one.claim(1, "ended", 0);
            auto journal = one.begin(1);
            Job::points(*journal, 0, 10);
            Job::end(*journal, "done");
            const auto runNo = get(collectJobDir(*writer, one.job.root(), nullptr)).runNo;
            store::NewAttempt attempt;
            attempt.executor = "local";
            attempt.jobDir = one.job.root().string();
            ok(writer->begin());
            ok(writer->putAttempt(runNo, attempt));
            ok(writer->commit());
            return runNo;
        };
        const auto runNo = takeIn(job);
        takeIn(elsewhere);  // a folder that lies anywhere else is not ours to tidy, whatever the project says
        QCOMPARE(get(tidy(*writer, 7)).journals, 0);
        QCOMPARE(get(tidy(*writer, 0)).journals, 1);
        QCOMPARE(get(tidy(*writer, 0)).journals, 0);
        QVERIFY(journal::listJournals(job.job.journal()).empty());
        QCOMPARE(journal::listJournals(elsewhere.job.journal()).size(), std::size_t(1));
        QVERIFY(get(collectJobDir(*writer, job.job.root(), nullptr)).state == RunState::Done);
        QCOMPARE(get(store::queryMetrics(writer->database(), runNo))[0].n, std::int64_t{10});
    }
    /// A stranger's project names a folder whose orders would start anything: opening it starts nothing.
    void open_jobFolderElsewhere_isNeverStarted() {
        tests::TempProject project;
        const Job job;
        std::int64_t runNo = 0;
        {
            auto writer = get(store::ProjectWriter::open(project.file));
            const store::NewRun row = rowFor(job);
            store::NewAttempt attempt;
            attempt.executor = "local";
            attempt.jobDir = job.job.root().string();
            ok(writer->begin());
            runNo = get(writer->addRun(row));
            ok(writer->putAttempt(runNo, attempt));
            ok(writer->commit());
        }
        auto service = get(RunService::open(project.file, {}));
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, runNo, 30, &row));
        QCOMPARE(row.state, static_cast<int>(RunState::Failed));
        QVERIFY2(row.detail.find("not among this account") != std::string::npos, row.detail.c_str());
        QVERIFY(!service->resume(runNo));
        QVERIFY(!job.job.readLaunch(1) && !job.job.readStatus(1));
    }
};

QTEST_GUILESS_MAIN(tst_Collector)
#include "tst_collector.moc"
