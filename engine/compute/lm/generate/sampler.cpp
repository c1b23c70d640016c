// Filters keep candidates in order of their logits; statistics come from the logits as they were.
#include "lm/generate/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace dubito::lm {
namespace {

struct Candidate {
    TokenId id;
    double logit;
};

bool isBetter(const Candidate& a, const Candidate& b) { return a.logit != b.logit ? a.logit > b.logit : a.id < b.id; }

TokenId draw(std::vector<Candidate>& candidates, const Sampling& sampling, const stats::CounterRng& rng,
    std::uint64_t position) {
    if (sampling.temperature <= 0) return std::min_element(candidates.begin(), candidates.end(), isBetter)->id;
    const std::size_t keep =
        sampling.topK > 0 ? std::min(candidates.size(), static_cast<std::size_t>(sampling.topK)) : candidates.size();
    std::partial_sort(
        candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(keep), candidates.end(), isBetter);
    candidates.resize(keep);
    const double best = candidates.front().logit;
    std::vector<double> weights;
    for (Candidate& candidate : candidates)
        weights.push_back(std::exp((candidate.logit - best) / sampling.temperature));
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    std::size_t count = 0;
    double kept = 0;
    while (count < keep && (count == 0 || kept < sampling.topP * sum)) kept += weights[count++];
    while (count > 1 && weights[count - 1] < sampling.minP) --count;  // the best one weighs 1
    TokenId id = candidates.front().id;
    double largest = -INFINITY;
    for (std::size_t i = 0; i < count; ++i) {
        // 22 bits of the address belong to the token: no vocabulary is larger.
        const double u = rng.uniformAt(position << 22 | static_cast<std::uint64_t>(candidates[i].id)),
                     noisy = std::log(weights[i]) - std::log(-std::log(std::max(u, 0x1p-54)));
        if (noisy > largest) largest = noisy, id = candidates[i].id;
    }
    return id;
}

}  // namespace

Sampled sample(const float* logits, std::int64_t vocabulary, std::int64_t usable, const Sampling& sampling,
    std::span<const TokenId> history, const TokenMask* mask, const stats::CounterRng& rng, std::uint64_t position) {
    const auto n = static_cast<std::size_t>(std::min(vocabulary, usable));
    std::vector<Candidate> candidates;
    candidates.reserve(n);
    for (std::size_t i = 0; i < n; ++i)
        if (!mask || (i < mask->size() && (*mask)[i]))
            candidates.push_back({static_cast<TokenId>(i), static_cast<double>(logits[i])});
    if (candidates.empty()) candidates.push_back({0, 0});
    if (sampling.repetitionPenalty != 1 && !history.empty()) {
        std::vector<TokenId> seen(history.begin(), history.end());
        std::sort(seen.begin(), seen.end());
        seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
        for (Candidate& candidate : candidates)
            if (std::binary_search(seen.begin(), seen.end(), candidate.id))
                candidate.logit = candidate.logit > 0 ? candidate.logit / sampling.repetitionPenalty
                                                      : candidate.logit * sampling.repetitionPenalty;
    }
    Sampled out;
    out.id = draw(candidates, sampling, rng, position);
    // Statistics of the model itself.
    const double best = static_cast<double>(*std::max_element(logits, logits + n));
    double sum = 0, weighted = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const double z = static_cast<double>(logits[i]) - best, e = std::exp(z);
        sum += e;
        weighted += e * z;
    }
    const double logSum = std::log(sum);
    out.logprob = static_cast<float>(static_cast<double>(logits[out.id]) - best - logSum);
    out.entropy = static_cast<float>(std::max(0.0, logSum - weighted / sum));
    if (sampling.topLogprobs > 0) {
        std::vector<TokenId> order(n);
        std::iota(order.begin(), order.end(), 0);
        const std::size_t k = std::min(n, static_cast<std::size_t>(sampling.topLogprobs));
        std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), order.end(),
            [&](TokenId a, TokenId b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; });
        for (std::size_t i = 0; i < k; ++i) {
            out.topIds.push_back(order[i]);
            out.topLogps.push_back(static_cast<float>(static_cast<double>(logits[order[i]]) - best - logSum));
        }
    }
    return out;
}

TokenId sampleToken(const float* logits, std::int64_t vocabulary, std::int64_t usable, const Sampling& sampling,
    const stats::CounterRng& rng, std::uint64_t position) {
    std::vector<Candidate> candidates;
    const std::int64_t n = std::min(vocabulary, usable);
    if (sampling.temperature <= 0) return static_cast<TokenId>(std::max_element(logits, logits + n) - logits);
    for (std::int64_t i = 0; i < n; ++i)
        candidates.push_back({static_cast<TokenId>(i), static_cast<double>(logits[i])});
    return draw(candidates, sampling, rng, position);
}

}  // namespace dubito::lm
