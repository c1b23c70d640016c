// Rows of training data as the model takes them: which tokens are learned, which only read, which cut off.
#pragma once

#include "lm/train/packing.h"
#include "models.h"

namespace dubito::lmtask {

/// How the rows are used.
struct RowUse {
    std::int64_t length = 1024;  ///< of a packed row
    std::size_t held = 0;        ///< of the documents, the last ones: the held-out set
};

/// One record: the first rows as tokens, and counts over the first few thousand. In order of the rows: `tokens` and
/// `why` (0 nothing, 1 without a target, 2 cut, 3 repeated, 4 shared with held-out), `row` (from 1), `first` (the row
/// that it repeats, 0: none); in order of their tokens: `piece`, `special`, `mask` (0 read, 1 learned, 2 cut).
/// The meta data also say what the file is (`form`) and which columns were read (`columns`, `guessed`, `unused`).
/// @throws Refusal: a conversation without a chat template
void publishRows(const sdk::Host& host, const sdk::Series& series, std::int64_t step,
    const std::vector<lm::TrainDocument>& documents, const lm::Tokenizer& tokenizer, const lm::ChatTemplate* chat,
    const lm::DataSummary& summary, const RowUse& use);

}  // namespace dubito::lmtask
