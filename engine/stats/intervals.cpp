// Sums over clusters are taken once; a resample adds them up.
#include "stats/intervals.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "stats/counter_rng.h"

namespace dubito::stats {
namespace {

/// P(|T| <= t) of Student's t.
double studentShare(double t, std::int64_t freedom) {
    const double theta = std::atan(t / std::sqrt(static_cast<double>(freedom)));
    const double cosine = std::cos(theta), sine = std::sin(theta);
    const bool isOdd = freedom % 2 != 0;
    double term = isOdd ? cosine : 1, sum = 0;
    for (std::int64_t k = isOdd ? 2 : 1; k <= freedom - 1; k += 2) {
        sum += term;
        term *= cosine * cosine * static_cast<double>(k) / static_cast<double>(k + 1);
    }
    return isOdd ? 2 / std::acos(-1.0) * (theta + sine * sum) : sine * sum;
}

struct Moments {
    double mean = 0, ofMean = 0;  ///< ofMean: variance of the mean
};

Moments momentsOf(std::span<const double> values) {
    Moments out;
    const double n = static_cast<double>(values.size());
    for (const double value : values) out.mean += value / n;
    double squares = 0;
    for (const double value : values) squares += (value - out.mean) * (value - out.mean);
    out.ofMean = values.size() < 2 ? std::nan("") : squares / (n - 1) / n;
    return out;
}

}  // namespace

double studentT95(std::int64_t freedom) {
    constexpr double kNormal = 1.959963984540054, kWidest = 13;
    constexpr std::int64_t kAsNormal = 100'000;
    if (freedom >= kAsNormal) return kNormal;
    double low = kNormal, high = kWidest;
    while (high - low > 1e-10) (studentShare((low + high) / 2, freedom) < 0.95 ? low : high) = (low + high) / 2;
    return high;
}

Interval meanInterval(std::span<const double> values) {
    if (values.empty()) return {std::nan(""), std::nan(""), std::nan("")};
    const Moments all = momentsOf(values);
    if (values.size() < 2) return {all.mean, std::nan(""), std::nan("")};
    const double half = studentT95(static_cast<std::int64_t>(values.size()) - 1) * std::sqrt(all.ofMean);
    return {all.mean, all.mean - half, all.mean + half};
}

Interval meanDifference(std::span<const double> a, std::span<const double> b) {
    if (a.empty() || b.empty()) return {std::nan(""), std::nan(""), std::nan("")};
    const Moments one = momentsOf(a), other = momentsOf(b);
    const double difference = one.mean - other.mean, variance = one.ofMean + other.ofMean;
    if (a.size() < 2 || b.size() < 2) return {difference, std::nan(""), std::nan("")};
    if (variance == 0) return {difference, difference, difference};
    const double spread = one.ofMean * one.ofMean / static_cast<double>(a.size() - 1) +
                          other.ofMean * other.ofMean / static_cast<double>(b.size() - 1);
    const auto freedom = std::max<std::int64_t>(1, static_cast<std::int64_t>(variance * variance / spread));
    const double half = studentT95(freedom) * std::sqrt(variance);
    return {difference, difference - half, difference + half};
}

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
