// Small files of a job folder: claimed once, never read through a link; its control file never loses a command.
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "run/control.h"
#include "run/job_dir.h"
#include "stats/counter_rng.h"

using namespace dubito;
using namespace dubito::run;

class tst_JobDir : public QObject {
    Q_OBJECT
    /// A folder with the sub-folders of a job and nothing in them.
    struct Scratch {
        QTemporaryDir dir;
        JobDir job;
        Scratch() : job(fs::path(dir.path().toStdString()) / makeUuid().text()) {
            for (const char* folder : {"journal", "control", "logs", "status", "crash", "launch"})
                if (!makeFolders(job.root() / folder)) qFatal("cannot make the scratch folder");
        }
    };
    static std::vector<std::uint64_t> sequencesOf(const JobDir& job, std::uint64_t from = 0) {
        std::vector<std::uint64_t> out;
        ControlReader(job, from).poll(
            [&](std::uint64_t sequence, const journal::Command&) { out.push_back(sequence); });
        return out;
    }
    /// Text that zstd cannot shorten.
    static std::string noise(std::size_t bytes) {
        stats::CounterRng rng(1, "noise", 0);
        std::string out(bytes, ' ');
        for (char& c : out) c = static_cast<char>('!' + rng.nextU32() % 90);
        return out;
    }
private Q_SLOTS:
    void claim_second_isRefusedAndChangesNothing() {
        const Scratch scratch;
        WorkerStatus first = ownStatus(), second = first;
        second.host = "another machine";
        QVERIFY(scratch.job.claim(1, 0, first));
        const std::string before = *readFile(scratch.job.status(1), 1 << 16);
        const auto again = scratch.job.claim(1, 0, second);
        QVERIFY(!again && again.error().code() == Code::WrongState);
        QCOMPARE(*readFile(scratch.job.status(1), 1 << 16), before);
        QVERIFY(
            scratch.job.claim(1, 1, second) && scratch.job.claim(2, 0, second));  // other ranks and attempts are free
        const auto read = scratch.job.readStatus(1);
        QVERIFY(read && read->phase == "running" && read->pid == ::getpid() && read->startTicks == first.startTicks);
        for (const auto& entry : fs::directory_iterator(scratch.job.root() / "status"))
            QVERIFY2(entry.path().filename().string()[0] == 'a', entry.path().c_str());
    }
    void claim_manyAtOnce_oneWins() {
        const Scratch scratch;
        std::atomic<int> won{0}, lost{0};
        std::vector<std::thread> workers;
        for (int i = 0; i < 8; ++i)
            workers.emplace_back([&] {
                const auto claimed = scratch.job.claim(1, 0, ownStatus());
                if (claimed) ++won;
                else if (claimed.error().code() == Code::WrongState) ++lost;
            });
        for (auto& worker : workers) worker.join();
        QCOMPARE(won.load(), 1);
        QCOMPARE(lost.load(), 7);
    }
    void claim_folderGone_isNotFound() {
        const auto claimed = JobDir("/nowhere/at/all").claim(1, 0, ownStatus());
        QVERIFY(!claimed && claimed.error().code() == Code::NotFound);
    }
    void status_andLaunch_comeBackAsWritten() {
        const Scratch scratch;
        WorkerStatus status = ownStatus();
        status.phase = "ended";
        status.exitCode = 13;
        status.lastSequence = 41;
        status.endedUs = 1'700'000'000'000'000;
        QVERIFY(scratch.job.writeStatus(3, 2, status));
        const auto back = scratch.job.readStatus(3, 2);
        QVERIFY(back && back->exitCode == 13 && back->lastSequence == 41 && back->endedUs == status.endedUs);
        QVERIFY(!scratch.job.readStatus(3));
        QVERIFY(scratch.job.writeLaunch(3, {status.endedUs, 77, 5, 9, "local", "resumed"}));
        const auto launch = scratch.job.readLaunch(3);
        QVERIFY(launch && launch->submitUs == status.endedUs && launch->pid == 77 && launch->startTicks == 5);
        QVERIFY(launch->controlFrom == 9 && launch->executor == "local" && launch->reason == "resumed");
        QVERIFY(scratch.job.writeLaunch(4, {}));
        QCOMPARE(scratch.job.readLaunch(4)->controlFrom, -1);
        QVERIFY(!scratch.job.isMarkedCancelled(4));
        QVERIFY(scratch.job.markCancelled(4) && scratch.job.isMarkedCancelled(4));
    }
    void status_ofAStranger_namesNoProcessGroup() {
        const Scratch scratch;
        for (const char* pid : {"-1", "-2", "99999999999"}) {
            QVERIFY(writeFileAtomic(scratch.job.status(1), std::string(R"({"phase":"running","pid":)") + pid + "}"));
            QVERIFY(!scratch.job.readStatus(1));
            QVERIFY(writeFileAtomic(scratch.job.launch(1), std::string(R"({"pid":)") + pid + "}"));
            QVERIFY(!scratch.job.readLaunch(1));
        }
    }
    void attempts_areThoseOnDisk() {
        const Scratch scratch;
        QVERIFY(scratch.job.attempts().empty());
        for (const char* file : {"launch/a007.json", "status/a001-r0000.json", "status/a001-r0001.json",
                 "journal/a002-r0000-000000.djl", "crash/a1234-r0000.txt", "status/.claim-a003", "status/a12.json",
                 "journal/a005", "journal/b006-r0000-000000.djl", "journal/a99999999999.djl", "launch/a000.json"})
            QVERIFY(writeFileAtomic(scratch.job.root() / file, ""));
        QCOMPARE(scratch.job.attempts(), (std::vector<int>{1, 2, 7, 1234}));
        QVERIFY(JobDir("/nowhere").attempts().empty());
    }
    void read_linksAndPipes_areRefused() {
        const Scratch scratch, other;
        QVERIFY(other.job.writeStatus(1, 0, ownStatus()));
        fs::create_symlink(other.job.status(1), scratch.job.status(1));
        QVERIFY(scratch.job.readStatus(1).error().code() == Code::Refused);
        fs::remove(scratch.job.status(1));
        QCOMPARE(::mkfifo(scratch.job.status(1).c_str(), 0600), 0);
        QVERIFY(scratch.job.readStatus(1).error().code() == Code::Refused);  // and does not wait for a writer
        fs::remove_all(scratch.job.root() / "status");
        fs::create_symlink(other.job.root() / "status", scratch.job.root() / "status");
        QVERIFY(scratch.job.readStatus(1).error().code() == Code::Refused);
        QVERIFY(scratch.job.attempts().empty());
        QVERIFY(writeFileAtomic(scratch.job.root() / "placement.json", std::string(2 << 20, ' ')));
        QVERIFY(scratch.job.readPlacement().error().code() == Code::Limit);
        fs::create_symlink(other.job.control(), scratch.job.control());
        QVERIFY(sendCommand(scratch.job, "stop", "{}").error().code() == Code::Refused);
        QVERIFY(!fs::exists(other.job.control()));
    }
    void root_withASlashAtItsEnd_isTheSameRun() {
        const Scratch scratch;
        const JobDir slash(scratch.job.root().string() + "/");
        QVERIFY(slash.runId() && *slash.runId() == *scratch.job.runId());
    }
    void nextSequence_isWhatTheNextCommandGets() {
        const Scratch scratch;
        QCOMPARE(*nextSequence(scratch.job), std::uint64_t(0));
        for (std::uint64_t i = 0; i < 5; ++i) {
            QCOMPARE(*sendCommand(scratch.job, "echo", "{}"), i);
            QCOMPARE(*nextSequence(scratch.job), i + 1);
        }
        QCOMPARE(sequencesOf(scratch.job, 3), (std::vector<std::uint64_t>{3, 4}));
    }
    void send_behindATornFrame_takesItsPlace() {
        const Scratch scratch;
        QVERIFY(sendCommand(scratch.job, "echo", "{}") && sendCommand(scratch.job, "echo", noise(3000)));
        const auto whole = fs::file_size(scratch.job.control());
        for (const std::uint64_t cut : {1u, 100u, 2900u, 3040u}) {  // in the payload, and in the header
            fs::resize_file(scratch.job.control(), whole - cut);
            QCOMPARE(*nextSequence(scratch.job), std::uint64_t(1));
            QCOMPARE(*sendCommand(scratch.job, "stop", "{}"), std::uint64_t(1));
            QCOMPARE(*sendCommand(scratch.job, "stop", "{}"), std::uint64_t(2));
            QCOMPARE(sequencesOf(scratch.job), (std::vector<std::uint64_t>{0, 1, 2}));
            fs::resize_file(scratch.job.control(), journal::kFileHeaderBytes);
            QVERIFY(sendCommand(scratch.job, "echo", "{}") && sendCommand(scratch.job, "echo", noise(3000)));
        }
        // A crash of the machine may leave zeros.
        fs::resize_file(scratch.job.control(), fs::file_size(scratch.job.control()) + 4096);
        QCOMPARE(*sendCommand(scratch.job, "stop", "{}"), std::uint64_t(2));
        QCOMPARE(sequencesOf(scratch.job).size(), std::size_t(3));
    }
    void poll_oneDamagedCommand_losesOnlyThatOne() {
        const Scratch scratch;
        for (int i = 0; i < 4; ++i) QVERIFY(sendCommand(scratch.job, "echo", "{}"));
        std::string bytes = *readFile(scratch.job.control(), 1 << 20);
        bytes[journal::kFileHeaderBytes + 50] ^= 1;  // in the first command's payload
        QVERIFY(writeFileAtomic(scratch.job.control(), bytes));
        QCOMPARE(sequencesOf(scratch.job), (std::vector<std::uint64_t>{1, 2, 3}));
        QCOMPARE(*sendCommand(scratch.job, "stop", "{}"), std::uint64_t(4));
    }
    void send_toADamagedFile_writesNothing() {
        const Scratch scratch;
        for (int i = 0; i < 4; ++i) QVERIFY(sendCommand(scratch.job, "echo", "{}"));
        std::string bytes = *readFile(scratch.job.control(), 1 << 20);
        bytes[journal::kFileHeaderBytes + 10] ^= 1;  // in the first frame's header
        QVERIFY(writeFileAtomic(scratch.job.control(), bytes));
        QVERIFY(sendCommand(scratch.job, "stop", "{}").error().code() == Code::CorruptData);
        QCOMPARE(*readFile(scratch.job.control(), 1 << 20), bytes);
        // Another run's file is no place for this run's commands.
        const Scratch other;
        QVERIFY(sendCommand(other.job, "echo", "{}"));
        fs::copy_file(other.job.control(), scratch.job.control(), fs::copy_options::overwrite_existing);
        QVERIFY(sendCommand(scratch.job, "stop", "{}").error().code() == Code::CorruptData);
        QVERIFY(sequencesOf(scratch.job).empty());
    }
    void send_beyondTheLimit_isRefusedAndKeepsWhatIsThere() {
        const Scratch scratch;
        const std::string big = noise((4u << 20) - 1024);
        std::size_t sent = 0;
        for (; sent < 20; ++sent)
            if (const auto sequence = sendCommand(scratch.job, "echo", big); !sequence) {
                QVERIFY2(sequence.error().code() == Code::Limit, sequence.error().text().c_str());
                break;
            }
        QVERIFY(sent > 14 && sent < 20);
        QVERIFY(sendCommand(scratch.job, "small", "{}"));  // what fits still goes in
        ++sent;
        QVERIFY(fs::file_size(scratch.job.control()) <= kMaxControlBytes);
        QCOMPARE(sequencesOf(scratch.job).size(), sent);
        QCOMPARE(*nextSequence(scratch.job), std::uint64_t(sent));
        QVERIFY(sendCommand(scratch.job, "echo", noise(5u << 20)).error().code() == Code::Limit);
    }
};

QTEST_GUILESS_MAIN(tst_JobDir)
#include "tst_job_dir.moc"
