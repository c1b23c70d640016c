// dubito.asset/1: inputs that the spec names, checked by hash before the plugin was loaded.
#include <fmt/format.h>

#include "host/services.h"
#include "host/services/reply.h"
#include "host/services/tables.h"

namespace dubito::host {
namespace {

const Json* findInput(const run::RunSpec& spec, std::string_view role) {
    for (const char* list : {"models", "data"})
        for (const Json& input : memberOf(spec.json(), list))
            if (textOr(input, "role", "") == role) return &input;
    return nullptr;
}

dubito_status resolve(const dubito_host* host, dubito_str role, dubito_str* outPath, std::uint64_t* outBytes,
    std::uint8_t* outHash, dubito_error* error) {
    const Services& services = Services::of(host);
    const std::string* path = services.assetOf(view(role));
    const Json* input = findInput(services.spec(), view(role));
    if (!path || !input)
        return refuse(error, DUBITO_NOT_FOUND, fmt::format("the spec names no input \"{}\"", view(role)));
    *outPath = str(*path);
    *outBytes = static_cast<std::uint64_t>(integerOr(*input, "bytes", 0));
    const auto hash = bytesFromHex(textOr(*input, "sha256", ""));
    if (hash && hash->size() == 32) std::memcpy(outHash, hash->data(), 32);
    return DUBITO_OK;
}

}  // namespace

const dubito_asset_v1 kAssetTable = {sizeof kAssetTable, 0, resolve};

}  // namespace dubito::host
