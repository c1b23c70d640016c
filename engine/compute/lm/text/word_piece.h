// WordPiece of the uncased BERT family: clean, fold, cut into words, then greedy longest match.
#pragma once

#include <string_view>
#include <vector>

#include "lm/text/byte_bpe.h"

namespace dubito::lm {

class WordPiece {
public:
    /// @param tokens word starts with U+2581 in front, continuations bare; alive as long as this
    WordPiece(const std::vector<std::string>& tokens, const std::vector<std::int32_t>& types, TokenId unknown);
    /// Appends the ids of text, without [CLS] and [SEP]. A word over 100 characters, or without a match, is one [UNK].
    void encode(std::string_view text, std::vector<TokenId>& out) const;

private:
    void encodeWord(std::string_view word, std::size_t characters, std::vector<TokenId>& out) const;
    TokenIndex m_ids;
    TokenId m_unknown;
};

}  // namespace dubito::lm
