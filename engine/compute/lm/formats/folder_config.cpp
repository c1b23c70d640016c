// Tables of keys with their reasons; defaults are those with which transformers fills in what a file leaves out.
#include "lm/formats/folder_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "lm/model/gate_function.h"

namespace dubito::lm {
namespace {

bool isUnset(const Json& value) {
    return value.is_null() || (value.is_boolean() && !value.get<bool>()) ||
           (value.is_number() && value.get<double>() == 0) ||
           ((value.is_array() || value.is_object() || value.is_string()) && value.empty());
}

struct Harmless {
    const char* why;
    std::vector<std::string_view> keys;
};
/// Keys by which no number of a forward pass changes.
const std::vector<Harmless>& harmlessKeys() {
    static const std::vector<Harmless> table = {
        {"says where the model comes from",
            {"_name_or_path", "name_or_path", "transformers_version", "_commit_hash", "unsloth_version",
                "unsloth_fixed", "model_name", "license", "tokenizer_class", "tokenizer_type", "auto_map",
                "finetuning_task", "transformers.js_config", "base_model", "dataset", "language", "tags",
                "task_specific_params", "axolotl_config", "_diffusers_version", "pipeline_tag"}},
        {"matters in training alone",
            {"initializer_range", "attention_dropout", "hidden_dropout", "hidden_dropout_prob", "resid_pdrop",
                "attn_pdrop", "embd_pdrop", "attn_dropout_prob", "emb_dropout_prob", "residual_dropout", "dropout",
                "problem_type", "gradient_checkpointing", "use_reentrant", "label_smoothing", "pretraining_tp"}},
        {"each tensor says its own type", {"torch_dtype", "dtype", "bf16", "fp16", "fp32"}},
        {"how the same numbers are computed",
            {"use_cache", "attn_implementation", "_attn_implementation", "_attn_implementation_autoset",
                "_flash_attn_2_enabled", "use_flash_attn", "use_flash_attention_2", "onnx_safe", "softmax_in_fp32",
                "use_cache_kernel", "chunk_size_feed_forward", "torchscript", "use_bfloat16", "output_attentions",
                "output_hidden_states", "output_router_logits", "return_dict", "return_dict_in_generate",
                "low_cpu_mem_usage", "experts_implementation", "model_parallel", "cache_implementation"}},
        {"no token is padded here", {"pad_token_id", "pad_token", "padding_side"}},
        {"sampling is set by whoever asks",
            {"temperature", "top_k", "top_p", "min_p", "typical_p", "repetition_penalty", "length_penalty", "do_sample",
                "max_length", "min_length", "num_beams", "num_beam_groups", "diversity_penalty", "early_stopping",
                "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences",
                "remove_invalid_values", "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens",
                "forced_bos_token_id", "forced_eos_token_id", "max_new_tokens", "output_scores", "prefix",
                "decoder_start_token_id", "sep_token_id", "unk_token_id", "model_max_length", "max_sequence_length"}},
        {"names of classes, for another head",
            {"id2label", "label2id", "num_labels", "cross_attention_hidden_size", "tie_encoder_decoder"}},
    };
    return table;
}

/// Keys that are read at any value, or checked where they are read.
constexpr std::string_view kRead[] = {"model_type", "architectures", "num_hidden_layers", "hidden_size",
    "intermediate_size", "num_attention_heads", "num_key_value_heads", "head_dim", "max_position_embeddings",
    "rms_norm_eps", "rope_theta", "rope_scaling", "rope_parameters", "hidden_act", "vocab_size", "tie_word_embeddings",
    "bos_token_id", "eos_token_id", "attention_bias", "mlp_bias", "sliding_window", "use_sliding_window",
    "max_window_layers", "layer_types"};
constexpr std::string_view kRead2023[] = {"kv_channels", "seq_length", "layer_norm_epsilon", "rotary_emb_base",
    "use_dynamic_ntk", "use_logn_attn", "no_bias", "scale_attn_weights"};
/// A key that is not known and carries one of these in its name may change numbers.
constexpr std::string_view kSuspects[] = {"rope", "rotary", "attn", "attention", "scal", "multiplier", "softcap",
    "norm", "bias", "expert", "moe", "window", "head", "layer", "mlp", "hidden", "embed", "act", "quant", "gate",
    "resid", "alibi", "position", "causal", "clip", "sparse", "mamba", "ssm", "kv", "logit", "cross"};

/// Reads one configuration.
struct Reader {
    const Json& config;
    FolderConfig& out;
    std::string type;  ///< architecture in GGUF's words

