// Every number is checked before memory is sized by it.
#include "lm/formats/model_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace dubito::lm {
namespace {

Result<void> readRope(const GgufFile& file, const std::string& a, ModelConfig& config) {
    // Older files give the factor alone, under one of two names, and mean "linear".
    const auto factor = file.number(a + ".rope.scaling.factor");
    const auto linear = factor ? factor : file.number(a + ".rope.scale_linear");
    const bool isScaled = linear && *linear != 0 && *linear != 1;
    const std::string type = file.text(a + ".rope.scaling.type").value_or(isScaled ? "linear" : "none");
    if (type == "none") return {};
    RopeScaling& rope = config.rope;
    rope.kind = type == "linear"        ? RopeScaling::Kind::Linear
                : type == "yarn"        ? RopeScaling::Kind::Yarn
                : type == "llama3"      ? RopeScaling::Kind::Llama3
                : type == "dynamic_ntk" ? RopeScaling::Kind::DynamicNtk
                                        : RopeScaling::Kind::None;
    if (rope.kind == RopeScaling::Kind::None)
        return Error(Code::Unsupported,
            fmt::format("rope scaling \"{}\" is not supported; none, linear, llama3, yarn and dynamic_ntk are", type));
    rope.factor = linear.value_or(rope.kind == RopeScaling::Kind::DynamicNtk ? 1 : 0);
    rope.originalContext = file.integer(a + ".rope.scaling.original_context_length").value_or(config.context);
    rope.attentionFactor = file.number(a + ".rope.scaling.attn_factor").value_or(0);
    rope.lowFactor = file.number(a + ".rope.scaling.low_freq_factor").value_or(1);
    rope.highFactor = file.number(a + ".rope.scaling.high_freq_factor").value_or(4);
    rope.betaFast = file.number(a + ".rope.scaling.yarn_beta_fast").value_or(32);
    rope.betaSlow = file.number(a + ".rope.scaling.yarn_beta_slow").value_or(1);
    rope.wholeIndices = !file.boolean("dubito.rope_between_indices").value_or(false);
    if (!(rope.lowFactor > 0 && rope.highFactor > rope.lowFactor && rope.betaSlow > 0 && rope.betaFast > rope.betaSlow))
        return Error(Code::CorruptData, fmt::format("{}.rope.scaling has factors out of order", a));
    if (!(rope.factor >= 1 && rope.factor <= 1e4))
        return Error(
            Code::CorruptData, fmt::format("{}.rope.scaling.factor is {}; 1 to 10000 are possible", a, rope.factor));
    if (rope.originalContext < 1 || rope.originalContext > 1 << 24)
        return Error(
            Code::CorruptData, fmt::format("{}.rope.scaling.original_context_length is {}", a, rope.originalContext));
    return {};
}

/// Numbers of `architecture.suffix`, within bounds.
struct Keys {
    const GgufFile& file;
    const std::string& architecture;

