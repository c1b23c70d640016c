// Tokens that are found in a text before it is split.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <vector>

#include "base/json.h"
#include "lm/text/byte_bpe.h"

namespace dubito::lm {

struct AddedToken {
    TokenId id = 0;
    std::string content;
    bool singleWord = false, stripsLeft = false, stripsRight = false, isNormalised = false, isSpecial = true;
};

/// [any] after the last add().
class AddedTokens {
public:
    /// One entry of added_tokens. @error CorruptData, Unsupported (a field)
    static Result<AddedToken> parse(const Json& token);
    void add(AddedToken token);
    /// @error Unsupported: a token of white space that another may have swallowed, where the reference ends in an error
    Result<void> check() const;
    bool isEmpty() const { return m_tokens.empty(); }
    bool hasUserTokens() const { return m_hasUserTokens; }

    /// Where a special may be spelled.
    enum class Trust { None, Part, Whole };
    using TrustOf = std::function<Trust(std::size_t first, std::size_t last)>;
    /// Cuts at the leftmost, there longest tokens: plain(first, last) and token(id, first, last) in order, without
    /// gaps. As in the reference, white space that a token takes behind itself (rstrip) is looked at again: a token in
    /// it comes, too, and what stands behind that one. A special counts in trusted text only; in other text its
    /// spelling is passed over.
    template <class Plain, class Token>
    void cut(std::string_view text, const TrustOf& trustOf, Plain&& plain, Token&& token) const {
        std::size_t done = 0;
        for (std::size_t at = 0; at < text.size();) {
            Match match;
            if (!find(text, at, done, trustOf, match)) {
                ++at;
                continue;
            }
            at = match.next;
            if (!match.counts) continue;
            if (match.first > done) plain(done, match.first);
            if (match.last > match.first) token(match.id, match.first, match.last);
            done = match.last;
        }
        if (done < text.size()) plain(done, text.size());
    }

private:
    struct Match {
        TokenId id = 0;
        std::size_t first = 0, last = 0, next = 0;
        bool counts = false;
    };
    bool find(std::string_view text, std::size_t at, std::size_t done, const TrustOf& trustOf, Match& out) const;
    std::deque<AddedToken> m_tokens;                    ///< texts that the index looks into
    TokenIndex m_places;                                ///< in m_tokens, by content
    std::array<std::vector<std::size_t>, 256> m_sizes;  ///< of contents by their first byte, longest first
    bool m_hasUserTokens = false;
};

}  // namespace dubito::lm
