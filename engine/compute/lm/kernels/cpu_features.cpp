// One decision a process.
#include "lm/kernels/cpu_features.h"

#include <cstdlib>

namespace dubito::lm {
namespace {

CpuLevel decide() {
    const char* forced = std::getenv("DUBITO_CPU");
    if (forced && std::string_view(forced) == "scalar") return CpuLevel::Scalar;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) return CpuLevel::Avx2;
#endif
    return CpuLevel::Scalar;
}

}  // namespace

CpuLevel cpuLevel() {
    static const CpuLevel level = decide();
    return level;
}

std::string_view cpuLevelName(CpuLevel level) { return level == CpuLevel::Avx2 ? "avx2" : "scalar"; }

}  // namespace dubito::lm
