// One facade over three algorithms; specials and fragments are handled here, plain text by the algorithm.
#include "lm/text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace dubito::lm {
namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";  // U+2581 stands for a space

std::string withoutMarks(std::string_view spelled) {
    std::string out;
    for (std::size_t at = 0; at < spelled.size();) {
        const bool isMark = spelled.substr(at, kSpaceMark.size()) == kSpaceMark;
        out += isMark ? ' ' : spelled[at];
        at += isMark ? kSpaceMark.size() : 1;
    }
    return out;
}

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
    DUBITO_TRY(Vocabulary vocabulary, vocabularyOf(file));
    return create(std::move(vocabulary));
}

Result<void> Tokenizer::readTokens(const Vocabulary& vocabulary) {
    const std::size_t n = vocabulary.tokens.size();
    if (n < 2 || n > 4'000'000) return Error(Code::CorruptData, fmt::format("a vocabulary of {} tokens", n));
    m_types.assign(n, 1);
    if (!vocabulary.types.empty()) {
        if (vocabulary.types.size() != n)
            return Error(Code::CorruptData, fmt::format("{} token types for {} tokens", vocabulary.types.size(), n));
        m_types = vocabulary.types;
    }
    m_tokens.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        const std::string& spelled = vocabulary.tokens[i];
        if (m_kind == Kind::ByteBpe) {
            // A normal token outside the byte alphabet can never be made by merges; it is kept by its spelling.
            if ((m_types[i] != 1 && m_types[i] != 6) || !rawBytes(spelled, m_tokens[i])) m_tokens[i] = spelled;
        } else if (m_types[i] == 6 && spelled.size() == 6 && spelled.starts_with("<0x")) {
            m_tokens[i] = std::string(1, static_cast<char>(std::strtoul(spelled.substr(3, 2).c_str(), nullptr, 16)));
        } else {
            m_tokens[i] = m_types[i] == 1 ? withoutMarks(spelled) : spelled;
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        if (m_types[i] == 5) continue;  // unused rows may repeat
        const auto [at, isNew] = m_ids.emplace(m_tokens[i], static_cast<TokenId>(i));
        if (!isNew && m_kind == Kind::ByteBpe && m_types[i] == 1 && m_types[static_cast<std::size_t>(at->second)] == 1)
            return Error(Code::CorruptData, fmt::format("the tokens {} and {} are equal", at->second, i));
    }
    return {};
}

