// The waiting line: who is started when, moved, paused, ended for memory; and that it outlives its owner.
#include <QTest>

#include <fmt/format.h>

#include "run/queue_order.h"
#include "run/run_service.h"
#include "support/job.h"
#include "support/program.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::run;
using tests::get;
using tests::ok;

namespace {

constexpr std::int64_t kMib = 1 << 20;

/// Runs 1, 2, ... with a shell script in the place of the worker: $2 is the job folder, $4 the attempt. Each ends when
/// the file "go" is in its folder.
struct Line {
    QTemporaryDir dir;
    std::mutex mutex;
    std::vector<ExitReport> reports;
    std::map<std::int64_t, JobDir> jobs;
    std::unique_ptr<RunQueue> queue;

    explicit Line(Capacity capacity, const char* script = "") {
        const fs::path worker = root() / "worker";
        const std::string text = fmt::format(
            "#!/bin/sh\necho \"$CUDA_VISIBLE_DEVICES\" > \"$2/gpus\"\n{}\n"
            "while [ ! -e \"$2/go\" ]; do sleep 0.02; done\n",
            script);
        ok(writeFileAtomic(worker, text, 0755));
        Supervisor::Callbacks callbacks;
        callbacks.started = [](std::int64_t, int) {};
        callbacks.ended = [this](const ExitReport& report) {
            std::lock_guard lock(mutex);
            reports.push_back(report);
        };
        queue = std::make_unique<RunQueue>(worker, std::move(capacity), callbacks, Supervisor::Ladder());
    }
    ~Line() {
        for (const auto& [runNo, job] : jobs) queue->cancel(runNo, true);
    }
    fs::path root() const { return dir.path().toStdString(); }
    void submit(std::int64_t runNo, Demand demand, const char* reason = "first", std::int64_t limit = 0) {
        LaunchRequest request;
        request.id = makeUuid();
        const JobDir job =
            get(JobDir::create(root() / request.id.text(), get(RunSpec::parse(tests::kFakeSpec)), Placement()));
        jobs.emplace(runNo, job);
        request.runNo = runNo;
        request.jobDir = job.root();
        request.demand = demand;
        request.reason = reason;
        request.memoryBytes = limit;
        queue->submit(std::move(request));
    }
    bool isStarted(std::int64_t runNo) const {
        const auto launch = jobs.at(runNo).readLaunch(1);
        return launch && launch->pid > 1;
    }
    void end(std::int64_t runNo) const { tests::touch(jobs.at(runNo).root() / "go"); }
    void eat(std::int64_t runNo, const char* mib) const { ok(writeFileAtomic(jobs.at(runNo).root() / "eats", mib)); }
    std::optional<ExitReport> endOf(std::int64_t runNo) {
        std::lock_guard lock(mutex);
        for (const ExitReport& report : reports)
            if (report.runNo == runNo) return report;
        return std::nullopt;
    }
    std::string order() const {
        std::string out;
        for (const QueuedRun& run : queue->waiting()) out += std::to_string(run.runNo) + " ";
        return out;
    }
};

Capacity oneThread() {
    Capacity out;
    out.threads = 1;
    return out;
}

/// What a worker's script begins with to take as many MiB as the file "eats" says, once it is there.
constexpr const char* kEats =
    "test -e \"$2/eats\" && exec perl -e '$x = \"a\" x ($ARGV[0] << 20); sleep 1 until -e "
    "\"$ARGV[1]/go\"' $(cat \"$2/eats\") \"$2\"\n"
    "while [ ! -e \"$2/eats\" ]; do sleep 0.02; done; exec \"$0\" \"$@\"";

Demand session() {
    Demand out;
    out.interactive = true;
    return out;
}

}  // namespace

