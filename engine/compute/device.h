// Devices: the CPU always; CUDA when LibTorch's GPU library and a driver are here. Opened at run time, never linked.
#pragma once

#include <string>

#include "base/result.h"

namespace dubito::compute {

/// Opens libtorch_cuda.so beside libtorch_cpu.so. @error DeviceUnavailable with what is missing
Result<void> openCuda();

}  // namespace dubito::compute
