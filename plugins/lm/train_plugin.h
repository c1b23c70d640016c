// Fine-tuning: one optimiser step a step of the run, checkpoints, loss on held-out rows.
#pragma once

#include "held_sets.h"
#include "learning/learner_plugin.h"
#include "lm/formats/gguf.h"
#include "lm/train/fine_tune.h"
#include "models.h"

namespace dubito::lmtask {

class TrainPlugin final : public learning::LearnerPlugin {
public:
    static constexpr const char* kId = "org.dubito.lm.train";
    void activate(const sdk::Activation& run) override;

private:
    struct Rows {
        lm::PackedRows training, heldOut;
        lm::DataSummary summary;
        HeldSets sets;
    };
    /// Packs the documents of the input "data"; the last share of them is held out.
    Rows readRows(const lm::GgufFile& file, const sdk::Document& params) const;
    /// The model with what the parameters train of it. @throws Refusal: what cannot be trained or kept
    void openTune(
        const std::shared_ptr<lm::GgufFile>& file, const sdk::Document& params, Rows& rows, lm::TuneSettings settings);
    void publishSetup(
        const lm::GgufFile& file, const std::string& mode, const Rows& all, const lm::TuneSettings& settings) const;
    nn::LoopHost loopHost(compute::Device device);
    void measure(std::int64_t done);
    std::unique_ptr<lm::FineTune> m_tune;
    std::unique_ptr<nn::Optimiser> m_optimiser;
    lm::PackedRows m_heldOut;
    HeldSets m_sets;
    sdk::Series m_nll;
};

}  // namespace dubito::lmtask