    const Json& at(const char* key) const { return memberOf(config, key); }
    bool has(const char* key) const { return config.contains(key); }
    bool isQwen() const { return out.type == "qwen2" || out.type == "qwen3"; }

    void note(Fate fate, std::string_view key, std::string why) {
        out.account.push_back({fate, fmt::format("config.json: {}", key), std::move(why)});
    }
    void refuse(std::string_view key, const Json& value, std::string_view read) {
        note(Fate::Refused, key,
            fmt::format("config.json sets {} to {}, which is not read; {}", key, jsonText(value).substr(0, 80), read));
    }

    /// A whole number, or `otherwise` where the file is silent.
    void whole(const char* from, const std::string& to, std::optional<std::int64_t> otherwise = {}) {
        const Json& value = at(from);
        if (value.is_number_integer()) out.metadata[type + to] = integerOr(config, from, 0);
        else if (!value.is_null()) refuse(from, value, "whole numbers are");
        else if (otherwise) out.metadata[type + to] = *otherwise;
    }
    void real(const Json& object, const char* from, const std::string& to, std::optional<double> otherwise = {}) {
        const Json& value = memberOf(object, from);
        if (value.is_number()) out.metadata[type + to] = numberOr(object, from, 0);
        else if (!value.is_null()) refuse(from, value, "numbers are");
        else if (otherwise) out.metadata[type + to] = *otherwise;
    }

    void sizes() {
        const bool is2023 = type == "qwen";
        const std::optional<std::int64_t> none;
        whole("num_hidden_layers", ".block_count", is2023 ? none : 32);
        whole("hidden_size", ".embedding_length", is2023 ? none : 4096);
        whole("intermediate_size", ".feed_forward_length",
            is2023                ? none
            : isQwen()            ? 22016
            : out.type == "llama" ? 11008
                                  : 14336);
        whole("num_attention_heads", ".attention.head_count", is2023 ? none : 32);
        // A key that says null takes the count of heads, a missing one the default of its kind.
        whole("num_key_value_heads", ".attention.head_count_kv",
            has("num_key_value_heads") || is2023 || out.type == "llama" ? none
            : isQwen()                                                  ? 32
                                                                        : 8);
        whole("head_dim", ".attention.key_length",
            out.type == "qwen3" && !has("head_dim") ? std::optional<std::int64_t>(128) : none);
        if (isQwen() && has("head_dim") && at("head_dim").is_null()) refuse("head_dim", at("head_dim"), "numbers are");
        whole("max_position_embeddings", ".context_length",
            is2023                ? none
            : isQwen()            ? 32768
            : out.type == "llama" ? 2048
                                  : 131072);
        real(config, "rms_norm_eps", ".attention.layer_norm_rms_epsilon", is2023 ? std::optional<double>() : 1e-6);
        if (!is2023) return;
        whole("kv_channels", ".attention.key_length");
        whole("seq_length", ".context_length");
        real(config, "layer_norm_epsilon", ".attention.layer_norm_rms_epsilon");
        real(config, "rotary_emb_base", ".rope.freq_base");
        if (boolOr(config, "use_dynamic_ntk", false))
            out.metadata["qwen.rope.scaling.type"] = std::string("dynamic_ntk");
        if (boolOr(config, "use_logn_attn", false)) out.metadata["dubito.logn"] = true;
        for (const char* key : {"no_bias", "scale_attn_weights"})
            if (has(key) && at(key) != true) refuse(key, at(key), "true is");
    }

