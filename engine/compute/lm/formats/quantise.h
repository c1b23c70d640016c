// Values into the block types of GGUF: what quant_blocks reads, written.
#pragma once

#include "lm/formats/quant_blocks.h"

namespace dubito::lm {

/// Quantises `blocks` consecutive blocks. The 32-wide types follow the format's own rules (d from the largest value);
/// IQ4_NL and the K types choose scales by least squares, so other writers' bytes may differ while the layout is the
/// same.
/// @param in blocks * layout.elements floats, finite  @param out blocks * layout.bytes bytes  [any], pure
void quantise(GgmlType type, const float* in, std::uint8_t* out, std::int64_t blocks);

/// `wanted`, or the type that stands in when rows of `columns` elements do not fill its blocks: Q4_K -> Q5_0, Q5_K ->
/// Q5_1, Q6_K -> Q8_0, Q2_K and Q3_K -> IQ4_NL, all of them F16 when 32 does not divide.
GgmlType typeThatFits(GgmlType wanted, std::int64_t columns);

/// "q4_k" in any case -> Q4_K. @return false when no such type is written
bool typeFromName(std::string_view name, GgmlType& out);

/// Float to bfloat16, nearest even; NaN stays a quiet NaN.
std::uint16_t bfloatFromFloat(float value);

}  // namespace dubito::lm
