// One decision a process.
#include "lm/kernels/cpu_features.h"

#include <cstdlib>

#include "base/error.h"

namespace dubito::lm {
namespace {

CpuLevel decide() {
    const char* forced = environmentValue("DUBITO_CPU");
    const std::string_view wanted = forced ? forced : "";
    if (wanted == "scalar" || !canRun(CpuLevel::Avx2)) return CpuLevel::Scalar;
    if (wanted == "avx2") return CpuLevel::Avx2;
    for (const CpuLevel level : {CpuLevel::AvxVnni, CpuLevel::Avx512Vnni})
        if (canRun(level)) return level;
    return wanted == "vnni" ? CpuLevel::VnniEmulated : CpuLevel::Avx2;
}

}  // namespace

bool canRun(CpuLevel level) {
    if (level == CpuLevel::Scalar) return true;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c"))
        return false;
    if (level == CpuLevel::AvxVnni) return __builtin_cpu_supports("avxvnni") != 0;
    if (level == CpuLevel::Avx512Vnni)
        return __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vnni") != 0;
    return true;
#else
    return false;
#endif
}

CpuLevel cpuLevel() {
    static const CpuLevel level = decide();
    return level;
}

std::string_view cpuLevelName(CpuLevel level) {
    switch (level) {
        case CpuLevel::Scalar: return "scalar";
        case CpuLevel::Avx2: return "avx2";
        case CpuLevel::VnniEmulated: return "vnni emulated";
        case CpuLevel::AvxVnni: return "avx-vnni";
        case CpuLevel::Avx512Vnni: return "avx512-vnni";
    }
    return "";
}

}  // namespace dubito::lm