    void blocks() {
        const Json& act = at("hidden_act");
        const std::string name = act.is_string() ? act.get<std::string>() : "silu";
        if ((!act.is_null() && !act.is_string()) || !gateFunctionFrom(name))
            refuse("hidden_act", act, "silu, gelu, gelu_pytorch_tanh, quick_gelu, relu and relu2 are");
        else if (gateFunctionFrom(name) != GateFunction::Silu && type != "qwen")
            out.metadata["dubito.hidden_act"] = name;
        for (const char* key : {"attention_bias", "mlp_bias"})
            if (has(key) && !at(key).is_boolean()) refuse(key, at(key), "true and false are");
        const bool attention = boolOr(config, "attention_bias", false);
        out.attnBias = out.type == "qwen2" || type == "qwen" || (attention && out.type != "mistral");
        out.outBias = attention && (out.type == "llama" || out.type == "qwen3");
        out.mlpBias = boolOr(config, "mlp_bias", false) && out.type == "llama";
        out.tied = boolOr(config, "tie_word_embeddings", false);
        if (has("tie_word_embeddings") && !at("tie_word_embeddings").is_boolean())
            refuse("tie_word_embeddings", at("tie_word_embeddings"), "true and false are");
    }

    /// Which layers see a window, as the class of this model_type decides.
    void window() {
        const Json &given = at("sliding_window"), &kinds = at("layer_types");
        if (!given.is_null() && !given.is_number_integer())
            return refuse("sliding_window", given, "whole numbers and null are");
        if (given.is_number_integer() && integerOr(config, "sliding_window", 0) < 1 && out.type != "llama")
            return refuse("sliding_window", given, "positive numbers and null are");
        if (!kinds.is_null() && !kinds.is_array()) return refuse("layer_types", kinds, "lists of kinds are");
        std::string layers;
        for (const Json& kind : kinds.is_array() ? kinds : Json::array()) {
            if (kind != "sliding_attention" && kind != "full_attention")
                return refuse("layer_types", kind, "sliding_attention and full_attention are");
            layers += kind == "sliding_attention" ? '1' : '0';
        }
        const bool anySliding = layers.find('1') != std::string::npos;
        if (out.type == "mistral") {
            if (!has("sliding_window")) out.metadata["dubito.window"] = std::int64_t{4096};
            else if (!given.is_null()) out.metadata["dubito.window"] = integerOr(config, "sliding_window", 0);
            if (!kinds.is_null()) refuse("layer_types", kinds, "a window on all layers or on none is, for mistral");
            return;
        }
        if (!isQwen()) {  // llama and the 2023 Qwen know no window
            if (!isUnset(given)) refuse("sliding_window", given, "this model_type has none");
            if (anySliding) refuse("layer_types", kinds, "this model_type has no window");
            return;
        }
        const bool isOn = boolOr(config, "use_sliding_window", false) && !(has("sliding_window") && given.is_null());
        if (!isOn) {
            if (anySliding) refuse("layer_types", kinds, "there is no window to slide");
        } else {
            out.metadata["dubito.window"] = integerOr(config, "sliding_window", 4096);
            out.metadata["dubito.window_from"] = integerOr(config, "max_window_layers", 28);
        }
        if (!layers.empty()) out.metadata["dubito.window_layers"] = layers;
    }

    void rope() {
        const Json &older = at("rope_scaling"), &newer = at("rope_parameters");
        for (const auto& [key, value] : {std::pair("rope_scaling", &older), std::pair("rope_parameters", &newer)})
            if (!value->is_null() && !value->is_object()) return refuse(key, *value, "objects are");
        const bool isOlder = older.is_object() && !older.empty();
        const Json& rope = isOlder ? older : newer;
        const std::string holder = isOlder ? "rope_scaling" : "rope_parameters";
        if (has("rope_theta") && !at("rope_theta").is_number()) refuse("rope_theta", at("rope_theta"), "numbers are");
        real(config, "rope_theta", ".rope.freq_base");
        if (!rope.is_object() || rope.empty()) return;
        real(rope, "rope_theta", ".rope.freq_base");
        const std::string kind = textOr(rope, "rope_type", textOr(rope, "type", "default"));
        for (const auto& [key, value] : rope.items()) ropeKey(holder, kind, key, value);
        if (kind == "default") return;
        out.metadata[type + ".rope.scaling.type"] = kind;
        real(rope, "factor", ".rope.scaling.factor");
        std::int64_t trained = integerOr(rope, "original_max_position_embeddings", 0);
        if (has("original_max_position_embeddings")) trained = integerOr(config, "original_max_position_embeddings", 0);
        if (trained != 0) out.metadata[type + ".rope.scaling.original_context_length"] = trained;
        if (kind == "llama3")
            for (const auto& [from, to] : {std::pair("low_freq_factor", ".rope.scaling.low_freq_factor"),
                     std::pair("high_freq_factor", ".rope.scaling.high_freq_factor")}) {
                if (!memberOf(rope, from).is_number())
                    refuse(fmt::format("{}.{}", holder, from), memberOf(rope, from), "numbers are");
                real(rope, from, to);
            }
        if (kind == "yarn") yarn(rope, trained);
    }

