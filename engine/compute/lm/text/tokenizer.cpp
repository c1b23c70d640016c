// One facade over three algorithms; specials and fragments are handled here, plain text by the algorithm.
#include "lm/text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "lm/text/split_pattern.h"
#include "lm/text/tokenizer_rules.h"

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
    if (m_rules) return m_tokens = m_rules->shown, Result<void>();
    m_isMade.assign(n, false);
    for (std::size_t i = 0; i < n; ++i) {
        const std::string& spelled = vocabulary.tokens[i];
        if (m_kind == Kind::ByteBpe) {
            // A token outside the byte alphabet can never be made by merges; it is kept by its spelling, which may be
            // the bytes of another.
            m_isMade[i] = rawBytes(spelled, m_tokens[i]);
            if ((m_types[i] != 1 && m_types[i] != 6) || !m_isMade[i]) m_tokens[i] = spelled;
        } else if (m_types[i] == 6 && spelled.size() == 6 && spelled.starts_with("<0x")) {
            m_tokens[i] = std::string(1, static_cast<char>(std::strtoul(spelled.substr(3, 2).c_str(), nullptr, 16)));
        } else {
            m_tokens[i] = m_types[i] == 1 ? withoutMarks(spelled) : spelled;
        }
    }
    m_ids = TokenIndex(n);
    for (std::size_t i = 0; i < n; ++i) {
        if (m_types[i] == 5) continue;  // unused rows may repeat
        if (m_ids.add(m_tokens[i], static_cast<TokenId>(i)) || !m_isMade[i]) continue;
        if (const auto twin = findMade(m_tokens[i]); !twin) m_madeTwins.add(m_tokens[i], static_cast<TokenId>(i));
        else if (m_types[i] == 1 && m_types[static_cast<std::size_t>(*twin)] == 1)
            return Error(Code::CorruptData, fmt::format("the tokens {} and {} are equal", *twin, i));
    }
    return {};
}

std::optional<TokenId> Tokenizer::findMade(std::string_view bytes) const {
    const auto id = m_ids.find(bytes);
    return !id || m_isMade[static_cast<std::size_t>(*id)] ? id : m_madeTwins.find(bytes);
}

Result<void> Tokenizer::readMerges(const Vocabulary& vocabulary) {
    TokenId byteIds[256];
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        byteIds[byte] = findMade(std::string_view(&c, 1)).value_or(-1);
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
        const auto a = findMade(left), b = findMade(right), whole = findMade(left += right);
        if (!a || !b || !whole) return Error(Code::CorruptData, fmt::format("merge {} has no vocabulary entry", i));
        merges.push_back({*a, *b, *whole});
    }
    m_byteBpe = ByteBpe::build(byteIds, merges);
    return {};
}