    bool has(const char* suffix) const { return file.integer(architecture + suffix).has_value(); }
    Result<void> need(const char* suffix, std::int64_t low, std::int64_t high, std::int64_t& out) const {
        const auto value = file.integer(architecture + suffix);
        if (!value) return Error(Code::CorruptData, fmt::format("the model lacks the key {}{}", architecture, suffix));
        if (*value < low || *value > high)
            return Error(Code::CorruptData,
                fmt::format("{}{} is {}; {} to {} are possible", architecture, suffix, *value, low, high));
        out = *value;
        return {};
    }
};

Result<void> readSizes(const Keys& keys, ModelConfig& config) {
    DUBITO_CHECK(keys.need(".block_count", 1, 1024, config.layers));
    DUBITO_CHECK(keys.need(".embedding_length", 1, 1 << 16, config.width));
    DUBITO_CHECK(keys.need(".feed_forward_length", 1, 1 << 18, config.ffn));
    DUBITO_CHECK(keys.need(".attention.head_count", 1, 1024, config.heads));
    config.kvHeads = config.heads;
    if (keys.has(".attention.head_count_kv"))
        DUBITO_CHECK(keys.need(".attention.head_count_kv", 1, config.heads, config.kvHeads));
    config.headWidth = config.width / config.heads;
    if (keys.has(".attention.key_length")) DUBITO_CHECK(keys.need(".attention.key_length", 2, 4096, config.headWidth));
    config.context = 2048;
    if (keys.has(".context_length")) DUBITO_CHECK(keys.need(".context_length", 1, 1 << 24, config.context));
    if (config.heads % config.kvHeads || config.headWidth % 2)
        return Error(Code::CorruptData, fmt::format("{} heads with {} key heads of width {} do not fit", config.heads,
                                            config.kvHeads, config.headWidth));
    return {};
}

Result<void> readArithmetic(const Keys& keys, ModelConfig& config) {
    const auto& [file, a] = keys;
    const auto epsilon = file.number(a + ".attention.layer_norm_rms_epsilon");
    if (!epsilon || !(*epsilon > 0 && *epsilon < 1))
        return Error(
            Code::CorruptData, fmt::format("the model lacks a sensible {}.attention.layer_norm_rms_epsilon", a));
    config.normEpsilon = *epsilon;
    config.ropeBase = file.number(a + ".rope.freq_base").value_or(10000.0);
    if (!(config.ropeBase > 1 && config.ropeBase < 1e12))
        return Error(Code::CorruptData, fmt::format("{}.rope.freq_base is {}", a, config.ropeBase));
    DUBITO_CHECK(readRope(file, a, config));
    if (const auto turned = file.integer(a + ".rope.dimension_count"); turned && *turned != config.headWidth)
        return Error(Code::Unsupported,
            fmt::format("rope turns {} of {} dimensions; only whole heads are supported", *turned, config.headWidth));
    config.permutedQk = a == "llama" && !file.boolean("dubito.rows_in_order").value_or(false);
    config.qkNorm = a == "qwen3";
    if (const auto name = file.text("dubito.hidden_act")) {
        const auto gate = gateFunctionFrom(*name);
        if (!gate) return Error(Code::Unsupported, fmt::format("the activation \"{}\" is not read", *name));
        config.gate = *gate;
    }
    config.logn = file.boolean("dubito.logn").value_or(false);
    config.window = file.integer("dubito.window").value_or(0);
    config.windowFrom = file.integer("dubito.window_from").value_or(0);
    config.windowLayers = file.text("dubito.window_layers").value_or("");
    if (!config.windowLayers.empty() && static_cast<std::int64_t>(config.windowLayers.size()) != config.layers)
        return Error(Code::CorruptData,
            fmt::format("layer_types names {} layers, the model has {}", config.windowLayers.size(), config.layers));
    if (config.window < 0 || config.windowFrom < 0) return Error(Code::CorruptData, "the attention window is negative");
    return {};
}

Result<void> needShape(const GgufFile& file, const std::string& name, std::int64_t columns, std::int64_t rows) {
    const GgufTensor* tensor = file.findTensor(name);
    if (!tensor) return Error(Code::ShapeMismatch, "the model lacks the tensor " + name);
    if (tensor->columns() != columns || tensor->rows() != rows)
        return Error(Code::ShapeMismatch, fmt::format("tensor {} is {} x {}, the configuration needs {} x {}", name,
                                              tensor->rows(), tensor->columns(), rows, columns));
    if (!tensor->data)
        return Error(Code::Unsupported, fmt::format("tensor {} is stored as {}, which is not read; F32 F16 BF16 "
                                                    "Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 IQ4_NL and Q2_K to Q6_K are",
                                            name, typeName(tensor->typeCode)));
    return {};
}

struct Wanted {
    const char* name;
    std::int64_t columns, rows;
    bool applies = true;
};
std::vector<Wanted> wantedOfBlock(const ModelConfig& config) {
    const std::int64_t q = config.heads * config.headWidth, kv = config.kvHeads * config.headWidth;
    return {
        {"attn_norm.weight", config.width, 1},
        {"ffn_norm.weight", config.width, 1},
        {"attn_q.weight", config.width, q},
        {"attn_k.weight", config.width, kv},
        {"attn_v.weight", config.width, kv},
        {"attn_output.weight", q, config.width},
        {"ffn_gate.weight", config.width, config.ffn},
        {"ffn_up.weight", config.width, config.ffn},
        {"ffn_down.weight", config.ffn, config.width},
        {"attn_q_norm.weight", config.headWidth, 1, config.qkNorm},
        {"attn_k_norm.weight", config.headWidth, 1, config.qkNorm},
        {"attn_q.bias", q, 1, config.qkvBias},
        {"attn_k.bias", kv, 1, config.qkvBias},
        {"attn_v.bias", kv, 1, config.qkvBias},
        {"attn_output.bias", config.width, 1, config.outBias},
        {"ffn_gate.bias", config.ffn, 1, config.gateUpBias},
        {"ffn_up.bias", config.ffn, 1, config.gateUpBias},
        {"ffn_down.bias", config.width, 1, config.downBias},
    };
}

Result<void> checkBlock(const GgufFile& file, const ModelConfig& config, std::int64_t layer) {
    for (const Wanted& one : wantedOfBlock(config))
        if (one.applies)
            DUBITO_CHECK(needShape(file, fmt::format("blk.{}.{}", layer, one.name), one.columns, one.rows));
    return {};
}

/// Every tensor is used, lies behind the last layer, or is a table that is computed anew: what else it holds would be
/// lost without a word.  @error Unsupported
Result<void> checkAllUsed(const GgufFile& file, const ModelConfig& config) {
    const auto wanted = wantedOfBlock(config);
    for (const GgufTensor& tensor : file.tensors()) {
        const std::string_view name = tensor.name;
        if (name == "token_embd.weight" || name == "output_norm.weight" || name == "output.weight" ||
            name == "rope_freqs.weight" || !file.findTensor(tensor.name))
            continue;
        if (name.starts_with("blk.")) {
            const auto dot = std::min(name.find('.', 4), name.size() - 1);
            const std::string_view part = name.substr(dot + 1);
            std::int64_t layer = 0;
            const auto read = std::from_chars(name.data() + 4, name.data() + dot, layer);
            const bool isBehind = read.ec == std::errc() && layer >= config.layers;
            const bool isUsed = std::any_of(
                wanted.begin(), wanted.end(), [&](const Wanted& one) { return one.applies && part == one.name; });
            if (isBehind || isUsed || part == "attn_rot_embd.weight" || part == "rope_freqs.weight") continue;
        }
        return Error(Code::Unsupported,
            fmt::format(
                "the model holds the tensor {}, which is not read: its part of the result would be lost", name));
    }
    return {};
}

/// Keys by which llama.cpp computes something else than what is computed here.
Result<void> checkNoOthers(const GgufFile& file, const std::string& a) {
    for (const char* key : {"expert_count", "attention.scale", "logit_scale", "residual_scale", "embedding_scale",
             "attention.clamp_kqv", "attn_logit_softcapping", "final_logit_softcapping", "attention.sliding_window"})
        if (const auto value = file.number(a + "." + key); value && *value != 0)
            return Error(
                Code::Unsupported, fmt::format("the model sets {}.{} to {}, which is not read", a, key, *value));
    const auto isCausal = file.boolean(a + ".attention.causal");
    if (isCausal && !*isCausal)
        return Error(
            Code::Unsupported, fmt::format("the model sets {}.attention.causal to false, which is not read", a));
    const auto keys = file.integer(a + ".attention.key_length"), values = file.integer(a + ".attention.value_length");
    if (values && keys && *keys != *values)
        return Error(Code::Unsupported,
            fmt::format("the model has keys of width {} and values of width {}; equal ones are read", *keys, *values));
    return {};
}

Result<void> readTensors(const Keys& keys, ModelConfig& config) {
    const auto& [file, a] = keys;
    const GgufTensor* embedding = file.findTensor("token_embd.weight");
    if (!embedding) return Error(Code::ShapeMismatch, "the model lacks the tensor token_embd.weight");
    config.vocabulary = embedding->rows();
    if (config.vocabulary < 2 || config.vocabulary > 4'000'000)
        return Error(Code::ShapeMismatch, fmt::format("a vocabulary of {} tokens", config.vocabulary));
    if (const auto stated = file.integer(a + ".vocab_size"); stated && *stated != config.vocabulary)
        return Error(Code::ShapeMismatch,
            fmt::format("{}.vocab_size is {}, token_embd.weight has {} rows", a, *stated, config.vocabulary));
    DUBITO_CHECK(needShape(file, "token_embd.weight", config.width, config.vocabulary));
    DUBITO_CHECK(needShape(file, "output_norm.weight", config.width, 1));
    // A stored head is used even in a family that usually ties it.
    config.tiedHead = file.findTensor("output.weight") == nullptr;
    if (!config.tiedHead) DUBITO_CHECK(needShape(file, "output.weight", config.width, config.vocabulary));
    // Every block has what the first one has.
    const auto has = [&](const char* name) { return file.findTensor(name) != nullptr; };
    config.qkvBias = has("blk.0.attn_q.bias") || has("blk.0.attn_k.bias") || has("blk.0.attn_v.bias");
    config.outBias = has("blk.0.attn_output.bias");
    config.gateUpBias = has("blk.0.ffn_gate.bias") || has("blk.0.ffn_up.bias");
    config.downBias = has("blk.0.ffn_down.bias");
    for (std::int64_t layer = 0; layer < config.layers; ++layer) DUBITO_CHECK(checkBlock(file, config, layer));
    if (file.findTensor("rope_freqs.weight"))
        DUBITO_CHECK(needShape(file, "rope_freqs.weight", config.headWidth / 2, 1));
    return checkAllUsed(file, config);
}

}  // namespace

Result<ModelConfig> readConfig(const GgufFile& file) {
    ModelConfig config;
    config.architecture = file.text("general.architecture").value_or("");
    config.name = file.text("general.name").value_or("");
    const std::string& a = config.architecture;
    if (a != "llama" && a != "qwen" && a != "qwen2" && a != "qwen3")
        return Error(Code::Unsupported,
            fmt::format("the architecture \"{}\" is not supported; llama, qwen, qwen2 and qwen3 are", a));
    const Keys keys{file, a};
    DUBITO_CHECK(readSizes(keys, config));
    DUBITO_CHECK(checkNoOthers(file, a));
    DUBITO_CHECK(readArithmetic(keys, config));
    DUBITO_CHECK(readTensors(keys, config));
    return config;
}

}  // namespace dubito::lm
