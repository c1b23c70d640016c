// One reader a source; each ends in the same table.
#include "lm/text/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <unordered_map>

#include "lm/formats/gguf.h"
#include "lm/text/pretokenizer.h"

namespace dubito::lm {
namespace {

constexpr std::size_t kMostTokens = 4'000'000;
constexpr std::string_view kSpaceMark = "\xE2\x96\x81";

/// The split rule by what the pre-tokenizer consists of; empty: none that is known.
std::string splitName(const Json& tokenizer) {
    const std::string text = jsonText(memberOf(tokenizer, "pre_tokenizer"));
    const bool nfc = jsonText(memberOf(tokenizer, "normalizer")).find("\"NFC\"") != std::string::npos;
    const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
    if (has("\\\\p{N}{1,3}")) return "llama-bpe";
    if (has("(?i:'s|'t|'re|'ve|'m|'ll|'d)")) return "qwen2";
    if (has("\"Punctuation\"") && has("[0-9][0-9][0-9]")) return "falcon";
    if (has("\"Digits\"") && has("\"individual_digits\":true")) return "smollm";
    if (has("\"ByteLevel\"") && !has("\"Split\"") && !has("\"Punctuation\"") && !has("\"Digits\""))
        return nfc ? "gpt-neox" : "gpt-2";
    return {};
}

Result<void> put(Vocabulary& out, const Json& id, const std::string& text, std::int32_t type) {
    if (!id.is_number_integer() || id.get<std::int64_t>() < 0 ||
        id.get<std::int64_t>() >= static_cast<std::int64_t>(kMostTokens))
        return Error(Code::CorruptData, fmt::format("the token \"{}\" has no id between 0 and {}", text, kMostTokens));
    const auto at = static_cast<std::size_t>(id.get<std::int64_t>());
    if (at >= out.tokens.size()) out.tokens.resize(at + 1), out.types.resize(at + 1, 5);
    out.tokens[at] = text;
    out.types[at] = type;
    return {};
}

std::optional<std::int64_t> idOf(const Vocabulary& vocabulary, std::string_view token) {
    const auto found = std::find(vocabulary.tokens.begin(), vocabulary.tokens.end(), token);
    return found == vocabulary.tokens.end() ? std::nullopt
                                            : std::optional<std::int64_t>(found - vocabulary.tokens.begin());
}

Result<std::string> fromBase64(std::string_view text, std::size_t line) {
    std::string out;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        if (c == '=') break;
        const int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                          : c >= 'a' && c <= 'z' ? c - 'a' + 26
                          : c >= '0' && c <= '9' ? c - '0' + 52
                          : c == '+'             ? 62
                          : c == '/'             ? 63
                                                 : -1;
        if (value < 0) return Error(Code::CorruptData, fmt::format("tiktoken ranks, line {}: this is no base64", line));
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        if ((held += 6) >= 8) out += static_cast<char>(bits >> (held -= 8) & 255);
    }
    return out;
}

Result<Vocabulary> wordPieceFromJson(const Json& tokenizer) {
    Vocabulary out;
    out.model = "bert";
    const Json& model = memberOf(tokenizer, "model");
    const std::string prefix = textOr(model, "continuing_subword_prefix", "##"),
                      unknown = textOr(model, "unk_token", "[UNK]");
    for (const auto& [text, id] : memberOf(model, "vocab").items())
        DUBITO_CHECK(put(out, id,
            text.starts_with(prefix) && text != prefix ? text.substr(prefix.size()) : std::string(kSpaceMark) + text,
            1));
    for (const Json& added : memberOf(tokenizer, "added_tokens"))
        DUBITO_CHECK(put(out, memberOf(added, "id"), textOr(added, "content", ""), 3));
    out.unknown = idOf(out, unknown);
    if (!out.unknown) out.unknown = idOf(out, std::string(kSpaceMark) + unknown);
    out.bos = idOf(out, "[CLS]");
    out.separator = idOf(out, "[SEP]");
    out.addBos = true;
    return out;
}

}  // namespace

