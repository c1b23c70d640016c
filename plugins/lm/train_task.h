// Fine-tuning: one optimiser step a step of the run, checkpoints, loss on held-out rows.
#pragma once

#include "lm/formats/gguf.h"
#include "lm/train/trainer.h"
#include "task.h"

namespace dubito::lmtask {

class TrainTask final : public Task {
public:
    /// @param params of the run  @param resumeStep -1: fresh
    TrainTask(const sdk::Host& host, const lm::GgufFile& file, std::shared_ptr<lm::Decoder> decoder,
        const sdk::Document& params, std::uint64_t seed, std::int64_t resumeStep);
    sdk::Step step() override;
    void save() override;

private:
    void measure();
    const sdk::Host& m_host;
    std::unique_ptr<lm::Trainer> m_trainer;
    lm::PackedRows m_heldOut;
    std::string m_base;
    std::int64_t m_every = 0, m_total = 0, m_saved = -1, m_measured = -1;
    sdk::Series m_loss, m_lr, m_sumLr, m_norm, m_tokens, m_rate, m_nll;
};

}  // namespace dubito::lmtask
