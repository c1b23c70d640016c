// Forward and backward of a decoder over packed sequences, block by block: only block inputs are kept, the rest is
// computed again.
#pragma once

#include "lm/model/decoder.h"
#include "lm/model/lora.h"
#include "lm/train/adamw.h"

// Dimension key as in decoder.h; n = S * T rows.

namespace dubito::lm {

enum class TrainMode { Lora, HeadOnly, Full };

/// Sequences of equal length. Position i predicts targets[i]; -1 is not supervised.
struct TrainBatch {
    std::int64_t sequences = 0, length = 0;
    std::vector<TokenId> ids, targets;    ///< (S, T)
    std::vector<std::int32_t> documents;  ///< (S, T): attention stays inside equal numbers; empty: the whole sequence
};

/// CPU, fp32. Equal batches and thread counts give equal bits.
class TrainableDecoder {
public:
    /// @param base with fp32 weights; Full and HeadOnly change it in place  @param adapter Lora only
    /// @error InvalidArgument (quantised base, no adapter, head-only on a tied head needs the embedding: it is trained
    /// as both)
    static Result<std::unique_ptr<TrainableDecoder>> create(
        std::shared_ptr<Decoder> base, TrainMode mode, std::shared_ptr<LoraAdapter> adapter);

    const std::vector<Parameter>& parameters() const { return m_parameters; }
    void zeroGradients();
    /// Up to this many bytes of a batch's values are kept for backward instead of being computed again. Bits do not
    /// depend on it.
    void setKeptBytes(std::int64_t bytes) { m_keptBytes = bytes; }
    struct Loss {
        double nats = 0;  ///< sum over supervised positions
        std::int64_t tokens = 0;
        double mean() const { return tokens ? nats / static_cast<double>(tokens) : 0; }
    };
    /// Adds the gradient of the SUM of losses to the gradients.  @error InvalidArgument (shape, id outside the
    /// vocabulary)
    Result<Loss> accumulate(const TrainBatch& batch) { return run(batch, true); }
    Result<Loss> evaluate(const TrainBatch& batch) { return run(batch, false); }
    Decoder& decoder() const { return *m_base; }

private:
    struct Saved;
    struct LayerGradients {
        compute::Floats attnNorm, qkv, qkvBias, qNorm, kNorm, o, outBias, ffnNorm, gateUp, gateUpBias, down, downBias;
        std::array<LoraAdapter::Part, kProjections> lora;
    };
    TrainableDecoder() = default;
    Result<Loss> run(const TrainBatch& batch, bool backward);
    void forwardBlock(std::int64_t layer, const float* in, const TrainBatch& batch, Saved& saved, float* out) const;
    void backwardBlock(std::int64_t layer, const float* in, const TrainBatch& batch, Saved& saved, float* gradient);
    void attentionForward(const TrainBatch& batch, Saved& saved, std::int64_t layer) const;
    void attentionBackward(
        const TrainBatch& batch, Saved& saved, std::int64_t layer, const float* dMixed, float* dQkv) const;
    /// y (n, out; stride ldo) += the adapter's part of x; what it saw, x A^T, goes to `seen`. Without an adapter
    /// nothing happens.
    void adapt(std::int64_t layer, Projection projection, const float* x, std::int64_t n, float* y, std::int64_t ldo,
        compute::Floats& seen) const;
    /// dx (n, in) += and the adapter's gradients.
    void adaptBackward(std::int64_t layer, Projection projection, const float* x, std::int64_t n, const float* dy,
        std::int64_t ldy, const compute::Floats& seen, float* dx);
    Loss head(const float* hidden, const TrainBatch& batch, float* gradient);
    std::int64_t firstVisible(const TrainBatch& batch, std::int64_t s, std::int64_t t, std::int64_t layer) const;

    std::shared_ptr<Decoder> m_base;
    std::shared_ptr<LoraAdapter> m_adapter;
    TrainMode m_mode = TrainMode::Lora;
    std::int64_t m_keptBytes = 2ll << 30;
    std::vector<LayerGradients> m_layers;
    compute::Floats m_embedding, m_head, m_finalNorm;  ///< gradients
    std::vector<Parameter> m_parameters;
};

}  // namespace dubito::lm
