// The plugin of the handbook's page on learning under the real worker: killed and resumed, stopped, checked.
#include <QTest>

#include <numeric>

#include "run/checkpoint.h"
#include "support/home.h"

using namespace dubito;
using namespace dubito::tests;

class tst_Learner : public QObject {
    Q_OBJECT
    Scratch m_scratch;

    static Program begun(
        const Home& home, const std::string& verb, const std::string& title, const std::vector<std::string>& set) {
        std::vector<std::string> arguments{
            verb, home.file(), "--plugin", DUBITO_PRODUCTS_PLUGIN, "--title", title, "--threads", "1"};
        for (const auto& one : set) arguments.insert(arguments.end(), {"--set", one});
        return home.dubito(std::move(arguments));
    }
    static bool hasCheckpoint(const Home& home, const std::string& title) {
        const fs::path job = home.jobDir(title);
        return !job.empty() && run::CheckpointStore(job).newest(nullptr).has_value();
    }
    static store::Points pointsOf(const Home& home, const std::string& title, const char* key) {
        auto db = store::openReadOnly(home.file());
        auto points = store::queryPoints(**db, home.row(title)->runNo, key, INT64_MIN, INT64_MAX, 0);
        if (!points) qFatal("%s", points.error().text().c_str());
        return std::move(*points);
    }
    static void compare(const Home& home, const std::string& one, const std::string& other, std::size_t steps) {
        for (const char* key : {"train/loss", "train/lr", "train/grad_norm", "train/param_norm", "train/skipped"}) {
            const auto a = pointsOf(home, one, key), b = pointsOf(home, other, key);
            QCOMPARE(a.steps.size(), steps);
            QCOMPARE(a.steps.front(), std::int64_t{1});
            QVERIFY2(a.steps == b.steps && a.values == b.values, key);
        }
    }

private Q_SLOTS:
    void learner_killedAndResumed_givesTheCurvesOfAnUnbrokenRun() {
        const Home home(m_scratch.path() / "kill");
        const std::vector<std::string> set{"steps=12000", "checkpoint_every=500"};
        const Program whole = Home::wait(begun(home, "run", "whole", set), 600);
        QVERIFY2(whole.code() == 0, whole.told().c_str());
        Program broken = begun(home, "run", "broken", set);
        QVERIFY(eventually([&] { return broken.hasEnded() || hasCheckpoint(home, "broken"); }, 300));
        const auto status = home.status("broken");
        QVERIFY2(status && status->phase == "running", "it ended before it could be killed");
        QCOMPARE(::kill(static_cast<pid_t>(status->pid), SIGKILL), 0);
        QVERIFY(broken.wait(120));
        QVERIFY(home.isState("broken", run::RunState::Failed));
        const Program again = Home::wait(home.dubito({"resume", home.file(), "broken"}), 600);
        QVERIFY2(again.code() == 0, again.told().c_str());
        QVERIFY2(home.isState("broken", run::RunState::Done), home.told("broken").c_str());
        QVERIFY2(home.attempts("broken").size() == 2, "it began anew");
        compare(home, "whole", "broken", 12000);
        const auto loss = pointsOf(home, "whole", "train/loss").values;
        const auto sum = [&](auto from) { return std::accumulate(from, from + 500, 0.0); };
        QVERIFY2(sum(loss.end() - 500) < 0.5 * sum(loss.begin()), "it learned little");
    }
    void learner_bf16AndAnUnknownWord_trainsAndIsRefused() {
        const Home home(m_scratch.path() / "precision");
        for (const char* word : {"bf16", "bf16-weights"}) {
            const Program run =
                Home::wait(begun(home, "run", word, {"steps=20", std::string("compute.precision=") + word}));
            QVERIFY2(run.code() == 0, run.told().c_str());
        }
        QVERIFY(Home::wait(begun(home, "run", "other", {"compute.precision=fp8"})).code() != 0);
    }
    void learner_underTheChecker_passes() {
        const Program check = Home::wait(Program({DUBITO_BIN "/dubito-plugin-check", DUBITO_PRODUCTS_PLUGIN}), 600);
        QVERIFY2(check.code() == 0, check.told().c_str());
    }
    void handbook_itsCode_isThePlugin() {
        const std::string page = contentOf(DUBITO_SOURCE "/resources/handbook/learning.md"),
                          folder = DUBITO_SOURCE "/tests/support/learner_plugin/";
        for (const char* file : {"learner_plugin.cpp", "plugin.json"}) {
            const std::string text = contentOf(folder + file);
            QVERIFY2(!text.empty() && has(page, "\n" + text + "```\n"), file);
        }
    }
};

QTEST_GUILESS_MAIN(tst_Learner)
#include "tst_learner.moc"
