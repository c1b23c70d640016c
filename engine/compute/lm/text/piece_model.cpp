// The steps of each model are those of the reference, with what it does to characters that are no token.
#include "lm/text/piece_model.h"

#include <map>

#include "lm/text/json_fields.h"
#include "lm/text/unicode_text.h"
#include "lm/text/unigram_model.h"
#include "lm/text/vocabulary.h"

namespace dubito::lm {
namespace {

class CharacterBpe : public PieceModel {
public:
    explicit CharacterBpe(const TokenIndex& ids) : m_ids(ids) {}
    Result<void> read(const Json& model, const std::vector<std::string>& merges) {
        m_prefix = textOr(model, "continuing_subword_prefix", "");
        m_suffix = textOr(model, "end_of_word_suffix", "");
        DUBITO_TRY(m_fuse, flagOf(model, "fuse_unk", false));
        DUBITO_TRY(m_wholeFirst, flagOf(model, "ignore_merges", false));
        DUBITO_TRY(const bool fallback, flagOf(model, "byte_fallback", false));
        for (int byte = 0; byte < 256; ++byte) {
            const auto id = m_ids.find(fmt::format("<0x{:02X}>", byte));
            m_bytes[byte] = fallback && id ? *id : -1;
        }
        if (const Json& unknown = memberOf(model, "unk_token"); unknown.is_string()) {
            m_unknown = m_ids.find(unknown.get<std::string>());
            if (!m_unknown) return Error(Code::CorruptData, "the unk_token of the model is not in its vocabulary");
        }
        DUBITO_TRY(const auto byId, mergesOf(m_ids, merges, m_prefix.size()));
        TokenId none[256];
        std::fill(std::begin(none), std::end(none), -1);
        m_merges = ByteBpe::build(none, byId);
        return {};
    }
    void encode(std::string_view piece, std::vector<TokenId>& out) const override {
        if (m_wholeFirst)
            if (const auto whole = m_ids.find(piece)) return out.push_back(*whole);
        std::vector<TokenId> symbols;
        bool waits = false;  // an unknown character that the next one may join
        unicode::each(piece, [&](std::size_t from, std::size_t to, unicode::Code) {
            std::string spelled(piece.substr(from, to - from));
            if (from > 0) spelled = m_prefix + spelled;
            if (to == piece.size()) spelled += m_suffix;
            const auto id = m_ids.find(spelled);
            if (!id && spellsBytes(spelled)) {
                for (const char c : spelled) symbols.push_back(m_bytes[static_cast<unsigned char>(c)]);
                return;
            }
            if (waits && (id || (m_unknown && !m_fuse))) {
                symbols.push_back(*m_unknown);
                waits = false;
            }
            if (id) symbols.push_back(*id);
            else if (m_unknown) waits = true;
        });
        if (waits) symbols.push_back(*m_unknown);
        m_merges->merge(symbols);
        out.insert(out.end(), symbols.begin(), symbols.end());
    }

private:
    bool spellsBytes(std::string_view text) const {
        return std::all_of(
            text.begin(), text.end(), [&](char c) { return m_bytes[static_cast<unsigned char>(c)] >= 0; });
    }
    const TokenIndex& m_ids;
    std::string m_prefix, m_suffix;
    bool m_fuse = false, m_wholeFirst = false;
    TokenId m_bytes[256];
    std::optional<TokenId> m_unknown;
    std::unique_ptr<ByteBpe> m_merges;
};

class LongestPieces : public PieceModel {  // WordPiece
public:
    explicit LongestPieces(const TokenIndex& ids) : m_ids(ids) {}
    Result<void> read(const Json& model) {
        constexpr std::int64_t kLongestWord = 1000;
        DUBITO_TRY(m_prefix, textOf(model, "continuing_subword_prefix"));
        DUBITO_TRY(const std::int64_t most, countOf(model, "max_input_chars_per_word", kLongestWord));
        m_most = static_cast<std::size_t>(most);
        const auto unknown = m_ids.find(textOr(model, "unk_token", ""));
        if (!unknown) return Error(Code::CorruptData, "the unk_token of the model is not in its vocabulary");
        m_unknown = *unknown;
        return {};
    }
    void encode(std::string_view piece, std::vector<TokenId>& out) const override {
        const auto isStart = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
        if (static_cast<std::size_t>(std::count_if(piece.begin(), piece.end(), isStart)) > m_most)
            return out.push_back(m_unknown);
        const std::size_t before = out.size();
        for (std::size_t from = 0; from < piece.size();) {
            std::size_t to = piece.size();
            std::optional<TokenId> id;
            while (to > from) {
                std::string spelled(piece.substr(from, to - from));
                if (from > 0) spelled = m_prefix + spelled;
                if ((id = m_ids.find(spelled))) break;
                while (--to > from && !isStart(piece[to])) {
                }
            }
            if (!id) {
                out.resize(before);
                return out.push_back(m_unknown);
            }
            out.push_back(*id);
            from = to;
        }
    }

private:
    const TokenIndex& m_ids;
    std::string m_prefix;
    std::size_t m_most = 0;
    TokenId m_unknown = 0;
};

class WholeWords : public PieceModel {  // WordLevel
public:
    WholeWords(const TokenIndex& ids, TokenId unknown) : m_ids(ids), m_unknown(unknown) {}
    void encode(std::string_view piece, std::vector<TokenId>& out) const override {
        out.push_back(m_ids.find(piece).value_or(m_unknown));
    }

private:
    const TokenIndex& m_ids;
    TokenId m_unknown;
};

}  // namespace

Result<std::vector<ByteBpe::Merge>> mergesOf(
    const TokenIndex& ids, const std::vector<std::string>& merges, std::size_t prefixSize) {
    std::vector<ByteBpe::Merge> out;
    out.reserve(merges.size());
    std::unordered_map<std::uint64_t, std::size_t> lastOf;
    for (std::size_t i = 0; i < merges.size(); ++i) {
        std::string_view left, right;
        if (!partMerge(merges[i], left, right) || prefixSize > right.size())
            return Error(Code::CorruptData, fmt::format("merge {} is no pair", i));
        const auto a = ids.find(left), b = ids.find(right),
                   whole = ids.find(std::string(left) + std::string(right.substr(prefixSize)));
        if (!a || !b || !whole) return Error(Code::CorruptData, fmt::format("merge {} has no vocabulary entry", i));
        out.push_back({*a, *b, *whole});
        const auto key =
            std::uint64_t{static_cast<std::uint32_t>(*a)} << 32 | std::uint64_t{static_cast<std::uint32_t>(*b)};
        if (const auto [at, isNew] = lastOf.emplace(key, i); !isNew) {
            out[at->second] = {-2, -2, -2};  // of no effect
            at->second = i;
        }
    }
    return out;
}

Result<std::unique_ptr<PieceModel>> PieceModel::parse(
    const Json& model, const TokenIndex& ids, const Vocabulary& vocabulary) {
    const std::string type = textOr(model, "type", "BPE");
    if (type == "BPE") {
        auto out = std::make_unique<CharacterBpe>(ids);
        DUBITO_CHECK(out->read(model, vocabulary.merges));
        return std::unique_ptr<PieceModel>(std::move(out));
    }
    if (type == "Unigram") return UnigramModel::create(model, ids, vocabulary);
    if (type == "WordPiece") {
        auto out = std::make_unique<LongestPieces>(ids);
        DUBITO_CHECK(out->read(model));
        return std::unique_ptr<PieceModel>(std::move(out));
    }
    if (type == "WordLevel") {
        const auto unknown = ids.find(textOr(model, "unk_token", ""));
        if (!unknown) return Error(Code::CorruptData, "the unk_token of the model is not in its vocabulary");
        return std::unique_ptr<PieceModel>(std::make_unique<WholeWords>(ids, *unknown));
    }
    return Error(Code::Unsupported,
        fmt::format("the tokenizer type \"{:.40}\" is not supported; BPE, Unigram, WordPiece and WordLevel are", type));
}

}  // namespace dubito::lm
