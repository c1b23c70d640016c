// Merging goes by lowest rank, leftmost on ties: a scan for short pieces, a heap for long ones.
#include "lm/text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>

namespace dubito::lm {
namespace {

/// The printable alphabet of byte-level vocabularies: code point -> byte, -1 when it is none of the 256.
int byteOfCodePoint(std::uint32_t code) {
    const auto standsForItself = [](std::uint32_t byte) { return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255); };
    if (code < 256) return standsForItself(code) ? static_cast<int>(code) : -1;
    static const std::vector<int> kShifted = [&] {
        std::vector<int> out;
        for (std::uint32_t byte = 0; byte < 256; ++byte)
            if (!standsForItself(byte)) out.push_back(static_cast<int>(byte));
        return out;
    }();
    return code - 256 < kShifted.size() ? kShifted[code - 256] : -1;
}

/// Undoes the alphabet; false when a character is outside it.
bool rawBytes(std::string_view spelled, std::string& out) {
    out.clear();
    while (!spelled.empty()) {
        const std::size_t n = utf8Length(spelled);
        if (n == 0 || n > 2) return false;
        const auto first = static_cast<unsigned char>(spelled[0]);
        const std::uint32_t code = n == 1 ? first : (first & 31u) << 6 | (static_cast<unsigned char>(spelled[1]) & 63u);
        const int byte = byteOfCodePoint(code);
        if (byte < 0) return false;
        out += static_cast<char>(byte);
        spelled.remove_prefix(n);
    }
    return true;
}

std::uint64_t pairOf(TokenId left, TokenId right) { return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right); }

}  // namespace

std::string validUtf8(std::string_view bytes) {
    std::string out;
    while (!bytes.empty()) {
        std::size_t n = static_cast<unsigned char>(bytes[0]) < 0x80 ? 1 : utf8Length(bytes);
        if (n) {
            out += bytes.substr(0, n);
        } else {
            out += "\xEF\xBF\xBD";
            n = 1;
        }
        bytes.remove_prefix(n);
    }
    return out;
}

std::string StreamDecoder::feed(std::string_view bytes) {
    m_waiting += bytes;
    // Hold back at most three bytes that may begin a character.
    std::size_t keep = 0;
    for (std::size_t back = 1; back <= 3 && back <= m_waiting.size(); ++back) {
        const auto byte = static_cast<unsigned char>(m_waiting[m_waiting.size() - back]);
        if ((byte & 0xC0) == 0x80) continue;
        const std::size_t needs = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1;
        if (needs > back) keep = back;
        break;
    }
    const std::string out = validUtf8(std::string_view(m_waiting).substr(0, m_waiting.size() - keep));
    m_waiting.erase(0, m_waiting.size() - keep);
    return out;
}