Result<void> Tokenizer::readMerges(const Vocabulary& vocabulary) {
    TokenId byteIds[256];
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        byteIds[byte] = find(std::string_view(&c, 1)).value_or(-1);
    }
    std::vector<ByteBpe::Merge> merges;
    merges.reserve(vocabulary.merges.size());
    std::string left, right;
    for (std::size_t i = 0; i < vocabulary.merges.size(); ++i) {
        const std::string_view merge = vocabulary.merges[i];
        const auto space = merge.find(' ', 1);
        if (space == std::string_view::npos || !rawBytes(merge.substr(0, space), left) ||
            !rawBytes(merge.substr(space + 1), right))
            return Error(Code::CorruptData, fmt::format("merge {} is no pair of byte-level pieces", i));
        const auto a = find(left), b = find(right), whole = find(left + right);
        if (!a || !b || !whole) return Error(Code::CorruptData, fmt::format("merge {} has no vocabulary entry", i));
        merges.push_back({*a, *b, *whole});
    }
    m_byteBpe = ByteBpe::build(byteIds, merges);
    return {};
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::create(Vocabulary vocabulary) {
    std::shared_ptr<Tokenizer> out(new Tokenizer());
    Tokenizer& self = *out;
    self.m_kind = vocabulary.model == "llama"  ? Kind::SentencePiece
                  : vocabulary.model == "bert" ? Kind::WordPiece
                                               : Kind::ByteBpe;
    self.m_preName = vocabulary.pre;
    DUBITO_CHECK(self.readTokens(vocabulary));
    const auto inside = [&](const std::optional<std::int64_t>& id) {
        return id && *id >= 0 && *id < self.size() ? static_cast<TokenId>(*id) : -1;
    };
    if (self.m_kind == Kind::ByteBpe) {
        DUBITO_TRY(self.m_pretokenizer, Pretokenizer::create(self.m_preName));
        DUBITO_CHECK(self.readMerges(vocabulary));
    } else if (self.m_kind == Kind::SentencePiece) {
        if (vocabulary.scores.size() != vocabulary.tokens.size())
            return Error(Code::CorruptData,
                fmt::format("{} scores for {} tokens", vocabulary.scores.size(), vocabulary.tokens.size()));
        self.m_spelled = std::move(vocabulary.tokens);
        self.m_spm = std::make_unique<SpmBpe>(
            self.m_spelled, self.m_types, std::move(vocabulary.scores), inside(vocabulary.unknown));
        self.m_spacePrefix = vocabulary.addSpacePrefix;
    } else {
        self.m_spelled = std::move(vocabulary.tokens);
        self.m_wordPiece = std::make_unique<WordPiece>(self.m_spelled, self.m_types, inside(vocabulary.unknown));
    }
    for (std::size_t i = 0; i < self.m_tokens.size(); ++i)
        if ((self.m_types[i] == 3 || self.m_types[i] == 4) && !self.m_tokens[i].empty())
            self.m_specials.push_back(static_cast<TokenId>(i));
    std::stable_sort(self.m_specials.begin(), self.m_specials.end(),
        [&](TokenId a, TokenId b) { return self.bytesOf(a).size() > self.bytesOf(b).size(); });
    const auto addEnd = [&](TokenId id) {
        if (std::find(self.m_endTokens.begin(), self.m_endTokens.end(), id) == self.m_endTokens.end())
            self.m_endTokens.push_back(id);
    };
    // Ids outside the vocabulary end nothing; the account of the model says so.
    for (const auto& id : {vocabulary.eos, vocabulary.eot, vocabulary.eom})
        if (inside(id) >= 0) addEnd(inside(id));
    for (const std::int64_t id : vocabulary.moreEnds)
        if (inside(id) >= 0) addEnd(inside(id));
    for (const char* name : {"<|im_end|>", "<|eot_id|>"})
        if (const auto id = self.find(name); id && self.isSpecial(*id)) addEnd(*id);
    if (inside(vocabulary.bos) >= 0) self.m_start = inside(vocabulary.bos);
    if (inside(vocabulary.separator) >= 0) self.m_separator = inside(vocabulary.separator);
    self.m_addStart = vocabulary.addBos;
    return std::shared_ptr<const Tokenizer>(std::move(out));
}

std::optional<TokenId> Tokenizer::find(std::string_view bytes) const {
    const auto found = m_ids.find(bytes);
    return found == m_ids.end() ? std::nullopt : std::optional(found->second);
}

void Tokenizer::addStart(std::vector<TokenId>& ids) const {
    if (m_addStart && m_start && (ids.empty() || ids.front() != *m_start)) ids.insert(ids.begin(), *m_start);
    if (m_kind == Kind::WordPiece && m_separator) ids.push_back(*m_separator);
}

void Tokenizer::encodePlain(std::string_view text, Encoding& out) const {
    if (text.empty()) return;
    switch (m_kind) {
        case Kind::ByteBpe: {
            const std::string normal = m_pretokenizer->normalise(text);
            std::vector<std::string_view> pieces = m_pretokenizer->split(normal);
            if (!m_pretokenizer->wholePieceFirst()) {
                out.droppedBytes += m_byteBpe->encode(pieces, out.ids);
                return;
            }
            for (const std::string_view piece : pieces) {
                if (const auto whole = find(piece)) out.ids.push_back(*whole);
                else out.droppedBytes += m_byteBpe->encode(std::span(&piece, 1), out.ids);
            }
            return;
        }
        case Kind::SentencePiece: {
            std::string spelled = m_spacePrefix ? std::string(kSpaceMark) : std::string();
            for (const char c : text) c == ' ' ? spelled += kSpaceMark : spelled += c;
            return m_spm->encode(spelled, out.ids);
        }
        case Kind::WordPiece: return m_wordPiece->encode(text, out.ids);
    }
}

