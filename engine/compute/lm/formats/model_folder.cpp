// Names and numbers are translated once; weights stay where they are mapped.
#include "lm/formats/model_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "lm/formats/safetensors.h"

namespace dubito::lm {
namespace {

constexpr std::size_t kMaxJson = 64u << 20;

/// Lists that were made, not mapped.
struct Kept {
    std::vector<std::unique_ptr<Bytes>> lists;
};

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

/// "model.layers.7.self_attn.q_proj.weight" -> "blk.7.attn_q.weight"; empty: a tensor that decoders do not need.
std::string ggufName(const std::string& name) {
    static const std::map<std::string, std::string, std::less<>> kWhole = {{"model.embed_tokens.weight", "token_embd.weight"}, {"model.norm.weight", "output_norm.weight"}, {"lm_head.weight", "output.weight"}};
    static const std::map<std::string, std::string, std::less<>> kParts = {
        {"input_layernorm", "attn_norm"}, {"post_attention_layernorm", "ffn_norm"}, {"self_attn.q_proj", "attn_q"}, {"self_attn.k_proj", "attn_k"}, {"self_attn.v_proj", "attn_v"}, {"self_attn.o_proj", "attn_output"},
        {"self_attn.q_norm", "attn_q_norm"}, {"self_attn.k_norm", "attn_k_norm"}, {"mlp.gate_proj", "ffn_gate"}, {"mlp.up_proj", "ffn_up"}, {"mlp.down_proj", "ffn_down"}};
    if (const auto whole = kWhole.find(name); whole != kWhole.end()) return whole->second;
    constexpr std::string_view kPrefix = "model.layers.";
    if (!name.starts_with(kPrefix)) return {};
    const auto dot = name.find('.', kPrefix.size()), last = name.rfind('.');
    if (dot == std::string::npos || last <= dot) return {};
    const std::string layer = name.substr(kPrefix.size(), dot - kPrefix.size());
    const auto part = kParts.find(name.substr(dot + 1, last - dot - 1));
    if (part == kParts.end() || layer.empty() || layer.size() > 4 || layer.find_first_not_of("0123456789") != std::string::npos) return {};
    return "blk." + layer + "." + part->second + name.substr(last);
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
    if (!isThere(index)) return Error(Code::NotFound, "the folder holds neither model.safetensors nor model.safetensors.index.json. Folder: " + folder.string());
    DUBITO_TRY(const Json json, readJson(index));
    std::set<std::string> names;
    for (const auto& [tensor, file] : memberOf(json, "weight_map").items()) {
        const std::string name = file.is_string() ? file.get<std::string>() : "";
        if (name.empty() || name.find('/') != std::string::npos || name.find('\\') != std::string::npos || name.find("..") != std::string::npos || name.find('\0') != std::string::npos)
            return Error(Code::CorruptData, fmt::format("the index names the shard \"{}\" for {}; plain names are allowed", name, tensor));
        names.insert(name);
    }
    if (names.empty() || names.size() > 1000) return Error(Code::CorruptData, fmt::format("the index names {} shards", names.size()));
    std::vector<fs::path> out;
    for (const auto& name : names) {
        if (!isThere(folder / name)) return Error(Code::NotFound, fmt::format("the shard {} is missing. Folder: {}", name, folder.string()));
        out.push_back(folder / name);
    }
    return out;
}

using Metadata = std::map<std::string, GgufValue, std::less<>>;

Result<void> takeConfig(const Json& config, Metadata& out) {
    const std::string type = textOr(config, "model_type", "");
    if (type != "llama" && type != "qwen2" && type != "qwen3") return Error(Code::Unsupported, fmt::format("the model_type \"{}\" is not supported; llama, qwen2 and qwen3 are", type));
    if (boolOr(config, "use_sliding_window", false)) return Error(Code::Unsupported, "this model uses sliding-window attention, which is not supported");
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
    if (type == "qwen3" && !memberOf(config, "head_dim").is_number_integer()) out[type + ".attention.key_length"] = std::int64_t{128};
    whole("max_position_embeddings", ".context_length");
    real(config, "rms_norm_eps", ".attention.layer_norm_rms_epsilon");
    real(config, "rope_theta", ".rope.freq_base");
    const Json& rope = memberOf(config, "rope_parameters").is_object() ? memberOf(config, "rope_parameters") : memberOf(config, "rope_scaling");
    if (rope.is_object()) {
        real(rope, "rope_theta", ".rope.freq_base");
        const std::string kind = textOr(rope, "rope_type", textOr(rope, "type", "default"));
        if (kind != "default") {
            out[type + ".rope.scaling.type"] = kind;
            real(rope, "factor", ".rope.scaling.factor");
            real(rope, "low_freq_factor", ".rope.scaling.low_freq_factor");
            real(rope, "high_freq_factor", ".rope.scaling.high_freq_factor");
            real(rope, "attention_factor", ".rope.scaling.attn_factor");
            real(rope, "beta_fast", ".rope.scaling.yarn_beta_fast");
            real(rope, "beta_slow", ".rope.scaling.yarn_beta_slow");
            if (memberOf(rope, "original_max_position_embeddings").is_number_integer()) out[type + ".rope.scaling.original_context_length"] = integerOr(rope, "original_max_position_embeddings", 0);
        }
    }
    return {};
}

GgufArray listOf(const std::vector<std::string>& texts, Kept& kept) {
    auto bytes = std::make_unique<Bytes>();
    for (const auto& text : texts) {
        const std::uint64_t size = text.size();
        const auto* raw = reinterpret_cast<const std::uint8_t*>(&size);
        bytes->insert(bytes->end(), raw, raw + 8);
        bytes->insert(bytes->end(), text.begin(), text.end());
    }
    kept.lists.push_back(std::move(bytes));
    return {8, texts.size(), *kept.lists.back()};
}

/// The split rule by what the pre-tokenizer consists of; empty: none that is known.
std::string splitName(const Json& tokenizer) {
    const std::string text = jsonText(memberOf(tokenizer, "pre_tokenizer"));
    if (text.find("\\\\p{N}{1,3}") != std::string::npos) return "llama-bpe";
    if (text.find("(?i:'s|'t|'re|'ve|'m|'ll|'d)") != std::string::npos) return "qwen2";
    if (text.find("\"Digits\"") != std::string::npos && text.find("\"individual_digits\":true") != std::string::npos) return "smollm";
    if (text.find("\"ByteLevel\"") != std::string::npos && text.find("\"Split\"") == std::string::npos) return "gpt-2";
    return {};
}

Result<void> takeTokenizer(const Json& tokenizer, Metadata& out, Kept& kept) {
    const Json& model = memberOf(tokenizer, "model");
    if (const std::string type = textOr(model, "type", "BPE"); type != "BPE") return Error(Code::Unsupported, fmt::format("the tokenizer type \"{}\" is not supported yet; byte-level BPE is", type));
    const std::string split = splitName(tokenizer);
    if (split.empty()) return Error(Code::Unsupported, "tokenizer.json splits text by a rule that is not known; gpt-2, smollm, qwen2 and llama-bpe are");
    std::vector<std::string> tokens;
    std::vector<std::uint8_t> types;
    const auto put = [&](const Json& id, const std::string& text, std::uint8_t type) -> Result<void> {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() >= 4'000'000) return Error(Code::CorruptData, fmt::format("the token \"{}\" has no id between 0 and 4,000,000", text));
        const auto at = static_cast<std::size_t>(id.get<std::int64_t>());
        if (at >= tokens.size()) tokens.resize(at + 1), types.resize(at + 1, 5);
        tokens[at] = text;
        types[at] = type;
        return {};
    };
    for (const auto& [text, id] : memberOf(model, "vocab").items()) DUBITO_CHECK(put(id, text, 1));
    for (const Json& added : memberOf(tokenizer, "added_tokens")) DUBITO_CHECK(put(memberOf(added, "id"), textOr(added, "content", ""), boolOr(added, "special", false) ? 3 : 4));
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (types[i] == 5) tokens[i] = fmt::format("[unused{}]", i);
    std::vector<std::string> merges;
    for (const Json& merge : memberOf(model, "merges")) {
        if (merge.is_string()) merges.push_back(merge.get<std::string>());
        else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) merges.push_back(merge[0].get<std::string>() + " " + merge[1].get<std::string>());
        else return Error(Code::CorruptData, fmt::format("merge {} is no pair", merges.size()));
    }
    out["tokenizer.ggml.model"] = std::string("gpt2");
    out["tokenizer.ggml.pre"] = split;
    out["tokenizer.ggml.tokens"] = listOf(tokens, kept);
    out["tokenizer.ggml.merges"] = listOf(merges, kept);
    kept.lists.push_back(std::make_unique<Bytes>(types.begin(), types.end()));
    out["tokenizer.ggml.token_type"] = GgufArray{0, types.size(), *kept.lists.back()};
    return {};
}

