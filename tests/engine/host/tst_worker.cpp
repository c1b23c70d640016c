// The worker program on job folders made by hand: what it does first, what it leaves behind, whatever happens.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <set>

#include "host/manifest.h"
#include "journal/reader.h"
#include "run/checkpoint.h"
#include "run/control.h"
#include "run/job_dir.h"
#include "run/run_state.h"
#include "support/program.h"

using namespace dubito;
using namespace dubito::tests;

namespace {

/// What one attempt's journal holds.
struct Told {
    Json begin, end;
    std::uint64_t endSequence = 0;
    std::string log;                                      // a line each
    std::map<std::uint64_t, std::int32_t> results;        // command -> status
    std::map<std::string, std::set<std::int64_t>> steps;  // of the points of each series
};

/// Where syncing takes no time, if there is room: what is not waited for then shows as missing.
QString fastFolder() {
    constexpr std::uint64_t kNeeded = 1200ull << 20;
    return freeBytes("/dev/shm") > kNeeded ? "/dev/shm/dubito-XXXXXX" : QDir::tempPath() + "/dubito-XXXXXX";
}

/// A job folder, and workers on it.
struct Job {
    QTemporaryDir dir{fastFolder()};
    std::optional<run::JobDir> job;
    RunId id = makeUuid();
    run::Placement placement;

    static fs::path fake() { return DUBITO_FAKE_PLUGIN; }
    static fs::path ledger() { return DUBITO_LEDGER_PLUGIN; }

    Job(const fs::path& pluginFolder, const Json& parameters, const char* device = "cpu") {
        const auto plugin = host::readManifest(pluginFolder);
        if (!plugin) qFatal("%s", plugin.error().text().c_str());
        run::RunDraft draft;
        draft.threads = 1;
        draft.parameters = parameters;
        draft.device = device;
        const auto frozen = run::freeze(draft, *plugin);
        if (!frozen) qFatal("%s", frozen.error().text().c_str());
        placement.pluginFolder = pluginFolder.string();
        placement.assets = frozen->assetPaths;
        placement.idleSeconds = 600;
        spec.emplace(frozen->spec);
    }
    /// The folder, once the placement is as the test wants it.
    Job& make() {
        auto made = run::JobDir::create(fs::path(dir.path().toStdString()) / id.text(), *spec, placement);
        if (!made) qFatal("%s", made.error().text().c_str());
        job = *made;
        return *this;
    }
    Program start(int attempt = 1) const {
        return Program({DUBITO_BIN "/dubito-worker", "run", job->root().string(), "--attempt", std::to_string(attempt)},
            {{"XDG_CACHE_HOME", dir.path().toStdString() + "/cache"}});
    }
    /// @return exit code; -1 when it did not end
    int work(int attempt = 1) const {
        Program worker = start(attempt);
        return worker.wait(120) ? worker.code() : -1;
    }
    std::uint64_t send(const char* verb, const char* arguments = "{}") const {
        const auto sent = run::sendCommand(*job, verb, arguments);
        if (!sent) qFatal("%s", sent.error().text().c_str());
        return *sent;
    }
    Told told(int attempt = 1) const {
        Told out;
        std::map<std::uint32_t, std::string> keys;
        journal::JournalReader reader(job->journal(), id, static_cast<std::uint32_t>(attempt), 0);
        const auto take = [&](const journal::JournalReader::Delivery& frame) {
            using journal::RecordType;
            switch (frame.header.type) {
                case RecordType::Begin: out.begin = *parseJson(asText(frame.payload)); break;
                case RecordType::End:
                    out.end = *parseJson(asText(frame.payload));
                    out.endSequence = frame.header.sequence;
                    break;
                case RecordType::Log: out.log += journal::decodeLog(frame.payload)->text + "\n"; break;
                case RecordType::Result: {
                    const auto result = *journal::decodeResult(frame.payload);
                    if (textOr(*parseJson(result.json), "verb", "") != "reply")
                        out.results[result.commandSequence] = result.status;
                    break;
                }
                case RecordType::Define: {
                    const auto definition = *journal::decodeDefine(frame.payload);
                    keys[definition.series] = definition.key;
                    break;
                }
                case RecordType::ScalarGroup: {
                    const auto group = *journal::decodeScalarGroup(frame.payload);
                    for (const auto series : group.series) out.steps[keys[series]].insert(group.step);
                    break;
                }
                case RecordType::ScalarRun: {
                    const auto run = *journal::decodeScalarRun(frame.payload);
                    out.steps[keys[run.series]].insert(run.steps.begin(), run.steps.end());
                    break;
                }
                default: break;
            }
        };
        while (
            reader.poll(false, 64u << 20, take, [](const journal::Gap&) {}) == journal::JournalReader::Stop::Budget) {
        }
        return out;
    }
    bool isActive(int attempt = 1) const {
        return eventually([&] { return has(told(attempt).log, "is active"); }, 120);
    }

private:
    std::optional<run::RunSpec> spec;
};

std::string messageOf(const Told& told) { return textOr(told.end, "message", ""); }
std::string statusOf(const Told& told) { return textOr(told.end, "status", "") + textOr(told.end, "cause", ""); }

/// The steps 0 .. n-1.
std::set<std::int64_t> stepsTo(std::int64_t n) {
    std::set<std::int64_t> out;
    for (std::int64_t step = 0; step < n; ++step) out.insert(out.end(), step);
    return out;
}

}  // namespace

