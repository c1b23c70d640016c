// Names and numbers are translated once; weights stay where they are mapped.
#include "lm/formats/model_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/json.h"
#include "lm/formats/safetensors.h"
#include "lm/formats/tensor_names.h"
#include "lm/text/tokenizer_config.h"
#include "lm/text/vocabulary.h"

namespace dubito::lm {
namespace {

constexpr std::size_t kMaxJson = 64u << 20;

Result<Json> readJson(const fs::path& path) {
    DUBITO_TRY(const std::string text, readFile(path, kMaxJson));
    auto json = parseJson(text, {kMaxJson, 32});
    if (!json) return std::move(json).error().in("reading " + path.string());
    return json;
}

bool isThere(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

std::uint32_t typeCodeOf(const std::string& dtype) {
    if (dtype == "F32") return static_cast<std::uint32_t>(GgmlType::F32);
    if (dtype == "F16") return static_cast<std::uint32_t>(GgmlType::F16);
    if (dtype == "BF16") return static_cast<std::uint32_t>(GgmlType::BF16);
    return dtype == "F64" ? 28 : dtype == "I8" ? 24 : 1000;  // named and refused where it is needed
}

Result<std::vector<fs::path>> shardsOf(const fs::path& folder) {
    if (isThere(folder / "model.safetensors")) return std::vector<fs::path>{folder / "model.safetensors"};
    const fs::path index = folder / "model.safetensors.index.json";
    if (!isThere(index))
        return Error(Code::NotFound,
            "the folder holds neither model.safetensors nor model.safetensors.index.json. Folder: " + folder.string());
    DUBITO_TRY(const Json json, readJson(index));
    std::set<std::string> names;
    for (const auto& [tensor, file] : memberOf(json, "weight_map").items()) {
        const std::string name = file.is_string() ? file.get<std::string>() : "";
        if (name.empty() || name.find('/') != std::string::npos || name.find('\\') != std::string::npos ||
            name.find("..") != std::string::npos || name.find('\0') != std::string::npos)
            return Error(Code::CorruptData,
                fmt::format("the index names the shard \"{}\" for {}; plain names are allowed", name, tensor));
        names.insert(name);
    }
    if (names.empty() || names.size() > 1000)
        return Error(Code::CorruptData, fmt::format("the index names {} shards", names.size()));
    std::vector<fs::path> out;
    for (const auto& name : names) {
        if (!isThere(folder / name))
            return Error(Code::NotFound, fmt::format("the shard {} is missing. Folder: {}", name, folder.string()));
        out.push_back(folder / name);
    }
    return out;
}

using Metadata = std::map<std::string, GgufValue, std::less<>>;

/// Keys by which transformers computes something else than what is computed here, at the values that do not.
/// @error Unsupported (the key, its value and what is read)
Result<void> checkKeys(const Json& config) {
    const auto refuse = [](const std::string& key, const Json& value, const char* read) {
        return Error(Code::Unsupported,
            fmt::format("config.json sets {} to {}, which is not read; {}", key, jsonText(value).substr(0, 80), read));
    };
    const auto isUnset = [](const Json& value) {
        return value.is_null() || (value.is_boolean() && !value.get<bool>()) ||
               (value.is_number() && value.get<double>() == 0) ||
               ((value.is_array() || value.is_object()) && value.empty());
    };
    const Json& act = memberOf(config, "hidden_act");
    if (act.is_string() && act != "silu" && act != "swish") return refuse("hidden_act", act, "silu is");
    if (const Json& quantised = memberOf(config, "quantization_config"); !isUnset(quantised))
        return refuse("quantization_config", quantised, "folders of F32, F16 and BF16, and quantised GGUF files, are");
    for (const char* key : {"mlp_bias", "pruned_heads", "add_cross_attention", "is_encoder_decoder", "use_moe",
             "num_experts", "num_local_experts", "attn_logit_softcapping", "final_logit_softcapping", "logit_scale",
             "embedding_multiplier", "residual_multiplier", "attention_multiplier", "use_qk_norm", "clip_qkv"})
        if (const Json& value = memberOf(config, key); !isUnset(value)) return refuse(key, value, "only without it");
    for (const char* key : {"partial_rotary_factor", "rotary_pct"})
        for (const Json* holder : {&config, &memberOf(config, "rope_parameters"), &memberOf(config, "rope_scaling")})
            if (const Json& value = memberOf(*holder, key); value.is_number() && value.get<double>() != 1)
                return refuse(key, value, "whole heads are turned");
    for (const char* holder : {"rope_parameters", "rope_scaling"}) {
        const Json& rope = memberOf(config, holder);
        if (const Json& cut = memberOf(rope, "truncate"); cut.is_boolean() && !cut.get<bool>())
            return refuse(std::string(holder) + ".truncate", cut, "whole indices of frequencies are");
        for (const char* key : {"short_factor", "long_factor", "mrope_section"})
            if (const Json& value = memberOf(rope, key); !isUnset(value))
                return refuse(std::string(holder) + "." + key, value, "one factor for all frequencies is");
    }
    return {};
}

Result<void> takeConfig(const Json& config, Metadata& out) {
    const std::string given = textOr(config, "model_type", "");
    const std::string type = given == "mistral" ? "llama" : given;  // the same blocks, all of them behind one window
    if (type != "llama" && type != "qwen" && type != "qwen2" && type != "qwen3")
        return Error(Code::Unsupported,
            fmt::format("the model_type \"{}\" is not supported; llama, mistral, qwen, qwen2 and qwen3 are", given));
    DUBITO_CHECK(checkKeys(config));
    out["general.architecture"] = type;
    out["general.name"] = fs::path(textOr(config, "_name_or_path", type)).filename().string();
    out["dubito.rows_in_order"] = true;  // q and k rows are not interleaved, as GGUF's are for llama
    const auto whole = [&](const char* from, const char* to) {
        if (memberOf(config, from).is_number_integer()) out[type + to] = integerOr(config, from, 0);
    };
    const auto real = [&](const Json& object, const char* from, const std::string& to) {
        if (memberOf(object, from).is_number()) out[type + to] = numberOr(object, from, 0);
    };
    whole("num_hidden_layers", ".block_count");
    whole("hidden_size", ".embedding_length");
    whole("intermediate_size", ".feed_forward_length");
    whole("num_attention_heads", ".attention.head_count");
    whole("num_key_value_heads", ".attention.head_count_kv");
    whole("head_dim", ".attention.key_length");
    if (type == "qwen3" && !memberOf(config, "head_dim").is_number_integer())
        out[type + ".attention.key_length"] = std::int64_t{128};
    whole("max_position_embeddings", ".context_length");
    real(config, "rms_norm_eps", ".attention.layer_norm_rms_epsilon");
    real(config, "rope_theta", ".rope.freq_base");
    if ((given == "mistral" || boolOr(config, "use_sliding_window", false)) &&
        memberOf(config, "sliding_window").is_number_integer()) {
        out["dubito.window"] = integerOr(config, "sliding_window", 0);
        out["dubito.window_from"] = given == "mistral" ? 0 : integerOr(config, "max_window_layers", 0);
        if (const Json& kinds = memberOf(config, "layer_types"); kinds.is_array() && given != "mistral") {
            std::string layers;
            for (const Json& kind : kinds) layers += kind == "sliding_attention" ? '1' : '0';
            out["dubito.window_layers"] = layers;
        }
    }
    if (type == "qwen") {  // the 2023 release has names of its own
        whole("kv_channels", ".attention.key_length");
        whole("seq_length", ".context_length");
        real(config, "layer_norm_epsilon", ".attention.layer_norm_rms_epsilon");
        real(config, "rotary_emb_base", ".rope.freq_base");
        if (boolOr(config, "use_dynamic_ntk", false)) out["qwen.rope.scaling.type"] = std::string("dynamic_ntk");
        if (boolOr(config, "use_logn_attn", false)) out["dubito.logn"] = true;
    }
    const Json& rope = memberOf(config, "rope_parameters").is_object() ? memberOf(config, "rope_parameters")
                                                                       : memberOf(config, "rope_scaling");
    if (rope.is_object()) {
        real(rope, "rope_theta", ".rope.freq_base");
        const std::string kind = textOr(rope, "rope_type", textOr(rope, "type", "default"));
        if (kind != "default") {
            out[type + ".rope.scaling.type"] = kind;
            real(rope, "factor", ".rope.scaling.factor");
            real(rope, "low_freq_factor", ".rope.scaling.low_freq_factor");
            real(rope, "high_freq_factor", ".rope.scaling.high_freq_factor");
            real(rope, "attention_factor", ".rope.scaling.attn_factor");
            const double scale = numberOr(rope, "mscale", 0), allScale = numberOr(rope, "mscale_all_dim", 0);
            if (kind == "yarn" && scale != 0 && allScale != 0 && !memberOf(rope, "attention_factor").is_number()) {
                const double log = std::log(std::max(numberOr(rope, "factor", 1), 1.0));
                out[type + ".rope.scaling.attn_factor"] = (0.1 * scale * log + 1) / (0.1 * allScale * log + 1);
            }
            real(rope, "beta_fast", ".rope.scaling.yarn_beta_fast");
            real(rope, "beta_slow", ".rope.scaling.yarn_beta_slow");
            if (memberOf(rope, "original_max_position_embeddings").is_number_integer())
                out[type + ".rope.scaling.original_context_length"] =
                    integerOr(rope, "original_max_position_embeddings", 0);
        }
    }
    return {};
}

void takeVocabulary(const Vocabulary& vocabulary, Metadata& out, GgufLists& kept) {
    out["tokenizer.ggml.model"] = vocabulary.model;
    if (!vocabulary.pre.empty()) out["tokenizer.ggml.pre"] = vocabulary.pre;
    out["tokenizer.ggml.tokens"] = kept.texts(vocabulary.tokens);
    if (vocabulary.model == "gpt2") out["tokenizer.ggml.merges"] = kept.texts(vocabulary.merges);
    if (!vocabulary.types.empty()) out["tokenizer.ggml.token_type"] = kept.numbers(vocabulary.types, 5);
    if (!vocabulary.scores.empty()) out["tokenizer.ggml.scores"] = kept.numbers(vocabulary.scores, 6);
    const auto id = [&](const char* key, const std::optional<std::int64_t>& value) {
        if (value && !out.contains(key)) out[key] = *value;  // the configuration goes first
    };
    id("tokenizer.ggml.bos_token_id", vocabulary.bos);
    id("tokenizer.ggml.eos_token_id", vocabulary.eos);
    id("tokenizer.ggml.unknown_token_id", vocabulary.unknown);
    id("tokenizer.ggml.seperator_token_id", vocabulary.separator);
    out["tokenizer.ggml.add_bos_token"] = vocabulary.addBos;
    if (vocabulary.rules.empty()) {
        if (vocabulary.model == "llama") out["tokenizer.ggml.add_space_prefix"] = vocabulary.addSpacePrefix;
        return;
    }
    if (vocabulary.model == "llama") out["tokenizer.ggml.add_space_prefix"] = vocabulary.addSpacePrefix;
    // What GGUF has words for is said in them; what is done to text stands in the file's own words.
    out["dubito.tokenizer"] = vocabulary.rules;
    out["dubito.merges"] = kept.texts(vocabulary.merges);
    if (!vocabulary.notInGguf.empty()) out["dubito.tokenizer_only_here"] = vocabulary.notInGguf;
}

/// Special tokens by the names that tokenizer_config.json gives them: these are what a template is given.
void takeNamedTokens(const Json& settings, const Vocabulary& vocabulary, Metadata& out) {
    if (!settings.is_object()) return;
    const auto idOf = [&](const char* key) -> std::optional<std::int64_t> {
        const Json& value = memberOf(settings, key);
        const std::string name = value.is_string() ? value.get<std::string>() : textOr(value, "content", "");
        const auto found = std::find(vocabulary.tokens.begin(), vocabulary.tokens.end(), name);
        if (name.empty() || found == vocabulary.tokens.end()) return std::nullopt;
        return found - vocabulary.tokens.begin();
    };
    constexpr std::pair<const char*, const char*> kNames[] = {{"bos_token", "bos"}, {"unk_token", "unknown"},
        {"pad_token", "padding"}, {"cls_token", "cls"}, {"mask_token", "mask"}};
    for (const auto& [name, key] : kNames)
        if (const auto id = idOf(name)) out[fmt::format("tokenizer.ggml.{}_token_id", key)] = *id;
    const auto eos = idOf("eos_token");
    const auto before = out.find("tokenizer.ggml.eos_token_id");
    if (!eos) return;
    if (before != out.end() && std::holds_alternative<std::int64_t>(before->second) &&
        std::get<std::int64_t>(before->second) != *eos) {  // the configuration's still ends an answer
        auto& more = out["dubito.more_ends"];
        const std::string others = std::holds_alternative<std::string>(more) ? std::get<std::string>(more) : "";
        more = others + fmt::format("{} ", std::get<std::int64_t>(before->second));
    }
    out["tokenizer.ggml.eos_token_id"] = *eos;
}

/// Whatever tokenizer the folder holds; none is no error, a model without one can still be looked at.
Result<void> takeTokenizer(const fs::path& folder, Metadata& out, GgufLists& kept) {
    if (isThere(folder / "tokenizer.json")) {
        DUBITO_TRY(Json json, readJson(folder / "tokenizer.json"));
        Json settings;
        if (isThere(folder / "tokenizer_config.json")) {
            DUBITO_TRY(settings, readJson(folder / "tokenizer_config.json"));
        }
        DUBITO_CHECK(applyTokenizerConfig(settings, json));
        DUBITO_TRY(const Vocabulary vocabulary, vocabularyFromJson(json));
        takeVocabulary(vocabulary, out, kept);
        takeNamedTokens(settings, vocabulary, out);
    } else if (isThere(folder / "tokenizer.model")) {
        DUBITO_TRY(const std::string bytes, readFile(folder / "tokenizer.model", kMaxJson));
        if (!bytes.empty() && bytes.front() == '\x0A') {
            DUBITO_TRY(const Vocabulary vocabulary, vocabularyFromSentencePiece(asBytes(bytes)));
            takeVocabulary(vocabulary, out, kept);
        } else {
            std::vector<std::string> specials = {"<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>",
                "<|reserved_special_token_1|>", "<|finetune_right_pad_id|>", "<|reserved_special_token_2|>",
                "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", "<|eot_id|>", "<|python_tag|>"};
            for (int i = 3; specials.size() < 256; ++i)
                specials.push_back(fmt::format("<|reserved_special_token_{}|>", i));
            DUBITO_TRY(Vocabulary vocabulary, vocabularyFromTiktoken(bytes, "llama-bpe", specials));
            vocabulary.addBos = true;
            vocabulary.bos = static_cast<std::int64_t>(vocabulary.tokens.size() - 256);
            takeVocabulary(vocabulary, out, kept);
        }
    } else if (isThere(folder / "qwen.tiktoken")) {
        DUBITO_TRY(const std::string bytes, readFile(folder / "qwen.tiktoken", kMaxJson));
        std::vector<std::string> specials = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
        for (int i = 0; i < 205; ++i) specials.push_back(fmt::format("<|extra_{}|>", i));
        DUBITO_TRY(Vocabulary vocabulary, vocabularyFromTiktoken(bytes, "qwen2", specials));
        vocabulary.eos = static_cast<std::int64_t>(vocabulary.tokens.size() - specials.size());
        takeVocabulary(vocabulary, out, kept);
    }
    return {};
}

/// End tokens from both configurations: an id or a list of ids.
void takeEnds(const Json& config, const Json& generation, Metadata& out) {
    std::vector<std::int64_t> ends;
    for (const Json* source : {&config, &generation}) {
        const Json& eos = memberOf(*source, "eos_token_id");
        const auto add = [&](const Json& id) {
            if (id.is_number_integer() && std::find(ends.begin(), ends.end(), id.get<std::int64_t>()) == ends.end())
                ends.push_back(id.get<std::int64_t>());
        };
        if (eos.is_array())
            for (const Json& id : eos) add(id);
        else add(eos);
    }
    const char* const keys[] = {
        "tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"};
    for (std::size_t i = 0; i < std::min(ends.size(), std::size(keys)); ++i) out[keys[i]] = ends[i];
    std::string more;
    for (std::size_t i = std::size(keys); i < ends.size(); ++i) more += fmt::format("{} ", ends[i]);
    if (!more.empty()) out["dubito.more_ends"] = more;
    if (memberOf(config, "bos_token_id").is_number_integer())
        out["tokenizer.ggml.bos_token_id"] = integerOr(config, "bos_token_id", 0);
}

Result<std::shared_ptr<GgufFile>> openFolder(const fs::path& folder) {
    auto kept = std::make_shared<GgufLists>();
    Metadata metadata;
    if (!isThere(folder / "config.json"))
        return Error(Code::NotFound, "the folder holds no config.json. Folder: " + folder.string());
    DUBITO_TRY(const Json config, readJson(folder / "config.json"));
    DUBITO_CHECK(takeConfig(config, metadata));
    Json generation;
    if (isThere(folder / "generation_config.json")) {
        DUBITO_TRY(generation, readJson(folder / "generation_config.json"));
    }
    takeEnds(config, generation, metadata);
    DUBITO_CHECK(takeTokenizer(folder, metadata, *kept));
    if (isThere(folder / "chat_template.jinja")) {
        DUBITO_TRY(metadata["tokenizer.chat_template"], readFile(folder / "chat_template.jinja", 1 << 20));
    } else if (isThere(folder / "tokenizer_config.json")) {
        DUBITO_TRY(const Json tokenizer, readJson(folder / "tokenizer_config.json"));
        const Json& chat = memberOf(tokenizer, "chat_template");
        if (chat.is_string() && !chat.get<std::string>().empty())
            metadata["tokenizer.chat_template"] = chat.get<std::string>();
        if (chat.is_array())  // named ones: a talk takes the one called default
            for (const Json& one : chat) {
                const std::string name = textOr(one, "name", ""), source = textOr(one, "template", "");
                metadata[name == "default" ? "tokenizer.chat_template" : "tokenizer.chat_template." + name] = source;
            }
    }
    DUBITO_TRY(const std::vector<fs::path> shards, shardsOf(folder));
    std::vector<GgufTensor> tensors;
    std::vector<std::shared_ptr<MappedFile>> files;
    for (const fs::path& shard : shards) {
        DUBITO_TRY(auto file, SafetensorsFile::open(shard));
        for (const SafeTensor& from : file->tensors()) {
            GgufTensor tensor;
            tensor.name = ggufName(from.name);
            if (tensor.name.empty() && isNeedless(from.name)) continue;
            if (tensor.name.empty()) tensor.name = from.name;  // told of when the model is used
            if (from.shape.empty() || from.shape.size() > 4) continue;
            tensor.typeCode = typeCodeOf(from.dtype);
            tensor.dims.assign(from.shape.rbegin(), from.shape.rend());
            if (blockLayout(static_cast<GgmlType>(tensor.typeCode)).elements) {
                tensor.bytes = from.data.size();
                tensor.data = from.data.data();
            }
            tensors.push_back(std::move(tensor));
        }
        files.push_back(file->file());
    }
    // A head that the configuration ties to the embedding may be stored as well, with the same values: a stored head is
    // used.
    return GgufFile::assemble(std::move(metadata), std::move(tensors), std::move(files), kept);
}

}  // namespace

Result<std::shared_ptr<GgufFile>> openModel(const fs::path& path) {
    std::error_code error;
    DUBITO_TRY(auto file, fs::is_directory(path, error) ? openFolder(path) : GgufFile::open(path));
    // The 2023 Qwen keeps q, k and v in one tensor, and states twice the width of its feed-forward part.
    if (file->text("general.architecture") == "qwen") {
        for (std::int64_t layer = 0;
             layer < std::min<std::int64_t>(file->integer("qwen.block_count").value_or(0), 1024); ++layer)
            for (const char* kind : {"weight", "bias"}) {
                const std::string prefix = fmt::format("blk.{}.attn_", layer);
                DUBITO_CHECK(file->splitRows(
                    prefix + "qkv." + kind, {prefix + "q." + kind, prefix + "k." + kind, prefix + "v." + kind}));
            }
        if (const GgufTensor* gate = file->findTensor("blk.0.ffn_gate.weight");
            gate && file->integer("qwen.feed_forward_length") == 2 * gate->rows())
            file->setInteger("qwen.feed_forward_length", gate->rows());
    }
    return file;
}

}  // namespace dubito::lm