/// End tokens from both configurations: an id or a list of ids.
void takeEnds(const Json& config, const Json& generation, Metadata& out) {
    std::vector<std::int64_t> ends;
    for (const Json* source : {&config, &generation}) {
        const Json& eos = memberOf(*source, "eos_token_id");
        const auto add = [&](const Json& id) {
            if (id.is_number_integer() && std::find(ends.begin(), ends.end(), id.get<std::int64_t>()) == ends.end()) ends.push_back(id.get<std::int64_t>());
        };
        if (eos.is_array()) for (const Json& id : eos) add(id);
        else add(eos);
    }
    const char* const keys[] = {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"};
    for (std::size_t i = 0; i < std::min(ends.size(), std::size(keys)); ++i) out[keys[i]] = ends[i];
    if (memberOf(config, "bos_token_id").is_number_integer()) out["tokenizer.ggml.bos_token_id"] = integerOr(config, "bos_token_id", 0);
}

Result<std::shared_ptr<GgufFile>> openFolder(const fs::path& folder) {
    auto kept = std::make_shared<Kept>();
    Metadata metadata;
    if (!isThere(folder / "config.json")) return Error(Code::NotFound, "the folder holds no config.json. Folder: " + folder.string());
    DUBITO_TRY(const Json config, readJson(folder / "config.json"));
    DUBITO_CHECK(takeConfig(config, metadata));
    Json generation;
    if (isThere(folder / "generation_config.json")) {
        DUBITO_TRY(generation, readJson(folder / "generation_config.json"));
    }
    takeEnds(config, generation, metadata);
    if (isThere(folder / "tokenizer.json")) {
        DUBITO_TRY(const Json tokenizer, readJson(folder / "tokenizer.json"));
        DUBITO_CHECK(takeTokenizer(tokenizer, metadata, *kept));
    }
    if (isThere(folder / "chat_template.jinja")) {
        DUBITO_TRY(metadata["tokenizer.chat_template"], readFile(folder / "chat_template.jinja", 1 << 20));
    } else if (isThere(folder / "tokenizer_config.json")) {
        DUBITO_TRY(const Json tokenizer, readJson(folder / "tokenizer_config.json"));
        if (const std::string chat = textOr(tokenizer, "chat_template", ""); !chat.empty()) metadata["tokenizer.chat_template"] = chat;
    }
    DUBITO_TRY(const std::vector<fs::path> shards, shardsOf(folder));
    std::vector<GgufTensor> tensors;
    std::vector<std::shared_ptr<MappedFile>> files;
    for (const fs::path& shard : shards) {
        DUBITO_TRY(auto file, SafetensorsFile::open(shard));
        for (const SafeTensor& from : file->tensors()) {
            GgufTensor tensor;
            tensor.name = ggufName(from.name);
            if (tensor.name.empty() || from.shape.empty() || from.shape.size() > 2) continue;
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
    // A head that the configuration ties to the embedding may be stored as well, with the same values: a stored head is used.
    return GgufFile::assemble(std::move(metadata), std::move(tensors), std::move(files), kept);
}

}  // namespace

Result<std::shared_ptr<GgufFile>> openModel(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(path, error) ? openFolder(path) : GgufFile::open(path);
}

}  // namespace dubito::lm
