// What each layer would have said: the final norm and head applied to hidden states, a vocabulary tile at a time.
#pragma once

#include "lm/model/language_model.h"

namespace dubito::lm {

/// Statistics of one read-out, in the order of the stored record. Natural logarithms, nats.
enum LensStat { kEntropy, kCrossEntropy, kKl, kRank, kAgree, kLensStats };

struct LensRows {
    std::int64_t positions = 0, layers = 0;  ///< layers = N + 1 read-outs a position, embedding first, last layer last
    int topK = 10;
    std::vector<float> stats;          ///< (P, N+1, 5); cross-entropy and rank are NaN without a target
    std::vector<std::uint32_t> topId;  ///< (P, N+1, K), best first
    std::vector<float> topLogp;        ///< (P, N+1, K)
};

/// Never holds more than 16 positions' final logits and one tile a thread: a full (N+1, T, V) array does not exist.
class Lens {
public:
    explicit Lens(std::shared_ptr<const LanguageModel> model) : m_model(std::move(model)) {}

    /// The raw read-out softmax(W RMSNorm_final(h)), titled "raw, unadjusted" wherever it is shown.
    /// @param residuals N+1 pointers to (rows, H); row `firstRow` of each is the first position
    /// @param targets the token each position is followed by, -1 for none, (P)
    /// KL(p || q) is against the last layer, whose own row is exactly 0. Rank 0 is best, ties count against the target.
    /// @thread one at a time; equal bits for equal input and thread count
    LensRows read(const std::vector<const float*>& residuals, std::int64_t firstRow, std::int64_t positions,
        const std::vector<TokenId>& targets, int topK) const;

private:
    std::shared_ptr<const LanguageModel> m_model;
};

}  // namespace dubito::lm
