// Names and numbers are translated once; weights stay where they are mapped.
#include "lm/formats/model_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "lm/formats/folder_config.h"
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

/// Which file holds which tensor. An empty map: the one file, with all that is in it.
struct Shards {
    std::vector<fs::path> files;
    std::map<std::string, std::string> fileOf;  ///< tensor -> name of its file
};

/// @error as readJson; NotFound (a shard), CorruptData (the index)
Result<Shards> shardsOf(const fs::path& folder, Account& account) {
    const fs::path index = folder / "model.safetensors.index.json", single = folder / "model.safetensors";
    if (!isThere(index)) {
        if (isThere(single)) return Shards{{single}, {}};
        return Error(Code::NotFound,
            "the folder holds neither model.safetensors nor model.safetensors.index.json. Folder: " + folder.string());
    }
    DUBITO_TRY(const Json json, readJson(index));
    Shards out;
    std::set<std::string> names;
    for (const auto& [tensor, file] : memberOf(json, "weight_map").items()) {
        const std::string name = file.is_string() ? file.get<std::string>() : "";
        if (name.empty() || name.find('/') != std::string::npos || name.find('\\') != std::string::npos ||
            name.find("..") != std::string::npos || name.find('\0') != std::string::npos)
            return Error(Code::CorruptData,
                fmt::format("the index names the shard \"{}\" for {}; plain names are allowed", name, tensor));
        names.insert(name);
        out.fileOf[tensor] = name;
    }
    if (isThere(single)) {
        // Both: the single file goes first, as transformers has it, unless it is only a part of the model.
        DUBITO_TRY(const auto file, SafetensorsFile::open(single));
        std::set<std::string> held;
        for (const SafeTensor& tensor : file->tensors()) held.insert(tensor.name);
        const bool isWhole = std::all_of(
            out.fileOf.begin(), out.fileOf.end(), [&](const auto& one) { return held.contains(one.first); });
        if (!names.contains(single.filename()))
            account.push_back({Fate::Warning, "file: model.safetensors",
                isWhole ? "lies beside an index of other files: it is read, the index is not"
                        : "lies beside an index of other files and is only a part of the model: it is not read"});
        if (isWhole) return Shards{{single}, {}};
    }
    if (names.empty() || names.size() > 1000)
        return Error(Code::CorruptData, fmt::format("the index names {} shards", names.size()));
    for (const auto& name : names) {
        if (!isThere(folder / name))
            return Error(Code::NotFound, fmt::format("the shard {} is missing. Folder: {}", name, folder.string()));
        out.files.push_back(folder / name);
    }
    return out;
}

