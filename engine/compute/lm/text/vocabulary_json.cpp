// tokenizer.json: the vocabulary becomes a table, the rest is kept as it stands and read where texts are encoded.
#include <unordered_map>

#include "lm/text/json_fields.h"
#include "lm/text/tokenizer_rules.h"
#include "lm/text/vocabulary.h"

namespace dubito::lm {
namespace {

constexpr std::int64_t kMostTokens = 4'000'000;
constexpr const char* kMark = "\xE2\x96\x81";

/// @error CorruptData (an id twice, out of range), Unsupported (a file of few tokens that names a very large id)
Result<void> put(Vocabulary& out, std::int64_t id, const std::string& text, std::int32_t type) {
    const auto at = static_cast<std::size_t>(id);
    if (at >= out.tokens.size()) out.tokens.resize(at + 1), out.types.resize(at + 1, 5);
    if (out.types[at] != 5)
        return Error(Code::CorruptData,
            fmt::format("the tokens \"{:.60}\" and \"{:.60}\" have the id {}", out.tokens[at], text, id));
    out.tokens[at] = text;
    out.types[at] = type;
    return {};
}

Result<std::string> checkModel(const Json& model) {
    if (!model.is_object()) return Error(Code::CorruptData, "tokenizer.json holds no model");
    const Json& vocab = memberOf(model, "vocab");
    const std::string type = textOr(model, "type",
        memberOf(model, "merges").is_array() ? "BPE"
        : vocab.is_array()                   ? "Unigram"
                                             : "");
    if (type == "BPE") {
        DUBITO_CHECK(checkFields(model, "the model BPE",
            {"type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
                "byte_fallback", "ignore_merges", "vocab", "merges"}));
        if (const Json& dropout = memberOf(model, "dropout");
            !dropout.is_null() && !(dropout.is_number() && dropout.get<double>() == 0))
            return Error(Code::Unsupported,
                fmt::format("tokenizer.json sets dropout to {:.40}: ids would differ from one time to the next",
                    jsonText(dropout)));
    } else if (type == "WordPiece") {
        DUBITO_CHECK(checkFields(model, "the model WordPiece",
            {"type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"}));
    } else if (type == "Unigram") {
        DUBITO_CHECK(checkFields(model, "the model Unigram", {"type", "unk_id", "byte_fallback", "vocab"}));
        if (!vocab.is_array()) return Error(Code::CorruptData, "the vocabulary of the Unigram model is no list");
        return type;
    } else if (type == "WordLevel") {
        DUBITO_CHECK(checkFields(model, "the model WordLevel", {"type", "unk_token", "vocab"}));
    } else {
        return Error(Code::Unsupported,
            fmt::format(
                "the tokenizer type \"{:.40}\" is not supported; BPE, Unigram, WordPiece and WordLevel are", type));
    }
    if (!vocab.is_object()) return Error(Code::CorruptData, "the vocabulary of tokenizer.json is no object");
    return type;
}

/// Tokens with their ids, or in their order with their scores.
Result<void> takeVocab(
    const Json& model, std::int64_t most, std::unordered_map<std::string, std::int64_t>& ids, Vocabulary& out) {
    const bool falls = boolOr(model, "byte_fallback", false);
    const auto take = [&](const std::string& text, std::int64_t id) {
        const bool isByte = falls && text.size() == 6 && text.starts_with("<0x") && text.ends_with(">");
        ids.emplace(text, id);
        return put(out, id, text, isByte ? 6 : 1);
    };
    const Json& vocab = memberOf(model, "vocab");
    if (vocab.is_array()) {
        for (const Json& one : vocab) {
            if (!one.is_array() || one.size() != 2 || !one[0].is_string() || !one[1].is_number())
                return Error(Code::CorruptData, fmt::format("token {} is no pair with a score", out.weights.size()));
            DUBITO_CHECK(take(one[0].get<std::string>(), static_cast<std::int64_t>(out.weights.size())));
            out.weights.push_back(one[1].get<double>());
        }
        return {};
    }
    for (const auto& [text, id] : vocab.items()) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() >= most)
            return Error(Code::CorruptData, fmt::format("the token \"{:.60}\" has no id between 0 and {}", text, most));
        DUBITO_CHECK(take(text, id.get<std::int64_t>()));
    }
    return {};
}

