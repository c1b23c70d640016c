// Debiasing keeps the first points from hanging at zero.
#include "curves/smoothing.h"

#include <cmath>

namespace dubito::curves {

std::vector<double> smoothed(const std::vector<double>& values, double weight) {
    std::vector<double> out;
    out.reserve(values.size());
    double sum = 0, mass = 0;
    for (const double value : values) {
        if (std::isfinite(value)) {
            sum = weight * sum + (1 - weight) * value;
            mass = weight * mass + (1 - weight);
        }
        out.push_back(std::isfinite(value) && mass > 0 ? sum / mass : std::nan(""));
    }
    return out;
}

}  // namespace dubito::curves
