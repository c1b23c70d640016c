// Every call that a worker or an owner makes on its files goes wrong once, the n-th for each n: it fails, is cut
// short, comes late, or is the last thing the process does. Whatever happens then, the next owner finds every point
// that was published and a state that is true, the run can go on from there to a whole curve, and nothing hangs or
// stays behind. DUBITO_FAULTS=all tries every n with every kind; unset: a spread with the first and the last of each
// class.
#include <QTest>

#include <atomic>
#include <mutex>

#include "support/home.h"
#include "support/long_main.h"

using namespace dubito;
using tests::Environment;
using tests::Home;
using tests::Program;

namespace {

constexpr std::int64_t kSteps = 60;
constexpr int kHangSeconds = 60;
constexpr const char* kClasses[] = {"write", "fdatasync", "rename", "open", "size", "unlink"};
constexpr const char* kOwner = "dubito";
constexpr const char* kWorker = "dubito-worker";

struct Fault {
    std::string who, call, kind;
    std::uint64_t at = 0;
    std::string text() const { return fmt::format("{} {} {} {}", who, call, at, kind); }
};

Environment faulty(const Home& home, const Fault& fault) {
    std::error_code error;
    return {{"LD_PRELOAD", DUBITO_FAULT_IO}, {"DUBITO_FAULT_UNDER", fs::canonical(home.root(), error).string()},
        {"DUBITO_FAULT_WHO", fault.who}, {"DUBITO_FAULT_CALL", fault.call},
        {"DUBITO_FAULT_AT", std::to_string(fault.at)}, {"DUBITO_FAULT_KIND", fault.kind},
        {"DUBITO_FAULT_COUNTS", home.root().string() + "-counts"}};
}

/// Calls by class, then how many went wrong.
std::vector<std::uint64_t> countsOf(const Home& home) {
    std::vector<std::uint64_t> out(8, 0);
    const std::string bytes = tests::contentOf(home.root().string() + "-counts");
    std::memcpy(out.data(), bytes.data(), std::min(bytes.size(), out.size() * 8));
    return out;
}

/// Points, records, a checkpoint at step 20 and 40, a failure at step 30 of the first attempt.
Program firstAttempt(const Home& home, const Environment& environment) {
    return home.ledger(
        "run", "r", {fmt::format("steps={}", kSteps), "checkpoint_every=20", "do=throw", "at=30"}, environment);
}

std::string wrongEnd(const char* what, Program& program, const Fault& fault) {
    if (!program.wait(kHangSeconds)) return fmt::format("{} hangs: {}", what, program.told());
    const int code = program.code();
    if (code == 128 + SIGKILL && fault.who == kOwner && fault.kind == "kill") return {};
    if (code >= 32) return fmt::format("{} crashed: {}", what, program.told());
    if (code != 0 && program.err().empty()) return fmt::format("{} says nothing: {}", what, program.told());
    return {};
}

/// After the next owner: a final state with its reason, and no hole before the newest checkpoint or between two points.
std::string wrongTruth(const Home& home) {
    const auto row = home.row("r");
    if (!row) return {};
    if (!home.isFinal("r")) return "after the next owner the run is " + home.told("r");
    if (row->state == static_cast<int>(run::RunState::Failed) && row->detail.empty())
        return "failed without a sentence";
    std::int64_t points = 0;
    auto db = store::openReadOnly(home.file());
    if (!db) return db.error().text();
    auto range = store::queryStepRange(**db, row->runNo, "ledger/step");
    if (!range) return range.error().text();
    if (*range) points = (*range)->second + 1;
    if (points > 0)
        if (std::string wrong = home.wrongCurves("r", points); !wrong.empty()) return wrong;
    std::error_code error;
    for (fs::directory_iterator it(home.jobDir("r") / "checkpoints", error), end; !error && it != end;
         it.increment(error)) {
        const std::int64_t step = std::atoll(it->path().filename().c_str());
        if (step > points) return fmt::format("{} points before the checkpoint of step {}", points, step);
    }
    if (row->state == static_cast<int>(run::RunState::Done) && points != kSteps)
        return fmt::format("done with {} points", points);
    return {};
}

/// What is lost may be lost to the fault only: a struck owner costs no point, and the attempt has its own sentence.
std::string wrongLoss(const Home& home, const Fault& fault) {
    if (fault.who != kOwner || !home.row("r")) return {};
    if (home.isState("r", run::RunState::Done)) return home.wrongCurves("r", kSteps);
    const auto all = home.attempts("r");
    if (all.size() != 1 || !home.status("r")) return {};  // the worker was never started, or the second one not yet
    if (home.told("r").find("asked to throw") == std::string::npos)
        return "the worker ended by itself, yet: " + home.told("r");
    return home.wrongCurves("r", 31);
}

/// @return "" or what went wrong; `struck` is set when the fault met a call.
std::string tryFault(const fs::path& root, const Fault& fault, bool& struck) {
    const Home home(root);
    const Environment environment = faulty(home, fault);
    Program run = firstAttempt(home, environment);
    if (auto wrong = wrongEnd("run", run, fault); !wrong.empty()) return wrong;
    if (run.code() == 0 && !home.isState("r", run::RunState::Done))
        return "run exits with 0, yet it is " + home.told("r");
    Program resume = home.dubito({"resume", home.file(), "r"}, environment);
    if (auto wrong = wrongEnd("resume", resume, fault); !wrong.empty()) return wrong;
    struck = countsOf(home)[6] > 0;
    const Program next = home.own("", kHangSeconds);
    if (next.code() != 0) return "the next owner: " + next.told();
    for (const auto& wrong : {wrongTruth(home), wrongLoss(home, fault), home.wrongContent()})
        if (!wrong.empty()) return wrong + "\nrun: " + run.told() + "\nresume: " + resume.told();
    if (home.row("r")) {
        const Program last = home.own("resume", kHangSeconds);
        if (last.code() != 0) return "going on: " + last.told();
        if (auto wrong = home.wrongDone("r", kSteps); !wrong.empty()) return "after going on: " + wrong;
    } else if (run.code() == 0) {
        return "run exits with 0 and left no run";
    }
    const auto nobody = [&] { return tests::processesNaming(root.string()).empty(); };
    if (!tests::eventually(nobody, kHangSeconds))
        return "still running: " + tests::processesNaming(root.string()).front();
    return {};
}

bool isInstrumented() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#else
    return false;
#endif
}

}  // namespace

