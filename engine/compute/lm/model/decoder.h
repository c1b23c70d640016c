// A decoder of any block range over fp32 or quantised weights, with a key-value cache, capture at every site and a hook
// to change values.
#pragma once

#include "lm/kernels/kv_cache.h"
#include "lm/kernels/row_matrix.h"
#include "lm/kernels/team_size.h"
#include "lm/model/language_model.h"

// Dimension key as in language_model.h.

namespace dubito::lm {

class LoraAdapter;

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

class Decoder final : public LanguageModel {
public:
    /// `threads` as in the run spec. `loading` is told the share that is there, 0..1, after each block. @error as
    /// readConfig and Tokenizer::load, OutOfMemory, Unsupported (width for rows as stored)
    static Result<std::shared_ptr<Decoder>> load(std::shared_ptr<GgufFile> file, int threads,
        WeightForm form = WeightForm::F32, Activation activation = Activation::A16,
        const std::function<void(double share)>& loading = {});

    const ModelConfig& config() const override { return m_config; }
    /// Whether matrices are kept in rows as stored, not as plain fp32 (which adapters and training need).
    bool hasRows() const { return !m_embedding.packed.isEmpty(); }
    const std::string& description() const override { return m_description; }
    KvPrecision kvPrecision() const { return hasRows() ? KvPrecision::F16 : KvPrecision::F32; }
    const float* headRows(std::int64_t first, std::int64_t count, compute::Floats& scratch) const override;
    const float* finalNorm() const override { return m_finalNorm.data(); }
    const float* attentionOutput(std::int64_t layer, compute::Floats& scratch) const override;
    const float* attentionBias(std::int64_t layer) const override {
        return m_config.outBias ? m_layers[static_cast<std::size_t>(layer - 1)].outBias.data() : nullptr;
    }
    std::size_t weightBytes() const override;
    int threads() const override { return m_team.most(); }

    Result<std::unique_ptr<ModelCache>> makeCache(std::int64_t capacity) const override {
        return std::unique_ptr<ModelCache>(std::make_unique<KvCache>(m_config, capacity, kvPrecision()));
    }
    Result<void> embed(std::span<const TokenId> ids, float* hidden) const override;
    /// @param cache a KvCache or null
    Result<void> forward(float* hidden, std::int64_t sequences, std::int64_t rows, std::int64_t first,
        std::int64_t last, ModelCache* cache, const CapturePlan& plan, Captured* captured,
        const Hook* hook = nullptr) const override;
    Result<void> logits(const float* hidden, std::int64_t rows, float* out) const override {
        readout(hidden, rows, out);
        return {};
    }
    /// As logits(), which cannot fail here.
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
