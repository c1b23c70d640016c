// A decoder of any block range over fp32 or quantised weights, with a key-value cache, capture at every site and a hook
// to change values.
#pragma once

#include <functional>

#include "lm/formats/model_config.h"
#include "lm/kernels/kv_cache.h"
#include "lm/kernels/row_matrix.h"
#include "lm/kernels/team_size.h"
#include "lm/text/tokenizer.h"
#include "torch_bridge.h"

// Dimension key: n rows, S sequences of T rows, H width, A heads, D head width, L positions in view, V vocabulary, N
// blocks.

namespace dubito::lm {

class LoraAdapter;

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
};

enum class Site { HeadOut, AttnOut, MlpOut, ResidPost };
/// Called with the site's values (rows, width of the site) after they are computed; may change them. Layers count from
/// 1.
using Hook = std::function<void(Site site, std::int64_t layer, float* values)>;

/// F32: every matrix as fp32. Rows: matrices stay as they are in the file, value for value; up to eight rows go through
/// the row kernels (quantised types meet quantised activations), more are multiplied in fp32 by the same weights.
/// Quantised: as Rows, but floats become Q8_0. BFloat16: every matrix rounded to bfloat16; more than eight rows are
/// multiplied in bfloat16 where the CPU can. Auto: Rows, but F32 where all matrices are that or a width is no multiple
/// of 32.
enum class WeightForm { Auto, Quantised, F32, Rows, BFloat16 };

/// A weight by its GGUF name; rows of q and k in the order of safetensors folders.
struct NamedWeight {
    std::string name;
    std::vector<std::int64_t> shape;  ///< row-major
    float* values = nullptr;          ///< the decoder's own memory
    std::int64_t size() const { return shape.size() == 2 ? shape[0] * shape[1] : shape[0]; }
};

class Decoder {
public:
    /// `threads` as in the run spec. @error as readConfig and Tokenizer::load, OutOfMemory, Unsupported (width for rows
    /// as stored)
    static Result<std::shared_ptr<Decoder>> load(std::shared_ptr<GgufFile> file, int threads,
        WeightForm form = WeightForm::F32, Activation activation = Activation::A16);

    const ModelConfig& config() const { return m_config; }
    /// Whether matrices are kept in rows as stored, not as plain fp32 (which adapters and training need).
    bool hasRows() const { return !m_embedding.packed.isEmpty(); }
    /// How weights are held and multiplied: "Q4_1 210, Q8_0 1 as stored, 16-bit activations (avx2)", "fp32".
    const std::string& description() const { return m_description; }
    KvPrecision kvPrecision() const { return hasRows() ? KvPrecision::F16 : KvPrecision::F32; }
    /// Rows first..first+count-1 of the head (V, H) as fp32: its own memory, or made in `scratch` (grown as needed).
    const float* headRows(std::int64_t first, std::int64_t count, compute::Floats& scratch) const;
    const float* finalNorm() const { return m_finalNorm.data(); }  ///< (H)
    /// The o projection of a block (H, A*D), as headRows.
    const float* attentionOutput(std::int64_t layer, compute::Floats& scratch) const;
    /// The bias of a block's o projection (H); null: it has none.
    const float* attentionBias(std::int64_t layer) const {
        return m_config.outBias ? m_layers[static_cast<std::size_t>(layer - 1)].outBias.data() : nullptr;
    }
    std::size_t weightBytes() const;
    int threads() const { return m_team.most(); }

    /// hidden (ids, H) = rows of the embedding. @error InvalidArgument for an id outside the vocabulary
    Result<void> embed(std::span<const TokenId> ids, float* hidden) const;

    /// Blocks first..last (from 1) over `sequences` independent sequences of `rows` positions, in place.
    /// With a cache there is one sequence, which goes on at the cache's length.
    /// @error Limit (cache full), InvalidArgument, WrongState (dynamic NTK: the rotation changes at this length; run
    /// from an empty cache)
    Result<void> forward(float* hidden, std::int64_t sequences, std::int64_t rows, std::int64_t first,
        std::int64_t last, KvCache* cache, const CapturePlan& plan, Captured* captured,
        const Hook* hook = nullptr) const;

