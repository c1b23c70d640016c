// Which of the row kernels this CPU runs. All levels give equal bits; DUBITO_CPU=scalar|avx2|vnni forces one.
#pragma once

#include <string_view>

namespace dubito::lm {

/// VnniEmulated runs the VNNI kernels with their one instruction made of AVX2's: for tests on a CPU without it.
enum class CpuLevel { Scalar, Avx2, VnniEmulated, AvxVnni, Avx512Vnni };

/// Decided once, from CPUID and DUBITO_CPU. A level that the CPU lacks is not forced: the best below it is taken, and
/// its name says so ("vnni" becomes "vnni emulated").
CpuLevel cpuLevel();
/// Whether this CPU can run a level.
bool canRun(CpuLevel level);
std::string_view cpuLevelName(CpuLevel level);

}  // namespace dubito::lm