Result<void> takeMerges(const Json& model, Vocabulary& out) {
    for (const Json& merge : memberOf(model, "merges")) {
        const std::string text = merge.is_string() ? merge.get<std::string>() : "";
        if (!text.empty() && std::count(text.begin(), text.end(), ' ') == 1) {
            const auto space = text.find(' ');
            out.merges.push_back(joinedMerge(text.substr(0, space), text.substr(space + 1)));
        } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
            out.merges.push_back(joinedMerge(merge[0].get<std::string>(), merge[1].get<std::string>()));
        else return Error(Code::CorruptData, fmt::format("merge {} is no pair", out.merges.size()));
    }
    return {};
}

/// @return ids of the added tokens that the model's vocabulary lacks
Result<Json> takeAdded(
    const Json& tokenizer, std::int64_t most, std::unordered_map<std::string, std::int64_t>& ids, Vocabulary& out) {
    Json only = Json::array();
    const auto modelTokens = static_cast<std::int64_t>(ids.size());
    std::int64_t last = -1;
    const Json& all = memberOf(tokenizer, "added_tokens");
    if (!all.is_null() && !all.is_array())
        return Error(Code::CorruptData, "the added_tokens of tokenizer.json are no list");
    for (const Json& one : all) {
        DUBITO_TRY(const AddedToken token, AddedTokens::parse(one));
        if (token.id >= most)
            return Error(Code::CorruptData,
                fmt::format("the added token \"{:.60}\" has the id {}, beyond {}", token.content, token.id, most));
        const auto [known, isNew] = ids.emplace(token.content, token.id);
        if (!isNew && known->second != token.id)
            return Error(Code::CorruptData, fmt::format("the added token \"{:.60}\" has the id {}, and the vocabulary "
                                                        "gives it {}",
                                                token.content, token.id, known->second));
        const std::int64_t expected =
            std::max(last + 1, modelTokens);  // other readers count on, whatever the file says
        if (isNew && token.id != expected)
            return Error(Code::Unsupported,
                fmt::format(
                    "tokenizer.json gives the added token \"{:.60}\" the id {}, and programs that count on from "
                    "its vocabulary give it {}; which one the model means is not known",
                    token.content, token.id, expected));
        last = std::max<std::int64_t>(last, token.id);
        if (isNew) {
            DUBITO_CHECK(put(out, token.id, token.content, 1));
            only.push_back(token.id);
        }
        out.types[static_cast<std::size_t>(token.id)] = token.isSpecial ? 3 : 4;
    }
    return only;
}

/// Merges as scores: the later a token is first made, the lower. Exact where every way to make a token is a merge.
/// @return why not; empty: it is exact
std::string takeScores(Vocabulary& out) {
    std::unordered_map<std::string, float> score;
    std::unordered_map<std::string, bool> isThere;
    for (const auto& token : out.tokens) isThere[token] = true;
    std::unordered_map<std::string, int> ways;
    for (std::size_t i = 0; i < out.merges.size(); ++i) {
        std::string_view left, right;
        if (!partMerge(out.merges[i], left, right)) return "a merge is no pair";
        const std::string whole = std::string(left) + std::string(right);
        score.emplace(whole, -static_cast<float>(i));
        ++ways[whole];
    }
    std::string problem;
    for (std::size_t i = 0; i < out.tokens.size(); ++i) {
        const std::string& token = out.tokens[i];
        const auto found = score.find(token);
        out.scores.push_back(found == score.end() ? -1e9f : found->second);
        if (out.types[i] != 1) continue;
        int possible = 0;
        for (std::size_t at = 1; at < token.size(); ++at)
            if ((static_cast<unsigned char>(token[at]) & 0xC0) != 0x80)
                possible += isThere.contains(token.substr(0, at)) && isThere.contains(token.substr(at));
        if (possible != (ways.contains(token) ? ways[token] : 0))
            problem = fmt::format("the token \"{:.60}\" has merges other than all that make it", token);
    }
    return problem;
}

