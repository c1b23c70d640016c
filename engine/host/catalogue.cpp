// Folder walks of fixed depth; a broken plugin keeps its row and its reason.
#include "host/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace dubito::host {

int compareVersions(std::string_view a, std::string_view b) {
    const auto number = [](std::string_view& text) {
        long value = 0;
        while (!text.empty() && text[0] >= '0' && text[0] <= '9')
            value = std::min(value * 10 + (text[0] - '0'), 1'000'000'000L), text.remove_prefix(1);
        if (!text.empty() && text[0] == '.') text.remove_prefix(1);
        return value;
    };
    for (int part = 0; part < 3; ++part) {
        const long left = number(a), right = number(b);
        if (left != right) return left < right ? -1 : 1;
    }
    // A pre-release comes before its release.
    if (a.empty() != b.empty()) return a.empty() ? 1 : -1;
    return a.compare(b) < 0 ? -1 : a == b ? 0 : 1;
}

std::vector<fs::path> Catalogue::roots() {
    std::vector<fs::path> out;
    if (const char* list = std::getenv("DUBITO_PLUGIN_PATH")) {
        std::string_view rest(list);
        while (!rest.empty()) {
            const auto end = std::min(rest.find(':'), rest.size());
            if (end > 0) out.emplace_back(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    out.push_back(dataHome() / "plugins");
    out.push_back(programFolder() / "../lib/dubito/plugins");
    out.push_back(programFolder() / "../plugins");  // in the build tree
    return out;
}

Catalogue Catalogue::scan() { return scan(roots()); }

Catalogue Catalogue::scan(const std::vector<fs::path>& roots) {
    Catalogue catalogue;
    std::error_code error;
    const fs::path own = fs::weakly_canonical(programFolder() / "..", error);
    for (const fs::path& root : roots) {
        for (fs::directory_iterator id(root, error), none; !error && id != none; id.increment(error)) {
            std::error_code inner;
            for (fs::directory_iterator version(id->path(), inner); !inner && version != none;
                 version.increment(inner)) {
                if (!fs::exists(version->path() / "plugin.json", inner)) continue;
                CatalogueEntry entry;
                entry.folder = fs::weakly_canonical(version->path(), inner);
                entry.isOurs = entry.folder.string().starts_with(own.string() + "/");
                auto plugin = readManifest(entry.folder);
                if (plugin) entry.plugin = std::move(*plugin);
                else entry.refusal = plugin.error().text();
                const bool known = std::any_of(
                    catalogue.m_entries.begin(), catalogue.m_entries.end(), [&](const CatalogueEntry& other) {
                        return other.folder == entry.folder ||
                               (other.plugin && entry.plugin && other.plugin->id == entry.plugin->id &&
                                   other.plugin->version == entry.plugin->version);
                    });
                if (!known) catalogue.m_entries.push_back(std::move(entry));
            }
        }
        error.clear();
    }
    std::stable_sort(
        catalogue.m_entries.begin(), catalogue.m_entries.end(), [](const CatalogueEntry& a, const CatalogueEntry& b) {
            const std::string left = a.plugin ? a.plugin->id : a.folder.string(),
                              right = b.plugin ? b.plugin->id : b.folder.string();
            if (left != right) return left < right;
            return a.plugin && b.plugin && compareVersions(a.plugin->version, b.plugin->version) > 0;
        });
    return catalogue;
}

Result<run::PluginDescription> Catalogue::find(std::string_view idOrFolder, std::string_view version) const {
    std::error_code error;
    if (idOrFolder.find('/') != std::string_view::npos || fs::exists(fs::path(idOrFolder) / "plugin.json", error))
        return readManifest(fs::path(idOrFolder));
    std::string others;
    for (const CatalogueEntry& entry : m_entries) {
        if (entry.plugin && (entry.plugin->id == idOrFolder || entry.plugin->system() == idOrFolder) &&
            (version.empty() || entry.plugin->version == version))
            return *entry.plugin;
        if (entry.plugin) others += (others.empty() ? "" : ", ") + entry.plugin->id + " " + entry.plugin->version;
    }
    return Error(
        Code::NotFound, fmt::format("no plugin {}{}; found: {}", idOrFolder,
                            version.empty() ? "" : " " + std::string(version), others.empty() ? "none" : others));
}

std::vector<run::PluginDescription> Catalogue::withRole(std::string_view role) const {
    std::vector<run::PluginDescription> out;
    for (const bool ours : {true, false})
        for (const CatalogueEntry& entry : m_entries) {
            if (!entry.plugin || entry.isOurs != ours || !entry.plugin->hasRole(role)) continue;
            const bool isOlder = std::any_of(out.begin(), out.end(),
                [&](const run::PluginDescription& other) { return other.id == entry.plugin->id; });
            if (!isOlder) out.push_back(*entry.plugin);
        }
    return out;
}

std::vector<fs::path> Catalogue::workspaceFiles() const {
    std::vector<fs::path> out;
    std::vector<std::string> seen;
    for (const CatalogueEntry& entry : m_entries) {
        if (!entry.plugin) continue;
        const std::string& library = entry.plugin->library;
        if (std::find(seen.begin(), seen.end(), library) != seen.end()) continue;
        seen.push_back(library);
        const auto files = listFolder(entry.folder / "workspaces");
        if (!files) continue;  // ships none
        for (const fs::path& file : *files)
            if (file.extension() == ".json") out.push_back(file);
    }
    return out;
}

}  // namespace dubito::host
