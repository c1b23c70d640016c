// Split rules are written as the pre-tokenizers of the format; their patterns are facts of the models.
#include "lm/text/tokenizer_json.h"

#include "lm/formats/gguf.h"

namespace dubito::lm {
namespace {

Json byteLevel(bool useRegex) {
    return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", useRegex}};
}
Json splitBy(const char* pattern) {
    return {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
}

bool isLlama3(const std::string& pre) { return pre == "llama-bpe" || pre == "llama3" || pre == "llama-v3"; }

Json preTokenizer(const std::string& pre) {
    const char* const kQwen = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
                              R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
    const char* const kLlama = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
                               R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
    const auto sequence = [](Json first, Json second) {
        return Json{{"type", "Sequence"}, {"pretokenizers", {std::move(first), std::move(second)}}};
    };
    if (pre == "qwen2" || pre == "deepseek-r1-qwen") return sequence(splitBy(kQwen), byteLevel(false));
    if (isLlama3(pre)) return sequence(splitBy(kLlama), byteLevel(false));
    if (pre == "smollm" || pre == "starcoder" || pre == "refact" || pre == "command-r")
        return sequence({{"type", "Digits"}, {"individual_digits", true}}, byteLevel(true));
    return byteLevel(true);
}

}  // namespace

namespace {

/// The file that was read, put together again.
Result<Json> tokenizerAsRead(const Vocabulary& vocabulary) {
    DUBITO_TRY(Json rules, parseJson(vocabulary.rules, {256u << 20, 64}));
    std::vector<bool> isOnlyAdded(vocabulary.tokens.size());
    for (const Json& id : memberOf(rules, "only_added"))
        if (id.is_number_unsigned() && id.get<std::size_t>() < isOnlyAdded.size())
            isOnlyAdded[id.get<std::size_t>()] = true;
    Json model = memberOf(rules, "model"), vocab = Json::object();
    for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i)
        if (!isOnlyAdded[i] && (i >= vocabulary.types.size() || vocabulary.types[i] != 5))
            vocab[vocabulary.tokens[i]] = i;
    model["vocab"] = std::move(vocab);
    if (textOr(model, "type", "BPE") == "BPE") model["merges"] = vocabulary.merges;
    Json out = {{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}};
    for (const char* key : {"added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"})
        out[key] = memberOf(rules, key);
    out["model"] = std::move(model);
    return out;
}

}  // namespace

Result<Json> tokenizerJson(const GgufFile& model) {
    DUBITO_TRY(const Vocabulary vocabulary, vocabularyOf(model));
    if (!vocabulary.rules.empty()) return tokenizerAsRead(vocabulary);
    if (vocabulary.model != "gpt2" || vocabulary.pre == "falcon")
        return Error(Code::Unsupported, "tokenizer.json is written for byte-level BPE only");
    Json added = Json::array(), vocab = Json::object(), merges = Json::array();
    for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
        const std::int32_t type = i < vocabulary.types.size() ? vocabulary.types[i] : 1;
        if (type == 5) continue;
        if (type == 3 || type == 4)
            added.push_back({{"id", i}, {"content", vocabulary.tokens[i]}, {"single_word", false}, {"lstrip", false},
                {"rstrip", false}, {"normalized", false}, {"special", type == 3}});
        vocab[vocabulary.tokens[i]] = i;  // specials too: readers look their ids up here
    }
    for (const auto& merge : vocabulary.merges) merges.push_back(merge);
    const bool nfc = vocabulary.pre == "qwen2" || vocabulary.pre == "deepseek-r1-qwen" ||
                     vocabulary.pre == "gpt-neox" || vocabulary.pre == "mpt" || vocabulary.pre == "olmo";
    return Json{{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}, {"added_tokens", added},
        {"normalizer", nfc ? Json{{"type", "NFC"}} : Json(nullptr)}, {"pre_tokenizer", preTokenizer(vocabulary.pre)},
        {"post_processor", byteLevel(true)}, {"decoder", byteLevel(true)},
        {"model",
            {{"type", "BPE"}, {"dropout", nullptr}, {"unk_token", nullptr}, {"continuing_subword_prefix", nullptr},
                {"end_of_word_suffix", nullptr}, {"fuse_unk", false}, {"byte_fallback", false},
                {"ignore_merges", isLlama3(vocabulary.pre)}, {"vocab", vocab}, {"merges", merges}}}};
}

Json tokenizerConfigJson(const GgufFile& model) {
    Json out = {{"tokenizer_class", "PreTrainedTokenizerFast"}, {"clean_up_tokenization_spaces", false}};
    const auto tokens = model.texts("tokenizer.ggml.tokens");
    const auto name = [&](const char* key, const char* as) {
        const auto id = model.integer(key);
        if (tokens && id && *id >= 0 && *id < static_cast<std::int64_t>(tokens->size()))
            out[as] = (*tokens)[static_cast<std::size_t>(*id)];
    };
    name("tokenizer.ggml.bos_token_id", "bos_token");
    name("tokenizer.ggml.eos_token_id", "eos_token");
    name("tokenizer.ggml.padding_token_id", "pad_token");
    if (const auto chat = model.text("tokenizer.chat_template")) out["chat_template"] = *chat;
    return out;
}

}  // namespace dubito::lm
