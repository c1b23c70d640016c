// Products of quantised rows with one activation vector, eight rows at a time (layout R8). Every level gives equal bits.
#pragma once

#include <cstdint>
#include <vector>

#include "lm/kernels/cpu_features.h"

// Dimension key: K columns, B = K / 32 blocks, R rows in units of eight.

namespace dubito::lm {

constexpr std::int64_t kBlockColumns = 32, kUnitRows = 8;

/// How a block of eight rows by 32 columns is stored, scales first (halves, one a row):
///   Q4_0  d[8], then 4 groups of 32 bytes: byte 4r+i of group g holds elements 4g+i (low nibble) and 16+4g+i (high) of row r
///   Q4_1  d[8], m[8], groups as above
///   Q5_0  d[8], fifth bits (u32 a row, bit j = element j), groups as above;  Q5_1 with m[8] after d
///   Q8_0  d[8], then 8 groups of 32 bytes: byte 4r+i of group g is element 4g+i of row r, signed
enum class RowKind : std::uint8_t { Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 };

constexpr std::int64_t unitBlockBytes(RowKind kind) {
    switch (kind) {
        case RowKind::Q4_0: return 16 + 128;
        case RowKind::Q4_1: return 32 + 128;
        case RowKind::Q5_0: return 16 + 32 + 128;
        case RowKind::Q5_1: return 32 + 32 + 128;
        case RowKind::Q8_0: return 16 + 256;
    }
    return 0;
}

/// a16: d = max|x| / 32639 and q = 256 h + l in signed bytes, exact products; a8: d = max|x| / 127, one byte.
enum class Activation : std::uint8_t { A8, A16 };

/// One block of a quantised activation vector: x ~ d q.
struct alignas(32) ActivationBlock {
    std::int16_t even[8][2];  ///< (q[4g], q[4g+2])
    std::int16_t odd[8][2];   ///< (q[4g+1], q[4g+3])
    std::int8_t high[32], low[32];
    float d, sum;             ///< sum = d * sum(q), rounded once
};

/// @param x (K) floats, K a multiple of 32; a block of zeros has d = 0. NaN and infinity make the block's d non-finite.
void quantiseActivation(const float* x, std::int64_t columns, Activation activation, ActivationBlock* out);

/// out[8 u + r] = row r of unit u times the activation, for units first..last-1; accumulation in block order:
/// acc = fma(dw d, S, acc), then acc = fma(m, sum, acc) for types with an offset (m = -8 dw for Q4_0, -16 dw for Q5_0).
/// @param units unit 0; a unit is B blocks of unitBlockBytes(kind)   [any], pure
void rowUnits(CpuLevel level, RowKind kind, Activation activation, const std::uint8_t* units, std::int64_t blocks, const ActivationBlock* x, std::int64_t first, std::int64_t last, float* out);

namespace detail {
void rowUnitsScalar(RowKind kind, Activation activation, const std::uint8_t* units, std::int64_t blocks, const ActivationBlock* x, std::int64_t first, std::int64_t last, float* out);
void rowUnitsAvx2(RowKind kind, Activation activation, const std::uint8_t* units, std::int64_t blocks, const ActivationBlock* x, std::int64_t first, std::int64_t last, float* out);
}  // namespace detail

}  // namespace dubito::lm
