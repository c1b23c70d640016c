// The next token: greedy, or drawn from a trimmed distribution by a stream addressed by position.
#pragma once

#include "lm/text/tokenizer.h"
#include "stats/counter_rng.h"

namespace dubito::lm {

struct Sampling {
    double temperature = 0;  ///< 0: argmax, lowest id on ties
    int topK = 40;           ///< 0: all
    double topP = 0.9;
};

/// Rows above the tokenizer's size are never drawn. @param rng stream of this branch; position addresses the draw, so that a
/// branch replays alone
TokenId sampleToken(const float* logits, std::int64_t vocabulary, std::int64_t usable, const Sampling& sampling, const stats::CounterRng& rng, std::uint64_t position);

}  // namespace dubito::lm
