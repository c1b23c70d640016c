// Which of the row kernels this CPU runs. All levels give equal bits; DUBITO_CPU=scalar|avx2 forces one.
#pragma once

#include <string_view>

namespace dubito::lm {

enum class CpuLevel { Scalar, Avx2 };

/// Decided once, from CPUID and DUBITO_CPU. A level that the CPU lacks is not forced: the best below it is taken.
CpuLevel cpuLevel();
std::string_view cpuLevelName(CpuLevel level);

}  // namespace dubito::lm
