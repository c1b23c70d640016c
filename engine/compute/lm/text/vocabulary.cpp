// One reader a source; each ends in the same table.
#include "lm/text/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>
#include <unordered_map>

#include "lm/formats/gguf.h"
#include "lm/text/base64.h"
#include "lm/text/pretokenizer.h"

namespace dubito::lm {
namespace {

constexpr std::size_t kMostTokens = 4'000'000;
constexpr std::string_view kSpaceMark = "\xE2\x96\x81";

std::optional<std::int64_t> idOf(const Vocabulary& vocabulary, std::string_view token) {
    const auto found = std::find(vocabulary.tokens.begin(), vocabulary.tokens.end(), token);
    return found == vocabulary.tokens.end() ? std::nullopt
                                            : std::optional<std::int64_t>(found - vocabulary.tokens.begin());
}

/// Keys that other readers act on. @error Unsupported (the key and its value)
Result<void> checkTokenizerKeys(const GgufFile& file, Vocabulary& out) {
    const auto isSet = [&](const char* key) { return file.boolean(key).value_or(false); };
    if (out.model == "gpt2" && out.rules.empty() && (out.pre.empty() || out.pre == "default")) {
        out.pre = "default";
        out.warning =
            "the file does not say how its tokenizer splits text; the rule for such files is used, and the model may "
            "have been trained with another";
    }
    if (out.model == "gpt2" && isSet("tokenizer.ggml.add_space_prefix"))
        return Error(
            Code::Unsupported, "tokenizer.ggml.add_space_prefix is set for a byte-level vocabulary, which is not read");
    if (out.model != "gpt2" && isSet("tokenizer.ggml.remove_extra_whitespaces"))
        return Error(Code::Unsupported,
            "tokenizer.ggml.remove_extra_whitespaces is set: runs of spaces would be one, which is not read");
    if (file.metadata().contains("tokenizer.ggml.precompiled_charsmap") && out.model != "bert")
        return Error(Code::Unsupported,
            "tokenizer.ggml.precompiled_charsmap is set: characters would be replaced by a table, which is not read");
    return {};
}

/// Scores of a Unigram model, as decimal numbers that say them exactly; none: it is another model.
Result<std::vector<double>> weightsOf(const GgufFile& file) {
    std::vector<double> out;
    const auto texts = file.texts("dubito.weights");
    if (!texts) return out;
    for (const std::string& text : *texts) {
        double weight = 0;
        if (std::from_chars(text.data(), text.data() + text.size(), weight).ptr != text.data() + text.size() ||
            !std::isfinite(weight))
            return Error(Code::CorruptData, fmt::format("dubito.weights {} is no number", out.size()));
        out.push_back(weight);
    }
    return out;
}

/// Whether other readers put a start token in front where a file with this split rule does not say.
bool beginsText(std::string_view pre) {
    return std::any_of(splitRules().begin(), splitRules().end(),
        [&](const SplitRule& rule) { return rule.name == pre && rule.wholeFirst; });
}

}  // namespace

Result<Vocabulary> vocabularyOf(const GgufFile& file) {
    Vocabulary out;
    out.model = file.text("tokenizer.ggml.model").value_or("");
    out.rules = file.text("dubito.tokenizer").value_or("");
    if (out.rules.empty() && out.model != "gpt2" && out.model != "llama" && out.model != "bert")
        return Error(Code::Unsupported,
            fmt::format("the tokenizer model \"{}\" is not supported; gpt2, llama and bert are", out.model));
    out.pre = file.text("tokenizer.ggml.pre").value_or("");
    DUBITO_CHECK(checkTokenizerKeys(file, out));
    DUBITO_TRY(out.tokens, file.texts("tokenizer.ggml.tokens"));
    if (out.rules.empty() && out.model == "gpt2") {
        DUBITO_TRY(out.merges, file.texts("tokenizer.ggml.merges"));
    }
    if (!out.rules.empty()) {
        DUBITO_TRY(out.merges, file.texts("dubito.merges"));
        DUBITO_TRY(out.weights, weightsOf(file));
    } else if (out.model == "llama") {
        DUBITO_TRY(const std::vector<float> scores, file.reals("tokenizer.ggml.scores"));
        out.scores = scores;
    }
    if (auto types = file.integers("tokenizer.ggml.token_type")) {
        for (const auto type : *types)
            out.types.push_back(static_cast<std::int32_t>(std::clamp<std::int64_t>(type, 0, 6)));
    }
    out.bos = file.integer("tokenizer.ggml.bos_token_id");
    out.eos = file.integer("tokenizer.ggml.eos_token_id");
    out.eot = file.integer("tokenizer.ggml.eot_token_id");
    out.eom = file.integer("tokenizer.ggml.eom_token_id");
    std::istringstream more(file.text("dubito.more_ends").value_or(""));
    for (std::int64_t id = 0; more >> id;) out.moreEnds.push_back(id);
    out.unknown = file.integer("tokenizer.ggml.unknown_token_id");
    out.separator = file.integer("tokenizer.ggml.seperator_token_id");  // spelled so in the format
    if (out.model == "bert") {
        if (!out.bos) out.bos = file.integer("tokenizer.ggml.cls_token_id").value_or(101);
        if (!out.separator) out.separator = 102;
        if (!out.unknown) out.unknown = 100;
    }
    if (out.model == "llama" && !out.unknown) out.unknown = 0;
    out.addBos = file.boolean("tokenizer.ggml.add_bos_token").value_or(out.model != "gpt2" || beginsText(out.pre));
    out.addSpacePrefix = file.boolean("tokenizer.ggml.add_space_prefix").value_or(true);
    return out;
}

Result<Vocabulary> vocabularyFromTiktoken(
    std::string_view text, std::string_view pre, const std::vector<std::string>& specials) {
    Vocabulary out;
    out.model = "gpt2";
    out.pre = std::string(pre);
    std::vector<std::string> raw;
    std::size_t line = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view row = text.substr(at, end - at);
        at = end + 1;
        ++line;
        if (!row.empty() && row.back() == '\r') row.remove_suffix(1);
        if (row.empty()) continue;
        const auto space = row.find(' ');
        if (space == std::string_view::npos || row.substr(space + 1) != std::to_string(raw.size()))
            return Error(Code::CorruptData,
                fmt::format("tiktoken ranks, line {}: expected a token and the rank {}", line, raw.size()));
        std::optional<std::string> bytes = fromBase64(row.substr(0, space));
        if (!bytes) return Error(Code::CorruptData, fmt::format("tiktoken ranks, line {}: this is no base64", line));
        if (bytes->empty() || raw.size() >= kMostTokens)
            return Error(Code::CorruptData, fmt::format("tiktoken ranks, line {}: an empty token, or too many", line));
        raw.push_back(std::move(*bytes));
    }
    std::unordered_map<std::string_view, std::int32_t> rank;
    for (std::size_t i = 0; i < raw.size(); ++i)
        if (!rank.emplace(raw[i], static_cast<std::int32_t>(i)).second)
            return Error(Code::CorruptData, fmt::format("tiktoken ranks: the token of rank {} appears twice", i));
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const std::string& token = raw[i];
        out.tokens.push_back(spelledBytes(token));
        out.types.push_back(1);
        if (token.size() < 2) continue;
        if (token.size() > 4096)
            return Error(
                Code::CorruptData, fmt::format("tiktoken ranks: the token of rank {} has {} bytes", i, token.size()));
        // The merge that makes a token: what is left in two parts when only lower ranks may join.
        std::vector<std::string_view> parts;
        for (std::size_t j = 0; j < token.size(); ++j) parts.push_back(std::string_view(token).substr(j, 1));
        while (parts.size() > 2) {
            std::int32_t best = INT32_MAX;
            std::size_t where = 0;
            for (std::size_t j = 0; j + 1 < parts.size(); ++j) {
                const auto found = rank.find(std::string_view(parts[j].data(), parts[j].size() + parts[j + 1].size()));
                if (found != rank.end() && found->second < std::min(best, static_cast<std::int32_t>(i)))
                    best = found->second, where = j;
            }
            if (best == INT32_MAX) break;
            parts[where] = std::string_view(parts[where].data(), parts[where].size() + parts[where + 1].size());
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(where) + 1);
        }
        if (parts.size() == 2) out.merges.push_back(spelledBytes(parts[0]) + " " + spelledBytes(parts[1]));
    }
    for (const auto& special : specials) {
        out.tokens.push_back(special);
        out.types.push_back(3);
    }
    return out;
}

