// What every decoder can do, whatever computes it: tokens in, hidden states of any block range, logits, captures, a
// cache. Values cross as fp32 in plain memory.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "device.h"
#include "lm/formats/model_config.h"
#include "lm/kernels/model_cache.h"
#include "lm/text/tokenizer.h"
#include "torch_bridge.h"

// Dimension key: n rows, S sequences of T rows, H width, A heads, D head width, L positions in view, V vocabulary, N
// blocks.

namespace dubito::lm {

enum class AttentionCapture { Off, Top8, Full };

/// What a forward pass shall keep. Unasked sites cost nothing.
struct CapturePlan {
    bool residuals = false;  ///< embed and resid_post of every block
    bool outputs = false;    ///< attn_out and mlp_out
    bool heads = false;      ///< each head's output before o_proj
    AttentionCapture attention = AttentionCapture::Off;
};

struct Captured {
    std::int64_t rows = 0;
    std::vector<compute::Floats> residuals;  ///< N+1 of (n, H); [0] is the embedding, [l] is resid_post of block l
    std::vector<compute::Floats> attnOut, mlpOut;  ///< N of (n, H)
    std::vector<compute::Floats> headOut;          ///< N of (n, A*D)
    // Attention, row-major over (n, N, A, ...):
    std::vector<std::uint32_t> topPosition;         ///< (n, N, A, 8); unused places hold 0 with weight 0
    std::vector<std::uint16_t> topWeight, topRest;  ///< halves: (n, N, A, 8) and (n, N, A)
    std::vector<std::vector<std::uint16_t>> full;   ///< a row: halves (N, A, L of that row)

    /// Makes room for what the plan keeps of n rows, which follow `past` positions in sequences of `sequenceRows`.
    void makeRoom(const CapturePlan& plan, const ModelConfig& config, std::int64_t n, std::int64_t sequenceRows,
        std::int64_t past);
};

enum class Site { HeadOut, AttnOut, MlpOut, ResidPost };
/// Called with the site's values (rows, width of the site) after they are computed; may change them. Layers count from
/// 1.
using Hook = std::function<void(Site site, std::int64_t layer, float* values)>;

/// One call is one pass: nothing here is called once a layer or once a value.
class LanguageModel {
public:
    virtual ~LanguageModel() = default;
    virtual const ModelConfig& config() const = 0;
    /// How weights are held and multiplied: "Q4_1 210, Q8_0 1 as stored, 16-bit activations (avx2)", "fp32".
    virtual const std::string& description() const = 0;
    virtual compute::Device device() const { return {}; }
    virtual int threads() const = 0;  ///< for work on the CPU
    virtual std::size_t weightBytes() const = 0;

    // Weights that read-outs need, as fp32 in plain memory.
    /// Rows first..first+count-1 of the head (V, H): the model's own memory, or made in `scratch` (grown as needed).
    virtual const float* headRows(std::int64_t first, std::int64_t count, compute::Floats& scratch) const = 0;
    virtual const float* finalNorm() const = 0;  ///< (H)
    /// The o projection of a block (H, A*D), as headRows.
    virtual const float* attentionOutput(std::int64_t layer, compute::Floats& scratch) const = 0;
    /// The bias of a block's o projection (H); null: it has none.
    virtual const float* attentionBias(std::int64_t layer) const = 0;

    /// @error OutOfMemory (needed and free bytes)
    virtual Result<std::unique_ptr<ModelCache>> makeCache(std::int64_t capacity) const = 0;
    /// hidden (ids, H) = rows of the embedding. @error InvalidArgument for an id outside the vocabulary
    virtual Result<void> embed(std::span<const TokenId> ids, float* hidden) const = 0;
    /// Blocks first..last (from 1) over `sequences` independent sequences of `rows` positions, in place.
    /// With a cache there is one sequence, which goes on at the cache's length.
    /// @error Limit (cache full), InvalidArgument (ranges; another model's cache), WrongState (dynamic NTK: the
    /// rotation changes at this length; run from an empty cache), OutOfMemory
    virtual Result<void> forward(float* hidden, std::int64_t sequences, std::int64_t rows, std::int64_t first,
        std::int64_t last, ModelCache* cache, const CapturePlan& plan, Captured* captured,
        const Hook* hook = nullptr) const = 0;
    /// out (rows, V) of the last block's hidden rows: final norm, then the head. @error OutOfMemory
    virtual Result<void> logits(const float* hidden, std::int64_t rows, float* out) const = 0;
    /// embed, every block and, unless `logits` is null, the last row's logits (V): what a token costs, with one
    /// transfer from a GPU. @error as embed, forward and logits
    virtual Result<void> read(std::span<const TokenId> ids, ModelCache* cache, const CapturePlan& plan,
        Captured* captured, float* logits) const;
};

}  // namespace dubito::lm
