// The next token: greedy, or drawn from a trimmed distribution by a stream addressed by position.
#pragma once

#include "lm/text/tokenizer.h"
#include "stats/counter_rng.h"

namespace dubito::lm {

struct Sampling {
    double temperature = 0;  ///< 0: argmax, lowest id on ties
    int topK = 40;           ///< 0: all
    double topP = 0.9;       ///< smallest set with this mass
    double minP = 0;         ///< of the best candidate's probability
    double repetitionPenalty =
        1;                ///< of every token in the history: a logit above 0 is divided by it, another multiplied
    int topLogprobs = 0;  ///< how many alternatives to report
};

struct Sampled {
    TokenId id = 0;
    float logprob = 0;            ///< nats, under the model's own distribution: no mask, no penalty, temperature 1
    float entropy = 0;            ///< nats, of the same
    std::vector<TokenId> topIds;  ///< best first, of the same
    std::vector<float> topLogps;
};

/// What may be drawn now; null: all.
using TokenMask = std::vector<std::uint8_t>;

/// Order: mask, unused rows, repetition penalty, temperature, top-k, top-p, min-p, draw. The draw adds Gumbel noise
/// that depends on (stream, position, token) only and takes the largest, so equal streams draw alike from like
/// distributions.
/// @param logits (vocabulary); rows from `usable` on are never drawn  @param history ids for the penalty
/// @param rng stream of this branch; `position` addresses the draw, so that a branch replays alone   [any], pure
Sampled sample(const float* logits, std::int64_t vocabulary, std::int64_t usable, const Sampling& sampling,
    std::span<const TokenId> history, const TokenMask* mask, const stats::CounterRng& rng, std::uint64_t position);

/// The same without history, mask and statistics.
TokenId sampleToken(const float* logits, std::int64_t vocabulary, std::int64_t usable, const Sampling& sampling,
    const stats::CounterRng& rng, std::uint64_t position);

}  // namespace dubito::lm
