// From a piece of text to ids, for models that work on characters; byte-level BPE has a way of its own.
#pragma once

#include <memory>

#include "base/json.h"
#include "lm/text/byte_bpe.h"

namespace dubito::lm {

struct Vocabulary;

/// [any] after parse().
class PieceModel {
public:
    virtual ~PieceModel() = default;
    /// Appends the ids of one piece of valid UTF-8.
    virtual void encode(std::string_view piece, std::vector<TokenId>& out) const = 0;

    /// BPE over characters, Unigram, WordPiece or WordLevel. @param model of tokenizer.json  @param ids of its
    /// vocabulary; both are alive as long as this  @error Unsupported, CorruptData
    static Result<std::unique_ptr<PieceModel>> parse(
        const Json& model, const TokenIndex& ids, const Vocabulary& vocabulary);
};

/// Merges by id. A pair that is named twice has its last rank, as in the reference. @error CorruptData (the merge)
Result<std::vector<ByteBpe::Merge>> mergesOf(
    const TokenIndex& ids, const std::vector<std::string>& merges, std::size_t prefixSize);

}  // namespace dubito::lm
