// The ABI number is read before anything in the library is called.
#include "host/loader.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "host/manifest.h"

namespace dubito::host {

std::string errorText(dubito_status status, const dubito_error& error) {
    if (error.message[0]) {
        const std::size_t n = ::strnlen(error.message, sizeof error.message);
        return std::string(error.message, n);
    }
    return fmt::format("the plugin returned status {}", status);
}

namespace {

std::string sorted(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    return fmt::format("{}", fmt::join(names, ", "));
}

/// The library holds exactly what its manifest says.
Result<void> compare(const dubito_entry& entry, const std::vector<run::PluginDescription>& library) {
    std::vector<std::string> promised, held;
    for (const auto& plugin : library) promised.push_back(plugin.id + " " + plugin.version);
    const std::uint32_t count = entry.plugin_count();
    if (count > kMaxPlugins)
        return Error(Code::Limit, fmt::format("the library holds {} plugins; at most {}", count, kMaxPlugins));
    for (std::uint32_t i = 0; i < count; ++i) {
        const dubito_descriptor* descriptor = entry.plugin_descriptor(i);
        if (!descriptor || descriptor->struct_bytes < sizeof(dubito_descriptor) || !descriptor->id ||
            !descriptor->version)
            return Error(Code::InvalidArgument, fmt::format("the library describes no plugin {} of its {}", i, count));
        held.push_back(fmt::format("{} {}", descriptor->id, descriptor->version));
    }
    const std::string manifest = sorted(std::move(promised)), binary = sorted(std::move(held));
    if (manifest == binary) return {};
    return Error(Code::InvalidArgument,
        fmt::format("manifest and library disagree: the manifest says {}, the library {}", manifest, binary));
}

}  // namespace

Result<LoadedPlugin> LoadedPlugin::load(const std::vector<run::PluginDescription>& library) {
    const run::PluginDescription& plugin = library.front();
    const fs::path path = plugin.folder / plugin.binary;
    void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) return Error(Code::Io, fmt::format("cannot load the plugin: {}", ::dlerror()));
    const auto* number = static_cast<const std::uint32_t*>(::dlsym(handle, "dubito_abi_number"));
    const auto* entry = static_cast<const dubito_entry*>(::dlsym(handle, "dubito_plugin_entry"));
    if (!number || !entry)
        return Error(Code::Unsupported,
            "the library exports no dubito_abi_number and dubito_plugin_entry. File: " + path.string());
    constexpr std::uint32_t kOwn = DUBITO_ABI_NUMBER;
    if ((*number >> 16) != (kOwn >> 16) || (*number & 0xFFFF) > (kOwn & 0xFFFF))
        return Error(
            Code::Unsupported, fmt::format("cannot load the plugin: it needs ABI {}.{}, this host has {}.{}. File: {}",
                                   *number >> 16, *number & 0xFFFF, kOwn >> 16, kOwn & 0xFFFF, path.string()));
    if (entry->struct_bytes < sizeof(dubito_entry) || !entry->create || !entry->plugin_count ||
        !entry->plugin_descriptor)
        return Error(Code::Unsupported, fmt::format("the plugin's entry is {} bytes, ABI 1.0 needs {}. File: {}",
                                            entry->struct_bytes, sizeof(dubito_entry), path.string()));
    DUBITO_CHECK(compare(*entry, library));
    if (entry->init) {
        dubito_error error{};
        error.struct_bytes = sizeof error;
        const std::string folder = plugin.folder.string();
        if (const auto status = entry->init({folder.data(), folder.size()}, &error); status < 0)
            return Error(codeFromStatus(status), errorText(status, error));
    }
    LoadedPlugin out;
    out.m_entry = entry;
    return out;
}

Result<dubito_plugin*> LoadedPlugin::create(const dubito_host* host, const std::string& id) const {
    dubito_error error{};
    error.struct_bytes = sizeof error;
    dubito_plugin* instance = nullptr;
    const dubito_status status = m_entry->create(host, id.c_str(), &instance, &error);
    if (status < 0) return Error(codeFromStatus(status), errorText(status, error));
    if (!instance || instance->struct_bytes < sizeof(dubito_plugin) || !instance->activate || !instance->step ||
        !instance->destroy)
        return Error(Code::Unsupported, "the plugin's table is incomplete: activate, step and destroy are required");
    return instance;
}

}  // namespace dubito::host