Result<Vocabulary> vocabularyFromLines(std::string_view text) {
    Vocabulary out;
    out.model = "bert";
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string token(text.substr(at, end - at));
        at = end + 1;
        if (!token.empty() && token.back() == '\r') token.pop_back();
        if (token.empty() || out.tokens.size() >= kMostTokens)
            return Error(Code::CorruptData,
                fmt::format("vocab.txt, line {}: an empty token, or too many", out.tokens.size() + 1));
        const bool isSpecial =
            token == "[PAD]" || token == "[UNK]" || token == "[CLS]" || token == "[SEP]" || token == "[MASK]";
        out.types.push_back(isSpecial ? 3 : token.starts_with("[unused") ? 5 : 1);
        out.tokens.push_back(isSpecial                                     ? token
                             : token.starts_with("##") && token.size() > 2 ? token.substr(2)
                                                                           : std::string(kSpaceMark) + token);
    }
    out.unknown = idOf(out, "[UNK]");
    out.bos = idOf(out, "[CLS]");
    out.separator = idOf(out, "[SEP]");
    if (!out.unknown || !out.bos || !out.separator)
        return Error(Code::CorruptData, "vocab.txt lacks [UNK], [CLS] or [SEP]");
    out.addBos = true;
    return out;
}

std::string joinedMerge(std::string_view left, std::string_view right) {
    const auto isClear = [](std::string_view part) { return part.find(' ') == std::string_view::npos; };
    return isClear(left) && isClear(right) && !left.starts_with('\1') && !left.empty()
               ? fmt::format("{} {}", left, right)
               : fmt::format("\1{} {}{}", left.size(), left, right);
}

bool partMerge(std::string_view merge, std::string_view& left, std::string_view& right) {
    const auto space = merge.find(' ', 1);
    if (space == std::string_view::npos) return false;
    left = merge.substr(0, space);
    right = merge.substr(space + 1);
    if (!left.starts_with('\1')) return true;
    std::size_t size = 0;
    const char* const end = left.data() + left.size();
    if (std::from_chars(left.data() + 1, end, size).ptr != end || size > right.size()) return false;
    left = right.substr(0, size);
    right.remove_prefix(size);
    return true;
}

}  // namespace dubito::lm
