// Finds plugins by their manifests. Never loads code.
#pragma once

#include <optional>

#include "host/manifest.h"
#include "run/run_spec.h"

namespace dubito::host {

/// One plugin; those of one library share the folder. A manifest that is refused is one entry.
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
    /// The plugins of each <root>/<library>/<version>; ordered by id, then newest version first.
    static Catalogue scan();
    static Catalogue scan(const std::vector<fs::path>& roots);

    const std::vector<CatalogueEntry>& entries() const { return m_entries; }

    /// By id ("org.dubito.lm.train"), short name ("lm.train") or system ("tas", when that is one plugin), in the exact
    /// version, or the highest when it is empty; or by folder, as FOLDER#lm.train when it holds several.
    /// @error NotFound naming what is there; InvalidArgument where several could be meant, naming them
    Result<run::PluginDescription> find(std::string_view name, std::string_view version = {}) const;

    /// A draft that names a plugin which has since become several, or got another id, names the plugin of today: by its
    /// /task. Parameters and inputs which that plugin does not know are left out, and so is the version; `notes` gets a
    /// sentence for each thing. Every other draft comes back as it is.
    /// @error NotFound: none of today's plugins stands for that task
    Result<run::RunDraft> adapted(run::RunDraft draft, std::vector<std::string>* notes) const;

    /// Healthy plugins with this role, the newest version of each id; those shipped with the program first.
    std::vector<run::PluginDescription> withRole(std::string_view role) const;
    /// workspaces/*.json beside the manifests of healthy libraries, the newest version of each library; at most 64
    /// of one.
    std::vector<fs::path> workspaceFiles() const;

private:
    void add(const fs::path& folder, bool isOurs);
    /// The newest version of every id that `isMeant`.
    template <class Predicate>
    std::vector<const run::PluginDescription*> newest(Predicate isMeant) const;

    std::vector<CatalogueEntry> m_entries;
};

/// Orders semantic versions: <0, 0, >0.
int compareVersions(std::string_view a, std::string_view b);

}  // namespace dubito::host
