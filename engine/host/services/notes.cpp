// dubito.log/1, dubito.progress/1, dubito.cancel/1: small things that are said and asked from any thread.
#include "host/services.h"
#include "host/services/reply.h"
#include "host/services/tables.h"

namespace dubito::host {
namespace {

dubito_status write(const dubito_host* host, std::int32_t level, dubito_str text, dubito_error* error) {
    const auto written = Services::of(host).log(level, view(text));
    return written ? DUBITO_OK : refuse(error, written.error());
}

dubito_status set(
    const dubito_host* host, double done, double total, dubito_str unit, dubito_str phase, dubito_error* error) {
    Services& services = Services::of(host);
    services.tick();
    const auto written = services.journal().progress({done, total, std::string(view(unit)), std::string(view(phase))});
    return written ? DUBITO_OK : refuse(error, written.error());
}

dubito_status tick(const dubito_host* host, dubito_error*) {
    Services::of(host).tick();
    return DUBITO_OK;
}

std::int32_t state(const dubito_host* host) { return Services::of(host).cancelState(); }

}  // namespace

const dubito_log_v1 kLogTable = {sizeof kLogTable, 0, write};
const dubito_progress_v1 kProgressTable = {sizeof kProgressTable, 0, set, tick};
const dubito_cancel_v1 kCancelTable = {sizeof kCancelTable, 0, state};

}  // namespace dubito::host
