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

}  // namespace

Result<std::shared_ptr<GgufFile>> makeRandomModel(const RandomModel& shape, std::uint64_t seed) {
    auto owned = std::make_shared<Owned>();
    std::map<std::string, GgufValue, std::less<>> metadata;
    const std::string& a = shape.architecture;
    metadata["general.architecture"] = a;
    metadata["general.name"] = std::string("random");
    metadata[a + ".block_count"] = shape.layers;
    metadata[a + ".embedding_length"] = shape.width;
    metadata[a + ".feed_forward_length"] = shape.ffn;
    metadata[a + ".attention.head_count"] = shape.heads;
    metadata[a + ".attention.head_count_kv"] = shape.kvHeads;
    metadata[a + ".attention.key_length"] = shape.headWidth;
    metadata[a + ".attention.value_length"] = shape.headWidth;
    metadata[a + ".rope.dimension_count"] = shape.headWidth;
    metadata[a + ".context_length"] = shape.context;
    metadata[a + ".attention.layer_norm_rms_epsilon"] = 1e-5;
    std::vector<std::string> tokens;
    std::vector<std::int32_t> types(256, 1);
    for (int byte = 0; byte < 256; ++byte) tokens.push_back(spelledByte(static_cast<std::uint8_t>(byte)));
    for (const char* special : {"<|im_start|>", "<|im_end|>", "<|endoftext|>"})
        tokens.emplace_back(special), types.push_back(3);
    metadata["tokenizer.ggml.model"] = std::string("gpt2");
    metadata["tokenizer.ggml.pre"] = std::string("qwen2");
    metadata["tokenizer.ggml.tokens"] = owned->lists.texts(tokens);
    metadata["tokenizer.ggml.merges"] = owned->lists.texts({});
    metadata["tokenizer.ggml.token_type"] = owned->lists.numbers(types, 5);
    metadata["tokenizer.ggml.eos_token_id"] = std::int64_t{258};
    metadata["tokenizer.chat_template"] = std::string(
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' "
        "+ '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}");
    std::vector<GgufTensor> tensors;
    const auto add = [&](const std::string& name, std::vector<std::int64_t> dims, float mean, float deviation,
                         GgmlType type) {
        GgufTensor tensor;
        tensor.name = name;
        tensor.dims = std::move(dims);
        type = typeThatFits(type, tensor.columns());
        const std::int64_t n = tensor.rows() * tensor.columns();
        stats::CounterRng rng(seed, name, 0);
        std::vector<float> values(static_cast<std::size_t>(n));
        for (auto& value : values) value = mean + deviation * static_cast<float>(rng.normal());
        const BlockLayout layout = blockLayout(type);
        auto bytes = std::make_unique<Bytes>(static_cast<std::size_t>(n / layout.elements * layout.bytes));
        quantise(type, values.data(), bytes->data(), n / layout.elements);
        tensor.typeCode = static_cast<std::uint32_t>(type);
        tensor.bytes = bytes->size();
        tensor.data = bytes->data();
        owned->parts.push_back(std::move(bytes));
        tensors.push_back(std::move(tensor));
    };
    const auto matrix = [&](const std::string& name, std::int64_t columns, std::int64_t rows) {
        add(name, {columns, rows}, 0, 1 / std::sqrt(static_cast<float>(columns)), shape.type);
    };
    const auto vector = [&](const std::string& name, std::int64_t n, float mean) {
        add(name, {n}, mean, 0.1f, GgmlType::F32);
    };
    const auto vocabulary = static_cast<std::int64_t>(tokens.size());
    const std::int64_t q = shape.heads * shape.headWidth, kv = shape.kvHeads * shape.headWidth;
    add("token_embd.weight", {shape.width, vocabulary}, 0, 1, shape.type);
    vector("output_norm.weight", shape.width, 1);
    if (!shape.tiedHead) matrix("output.weight", shape.width, vocabulary);
    for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
        const std::string p = fmt::format("blk.{}.", layer);
        vector(p + "attn_norm.weight", shape.width, 1);
        vector(p + "ffn_norm.weight", shape.width, 1);
        matrix(p + "attn_q.weight", shape.width, q);
        matrix(p + "attn_k.weight", shape.width, kv);
        matrix(p + "attn_v.weight", shape.width, kv);
        matrix(p + "attn_output.weight", q, shape.width);
        matrix(p + "ffn_gate.weight", shape.width, shape.ffn);
        matrix(p + "ffn_up.weight", shape.width, shape.ffn);
        matrix(p + "ffn_down.weight", shape.ffn, shape.width);
        if (a == "qwen2")
            vector(p + "attn_q.bias", q, 0), vector(p + "attn_k.bias", kv, 0), vector(p + "attn_v.bias", kv, 0);
        if (a == "qwen3")
            vector(p + "attn_q_norm.weight", shape.headWidth, 1), vector(p + "attn_k_norm.weight", shape.headWidth, 1);
    }
    return GgufFile::assemble(std::move(metadata), std::move(tensors), {}, owned);
}

}  // namespace dubito::lm