class tst_Fault : public QObject {
    Q_OBJECT
    tests::Scratch m_scratch;
    std::map<std::string, std::vector<std::uint64_t>> m_counts;  // by program

    static std::vector<Fault> spread(const std::string& who, const std::string& call, std::uint64_t n, bool all) {
        std::vector<std::string> kinds{"fail:ENOSPC", "kill", "fail:EIO", "delay:200"};
        if (call == "write") kinds.insert(kinds.begin() + 1, "short");
        const std::uint64_t most = all ? n : std::min<std::uint64_t>(n, 12);
        std::vector<Fault> out;
        for (std::uint64_t i = 0; i < most; ++i) {
            const std::uint64_t at = most < 2 ? 1 : 1 + i * (n - 1) / (most - 1);
            for (std::size_t k = 0; k < (all ? kinds.size() : 1); ++k)
                out.push_back({who, call, kinds[(i + k) % kinds.size()], at});
        }
        return out;
    }
    /// Four at a time: mostly they wait.
    static QStringList tryAll(const fs::path& root, const std::vector<Fault>& faults, int& struck) {
        std::atomic<std::size_t> next{0};
        std::mutex mutex;
        QStringList wrong;
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (std::size_t i; (i = next++) < faults.size();) {
                    bool met = false;
                    const fs::path folder = root / fmt::format("f{}", i);
                    const std::string problem = tryFault(folder, faults[i], met);
                    std::lock_guard lock(mutex);
                    struck += met;
                    if (!problem.empty()) wrong << QString::fromStdString(faults[i].text() + ": " + problem);
                    std::error_code error;
                    if (problem.empty()) fs::remove_all(folder, error);
                    if ((i + 1) % 200 == 0) qInfo("%zu of %zu tried", i + 1, faults.size());
                }
            });
        for (auto& thread : threads) thread.join();
        return wrong;
    }