Result<Vocabulary> vocabularyOf(const GgufFile& file) {
    Vocabulary out;
    out.model = file.text("tokenizer.ggml.model").value_or("");
    if (out.model != "gpt2" && out.model != "llama" && out.model != "bert")
        return Error(Code::Unsupported,
            fmt::format("the tokenizer model \"{}\" is not supported; gpt2, llama and bert are", out.model));
    out.pre = file.text("tokenizer.ggml.pre").value_or("");
    DUBITO_TRY(out.tokens, file.texts("tokenizer.ggml.tokens"));
    if (out.model == "gpt2") {
        DUBITO_TRY(out.merges, file.texts("tokenizer.ggml.merges"));
    }
    if (out.model == "llama") {
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
    out.addBos = file.boolean("tokenizer.ggml.add_bos_token").value_or(out.model != "gpt2" || out.pre == "llama-bpe");
    out.addSpacePrefix = file.boolean("tokenizer.ggml.add_space_prefix").value_or(true);
    return out;
}

Result<Vocabulary> vocabularyFromJson(const Json& tokenizer) {
    const Json& model = memberOf(tokenizer, "model");
    const std::string type = textOr(model, "type", "BPE");
    if (type == "WordPiece") return wordPieceFromJson(tokenizer);
    if (type != "BPE")
        return Error(
            Code::Unsupported, fmt::format("the tokenizer type \"{}\" is not supported; BPE and WordPiece are", type));
    Vocabulary out;
    const bool isSpm = boolOr(model, "byte_fallback", false);
    out.model = isSpm ? "llama" : "gpt2";
    if (!isSpm) {
        out.pre = splitName(tokenizer);
        if (out.pre.empty())
            return Error(Code::Unsupported,
                "tokenizer.json splits text by a rule that is not known; those of gpt-2, gpt-neox, smollm, falcon, "
                "qwen2 and llama-bpe are");
    }
    for (const auto& [text, id] : memberOf(model, "vocab").items()) {
        const bool isByte = isSpm && text.size() == 6 && text.starts_with("<0x") && text.ends_with(">");
        DUBITO_CHECK(put(out, id, text, isByte ? 6 : 1));
    }
    for (const Json& added : memberOf(tokenizer, "added_tokens"))
        DUBITO_CHECK(
            put(out, memberOf(added, "id"), textOr(added, "content", ""), boolOr(added, "special", false) ? 3 : 4));
    for (std::size_t i = 0; i < out.tokens.size(); ++i)
        if (out.types[i] == 5) out.tokens[i] = fmt::format("[unused{}]", i);
    for (const Json& merge : memberOf(model, "merges")) {
        if (merge.is_string()) out.merges.push_back(merge.get<std::string>());
        else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
            out.merges.push_back(merge[0].get<std::string>() + " " + merge[1].get<std::string>());
        else return Error(Code::CorruptData, fmt::format("merge {} is no pair", out.merges.size()));
    }
    if (isSpm) {
        // The rank at which a token is first made stands for its score.
        std::unordered_map<std::string, float> score;
        for (std::size_t i = 0; i < out.merges.size(); ++i) {
            std::string whole = out.merges[i];
            const auto space = whole.find(' ', 1);
            if (space == std::string::npos) return Error(Code::CorruptData, fmt::format("merge {} is no pair", i));
            score.emplace(whole.erase(space, 1), -static_cast<float>(i));
        }
        for (const auto& token : out.tokens) {
            const auto found = score.find(token);
            out.scores.push_back(found == score.end() ? -1e9f : found->second);
        }
        out.merges.clear();
        const std::string text =
            jsonText(memberOf(tokenizer, "normalizer")) + jsonText(memberOf(tokenizer, "pre_tokenizer"));
        out.addSpacePrefix = text.find("\"Prepend\"") != std::string::npos ||
                             text.find("\"add_prefix_space\":true") != std::string::npos ||
                             text.find("\"prepend_scheme\":\"first\"") != std::string::npos ||
                             text.find("\"prepend_scheme\":\"always\"") != std::string::npos;
        out.unknown = idOf(out, textOr(model, "unk_token", "<unk>"));
        out.bos = idOf(out, "<s>");
        out.eos = idOf(out, "</s>");
        out.addBos = jsonText(memberOf(tokenizer, "post_processor")).find("\"<s>\"") != std::string::npos;
    } else {
        out.addBos = out.pre == "llama-bpe";
        out.bos = idOf(out, "<|begin_of_text|>");
    }
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
        DUBITO_TRY(std::string bytes, fromBase64(row.substr(0, space), line));
        if (bytes.empty() || raw.size() >= kMostTokens)
            return Error(Code::CorruptData, fmt::format("tiktoken ranks, line {}: an empty token, or too many", line));
        raw.push_back(std::move(bytes));
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

namespace {

/// One field of a protocol-buffers message.
struct ProtoField {
    std::uint32_t number = 0, wire = 0;  ///< wire: 0 varint, 1 and 5 fixed, 2 bytes
    std::uint64_t value = 0;             ///< varint or fixed bits
    ByteSpan data;

    bool isVarint(std::uint32_t wanted) const { return number == wanted && wire == 0; }
    bool isBytes(std::uint32_t wanted) const { return number == wanted && wire == 2; }
    bool isReal(std::uint32_t wanted) const { return number == wanted && wire == 5; }
    float real() const { return std::bit_cast<float>(static_cast<std::uint32_t>(value)); }
};

bool takeVarint(ByteReader& in, std::uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        const auto byte = in.get<std::uint8_t>();
        value |= std::uint64_t{byte & 127u} << shift;
        if (!(byte & 128)) return in.ok();
    }
    return false;
}

/// @return false: cut short, or of a kind that is not known
bool takeField(ByteReader& in, ProtoField& field) {
    std::uint64_t tag = 0;
    if (!takeVarint(in, tag)) return false;
    field.number = static_cast<std::uint32_t>(tag >> 3);
    field.wire = tag & 7;
    std::uint64_t size = 0;
    switch (field.wire) {
        case 0: return takeVarint(in, field.value);
        case 1: field.value = in.get<std::uint64_t>(); break;
        case 2:
            if (!takeVarint(in, size)) return false;
            field.data = in.span(size);
            break;
        case 5: field.value = in.get<std::uint32_t>(); break;
        default: return false;
    }
    return in.ok();
}

/// What a SentencePiece model says, message by message.
class SentencePieceReader {
public:
    SentencePieceReader() { m_out.model = "llama"; }
    /// @return what is wrong; empty: nothing
    const char* take(const ProtoField& field) {
        if (field.isBytes(1)) return takePiece(field.data);
        if (field.isBytes(2)) return takeTrainer(field.data);
        if (field.isBytes(3)) return takeNormaliser(field.data);
        return nullptr;
    }
    Result<Vocabulary> finished() {
        constexpr std::int64_t kBpe = 2;
        if (m_kind != kBpe)
            return Error(Code::Unsupported, "this SentencePiece model is not of type BPE; only BPE is read");
        for (auto* id : {&m_out.unknown, &m_out.bos, &m_out.eos})
            if (*id && (**id < 0 || **id >= static_cast<std::int64_t>(m_out.tokens.size()))) id->reset();
        m_out.addBos = m_out.bos.has_value();
        m_out.addSpacePrefix = m_hasPrefix;
        return std::move(m_out);
    }

private:
    const char* takePiece(ByteSpan data) {
        constexpr std::uint64_t kLastType = 6;
        std::string token;
        float score = 0;
        std::int32_t type = 1;
        ByteReader in(data);
        for (ProtoField part; in.left() > 0;) {
            if (!takeField(in, part)) return "a piece is cut short";
            if (part.isBytes(1)) token = std::string(asText(part.data));
            if (part.isReal(2)) score = part.real();
            if (part.isVarint(3)) type = static_cast<std::int32_t>(part.value > kLastType ? 1 : part.value);
        }
        if (!std::isfinite(score) || m_out.tokens.size() >= kMostTokens)
            return "a score is no number, or there are too many pieces";
        m_out.tokens.push_back(token);
        m_out.scores.push_back(score);
        m_out.types.push_back(type);
        return nullptr;
    }
    const char* takeTrainer(ByteSpan data) {
        ByteReader in(data);
        for (ProtoField part; in.left() > 0;) {
            if (!takeField(in, part)) return "the trainer's settings are cut short";
            if (part.wire != 0) continue;
            const auto id = static_cast<std::int64_t>(static_cast<std::int32_t>(part.value));
            if (part.number == 3) m_kind = id;
            if (part.number == 40) m_out.unknown = id;
            if (part.number == 41) m_out.bos = id;
            if (part.number == 42) m_out.eos = id;
        }
        return nullptr;
    }
    const char* takeNormaliser(ByteSpan data) {
        ByteReader in(data);
        for (ProtoField part; in.left() > 0;) {
            if (!takeField(in, part)) return "the normaliser's settings are cut short";
            if (part.isVarint(3)) m_hasPrefix = part.value != 0;
        }
        return nullptr;
    }

    Vocabulary m_out;
    std::int64_t m_kind = 1;
    bool m_hasPrefix = true;
};

}  // namespace

Result<Vocabulary> vocabularyFromSentencePiece(ByteSpan bytes) {
    SentencePieceReader reader;
    ByteReader in(bytes);
    for (ProtoField field; in.left() > 0;) {
        const std::size_t at = in.pos();
        const char* problem = takeField(in, field) ? reader.take(field) : "a field is cut short or of an unknown kind";
        if (problem) return Error(Code::CorruptData, fmt::format("SentencePiece model, byte {}: {}", at, problem));
    }
    return reader.finished();
}

}  // namespace dubito::lm
