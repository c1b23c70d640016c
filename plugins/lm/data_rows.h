// Rows of training data as the model takes them: which tokens are learned, which only read, which cut off.
#pragma once

#include "held_sets.h"
#include "lm/train/packing.h"
#include "models.h"

namespace dubito::lmtask {

/// How the rows are used.
struct RowUse {
    std::int64_t length = 1024;       ///< of a packed row
    std::size_t held = 0;             ///< of the documents, the last ones: the held-out share
    std::vector<HeldDocuments> sets;  ///< what is held out, the share too
};

/// One record: the first rows and the first of each kind of fault as tokens, and counts over the first 20,000. In order
/// of the rows: `tokens` and `why` (0 nothing, 1 without a target, 2 cut, 3 repeated, 4 shared with held-out), `row`
/// (from 1), `first` (the row that it repeats, or of the held-out set that it is shared with; 0: none), `set` (index
/// into `sets` of the meta data); in order of their tokens: `piece`, `special`, `mask` (0 read, 1 learned, 2 cut).
/// The meta data also say what the file is (`form`) and which columns were read (`columns`, `guessed`, `unused`).
/// @throws Refusal: a conversation without a chat template
void publishRows(const sdk::Host& host, const sdk::Series& series, std::int64_t step,
    const std::vector<lm::TrainDocument>& documents, const lm::Tokenizer& tokenizer, const lm::ChatTemplate* chat,
    const lm::DataSummary& summary, const RowUse& use);

/// Tells of documents without a target. @throws Refusal: they are more than `most` of `all`, with where they stand
void refuseTargetless(const sdk::Host& host, const lm::PackedRows& rows, std::size_t all, double most);

}  // namespace dubito::lmtask