    void yarn(const Json& rope, std::int64_t trained) {
        double factor = numberOr(rope, "factor", 0);
        if (!memberOf(rope, "factor").is_number() && trained > 0) {
            factor =
                static_cast<double>(integerOr(config, "max_position_embeddings", 0)) / static_cast<double>(trained);
            out.metadata[type + ".rope.scaling.factor"] = factor;
        }
        for (const auto& [from, to] : {std::pair("beta_fast", ".rope.scaling.yarn_beta_fast"),
                 std::pair("beta_slow", ".rope.scaling.yarn_beta_slow")})
            if (numberOr(rope, from, 0) != 0) real(rope, from, to);
        if (!boolOr(rope, "truncate", true)) out.metadata["dubito.rope_between_indices"] = true;
        // GGUF's factor is multiplied by what follows from the scaling; the folder's stands for the whole.
        const double log = std::log(std::max(factor, 1.0)), usual = 0.1 * log + 1;
        const double scale = numberOr(rope, "mscale", 0), allScale = numberOr(rope, "mscale_all_dim", 0);
        double whole = usual;
        if (memberOf(rope, "attention_factor").is_number()) whole = numberOr(rope, "attention_factor", 0);
        else if (scale != 0 && allScale != 0) whole = (0.1 * scale * log + 1) / (0.1 * allScale * log + 1);
        if (!(whole > 0 && whole < 1e4)) return refuse("attention_factor", Json(whole), "positive numbers are");
        if (whole != usual) out.metadata[type + ".rope.scaling.attn_factor"] = whole / usual;
    }

    void ropeKey(const std::string& holder, const std::string& kind, const std::string& key, const Json& value) {
        const std::string name = holder + "." + key;
        constexpr std::string_view kAny[] = {"rope_type", "type", "rope_theta"},
                                   kYarn[] = {"attention_factor", "beta_fast", "beta_slow", "mscale", "mscale_all_dim"};
        const auto isIn = [&](const auto& list) {
            return std::find(std::begin(list), std::end(list), key) != std::end(list);
        };
        if (isIn(kAny)) return note(Fate::Used, name, "");
        if (key == "partial_rotary_factor") {
            if (value.is_number() && value.get<double>() == 1)
                return note(Fate::Harmless, name, "whole heads are turned");
            if (!value.is_null()) refuse(name, value, "whole heads are turned");
            return;
        }
        if (kind == "default") {
            // The reference reads none of the others then; some say what cannot be meant.
            if (value.is_object() || value.is_array()) return refuse(name, value, "one rotation for all layers is");
            return note(Fate::Warning, name, "is not read where the rotation is \"default\", by transformers neither");
        }
        if (key == "factor" || key == "original_max_position_embeddings") {
            if (!value.is_null() && !value.is_number()) return refuse(name, value, "numbers are");
            return note(Fate::Used, name, "");
        }
        if (kind == "llama3" && (key == "low_freq_factor" || key == "high_freq_factor"))
            return note(Fate::Used, name, "");
        if (kind == "yarn" && isIn(kYarn)) {
            if (!value.is_null() && !value.is_number()) return refuse(name, value, "numbers are");
            return note(Fate::Used, name, "");
        }
        if (kind == "yarn" && key == "truncate") {
            if (!value.is_boolean()) return refuse(name, value, "true and false are");
            return note(Fate::Used, name, "");
        }
        if (isUnset(value)) return note(Fate::Harmless, name, "is not set");
        if (value.is_object() || value.is_array()) return refuse(name, value, "one factor for all frequencies is");
        const bool isOfOther = isIn(kYarn) || key == "truncate" || key == "low_freq_factor" ||
                               key == "high_freq_factor" || key == "finetuned";
        if (isOfOther)
            return note(Fate::Warning, name,
                fmt::format("is not read where the rotation is \"{}\", by transformers neither", kind));
        refuse(name, value, "no such part of a rotation is");
    }

