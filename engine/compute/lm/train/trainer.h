// Steps over packed rows, and the state that a run goes on from.
#pragma once

#include "lm/train/packing.h"

namespace dubito::lm {

struct TrainSettings {
    std::int64_t steps = 100, batchRows = 8, microRows = 2;  ///< rows a step, and of them at a time
    AdamWSettings adam;
    Schedule schedule;
    double clip = 1;  ///< of the gradient's global norm; 0: none
    bool isolateDocuments = false;
};

struct TrainStep {
    std::int64_t step = 0, tokens = 0;                     ///< done; supervised tokens of this step
    double loss = 0, lr = 0, gradientNorm = 0, sumLr = 0;  ///< nats/token before the step
};

class Trainer {
public:
    /// @param rows may not be empty  @param seed of the order of rows: a new permutation every epoch
    Trainer(std::unique_ptr<TrainableDecoder> model, std::shared_ptr<LoraAdapter> adapter, PackedRows rows,
        TrainSettings settings, std::uint64_t seed);
    std::int64_t done() const { return m_step; }
    bool isDone() const { return m_step >= m_settings.steps; }
    /// One optimiser step. @param goOn polled between micro-batches; false leaves the step undone
    /// @error Internal (a loss or gradient that is no number: step and rows named), Cancelled
    Result<TrainStep> advance(const std::function<bool()>& goOn);
    /// Mean loss over up to `rows` rows, forward only.
    Result<double> evaluate(const PackedRows& rows, std::size_t most, const std::function<bool()>& goOn);

    /// Items of a checkpoint: weights (an adapter's PEFT files, or a model folder in fp32), optimizer.safetensors,
    /// state.json.
    Result<std::vector<std::string>> save(const fs::path& folder, std::string_view baseName) const;
    /// @error NotFound, CorruptData, ShapeMismatch (both shapes)
    Result<void> restore(const fs::path& folder);
    TrainableDecoder& model() { return *m_model; }

private:
    std::vector<std::size_t> rowsOf(std::int64_t step) const;
    std::unique_ptr<TrainableDecoder> m_model;
    std::shared_ptr<LoraAdapter> m_adapter;
    PackedRows m_rows;
    TrainSettings m_settings;
    std::uint64_t m_seed;
    mutable AdamW m_optimiser;
    std::int64_t m_step = 0, m_tokens = 0;
    double m_sumLr = 0;
};

}  // namespace dubito::lm
