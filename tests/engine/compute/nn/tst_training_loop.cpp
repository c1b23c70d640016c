// The promises of the one training loop, on a tiny network: killed and resumed anywhere, cancelled, without room.
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/tanh.h>
#include <QTemporaryDir>
#include <QTest>

#include <bit>
#include <map>

#include "nn/training_loop.h"
#include "stats/counter_rng.h"
#include "support/tmpfs.h"

using namespace dubito;
using namespace dubito::nn;

namespace {

/// Two layers; named numbers, so that every process starts alike.
struct Mlp : torch::nn::Module {
    torch::Tensor first, firstBias, second;
    Mlp() {
        first = register_parameter("first", drawn({8, 3}, "first"));
        firstBias = register_parameter("first_bias", drawn({8}, "bias"));
        second = register_parameter("second", drawn({1, 8}, "second"));
    }
    static torch::Tensor drawn(std::vector<std::int64_t> shape, std::string_view name) {
        torch::Tensor out = at::empty(shape);
        stats::CounterRng rng(5, name, 0);
        for (std::int64_t i = 0; i < out.numel(); ++i)
            out.mutable_data_ptr<float>()[i] = static_cast<float>(rng.normal());
        return out;
    }
    torch::Tensor forward(const torch::Tensor& x) const {
        return at::linear(at::tanh(at::linear(x, first, firstBias)), second);
    }
};

/// Learns the product of three numbers; inputs follow from the step, the noise on them from a stream with a state.
struct Products : Learner {
    Mlp& model;
    stats::CounterRng noise{9, "noise", 0};
    std::map<std::int64_t, double> spoiled;  ///< steps whose loss becomes this
    torch::Tensor x, y;
    explicit Products(Mlp& of) : model(of) {}
    std::int64_t partsOf(std::int64_t) const override { return 2; }
    Result<void> fetch(std::int64_t step, std::int64_t part) override {
        x = at::empty({4, 3});
        y = at::empty({4, 1});
        stats::CounterRng rng(1, "rows", static_cast<std::uint64_t>(step * 2 + part));
        for (int i = 0; i < 4; ++i) {
            float product = 1;
            for (int j = 0; j < 3; ++j) {
                const auto value = static_cast<float>(rng.normal() + 0.01 * noise.normal());
                x.mutable_data_ptr<float>()[i * 3 + j] = value;
                product *= value;
            }
            y.mutable_data_ptr<float>()[i] = product;
        }
        return {};
    }
    Result<PartResult> accumulate(std::int64_t step, std::int64_t) override {
        torch::Tensor loss = (model.forward(x) - y).square().sum();
        if (const auto bad = spoiled.find(step); bad != spoiled.end()) loss = loss * bad->second;
        loss.backward();
        return PartResult{loss.item<double>(), 4, 4};
    }
    void save(TrainingState& state) const override { state.rest["noise"] = noise.drawn(); }
    Result<void> restore(const TrainingState& state) override {
        DUBITO_TRY(const std::int64_t drawn, state.integer("noise", 0, INT64_MAX));
        noise.seek(static_cast<std::uint64_t>(drawn));
        return {};
    }
};

/// All of a process: model, optimiser, loop and what it published.
struct Attempt {
    fs::path root;
    std::shared_ptr<Mlp> model = std::make_shared<Mlp>();
    Products learner{*model};
    std::unique_ptr<Optimiser> optimiser;
    std::unique_ptr<TrainingLoop> loop;
    std::map<std::pair<std::int64_t, std::string>, std::uint64_t> curves;  ///< (step, key): bits
    std::vector<std::string> warnings;
    std::vector<double> left;
    std::function<Wish()> wish = [] { return Wish::GoOn; };
    std::int64_t openStep = 0, commits = 0;
    double time = 0;

