// Attention over one head's kept keys and values. Equal bits at every CPU level: lane i % 8 sums element i, lanes join
// in a tree.
#pragma once

#include <cstdint>

// Dimension key: n positions, D head width.

namespace dubito::lm {

void toHalves(const float* in, std::int64_t n, std::uint16_t* out);
void fromHalves(const std::uint16_t* in, std::int64_t n, float* out);
/// out[j] = query (D) · keys[j] of (n, D)
void dotsOfHalves(const float* query, const std::uint16_t* keys, std::int64_t n, std::int64_t width, float* out);
void dotsOfFloats(const float* query, const float* keys, std::int64_t n, std::int64_t width, float* out);
/// out (D) = out + weights[j] values[j] for each j in turn, fused
void addHalves(const float* weights, const std::uint16_t* values, std::int64_t n, std::int64_t width, float* out);
void addFloats(const float* weights, const float* values, std::int64_t n, std::int64_t width, float* out);

}  // namespace dubito::lm
