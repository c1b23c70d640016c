// SentencePiece BPE: characters merged by the score of what they make; what is no token falls back to its bytes.
#pragma once

#include <string_view>
#include <vector>

#include "lm/text/byte_bpe.h"

namespace dubito::lm {

class SpmBpe {
public:
    /// @param tokens spelled with U+2581 for a space, alive as long as this  @param types as Vocabulary  @param scores
    /// of each token
    SpmBpe(const std::vector<std::string>& tokens, const std::vector<std::int32_t>& types, std::vector<float> scores,
        TokenId unknown);
    /// Appends the ids of text in which spaces are U+2581 already. The pair whose union has the highest score goes
    /// first, leftmost on ties.
    void encode(std::string_view spelled, std::vector<TokenId>& out) const;

private:
    TokenIndex m_ids;
    std::vector<float> m_scores;
    TokenId m_byteIds[256];
    TokenId m_unknown;
};

}  // namespace dubito::lm