/// How GGUF would spell the steps around a SentencePiece vocabulary. @return what it has no word for
std::string spaceRule(const Json& tokenizer, Vocabulary& out) {
    const Json& normalizer = memberOf(tokenizer, "normalizer");
    const Json& split = memberOf(tokenizer, "pre_tokenizer");
    const Json replace = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", kMark}};
    const Json prepend = {{"type", "Prepend"}, {"prepend", kMark}};
    if (split.is_null() && normalizer == replace) return out.addSpacePrefix = false, "";
    if (split.is_null() && normalizer == Json{{"type", "Sequence"}, {"normalizers", {prepend, replace}}})
        return out.addSpacePrefix = true, "";
    if (normalizer.is_null() && textOr(split, "type", "") == "Metaspace" && textOr(split, "replacement", "") == kMark &&
        !boolOr(split, "split", true)) {
        out.addSpacePrefix = textOr(split, "prepend_scheme", "always") != "never";
        return "";
    }
    return "the normalizer and the pre_tokenizer are not those of SentencePiece";
}

/// What GGUF cannot say of added tokens and ends.
std::string beyondGguf(const Json& tokenizer, const TokenizerRules& rules) {
    for (const Json& one : memberOf(tokenizer, "added_tokens"))
        for (const char* flag : {"single_word", "lstrip", "rstrip"})
            if (boolOr(one, flag, false))
                return fmt::format("the added token \"{:.60}\" has {}", textOr(one, "content", ""), flag);
    if (!memberOf(tokenizer, "normalizer").is_null())
        for (const Json& one : memberOf(tokenizer, "added_tokens"))
            if (boolOr(one, "normalized", !boolOr(one, "special", false)))
                return fmt::format(
                    "the added token \"{:.60}\" is looked for behind the normalizer", textOr(one, "content", ""));
    if (rules.front.size() > 1 || rules.behind.size() > 1) return "the post_processor adds several tokens at one end";
    return {};
}

}  // namespace

Result<Vocabulary> vocabularyFromJson(const Json& tokenizer) {
    // Truncation and padding belong to batches: one text has the length it has, as where transformers encodes one.
    DUBITO_CHECK(checkFields(tokenizer, "tokenizer.json",
        {"version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
            "model"}));
    const Json& model = memberOf(tokenizer, "model");
    DUBITO_TRY(const std::string type, checkModel(model));
    // Ids may leave gaps, and a small file may not ask for a large table.
    const std::size_t named = memberOf(model, "vocab").size() + memberOf(tokenizer, "added_tokens").size();
    const auto most = std::min<std::int64_t>(kMostTokens, static_cast<std::int64_t>(named) * 16 + 4096);
    Vocabulary out;
    out.model = "tokenizer.json";
    std::unordered_map<std::string, std::int64_t> ids;
    DUBITO_CHECK(takeVocab(model, most, ids, out));
    DUBITO_TRY(Json only, takeAdded(tokenizer, most, ids, out));
    for (std::size_t i = 0; i < out.tokens.size(); ++i)
        if (out.types[i] == 5) out.tokens[i] = fmt::format("[unused{}]", i);
    DUBITO_CHECK(takeMerges(model, out));
    Json rules = Json::object(), settings = Json::object();
    for (const auto& [key, value] : model.items())
        if (key != "vocab" && key != "merges") settings[key] = value;
    settings["type"] = type;
    for (const char* key : {"added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"})
        rules[key] = memberOf(tokenizer, key);
    rules["model"] = settings;
    rules["only_added"] = std::move(only);
    out.rules = jsonText(rules);
    DUBITO_TRY(const auto parsed, TokenizerRules::parse(out));
    if (parsed->front.size() == 1) out.bos = parsed->front[0];
    if (parsed->behind.size() == 1) out.separator = parsed->behind[0];
    out.addBos = !parsed->front.empty();
    if (const auto unknown = ids.find(textOr(model, "unk_token", "")); unknown != ids.end())
        out.unknown = unknown->second;
    if (type == "Unigram") out.unknown = integerOr(model, "unk_id", 0);
    out.notInGguf = beyondGguf(tokenizer, *parsed);
    if (type == "BPE" && parsed->splits.isByteLevel()) {
        out.pre = ggufRuleOf(tokenizer);
        if (out.pre.empty()) out.notInGguf = "the way it splits or normalises text is none that GGUF names";
        out.model = "gpt2";
    } else if (type == "BPE" && boolOr(model, "byte_fallback", false)) {
        out.model = "llama";
        std::string problem = spaceRule(tokenizer, out);
        if (const std::string other = takeScores(out); problem.empty()) problem = other;
        if (!problem.empty()) out.notInGguf = problem;
    } else {
        out.notInGguf = "its model is none that GGUF names";
    }
    return out;
}

}  // namespace dubito::lm
