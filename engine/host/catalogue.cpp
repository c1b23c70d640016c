// Folder walks of fixed depth; a broken plugin keeps its row and its reason.
#include "host/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

namespace dubito::host {
namespace {

/// "lm.chat (Chat), lm.train (Fine-tuning)"; ids where short names would be the same.
std::string listed(const std::vector<const run::PluginDescription*>& plugins) {
    std::string out;
    for (const auto* plugin : plugins) {
        const auto isSame = [&](const run::PluginDescription* other) {
            return other != plugin && other->shortName() == plugin->shortName();
        };
        const bool isUnique = std::none_of(plugins.begin(), plugins.end(), isSame);
        out += fmt::format(
            "{}{} ({})", out.empty() ? "" : ", ", isUnique ? plugin->shortName() : plugin->id, plugin->titleIn("en"));
    }
    return out;
}

/// Members that the schema does not know go, at any depth; `dropped` gets the pointer of each.
void prune(const Json& schema, Json& value, const std::string& pointer, std::vector<std::string>& dropped) {
    if (!value.is_object()) return;
    const Json& properties = memberOf(schema, "properties");
    Json kept = Json::object();
    for (auto& [name, child] : value.items()) {
        const Json& rule = memberOf(properties, name);
        if (rule.is_null()) {
            dropped.push_back(pointer + "/" + name);
            continue;
        }
        if (textOr(rule, "type", "") == "object") prune(rule, child, pointer + "/" + name, dropped);
        kept[name] = std::move(child);
    }
    value = std::move(kept);
}

/// The draft names `plugin` from now on. @return what it said that the plugin does not know
std::vector<std::string> renew(run::RunDraft& draft, const run::PluginDescription& plugin) {
    std::vector<std::string> dropped;
    if (!draft.pluginVersion.empty()) dropped.push_back("version " + draft.pluginVersion);
    draft.pluginId = plugin.id;
    draft.pluginVersion.clear();
    prune(plugin.parameters, draft.parameters, "", dropped);
    const auto isUnknown = [&](const auto& entry) {
        return std::none_of(plugin.inputs.begin(), plugin.inputs.end(),
            [&](const run::InputDescription& input) { return input.role == entry.first; });
    };
    const auto drop = [&](auto& byRole) {
        for (auto entry = byRole.begin(); entry != byRole.end();) {
            const bool isGone = isUnknown(*entry);
            if (isGone) dropped.push_back("input " + entry->first);
            entry = isGone ? byRole.erase(entry) : std::next(entry);
        }
    };
    drop(draft.assets);
    drop(draft.inputs);
    return dropped;
}

}  // namespace

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
    if (const char* list = environmentValue("DUBITO_PLUGIN_PATH")) {
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
        for (fs::directory_iterator library(root, error), none; !error && library != none; library.increment(error)) {
            std::error_code inner;
            for (fs::directory_iterator version(library->path(), inner); !inner && version != none;
                 version.increment(inner)) {
                if (!fs::exists(version->path() / "plugin.json", inner)) continue;
                const fs::path folder = fs::weakly_canonical(version->path(), inner);
                catalogue.add(folder, folder.string().starts_with(own.string() + "/"));
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

void Catalogue::add(const fs::path& folder, bool isOurs) {
    const auto isKnown = [this](const auto& isSame) { return std::any_of(m_entries.begin(), m_entries.end(), isSame); };
    if (isKnown([&](const CatalogueEntry& other) { return other.folder == folder; })) return;
    auto plugins = readManifests(folder);
    if (!plugins) {
        m_entries.push_back({folder, std::nullopt, plugins.error().text(), isOurs});
        return;
    }
    for (run::PluginDescription& plugin : *plugins)
        if (!isKnown([&](const CatalogueEntry& other) {
                return other.plugin && other.plugin->id == plugin.id && other.plugin->version == plugin.version;
            }))
            m_entries.push_back({folder, std::move(plugin), {}, isOurs});
}

template <class Predicate>
std::vector<const run::PluginDescription*> Catalogue::newest(Predicate isMeant) const {
    std::vector<const run::PluginDescription*> out;
    for (const CatalogueEntry& entry : m_entries)
        if (entry.plugin && isMeant(*entry.plugin) && (out.empty() || out.back()->id != entry.plugin->id))
            out.push_back(&*entry.plugin);
    return out;
}

Result<run::PluginDescription> Catalogue::find(std::string_view name, std::string_view version) const {
    const auto hash = name.rfind('#');
    const fs::path folder = name.substr(0, hash);
    std::error_code error;
    if (folder.string().find('/') != std::string::npos || fs::exists(folder / "plugin.json", error))
        return readManifest(folder, hash == std::string_view::npos ? std::string_view() : name.substr(hash + 1));
    const auto ofVersion = [&](const run::PluginDescription& plugin) {
        return version.empty() || plugin.version == version;
    };
    auto found = newest([&](const auto& plugin) { return plugin.id == name && ofVersion(plugin); });
    if (found.empty())
        found = newest([&](const auto& plugin) { return plugin.shortName() == name && ofVersion(plugin); });
    if (found.empty())
        found = newest([&](const auto& plugin) {
            return (plugin.system() == name || plugin.library == name) && ofVersion(plugin);
        });
    if (found.size() == 1) return *found.front();
    if (!found.empty())
        return Error(
            Code::InvalidArgument, fmt::format("{} is several plugins; name one of them: {}", name, listed(found)));
    if (const auto others = newest([&](const auto& plugin) { return plugin.id == name || plugin.shortName() == name; });
        !others.empty()) {
        std::string versions;
        for (const CatalogueEntry& entry : m_entries)
            if (entry.plugin && (entry.plugin->id == name || entry.plugin->shortName() == name))
                versions += (versions.empty() ? "" : ", ") + entry.plugin->version;
        return Error(Code::NotFound, fmt::format("no plugin {} {}; found: {}", name, version, versions));
    }
    const auto all = newest([](const auto&) { return true; });
    return Error(
        Code::NotFound, fmt::format("no plugin {}{}; found: {}", name,
                            version.empty() ? "" : " " + std::string(version), all.empty() ? "none" : listed(all)));
}

Result<run::RunDraft> Catalogue::adapted(run::RunDraft draft, std::vector<std::string>* notes) const {
    const auto isCurrent = [&](const CatalogueEntry& entry) {
        return entry.plugin && entry.plugin->id == draft.pluginId;
    };
    if (std::any_of(m_entries.begin(), m_entries.end(), isCurrent)) return draft;
    const auto successors = newest([&](const run::PluginDescription& plugin) {
        return std::any_of(plugin.formerly.begin(), plugin.formerly.end(),
            [&](const run::FormerName& former) { return former.id == draft.pluginId; });
    });
    if (successors.empty()) return draft;  // whoever looks for it says what there is
    const Json& task = memberOf(draft.parameters, "task");
    const auto found = std::find_if(successors.begin(), successors.end(), [&](const run::PluginDescription* plugin) {
        return std::any_of(plugin->formerly.begin(), plugin->formerly.end(), [&](const run::FormerName& former) {
            return former.id == draft.pluginId && (task.is_null() ? former.isDefault || former.task.empty()
                                                                  : former.task.empty() || task == former.task);
        });
    });
    if (found == successors.end())
        return Error(Code::NotFound, fmt::format("{} is several plugins now, and none of them does the task {}: {}",
                                         draft.pluginId, jsonText(task), listed(successors)));
    const std::string was = draft.pluginId;
    const std::vector<std::string> dropped = renew(draft, **found);
    if (notes) {
        notes->push_back(fmt::format("{} is {} now", was, draft.pluginId));
        for (const auto& what : dropped) notes->push_back(fmt::format("{} has no {}: left out", draft.pluginId, what));
    }
    return draft;
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
    std::map<std::string, const CatalogueEntry*> libraries;
    for (const CatalogueEntry& entry : m_entries) {
        if (!entry.plugin) continue;
        const CatalogueEntry*& newest = libraries[entry.plugin->library];
        if (!newest || compareVersions(newest->plugin->version, entry.plugin->version) < 0) newest = &entry;
    }
    constexpr std::ptrdiff_t kMost = 64;
    std::vector<fs::path> out;
    for (const auto& [library, entry] : libraries) {
        const auto files = listFolder(entry->folder / "workspaces");
        if (!files) continue;  // ships none
        std::vector<fs::path> own;
        for (const fs::path& file : *files)
            if (file.extension() == ".json") own.push_back(file);
        std::sort(own.begin(), own.end());
        out.insert(out.end(), own.begin(), own.begin() + std::min(kMost, std::ssize(own)));
    }
    return out;
}

}  // namespace dubito::host