Tokenizer::Encoding Tokenizer::encode(std::string_view text) const {
    Encoding out;
    encodePlain(text, out);
    return out;
}

template <class Plain, class Special>
void Tokenizer::cutAtSpecials(const std::vector<Fragment>& fragments, Plain&& plain, Special&& special) const {
    std::string all;
    std::vector<std::pair<std::size_t, std::size_t>> trusted;  // ranges of `all` from the template
    for (const Fragment& fragment : fragments) {
        if (fragment.fromTemplate) {
            if (!trusted.empty() && trusted.back().second == all.size()) trusted.back().second += fragment.text.size();
            else trusted.emplace_back(all.size(), all.size() + fragment.text.size());
        }
        all += fragment.text;
    }
    std::size_t plainFrom = 0;
    for (const auto& [begin, end] : trusted) {
        for (std::size_t at = begin; at < end;) {
            TokenId hit = -1;
            for (const TokenId candidate : m_specials) {
                const auto spelling = bytesOf(candidate);
                if (at + spelling.size() <= end && std::string_view(all).substr(at, spelling.size()) == spelling) {
                    hit = candidate;
                    break;
                }
            }
            if (hit < 0) {
                ++at;
                continue;
            }
            if (at > plainFrom) plain(plainFrom, std::string_view(all).substr(plainFrom, at - plainFrom));
            special(at, hit);
            at += bytesOf(hit).size();
            plainFrom = at;
        }
    }
    if (plainFrom < all.size()) plain(plainFrom, std::string_view(all).substr(plainFrom));
}

Tokenizer::Encoding Tokenizer::encodeFragments(const std::vector<Fragment>& fragments) const {
    Encoding out;
    cutAtSpecials(
        fragments, [&](std::size_t, std::string_view text) { encodePlain(text, out); },
        [&](std::size_t, TokenId id) { out.ids.push_back(id); });
    return out;
}

std::vector<Tokenizer::Span> Tokenizer::encodeSpans(const std::vector<Fragment>& fragments) const {
    std::vector<Span> out;
    const auto plain = [&](std::size_t first, std::string_view text) {
        Encoding encoding;
        encodePlain(text, encoding);
        std::size_t total = 0, done = 0;
        for (const TokenId id : encoding.ids) total += bytesOf(id).size();
        for (const TokenId id : encoding.ids) {
            // Where bytes were changed or dropped, tokens share the run in proportion.
            const std::size_t from = total == text.size() ? done : done * text.size() / std::max<std::size_t>(total, 1);
            done += bytesOf(id).size();
            const std::size_t to = total == text.size() ? done : done * text.size() / std::max<std::size_t>(total, 1);
            out.push_back({id, first + from, first + to});
        }
    };
    cutAtSpecials(fragments, plain, [&](std::size_t first, TokenId id) {
        out.push_back({id, first, first + bytesOf(id).size()});
    });
    return out;
}

std::string Tokenizer::decode(const std::vector<TokenId>& ids) const {
    std::string bytes;
    for (const TokenId id : ids)
        if (!isSpecial(id)) bytes += bytesOf(id);
    if (m_kind != Kind::ByteBpe && (m_spacePrefix || m_kind == Kind::WordPiece) && bytes.starts_with(' '))
        bytes.erase(0, 1);
    return validUtf8(bytes);
}

std::string Tokenizer::shown(TokenId id) const { return validUtf8(bytesOf(id)); }

}  // namespace dubito::lm
