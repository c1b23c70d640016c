// Every own autograd function against differences in fp64, its fp32 kernels against LibTorch's operators.
#include <ATen/ops/allclose.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/tanh.h>
#include <QTest>

#include "nn/functions.h"
#include "nn/losses.h"
#include "support/gradcheck.h"

using namespace dubito;
using namespace dubito::nn;
using tests::gradcheck;
using tests::normals;
using Inputs = std::vector<at::Tensor>;

#define VERIFY_GRADIENTS(...)                               \
    do {                                                    \
        const std::string problem = gradcheck(__VA_ARGS__); \
        QVERIFY2(problem.empty(), problem.c_str());         \
    } while (false)

namespace {

at::Tensor wholes(const std::vector<std::int64_t>& values) {
    at::Tensor out = at::empty({static_cast<std::int64_t>(values.size())}, at::TensorOptions().dtype(at::kLong));
    std::copy(values.begin(), values.end(), out.mutable_data_ptr<std::int64_t>());
    return out;
}
at::Tensor reals(const std::vector<double>& values) {
    at::Tensor out = at::empty({static_cast<std::int64_t>(values.size())}, at::TensorOptions().dtype(at::kDouble));
    std::copy(values.begin(), values.end(), out.mutable_data_ptr<double>());
    return out;
}

}  // namespace