private Q_SLOTS:
    void initTestCase() {
        if (isInstrumented()) QSKIP("calls are made to fail by LD_PRELOAD, which a sanitizer's runtime does not bear");
        for (const char* who : {kOwner, kWorker}) {
            const Home home(m_scratch.path() / who);
            const Environment counting = faulty(home, {who, "", "", 0});
            const Program run = Home::wait(firstAttempt(home, counting));
            QVERIFY2(run.code() == 7, run.told().c_str());
            const Program resume = Home::wait(home.dubito({"resume", home.file(), "r"}, counting));
            QVERIFY2(resume.code() == 0, resume.told().c_str());
            const std::string wrong = home.wrongDone("r", kSteps);
            QVERIFY2(wrong.empty(), wrong.c_str());
            m_counts[who] = countsOf(home);
            QVERIFY2(m_counts[who][0] > 3, "the library saw no call");
        }
    }
    void fault_nthCall_losesNothing_data() {
        QTest::addColumn<QString>("who");
        for (const char* who : {kWorker, kOwner}) QTest::newRow(who) << QString(who);
    }
    void fault_nthCall_losesNothing() {
        QFETCH(QString, who);
        const bool all = qgetenv("DUBITO_FAULTS") == "all";
        std::vector<Fault> faults;
        QString counted;
        for (std::size_t i = 0; i < std::size(kClasses); ++i) {
            const std::uint64_t n = m_counts[who.toStdString()][i];
            counted += QString(" %1 %2").arg(kClasses[i]).arg(n);
            const auto some = spread(who.toStdString(), kClasses[i], n, all);
            faults.insert(faults.end(), some.begin(), some.end());
        }
        int struck = 0;
        const QStringList wrong = tryAll(m_scratch.path() / ("try-" + who.toStdString()), faults, struck);
        qInfo("%s: calls%s; %zu faults tried, %d met a call, %d wrong", qPrintable(who), qPrintable(counted),
            faults.size(), struck, static_cast<int>(wrong.size()));
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.mid(0, 12).join("\n\n")));
    }
    void disk_fullUntilThereIsRoom_losesNothing_data() { fault_nthCall_losesNothing_data(); }
    void disk_fullUntilThereIsRoom_losesNothing() {
        QFETCH(QString, who);
        const Home home(m_scratch.path() / ("full-" + who.toStdString()));
        const std::uint64_t middle = m_counts[who.toStdString()][0] / 3;
        Environment environment =
            faulty(home, {who.toStdString(), "write", "fail:ENOSPC", std::max<std::uint64_t>(1, middle)});
        environment["DUBITO_FAULT_UNTIL"] = home.gate("room");
        Program run = home.ledger("run", "r", {fmt::format("steps={}", kSteps), "checkpoint_every=20"}, environment);
        // Room comes once writing has failed twice; an owner that gave up before leaves the rest to the next one.
        QVERIFY(tests::eventually([&] { return countsOf(home)[6] >= 2 || run.hasEnded(); }));
        tests::touch(home.gate("room"));
        QVERIFY2(run.wait(kHangSeconds), run.told().c_str());
        const Program next = home.own();
        QVERIFY2(next.code() == 0, next.told().c_str());
        QVERIFY2(countsOf(home)[6] >= 1, "no call was struck");
        const std::string wrong = home.row("r") ? home.wrongDone("r", kSteps) : "";
        QVERIFY2(wrong.empty(), (wrong + "\n" + run.told()).c_str());
        QVERIFY2(home.row("r") || run.code() != 0, run.told().c_str());
    }
};

DUBITO_LONG_MAIN(tst_Fault)
#include "tst_fault.moc"
