// Source of the search: the Viterbi walk of SentencePiece's unigram model, with the reference's handling of unknowns.
#include "lm/text/unigram_model.h"

#include <limits>

#include "lm/text/json_fields.h"
#include "lm/text/unicode_text.h"
#include "lm/text/vocabulary.h"

namespace dubito::lm {

Result<std::unique_ptr<PieceModel>> UnigramModel::create(
    const Json& model, const TokenIndex& ids, const Vocabulary& vocabulary) {
    constexpr double kUnknownPenalty = 10;
    if (memberOf(model, "unk_id").is_null())
        return Error(
            Code::Unsupported, "the Unigram model names no unk_id: what it makes of other characters is not known");
    std::unique_ptr<UnigramModel> out(new UnigramModel(ids));
    out->m_weights = vocabulary.weights;
    if (out->m_weights.size() > vocabulary.tokens.size())
        return Error(Code::CorruptData, "the Unigram model has more scores than tokens");
    DUBITO_TRY(
        const std::int64_t unknown, countOf(model, "unk_id", static_cast<std::int64_t>(out->m_weights.size()) - 1));
    out->m_unknown = static_cast<TokenId>(unknown);
    DUBITO_TRY(const bool falls, flagOf(model, "byte_fallback", false));
    for (int byte = 0; byte < 256; ++byte)
        out->m_bytes[byte] = falls ? ids.find(fmt::format("<0x{:02X}>", byte)).value_or(-1) : -1;
    double least = std::numeric_limits<double>::infinity();
    out->m_ends.push_back(-1);
    for (std::size_t i = 0; i < out->m_weights.size(); ++i) {
        least = std::min(least, out->m_weights[i]);
        out->insert(vocabulary.tokens[i], static_cast<TokenId>(i));
    }
    out->m_unknownWeight = least - kUnknownPenalty;
    return std::unique_ptr<PieceModel>(std::move(out));
}

std::size_t UnigramModel::place(std::uint64_t key) const {
    const std::size_t mask = m_edges.size() - 1;
    std::size_t at = key * 0x9E3779B97F4A7C15ull >> 20 & mask;
    while (m_edges[at].key != 0 && m_edges[at].key != key) at = (at + 1) & mask;
    return at;
}

void UnigramModel::grow() {
    std::vector<Edge> old(std::max<std::size_t>(64, m_edges.size() * 2));
    old.swap(m_edges);
    for (const Edge& edge : old)
        if (edge.key != 0) m_edges[place(edge.key)] = edge;
}

void UnigramModel::insert(std::string_view text, TokenId id) {
    if (text.empty()) return;
    std::uint32_t node = 0;
    for (const char c : text) {
        if (m_ends.size() * 2 >= m_edges.size()) grow();
        const std::uint64_t key = (std::uint64_t{node} << 8 | static_cast<unsigned char>(c)) + 1;
        Edge& edge = m_edges[place(key)];
        if (edge.key == 0) {
            edge = {key, static_cast<std::uint32_t>(m_ends.size())};
            m_ends.push_back(-1);
        }
        node = edge.node;
    }
    m_ends[node] = id;
}

void UnigramModel::put(std::string_view text, std::vector<TokenId>& out) const {
    if (const auto id = m_ids.find(text)) return out.push_back(*id);
    const bool spellsBytes =
        std::all_of(text.begin(), text.end(), [&](char c) { return m_bytes[static_cast<unsigned char>(c)] >= 0; });
    if (!spellsBytes) return out.push_back(m_unknown);
    for (const char c : text) out.push_back(m_bytes[static_cast<unsigned char>(c)]);
}

void UnigramModel::encode(std::string_view piece, std::vector<TokenId>& out) const {
    constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
    struct Best {  // of all ways that end here
        double weight = 0;
        std::size_t from = kNowhere;
        TokenId id = 0;
    };
    thread_local std::vector<Best> best;
    best.assign(piece.size() + 1, {});
    const auto consider = [&](std::size_t from, std::size_t to, double weight, TokenId id) {
        const double sum = weight + best[from].weight;
        if (best[to].from == kNowhere || sum > best[to].weight) best[to] = {sum, from, id};
    };
    unicode::each(piece, [&](std::size_t from, std::size_t to, unicode::Code) {
        bool isKnown = false;
        std::uint32_t node = 0;
        for (std::size_t at = from; at < piece.size(); ++at) {
            const std::uint64_t key = (std::uint64_t{node} << 8 | static_cast<unsigned char>(piece[at])) + 1;
            const Edge& edge = m_edges[place(key)];
            if (edge.key == 0) break;
            node = edge.node;
            if (m_ends[node] < 0) continue;
            consider(from, at + 1, m_weights[static_cast<std::size_t>(m_ends[node])], m_ends[node]);
            isKnown = isKnown || at + 1 == to;
        }
        if (!isKnown) consider(from, to, m_unknownWeight, m_unknown);
    });
    std::vector<std::pair<std::size_t, std::size_t>> way;  // unknowns in a row are one
    bool wasUnknown = false;
    for (std::size_t end = piece.size(); end > 0; end = best[end].from) {
        const bool isUnknown = best[end].id == m_unknown;
        if (isUnknown && wasUnknown) way.back().first = best[end].from;
        else way.emplace_back(best[end].from, end);
        wasUnknown = isUnknown;
    }
    for (auto part = way.rbegin(); part != way.rend(); ++part)
        put(piece.substr(part->first, part->second - part->first), out);
}

}  // namespace dubito::lm
