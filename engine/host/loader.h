// Opens a plugin's library in a worker and checks it against its manifest.
#pragma once

#include <dubito/host.h>

#include "run/plugin_description.h"

namespace dubito::host {

/// Message of a filled dubito_error, or the status number.
std::string errorText(dubito_status status, const dubito_error& error);

/// The library is never unloaded: its code may own threads and static state.
class LoadedPlugin {
public:
    /// @error Unsupported (ABI), InvalidArgument (id or version differ), Io (dlopen)
    static Result<LoadedPlugin> load(const run::PluginDescription& plugin);

    /// @error as the plugin refuses
    Result<dubito_plugin*> create(const dubito_host* host) const;

private:
    const dubito_entry* m_entry = nullptr;
    std::string m_id;
};

}  // namespace dubito::host