    /// logits (rows, V) of the last block's hidden rows: final norm, then the head.
    void readout(const float* hidden, std::int64_t rows, float* logits) const;

    /// Adds an adapter's products to fp32 weights. @error InvalidArgument (rows as stored), ShapeMismatch
    Result<void> merge(const LoraAdapter& adapter);
    /// Every weight, to be written or replaced; without the matrices where they are in rows as stored.
    std::vector<NamedWeight> weights();
    const GgufFile& file() const { return *m_file; }
    /// The decoder's present fp32 weights as a model in memory, which keeps the decoder; to be converted or written.
    /// @error InvalidArgument (rows as stored)
    static Result<std::shared_ptr<GgufFile>> asModel(const std::shared_ptr<Decoder>& decoder);

private:
    friend class DecoderModule;  ///< over the same memory
    /// One of the two is filled.
    struct Weight {
        compute::Floats plain;
        RowMatrix packed;
    };
    struct Layer {
        compute::Floats attnNorm, qkvBias, qNorm, kNorm, outBias, ffnNorm, gateUpBias, downBias;
        Weight qkv, o, gateUp, down;
    };
    struct Loader;  ///< from a file's tensors; decoder_load.cpp
    struct Pass;    ///< one forward() over many rows; decoder.cpp
    const Weight& headWeight() const { return m_config.tiedHead ? m_embedding : m_head; }
    explicit Decoder(int threads) : m_team(threads) {}
    void attention(const float* qkv, std::int64_t sequences, std::int64_t rows, std::int64_t layer,
        const KvCache* cache, std::int64_t past, float* out, const CapturePlan& plan, Captured* captured) const;
    /// One head of one sequence over a block of query rows. [any]
    void attendBlock(const float* qkv, std::int64_t s, std::int64_t rows, std::int64_t head, std::int64_t block,
        std::int64_t layer, const KvCache* cache, std::int64_t past, float* out, const CapturePlan& plan,
        Captured* captured) const;
    /// Cosines and sines (rows, D/2) of positions past..past+rows-1, and the query factors of log-n scaling (rows; all
    /// 1 without).
    struct Angles {
        compute::Floats cosines, sines, queryScale;
    };
    Angles anglesOf(std::int64_t past, std::int64_t rows, double ntkAlpha) const;
    Result<void> checkPass(
        std::int64_t sequences, std::int64_t rows, std::int64_t first, std::int64_t last, const KvCache* cache) const;
    /// Dynamic NTK's factor at this length; 1 for other rotations. The cache remembers it. @error WrongState
    Result<double> ntkFor(std::int64_t past, std::int64_t rows, KvCache* cache) const;
    /// The row path: one position through blocks of rows as stored, the same bits as the general path gives.
    void forwardRow(float* hidden, std::int64_t first, std::int64_t last, KvCache& cache, std::int64_t past,
        const Angles& angles, const CapturePlan& plan, Captured* captured) const;
    /// Divides units 0..units-1 among the team's threads; `part` [any] must give the same however they are divided.
    /// @param work multiplications in all, so that pieces of different size can be compared
    void shareOut(
        std::int64_t units, double work, const std::function<void(std::int64_t first, std::int64_t last)>& part) const;
    /// out = in * weightᵀ: own row kernels for few rows, LibTorch's product above.
    void linear(const float* in, std::int64_t rows, const Weight& weight, std::int64_t outWidth, std::int64_t inWidth,
        float* out) const;

    ModelConfig m_config;
    std::shared_ptr<GgufFile> m_file;
    Weight m_embedding, m_head;
    compute::Floats m_finalNorm;
    Activation m_activation = Activation::A16;
    bool m_roundsLongTexts = false;  ///< more than eight rows are multiplied in bfloat16
    std::string m_description;
    std::vector<Layer> m_layers;
    std::vector<double> m_frequencies;  ///< (D/2) radians a position
    float m_ropeMagnitude = 1;
    mutable TeamSize m_team;
};

}  // namespace dubito::lm
