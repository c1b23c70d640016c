// The middle of a few runs at one place, with the interval that drawing those runs again would give.
#pragma once

#include <span>
#include <vector>

#include "stats/intervals.h"

namespace dubito::stats {

enum class Centre { Mean, Median, InterquartileMean };

/// Interquartile mean: the mean without floor(n/4) values at either end, as scipy.stats.trim_mean(x, 0.25).
/// @param sorted ascending, finite, not empty
double centreOf(std::span<const double> sorted, Centre centre);

/// 95 % percentile bootstrap of a centre. Up to six values every distinct resample is taken with its probability, so
/// that nothing is drawn; beyond that `resamples` are drawn from a stream of their own, equal ones for equal n.
/// Source: Efron and Tibshirani 1993, chapter 13.
class CentreBootstrap {
public:
    explicit CentreBootstrap(std::size_t n, int resamples = 400);
    /// @param sorted n values, ascending, finite. One value has no interval: low and high are NaN.
    Interval at(std::span<const double> sorted, Centre centre) const;

private:
    std::size_t m_n;
    std::vector<std::vector<std::size_t>> m_draws;  ///< indices, ascending
    std::vector<double> m_weights;                  ///< of each; they add up to 1
};

}  // namespace dubito::stats
