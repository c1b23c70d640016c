// The floor on a GPU against the CPU: every function, loss and layer, the optimiser, a state. Skipped where none is.
#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tanh.h>
#include <QTemporaryDir>
#include <QTest>

#include "nn/layers.h"
#include "nn/losses.h"
#include "nn/optimiser.h"
#include "nn/precision.h"
#include "support/gradcheck.h"
#include "support/results.h"
#include "torch_bridge.h"

using namespace dubito;
using namespace dubito::nn;
using tests::normals;
using Inputs = std::vector<at::Tensor>;
using Function = std::function<at::Tensor(const Inputs&)>;

#define VERIFY_EQUAL(...)                                    \
    do {                                                     \
        const std::string problem = difference(__VA_ARGS__); \
        QVERIFY2(problem.empty(), problem.c_str());          \
    } while (false)

namespace {

at::Tensor onGpu(const at::Tensor& x) { return x.to(at::Device(at::kCUDA, 0)); }

double relative(const at::Tensor& gpu, const at::Tensor& cpu) {
    const at::Tensor back = gpu.to(at::kCPU).to(at::kDouble), wanted = cpu.to(at::kDouble);
    return (back - wanted).norm().item<double>() / std::max(1e-12, wanted.norm().item<double>());
}

/// Value and gradients of f on both devices; empty, or what differs by how much.
std::string difference(const Function& f, const Inputs& inputs, double bound = 1e-3) {
    at::Tensor value[2];
    std::vector<at::Tensor> gradients[2];
    for (const bool isGpu : {false, true}) {
        Inputs in;
        for (const at::Tensor& input : inputs) {
            at::Tensor x = input.to(at::kFloat);
            in.push_back((isGpu ? onGpu(x) : x.clone()).set_requires_grad(true));
        }
        value[isGpu] = f(in);
        if (isGpu && !value[1].is_cuda()) return "the result is not on the GPU";
        value[isGpu].sum().backward();
        for (const at::Tensor& x : in) gradients[isGpu].push_back(x.grad());
    }
    if (const double off = relative(value[1].detach(), value[0].detach()); !(off < bound))
        return "the value differs by " + std::to_string(off);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        if (const double off = relative(gradients[1][i], gradients[0][i]); !(off < bound))
            return "gradient " + std::to_string(i) + " differs by " + std::to_string(off);
    return {};
}

at::Tensor wholes(const std::vector<std::int64_t>& values) {
    at::Tensor out = at::empty({static_cast<std::int64_t>(values.size())}, at::TensorOptions().dtype(at::kLong));
    std::copy(values.begin(), values.end(), out.mutable_data_ptr<std::int64_t>());
    return out;
}

/// A tensor of the device that x is on.
at::Tensor beside(const at::Tensor& x, const at::Tensor& constant) { return constant.to(x.device(), at::kFloat); }

struct Policy : torch::nn::Module {
    torch::Tensor first, second;
    Policy() {
        first = register_parameter("first", normals({32, 16}, "first").to(at::kFloat));
        second = register_parameter("second", normals({4, 32}, "second").to(at::kFloat));
    }
    torch::Tensor forward(const torch::Tensor& x) const { return at::linear(at::tanh(at::linear(x, first)), second); }
};

Result<std::unique_ptr<Optimiser>> optimiserOf(const Policy& policy) {
    OptimiserSettings settings;
    settings.average = 0.9;
    settings.schedule = {ScheduleKind::Constant, 0.01, 0, 1, 10};
    return Optimiser::create(usualGroups(policy, 0.1), settings);
}

/// Steps from .. to - 1, each on rows of its own.
void walk(Policy& policy, Optimiser& optimiser, int from, int to) {
    for (int step = from; step < to; ++step) {
        const std::string name = "rows" + std::to_string(step);
        const at::Tensor x = beside(policy.first, normals({8, 16}, name.c_str()));
        optimiser.zeroGradients();
        policy.forward(x).square().sum().backward();
        const auto done = optimiser.step(step, 1.0 / 8);
        VERIFY_OK(done);
        QVERIFY(done->isDone);
    }
}

}  // namespace

