// A heap of neighbours; symbols are ranges of the text, so a union is a longer range.
#include "lm/text/spm_bpe.h"

#include <algorithm>
#include <cstdlib>
#include <queue>

#include "lm/text/pretokenizer.h"

namespace dubito::lm {
namespace {

/// A piece of the text between two others.
struct Symbol {
    std::size_t begin, end;
    std::int64_t before, next;
};
/// Two neighbours whose join is a token; the best score goes first, of equal ones the left.
struct Candidate {
    float score;
    std::int64_t left, right;
    std::size_t bytes;
    bool operator<(const Candidate& other) const {
        return score != other.score ? score < other.score : left > other.left;
    }
};

}  // namespace

SpmBpe::SpmBpe(const std::vector<std::string>& tokens, const std::vector<std::int32_t>& types,
    std::vector<float> scores, TokenId unknown)
    : m_scores(std::move(scores)), m_unknown(unknown) {
    std::fill(std::begin(m_byteIds), std::end(m_byteIds), -1);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (types[i] == 6) {  // <0x41>
            const std::string& spelled = tokens[i];
            if (spelled.size() == 6 && spelled.starts_with("<0x"))
                m_byteIds[std::strtoul(spelled.substr(3, 2).c_str(), nullptr, 16) & 255] = static_cast<TokenId>(i);
        } else if (types[i] == 1 || types[i] == 4) {
            m_ids.add(tokens[i], static_cast<TokenId>(i));
        }
    }
}

void SpmBpe::encode(std::string_view text, std::vector<TokenId>& out) const {
    std::vector<Symbol> symbols;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t n = std::max<std::size_t>(1, utf8Length(text.substr(at)));
        const auto self = static_cast<std::int64_t>(symbols.size());
        symbols.push_back({at, at + n, self - 1, self + 1});
        at += n;
    }
    const auto count = static_cast<std::int64_t>(symbols.size());
    std::priority_queue<Candidate> queue;
    const auto consider = [&](std::int64_t left, std::int64_t right) {
        if (left < 0 || right >= count) return;
        const Symbol &a = symbols[static_cast<std::size_t>(left)], &b = symbols[static_cast<std::size_t>(right)];
        const auto found = m_ids.find(text.substr(a.begin, b.end - a.begin));
        if (found) queue.push({m_scores[static_cast<std::size_t>(*found)], left, right, b.end - a.begin});
    };
    for (std::int64_t i = 0; i + 1 < count; ++i) consider(i, i + 1);
    while (!queue.empty()) {
        const Candidate top = queue.top();
        queue.pop();
        Symbol &left = symbols[static_cast<std::size_t>(top.left)],
               &right = symbols[static_cast<std::size_t>(top.right)];
        // Stale when either side has grown or gone since.
        if (left.begin == left.end || right.begin == right.end || left.next != top.right ||
            right.end - left.begin != top.bytes)
            continue;
        left.end = right.end;
        left.next = right.next;
        right.begin = right.end;
        if (left.next < count) symbols[static_cast<std::size_t>(left.next)].before = top.left;
        consider(left.before, top.left);
        consider(top.left, left.next);
    }
    const bool hasBytes = std::any_of(std::begin(m_byteIds), std::end(m_byteIds), [](TokenId id) { return id >= 0; });
    bool isBehindUnknown = false;  // without bytes, unknown characters in a row are one token
    for (std::int64_t i = 0; i < count; i = symbols[static_cast<std::size_t>(i)].next) {
        const Symbol& symbol = symbols[static_cast<std::size_t>(i)];
        const std::string_view piece = text.substr(symbol.begin, symbol.end - symbol.begin);
        if (const auto found = m_ids.find(piece)) {
            out.push_back(*found);
            isBehindUnknown = false;
            continue;
        }
        if (!hasBytes) {
            if (m_unknown >= 0 && !isBehindUnknown) out.push_back(m_unknown);
            isBehindUnknown = true;
            continue;
        }
        for (const char c : piece) {
            const TokenId id = m_byteIds[static_cast<unsigned char>(c)];
            if (id >= 0) {
                out.push_back(id);
            } else if (m_unknown >= 0) {
                out.push_back(m_unknown);
                break;
            }
        }
    }
}

}  // namespace dubito::lm