class tst_Queue : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void runs_startOneAfterTheOther_andSayWhatTheyWaitFor() {
        Line line(oneThread());
        for (const int runNo : {1, 2, 3}) line.submit(runNo, {});
        QTRY_VERIFY_WITH_TIMEOUT(line.isStarted(1), 60'000);
        QCOMPARE(line.order(), std::string("2 3 "));
        const auto waiting = line.queue->waiting();
        QCOMPARE(waiting[0].waitsFor, std::string("1 of 1 threads are taken by run 1"));
        QVERIFY(!line.isStarted(2));
        line.end(1);
        QTRY_VERIFY_WITH_TIMEOUT(line.isStarted(2), 60'000);
        QCOMPARE(line.order(), std::string("3 "));
        QCOMPARE(line.queue->live(), 2);
        for (const int runNo : {2, 3}) line.end(runNo);
        QTRY_COMPARE_WITH_TIMEOUT(line.queue->live(), 0, 60'000);
    }
    void session_startsBesideAFullProcessor() {
        Line line(oneThread());
        line.submit(1, {});
        line.submit(2, {});
        line.submit(3, session());
        QTRY_VERIFY_WITH_TIMEOUT(line.isStarted(1) && line.isStarted(3), 60'000);
        QCOMPARE(line.order(), std::string("2 "));
    }
    void order_isMovable() {
        Line line(oneThread());
        for (const int runNo : {1, 2, 3, 4}) line.submit(runNo, {});
        QTRY_COMPARE_WITH_TIMEOUT(line.order(), std::string("2 3 4 "), 60'000);
        ok(line.queue->move(4, 0));
        QCOMPARE(line.order(), std::string("4 2 3 "));
        ok(line.queue->move(4, 99));
        QCOMPARE(line.order(), std::string("2 3 4 "));
        QVERIFY(line.queue->move(1, 0).error().code() == Code::NotFound);
        ok(line.queue->move(3, 0));
        line.end(1);
        QTRY_VERIFY_WITH_TIMEOUT(line.isStarted(3), 60'000);
        QVERIFY(!line.isStarted(2));
    }
    void requeued_keepsItsTurn() {
        Line line(oneThread());
        for (const int runNo : {1, 2}) line.submit(runNo, {});
        line.submit(3, {}, "requeue");
        QTRY_COMPARE_WITH_TIMEOUT(line.order(), std::string("3 2 "), 60'000);
    }
    void paused_nothingStartsButSessions() {
        Line line(oneThread());
        line.queue->setPaused(true);
        line.submit(1, {});
        line.submit(2, session());
        QTRY_VERIFY_WITH_TIMEOUT(line.isStarted(2), 60'000);
        QCOMPARE(line.order(), std::string("1 "));
        QCOMPARE(line.queue->waiting()[0].waitsFor, std::string("the queue is paused"));
        line.queue->setPaused(false);
        QTRY_VERIFY_WITH_TIMEOUT(line.isStarted(1), 60'000);
    }
    void cancelled_whileQueued_neverStarts() {
        Line line(oneThread());
        for (const int runNo : {1, 2, 3}) line.submit(runNo, {});
        QTRY_VERIFY_WITH_TIMEOUT(line.isStarted(1), 60'000);
        line.queue->cancel(2, false);
        QVERIFY(line.endOf(2));
        ok(line.jobs.at(3).markCancelled(1));  // another process asked
        QTRY_VERIFY_WITH_TIMEOUT(line.endOf(3), 60'000);
        QVERIFY(line.order().empty() && !line.isStarted(2) && !line.isStarted(3));
    }
    void gpus_eachRunHasItsOwn() {
        Capacity machine;
        machine.threads = 8;
        machine.gpus = {"4", "7"};
        Line line(machine);
        Demand one;
        one.gpus = 1;
        for (const int runNo : {1, 2, 3}) line.submit(runNo, one);
        const auto gpuOf = [&](std::int64_t runNo) { return tests::contentOf(line.jobs.at(runNo).root() / "gpus"); };
        QTRY_VERIFY_WITH_TIMEOUT(gpuOf(1) == "4\n" && gpuOf(2) == "7\n", 60'000);
        QCOMPARE(line.order(), std::string("3 "));
        QCOMPARE(get(line.jobs.at(2).readLaunch(1)).gpus, std::vector<std::string>{"7"});
        line.end(2);
        QTRY_COMPARE_WITH_TIMEOUT(gpuOf(3), std::string("7\n"), 60'000);
    }
    void memory_togetherTooMuch_endsTheOneFurthestAbove() {
        Capacity machine;
        machine.threads = 4;
        machine.memoryBytes = 400 * kMib;
        // Both use more than they asked for; there is room for one of them.
        Line line(machine, kEats);
        if (!fs::exists("/usr/bin/perl")) QSKIP("no perl here");
        Demand little;
        little.memoryBytes = 50 * kMib;
        line.submit(1, little);
        line.submit(2, little);
        line.eat(1, "80");
        line.eat(2, "500");
        QTRY_VERIFY_WITH_TIMEOUT(line.endOf(2), 60'000);
        QVERIFY(line.endOf(2)->fate.killedForMemory);
        QVERIFY2(line.endOf(2)->fate.detail.starts_with("memory: "), line.endOf(2)->fate.detail.c_str());
        QVERIFY(!line.endOf(1));
        line.end(1);
        QTRY_VERIFY_WITH_TIMEOUT(line.endOf(1), 60'000);
        QVERIFY(!line.endOf(1)->fate.killedForMemory);
    }
    void memory_whenOneGoesByItsOwnLimit_theOthersStay() {
        if (!fs::exists("/usr/bin/perl")) QSKIP("no perl here");
        Capacity machine;
        machine.threads = 4;
        machine.memoryBytes = 400 * kMib;
        Line line(machine, kEats);
        // Together too much only when the second is above its own limit. The first is further above what it asked
        // for, but the end of the second is enough.
        Demand little, large;
        little.memoryBytes = 50 * kMib;
        large.memoryBytes = 300 * kMib;
        line.submit(1, little);
        line.submit(2, large, "first", 280 * kMib);
        line.eat(1, "100");
        QTest::qWait(500);
        line.eat(2, "330");
        QTRY_VERIFY_WITH_TIMEOUT(line.endOf(2), 60'000);
        QVERIFY(line.endOf(2)->fate.killedForMemory);
        QTest::qWait(500);
        QVERIFY(!line.endOf(1));
        line.end(1);
        QTRY_VERIFY_WITH_TIMEOUT(line.endOf(1), 60'000);
        QVERIFY(!line.endOf(1)->fate.killedForMemory);
    }

    void orderAndPause_outliveTheOwner() {
        tests::TempProject project;
        const auto plugin = get(host::Catalogue::scan({}).find(DUBITO_FAKE_PLUGIN));
        RunService::Options options;
        options.slots = 1;
        std::vector<std::int64_t> runs;
        {
            const auto service = get(RunService::open(project.file, options));
            service->setQueuePaused(true);
            for (int i = 0; i < 4; ++i) {
                RunDraft draft;
                draft.pluginId = plugin.id;
                draft.threads = 1;
                draft.seed = i;
                runs.push_back(get(service->submit(draft, plugin)));
            }
            ok(service->moveInQueue(runs[3], 0));
            ok(service->moveInQueue(runs[0], 2));
            QVERIFY(!service->moveInQueue(99, 0));
            QCOMPARE(numbersOf(service->queue()), numbersIn(runs, {3, 1, 0, 2}));
        }
        {
            auto db = get(store::openReadOnly(project.file));
            const QueueView view = get(viewQueue(*db, machineCapacity(1)));
            QVERIFY(view.isPaused);
            QCOMPARE(numbersOf(view.waiting), numbersIn(runs, {3, 1, 0, 2}));
            QCOMPARE(view.waiting[0].waitsFor, std::string("the queue is paused"));
        }
        const auto service = get(RunService::open(project.file, options));
        QTRY_COMPARE_WITH_TIMEOUT(numbersOf(service->queue()), numbersIn(runs, {3, 1, 0, 2}), 60'000);
        QVERIFY(service->isQueuePaused());
        service->setQueuePaused(false);
        store::RunRow row;
        for (const std::int64_t runNo : runs) {
            QVERIFY(tests::waitFinal(project.file, runNo, 60, &row));
            QCOMPARE(row.state, static_cast<int>(RunState::Done));
        }
        QVERIFY(service->queue().empty());
    }
    void owner_thatLeavesAtOnce_keepsOrderAndRuns() {
        tests::TempProject project;
        const auto plugin = get(host::Catalogue::scan({}).find(DUBITO_FAKE_PLUGIN));
        RunDraft draft;
        draft.pluginId = plugin.id;
        draft.threads = 1;
        std::vector<std::int64_t> runs;
        for (int round = 0; round < 20; ++round) {  // whatever is still to be done when it goes
            const auto service = get(RunService::open(project.file, {}));
            service->setQueuePaused(true);
            if (round % 4 != 0) continue;
            runs.push_back(get(service->submit(draft, plugin)));
            ok(service->moveInQueue(runs.back(), 0));
        }
        const auto service = get(RunService::open(project.file, {}));
        QTRY_COMPARE_WITH_TIMEOUT(service->queue().size(), runs.size(), 60'000);
        QVERIFY(service->isQueuePaused());
    }
    void storedQueue_fromAStranger_isReadWithCare() {
        tests::TempProject project;
        auto writer = get(store::ProjectWriter::open(project.file));
        const auto store = [&](const char* json) {
            auto put = get(writer->database().prepare("INSERT OR REPLACE INTO setting VALUES('queue', ?1)"));
            ok(put.bind(1, json).run());
            return readQueue(writer->database());
        };
        for (const char* odd : {"[]", "7", "null", R"({"paused": 3, "order": "x"})",
                 R"({"order": [1, null, {"a": []}, "no id", "01890a5d-ac96-774b-bcce-b302099a80zz"]})"}) {
            const auto queue = store(odd);
            QVERIFY2(queue && !queue->isPaused && queue->order.empty(), odd);
        }
        QVERIFY(!store("{"));
        writer.reset();
        QVERIFY(RunService::open(project.file, {}));  // the queue is as it was made then
        writer = get(store::ProjectWriter::open(project.file));
        const auto good = store(R"({"paused": true, "order": [3, "01890a5d-ac96-774b-bcce-b302099a8057"]})");
        QVERIFY(good && good->isPaused && good->order.size() == 1);
    }
    void demand_inAJobFolder_isReadBack() {
        const tests::Job plain;
        QVERIFY(!get(plain.job.readPlacement()).demand);
        Placement placement;
        placement.demand = Demand{3, 5 * kMib, 1, true, true};
        QTemporaryDir dir;
        const JobDir job = get(JobDir::create(
            fs::path(dir.path().toStdString()) / makeUuid().text(), get(RunSpec::parse(tests::kFakeSpec)), placement));
        const Demand read = *get(job.readPlacement()).demand;
        QVERIFY(
            read.threads == 3 && read.memoryBytes == 5 * kMib && read.gpus == 1 && read.exclusive && read.interactive);
    }

private:
    static std::vector<std::int64_t> numbersOf(const std::vector<QueuedRun>& queue) {
        std::vector<std::int64_t> out;
        for (const QueuedRun& run : queue) out.push_back(run.runNo);
        return out;
    }
    static std::vector<std::int64_t> numbersIn(const std::vector<std::int64_t>& runs, std::vector<std::size_t> order) {
        std::vector<std::int64_t> out;
        for (const std::size_t i : order) out.push_back(runs[i]);
        return out;
    }
};

QTEST_GUILESS_MAIN(tst_Queue)
#include "tst_queue.moc"
