// Devices: the CPU always; CUDA when LibTorch's GPU library and a driver are here. Opened at run time, never linked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dubito::compute {

struct Device {
    enum class Kind : std::uint8_t { Cpu, Cuda } kind = Kind::Cpu;
    int index = 0;  ///< of CUDA devices
    bool isCuda() const { return kind == Kind::Cuda; }
    bool operator==(const Device&) const = default;
};

struct DeviceFacts {
    Device device;
    std::string name;                             ///< "NVIDIA H100 80GB HBM3", "CPU, 2 threads"
    std::string capability;                       ///< "9.0"; empty for the CPU
    std::uint64_t totalBytes = 0, freeBytes = 0;  ///< 0: unknown
    std::uint64_t usedBytes = 0, peakBytes = 0;   ///< by this process's tensors; CUDA only
};

/// "cpu", "cuda:0".
std::string deviceName(Device device);
/// Opens libtorch_cuda.so beside libtorch_cpu.so, once. @error DeviceUnavailable with what is missing
Result<void> openCuda();
/// "cpu", "cuda" (the first), "cuda:n" or "auto" (CUDA if it opens, else the CPU). What was asked for and is not here
/// is an error, never another device. @error InvalidArgument, DeviceUnavailable (what is missing, how many there are)
Result<Device> deviceFrom(std::string_view text);
/// @error DeviceUnavailable
Result<DeviceFacts> factsOf(Device device);
/// The CPU, and each CUDA device that opens.
std::vector<DeviceFacts> devices();
/// What did not fit: how many bytes were asked for and are free, and what would make it fit.
Error doesNotFit(Device device, std::uint64_t wantedBytes, std::uint64_t freeBytes, std::string_view remedy);

}  // namespace dubito::compute
