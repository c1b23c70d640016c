// One binary for CPU and GPU: the GPU library registers its kernels when it is opened.
#include "device.h"

#include <dlfcn.h>

namespace dubito::compute {

Result<void> openCuda() {
    if (!::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL))
        return Error(Code::DeviceUnavailable, "no NVIDIA driver here (libcuda.so.1 is missing)");
    if (!::dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL))
        return Error(Code::DeviceUnavailable,
            std::string("LibTorch's GPU library is missing; run packaging/setup --gpu. ") + ::dlerror());
    return {};
}

}  // namespace dubito::compute
