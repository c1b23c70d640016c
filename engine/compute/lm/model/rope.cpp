// Each scaling changes frequencies once, at load.
#include "lm/model/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace dubito::lm {

std::vector<double> ropeFrequencies(
    std::int64_t d, double base, const RopeScaling& scaling, const std::vector<float>& divisors) {
    using Kind = RopeScaling::Kind;
    const auto trained = static_cast<double>(scaling.originalContext);
    // Index at which a pair turns `turns` times over the trained length.
    const auto indexOf = [&](double turns) {
        return static_cast<double>(d) * std::log(trained / (2 * std::numbers::pi * turns)) / (2 * std::log(base));
    };
    double low = 0, high = 0;
    if (scaling.kind == Kind::Yarn) {
        low = indexOf(scaling.betaFast), high = indexOf(scaling.betaSlow);
        if (scaling.wholeIndices) low = std::floor(low), high = std::ceil(high);
        low = std::max(low, 0.0), high = std::min(high, static_cast<double>(d - 1));
        if (low == high) high += 0.001;
    }
    std::vector<double> out;
    for (std::int64_t i = 0; i < d / 2; ++i) {
        double f = std::pow(base, -2.0 * static_cast<double>(i) / static_cast<double>(d));
        switch (scaling.kind) {
            case Kind::None:
            case Kind::DynamicNtk: break;  // the base changes, not the frequencies one by one
            case Kind::Linear: f /= scaling.factor; break;
            case Kind::Llama3: {
                const double wavelength = 2 * std::numbers::pi / f;
                if (wavelength > trained / scaling.lowFactor) {
                    f /= scaling.factor;
                } else if (wavelength >= trained / scaling.highFactor) {
                    const double s =
                        (trained / wavelength - scaling.lowFactor) / (scaling.highFactor - scaling.lowFactor);
                    f = (1 - s) * f / scaling.factor + s * f;
                }
                break;
            }
            case Kind::Yarn: {
                const double t = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
                f = t * f / scaling.factor + (1 - t) * f;
                break;
            }
        }
        if (!divisors.empty()) f /= static_cast<double>(divisors[static_cast<std::size_t>(i)]);
        out.push_back(f);
    }
    return out;
}

double ntkAlpha(std::int64_t length, std::int64_t trained) {
    if (length <= trained) return 1;
    const double doublings = std::ceil(std::log2(static_cast<double>(length) / static_cast<double>(trained)) + 1);
    return std::max(std::pow(2.0, doublings) - 1, 1.0);
}

double ntkBase(double base, double alpha, std::int64_t d) {
    return base * std::pow(alpha, static_cast<double>(d) / static_cast<double>(d - 2));
}

double lognFactor(std::int64_t position, std::int64_t trained) {
    return position + 1 > trained ? std::log(static_cast<double>(position + 1)) / std::log(static_cast<double>(trained))
                                  : 1;
}

double ropeMagnitude(const RopeScaling& scaling) {
    if (scaling.kind != RopeScaling::Kind::Yarn) return 1;
    return scaling.attentionFactor > 0 ? scaling.attentionFactor : 0.1 * std::log(scaling.factor) + 1;
}

}  // namespace dubito::lm
