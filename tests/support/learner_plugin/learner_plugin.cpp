// A small network learns the product of three numbers.
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/tanh.h>

#include "learning/learner_plugin.h"
#include "stats/counter_rng.h"

namespace sdk = dubito::sdk;
namespace nn = dubito::nn;
using torch::Tensor;

struct Network : torch::nn::Module {
    Tensor in, bias, out;
    explicit Network(std::uint64_t seed) {
        in = register_parameter("in", drawn(seed, "in", {16, 3}));
        bias = register_parameter("bias", drawn(seed, "bias", {16}));
        out = register_parameter("out", drawn(seed, "out", {1, 16}));
    }
    Tensor forward(const Tensor& x) const { return at::linear(at::tanh(at::linear(x, in, bias)), out); }
    /// Numbers come from named streams, never from LibTorch's generators: every process starts alike.
    static Tensor drawn(
        std::uint64_t seed, std::string_view name, std::vector<std::int64_t> shape, std::uint64_t index = 0) {
        Tensor made = at::empty(shape);
        dubito::stats::CounterRng rng(seed, name, index);
        for (std::int64_t i = 0; i < made.numel(); ++i)
            made.mutable_data_ptr<float>()[i] = static_cast<float>(rng.normal());
        return made;
    }
};

struct Products : nn::Learner {
    Network& model;
    std::uint64_t seed;
    nn::Precision precision;
    dubito::compute::Device device;
    Tensor x, y;
    Products(Network& of, std::uint64_t from, nn::Precision as, dubito::compute::Device on)
        : model(of), seed(from), precision(as), device(on) {}
    /// What a step reads follows from its number alone, so a resumed run reads the same rows.
    dubito::Result<void> fetch(std::int64_t step, std::int64_t) override {
        x = Network::drawn(seed, "rows", {32, 3}, static_cast<std::uint64_t>(step));
        y = x.prod(1, true).to(nn::torchDevice(device));
        x = x.to(y.device());
        return {};
    }
    /// Loss and gradients of the SUM over rows; the loop divides by the weight of all parts.
    dubito::Result<nn::PartResult> accumulate(std::int64_t, std::int64_t) override {
        Tensor given;
        {
            const nn::PrecisionScope scope(precision, device);
            given = model.forward(x.to(nn::weightType(precision)));
        }
        const Tensor loss = (given.to(at::kFloat) - y).square().sum();
        loss.backward();
        return nn::PartResult{loss.item<double>(), 32, 32};
    }
};

class LearnProducts final : public dubito::learning::LearnerPlugin {
    void activate(const sdk::Activation& run) override {
        const sdk::Document params = run.params();
        const auto device = dubito::learning::deviceOf(host());
        const auto precision = dubito::learning::precisionOf(params);
        m_model = std::make_shared<Network>(run.seed());
        if (auto moved = nn::moveTo(*m_model, device, nn::weightType(precision)); !moved)
            dubito::learning::refuse(moved.error());
        const std::int64_t steps = params.integer("/steps");
        nn::OptimiserSettings settings;
        settings.schedule = {nn::ScheduleKind::Cosine, params.number("/lr"), 0.02, 0.1, steps};
        auto optimiser = nn::Optimiser::create(nn::usualGroups(*m_model, 0.01), settings);
        if (!optimiser) dubito::learning::refuse(optimiser.error());
        m_optimiser = std::move(*optimiser);
        m_learner = std::make_unique<Products>(*m_model, run.seed(), precision, device);
        begin(run, *m_learner, *m_optimiser, {steps, params.integer("/checkpoint_every")});
    }
    std::shared_ptr<Network> m_model;
    std::unique_ptr<nn::Optimiser> m_optimiser;
    std::unique_ptr<Products> m_learner;
};

DUBITO_PLUGIN(LearnProducts)