    explicit Attempt(fs::path at, std::int64_t steps = 12, std::int64_t every = 1) : root(std::move(at)) {
        OptimiserSettings settings;
        settings.average = 0.9;
        settings.schedule = {ScheduleKind::Cosine, 0.02, 3, 0.1, steps};
        optimiser = *Optimiser::create(usualGroups(*model, 0.1), settings);
        LoopHost host;
        host.wish = [this] { return wish(); };
        host.clock = [this] { return time += 0.125; };
        host.publish = [this](std::int64_t step, const std::vector<Figure>& figures) {
            for (const Figure& one : figures)
                curves[{step, std::string(one.key)}] = std::bit_cast<std::uint64_t>(one.value);
        };
        host.progress = [this](std::int64_t, std::int64_t, double seconds) { left.push_back(seconds); };
        host.warn = [this](const std::string& text) { warnings.push_back(text); };
        host.begin = [this](std::int64_t step) -> Result<fs::path> {
            openStep = step;
            DUBITO_CHECK(makeFolders(root / "open"));
            return root / "open";
        };
        host.commit = [this](const std::vector<std::string>& items) -> Result<void> {
            for (const std::string& item : items)
                if (!fs::exists(root / "open" / item)) return Error(Code::NotFound, item);
            std::error_code problem;
            fs::rename(root / "open", root / std::to_string(openStep), problem);
            if (problem) return Error(Code::Io, problem.message());
            ++commits;
            return {};
        };
        host.abandon = [this] {
            std::error_code ignored;
            fs::remove_all(root / "open", ignored);
        };
        loop = std::make_unique<TrainingLoop>(learner, *optimiser, LoopSettings{steps, every}, host);
    }
    /// Every tensor and number of the state.
    std::map<std::string, std::string> bits() const {
        TrainingState state;
        optimiser->save(state);
        learner.save(state);
        std::map<std::string, std::string> out{{"", jsonText(state.rest)}};
        for (const auto& one : state.tensors) {
            const torch::Tensor plain = one.value.contiguous();
            out[one.name] = std::string(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes());
        }
        return out;
    }
};

fs::path pathOf(const QTemporaryDir& dir, const char* name) { return fs::path(dir.path().toStdString()) / name; }

}  // namespace

