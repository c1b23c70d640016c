// Element types of GGUF tensors and their exact values as fp32.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "base/bytes.h"
#include "tensor/dtype.h"

namespace dubito::lm {

/// Codes of the file format; only those named here are read.
enum class GgmlType : std::uint32_t {
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q4_1 = 3,
    Q5_0 = 6,
    Q5_1 = 7,
    Q8_0 = 8,
    Q2_K = 10,
    Q3_K = 11,
    Q4_K = 12,
    Q5_K = 13,
    Q6_K = 14,
    IQ4_NL = 20,
    BF16 = 30,
};

/// The half at any address.
inline float halfAt(const std::uint8_t* at) {
    std::uint16_t bits;
    std::memcpy(&bits, at, 2);
    return floatFromHalf(bits);
}

/// The sixteen levels of IQ4_NL.
inline constexpr std::int8_t kIq4Levels[16] = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

struct BlockLayout {
    std::uint32_t elements = 0, bytes = 0;  ///< 0: the type is not read
};
BlockLayout blockLayout(GgmlType type);
std::string typeName(std::uint32_t code);  ///< "Q4_1"; "type 39" for codes without a name

/// Dequantises `blocks` consecutive blocks. @param in blocks * layout.bytes bytes  @param out blocks * layout.elements
/// floats [any], pure. Formulas: GGUF specification; element order as stored.
void dequantise(GgmlType type, const std::uint8_t* in, float* out, std::int64_t blocks);

}  // namespace dubito::lm
