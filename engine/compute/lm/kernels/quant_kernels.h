// Products of stored weight rows with activation vectors, eight rows at a time (layout R8). Every level gives equal
// bits.
#pragma once

#include <cstdint>

#include "lm/kernels/cpu_features.h"

// Dimension key: K columns, B = K / 32 blocks, R rows in units of eight, C activation vectors.

namespace dubito::lm {

constexpr std::int64_t kBlockColumns = 32, kUnitRows = 8, kMostVectors = 8;

/// How a block of eight rows by 32 columns is stored; [8] is a value a row, d, m, dmin are halves, s and m0.. bytes.
/// N is 4 groups of 32 bytes: byte 4r+i of group g holds elements 4g+i (low nibble) and 16+4g+i (high) of row r.
///   Q4_0  d[8] N                         (n - 8) d
///   Q4_1  d[8] m[8] N                    n d + m
///   Q5_0  d[8] fifth[8] N                (n - 16) d; fifth: u32 a row, bit j = fifth bit of element j
///   Q5_1  d[8] m[8] fifth[8] N           n d + m
///   Q8_0  d[8], 8 groups of 32 bytes: byte 4r+i of group g is element 4g+i of row r, signed
///   Q4_K  d[8] dmin[8] s[8] m[8] N       n (d s) - dmin m
///   Q5_K  d[8] dmin[8] s[8] m[8] fifth[8] N
///   Q6_K  d[8] s0[8] s1[8] T N           (n - 32) (d s), s0 for elements 0-15, s1 for 16-31, signed.
///         T: 64 bytes of bits 4 and 5; byte 32(g/2) + 4r+i holds at bit 4(g%2) those of element 4g+i and two above
///         those of 16+4g+i. Holds Q3_K too.
///   Q2_K  d[8] dmin[8] s0[8] s1[8] m0[8] m1[8] N
///   F16, BF16, F32  element j of row r at 8j + r
/// Scales of K types are the file's own, taken apart: no value is rounded.
enum class RowKind : std::uint8_t { Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K, Q2_K, F16, BF16, F32 };

constexpr std::int64_t unitBlockBytes(RowKind kind) {
    switch (kind) {
        case RowKind::Q4_0: return 16 + 128;
        case RowKind::Q4_1: return 32 + 128;
        case RowKind::Q5_0: return 16 + 32 + 128;
        case RowKind::Q5_1: return 32 + 32 + 128;
        case RowKind::Q8_0: return 16 + 256;
        case RowKind::Q4_K: return 48 + 128;
        case RowKind::Q5_K: return 48 + 32 + 128;
        case RowKind::Q6_K: return 32 + 64 + 128;
        case RowKind::Q2_K: return 64 + 128;
        case RowKind::F16:
        case RowKind::BF16: return 512;
        case RowKind::F32: return 1024;
    }
    return 0;
}

/// a16: d = max|x| / 32639 and q = 256 h + l in signed bytes, exact products; a8: d = max|x| / 127, one byte.
/// Rows of F16, BF16 and F32 meet the activation as it is, in fp32.
enum class Activation : std::uint8_t { A8, A16 };

/// One block of a quantised activation vector: x ~ d q.
struct alignas(32) ActivationBlock {
    std::int16_t even[8][2];  ///< (q[4g], q[4g+2])
    std::int16_t odd[8][2];   ///< (q[4g+1], q[4g+3])
    std::int8_t high[32], low[32];
    std::int32_t total[2];  ///< sums of q over elements 0-15 and 16-31
    float d, sum, half[2];  ///< sum = d * sum(q), half[i] = d * total[i], each rounded once
};

/// C activation vectors, as numbers and as quantised blocks.
struct ActivationRows {
    const ActivationBlock* blocks = nullptr;  ///< (C, B)
    const float* values = nullptr;            ///< (C, K); read for F16, BF16 and F32 rows only
    std::int64_t count = 1;                   ///< C, 1..kMostVectors
};

/// @param x (K) floats, K a multiple of 32; a block of zeros has d = 0. NaN and infinity make the block's d non-finite.
void quantiseActivation(const float* x, std::int64_t columns, Activation activation, ActivationBlock* out);

/// out[c outStride + 8 u + r] = row r of unit u times vector c, for units first..last-1. In block order, for each scale
/// of the block: acc = fma(dw d, S, acc), then acc = fma(m, sum, acc) where the type has an offset (-8 dw for Q4_0, -16
/// dw for Q5_0). Float types: four partial sums, element j to sum j % 4, added as (0 + 1) + (2 + 3). One weight pass
/// serves up to four vectors.
/// @param units unit 0; a unit is B blocks of unitBlockBytes(kind)   [any], pure
void rowUnits(CpuLevel level, RowKind kind, Activation activation, const std::uint8_t* units, std::int64_t blocks,
    const ActivationRows& x, std::int64_t first, std::int64_t last, float* out, std::int64_t outStride);

/// The values of one block: row r at out + r * stride, 32 floats each. Equal bits at every level.
void dequantiseUnitBlock(CpuLevel level, RowKind kind, const std::uint8_t* at, float* out, std::int64_t stride);

namespace detail {
#define DUBITO_ROW_UNITS(name)                                                                     \
    void name(RowKind kind, Activation activation, const std::uint8_t* units, std::int64_t blocks, \
        const ActivationRows& x, std::int64_t first, std::int64_t last, float* out, std::int64_t outStride)
DUBITO_ROW_UNITS(rowUnitsScalar);
DUBITO_ROW_UNITS(rowUnitsAvx2);
DUBITO_ROW_UNITS(rowUnitsVnniEmulated);
DUBITO_ROW_UNITS(rowUnitsAvxVnni);
DUBITO_ROW_UNITS(rowUnitsAvx512Vnni);
void dequantiseUnitBlockAvx2(RowKind kind, const std::uint8_t* at, float* out, std::int64_t stride);
}  // namespace detail

}  // namespace dubito::lm
