// Angles of the rotary embedding, with the scalings that long-context models are trained for.
#pragma once

#include <cstdint>
#include <vector>

namespace dubito::lm {

struct RopeScaling {
    enum class Kind { None, Linear, Llama3, Yarn } kind = Kind::None;
    double factor = 1;
    double lowFactor = 1, highFactor = 4;      ///< llama3
    double betaFast = 32, betaSlow = 1;        ///< yarn
    double attentionFactor = 0;                ///< yarn: of cosines and sines; 0: 0.1 ln(factor) + 1
    std::int64_t originalContext = 0;          ///< trained length of llama3 and yarn
};

/// Radians a position for the pairs (i, i + d/2), i in [0, d/2).
/// @param d head width, even  @param divisors (d/2) each frequency is divided by, or empty
/// Sources: arXiv:2309.00071 (yarn); the Llama 3.1 release (llama3).
std::vector<double> ropeFrequencies(std::int64_t d, double base, const RopeScaling& scaling, const std::vector<float>& divisors = {});
/// Factor of cosines and sines; 1 but for yarn.
double ropeMagnitude(const RopeScaling& scaling);

}  // namespace dubito::lm
