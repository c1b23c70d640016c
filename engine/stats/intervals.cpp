// Sums over clusters are taken once; a resample adds them up.
#include "stats/intervals.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "stats/counter_rng.h"

namespace dubito::stats {

Interval wilson(std::int64_t successes, std::int64_t n) {
    if (n <= 0) return {0, 0, 1};
    constexpr double kZ = 1.959963984540054;
    const double count = static_cast<double>(n), p = static_cast<double>(successes) / count, z2 = kZ * kZ;
    const double centre = (p + z2 / (2 * count)) / (1 + z2 / count),
                 half = kZ / (1 + z2 / count) * std::sqrt(p * (1 - p) / count + z2 / (4 * count * count));
    return {p, std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

Interval pairedBootstrap(
    std::span<const double> differences, std::span<const std::int64_t> clusters, std::uint64_t seed, int resamples) {
    if (differences.empty()) return {};
    std::map<std::int64_t, std::pair<double, std::int64_t>> sums;
    double total = 0;
    for (std::size_t i = 0; i < differences.size(); ++i) {
        auto& [sum, count] = sums[clusters.empty() ? static_cast<std::int64_t>(i) : clusters[i]];
        sum += differences[i];
        ++count;
        total += differences[i];
    }
    std::vector<std::pair<double, std::int64_t>> all;
    for (const auto& [cluster, sum] : sums) all.push_back(sum);
    CounterRng rng(seed, "bootstrap", 0);
    std::vector<double> means;
    for (int r = 0; r < resamples; ++r) {
        double sum = 0;
        std::int64_t count = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto& one = all[static_cast<std::size_t>(rng.uniform() * static_cast<double>(all.size()))];
            sum += one.first;
            count += one.second;
        }
        means.push_back(sum / static_cast<double>(count));
    }
    std::sort(means.begin(), means.end());
    const auto at = [&](double share) {
        return means[std::min(means.size() - 1, static_cast<std::size_t>(share * static_cast<double>(means.size())))];
    };
    return {total / static_cast<double>(differences.size()), at(0.025), at(0.975)};
}

double passAtK(std::int64_t n, std::int64_t c, std::int64_t k) {
    if (n - c < k) return 1;
    double miss = 1;
    for (std::int64_t i = n - c + 1; i <= n; ++i) miss *= 1 - static_cast<double>(k) / static_cast<double>(i);
    return 1 - miss;
}

}  // namespace dubito::stats