class tst_Functions : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void gradients_rmsNorm_equalDifferences() {
        for (const Route route : {Route::Auto, Route::Operators}) {
            const auto f = [&](const Inputs& in) { return rmsNorm(in[0], in[1], 1e-3, route); };
            VERIFY_GRADIENTS(f, {normals({2, 3, 5}, "x"), normals({5}, "w")});
        }
    }
    void gradients_swiGlu_equalDifferences() {
        for (const Route route : {Route::Auto, Route::Operators})
            VERIFY_GRADIENTS([&](const Inputs& in) { return swiGlu(in[0], route); }, {normals({2, 3, 8}, "x")});
    }
    void gradients_rotate_equalDifferences() {
        const at::Tensor angles = normals({3, 2}, "angles"), c = angles.cos(), s = angles.sin();
        for (const Route route : {Route::Auto, Route::Operators})
            for (const std::int64_t turned : {2, 3})
                VERIFY_GRADIENTS(
                    [&](const Inputs& in) { return rotate(in[0], c, s, turned, route); }, {normals({2, 3, 3, 4}, "x")});
    }
    void gradients_adaptedLinear_equalDifferences() {
        const auto f = [](const Inputs& in) {
            return adaptedLinear(in[0], in[1], in[2], {{in[3], in[4], 0}, {in[5], in[6], 4}}, 0.5);
        };
        VERIFY_GRADIENTS(f, {normals({2, 3, 4}, "x"), normals({6, 4}, "w"), normals({6}, "b"), normals({2, 4}, "a1"),
                                normals({4, 2}, "b1"), normals({3, 4}, "a2"), normals({2, 3}, "b2")});
        VERIFY_GRADIENTS([](const Inputs& in) { return adaptedLinear(in[0], in[1], {}, {}, 1); },
            {normals({3, 4}, "x"), normals({5, 4}, "w")});
    }
    void gradients_weightedCrossEntropy_equalDifferences() {
        const at::Tensor targets = wholes({2, -1, 0, 6, 3}), weights = reals({1, 5, 0.25, 0, 2});
        for (const std::int64_t block : {1, 2, 256}) {
            const auto f = [&](const Inputs& in) {
                return weightedCrossEntropy(in[0], in[1], targets, weights, block);
            };
            VERIFY_GRADIENTS(f, {normals({5, 4}, "h"), normals({7, 4}, "head")});
        }
        VERIFY_GRADIENTS([&](const Inputs& in) { return weightedCrossEntropy(in[0], in[1], targets); },
            {normals({5, 4}, "h"), normals({7, 4}, "head")});
    }
    void gradients_rowLosses_equalDifferences() {
        const at::Tensor targets = wholes({2, -1, 0, 6, 3});
        for (const std::int64_t block : {2, 256})
            VERIFY_GRADIENTS([&](const Inputs& in) { return rowLosses(in[0], in[1], targets, block); },
                {normals({5, 4}, "h"), normals({7, 4}, "head")});
    }
    void gradients_recomputed_equalDifferencesAndThoseOfTheBlock() {
        const at::Tensor weight = normals({4, 4}, "w").set_requires_grad(true);
        const auto block = [&](const at::Tensor& x) { return at::tanh(at::linear(x, weight)); };
        VERIFY_GRADIENTS([&](const Inputs& in) { return recomputed(in[0], block); }, {normals({3, 4}, "x")});
        at::Tensor gradients[2];
        for (const bool again : {false, true}) {
            weight.mutable_grad() = at::Tensor();
            const at::Tensor x = normals({3, 4}, "x");  // has no gradient itself, as rows of a frozen embedding
            torch::autograd::backward({(again ? recomputed(x, block) : block(x)).sum()}, {});
            gradients[again] = weight.grad().clone();
        }
        QVERIFY(gradients[0].equal(gradients[1]));
    }
    void gradients_losses_equalDifferences() {
        const at::Tensor weights = reals({1, 0, 2, 0.5}), other = normals({4, 5}, "other"), old = normals({4}, "old"),
                         gains = normals({4}, "gains");
        const Inputs logits{normals({4, 5}, "z")}, rows{normals({4}, "rows")},
            pairs{normals({4}, "chosen"), normals({4}, "rejected")};
        VERIFY_GRADIENTS([&](const Inputs& in) { return klToReference(in[0], other, weights); }, logits);
        VERIFY_GRADIENTS([&](const Inputs& in) { return distillation(in[0], other, 2, weights); }, logits);
        VERIFY_GRADIENTS([&](const Inputs& in) { return entropyOf(in[0], weights); }, logits);
        VERIFY_GRADIENTS([&](const Inputs& in) { return rewardPairs(in[0], in[1], 0.25); }, pairs);
        VERIFY_GRADIENTS([&](const Inputs& in) { return preferencePairs(in[0], in[1], old, gains, 0.3, 0.1); }, pairs);
        VERIFY_GRADIENTS([&](const Inputs& in) { return clippedPolicy(in[0], old, gains, 0.2, weights); }, rows);
        VERIFY_GRADIENTS([&](const Inputs& in) { return clippedValue(in[0], old, gains, 0.2, weights); }, rows);
    }
    void losses_knownCases_haveKnownValues() {
        const at::Tensor z = normals({2, 3}, "z"), zero = reals({0, 0});
        QVERIFY(std::abs(klToReference(z, z).item<double>()) < 1e-12);
        QVERIFY(std::abs(rewardPairs(zero, zero).item<double>() - 2 * std::log(2.0)) < 1e-12);
        QVERIFY(std::abs(preferencePairs(zero, zero, zero, zero, 0.1).item<double>() - 2 * std::log(2.0)) < 1e-12);
        QVERIFY(std::abs(entropyOf(z * 0).item<double>() - 2 * std::log(3.0)) < 1e-12);
        // The ratio is e; a gain is held at 1.2, a loss is not.
        const at::Tensor one = reals({1, 1}), signs = reals({1, -1});
        QVERIFY(std::abs(clippedPolicy(one, zero, signs, 0.2).item<double>() - (std::exp(1.0) - 1.2)) < 1e-12);
        const at::Tensor a = advantagesOf(reals({1, 2}), reals({0.5, 0.25, 0}), 0.5, 0.5);
        QVERIFY(std::abs(a[1].item<double>() - 1.75) < 1e-12);
        QVERIFY(std::abs(a[0].item<double>() - (1 + 0.125 - 0.5 + 0.25 * 1.75)) < 1e-12);
    }
    void kernels_fp32_equalOperators() {
        const auto f32 = [](std::vector<std::int64_t> shape, const char* name) {
            return normals(std::move(shape), name).to(at::kFloat);
        };
        const at::Tensor x = f32({2, 5, 64}, "x"), w = f32({64}, "w"), heads = f32({2, 5, 4, 16}, "heads"),
                         angles = f32({5, 8}, "angles");
        QVERIFY(at::allclose(rmsNorm(x, w, 1e-5), rmsNorm(x, w, 1e-5, Route::Operators), 1e-5, 1e-6));
        QVERIFY(at::allclose(swiGlu(x * 8), swiGlu(x * 8, Route::Operators), 1e-5, 1e-6));
        QVERIFY(at::allclose(rotate(heads, angles.cos(), angles.sin(), 3),
            rotate(heads, angles.cos(), angles.sin(), 3, Route::Operators), 1e-5, 1e-6));
        const at::Tensor hidden = f32({6, 16}, "h"), head = f32({300, 16}, "head"),
                         targets = wholes({299, 0, 7, 150, 33, 2});
        const double own = weightedCrossEntropy(hidden, head, targets, {}, 4).item<double>();
        const double theirs = at::cross_entropy_loss(at::linear(hidden, head), targets, {}, 2).item<double>();
        QVERIFY2(std::abs(own - theirs) < 1e-4 * theirs, qPrintable(QString("%1 %2").arg(own).arg(theirs)));
        QVERIFY(std::abs(rowLosses(hidden, head, targets).sum().item<double>() - theirs) < 1e-4 * theirs);
    }
    void crossEntropy_logitThatIsNoNumber_givesNoNumber() {
        for (const int row : {0, 1}) {
            at::Tensor hidden = normals({2, 4}, "h").to(at::kFloat), head = normals({5, 4}, "head").to(at::kFloat);
            head.select(0, 3).fill_(std::nan(""));
            const at::Tensor targets = wholes({row == 0 ? 3 : 1, -1});
            QVERIFY(!std::isfinite(weightedCrossEntropy(hidden, head, targets).item<double>()));
        }
    }
    void crossEntropy_nothingSupervised_isZeroWithoutGradient() {
        at::Tensor hidden = normals({2, 4}, "h").set_requires_grad(true);
        const at::Tensor loss = weightedCrossEntropy(hidden, normals({5, 4}, "head"), wholes({-1, -1}));
        QCOMPARE(loss.item<double>(), 0.0);
        torch::autograd::backward({loss}, {});
        QCOMPARE(hidden.grad().abs().sum().item<double>(), 0.0);
    }
};

QTEST_GUILESS_MAIN(tst_Functions)
#include "tst_functions.moc"
