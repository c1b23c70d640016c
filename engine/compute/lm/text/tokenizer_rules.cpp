// Reading of the parts, and of what a post-processor puts around one text.
#include "lm/text/tokenizer_rules.h"

#include "lm/text/json_fields.h"
#include "lm/text/pretokenizer.h"
#include "lm/text/split_pattern.h"
#include "lm/text/unicode_text.h"

namespace dubito::lm {
namespace {

/// A pair [token, id] of Bert- and RobertaProcessing. @error CorruptData
Result<TokenId> pairId(const Json& json, const char* key, std::size_t tokens) {
    const Json& pair = memberOf(json, key);
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number_integer() ||
        pair[1].get<std::int64_t>() < 0 || pair[1].get<std::int64_t>() >= static_cast<std::int64_t>(tokens))
        return Error(Code::CorruptData, fmt::format("\"{}\" of the post-processor is no token and id", key));
    return static_cast<TokenId>(pair[1].get<std::int64_t>());
}

/// Ids of one special of a template. @error CorruptData
Result<void> takeSpecial(const Json& specials, const std::string& name, std::size_t tokens, std::vector<TokenId>& out) {
    const Json& ids = memberOf(memberOf(specials, name), "ids");
    if (!ids.is_array() || ids.empty())
        return Error(Code::CorruptData, fmt::format("the post-processor gives no ids for \"{:.60}\"", name));
    for (const Json& id : ids) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 ||
            id.get<std::int64_t>() >= static_cast<std::int64_t>(tokens))
            return Error(Code::CorruptData, fmt::format("the post-processor's id of \"{:.60}\" is no token", name));
        out.push_back(static_cast<TokenId>(id.get<std::int64_t>()));
    }
    return {};
}

/// Steps of a pre-tokenizer in one spelling each; empty where a step has no such spelling.
bool spellSteps(const Json& json, std::vector<std::string>& out) {
    const std::string type = textOr(json, "type", "");
    if (type == "Sequence") {
        const Json& all = memberOf(json, "pretokenizers");
        return std::all_of(all.begin(), all.end(), [&](const Json& one) { return spellSteps(one, out); });
    }
    if (type == "ByteLevel" && !boolOr(json, "add_prefix_space", true))
        out.push_back(boolOr(json, "use_regex", true) ? "gpt2" : "bytes");
    else if (type == "Digits" && boolOr(json, "individual_digits", false)) out.emplace_back("digits");
    else if (type == "Split" && textOr(json, "behavior", "") == "Isolated" &&
             memberOf(memberOf(json, "pattern"), "Regex").is_string())
        out.push_back("split " + memberOf(memberOf(json, "pattern"), "Regex").get<std::string>());
    else return false;
    return true;
}

}  // namespace

std::string ggufRuleOf(const Json& tokenizer) {
    std::vector<std::string> steps;
    if (!spellSteps(memberOf(tokenizer, "pre_tokenizer"), steps)) return {};
    const Json& normalizer = memberOf(tokenizer, "normalizer");
    const bool nfc = normalizer.is_object() && textOr(normalizer, "type", "") == "NFC";
    if (!nfc && !normalizer.is_null()) return {};
    const bool wholeFirst = boolOr(memberOf(tokenizer, "model"), "ignore_merges", false);
    for (const SplitRule& rule : splitRules())
        if (rule.nfc == nfc && rule.wholeFirst == wholeFirst && spelledStages(rule) == steps)
            return std::string(rule.name);
    return {};
}

Result<std::unique_ptr<TokenizerRules>> TokenizerRules::parse(const Vocabulary& vocabulary) {
    try {
        return parsed(vocabulary);
    } catch (const TooMuchWork&) {
        return Error(Code::Limit, "a pattern of tokenizer.json does too much work on its own tokens");
    }
}