class tst_NnGpu : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        if (const auto open = compute::openCuda(); !open)
            QSKIP(("no GPU to compare with: " + open.error().text()).c_str());
        at::globalContext().setAllowTF32CuBLAS(false);
        at::globalContext().setDeterministicAlgorithms(true, false);
    }
    void facts_ofTheGpu_areThoseOfACard() {
        const auto facts = compute::factsOf({compute::Device::Kind::Cuda, 0});
        VERIFY_OK(facts);
        qInfo("%s, capability %s, %llu MiB, %llu MiB free", facts->name.c_str(), facts->capability.c_str(),
            static_cast<unsigned long long>(facts->totalBytes >> 20),
            static_cast<unsigned long long>(facts->freeBytes >> 20));
        QVERIFY(!facts->name.empty() && !facts->capability.empty());
        QVERIFY(facts->totalBytes >= facts->freeBytes && facts->freeBytes > 0);
        QCOMPARE(compute::deviceName(*compute::deviceFrom("auto")), std::string("cuda:0"));
        QVERIFY(!compute::deviceFrom("cuda:99"));
        const auto before = compute::factsOf({compute::Device::Kind::Cuda, 0});
        const at::Tensor held = onGpu(at::ones({1 << 20}));
        const auto after = compute::factsOf({compute::Device::Kind::Cuda, 0});
        QVERIFY(after->usedBytes >= before->usedBytes + (4u << 20) && after->peakBytes >= after->usedBytes);
    }
    void memory_moreThanTheCardHas_isAnErrorWithItsCode() {
        const auto large = compute::caught([] {
            return at::empty({1ll << 40}, at::TensorOptions().dtype(at::kFloat).device(at::Device(at::kCUDA, 0)));
        });
        QVERIFY2(!large && large.error().code() == Code::OutOfMemory, large ? "" : large.error().text().c_str());
        const auto small = compute::caught([] { return onGpu(at::ones({4})).sum().item<float>(); });
        VERIFY_OK(small);
        QCOMPARE(*small, 4.0f);
    }
    void functions_onTheGpu_equalThoseOfTheCpu() {
        const at::Tensor angles = normals({7, 8}, "angles");
        VERIFY_EQUAL([](const Inputs& in) { return rmsNorm(in[0], in[1], 1e-5); },
            {normals({3, 7, 64}, "x"), normals({64}, "w")});
        VERIFY_EQUAL([](const Inputs& in) { return swiGlu(in[0]); }, {normals({3, 7, 64}, "x")});
        for (const std::int64_t turned : {2, 4})
            VERIFY_EQUAL(
                [&](const Inputs& in) {
                    return rotate(in[0], beside(in[0], angles.cos()), beside(in[0], angles.sin()), turned);
                },
                {normals({3, 7, 4, 16}, "x")});
        VERIFY_EQUAL(
            [](const Inputs& in) {
                return adaptedLinear(in[0], in[1], in[2], {{in[3], in[4], 0}, {in[5], in[6], 16}}, 0.5);
            },
            {normals({3, 7, 16}, "x"), normals({24, 16}, "w"), normals({24}, "b"), normals({2, 16}, "a1"),
                normals({16, 2}, "b1"), normals({3, 16}, "a2"), normals({8, 3}, "b2")});
        VERIFY_EQUAL(
            [](const Inputs& in) {
                return recomputed(in[0], [&](const at::Tensor& x) { return at::tanh(at::linear(x, in[1])); });
            },
            {normals({9, 16}, "x"), normals({16, 16}, "w")});
    }
    void crossEntropies_onTheGpu_equalThoseOfTheCpu() {
        const at::Tensor targets = wholes({2, -1, 0, 30, 3, 17, -1, 5, 6});
        at::Tensor weights = at::ones({9});
        weights.mutable_data_ptr<float>()[4] = 0.25f;
        weights.mutable_data_ptr<float>()[7] = 0;
        const Inputs in{normals({9, 16}, "h"), normals({31, 16}, "head")};
        for (const std::int64_t block : {2, 256}) {
            VERIFY_EQUAL(
                [&](const Inputs& x) { return weightedCrossEntropy(x[0], x[1], targets, weights, block); }, in);
            VERIFY_EQUAL([&](const Inputs& x) { return rowLosses(x[0], x[1], targets, block); }, in);
        }
    }
    void losses_onTheGpu_equalThoseOfTheCpu() {
        const at::Tensor other = normals({6, 5}, "other"), old = normals({6}, "old"), gains = normals({6}, "gains"),
                         weights = at::ones({6}) * 0.5;
        const Inputs logits{normals({6, 5}, "z")}, rows{normals({6}, "rows")},
            pairs{normals({6}, "a"), normals({6}, "b")};
        const auto with = [&](auto loss) {
            return [&, loss](const Inputs& in) {
                const auto here = [&](const at::Tensor& x) { return beside(in[0], x); };
                return loss(in, here);
            };
        };
        VERIFY_EQUAL(
            with([&](auto& in, auto here) { return klToReference(in[0], here(other), here(weights)); }), logits);
        VERIFY_EQUAL(
            with([&](auto& in, auto here) { return distillation(in[0], here(other), 2, here(weights)); }), logits);
        VERIFY_EQUAL(with([&](auto& in, auto here) { return entropyOf(in[0], here(weights)); }), logits);
        VERIFY_EQUAL(with([&](auto& in, auto) { return rewardPairs(in[0], in[1], 0.25); }), pairs);
        VERIFY_EQUAL(
            with([&](auto& in, auto here) { return preferencePairs(in[0], in[1], here(old), here(gains), 0.3, 0.1); }),
            pairs);
        VERIFY_EQUAL(
            with([&](auto& in, auto here) { return clippedPolicy(in[0], here(old), here(gains), 0.2, here(weights)); }),
            rows);
        VERIFY_EQUAL(
            with([&](auto& in, auto here) { return clippedValue(in[0], here(old), here(gains), 0.2, here(weights)); }),
            rows);
    }
    void attention_onTheGpu_equalsThatOfTheCpu() {
        const Inputs in{normals({2, 4, 6, 8}, "q"), normals({2, 2, 9, 8}, "k"), normals({2, 2, 9, 8}, "v")};
        for (const std::int64_t window : {INT64_MAX, std::int64_t{3}}) {
            AttentionView view;
            view.past = 3;
            view.window = window;
            VERIFY_EQUAL([&](const Inputs& x) { return attend(x[0], x[1], x[2], view); }, in);
        }
        at::Tensor documents = at::empty({2, 6}, at::TensorOptions().dtype(at::kInt));
        for (int i = 0; i < 12; ++i) documents.mutable_data_ptr<std::int32_t>()[i] = (i % 6) / 4;
        AttentionView view;
        view.documents = documents;
        VERIFY_EQUAL([&](const Inputs& x) { return attend(x[0], x[1], x[2], view); },
            {normals({2, 4, 6, 8}, "q"), normals({2, 2, 6, 8}, "k"), normals({2, 2, 6, 8}, "v")});
    }
    void optimiser_onTheGpu_walksAsOnTheCpu() {
        Policy onCpu, moved;
        VERIFY_OK(moveTo(moved, {compute::Device::Kind::Cuda, 0}, at::kFloat));
        auto a = optimiserOf(onCpu), b = optimiserOf(moved);
        VERIFY_OK(a);
        VERIFY_OK(b);
        walk(onCpu, **a, 0, 8);
        walk(moved, **b, 0, 8);
        QVERIFY2(relative(moved.first.detach(), onCpu.first.detach()) < 1e-3, "the first matrix differs");
        QVERIFY2(relative(moved.second.detach(), onCpu.second.detach()) < 1e-3, "the second matrix differs");
    }
    void state_resumedOnTheGpu_hasEqualBits() {
        const compute::Device gpu{compute::Device::Kind::Cuda, 0};
        Policy whole, first, second;
        for (Policy* policy : {&whole, &first, &second}) VERIFY_OK(moveTo(*policy, gpu, at::kFloat));
        auto unbroken = optimiserOf(whole), before = optimiserOf(first), after = optimiserOf(second);
        walk(whole, **unbroken, 0, 9);
        walk(first, **before, 0, 4);
        QTemporaryDir dir;
        TrainingState state;
        (*before)->save(state);
        VERIFY_OK(writeState(dir.path().toStdString(), "state", state));
        const auto read = readState(dir.path().toStdString(), "state");
        VERIFY_OK(read);
        VERIFY_OK((*after)->restore(*read));
        walk(second, **after, 4, 9);
        QVERIFY(second.first.equal(whole.first) && second.second.equal(whole.second));
    }
    void bf16_productsOnTheGpu_areNearFp32() {
        const compute::Device gpu{compute::Device::Kind::Cuda, 0};
        Policy policy;
        VERIFY_OK(moveTo(policy, gpu, at::kFloat));
        const at::Tensor x = onGpu(normals({64, 16}, "x").to(at::kFloat)), exact = policy.forward(x);
        at::Tensor rounded;
        {
            const PrecisionScope scope(Precision::Bf16, gpu);
            rounded = policy.forward(x);
        }
        QVERIFY(rounded.scalar_type() == at::kBFloat16 && rounded.is_cuda());
        const double off = relative(rounded.detach(), exact.detach().to(at::kCPU));
        QVERIFY2(off > 0 && off < 0.02, std::to_string(off).c_str());
    }
};

QTEST_GUILESS_MAIN(tst_NnGpu)
#include "tst_nn_gpu.moc"
