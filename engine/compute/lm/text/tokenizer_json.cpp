// Split rules are written as the pre-tokenizers of the format; their patterns are facts of the models.
#include "lm/text/tokenizer_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "lm/formats/gguf.h"
#include "lm/text/pretokenizer.h"

namespace dubito::lm {
namespace {

Json byteLevel(bool useRegex) {
    return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", useRegex}};
}
Json splitBy(const std::string& pattern) {
    return {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
}

/// The very stages that this program splits by.
Json preTokenizer(const SplitRule& rule) {
    constexpr std::string_view kSplit = "split ";
    Json steps = Json::array();
    for (const std::string& stage : spelledStages(rule)) {
        if (stage == "gpt2" || stage == "bytes") steps.push_back(byteLevel(stage == "gpt2"));
        else if (stage == "digits") steps.push_back({{"type", "Digits"}, {"individual_digits", true}});
        else steps.push_back(splitBy(stage.substr(kSplit.size())));
    }
    return steps.size() == 1 ? steps[0] : Json{{"type", "Sequence"}, {"pretokenizers", std::move(steps)}};
}

/// Tokens and ids in order. Objects of this kind look for every new key among all: a large one is filled here.
class VocabularyObject {
public:
    /// Of equal tokens the last counts.
    void put(const std::string& token, std::size_t id) {
        const auto [place, isNew] = m_places.emplace(token, m_members.size());
        if (isNew) m_members.push_back({token, id});
        else (m_members.begin() + static_cast<std::ptrdiff_t>(place->second))->second = id;
    }
    Json take() { return Json(std::move(m_members)); }

private:
    Json::object_t m_members;
    std::unordered_map<std::string_view, std::size_t> m_places;
};

/// Both spellings of a list of merges occur; pairs can say every token.
Result<Json> mergesAsPairs(const std::vector<std::string>& merges) {
    const bool isClear =
        std::none_of(merges.begin(), merges.end(), [](const std::string& merge) { return merge.starts_with('\1'); });
    if (isClear) return Json(merges);
    Json out = Json::array();
    for (const std::string& merge : merges) {
        std::string_view left, right;
        if (!partMerge(merge, left, right)) return Error(Code::CorruptData, "a merge of the tokenizer is no pair");
        out.push_back(Json::array({left, right}));
    }
    return out;
}

Json fileOf(const Json& rules, Json model) {
    Json out = {{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}};
    for (const char* key : {"added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"})
        out[key] = memberOf(rules, key);
    out["model"] = std::move(model);
    return out;
}

/// The file that was read, put together again.
Result<Json> tokenizerAsRead(const Vocabulary& vocabulary) {
    DUBITO_TRY(Json rules, parseJson(vocabulary.rules, {256u << 20, 64}));
    std::vector<bool> isOnlyAdded(vocabulary.tokens.size());
    for (const Json& id : memberOf(rules, "only_added"))
        if (id.is_number_unsigned() && id.get<std::size_t>() < isOnlyAdded.size())
            isOnlyAdded[id.get<std::size_t>()] = true;
    Json model = memberOf(rules, "model");
    if (textOr(model, "type", "") == "Unigram") {
        Json& list = model["vocab"] = Json::array();
        for (std::size_t i = 0; i < std::min(vocabulary.weights.size(), vocabulary.tokens.size()); ++i)
            list.push_back(Json::array({vocabulary.tokens[i], vocabulary.weights[i]}));
        return fileOf(rules, std::move(model));
    }
    VocabularyObject vocab;
    for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i)
        if (!isOnlyAdded[i] && (i >= vocabulary.types.size() || vocabulary.types[i] != 5))
            vocab.put(vocabulary.tokens[i], i);
    model["vocab"] = vocab.take();
    if (textOr(model, "type", "BPE") == "BPE") {
        DUBITO_TRY(model["merges"], mergesAsPairs(vocabulary.merges));
    }
    return fileOf(rules, std::move(model));
}

}  // namespace

Result<Json> tokenizerJson(const GgufFile& model) {
    DUBITO_TRY(const Vocabulary vocabulary, vocabularyOf(model));
    if (!vocabulary.rules.empty()) return tokenizerAsRead(vocabulary);
    if (vocabulary.model != "gpt2")
        return Error(Code::Unsupported, "tokenizer.json is written for byte-level BPE only");
    const auto& rules = splitRules();
    const auto rule =
        std::find_if(rules.begin(), rules.end(), [&](const SplitRule& one) { return one.name == vocabulary.pre; });
    if (rule == rules.end())
        return Error(Code::Unsupported,
            fmt::format("the split rule \"{:.60}\" has no spelling in tokenizer.json", vocabulary.pre));
    Json added = Json::array(), merges = Json::array();
    VocabularyObject vocab;
    for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
        const std::int32_t type = i < vocabulary.types.size() ? vocabulary.types[i] : 1;
        if (type == 5) continue;
        if (type == 3 || type == 4)
            added.push_back({{"id", i}, {"content", vocabulary.tokens[i]}, {"single_word", false}, {"lstrip", false},
                {"rstrip", false}, {"normalized", false}, {"special", type == 3}});
        vocab.put(vocabulary.tokens[i], i);  // specials too: readers look their ids up here
    }
    for (const auto& merge : vocabulary.merges) merges.push_back(merge);
    return Json{{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}, {"added_tokens", added},
        {"normalizer", rule->nfc ? Json{{"type", "NFC"}} : Json(nullptr)}, {"pre_tokenizer", preTokenizer(*rule)},
        {"post_processor", byteLevel(true)}, {"decoder", byteLevel(true)},
        {"model",
            {{"type", "BPE"}, {"dropout", nullptr}, {"unk_token", nullptr}, {"continuing_subword_prefix", nullptr},
                {"end_of_word_suffix", nullptr}, {"fuse_unk", false}, {"byte_fallback", false},
                {"ignore_merges", rule->wholeFirst}, {"vocab", vocab.take()}, {"merges", merges}}}};
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