class tst_TrainingLoop : public QObject {
    Q_OBJECT
    bool m_hasNamespace = false;

public:
    explicit tst_TrainingLoop(bool hasNamespace) : m_hasNamespace(hasNamespace) {}

private Q_SLOTS:
    void run_tinyNetwork_learnsAndTellsEveryFigure() {
        QTemporaryDir dir;
        Attempt a(pathOf(dir, "a"), 200, 0);
        QVERIFY(a.loop->run());
        QCOMPARE(a.loop->done(), 200);
        QCOMPARE(a.commits, 1);
        const auto figure = [&](std::int64_t step, const char* key) {
            return std::bit_cast<double>(a.curves.at({step, key}));
        };
        double first = 0, last = 0;
        for (std::int64_t step = 1; step <= 30; ++step) {
            first += figure(step, "loss");
            last += figure(200 - 30 + step, "loss");
        }
        QVERIFY2(last < 0.8 * first, qPrintable(QString("%1 %2").arg(first).arg(last)));
        for (const char* key : {"loss", "lr", "grad_norm", "param_norm", "rows_per_s", "data_share", "skipped"})
            for (std::int64_t step = 1; step <= 200; ++step) QVERIFY(a.curves.contains({step, key}));
        QVERIFY(figure(1, "data_share") > 0 && figure(1, "data_share") < 1);
        // Every step takes as long here, so what is said to be left is what is left.
        const double step = a.left[0] / 199;
        for (std::size_t i = 0; i < a.left.size(); ++i)
            QVERIFY(std::abs(a.left[i] - step * static_cast<double>(199 - i)) < 1e-6);
    }
    void resume_killedAfterAnyStep_equalsTheUnbrokenRun() {
        QTemporaryDir dir;
        Attempt whole(pathOf(dir, "whole"));
        whole.learner.spoiled = {{4, NAN}};  // a skipped step is part of what must repeat
        QVERIFY(whole.loop->run());
        for (std::int64_t killed = 1; killed < 12; ++killed) {
            Attempt second(pathOf(dir, ("second" + std::to_string(killed)).c_str()));
            second.learner.spoiled = whole.learner.spoiled;
            auto restored = second.loop->restore(whole.root / std::to_string(killed));
            QVERIFY2(restored, restored ? "" : restored.error().text().c_str());
            QCOMPARE(second.loop->done(), killed);
            QVERIFY(second.loop->run());
            QVERIFY(second.bits() == whole.bits());
            for (const auto& [at, value] : whole.curves) {
                if (at.first <= killed) continue;
                QVERIFY2(second.curves.contains(at) && second.curves.at(at) == value,
                    qPrintable(QString("killed after %1: %2 of step %3")
                                   .arg(killed)
                                   .arg(QString::fromStdString(at.second))
                                   .arg(at.first)));
            }
        }
    }
    void stop_betweenTwoParts_leavesACheckpointOfTheStepBefore() {
        QTemporaryDir dir;
        Attempt whole(pathOf(dir, "whole")), a(pathOf(dir, "a"), 12, 0), b(pathOf(dir, "b"), 12, 0);
        QVERIFY(whole.loop->run());
        int polls = 0;
        a.wish = [&] { return ++polls == 10 ? Wish::Stop : Wish::GoOn; };  // the second part of the fifth step
        auto end = a.loop->run();
        QVERIFY(end && *end == TrainingLoop::End::Stopped);
        QCOMPARE(a.loop->done(), 4);
        QVERIFY(fs::exists(a.root / "4" / "training.json"));
        QVERIFY(b.loop->restore(a.root / "4"));
        QVERIFY(b.loop->run());
        QVERIFY(b.bits() == whole.bits());
    }
    void pauseAndSave_whileItRuns_changeNothing() {
        QTemporaryDir dir;
        Attempt whole(pathOf(dir, "whole")), a(pathOf(dir, "a"), 12, 0);
        QVERIFY(whole.loop->run());
        int polls = 0;
        a.wish = [&] {
            ++polls;
            return polls > 5 && polls < 30 ? Wish::Pause : polls == 31 ? Wish::Save : Wish::GoOn;
        };
        QVERIFY(a.loop->run());
        QCOMPARE(a.commits, 2);  // asked for, and the end
        QVERIFY(a.bits() == whole.bits());
    }
    void badSteps_oneAndThreeInARow_areSkippedAndStopTheRun() {
        QTemporaryDir dir;
        Attempt a(pathOf(dir, "a"));
        a.learner.spoiled = {{2, NAN}, {3, INFINITY}, {6, NAN}, {7, NAN}, {8, NAN}};
        auto before = a.bits();
        const auto end = a.loop->run();
        QVERIFY(!end && end.error().code() == Code::Internal);
        QVERIFY2(end.error().text().find("last checkpoint stays") != std::string::npos, end.error().text().c_str());
        QCOMPARE(a.loop->done(), 9);
        QCOMPARE(std::bit_cast<double>(a.curves.at({9, "skipped"})), 5.0);
        QCOMPARE(a.warnings.size(), std::size_t{4});
        QVERIFY(!a.curves.contains({3, "loss"}));
        QVERIFY(fs::exists(a.root / "8") && !fs::exists(a.root / "9"));
        for (const auto& one : parametersOf(*a.model)) QVERIFY(one.value.isfinite().all().item<bool>());
    }
    void fullDisk_atACheckpoint_keepsTheOneBeforeAndGoesOn() {
        if (!m_hasNamespace) QSKIP("no mount namespace is allowed here");
        QTemporaryDir dir;
        tests::Tmpfs disk(pathOf(dir, "disk"));
        if (!disk.isThere()) QSKIP("no small disk can be mounted here");
        Attempt whole(pathOf(dir, "whole")), a(pathOf(dir, "disk"));
        QVERIFY(whole.loop->run());
        bool isFull = false;
        a.wish = [&] {
            if (a.loop->done() == 3 && !isFull) isFull = disk.fill();
            if (a.loop->done() == 6 && isFull) isFull = !disk.empty();
            return Wish::GoOn;
        };
        QVERIFY(a.loop->run());
        QVERIFY(fs::exists(a.root / "3") && !fs::exists(a.root / "5") && fs::exists(a.root / "12"));
        QVERIFY(!a.warnings.empty());
        QVERIFY2(a.warnings[0].find("the one before stays") != std::string::npos, a.warnings[0].c_str());
        QVERIFY(a.bits() == whole.bits());
        Attempt b(pathOf(dir, "b"));
        QVERIFY(b.loop->restore(a.root / "3"));
    }
    void restore_damagedOrForeignState_isRefusedAndChangesNothing() {
        QTemporaryDir dir;
        Attempt a(pathOf(dir, "a")), b(pathOf(dir, "b"));
        QVERIFY(a.loop->run());
        const fs::path good = a.root / "5", bad = pathOf(dir, "bad");
        const std::string json = *readFile(good / "training.json", 1 << 20),
                          tensors = *readFile(good / "training.safetensors", 1 << 20);
        const auto before = b.bits();
        const auto refused = [&](const std::string& text, const std::string& bytes) {
            fs::create_directories(bad);
            if (!writeFileAtomic(bad / "training.json", text) || !writeFileAtomic(bad / "training.safetensors", bytes))
                return false;
            return !b.loop->restore(bad) && b.bits() == before && b.loop->done() == 0;
        };
        for (std::size_t cut = 0; cut < tensors.size(); cut += 37) QVERIFY(refused(json, tensors.substr(0, cut)));
        for (std::size_t cut = 0; cut + 2 < json.size(); cut += 7) QVERIFY(refused(json.substr(0, cut), tensors));
        const std::string other = *readFile(a.root / "6" / "training.safetensors", 1 << 20);
        std::string wrong = json;
        wrong.replace(wrong.find("\"done\": 5"), 9, "\"done\":-5");
        QVERIFY(refused(wrong, tensors));
        wrong = json;
        wrong.replace(wrong.find("\"tensors\": "), 11, "\"tensors\": 1");
        QVERIFY(refused(wrong, tensors));
        QVERIFY(b.loop->restore(good));
    }
};

int main(int argc, char** argv) {
    const bool hasNamespace = tests::enterMountNamespace();
    QCoreApplication app(argc, argv);
    tst_TrainingLoop test(hasNamespace);
    return QTest::qExec(&test, argc, argv);
}
#include "tst_training_loop.moc"
