// dubito.device/1.
#include "host/services/device.h"

#include "host/services.h"
#include "host/services/reply.h"
#include "host/services/tables.h"

namespace dubito::host {

std::string leasedDevice(const run::RunSpec& spec) { return spec.device() == "cuda" ? "cuda" : "cpu"; }

namespace {

dubito_status lease(
    const dubito_host* host, std::int32_t* type, std::int32_t* id, std::int32_t* threads, dubito_error* error) {
    const run::RunSpec& spec = Services::of(host).spec();
    const bool isCuda = leasedDevice(spec) == "cuda";
    if (isCuda && !run::hasCudaDevice())
        return refuse(error, DUBITO_DEVICE_UNAVAILABLE, "the spec asks for cuda and there is no NVIDIA GPU here");
    *type = isCuda ? 2 : 1;
    *id = 0;
    *threads = spec.threads();
    return DUBITO_OK;
}

}  // namespace

const dubito_device_v1 kDeviceTable = {sizeof kDeviceTable, 0, lease};

}  // namespace dubito::host
