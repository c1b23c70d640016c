// dubito-bench-learning: what the one training loop costs beside bare LibTorch calls, in turn, so that both meet the
// same other load. `--device cuda [rows length]`: a full step of a small model's shape on a GPU instead.
#include <ATen/TensorOperators.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tanh.h>
#include <stdlib.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>

#include <algorithm>

#include "bench.h"
#include "bench_training.h"
#include "lm/formats/random_model.h"
#include "nn/training_loop.h"
#include "torch_bridge.h"

using namespace dubito;
using bench::now;
using bench::row;

namespace {

/// Two hidden layers of 64, as a small policy has.
struct Policy : torch::nn::Module {
    torch::Tensor first, firstBias, second, secondBias, out;
    Policy() {
        const auto made = [&](const char* name, std::vector<std::int64_t> shape) {
            return register_parameter(name, at::randn(shape) * 0.1);
        };
        first = made("first", {64, 64}), firstBias = made("first_bias", {64});
        second = made("second", {64, 64}), secondBias = made("second_bias", {64});
        out = made("out", {8, 64});
    }
    torch::Tensor forward(const torch::Tensor& x) const {
        return at::linear(at::tanh(at::linear(at::tanh(at::linear(x, first, firstBias)), second, secondBias)), out);
    }
};

struct Regression : nn::Learner {
    Policy& model;
    const torch::Tensor &x, &y;
    Regression(Policy& of, const torch::Tensor& rows, const torch::Tensor& wanted) : model(of), x(rows), y(wanted) {}
    Result<void> fetch(std::int64_t, std::int64_t) override { return {}; }
    Result<nn::PartResult> accumulate(std::int64_t, std::int64_t) override {
        const torch::Tensor loss = (model.forward(x) - y).square().sum();
        loss.backward();
        return nn::PartResult{loss.item<double>(), 64, 64};
    }
};

nn::LoopHost silentHost() {
    nn::LoopHost out;
    out.wish = [] { return nn::Wish::GoOn; };
    out.clock = [] { return now(); };
    out.publish = [](std::int64_t, const std::vector<nn::Figure>&) {};
    out.progress = [](std::int64_t, std::int64_t, double) {};
    out.warn = [](const std::string&) {};
    return out;
}

int benchPolicyStep() {
    constexpr int kRounds = 15, kSteps = 200;
    const torch::Tensor x = at::randn({64, 64}), y = at::randn({64, 8});
    auto bare = std::make_shared<Policy>(), own = std::make_shared<Policy>();
    torch::optim::AdamW adam(bare->parameters(), torch::optim::AdamWOptions(1e-4).weight_decay(0.1));
    auto optimiser = nn::Optimiser::create(nn::usualGroups(*own, 0.1), {});
    if (!optimiser) return std::fprintf(stderr, "bench: %s\n", optimiser.error().text().c_str()), 1;
    Regression learner(*own, x, y);
    nn::TrainingLoop loop(learner, **optimiser, {kRounds * kSteps + 1, 0}, silentHost());
    double best[2] = {1e9, 1e9};
    for (int round = 0; round < kRounds; ++round) {
        double start = now();
        for (int i = 0; i < kSteps; ++i) {
            adam.zero_grad();
            const torch::Tensor loss = (bare->forward(x) - y).square().sum() / 64;
            loss.backward();
            torch::nn::utils::clip_grad_norm_(bare->parameters(), 1.0);
            adam.step();
            (void)loss.item<double>();
        }
        best[0] = std::min(best[0], (now() - start) / kSteps);
        start = now();
        for (int i = 0; i < kSteps; ++i)
            if (auto step = loop.advance(); !step)
                return std::fprintf(stderr, "bench: %s\n", step.error().text().c_str()), 1;
        best[1] = std::min(best[1], (now() - start) / kSteps);
    }
    row("learning: bare LibTorch step, 2 x 64, batch 64", best[0] * 1e6, "us", std::string("the one beside"));
    row("learning: the loop's step", best[1] * 1e6, "us", std::string("the one beside"));
    row("learning: the loop's time over bare LibTorch's", best[1] / best[0], "ratio", 1.2, true);
    return 0;
}

/// A random model of SmolLM2's shape; its weights do not matter to the clock.
Result<std::shared_ptr<lm::GgufFile>> smallModel() {
    constexpr std::int64_t kVocabulary = 49152;
    lm::RandomModel shape;
    shape.layers = 30, shape.width = 576, shape.ffn = 1536, shape.heads = 9, shape.kvHeads = 3, shape.headWidth = 64;
    shape.context = 8192;
    shape.unused = kVocabulary - 259;
    return lm::makeRandomModel(shape, 1);
}

int benchOnDevice(const char* name, std::int64_t rows, std::int64_t length) {
    const auto device = compute::deviceFrom(name);
    const auto facts = device ? compute::factsOf(*device) : Result<compute::DeviceFacts>(device.error());
    auto file = smallModel();
    if (!facts || !file)
        return std::fprintf(stderr, "bench: %s\n", (facts ? file.error() : facts.error()).text().c_str()), 1;
    std::printf("device: %s\n", facts->name.c_str());
    bench::TrainingCase plain{"full step, fp32", false, false, rows, length, *device},
        narrow{"full step, bf16", false, false, rows, length, *device, nn::Precision::Bf16, true},
        lora{"LoRA step, bf16", true, false, rows, length, *device, nn::Precision::Bf16};
    const int failed = bench::benchTraining(*file, {plain, narrow, lora}, 10);
    if (const auto after = compute::factsOf(*device); after && device->isCuda())
        row("lm: peak memory of tensors", static_cast<double>(after->peakBytes >> 20), "MiB",
            std::string("for information"));
    return failed;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 2 && std::string_view(argv[1]) == "--device") {
        compute::setThreads(4);
        return benchOnDevice(argv[2], argc > 3 ? std::atoll(argv[3]) : 16, argc > 4 ? std::atoll(argv[4]) : 1024);
    }
    double load[3] = {0, 0, 0};
    ::getloadavg(load, 3);
    row("other work on this machine, a minute's mean", load[0], "processes", std::string("for information"));
    compute::setThreads(2);
    return benchPolicyStep();
}
