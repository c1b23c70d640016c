// NVML is opened at run time, once, and kept.
#include "device_load.h"

#include <dlfcn.h>

namespace dubito::compute {
namespace {

/// All calls are null where the library is not there.
struct Nvml {
    struct Load {
        unsigned gpu = 0, memory = 0;  ///< percent
    };
    int (*handleOf)(const char* busId, void** handle) = nullptr;
    int (*loadOf)(void* handle, Load* out) = nullptr;

    static const Nvml& open() {
        static const Nvml opened = [] {
            Nvml out;
            void* library = ::dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL);
            const auto start = library ? reinterpret_cast<int (*)()>(::dlsym(library, "nvmlInit_v2")) : nullptr;
            if (!start || start() != 0) return out;
            out.handleOf =
                reinterpret_cast<decltype(out.handleOf)>(::dlsym(library, "nvmlDeviceGetHandleByPciBusId_v2"));
            out.loadOf = reinterpret_cast<decltype(out.loadOf)>(::dlsym(library, "nvmlDeviceGetUtilizationRates"));
            return out;
        }();
        return opened;
    }
};

}  // namespace

std::optional<double> loadOf(Device device) {
    if (!device.isCuda()) return {};
    const Nvml& nvml = Nvml::open();
    void* driver = ::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (!nvml.handleOf || !nvml.loadOf || !driver) return {};
    // NVML counts every card of the machine, CUDA those it was shown: the bus tells which is which.
    const auto busOf = reinterpret_cast<int (*)(char*, int, int)>(::dlsym(driver, "cuDeviceGetPCIBusId"));
    char bus[64] = {};
    void* handle = nullptr;
    Nvml::Load load;
    if (!busOf || busOf(bus, sizeof bus - 1, device.index) != 0 || nvml.handleOf(bus, &handle) != 0 ||
        nvml.loadOf(handle, &load) != 0)
        return {};
    return load.gpu / 100.0;
}

}  // namespace dubito::compute