    void one(const std::string& key, const Json& value) {
        const auto isIn = [&](const auto& list) {
            return std::find(std::begin(list), std::end(list), key) != std::end(list);
        };
        if (key == "architectures") return architectures(value);
        if (key == "quantization_config" || key == "quantization" || key == "compression_config") {
            if (isUnset(value)) return note(Fate::Harmless, key, "is not set");
            return refuse(key, value, "folders of F32, F16 and BF16, and quantised GGUF files, are");
        }
        if (key == "transformers_weights" && !isUnset(value)) return refuse(key, value, "model.safetensors is");
        if (key == "partial_rotary_factor" || key == "rotary_pct") {
            if (value.is_null() || (value.is_number() && value.get<double>() == 1))
                return note(Fate::Harmless, key, "whole heads are turned");
            return refuse(key, value, "whole heads are turned");
        }
        if (key == "is_causal" || key == "is_decoder") {
            if (key == "is_causal" && value == false) return refuse(key, value, "only what came before is seen");
            return note(Fate::Harmless, key, "only what came before is seen");
        }
        if (key == "original_max_position_embeddings") return note(Fate::Used, key, "");
        if (isIn(kRead) || (type == "qwen" && isIn(kRead2023))) {
            const bool isIgnored = (key == "attention_bias" && (out.type == "qwen2" || out.type == "mistral")) ||
                                   (key == "mlp_bias" && out.type != "llama");
            if (isIgnored && value == true)
                return note(
                    Fate::Warning, key, fmt::format("{} models do not heed it, in transformers neither", out.type));
            return note(Fate::Used, key, "");
        }
        for (const Harmless& group : harmlessKeys())
            if (isIn(group.keys)) return note(Fate::Harmless, key, group.why);
        if (isUnset(value)) return note(Fate::Harmless, key, "is not set");
        const bool isSuspect = std::any_of(std::begin(kSuspects), std::end(kSuspects),
            [&](std::string_view word) { return key.find(word) != std::string::npos; });
        if (isSuspect) return refuse(key, value, "only models without it are");
        note(Fate::Warning, key,
            fmt::format("is not known for {} models, to transformers neither: it is not heeded", out.type));
    }

    void architectures(const Json& value) {
        const std::string name =
            value.is_array() && value.size() == 1 && value[0].is_string() ? value[0].get<std::string>() : "";
        if (name.ends_with("ForCausalLM") || name == "QWenLMHeadModel" || value.is_null())
            return note(Fate::Used, "architectures", "");
        note(Fate::Warning, "architectures",
            fmt::format("names {}, which is no ForCausalLM: the model is read as one all the same",
                jsonText(value).substr(0, 80)));
    }
};

}  // namespace

Result<FolderConfig> readFolderConfig(const Json& config) {
    FolderConfig out;
    out.type = textOr(config, "model_type", "");
    const std::string type = out.type == "mistral" ? "llama" : out.type;  // the same blocks, behind one window
    if (type != "llama" && type != "qwen" && type != "qwen2" && type != "qwen3")
        return Error(Code::Unsupported,
            fmt::format("the model_type \"{}\" is not supported; llama, mistral, qwen, qwen2 and qwen3 are", out.type));
    out.metadata["general.architecture"] = type;
    out.metadata["general.name"] = fs::path(textOr(config, "_name_or_path", type)).filename().string();
    out.metadata["dubito.rows_in_order"] = true;  // q and k rows are not interleaved, as GGUF's are for llama
    Reader reader{config, out, type};
    for (const auto& [key, value] : config.items()) reader.one(key, value);
    reader.sizes();
    reader.blocks();
    reader.window();
    reader.rope();
    return out;
}

}  // namespace dubito::lm
