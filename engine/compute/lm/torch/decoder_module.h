// A decoder as a LibTorch module, built from any file that lm::Decoder opens: gradients, other types, other devices.
// One forward, written once.
#pragma once

#include "lm/model/decoder.h"
#include "lm/model/lora.h"
#include "nn/layers.h"
#include "nn/precision.h"

// Dimension key as in decoder.h: S sequences of T rows, H width, A heads, D head width, L positions in view, V
// vocabulary, N blocks.

namespace dubito::lm {

/// Keys and values of one sequence, a tensor (1, K, positions, D) a block: all of them at once, or those of a fork,
/// which grow to the capacity at its first writing.
struct ModuleCache {
    std::vector<::torch::Tensor> keys, values;
    std::vector<std::int64_t> lengths;
    std::int64_t capacity = 0;
    double ntkAlpha = 1;
    /// Copies the positions that are filled.
    ModuleCache fork() const;
    void truncate(std::int64_t length);
};

/// What a pass keeps, detached; unasked sites cost nothing. Sites as in Captured.
struct ModuleCapture {
    bool wantsResiduals = false, wantsOutputs = false, wantsHeads = false, wantsAttention = false;
    std::vector<::torch::Tensor> residuals;        ///< N+1 of (S, T, H); [0] is what went in
    std::vector<::torch::Tensor> attnOut, mlpOut;  ///< N of (S, T, H)
    std::vector<::torch::Tensor> headOut;          ///< N of (S, T, A*D)
    std::vector<::torch::Tensor> attention;        ///< N of (S, A, T, L)
};

/// Called with a site's values (S, T, width of the site); what it returns goes on. Layers count from 1.
using ModuleChange = std::function<::torch::Tensor(Site site, std::int64_t layer, const ::torch::Tensor& values)>;

struct ModulePass {
    ModuleCache* cache = nullptr;
    ModuleCapture* capture = nullptr;
    ::torch::Tensor documents;  ///< (S, T) int32 or undefined: attention stays inside equal numbers
    ModuleChange change;        ///< empty: nothing is changed
    bool recompute = false;     ///< blocks keep their inputs only and are computed again in backward
    /// Polled before every block, forward and backward; false ends the pass (Cancelled) or throws out of backward().
    std::function<bool()> goOn;
};

class DecoderModule : public ::torch::nn::Module {
public:
    /// Shares the memory of an fp32 decoder, which it keeps; training changes the decoder's weights then. Matrices in
    /// rows as stored stay so: they are frozen and on the CPU.
    /// @error Unsupported (a weight that is not known here)
    static Result<std::shared_ptr<DecoderModule>> over(std::shared_ptr<Decoder> decoder);
    /// @error as Decoder::load with fp32 weights
    static Result<std::shared_ptr<DecoderModule>> load(std::shared_ptr<GgufFile> file, int threads);

    const ModelConfig& config() const { return m_config; }
    Decoder& decoder() const { return *m_decoder; }
    bool isStored() const { return m_storedEmbedding != nullptr; }               ///< matrices are in rows as stored
    at::TensorOptions options() const { return m_finalNorm->weight.options(); }  ///< type and device of the weights
    /// Freezes everything and adds the adapter's parts as trained layers. @error WrongState (there is one),
    /// ShapeMismatch
    Result<void> adapt(const LoraAdapter& adapter);
    /// Copies the trained parts into an adapter of the same shape, to be saved. @error ShapeMismatch
    Result<void> copyInto(LoraAdapter& adapter) const;
    /// Copies parameters that were moved or made narrow back into the decoder's own weights.
    Result<void> copyBack() const;

    /// (S, T) int64 to (S, T, H).  @error InvalidArgument (outside the vocabulary)
    Result<::torch::Tensor> embed(const ::torch::Tensor& ids) const;
    /// Blocks first..last (from 1). @error InvalidArgument, Limit (cache full), WrongState (dynamic NTK, uneven cache)
    Result<::torch::Tensor> blocks(
        const ::torch::Tensor& hidden, std::int64_t first, std::int64_t last, const ModulePass& pass = {}) const;
    /// Logits (..., V) of the last block's hidden states.
    Result<::torch::Tensor> readout(const ::torch::Tensor& hidden) const;
    /// Sum of weighted losses over supervised rows; see nn::weightedCrossEntropy. @param targets, weights (S, T)
    /// @param between as there
    Result<::torch::Tensor> loss(const ::torch::Tensor& hidden, const ::torch::Tensor& targets,
        const ::torch::Tensor& weights = {}, const std::function<void()>& between = {}) const;
    /// -log p of each target, (S, T); 0 where a target is below 0.
    Result<::torch::Tensor> targetLosses(const ::torch::Tensor& hidden, const ::torch::Tensor& targets) const;
    ModuleCache makeCache(std::int64_t capacity) const;

private:
    struct Block : ::torch::nn::Module {
        std::shared_ptr<nn::RmsNorm> attnNorm, ffnNorm, qNorm, kNorm;
        std::shared_ptr<nn::AdaptedLinear> qkv, o, gateUp, down;
    };
    struct Builder;
    explicit DecoderModule(const ModelConfig& config, std::vector<float> divisors);
    ::torch::Tensor block(std::int64_t index, const ::torch::Tensor& hidden, const nn::Rotary::Angles& angles,
        const ::torch::Tensor& queryScale, std::int64_t past, const ModulePass& pass) const;
    ::torch::Tensor attention(std::int64_t index, const ::torch::Tensor& normed, const nn::Rotary::Angles& angles,
        const ::torch::Tensor& queryScale, std::int64_t past, const ModulePass& pass) const;
    ::torch::Tensor gated(const ::torch::Tensor& gateUp) const;
    Result<std::int64_t> checkPass(
        const ::torch::Tensor& hidden, std::int64_t first, std::int64_t last, const ModulePass& pass) const;
    ::torch::Tensor queryScaleOf(std::int64_t past, std::int64_t rows) const;
    const ::torch::Tensor& headWeight() const { return m_head.defined() ? m_head : m_embedding; }
    const nn::StoredWeight& headStored() const { return m_storedHead ? m_storedHead : m_storedEmbedding; }
    ::torch::Tensor storedRows(const ::torch::Tensor& ids) const;

    ModelConfig m_config;
    std::shared_ptr<Decoder> m_decoder;  ///< whose memory the parameters are, unless they were moved
    std::vector<std::pair<::torch::Tensor, ::torch::Tensor>> m_origins;  ///< a parameter, and that memory
    nn::StoredWeight m_storedEmbedding, m_storedHead;
    nn::Rotary m_rotary;
    ::torch::Tensor m_embedding, m_head;
    std::vector<std::shared_ptr<Block>> m_blocks;
    std::shared_ptr<nn::RmsNorm> m_finalNorm;
    std::int64_t m_rank = 0;
};

}  // namespace dubito::lm
