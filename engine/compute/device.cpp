// One binary for CPU and GPU: the GPU library registers its kernels when it is opened.
#include "device.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <omp.h>

#include <charconv>
#include <cstdlib>

#include "base/files.h"
#include "torch_bridge.h"

namespace dubito::compute {
namespace {

using DriverCall = int (*)(char*, int, int);
using AttributeCall = int (*)(int*, int, int);

int cudaDevices() { return openCuda() ? at::detail::getCUDAHooks().getNumGPUs() : 0; }

std::uint64_t memoryField(std::string_view field) {
    const auto text = readFile("/proc/meminfo", 1 << 16);
    const auto at = text ? text->find(field) : std::string::npos;
    return at == std::string::npos ? 0 : std::strtoull(text->c_str() + at + field.size(), nullptr, 10) * 1024;
}

/// Name and capability as the driver tells them; LibTorch has no call for these that needs no CUDA headers.
void askDriver(DeviceFacts& facts) {
    void* driver = ::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (!driver) return;
    const auto name = reinterpret_cast<DriverCall>(::dlsym(driver, "cuDeviceGetName"));
    const auto attribute = reinterpret_cast<AttributeCall>(::dlsym(driver, "cuDeviceGetAttribute"));
    char text[256] = {};
    if (name && name(text, sizeof text - 1, facts.device.index) == 0) facts.name = text;
    constexpr int kMajor = 75, kMinor = 76;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR
    int major = 0, minor = 0;
    if (attribute && attribute(&major, kMajor, facts.device.index) == 0 &&
        attribute(&minor, kMinor, facts.device.index) == 0)
        facts.capability = fmt::format("{}.{}", major, minor);
}

}  // namespace

std::string deviceName(Device device) { return device.isCuda() ? fmt::format("cuda:{}", device.index) : "cpu"; }

Result<void> openCuda() {
    static const Result<void> opened = []() -> Result<void> {
        if (!::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL))
            return Error(Code::DeviceUnavailable, "no NVIDIA driver here (libcuda.so.1 is missing)");
        // Without it products of cuBLAS may differ between runs, and LibTorch refuses them where all must be
        // repeatable.
        ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
        if (!::dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL))
            return Error(Code::DeviceUnavailable,
                std::string("LibTorch's GPU library is missing; run packaging/setup --gpu. ") + ::dlerror());
        if (at::detail::getCUDAHooks().getNumGPUs() < 1)
            return Error(Code::DeviceUnavailable, "LibTorch's GPU library is here, but the driver shows it no GPU");
        return {};
    }();
    return opened;
}

Result<Device> deviceFrom(std::string_view text) {
    if (text == "cpu") return Device{};
    if (text == "auto") return cudaDevices() > 0 ? Device{Device::Kind::Cuda, 0} : Device{};
    int index = 0;
    if (text.starts_with("cuda:")) {
        const auto [end, problem] = std::from_chars(text.data() + 5, text.data() + text.size(), index);
        if (problem != std::errc() || end != text.data() + text.size() || index < 0) index = -1;
    } else if (text != "cuda") {
        index = -1;
    }
    if (index < 0)
        return Error(
            Code::InvalidArgument, fmt::format("the device \"{}\"; cpu, cuda, cuda:n and auto are known", text));
    DUBITO_CHECK(openCuda());
    if (const int there = cudaDevices(); index >= there)
        return Error(Code::DeviceUnavailable, fmt::format("cuda:{} was asked for, {} GPUs are here", index, there));
    return Device{Device::Kind::Cuda, index};
}

Result<DeviceFacts> factsOf(Device device) {
    DeviceFacts facts;
    facts.device = device;
    if (!device.isCuda()) {
        facts.name = fmt::format("CPU, {} threads", omp_get_max_threads());
        facts.totalBytes = memoryField("MemTotal:");
        facts.freeBytes = memoryField("MemAvailable:");
        return facts;
    }
    DUBITO_CHECK(openCuda());
    if (device.index >= cudaDevices())
        return Error(Code::DeviceUnavailable, fmt::format("{} is not here", deviceName(device)));
    askDriver(facts);
    return caught([&]() -> Result<DeviceFacts> {
        at::globalContext().lazyInitDevice(c10::DeviceType::CUDA);  // the allocator knows no card before
        auto* allocator = c10::getDeviceAllocator(c10::DeviceType::CUDA);
        const auto at = static_cast<c10::DeviceIndex>(device.index);
        const auto [free, total] = allocator->getMemoryInfo(at);
        facts.freeBytes = free;
        facts.totalBytes = total;
        const auto stats = allocator->getDeviceStats(at);
        const auto all = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
        facts.usedBytes = static_cast<std::uint64_t>(stats.allocated_bytes[all].current);
        facts.peakBytes = static_cast<std::uint64_t>(stats.allocated_bytes[all].peak);
        return facts;
    });
}

std::vector<DeviceFacts> devices() {
    std::vector<DeviceFacts> out;
    if (auto cpu = factsOf({})) out.push_back(*cpu);
    for (int i = 0; i < cudaDevices(); ++i)
        if (auto facts = factsOf({Device::Kind::Cuda, i})) out.push_back(*facts);
    return out;
}

Error doesNotFit(Device device, std::uint64_t wantedBytes, std::uint64_t freeBytes, std::string_view remedy) {
    return Error(Code::OutOfMemory, fmt::format("{} MiB are needed on {}, {} MiB are free; {}", wantedBytes >> 20,
                                        deviceName(device), freeBytes >> 20, remedy));
}

}  // namespace dubito::compute
