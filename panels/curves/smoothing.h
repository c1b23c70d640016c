// Smoothing that says its name: a debiased exponential average.
#pragma once

#include <vector>

namespace dubito::curves {

/// y_t = (1-w) sum w^k x_{t-k} / (1 - w^{t+1}); NaN is a gap and does not enter. weight in [0, 1).
std::vector<double> smoothed(const std::vector<double>& values, double weight);

}  // namespace dubito::curves
