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

/// @error Unsupported (a token that the file lacks and that would need an id of its own)
Result<void> takeAddedTokens(const Json& settings, Json& tokenizer) {
    const Json& decoder = memberOf(settings, "added_tokens_decoder");
    if (!decoder.is_object()) return {};
    for (const auto& [id, token] : decoder.items()) {
        const std::string content = textOr(token, "content", "");
        const auto known = idOf(tokenizer, content);
        if (known && std::to_string(*known) == id) continue;
        return Error(Code::Unsupported,
            fmt::format(
                "tokenizer_config.json gives the token \"{:.60}\" the id {:.20}, and tokenizer.json gives it {}",
                content, id, known ? std::to_string(*known) : "none"));
    }
    return {};
}

}  // namespace

Result<void> applyTokenizerConfig(const Json& settings, Json& tokenizer) {
    if (!settings.is_object() || !tokenizer.is_object()) return {};
    DUBITO_CHECK(takeAddedTokens(settings, tokenizer));
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