class tst_Worker : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void end_done_isInStatusAndJournal() {
        Job job(Job::fake(), {{"steps", 30}});
        const std::int64_t before = nowUs();
        QCOMPARE(job.make().work(), 0);
        const Told told = job.told();
        QCOMPARE(statusOf(told), std::string("done"));
        QCOMPARE(told.steps.at("fake/count"), stepsTo(30));
        const auto status = job.job->readStatus(1);
        QVERIFY(status && status->phase == "ended" && status->exitCode == 0);
        QCOMPARE(status->lastSequence, static_cast<std::int64_t>(told.endSequence));
        QVERIFY(status->endedUs >= before && status->endedUs <= nowUs());
        QVERIFY(!fs::exists(job.job->journal() / "a001-r0000.reserve"));
    }
    void claim_ofASecondWorker_endsItAndTouchesNothing() {
        Job job(Job::fake(), {{"do", "idle"}, {"steps", 3}});
        Program first = job.make().start();
        QVERIFY(job.isActive());
        const std::string status = contentOf(job.job->status(1));
        Program second = job.start();
        QVERIFY(second.wait(120));
        QCOMPARE(second.code(), int(run::kExitClaimed));
        QVERIFY2(has(second.err(), "claimed by another worker"), second.told().c_str());
        QCOMPARE(contentOf(job.job->status(1)), status);
        job.send("stop");
        QVERIFY(first.wait(120));
        QCOMPARE(first.code(), int(run::kExitCancelled));
        QCOMPARE(statusOf(job.told()), std::string("cancelled"));
        QCOMPARE(job.work(), int(run::kExitClaimed));  // also when the first has ended
        // A claim without a journal, as of a worker that was killed at once, is a claim too.
        QVERIFY(job.job->claim(2, 0, run::ownStatus()));
        QCOMPARE(job.work(2), int(run::kExitClaimed));
        QCOMPARE(journal::listJournals(job.job->journal()).size(), std::size_t(1));
    }
    void plugin_folderGoneAndACommandWaiting_isRefused() {
        Job job(Job::fake(), {{"steps", 3}});
        job.placement.pluginFolder = "/nowhere/org.dubito.fake/1.0.0";
        job.make().send("echo");
        QCOMPARE(job.work(), int(run::kExitRefused));
        const Told told = job.told();
        QCOMPARE(statusOf(told), std::string("failedrefused"));
        QVERIFY2(has(messageOf(told), "/nowhere"), messageOf(told).c_str());
        const auto status = job.job->readStatus(1);
        QVERIFY(status && status->phase == "ended" && status->exitCode == run::kExitRefused);
    }
    void spec_damaged_isRefusedInWords() {
        Job job(Job::fake(), {{"steps", 3}});
        job.make();
        fs::permissions(job.job->root() / "spec.json", fs::perms::owner_all);
        std::ofstream(job.job->root() / "spec.json") << "{";
        QCOMPARE(job.work(), int(run::kExitBadSpec));
        QCOMPARE(statusOf(job.told()), std::string("failedrefused"));
        QCOMPARE(job.job->readStatus(1)->exitCode, std::int64_t(run::kExitBadSpec));
        Program nowhere({DUBITO_BIN "/dubito-worker", "run", "/nowhere/" + job.id.text()});
        QVERIFY(nowhere.wait(120));
        QCOMPARE(nowhere.code(), int(run::kExitBadSpec));
    }
    void input_changed_isRefusedWithBothHashes() {
        QTemporaryDir dir;
        const fs::path data = dir.filePath("data.txt").toStdString();
        std::ofstream(data) << "before";
        Job job(Job::ledger(), {{"steps", 3}, {"data", data.string()}});
        job.make();
        std::ofstream(data) << "after!";  // of the same size
        QCOMPARE(job.work(), int(run::kExitRefused));
        const Told told = job.told();
        QCOMPARE(statusOf(told), std::string("failedrefused"));
        const std::string before = hexText(sha256(asBytes(std::string_view("before"))));
        const std::string after = hexText(sha256(asBytes(std::string_view("after!"))));
        QVERIFY2(has(messageOf(told), before) && has(messageOf(told), after), messageOf(told).c_str());
        QVERIFY(told.begin.is_null() && told.steps.empty());  // an attempt that never began cuts nothing
        std::ofstream(data) << "before";
        QCOMPARE(job.work(2), 0);
    }
    void stop_beforeTheBegin_endsAsCancelled() {
        Job job(Job::fake(), {{"steps", 1'000'000}});
        const auto stop = job.make().send("stop"), echo = job.send("echo");
        QCOMPARE(job.work(), int(run::kExitCancelled));
        const Told told = job.told();
        QCOMPARE(statusOf(told), std::string("cancelled"));
        QVERIFY(told.begin.is_null() && told.steps.empty() && told.log.empty());
        QCOMPARE(told.results.at(stop), 0);
        QVERIFY(told.results.at(echo) < 0);
        QCOMPARE(job.job->readStatus(1)->exitCode, std::int64_t(run::kExitCancelled));
        // The mark of whoever cancels a run that did not start says the same.
        QVERIFY(job.job->markCancelled(2));
        QCOMPARE(job.work(2), int(run::kExitCancelled));
        QCOMPARE(statusOf(job.told(2)), std::string("cancelled"));
    }
    void command_beforeTheFirstPoll_reachesTheAttemptItIsMeantFor() {
        Job job(Job::fake(), {{"do", "idle"}, {"steps", 3}});
        job.make().send("stop");  // of attempt 1
        QCOMPARE(job.work(), int(run::kExitCancelled));
        run::LaunchRecord launch;
        launch.controlFrom = static_cast<std::int64_t>(*run::nextSequence(*job.job));
        QVERIFY(job.job->writeLaunch(2, launch));
        const auto echo = job.send("echo", R"({"text":"early"})");
        Program second = job.start(2);
        QVERIFY(eventually([&] { return has(job.told(2).log, "echo early"); }, 120));
        job.send("stop");
        QVERIFY(second.wait(120));
        QCOMPARE(second.code(), int(run::kExitCancelled));
        QCOMPARE(job.told(2).results.at(echo), 0);
        // Without a record of the launch, what was there before is of earlier attempts.
        Program third = job.start(3);
        QVERIFY(job.isActive(3));
        const auto late = job.send("echo", R"({"text":"late"})");
        QVERIFY(eventually([&] { return has(job.told(3).log, "echo late"); }, 120));
        QVERIFY(!has(job.told(3).log, "early"));
        job.send("stop");
        QVERIFY(third.wait(120));
        QCOMPARE(job.told(3).results.at(late), 0);
        QVERIFY(!job.told(3).results.contains(echo));
    }
    void command_wrongOrUnknown_isAnswered() {
        Job job(Job::fake(), {{"do", "idle"}, {"steps", 3}});
        Program worker = job.make().start();
        QVERIFY(job.isActive());
        const auto unknown = job.send("nonsense"), wrong = job.send("echo", R"({"text":1})"),
                   broken = job.send("echo", "{");
        const auto save = job.send("checkpoint"), pause = job.send("pause"), resume = job.send("resume");
        const auto stop = job.send("stop");
        QVERIFY(worker.wait(120));
        const Told told = job.told();
        for (const auto refused : {unknown, wrong, broken, save}) QVERIFY(told.results.at(refused) < 0);
        for (const auto obeyed : {pause, resume, stop}) QCOMPARE(told.results.at(obeyed), 0);
    }
    void terminate_isAStop() {
        Job job(Job::fake(), {{"do", "idle"}, {"steps", 3}});
        Program worker = job.make().start();
        QVERIFY(job.isActive());
        worker.kill(SIGTERM);
        QVERIFY(worker.wait(120));
        QCOMPARE(worker.code(), int(run::kExitCancelled));
    }
    void killedRightAfterACheckpoint_theJournalHasEveryPointBelowIt() {
        // The plugin is killed by SIGKILL at the end of the step in which it committed a checkpoint.
        for (const int steps : {20, 40, 60}) {
            Job job(Job::ledger(), {{"steps", 1000}, {"checkpoint_every", 20}, {"do", "kill"}, {"at", steps - 1}});
            QCOMPARE(job.make().work(), 128 + SIGKILL);
            const auto newest = run::CheckpointStore(job.job->root()).newest();
            QVERIFY(newest);
            QCOMPARE(newest->step, steps);
            QCOMPARE(job.told().steps["ledger/step"], stepsTo(steps));
            QCOMPARE(job.job->readStatus(1)->phase, std::string("running"));
        }
    }
    void resume_ofACheckpoint_goesOnThere() {
        Job job(Job::ledger(), {{"steps", 60}, {"checkpoint_every", 20}, {"do", "throw"}, {"at", 45}});
        QCOMPARE(job.make().work(), int(run::kExitPluginError));
        QCOMPARE(messageOf(job.told()), std::string("the ledger was asked to throw"));
        QCOMPARE(job.work(2), 0);
        const Told told = job.told(2);
        QCOMPARE(integerOr(told.begin, "resumed_step", -1), 40);
        QCOMPARE(*told.steps.at("ledger/step").begin(), 40);
        QVERIFY(has(told.log, "goes on at step 40, from a checkpoint"));
    }
    void resume_withoutACheckpoint_saysThatItStartsAfresh() {
        Job job(Job::ledger(), {{"steps", 20}, {"do", "throw"}, {"at", 5}});
        QCOMPARE(job.make().work(), int(run::kExitPluginError));
        QCOMPARE(job.work(2), 0);
        const Told told = job.told(2);
        QVERIFY(told.begin.is_object() && !told.begin.contains("resumed_step"));
        QCOMPARE(told.steps.at("ledger/step"), stepsTo(20));
    }
    void activate_refused_isNotFollowedByDeactivate() {
        Job job(Job::fake(), {{"do", "refuse"}});
        QCOMPARE(job.make().work(), int(run::kExitPluginError));
        const Told told = job.told();
        QCOMPARE(messageOf(told), std::string("the fake plugin refuses to be active"));
        QVERIFY2(!has(told.log, "deactivated"), told.log.c_str());
    }
    void begin_namesTheDeviceThatIsLeased() {
        Job job(Job::fake(), {{"steps", 3}}, "auto");
        QCOMPARE(job.make().work(), 0);
        const Told told = job.told();
        QCOMPARE(textOr(told.begin, "device", ""), std::string("cpu"));
        QCOMPARE(textOr(memberOf(told.begin, "isolation"), "internet", ""), std::string("denied"));
    }
    void status_cannotBeWritten_isSaidAndInTheExitCode() {
        Job job(Job::fake(), {{"do", "idle"}, {"steps", 3}});
        Program worker = job.make().start();
        QVERIFY(job.isActive());
        fs::rename(job.job->root() / "status", job.job->root() / "elsewhere");
        job.send("stop");
        QVERIFY(worker.wait(120));
        QCOMPARE(worker.code(), int(run::kExitDisk));
        QVERIFY2(has(worker.err(), "a001-r0000.json"), worker.told().c_str());
        QCOMPARE(statusOf(job.told()), std::string("cancelled"));  // the journal has it
    }
};

QTEST_GUILESS_MAIN(tst_Worker)
#include "tst_worker.moc"