Result<void> Tokenizer::readRules(Vocabulary& vocabulary) {
    m_kind = Kind::Rules;
    DUBITO_TRY(m_rules, TokenizerRules::parse(vocabulary));
    DUBITO_CHECK(readTokens(vocabulary));
    m_spelled = std::move(vocabulary.tokens);  // the list itself: the rules look into it
    return {};
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::create(Vocabulary vocabulary) {
    std::shared_ptr<Tokenizer> out(new Tokenizer());
    Tokenizer& self = *out;
    self.m_kind = vocabulary.model == "llama"  ? Kind::SentencePiece
                  : vocabulary.model == "bert" ? Kind::WordPiece
                                               : Kind::ByteBpe;
    self.m_preName = vocabulary.pre;
    self.m_warning = vocabulary.warning;
    if (!vocabulary.rules.empty()) {
        DUBITO_CHECK(self.readRules(vocabulary));
        for (std::size_t i = 0; i < self.m_tokens.size(); ++i)
            if (self.m_types[i] != 5) self.m_ids.add(self.m_tokens[i], static_cast<TokenId>(i));
        DUBITO_CHECK(self.readEndTokens(vocabulary));
        return std::shared_ptr<const Tokenizer>(std::move(out));
    }
    DUBITO_CHECK(self.readTokens(vocabulary));
    const auto unknown = vocabulary.unknown && *vocabulary.unknown >= 0 && *vocabulary.unknown < self.size()
                             ? static_cast<TokenId>(*vocabulary.unknown)
                             : -1;
    if (self.m_kind == Kind::ByteBpe) {
        DUBITO_TRY(self.m_pretokenizer, Pretokenizer::create(self.m_preName));
        DUBITO_CHECK(self.readMerges(vocabulary));
    } else if (self.m_kind == Kind::SentencePiece) {
        if (vocabulary.scores.size() != vocabulary.tokens.size())
            return Error(Code::CorruptData,
                fmt::format("{} scores for {} tokens", vocabulary.scores.size(), vocabulary.tokens.size()));
        self.m_spelled = std::move(vocabulary.tokens);
        self.m_spm = std::make_unique<SpmBpe>(self.m_spelled, self.m_types, std::move(vocabulary.scores), unknown);
        self.m_spacePrefix = vocabulary.addSpacePrefix;
    } else {
        self.m_spelled = std::move(vocabulary.tokens);
        self.m_wordPiece = std::make_unique<WordPiece>(self.m_spelled, self.m_types, unknown);
    }
    for (std::size_t i = 0; i < self.m_tokens.size(); ++i)
        if (self.m_types[i] == 3 || self.m_types[i] == 4) {
            AddedToken token;
            token.id = static_cast<TokenId>(i);
            token.content = self.m_tokens[i];
            token.isSpecial = self.m_types[i] == 3;
            self.m_added.add(std::move(token));
        }
    DUBITO_CHECK(self.readEndTokens(vocabulary));
    return std::shared_ptr<const Tokenizer>(std::move(out));
}

Result<void> Tokenizer::readEndTokens(const Vocabulary& vocabulary) {
    const auto inside = [&](const std::optional<std::int64_t>& id) {
        return id && *id >= 0 && *id < size() ? static_cast<TokenId>(*id) : -1;
    };
    const auto addEnd = [&](TokenId id) {
        if (std::find(m_endTokens.begin(), m_endTokens.end(), id) == m_endTokens.end()) m_endTokens.push_back(id);
    };
    // Ids outside the vocabulary end nothing; the account of the model says so.
    for (const auto& id : {vocabulary.eos, vocabulary.eot, vocabulary.eom})
        if (inside(id) >= 0) addEnd(inside(id));
    for (const std::int64_t id : vocabulary.moreEnds)
        if (inside(id) >= 0) addEnd(inside(id));
    for (const char* name : {"<|im_end|>", "<|eot_id|>"})
        if (const auto id = find(name); id && isSpecial(*id)) addEnd(*id);
    if (m_rules) return {};
    if (inside(vocabulary.bos) >= 0) m_start = inside(vocabulary.bos);
    if (inside(vocabulary.separator) >= 0) m_separator = inside(vocabulary.separator);
    m_addStart = vocabulary.addBos;
    return {};
}

Tokenizer::~Tokenizer() = default;

void Tokenizer::addStart(std::vector<TokenId>& ids) const {
    if (m_rules) {
        const auto& front = m_rules->front;
        if (ids.size() < front.size() || !std::equal(front.begin(), front.end(), ids.begin()))
            ids.insert(ids.begin(), front.begin(), front.end());
        if (m_rules->isEncoder) ids.insert(ids.end(), m_rules->behind.begin(), m_rules->behind.end());
        return;
    }
    if (m_addStart && m_start && (ids.empty() || ids.front() != *m_start)) ids.insert(ids.begin(), *m_start);
    if (m_kind == Kind::WordPiece && m_separator) ids.push_back(*m_separator);
}

void Tokenizer::addEnds(std::vector<TokenId>& ids) const {
    if (!m_rules) return addStart(ids);
    ids.insert(ids.begin(), m_rules->front.begin(), m_rules->front.end());
    ids.insert(ids.end(), m_rules->behind.begin(), m_rules->behind.end());
}

void Tokenizer::place(const std::vector<TokenId>& ids, const TextPiece& piece, Sink& sink) const {
    if (sink.encoding) sink.encoding->ids.insert(sink.encoding->ids.end(), ids.begin(), ids.end());
    if (!sink.spans) return;
    const std::size_t size = piece.text.size();
    std::size_t total = 0, done = 0;
    for (const TokenId id : ids) total += bytesOf(id).size();
    for (const TokenId id : ids) {
        // Where bytes were changed or dropped, tokens share the piece in proportion.
        const std::size_t from = total == size ? done : done * size / std::max<std::size_t>(total, 1);
        done += bytesOf(id).size();
        const std::size_t to = total == size ? done : done * size / std::max<std::size_t>(total, 1);
        const Origin origin = piece.originOf(from, to);
        sink.spans->push_back({id, origin.first, origin.last});
    }
}

void Tokenizer::encodePlain(const TextPiece& piece, Sink& sink) const {
    const std::string_view text = piece.text;
    if (text.empty()) return;
    Encoding own;
    Encoding& out = sink.spans ? own : *sink.encoding;
    switch (m_kind) {
        case Kind::ByteBpe: {
            const std::string normal = m_pretokenizer->normalise(text);
            std::vector<std::string_view> pieces;
            if (!m_pretokenizer->split(normal, pieces)) throw TooMuchWork();
            if (!m_pretokenizer->wholePieceFirst()) {
                out.droppedBytes += m_byteBpe->encode(pieces, out.ids);
                break;
            }
            for (const std::string_view part : pieces) {
                if (const auto whole = findMade(part)) out.ids.push_back(*whole);
                else out.droppedBytes += m_byteBpe->encode(std::span(&part, 1), out.ids);
            }
            break;
        }
        case Kind::SentencePiece: {
            std::string spelled = m_spacePrefix ? std::string(kSpaceMark) : std::string();
            for (const char c : text) c == ' ' ? spelled += kSpaceMark : spelled += c;
            m_spm->encode(spelled, out.ids);
            break;
        }
        case Kind::WordPiece: m_wordPiece->encode(text, out.ids); break;
        case Kind::Rules: break;
    }
    if (sink.spans) place(own.ids, piece, sink);
}

void Tokenizer::encodePiece(const TextPiece& piece, Sink& sink) const {
    std::vector<TokenId> ids;
    if (m_rules->splits.isByteLevel()) m_rules->model->encode(spelledBytes(piece.text), ids);
    else m_rules->model->encode(piece.text, ids);
    place(ids, piece, sink);
}

void Tokenizer::encodeValid(const TextPiece& text, const AddedTokens::TrustOf& trustOf, Sink& sink) const {
    const TokenizerRules& rules = *m_rules;
    AlignedText changed;
    TextPiece now = text;
    if (!rules.normaliser.isEmpty()) {
        changed = rules.normaliser.apply(text);
        now = changed.piece();
    }
    const auto plain = [&](std::size_t first, std::size_t last) {
        SplitPieces pieces;
        rules.splits.split(now.part(first, last - first), pieces);
        if (!rules.bytes) {
            for (const TextPiece& piece : pieces.list) encodePiece(piece, sink);
            return;
        }
        std::vector<TokenId> ids;
        std::int64_t dropped = 0;
        if (!sink.spans && !rules.wholeFirst) {
            std::vector<std::string_view> views;
            for (const TextPiece& piece : pieces.list) views.push_back(piece.text);
            dropped = rules.bytes->encode(views, sink.encoding->ids);
        } else {
            for (const TextPiece& piece : pieces.list) {
                ids.clear();
                const auto whole = rules.wholeFirst ? rules.rawIds.find(piece.text) : std::nullopt;
                if (whole) ids.push_back(*whole);
                else dropped += rules.bytes->encode(std::span(&piece.text, 1), ids);
                place(ids, piece, sink);
            }
        }
        if (sink.encoding) sink.encoding->droppedBytes += dropped;
    };
    if (rules.addedBehind.isEmpty()) {
        if (!now.text.empty()) plain(0, now.text.size());
        return;
    }
    const auto trust = [&](std::size_t first, std::size_t last) {
        const Origin origin = now.originOf(first, last);
        return trustOf(origin.first, origin.last);
    };
    rules.addedBehind.cut(now.text, trust, plain, [&](TokenId id, std::size_t first, std::size_t last) {
        const Origin origin = now.originOf(first, last);
        if (sink.encoding) sink.encoding->ids.push_back(id);
        if (sink.spans) sink.spans->push_back({id, origin.first, origin.last});
    });
}

void Tokenizer::encodeByRules(const TextPiece& piece, const AddedTokens::TrustOf& trustOf, Sink& sink) const {
    const std::string_view text = piece.text;
    std::size_t start = 0, at = 0;
    while (at < text.size()) {
        if (const std::size_t n = static_cast<unsigned char>(text[at]) < 0x80 ? 1 : utf8Length(text.substr(at))) {
            at += n;
            continue;
        }
        // A byte that is no text: a token of its own where bytes are tokens, else U+FFFD.
        if (at > start) encodeValid(piece.part(start, at - start), trustOf, sink);
        if (m_rules->bytes) {
            std::vector<TokenId> ids;
            const std::int64_t dropped = m_rules->bytes->encode(text.substr(at, 1), ids);
            place(ids, piece.part(at, 1), sink);
            if (sink.encoding) sink.encoding->droppedBytes += dropped;
        } else {
            AlignedText mark;
            mark.put("\xEF\xBF\xBD", piece.originOf(at, at + 1));
            encodeValid(mark.piece(), trustOf, sink);
        }
        start = ++at;
    }
    if (at > start) encodeValid(piece.part(start, at - start), trustOf, sink);
}

void Tokenizer::encodeInto(std::string_view all, const Trusted& trusted, Sink& sink) const {
    const AddedTokens::TrustOf trustOf = [&](std::size_t first, std::size_t last) {
        const auto range =
            std::find_if(trusted.begin(), trusted.end(), [&](const auto& one) { return one.second > first; });
        if (range == trusted.end() || range->first >= last) return AddedTokens::Trust::None;
        return range->first <= first && last <= range->second ? AddedTokens::Trust::Whole : AddedTokens::Trust::Part;
    };
    const auto plain = [&](std::size_t first, std::size_t last) {
        const TextPiece piece{all.substr(first, last - first), first, nullptr};
        if (m_rules) encodeByRules(piece, trustOf, sink);
        else encodePlain(piece, sink);
    };
    try {
        const AddedTokens& added = m_rules ? m_rules->added : m_added;
        if (trusted.empty() && !added.hasUserTokens()) {
            if (!all.empty()) plain(0, all.size());
            return;
        }
        added.cut(all, trustOf, plain, [&](TokenId id, std::size_t first, std::size_t last) {
            if (sink.encoding) sink.encoding->ids.push_back(id);
            if (sink.spans) sink.spans->push_back({id, first, last});
        });
    } catch (const TooMuchWork&) {
        // Part of a text is no text: nothing is given, and why.
        sink.problem = Error(Code::Limit,
            "a split pattern of the tokenizer does too much work on this text (it goes back again and again)");
        if (sink.spans) sink.spans->clear();
        if (sink.encoding) {
            sink.encoding->ids.clear();
            sink.encoding->problem = sink.problem;
        }
    }
}

Tokenizer::Encoding Tokenizer::encode(std::string_view text) const {
    Encoding out;
    Sink sink{&out, nullptr};
    encodeInto(text, {}, sink);
    return out;
}

namespace {

std::string joined(const std::vector<Fragment>& fragments, std::vector<std::pair<std::size_t, std::size_t>>& trusted) {
    std::string all;
    for (const Fragment& fragment : fragments) {
        if (fragment.fromTemplate && !fragment.text.empty()) {
            if (!trusted.empty() && trusted.back().second == all.size()) trusted.back().second += fragment.text.size();
            else trusted.emplace_back(all.size(), all.size() + fragment.text.size());
        }
        all += fragment.text;
    }
    return all;
}

}  // namespace

Tokenizer::Encoding Tokenizer::encodeFragments(const std::vector<Fragment>& fragments) const {
    Encoding out;
    Trusted trusted;
    const std::string all = joined(fragments, trusted);
    Sink sink{&out, nullptr};
    encodeInto(all, trusted, sink);
    return out;
}

Result<std::vector<TokenId>> Tokenizer::idsOf(std::string_view text) const {
    Encoding out = encode(text);
    if (out.problem) return std::move(*out.problem);
    return std::move(out.ids);
}

Result<std::vector<TokenId>> Tokenizer::idsOf(const std::vector<Fragment>& fragments) const {
    Encoding out = encodeFragments(fragments);
    if (out.problem) return std::move(*out.problem);
    return std::move(out.ids);
}

Result<std::vector<Tokenizer::Span>> Tokenizer::encodeSpans(const std::vector<Fragment>& fragments) const {
    std::vector<Span> out;
    Trusted trusted;
    const std::string all = joined(fragments, trusted);
    Sink sink{nullptr, &out};
    encodeInto(all, trusted, sink);
    if (sink.problem) return std::move(*sink.problem);
    return out;
}

std::string Tokenizer::decode(const std::vector<TokenId>& ids) const {
    if (m_rules && !m_rules->keepsBytes) {
        std::vector<std::string> tokens;
        for (const TokenId id : ids)
            if (id >= 0 && id < size() && m_types[static_cast<std::size_t>(id)] != 5) {
                // Specials are told by what they spell: one that the normaliser changes is shown, as in the reference.
                const auto changed = m_rules->changed.find(id);
                const std::string& text =
                    changed == m_rules->changed.end() ? m_spelled[static_cast<std::size_t>(id)] : changed->second;
                if (!m_rules->hidden.contains(text)) tokens.push_back(text);
            }
        try {
            return validUtf8(m_rules->decoder.decode(std::move(tokens)));
        } catch (const TooMuchWork&) {  // the spellings then
        }
    }
    std::string bytes;
    for (const TokenId id : ids)
        if (!isSpecial(id)) bytes += bytesOf(id);
    if (!m_rules && m_kind != Kind::ByteBpe && (m_spacePrefix || m_kind == Kind::WordPiece) && bytes.starts_with(' '))
        bytes.erase(0, 1);
    return validUtf8(bytes);
}

std::string Tokenizer::shown(TokenId id) const { return validUtf8(bytesOf(id)); }

}  // namespace dubito::lm
