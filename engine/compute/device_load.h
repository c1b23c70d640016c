// How busy a GPU is, as NVIDIA's management library tells it.
#pragma once

#include <optional>

#include "device.h"

namespace dubito::compute {

/// Share of the last moments in which the device computed, 0..1, whoever asked it to; none for the CPU and where NVML
/// is not there.
std::optional<double> loadOf(Device device);

}  // namespace dubito::compute
