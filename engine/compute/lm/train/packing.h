// Text into rows of equal length, with what is supervised.
#pragma once

#include "lm/data/documents.h"
#include "lm/text/chat_template.h"

namespace dubito::lm {

/// A document as rows take it. The loss mask of a token that begins a document does not count: nothing predicts it.
struct MaskedDocument {
    std::vector<TokenId> ids;        ///< of all of it
    std::vector<std::uint8_t> mask;  ///< one an id: it is learned
    std::size_t taken = 0;           ///< ids from the front that go into rows; the rest is cut off
    /// A token of it is learned, or would be in rows of any length.
    bool hasTarget() const;
};
/// Text goes into rows whole. Of a conversation the longest beginning that ends with an answer and fits into a row of
/// `length`; none: 0 are taken. @error Unsupported (a conversation without a chat template)
Result<MaskedDocument> maskDocument(
    const TrainDocument& document, const Tokenizer& tokenizer, const ChatTemplate* chat, std::int64_t length);

/// Sequences of equal length. Position i predicts targets[i]; -1 is not supervised.
struct TrainBatch {
    std::int64_t sequences = 0, length = 0;
    std::vector<TokenId> ids, targets;    ///< (S, T)
    std::vector<std::int32_t> documents;  ///< (S, T): attention stays inside equal numbers; empty: the whole sequence
};

struct PackedRows {
    std::int64_t length = 0;                    ///< T
    std::vector<std::vector<TokenId>> ids;      ///< T a row
    std::vector<std::vector<TokenId>> targets;  ///< T a row; -1: not supervised
    std::vector<std::vector<std::int32_t>> documents;
    std::int64_t supervised = 0, skipped = 0;  ///< positions; conversations whose first answer does not fit
    std::int64_t unanswered = 0;               ///< documents of which nothing is learned, and which give no row
    std::vector<std::string> unansweredAt;     ///< where the first of them stand: "line 3"
    /// Rows `rows` as a batch. @param isolate attention stays inside documents
    TrainBatch batch(std::span<const std::size_t> rows, bool isolate) const;
};

/// Plain text: documents and an end token one after the other, cut every T. Conversations: whole ones while they fit in
/// a row, never cut inside a turn; the rest of a row is not supervised.
/// @error Unsupported (conversations without a chat template), InvalidArgument (nothing to train on; where the first
/// documents without a target stand)
Result<PackedRows> packRows(const std::vector<TrainDocument>& documents, const Tokenizer& tokenizer,
    const ChatTemplate* chat, std::int64_t length);

}  // namespace dubito::lm
