// Fine-tuning: one optimiser step a step of the run, checkpoints, loss on held-out rows.
#pragma once

#include "held_sets.h"
#include "lm/formats/gguf.h"
#include "lm/train/trainer.h"
#include "models.h"

namespace dubito::lmtask {

class TrainPlugin final : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.dubito.lm.train";
    void activate(const sdk::Activation& run) override;
    sdk::Step step(std::int64_t) override;
    void save(std::int64_t) override;

private:
    struct Rows {
        lm::PackedRows training, heldOut;
        lm::DataSummary summary;
        HeldSets sets;
    };
    /// Packs the documents of the input "data"; the last share of them is held out.
    Rows readRows(const lm::GgufFile& file, const sdk::Document& params) const;
    void publishSetup(const lm::GgufFile& file, const std::string& mode, std::int64_t trained, const Rows& all,
        const lm::TrainSettings& settings) const;
    void defineSeries();
    void save();
    void measure();
    std::unique_ptr<lm::Trainer> m_trainer;
    lm::PackedRows m_heldOut;
    HeldSets m_sets;
    std::string m_base;
    std::int64_t m_every = 0, m_total = 0, m_saved = -1, m_measured = -1;
    sdk::Series m_loss, m_lr, m_sumLr, m_norm, m_tokens, m_rate, m_nll;
};

}  // namespace dubito::lmtask
