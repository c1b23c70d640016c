// Resamples are of indices and made once: every place of a curve uses the same.
#include "stats/centres.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "stats/counter_rng.h"

namespace dubito::stats {
namespace {

constexpr std::size_t kMostExact = 6;  // 462 distinct resamples
constexpr double kLow = 0.025, kHigh = 0.975;

/// The next ascending row of indices; false after the last.
bool advance(std::vector<std::size_t>& row) {
    for (std::size_t at = row.size(); at-- > 0;) {
        if (row[at] + 1 >= row.size()) continue;
        std::fill(row.begin() + static_cast<std::ptrdiff_t>(at), row.end(), row[at] + 1);
        return true;
    }
    return false;
}

/// n! / (k1! k2! ...) / n^n of how often each index is drawn.
double probabilityOf(const std::vector<std::size_t>& row) {
    const double n = static_cast<double>(row.size());
    double log = std::lgamma(n + 1) - n * std::log(n);
    for (std::size_t at = 0; at < row.size();) {
        const auto end = std::find_if(row.begin() + static_cast<std::ptrdiff_t>(at), row.end(),
            [&](std::size_t index) { return index != row[at]; });
        const auto times = static_cast<std::size_t>(end - row.begin()) - at;
        log -= std::lgamma(static_cast<double>(times) + 1);
        at += times;
    }
    return std::exp(log);
}

}  // namespace

double centreOf(std::span<const double> sorted, Centre centre) {
    const std::size_t n = sorted.size();
    if (centre == Centre::Median) return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    const std::size_t cut = centre == Centre::InterquartileMean ? n / 4 : 0;
    const auto inner = sorted.subspan(cut, n - 2 * cut);
    return std::accumulate(inner.begin(), inner.end(), 0.0) / static_cast<double>(inner.size());
}

CentreBootstrap::CentreBootstrap(std::size_t n, int resamples) : m_n(n) {
    if (n < 2) return;
    std::vector<std::size_t> row(n, 0);
    if (n <= kMostExact) {
        do {
            m_draws.push_back(row);
            m_weights.push_back(probabilityOf(row));
        } while (advance(row));
        return;
    }
    CounterRng rng(0, "centre", n);
    for (int i = 0; i < resamples; ++i) {
        for (std::size_t& index : row)
            index = std::min(n - 1, static_cast<std::size_t>(rng.uniform() * static_cast<double>(n)));
        std::sort(row.begin(), row.end());
        m_draws.push_back(row);
        m_weights.push_back(1.0 / resamples);
    }
}

Interval CentreBootstrap::at(std::span<const double> sorted, Centre centre) const {
    if (sorted.empty()) return {std::nan(""), std::nan(""), std::nan("")};
    Interval out{centreOf(sorted, centre), std::nan(""), std::nan("")};
    if (sorted.size() != m_n || m_draws.empty()) return out;
    std::vector<std::pair<double, double>> centres;
    std::vector<double> values(m_n);
    for (std::size_t i = 0; i < m_draws.size(); ++i) {
        for (std::size_t k = 0; k < m_n; ++k) values[k] = sorted[m_draws[i][k]];
        centres.emplace_back(centreOf(values, centre), m_weights[i]);
    }
    std::sort(centres.begin(), centres.end());
    // The least value with at least this share at or below it.
    const auto quantile = [&](double share) {
        double sum = 0;
        for (const auto& [value, weight] : centres)
            if ((sum += weight) >= share - 1e-12) return value;
        return centres.back().first;
    };
    out.low = quantile(kLow);
    out.high = quantile(kHigh);
    return out;
}

}  // namespace dubito::stats
