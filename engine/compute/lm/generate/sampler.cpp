// Order: unused rows, temperature, top-k, top-p (smallest set with sum >= p), draw.
#include "lm/generate/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace dubito::lm {

TokenId sampleToken(const float* logits, std::int64_t vocabulary, std::int64_t usable, const Sampling& sampling, const stats::CounterRng& rng, std::uint64_t position) {
    const auto n = static_cast<std::size_t>(std::min(vocabulary, usable));
    if (sampling.temperature <= 0) return static_cast<TokenId>(std::max_element(logits, logits + n) - logits);
    std::vector<TokenId> order(n);
    std::iota(order.begin(), order.end(), 0);
    const std::size_t keep = sampling.topK > 0 ? std::min<std::size_t>(n, static_cast<std::size_t>(sampling.topK)) : n;
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(keep), order.end(), [&](TokenId a, TokenId b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; });
    std::vector<double> weights(keep);
    double sum = 0;
    for (std::size_t i = 0; i < keep; ++i) sum += weights[i] = std::exp((static_cast<double>(logits[order[i]]) - logits[order[0]]) / sampling.temperature);
    double kept = 0;
    std::size_t count = 0;
    while (count < keep && (count == 0 || kept < sampling.topP * sum)) kept += weights[count++];
    double draw = rng.uniformAt(position) * kept;
    for (std::size_t i = 0; i < count; ++i)
        if ((draw -= weights[i]) < 0) return order[i];
    return order[count - 1];
}

}  // namespace dubito::lm