Result<std::unique_ptr<TokenizerRules>> TokenizerRules::parsed(const Vocabulary& vocabulary) {
    constexpr JsonLimits kLimits{256u << 20, 64};
    DUBITO_TRY(const Json json, parseJson(vocabulary.rules, kLimits));
    auto out = std::make_unique<TokenizerRules>();
    DUBITO_TRY(out->normaliser, NormaliserChain::parse(memberOf(json, "normalizer")));
    DUBITO_TRY(out->splits, SplitChain::parse(memberOf(json, "pre_tokenizer")));
    DUBITO_TRY(out->decoder, DecoderChain::parse(memberOf(json, "decoder")));
    const Json& model = memberOf(json, "model");
    std::vector<bool> isOnlyAdded(vocabulary.tokens.size());
    for (const Json& id : memberOf(json, "only_added"))
        if (id.is_number_integer() && id.get<std::int64_t>() >= 0 && id.get<std::uint64_t>() < isOnlyAdded.size())
            isOnlyAdded[id.get<std::size_t>()] = true;
    for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i)
        if (!isOnlyAdded[i] && (vocabulary.types.size() <= i || vocabulary.types[i] != 5) &&
            !out->ids.add(vocabulary.tokens[i], static_cast<TokenId>(i)))
            return Error(Code::CorruptData, fmt::format("the token {} is spelled like another", i));
    std::unordered_map<std::string, std::string> behind;  // added tokens as they are looked for
    for (const Json& one : memberOf(json, "added_tokens")) {
        DUBITO_TRY(AddedToken token, AddedTokens::parse(one));
        if (static_cast<std::size_t>(token.id) >= vocabulary.tokens.size())
            return Error(Code::CorruptData, fmt::format("the added token {} is outside the vocabulary", token.id));
        if (token.isSpecial) out->hidden.insert(token.content);
        if (token.isNormalised) {
            const AlignedText text = out->normaliser.apply({token.content, 0, nullptr});
            if (text.text != token.content) out->changed[token.id] = text.text;
            if (text.text.empty() && !token.content.empty())
                return Error(Code::Unsupported,
                    fmt::format("the normalizer leaves nothing of the added token \"{:.60}\"", token.content));
            const auto [same, isNew] = behind.emplace(text.text, token.content);
            if (!isNew)
                return Error(Code::Unsupported,
                    fmt::format("the normalizer makes one spelling of the added tokens \"{:.60}\" and \"{:.60}\"",
                        same->second, token.content));
            token.content = text.text;
        }
        (token.isNormalised ? out->addedBehind : out->added).add(std::move(token));
    }
    for (const AddedTokens* tokens : {&out->added, &out->addedBehind}) DUBITO_CHECK(tokens->check());
    DUBITO_CHECK(out->readEnds(memberOf(json, "post_processor"), vocabulary, 0));
    DUBITO_TRY(out->wholeFirst, flagOf(model, "ignore_merges", false));
    const bool isPlainBpe = textOr(model, "type", "BPE") == "BPE" && !boolOr(model, "byte_fallback", false) &&
                            textOr(model, "continuing_subword_prefix", "").empty() &&
                            textOr(model, "end_of_word_suffix", "").empty();
    if (out->splits.isByteLevel() && !isPlainBpe)
        return Error(Code::Unsupported,
            "tokenizer.json splits text into byte-level pieces for a model with byte_fallback, a prefix, a suffix, or "
            "other than BPE; this is not read");
    DUBITO_TRY(out->model, PieceModel::parse(model, out->ids, vocabulary));
    if (out->splits.isByteLevel()) DUBITO_CHECK(out->readBytes(vocabulary));
    out->isEncoder = textOr(model, "type", "BPE") == "WordPiece";
    const bool keepsBytes = out->keepsBytes = out->splits.isByteLevel() && memberOf(json, "decoder").is_null();
    for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
        const std::string& spelled = vocabulary.tokens[i];
        const bool isAdded = vocabulary.types.size() > i && (vocabulary.types[i] == 3 || vocabulary.types[i] == 4);
        std::string raw;
        if (isAdded) out->shown.push_back(spelled);
        else if (keepsBytes) out->shown.push_back(rawBytes(spelled, raw) ? raw : spelled);
        else out->shown.push_back(out->decoder.bytesOf(spelled));
    }
    return out;
}

