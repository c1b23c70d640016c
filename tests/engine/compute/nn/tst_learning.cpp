// Devices, the bridge for tensors, parameters of modules, the optimiser against its published rule, rows of tables.
#include <ATen/TensorOperators.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

#include "nn/layers.h"
#include "nn/optimiser.h"
#include "nn/precision.h"
#include "support/results.h"
#include "torch_bridge.h"

using namespace dubito;
using namespace dubito::nn;

namespace {

struct Two : torch::nn::Module {
    torch::Tensor first, tied, bias;
    Two() {
        first = register_parameter("first_weight", at::ones({2, 3}));
        bias = register_parameter("bias", at::ones({2}));
        tied = register_parameter("tied_weight", first);
    }
};

}  // namespace

class tst_Learning : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void devices_names_areUnderstoodOrRefused() {
        QCOMPARE(compute::deviceName(*compute::deviceFrom("cpu")), std::string("cpu"));
        for (const char* wrong : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "CPU"}) {
            const auto device = compute::deviceFrom(wrong);
            QVERIFY(!device && device.error().code() == Code::InvalidArgument);
        }
        QVERIFY(compute::deviceFrom("auto"));
        const auto cpu = compute::factsOf({});
        VERIFY_OK(cpu);
        QVERIFY(cpu->totalBytes > cpu->freeBytes && cpu->freeBytes > 0);
        QVERIFY(!compute::devices().empty());
        const Error error = compute::doesNotFit({}, 3ull << 30, 1ull << 30, "a smaller batch needs less");
        QCOMPARE(
            error.message(), std::string("3072 MiB are needed on cpu, 1024 MiB are free; a smaller batch needs less"));
    }
    void cuda_withoutAGpu_saysWhatIsMissing() {
        if (compute::openCuda()) QSKIP("a GPU is here");
        const auto device = compute::deviceFrom("cuda");
        QVERIFY(!device && device.error().code() == Code::DeviceUnavailable);
        qInfo("%s", device.error().text().c_str());
        QVERIFY(!device.error().text().empty());
        QCOMPARE(compute::deviceName(*compute::deviceFrom("auto")), std::string("cpu"));
        QVERIFY(!compute::factsOf({compute::Device::Kind::Cuda, 0}));
    }
    void bridge_views_shareTheMemory() {
        float values[6] = {1, 2, 3, 4, 5, 6};
        auto tensor = compute::tensorOver({kF32, {2, 3}, values});
        VERIFY_OK(tensor);
        tensor->mul_(2);
        QCOMPARE(values[5], 12.0f);
        const auto view = compute::viewOf(*tensor);
        VERIFY_OK(view);
        QVERIFY(view->data == values && view->elements() == 6 && view->bytes() == 24 && view->dtype == kF32);
        QVERIFY(!compute::viewOf(tensor->t()));
        QVERIFY(!compute::tensorOver({DType{DType::Complex, 64, 2}, {1}, values}));
    }
    void bridge_exceptions_becomeErrors() {
        const auto wrong = compute::caught([] { return at::ones({2, 3}).matmul(at::ones({2, 3})); });
        QVERIFY(!wrong && wrong.error().code() == Code::Internal);
        QVERIFY2(wrong.error().text().find('\n') == std::string::npos, wrong.error().text().c_str());
        const auto large = compute::caught([] { return at::empty({1ll << 50}); });
        QVERIFY2(!large && large.error().code() == Code::OutOfMemory, large ? "" : large.error().text().c_str());
        const auto passed = compute::caught([]() -> Result<int> { return Error(Code::Limit, "as it is"); });
        QVERIFY(!passed && passed.error().code() == Code::Limit);
    }
    void generators_ofNamedStreams_followTheNameAlone() {
        const auto drawn = [](std::uint64_t seed, const char* name, std::uint64_t index) {
            return at::randn({8}, compute::generatorOf(seed, name, index));
        };
        QVERIFY(drawn(1, "dropout", 0).equal(drawn(1, "dropout", 0)));
        QVERIFY(!drawn(1, "dropout", 0).equal(drawn(1, "dropout", 1)));
        QVERIFY(!drawn(1, "dropout", 0).equal(drawn(1, "noise", 0)));
    }
    void parameters_tiedAndFrozen_areCountedOnce() {
        Two module;
        const auto all = parametersOf(module);
        QCOMPARE(all.size(), std::size_t{2});
        QCOMPARE(all[0].name, std::string("first_weight"));
        QCOMPARE(countOf(module).all, 8);
        QVERIFY(!trainOnly(module, {"nothing*"}));
        const auto trained = trainOnly(module, {"*ia*"});
        VERIFY_OK(trained);
        QCOMPARE(*trained, 1);
        QCOMPARE(countOf(module).trained, 2);
        VERIFY_OK(moveTo(module, {}, at::kBFloat16));
        QCOMPARE(countOf(module).bytes, std::uint64_t{16});
        QVERIFY(fits("a.b.c", "a.*.c") && fits("abc", "*") && !fits("abc", "ab") && !fits("ab", "a*c"));
    }
    void adamW_someSteps_followThePublishedRule() {
        Two module;
        OptimiserSettings settings;
        settings.clip = 0;
        settings.schedule = {ScheduleKind::Constant, 0.1, 0, 1, 10};
        auto optimiser = Optimiser::create(usualGroups(module, 0.5), settings);
        VERIFY_OK(optimiser);
        double w = 1, b = 1, mw = 0, vw = 0;
        for (int step = 1; step <= 5; ++step) {
            (*optimiser)->zeroGradients();
            const double g = 0.3 * step;
            (module.first.sum() * (2 * g)).backward();  // halved by the scale
            (module.bias.sum() * (2 * g)).backward();
            const auto done = (*optimiser)->step(step - 1, 0.5);
            VERIFY_OK(done);
            QVERIFY(done->isDone && std::abs(done->gradientNorm - g * std::sqrt(8)) < 1e-5);
            mw = 0.9 * mw + 0.1 * g;
            vw = 0.95 * vw + 0.05 * g * g;
            const double change =
                0.1 * (mw / (1 - std::pow(0.9, step))) / (std::sqrt(vw / (1 - std::pow(0.95, step))) + 1e-8);
            w = w * (1 - 0.1 * 0.5) - change;
            b -= change;
        }
        QVERIFY(std::abs(module.first[0][0].item<double>() - w) < 1e-5);
        QVERIFY(std::abs(module.bias[1].item<double>() - b) < 1e-5);
    }
    void rowWise_tableOfManyRows_changesThoseReadOnly() {
        struct Table : torch::nn::Module {
            torch::Tensor rows = register_parameter("rows", at::ones({100, 4}));
        } module;
        OptimiserSettings settings;
        settings.schedule = {ScheduleKind::Constant, 0.1, 0, 1, 10};
        ParameterGroup group{parametersOf(module), 0, 1, true};
        auto optimiser = Optimiser::create({group}, settings);
        VERIFY_OK(optimiser);
        at::Tensor ids = at::empty({3}, at::TensorOptions().dtype(at::kLong));
        for (int i = 0; i < 3; ++i) ids.mutable_data_ptr<std::int64_t>()[i] = i == 2 ? 7 : 40;
        at::embedding(module.rows, ids, -1, false, true).sum().backward();
        QVERIFY(module.rows.grad().is_sparse());
        const auto done = (*optimiser)->step(0, 1);
        VERIFY_OK(done);
        const at::Tensor changed = (module.rows - 1).abs().sum(1).nonzero().squeeze(1);
        QCOMPARE(changed.numel(), 2);
        QVERIFY(std::abs(module.rows[40][0].item<double>() - 0.9) < 1e-5);
        TrainingState state;
        (*optimiser)->save(state);
        QCOMPARE(state.find("steps.rows")->sum().item<std::int64_t>(), 2);
        VERIFY_OK((*optimiser)->restore(state));
    }
    void optimiser_settingsOutOfBounds_areRefused() {
        Two module;
        OptimiserSettings settings;
        settings.beta1 = 1;
        QVERIFY(!Optimiser::create(usualGroups(module, 0), settings));
        QVERIFY(!Optimiser::create({}, {}));
        auto groups = usualGroups(module, 0);
        groups.push_back(groups[0]);
        QVERIFY(!Optimiser::create(groups, {}));
    }
    void precision_names_areUnderstoodOrRefused() {
        for (const Precision one : {Precision::Fp32, Precision::Bf16, Precision::Bf16Weights})
            QVERIFY(*precisionFrom(precisionName(one)) == one);
        QVERIFY(!precisionFrom("fp16"));
    }
    void state_everyType_readsBackToTheSameBits() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        TrainingState state;
        for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt})
            state.put(c10::toString(type), at::ones({2, 3}).mul_(1.0 / 3).to(type));
        state.put("scalar", at::ones({}));
        state.put("empty", at::ones({0, 4}));
        state.rest["third"] = 1.0 / 3;
        VERIFY_OK(writeState(folder, "s", state));
        const auto read = readState(folder, "s");
        VERIFY_OK(read);
        for (const auto& one : state.tensors) QVERIFY(read->find(one.name) && read->find(one.name)->equal(one.value));
        QVERIFY(read->rest["third"].get<double>() == 1.0 / 3);
        at::Tensor other = at::zeros({3, 2});
        const auto shape = read->into("Float", other);
        QVERIFY2(shape.error().text().find("2 x 3") != std::string::npos, shape.error().text().c_str());
        state.rest["bad"] = INFINITY;
        QVERIFY(!writeState(folder, "s", state));
    }
    void attention_windowAndDocuments_seeWhatTheySay() {
        const at::Tensor q = at::randn({2, 4, 6, 8}, compute::generatorOf(1, "q", 0)),
                         k = at::randn({2, 2, 6, 8}, compute::generatorOf(1, "k", 0));
        at::Tensor documents = at::zeros({2, 6}, at::TensorOptions().dtype(at::kInt));
        documents.narrow(1, 3, 3).fill_(1);
        for (const std::int64_t window : {std::int64_t{2}, std::int64_t{INT64_MAX}})
            for (const bool isolated : {false, true}) {
                at::Tensor seen;
                AttentionView view{0, window, isolated ? documents : at::Tensor(), nullptr};
                const at::Tensor fast = attend(q, k, k, view);
                view.probabilities = &seen;
                const at::Tensor slow = attend(q, k, k, view);
                QVERIFY((fast - slow).abs().max().item<double>() < 1e-5);
                for (std::int64_t i = 0; i < 6; ++i)
                    for (std::int64_t j = 0; j < 6; ++j) {
                        const bool isSeen = j <= i && i - j < window && (!isolated || i / 3 == j / 3);
                        QVERIFY((seen[1][3][i][j].item<double>() > 0) == isSeen);
                    }
            }
    }
};

QTEST_GUILESS_MAIN(tst_Learning)
#include "tst_learning.moc"
