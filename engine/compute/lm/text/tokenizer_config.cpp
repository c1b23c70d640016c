// The order is that of the reference: tokens first, then the ends.
#include "lm/text/tokenizer_config.h"

#include "lm/text/json_fields.h"

namespace dubito::lm {
namespace {

std::string nameOf(const Json& settings, const char* key) {
    const Json& value = memberOf(settings, key);
    return value.is_string() ? value.get<std::string>() : textOr(value, "content", "");
}

std::optional<std::int64_t> idOf(const Json& tokenizer, const std::string& name) {
    for (const Json& one : memberOf(tokenizer, "added_tokens"))
        if (textOr(one, "content", "") == name && memberOf(one, "id").is_number_integer())
            return memberOf(one, "id").get<std::int64_t>();
    const Json& id = memberOf(memberOf(memberOf(tokenizer, "model"), "vocab"), name);
    return id.is_number_integer() ? std::optional(id.get<std::int64_t>()) : std::nullopt;
}

constexpr const char* kNamed[] = {
    "bos_token", "eos_token", "unk_token", "pad_token", "cls_token", "sep_token", "mask_token"};
constexpr const char* kFlags[] = {"single_word", "lstrip", "rstrip", "normalized", "special"};

Json* addedToken(Json& tokenizer, const std::string& content) {
    Json& all = tokenizer["added_tokens"];
    if (!all.is_array()) all = Json::array();
    for (Json& one : all)
        if (textOr(one, "content", "") == content) return &one;
    return nullptr;
}
Json& addedTokenOrNew(Json& tokenizer, const std::string& content, std::int64_t id) {
    if (Json* const known = addedToken(tokenizer, content)) return *known;
    Json& all = tokenizer["added_tokens"];
    Json token = {{"id", id}, {"content", content}};
    for (const char* flag : kFlags) token[flag] = false;
    const auto place =
        std::find_if(all.begin(), all.end(), [&](const Json& other) { return integerOr(other, "id", 0) > id; });
    return *all.insert(place, std::move(token));
}

/// Tokens and flags of this file go before those of tokenizer.json. @error Unsupported (a token that the file lacks)
Result<void> takeAddedTokens(const Json& settings, Json& tokenizer) {
    const Json& decoder = memberOf(settings, "added_tokens_decoder");
    if (!decoder.is_object()) return {};
    for (const auto& [id, token] : decoder.items()) {
        const std::string content = textOr(token, "content", "");
        const auto known = idOf(tokenizer, content);
        if (!known || std::to_string(*known) != id)
            return Error(Code::Unsupported,
                fmt::format(
                    "tokenizer_config.json gives the token \"{:.60}\" the id {:.20}, and tokenizer.json gives it {}",
                    content, id, known ? std::to_string(*known) : "none"));
        Json& own = addedTokenOrNew(tokenizer, content, *known);
        for (const char* flag : kFlags)
            if (memberOf(token, flag).is_boolean()) own[flag] = memberOf(token, flag);
    }
    return {};
}

/// A named token is special, whatever its own flag says; one that the file lacks is told of.
void takeNamed(const std::string& key, const std::string& name, Json& tokenizer, Account& account) {
    if (name.empty()) return;
    if (Json* const token = addedToken(tokenizer, name)) return void((*token)["special"] = true);
    const auto id = idOf(tokenizer, name);
    if (id) return void(addedTokenOrNew(tokenizer, name, *id)["special"] = true);
    account.push_back({Fate::Warning, "tokenizer_config.json: " + key,
        fmt::format("names \"{:.60}\", which tokenizer.json lacks: it is no token here", name)});
}

/// The first part of a kind, in a normalizer or pre_tokenizer.
const Json& partOf(const Json& step, std::string_view kind) {
    static const Json kNone;
    if (textOr(step, "type", "") == kind) return step;
    for (const char* list : {"normalizers", "pretokenizers"})
        for (const Json& one : memberOf(step, list))
            if (const Json& found = partOf(one, kind); !found.is_null()) return found;
    return kNone;
}

/// Keys that other programs change a tokenizer.json by: here they must say what it says. @error Unsupported
Result<void> checkAgreement(const Json& settings, const Json& tokenizer) {
    struct Pair {
        const char* key;
        const char* list;
        const char* kind;
        const char* field;
    };
    constexpr Pair kPairs[] = {{"add_prefix_space", "pre_tokenizer", "ByteLevel", "add_prefix_space"},
        {"do_lower_case", "normalizer", "BertNormalizer", "lowercase"},
        {"strip_accents", "normalizer", "BertNormalizer", "strip_accents"},
        {"tokenize_chinese_chars", "normalizer", "BertNormalizer", "handle_chinese_chars"}};
    for (const Pair& pair : kPairs) {
        const Json& said = memberOf(settings, pair.key);
        const Json& part = partOf(memberOf(tokenizer, pair.list), pair.kind);
        if (said.is_null() || part.is_null() || said == memberOf(part, pair.field)) continue;
        return Error(Code::Unsupported,
            fmt::format("tokenizer_config.json sets {} to {:.40}, and the {} of tokenizer.json says {:.40}: programs "
                        "differ in which of them they follow",
                pair.key, jsonText(said), pair.kind, jsonText(memberOf(part, pair.field))));
    }
    return {};
}

/// Why a key changes no ids of one text; empty: it is not known.
std::string_view reasonOf(std::string_view key) {
    struct Group {
        std::string_view reason;
        std::vector<std::string_view> keys;
    };
    static const std::vector<Group> kGroups = {
        {"is for batches and limits of texts",
            {"model_max_length", "max_length", "max_len", "padding", "padding_side", "truncation", "truncation_side",
                "truncation_strategy", "pad_to_multiple_of", "pad_token_type_id", "stride", "model_input_names",
                "return_tensors", "return_token_type_ids", "return_attention_mask", "max_source_length"}},
        {"changes how a decoded text is shown, and no ids",
            {"clean_up_tokenization_spaces", "spaces_between_special_tokens", "errors", "trim_offsets",
                "skip_special_tokens", "phonemizer_lang"}},
        {"names programs and files",
            {"tokenizer_class", "processor_class", "auto_map", "name_or_path", "vocab_file", "merges_file",
                "tokenizer_file", "special_tokens_map_file", "tokenizer_type", "transformers_version", "use_fast",
                "from_slow", "backend", "is_local", "_commit_hash", "trust_remote_code", "vocab_size", "image_token",
                "video_token", "audio_token", "boi_token", "eoi_token"}},
        {"says how a tokenizer.json is made, which is there",
            {"legacy", "sp_model_kwargs", "add_prefix_space", "do_lower_case", "strip_accents",
                "tokenize_chinese_chars", "do_basic_tokenize", "never_split", "wordpieces_prefix", "keep_accents",
                "remove_space", "add_dummy_prefix_space", "extra_ids", "split_by_punct", "additional_special_tokens",
                "extra_special_tokens"}},
        {"is for the chat template", {"chat_template", "use_default_system_prompt", "response_schema",
                                         "response_template", "tool_parser_type", "reasoning_parser_type"}},
    };
    for (const Group& group : kGroups)
        if (std::find(group.keys.begin(), group.keys.end(), key) != group.keys.end()) return group.reason;
    return {};
}

void accountKeys(const Json& settings, Account& account) {
    constexpr const char* kUsed[] = {"add_bos_token", "add_eos_token", "added_tokens_decoder", "split_special_tokens"};
    for (const auto& [key, value] : settings.items()) {
        const std::string what = "tokenizer_config.json: " + key.substr(0, 80);
        const auto isOne = [&](const char* other) { return key == other; };
        const std::string_view reason = reasonOf(key);
        const bool isSaid = !value.is_null() && value != Json(false) && !(value.is_string() && value == Json("")) &&
                            !(value.is_structured() && value.empty());
        if (std::any_of(std::begin(kUsed), std::end(kUsed), isOne) ||
            std::any_of(std::begin(kNamed), std::end(kNamed), isOne))
            account.push_back({Fate::Used, what, ""});
        else if (!reason.empty() || key.ends_with("_token") || key.ends_with("_token_id"))
            account.push_back({Fate::Harmless, what, std::string(reason.empty() ? "names a token" : reason)});
        else if (!isSaid) account.push_back({Fate::Harmless, what, "says nothing"});
        else
            account.push_back({Fate::Refused, what,
                fmt::format("tokenizer_config.json sets \"{:.80}\" to {:.80}, which is not known: it may change ids",
                    key, jsonText(value))});
    }
}

}  // namespace

Result<void> applyTokenizerConfig(const Json& settings, Json& tokenizer, Account& account) {
    if (!settings.is_object() || !tokenizer.is_object()) return {};
    accountKeys(settings, account);
    DUBITO_CHECK(checkAgreement(settings, tokenizer));
    DUBITO_CHECK(takeAddedTokens(settings, tokenizer));
    for (const char* key : kNamed) takeNamed(key, nameOf(settings, key), tokenizer, account);
    for (const char* key : {"additional_special_tokens", "extra_special_tokens"})
        for (const Json& one : memberOf(settings, key))
            takeNamed(key, one.is_string() ? one.get<std::string>() : textOr(one, "content", ""), tokenizer, account);
    DUBITO_TRY(const bool splits, flagOf(settings, "split_special_tokens", false));
    if (splits)
        return Error(Code::Unsupported,
            "tokenizer_config.json sets split_special_tokens: special tokens would be spelled as text, which is not "
            "read");
    const bool says = !memberOf(settings, "add_bos_token").is_null() || !memberOf(settings, "add_eos_token").is_null();
    if (!says) return {};
    DUBITO_TRY(const bool bos, flagOf(settings, "add_bos_token", false));
    DUBITO_TRY(const bool eos, flagOf(settings, "add_eos_token", false));
    Json single = Json::array(), specials = Json::object();
    const auto put = [&](const char* key) -> Result<void> {
        const std::string name = nameOf(settings, key);
        if (name.empty()) return {};  // none by this name: nothing is added
        const auto id = idOf(tokenizer, name);
        if (!id)
            return Error(Code::CorruptData,
                fmt::format("tokenizer_config.json adds the {} \"{:.60}\", which has no id", key, name));
        single.push_back({{"SpecialToken", {{"id", name}, {"type_id", 0}}}});
        specials[name] = {{"id", name}, {"ids", {*id}}, {"tokens", {name}}};
        return {};
    };
    if (bos) DUBITO_CHECK(put("bos_token"));
    single.push_back({{"Sequence", {{"id", "A"}, {"type_id", 0}}}});
    if (eos) DUBITO_CHECK(put("eos_token"));
    tokenizer["post_processor"] = {
        {"type", "TemplateProcessing"}, {"single", single}, {"pair", Json::array()}, {"special_tokens", specials}};
    return {};
}

}  // namespace dubito::lm
