// Finds plugins by their manifests. Never loads code.
#pragma once

#include <optional>

#include "host/manifest.h"

namespace dubito::host {

struct CatalogueEntry {
    fs::path folder;
    std::optional<run::PluginDescription> plugin;  ///< empty: refused
    std::string refusal;
    bool isOurs = false;  ///< shipped with the program
};

class Catalogue {
public:
    /// DUBITO_PLUGIN_PATH, the user's data folder, the programs' own folder.
    static std::vector<fs::path> roots();
    /// One entry per <root>/<id>/<version>; ordered by id, then newest version first.
    static Catalogue scan();
    static Catalogue scan(const std::vector<fs::path>& roots);

    const std::vector<CatalogueEntry>& entries() const { return m_entries; }
    /// By id and exact version, the highest version when it is empty, or by folder. @error NotFound naming what is
    /// there
    Result<run::PluginDescription> find(std::string_view idOrFolder, std::string_view version = {}) const;

    /// Healthy plugins with this role, the newest version of each id; those shipped with the program first.
    std::vector<run::PluginDescription> withRole(std::string_view role) const;
    /// workspaces/*.json beside the manifests of healthy libraries, the newest version of each library.
    std::vector<fs::path> workspaceFiles() const;

private:
    std::vector<CatalogueEntry> m_entries;
};

/// Orders semantic versions: <0, 0, >0.
int compareVersions(std::string_view a, std::string_view b);

}  // namespace dubito::host