using Metadata = std::map<std::string, GgufValue, std::less<>>;

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
    std::vector<std::string> weights;
    for (const double weight : vocabulary.weights) weights.push_back(fmt::format("{}", weight));
    if (!weights.empty()) out["dubito.weights"] = kept.texts(weights);
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
Result<void> takeTokenizer(const fs::path& folder, Metadata& out, GgufLists& kept, Account& account) {
    if (isThere(folder / "tokenizer.json")) {
        DUBITO_TRY(Json json, readJson(folder / "tokenizer.json"));
        Json settings;
        if (isThere(folder / "tokenizer_config.json")) {
            DUBITO_TRY(settings, readJson(folder / "tokenizer_config.json"));
        }
        DUBITO_CHECK(applyTokenizerConfig(settings, json, account));
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

/// The tensors of all shards. One that lies in several is taken from where the index says.
Result<std::vector<GgufTensor>> takeTensors(
    const fs::path& folder, std::vector<std::shared_ptr<MappedFile>>& files, Account& account) {
    DUBITO_TRY(const Shards shards, shardsOf(folder, account));
    std::vector<GgufTensor> tensors;
    std::set<std::string> seen;
    for (const fs::path& shard : shards.files) {
        DUBITO_TRY(auto file, SafetensorsFile::open(shard));
        for (const SafeTensor& from : file->tensors()) {
            const auto place = shards.fileOf.find(from.name);
            if (!shards.fileOf.empty() && (place == shards.fileOf.end() || place->second != shard.filename())) {
                account.push_back({Fate::Warning, fmt::format("tensor: {} in {}", from.name, shard.filename().string()),
                    "the index does not name it: it is not read"});
                continue;
            }
            seen.insert(from.name);
            GgufTensor tensor;
            tensor.name = ggufName(from.name);
            if (tensor.name.empty() && isNeedless(from.name)) {
                account.push_back({Fate::Harmless, "tensor: " + from.name, "a table that is computed anew"});
                continue;
            }
            if (tensor.name.empty()) tensor.name = from.name;  // told of when the model is used
            tensor.typeCode = typeCodeOf(from.dtype);
            tensor.dims.assign(from.shape.rbegin(), from.shape.rend());
            if (from.shape.empty()) tensor.dims = {1};
            if (from.shape.size() <= 4 && blockLayout(static_cast<GgmlType>(tensor.typeCode)).elements) {
                tensor.bytes = from.data.size();
                tensor.data = from.data.data();
            }
            tensors.push_back(std::move(tensor));
        }
        files.push_back(file->file());
    }
    for (const auto& [tensor, file] : shards.fileOf)
        if (!seen.contains(tensor))
            return Error(
                Code::CorruptData, fmt::format("the index says that {} holds {}, which it does not. Folder: {}", file,
                                       tensor, folder.string()));
    return tensors;
}

/// What the class of this configuration would not build, or would fill at random.
void checkTensors(FolderConfig& read, const std::vector<GgufTensor>& tensors) {
    const auto has = [&](std::string_view name) {
        return std::any_of(tensors.begin(), tensors.end(), [&](const GgufTensor& one) { return one.name == name; });
    };
    const auto check = [&](const char* part, bool isBuilt, const char* reason) {
        const std::string name = fmt::format("blk.0.{}.bias", part), folder = folderName(name);
        if (has(name) == isBuilt) return;
        read.account.push_back({Fate::Refused, "tensor: " + folder,
            isBuilt ? fmt::format("{} asks for the tensor {}, which the folder lacks", reason, folder)
                    : fmt::format("the folder holds the tensor {}, and {} asks for none: which of the two is meant "
                                  "cannot be known",
                          folder, reason)});
    };
    const bool byKind = read.type == "qwen2" || read.type == "mistral";
    const char* attention = byKind ? "the model_type" : "attention_bias in config.json";
    if (read.type != "qwen") {
        for (const char* part : {"attn_q", "attn_k", "attn_v"}) check(part, read.attnBias, attention);
        check("attn_output", read.outBias, attention);
        const char* mlp = read.type == "llama" ? "mlp_bias in config.json" : "the model_type";
        for (const char* part : {"ffn_gate", "ffn_up", "ffn_down"}) check(part, read.mlpBias, mlp);
    }
    const bool hasHead = has("output.weight");
    if (!hasHead && !read.tied)
        read.account.push_back({Fate::Warning, "tensor: lm_head.weight",
            "is not stored and tie_word_embeddings is not true: the embedding serves as the head, where transformers "
            "would make one up at random"});
    if (hasHead && read.tied)
        read.account.push_back({Fate::Warning, "tensor: lm_head.weight",
            "is stored though tie_word_embeddings is true: the stored one is used"});
}

Result<std::shared_ptr<GgufFile>> openFolder(const fs::path& folder) {
    auto kept = std::make_shared<GgufLists>();
    if (!isThere(folder / "config.json"))
        return Error(Code::NotFound, "the folder holds no config.json. Folder: " + folder.string());
    DUBITO_TRY(const Json config, readJson(folder / "config.json"));
    DUBITO_TRY(FolderConfig read, readFolderConfig(config));
    Metadata& metadata = read.metadata;
    Json generation;
    if (isThere(folder / "generation_config.json")) {
        DUBITO_TRY(generation, readJson(folder / "generation_config.json"));
    }
    takeEnds(config, generation, metadata);
    DUBITO_CHECK(takeTokenizer(folder, metadata, *kept, read.account));
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
    std::vector<std::shared_ptr<MappedFile>> files;
    DUBITO_TRY(std::vector<GgufTensor> tensors, takeTensors(folder, files, read.account));
    checkTensors(read, tensors);
    DUBITO_TRY(auto file, GgufFile::assemble(std::move(metadata), std::move(tensors), std::move(files), kept));
    file->setNotes(std::move(read.account));
    return file;
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
