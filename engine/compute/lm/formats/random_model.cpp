// Weights come from counter streams named by their tensor, so a model keeps its other tensors when one changes shape.
#include "lm/formats/random_model.h"

#include <fmt/format.h>

#include <cmath>

#include "lm/formats/quantise.h"
#include "lm/text/vocabulary.h"
#include "stats/counter_rng.h"

namespace dubito::lm {
namespace {

/// Lists of the metadata and bytes of the tensors.
struct Owned {
    GgufLists lists;
    std::vector<std::unique_ptr<Bytes>> parts;
};

using Metadata = std::map<std::string, GgufValue, std::less<>>;

Metadata sizesOf(const RandomModel& shape) {
    const std::string& a = shape.architecture;
    Metadata out;
    out["general.architecture"] = a;
    out["general.name"] = std::string("random");
    out[a + ".block_count"] = shape.layers;
    out[a + ".embedding_length"] = shape.width;
    out[a + ".feed_forward_length"] = shape.ffn;
    out[a + ".attention.head_count"] = shape.heads;
    out[a + ".attention.head_count_kv"] = shape.kvHeads;
    out[a + ".attention.key_length"] = shape.headWidth;
    out[a + ".attention.value_length"] = shape.headWidth;
    out[a + ".rope.dimension_count"] = shape.headWidth;
    out[a + ".context_length"] = shape.context;
    out[a + ".attention.layer_norm_rms_epsilon"] = 1e-5;
    if (shape.activation != "silu") out["dubito.hidden_act"] = shape.activation;
    return out;
}

/// The 256 bytes and three specials, then the unused ones. @return how many tokens
std::int64_t addTokenizer(Metadata& metadata, GgufLists& lists, std::int64_t unused) {
    std::vector<std::string> tokens;
    std::vector<std::int32_t> types(256, 1);
    for (int byte = 0; byte < 256; ++byte) tokens.push_back(spelledByte(static_cast<std::uint8_t>(byte)));
    for (const char* special : {"<|im_start|>", "<|im_end|>", "<|endoftext|>"}) {
        tokens.emplace_back(special);
        types.push_back(3);
    }
    for (std::int64_t i = 0; i < unused; ++i) {
        tokens.push_back("<|unused_" + std::to_string(i) + "|>");
        types.push_back(5);
    }
    metadata["tokenizer.ggml.model"] = std::string("gpt2");
    metadata["tokenizer.ggml.pre"] = std::string("qwen2");
    metadata["tokenizer.ggml.tokens"] = lists.texts(tokens);
    metadata["tokenizer.ggml.merges"] = lists.texts({});
    metadata["tokenizer.ggml.token_type"] = lists.numbers(types, 5);
    metadata["tokenizer.ggml.eos_token_id"] = std::int64_t{258};
    metadata["tokenizer.chat_template"] = std::string(
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' "
        "+ '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}");
    return static_cast<std::int64_t>(tokens.size());
}

/// Tensors of normal values, each from a stream of its own name.
class TensorMaker {
public:
    TensorMaker(Owned& owned, const RandomModel& shape, std::uint64_t seed)
        : m_owned(owned), m_shape(shape), m_seed(seed) {}

    void embedding(std::int64_t vocabulary) {
        add("token_embd.weight", {m_shape.width, vocabulary}, 0, 1, m_shape.type);
    }
    void matrix(const std::string& name, std::int64_t columns, std::int64_t rows) {
        add(name, {columns, rows}, 0, 1 / std::sqrt(static_cast<float>(columns)), m_shape.type);
    }
    void vector(const std::string& name, std::int64_t n, float mean) { add(name, {n}, mean, 0.1f, GgmlType::F32); }
    void block(std::int64_t layer) {
        const std::string p = fmt::format("blk.{}.", layer);
        const std::int64_t q = m_shape.heads * m_shape.headWidth, kv = m_shape.kvHeads * m_shape.headWidth;
        vector(p + "attn_norm.weight", m_shape.width, 1);
        vector(p + "ffn_norm.weight", m_shape.width, 1);
        matrix(p + "attn_q.weight", m_shape.width, q);
        matrix(p + "attn_k.weight", m_shape.width, kv);
        matrix(p + "attn_v.weight", m_shape.width, kv);
        matrix(p + "attn_output.weight", q, m_shape.width);
        matrix(p + "ffn_gate.weight", m_shape.width, m_shape.ffn);
        matrix(p + "ffn_up.weight", m_shape.width, m_shape.ffn);
        matrix(p + "ffn_down.weight", m_shape.ffn, m_shape.width);
        if (m_shape.biases) {
            vector(p + "attn_output.bias", m_shape.width, 0);
            vector(p + "ffn_gate.bias", m_shape.ffn, 0);
            vector(p + "ffn_up.bias", m_shape.ffn, 0);
            vector(p + "ffn_down.bias", m_shape.width, 0);
        }
        if (m_shape.architecture == "qwen2" || m_shape.biases) {
            vector(p + "attn_q.bias", q, 0);
            vector(p + "attn_k.bias", kv, 0);
            vector(p + "attn_v.bias", kv, 0);
        }
        if (m_shape.architecture == "qwen3") {
            vector(p + "attn_q_norm.weight", m_shape.headWidth, 1);
            vector(p + "attn_k_norm.weight", m_shape.headWidth, 1);
        }
    }
    std::vector<GgufTensor> taken() { return std::move(m_tensors); }

private:
    void add(const std::string& name, std::vector<std::int64_t> dims, float mean, float deviation, GgmlType type) {
        GgufTensor tensor;
        tensor.name = name;
        tensor.dims = std::move(dims);
        type = typeThatFits(type, tensor.columns());
        const std::int64_t n = tensor.rows() * tensor.columns();
        stats::CounterRng rng(m_seed, name, 0);
        std::vector<float> values(static_cast<std::size_t>(n));
        for (auto& value : values) value = mean + deviation * static_cast<float>(rng.normal());
        const BlockLayout layout = blockLayout(type);
        auto bytes = std::make_unique<Bytes>(static_cast<std::size_t>(n / layout.elements * layout.bytes));
        quantise(type, values.data(), bytes->data(), n / layout.elements);
        tensor.typeCode = static_cast<std::uint32_t>(type);
        tensor.bytes = bytes->size();
        tensor.data = bytes->data();
        m_owned.parts.push_back(std::move(bytes));
        m_tensors.push_back(std::move(tensor));
    }
    Owned& m_owned;
    const RandomModel& m_shape;
    std::uint64_t m_seed;
    std::vector<GgufTensor> m_tensors;
};

}  // namespace

Result<std::shared_ptr<GgufFile>> makeRandomModel(const RandomModel& shape, std::uint64_t seed) {
    auto owned = std::make_shared<Owned>();
    Metadata metadata = sizesOf(shape);
    const std::int64_t vocabulary = addTokenizer(metadata, owned->lists, shape.unused);
    TensorMaker maker(*owned, shape, seed);
    maker.embedding(vocabulary);
    maker.vector("output_norm.weight", shape.width, 1);
    if (!shape.tiedHead) maker.matrix("output.weight", shape.width, vocabulary);
    for (std::int64_t layer = 0; layer < shape.layers; ++layer) maker.block(layer);
    return GgufFile::assemble(std::move(metadata), maker.taken(), {}, owned);
}

}  // namespace dubito::lm
