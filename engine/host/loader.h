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
    /// @param library all plugins of one manifest: the library must hold exactly these, in the versions named there
    /// @error Unsupported (ABI), InvalidArgument (ids or versions differ), Io (dlopen)
    static Result<LoadedPlugin> load(const std::vector<run::PluginDescription>& library);

    /// An instance of one of its plugins. @error NotFound, or as the plugin refuses
    Result<dubito_plugin*> create(const dubito_host* host, const std::string& id) const;

private:
    const dubito_entry* m_entry = nullptr;
};

}  // namespace dubito::host
