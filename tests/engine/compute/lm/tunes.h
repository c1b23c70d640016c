// Small models with what trains them, for the tests of fine-tuning on a CPU and on a GPU.
#pragma once

#include <QTest>
#include <cmath>

#include "lm/formats/random_model.h"
#include "lm/train/fine_tune.h"
#include "stats/counter_rng.h"
#include "support/results.h"

namespace dubito::tests {

using lm::Projection;

inline const std::vector<Projection> kAllProjections = {
    Projection::Q, Projection::K, Projection::V, Projection::O, Projection::Gate, Projection::Up, Projection::Down};

inline lm::RandomModel tinyShape(const std::string& architecture, bool tied = true) {
    lm::RandomModel out;
    out.architecture = architecture;
    out.layers = 2;
    out.width = 32;
    out.ffn = 64;
    out.heads = 4;
    out.kvHeads = 2;
    out.headWidth = 8;
    out.tiedHead = tied;
    return out;
}

/// Rows of random ids, some of them not supervised; with `documents` three of them a row.
inline lm::PackedRows randomRows(std::uint64_t seed, std::size_t rows, std::int64_t length, bool documents = false) {
    stats::CounterRng rng(seed, "rows", 0);
    lm::PackedRows out;
    out.length = length;
    for (std::size_t r = 0; r < rows; ++r) {
        std::vector<lm::TokenId> ids, targets;
        std::vector<std::int32_t> numbers;
        for (std::int64_t i = 0; i < length; ++i) {
            ids.push_back(static_cast<lm::TokenId>(rng.nextU32() % 256));
            targets.push_back(rng.uniform() < 0.3 ? -1 : static_cast<lm::TokenId>(rng.nextU32() % 256));
            numbers.push_back(documents ? static_cast<std::int32_t>(3 * i / length) : 0);
            out.supervised += targets.back() >= 0;
        }
        out.ids.push_back(std::move(ids));
        out.targets.push_back(std::move(targets));
        out.documents.push_back(std::move(numbers));
    }
    return out;
}

/// With B at zero the gradient of A would be zero.
inline void fillB(lm::LoraAdapter& adapter) {
    stats::CounterRng rng(8, "b", 0);
    for (std::int64_t layer = 0; layer < adapter.layers(); ++layer)
        for (const Projection projection : kAllProjections) {
            auto& b = adapter.part(layer, projection).b;
            for (std::size_t i = 0; i < b.size(); ++i) b.data()[i] = 0.1f * static_cast<float>(rng.normal());
        }
}

/// Every row in one step, at a time. @param form of the base
inline std::unique_ptr<lm::FineTune> tuneOf(const lm::RandomModel& shape, lm::TuneSettings settings,
    lm::PackedRows rows, lm::WeightForm form = lm::WeightForm::F32) {
    const auto decoder = lm::Decoder::load(*lm::makeRandomModel(shape, 5), 2, form);
    if (!decoder) qFatal("%s", decoder.error().text().c_str());
    std::shared_ptr<lm::LoraAdapter> adapter;
    if (settings.mode == lm::TrainMode::Lora) {
        adapter = *lm::LoraAdapter::create((*decoder)->config(), 4, 8, kAllProjections, 7);
        fillB(*adapter);
    }
    auto out = lm::FineTune::create(*lm::DecoderModule::over(*decoder), adapter, std::move(rows), std::move(settings));
    if (!out) qFatal("%s", out.error().text().c_str());
    return std::move(*out);
}

inline lm::TuneSettings settingsOf(lm::TrainMode mode, std::int64_t rows = 2) {
    lm::TuneSettings out;
    out.mode = mode;
    out.batchRows = out.microRows = rows;
    return out;
}

/// Loss and gradients of the first step, which stay in .grad.
inline double lossOf(lm::FineTune& tune) {
    for (const auto& one : nn::trainedOf(tune.model())) {
        at::Tensor parameter = one.value;
        parameter.mutable_grad() = at::Tensor();
    }
    double loss = 0;
    for (std::int64_t part = 0; part < tune.partsOf(0); ++part) {
        auto there = tune.fetch(0, part);
        auto result = tune.accumulate(0, part);
        if (!there || !result) qFatal("%s", result.error().text().c_str());
        loss += result->loss;
    }
    return loss;
}

inline double apart(const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor x = a.detach().to(at::kCPU, at::kDouble), y = b.detach().to(at::kCPU, at::kDouble);
    return (x - y).abs().max().item<double>() / std::max(1e-30, y.abs().max().item<double>());
}

/// A loop without a worker: checkpoints are folders under `root`, curves stay in memory.
struct Attempt {
    std::unique_ptr<lm::FineTune> tune;
    std::unique_ptr<nn::Optimiser> optimiser;
    std::unique_ptr<nn::TrainingLoop> loop;
    std::vector<double> losses;

    Attempt(std::unique_ptr<lm::FineTune> of, const fs::path& root, std::int64_t steps) : tune(std::move(of)) {
        nn::OptimiserSettings settings;
        settings.schedule = {nn::ScheduleKind::Cosine, 0.01, 2, 0.1, steps};
        optimiser = *nn::Optimiser::create(nn::usualGroups(tune->model(), 0.1), settings);
        nn::LoopHost host;
        host.wish = [] { return nn::Wish::GoOn; };
        host.clock = [now = 0.0]() mutable { return now += 0.125; };
        host.publish = [this](std::int64_t, const std::vector<nn::Figure>& figures) {
            for (const nn::Figure& one : figures) {
                if (one.key == "loss") losses.push_back(one.value);
                if (one.key == "lr") tune->countRate(one.value);
            }
        };
        host.progress = [](std::int64_t, std::int64_t, double) {};
        host.warn = [](const std::string& text) { qWarning("%s", text.c_str()); };
        host.begin = [root](std::int64_t step) -> Result<fs::path> {
            DUBITO_CHECK(makeFolders(root / std::to_string(step)));
            return root / std::to_string(step);
        };
        host.commit = [](const std::vector<std::string>&) { return Result<void>(); };
        host.abandon = [] {};
        loop = std::make_unique<nn::TrainingLoop>(*tune, *optimiser, nn::LoopSettings{steps, 3}, host);
    }
    /// Every tensor and number that a run goes on from.
    std::map<std::string, std::string> bits() const {
        nn::TrainingState state;
        optimiser->save(state);
        tune->save(state);
        std::map<std::string, std::string> out{{"", jsonText(state.rest)}};
        for (const auto& one : state.tensors) {
            const at::Tensor plain = one.value.detach().to(at::kCPU).contiguous();
            out[one.name] = std::string(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes());
        }
        return out;
    }
};

}  // namespace dubito::tests