Result<void> TokenizerRules::readBytes(const Vocabulary& vocabulary) {
    raw.resize(vocabulary.tokens.size());
    TokenId byteIds[256];
    for (int byte = 0; byte < 256; ++byte) {
        byteIds[byte] = ids.find(spelledByte(static_cast<std::uint8_t>(byte))).value_or(-1);
    }
    const Json json = *parseJson(vocabulary.rules, {256u << 20, 64});
    const bool hasUnknown = memberOf(memberOf(json, "model"), "unk_token").is_string();
    // Where a byte is missing and stands for the unknown token, characters of the alphabet are looked up one by one.
    if (hasUnknown && std::find(std::begin(byteIds), std::end(byteIds), -1) != std::end(byteIds)) return {};
    DUBITO_TRY(const auto merges, mergesOf(ids, vocabulary.merges, 0));
    bytes = ByteBpe::build(byteIds, merges);
    for (std::size_t i = 0; wholeFirst && i < raw.size(); ++i)
        if (ids.find(vocabulary.tokens[i]) == static_cast<TokenId>(i) && rawBytes(vocabulary.tokens[i], raw[i]) &&
            !raw[i].empty())
            rawIds.add(raw[i], static_cast<TokenId>(i));
    model.reset();
    return {};
}

Result<void> TokenizerRules::readEnds(const Json& json, const Vocabulary& vocabulary, int depth) {
    constexpr int kDeepest = 8;
    if (json.is_null()) return {};
    DUBITO_TRY(const std::string type, textOf(json, "type"));
    const std::size_t tokens = vocabulary.tokens.size();
    const std::string where = "the post-processor " + type.substr(0, 40);
    if (type == "Sequence" && depth < kDeepest) {
        DUBITO_CHECK(checkFields(json, where, {"type", "processors"}));
        for (const Json& one : memberOf(json, "processors")) DUBITO_CHECK(readEnds(one, vocabulary, depth + 1));
    } else if (type == "ByteLevel") {  // moves the places that tokens are said to come from, not the tokens
        DUBITO_CHECK(checkFields(json, where, {"type", "add_prefix_space", "trim_offsets", "use_regex"}));
    } else if (!front.empty() || !behind.empty()) {
        return Error(Code::Unsupported,
            fmt::format(
                "tokenizer.json ends text by several post-processors that add tokens; the second is {:.40}", type));
    } else if (type == "BertProcessing" || type == "RobertaProcessing") {
        DUBITO_CHECK(checkFields(json, where, {"type", "sep", "cls", "trim_offsets", "add_prefix_space"}));
        DUBITO_TRY(const TokenId cls, pairId(json, "cls", tokens));
        DUBITO_TRY(const TokenId separator, pairId(json, "sep", tokens));
        front.insert(front.begin(), cls);
        behind.push_back(separator);
    } else if (type == "TemplateProcessing") {
        DUBITO_CHECK(checkFields(json, where, {"type", "single", "pair", "special_tokens"}));
        const Json& single = memberOf(json, "single");
        if (!single.is_array()) return Error(Code::CorruptData, "the post-processor has no template for one text");
        std::vector<TokenId> before, after;
        int texts = 0;
        for (const Json& part : single) {
            if (memberOf(part, "Sequence").is_object()) {
                ++texts;
                continue;
            }
            DUBITO_TRY(const std::string name, textOf(memberOf(part, "SpecialToken"), "id"));
            DUBITO_CHECK(takeSpecial(memberOf(json, "special_tokens"), name, tokens, texts ? after : before));
        }
        if (texts != 1)
            return Error(Code::Unsupported,
                fmt::format("the post-processor's template holds the text {} times; once is read", texts));
        front.insert(front.begin(), before.begin(), before.end());
        behind.insert(behind.end(), after.begin(), after.end());
    } else {
        return Error(Code::Unsupported,
            fmt::format("tokenizer.json ends text by the post-processor \"{:.40}\", which is not read; ByteLevel, "
                        "TemplateProcessing, BertProcessing, RobertaProcessing and Sequence are",
                type));
    }
    return {};
}

}  // namespace dubito::lm
