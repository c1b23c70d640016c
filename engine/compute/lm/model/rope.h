// Angles of the rotary embedding, with the scalings that long-context models are trained for.
#pragma once

#include <cstdint>
#include <vector>

namespace dubito::lm {

struct RopeScaling {
    enum class Kind { None, Linear, Llama3, Yarn, DynamicNtk } kind = Kind::None;
    double factor = 1;
    double lowFactor = 1, highFactor = 4;  ///< llama3
    double betaFast = 32, betaSlow = 1;    ///< yarn
    double attentionFactor = 0;            ///< yarn: of cosines and sines; 0: 0.1 ln(factor) + 1
    bool wholeIndices = true;              ///< yarn: the ramp begins and ends at whole indices
    std::int64_t originalContext = 0;      ///< trained length of llama3, yarn and dynamic NTK
};

/// Radians a position for the pairs (i, i + d/2), i in [0, d/2).
/// @param d head width, even  @param divisors (d/2) each frequency is divided by, or empty
/// Sources: arXiv:2309.00071 (yarn); the Llama 3.1 release (llama3).
std::vector<double> ropeFrequencies(
    std::int64_t d, double base, const RopeScaling& scaling, const std::vector<float>& divisors = {});
/// Dynamic NTK: a = max(2^ceil(log2(n / trained) + 1) - 1, 1) for a text of n positions, 1 up to the trained length.
double ntkAlpha(std::int64_t length, std::int64_t trained);
/// Base of the rotation under that alpha: base * alpha^(d / (d - 2)). Source: the 2023 Qwen release.
double ntkBase(double base, double alpha, std::int64_t d);
/// Log-n scaling of the query at a position (from 0): ln(position + 1) / ln(trained) beyond the trained length, else 1.
double lognFactor(std::int64_t position, std::int64_t trained);
/// Factor of cosines and sines; 1 but for yarn.
double ropeMagnitude(const RopeScaling& scaling);

}  // namespace dubito::lm
