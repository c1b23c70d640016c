// Intervals for shares, for means over seeds, and for paired differences.
#pragma once

#include <cstdint>
#include <span>

namespace dubito::stats {

struct Interval {
    double estimate = 0, low = 0, high = 0;
};

/// Wilson 95 % interval of a share. Source: Wilson 1927. @param n 0 gives (0, 0, 1)
Interval wilson(std::int64_t successes, std::int64_t n);

/// Half of the 95 % range of Student's t. Source: Abramowitz and Stegun, 26.7.3 and 26.7.4.
/// @param freedom at least 1
double studentT95(std::int64_t freedom);

/// Mean of independent values with its 95 % t interval; fewer than two values have none, and low and high are NaN.
Interval meanInterval(std::span<const double> values);

/// Mean of `a` less mean of `b`, independent of each other, with Welch's 95 % t interval; his degrees of freedom are
/// rounded down. Fewer than two values on either side: low and high are NaN.
Interval meanDifference(std::span<const double> a, std::span<const double> b);

/// Mean of differences with a 95 % percentile bootstrap over clusters: clusters are drawn with replacement, whole.
/// @param clusters one number a difference; empty: each is its own  @param seed equal seeds give equal intervals
Interval pairedBootstrap(std::span<const double> differences, std::span<const std::int64_t> clusters,
    std::uint64_t seed, int resamples = 2000);

/// Unbiased pass@k from n samples of which c are right: 1 - C(n-c, k) / C(n, k). Source: arXiv:2107.03374.
double passAtK(std::int64_t n, std::int64_t c, std::int64_t k);

}  // namespace dubito::stats
