// What stands between a plugin and the one training loop: series, progress, checkpoints, log, stop and pause.
#pragma once

#include <dubito/plugin.hpp>

#include "learning/refusal.h"
#include "nn/precision.h"
#include "nn/training_loop.h"

namespace dubito::learning {

/// The parameter compute.precision; fp32 where the manifest has none. @throws sdk::Refusal: another word
nn::Precision precisionOf(const sdk::Document& params);
/// The leased device; LibTorch uses the run's threads and deterministic algorithms from here on.
/// @throws sdk::Refusal: it does not open
compute::Device deviceOf(const sdk::Host& host);

/// What a run is to be stopped or paused for, as the loop asks it.
nn::Wish wishOf(const sdk::Host& host);

struct LoopWords {
    std::string unit = "steps";  ///< what progress counts
    const char* lossUnit = "";
    /// On a GPU "run/device_bytes" and "run/device_peak_bytes" tell its memory in use by tensors, a step.
    compute::Device device;
};
/// A loop's host over a plugin's. Figures become scalars "train/...", from step 1 on. The plugin's host outlives it.
nn::LoopHost loopHostOf(const sdk::Host& host, LoopWords words = {});

/// A plugin that trains: a class of an author opens its model, learner and optimiser in activate() and calls begin()
/// last. Killed at any moment it goes on from its newest checkpoint to the curves of an unbroken run.
class LearnerPlugin : public sdk::Plugin {
public:
    sdk::Step step(std::int64_t step) final;
    void save(std::int64_t step) final;

protected:
    /// The learner and the optimiser outlive the loop. Goes on from the checkpoint where there is one.
    void begin(const sdk::Activation& run, nn::Learner& learner, nn::Optimiser& optimiser, nn::LoopSettings settings);
    /// The same with a host that the plugin made from loopHostOf().
    void begin(const sdk::Activation& run, nn::Learner& learner, nn::Optimiser& optimiser, nn::LoopSettings settings,
        nn::LoopHost loopHost);
    const nn::TrainingLoop& loop() const { return *m_loop; }

private:
    std::unique_ptr<nn::TrainingLoop> m_loop;
};

}  // namespace dubito::learning