std::string StreamDecoder::flush() {
    std::string out = validUtf8(m_waiting);
    m_waiting.clear();
    return out;
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::load(const GgufFile& file) {
    const std::string model = file.text("tokenizer.ggml.model").value_or("");
    if (model != "gpt2") return Error(Code::Unsupported, fmt::format("the tokenizer model \"{}\" is not supported yet; byte-level BPE (gpt2) is", model));
    std::shared_ptr<Tokenizer> out(new Tokenizer());
    Tokenizer& self = *out;
    self.m_preName = file.text("tokenizer.ggml.pre").value_or("");
    DUBITO_TRY(self.m_pretokenizer, Pretokenizer::create(self.m_preName));
    DUBITO_TRY(const std::vector<std::string> spelled, file.texts("tokenizer.ggml.tokens"));
    DUBITO_TRY(const std::vector<std::string> merges, file.texts("tokenizer.ggml.merges"));
    if (spelled.size() < 2 || spelled.size() > 4'000'000) return Error(Code::CorruptData, fmt::format("a vocabulary of {} tokens", spelled.size()));
    self.m_types.assign(spelled.size(), 1);
    if (auto types = file.integers("tokenizer.ggml.token_type")) {
        if (types->size() != spelled.size()) return Error(Code::CorruptData, fmt::format("{} token types for {} tokens", types->size(), spelled.size()));
        for (std::size_t i = 0; i < types->size(); ++i) self.m_types[i] = static_cast<std::int8_t>(std::clamp<std::int64_t>((*types)[i], 0, 6));
    }
    self.m_tokens.resize(spelled.size());
    for (std::size_t i = 0; i < spelled.size(); ++i) {
        const bool byteSpelled = self.m_types[i] == 1 || self.m_types[i] == 6;
        // A normal token outside the byte alphabet can never be made by merges; it is kept by its spelling.
        if (!byteSpelled || !rawBytes(spelled[i], self.m_tokens[i])) self.m_tokens[i] = spelled[i];
    }
    for (std::size_t i = 0; i < spelled.size(); ++i) {
        if (self.m_types[i] == 5) continue;  // unused rows may repeat
        const auto [at, isNew] = self.m_ids.emplace(self.m_tokens[i], static_cast<TokenId>(i));
        if (!isNew && self.m_types[i] == 1 && self.m_types[static_cast<std::size_t>(at->second)] == 1)
            return Error(Code::CorruptData, fmt::format("the tokens {} and {} are equal", at->second, i));
    }
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        const auto found = self.m_ids.find(std::string_view(&c, 1));
        self.m_byteIds[byte] = found == self.m_ids.end() ? -1 : found->second;
    }
    self.m_merges.reserve(merges.size());
    std::string left, right;
    for (std::size_t i = 0; i < merges.size(); ++i) {
        const auto space = merges[i].find(' ', 1);
        if (space == std::string::npos || !rawBytes(std::string_view(merges[i]).substr(0, space), left) || !rawBytes(std::string_view(merges[i]).substr(space + 1), right))
            return Error(Code::CorruptData, fmt::format("merge {} is no pair of byte-level pieces", i));
        const auto a = self.find(left), b = self.find(right), whole = self.find(left + right);
        if (!a || !b || !whole) return Error(Code::CorruptData, fmt::format("merge {} has no vocabulary entry", i));
        self.m_merges.emplace(pairOf(*a, *b), Merge{static_cast<std::int32_t>(i), *whole});
    }
    for (std::size_t i = 0; i < spelled.size(); ++i)
        if ((self.m_types[i] == 3 || self.m_types[i] == 4) && !self.m_tokens[i].empty()) self.m_specials.push_back(static_cast<TokenId>(i));
    std::stable_sort(self.m_specials.begin(), self.m_specials.end(), [&](TokenId a, TokenId b) { return self.bytesOf(a).size() > self.bytesOf(b).size(); });
    for (const char* key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"})
        if (const auto id = file.integer(key)) {
            if (*id < 0 || *id >= self.size()) return Error(Code::CorruptData, fmt::format("{} is {}, outside the vocabulary", key, *id));
            if (std::find(self.m_endTokens.begin(), self.m_endTokens.end(), *id) == self.m_endTokens.end()) self.m_endTokens.push_back(static_cast<TokenId>(*id));
        }
    for (const char* name : {"<|im_end|>", "<|eot_id|>"})
        if (const auto id = self.find(name); id && self.isSpecial(*id) && std::find(self.m_endTokens.begin(), self.m_endTokens.end(), *id) == self.m_endTokens.end()) self.m_endTokens.push_back(*id);
    if (const auto id = file.integer("tokenizer.ggml.bos_token_id"); id && *id >= 0 && *id < self.size()) self.m_start = static_cast<TokenId>(*id);
    self.m_addStart = file.boolean("tokenizer.ggml.add_bos_token").value_or(self.m_preName == "llama-bpe");
    return std::shared_ptr<const Tokenizer>(std::move(out));
}

std::optional<TokenId> Tokenizer::find(std::string_view bytes) const {
    const auto found = m_ids.find(bytes);
    return found == m_ids.end() ? std::nullopt : std::optional(found->second);
}

void Tokenizer::addStart(std::vector<TokenId>& ids) const {
    if (m_addStart && m_start && (ids.empty() || ids.front() != *m_start)) ids.insert(ids.begin(), *m_start);
}

void Tokenizer::encodePiece(std::string_view piece, Encoding& out) const {
    if (m_pretokenizer->wholePieceFirst())
        if (const auto whole = find(piece)) return out.ids.push_back(*whole);
    std::vector<TokenId> symbols;
    for (const char c : piece) {
        const TokenId id = m_byteIds[static_cast<unsigned char>(c)];
        if (id < 0) ++out.droppedBytes;
        else symbols.push_back(id);
    }
    if (symbols.size() <= 32) {
        while (symbols.size() > 1) {
            std::int32_t best = INT32_MAX;
            std::size_t at = 0;
            TokenId id = 0;
            for (std::size_t i = 0; i + 1 < symbols.size(); ++i)
                if (const auto merge = m_merges.find(pairOf(symbols[i], symbols[i + 1])); merge != m_merges.end() && merge->second.rank < best) {
                    best = merge->second.rank;
                    at = i;
                    id = merge->second.id;
                }
            if (best == INT32_MAX) break;
            symbols[at] = id;
            symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
        }
        out.ids.insert(out.ids.end(), symbols.begin(), symbols.end());
        return;
    }
    const auto n = static_cast<std::int32_t>(symbols.size());
    std::vector<std::int32_t> next(symbols.size()), before(symbols.size());
    for (std::int32_t i = 0; i < n; ++i) next[static_cast<std::size_t>(i)] = i + 1, before[static_cast<std::size_t>(i)] = i - 1;
    struct Candidate {
        std::int32_t rank, left, right;
        TokenId leftId, rightId, id;
        bool operator<(const Candidate& other) const { return rank != other.rank ? rank > other.rank : left > other.left; }
    };
    std::priority_queue<Candidate> queue;
    const auto consider = [&](std::int32_t left, std::int32_t right) {
        if (left < 0 || right >= n) return;
        const TokenId a = symbols[static_cast<std::size_t>(left)], b = symbols[static_cast<std::size_t>(right)];
        if (const auto merge = m_merges.find(pairOf(a, b)); merge != m_merges.end()) queue.push({merge->second.rank, left, right, a, b, merge->second.id});
    };
    for (std::int32_t i = 0; i + 1 < n; ++i) consider(i, i + 1);
    while (!queue.empty()) {
        const Candidate top = queue.top();
        queue.pop();
        const auto left = static_cast<std::size_t>(top.left), right = static_cast<std::size_t>(top.right);
        if (symbols[left] != top.leftId || symbols[right] != top.rightId || next[left] != top.right) continue;
        symbols[left] = top.id;
        symbols[right] = -1;
        next[left] = next[right];
        if (next[right] < n) before[static_cast<std::size_t>(next[right])] = top.left;
        consider(before[left], top.left);
        consider(top.left, next[left]);
    }
    for (std::int32_t i = 0; i < n; i = next[static_cast<std::size_t>(i)]) out.ids.push_back(symbols[static_cast<std::size_t>(i)]);
}

void Tokenizer::encodePlain(std::string_view text, Encoding& out) const {
    const std::string normal = m_pretokenizer->normalise(text);
    for (const std::string_view piece : m_pretokenizer->split(normal)) encodePiece(piece, out);
}

Tokenizer::Encoding Tokenizer::encode(std::string_view text) const {
    Encoding out;
    encodePlain(text, out);
    return out;
}

Tokenizer::Encoding Tokenizer::encodeFragments(const std::vector<Fragment>& fragments) const {
    std::string all;
    std::vector<std::pair<std::size_t, std::size_t>> trusted;  // ranges of `all` from the template
    for (const Fragment& fragment : fragments) {
        if (fragment.fromTemplate) {
            if (!trusted.empty() && trusted.back().second == all.size()) trusted.back().second += fragment.text.size();
            else trusted.emplace_back(all.size(), all.size() + fragment.text.size());
        }
        all += fragment.text;
    }
    Encoding out;
    std::size_t plainFrom = 0;
    for (const auto& [begin, end] : trusted) {
        for (std::size_t at = begin; at < end;) {
            TokenId hit = -1;
            for (const TokenId special : m_specials) {
                const auto spelling = bytesOf(special);
                if (at + spelling.size() <= end && std::string_view(all).substr(at, spelling.size()) == spelling) {
                    hit = special;
                    break;
                }
            }
            if (hit < 0) {
                ++at;
                continue;
            }
            if (at > plainFrom) encodePlain(std::string_view(all).substr(plainFrom, at - plainFrom), out);
            out.ids.push_back(hit);
            at += bytesOf(hit).size();
            plainFrom = at;
        }
    }
    if (plainFrom < all.size()) encodePlain(std::string_view(all).substr(plainFrom), out);
    return out;
}

std::string Tokenizer::decode(const std::vector<TokenId>& ids) const {
    std::string bytes;
    for (const TokenId id : ids)
        if (!isSpecial(id)) bytes += bytesOf(id);
    return validUtf8(bytes);
}

std::string Tokenizer::shown(TokenId id) const { return validUtf8(bytesOf(id)); }

}  // namespace dubito::lm
