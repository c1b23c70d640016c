// Fine-tuning of a decoder as a learner of the one training loop: which rows a step reads, loss, gradients, files.
#pragma once

#include "lm/torch/decoder_module.h"
#include "lm/train/packing.h"
#include "nn/training_loop.h"

namespace dubito::lm {

enum class TrainMode : std::uint8_t { Lora, HeadOnly, Full };

struct TuneSettings {
    TrainMode mode = TrainMode::Lora;
    std::int64_t batchRows = 8, microRows = 2;  ///< rows a step, and of them at a time
    bool isolateDocuments = false;              ///< attention stays inside documents
    /// Bytes of a micro-batch's values that are kept for backward; where they need more, blocks keep their inputs only
    /// and are computed again.
    std::int64_t keptBytes = 2ll << 30;
    nn::Precision precision = nn::Precision::Fp32;
    compute::Device device;
    std::uint64_t seed = 1;  ///< of the order of rows: a new permutation every epoch
    std::string baseName;    ///< what an adapter says that it belongs to
};

/// Equal rows, settings and thread counts give equal bits; a GPU gives them on the same card and library.
class FineTune final : public nn::Learner {
public:
    /// Freezes what the mode does not train and moves the model to the device. @param adapter Lora only, where it gives
    /// the first values and takes the trained ones  @param rows may not be empty
    /// @error InvalidArgument (an adapter with another mode, rows as stored with another mode), OutOfMemory
    static Result<std::unique_ptr<FineTune>> create(std::shared_ptr<DecoderModule> model,
        std::shared_ptr<LoraAdapter> adapter, PackedRows rows, TuneSettings settings);

    DecoderModule& model() const { return *m_model; }
    const PackedRows& rows() const { return m_rows; }
    /// Polled on a CPU between blocks, forward and backward, and between pieces of the head; false ends what runs with
    /// Cancelled.
    void setPoll(std::function<bool()> goOn) { m_goOn = std::move(goOn); }

    std::int64_t partsOf(std::int64_t step) const override;
    Result<void> fetch(std::int64_t step, std::int64_t part) override;
    /// Rows count supervised tokens. @error Cancelled, OutOfMemory (what makes it fit)
    Result<nn::PartResult> accumulate(std::int64_t step, std::int64_t part) override;
    void save(nn::TrainingState& state) const override;
    Result<void> restore(const nn::TrainingState& state) override;
    /// An adapter's PEFT files, or a model folder in fp32. @error Unsupported (2023 Qwen as a folder), Io
    Result<std::vector<std::string>> saveItems(const fs::path& folder) const override;

    /// Counts the step that was done. @return the sum of learning rates so far
    double countRate(double lr) { return m_sumRates += lr; }
    std::int64_t tokensOfStep() const { return m_tokens; }  ///< supervised ones, of the step that runs or ended last
    /// Mean loss in nats over the first `most` rows, forward only. @error Cancelled
    Result<double> evaluate(const PackedRows& rows, std::size_t most);

private:
    FineTune() = default;
    struct Batch {
        ::torch::Tensor ids, targets, documents;
        std::int64_t tokens = 0;
    };
    Batch batchOf(const PackedRows& rows, std::span<const std::size_t> which) const;
    std::vector<std::size_t> rowsOf(std::int64_t step) const;
    /// Sum of losses. @param learns gradients are wanted
    Result<::torch::Tensor> lossOf(const Batch& batch, bool learns);
    bool keepsAll(const Batch& batch) const;
    Error told(Error error) const;

    std::shared_ptr<DecoderModule> m_model;
    std::shared_ptr<LoraAdapter> m_adapter;
    PackedRows m_rows;
    TuneSettings m_settings;
    std::function<bool()> m_goOn;
    bool m_wasStopped = false;
    Batch m_batch;
    std::int64_t m_tokens = 0;
    double m_sumRates = 0;
};

}  // namespace dubito::lm
