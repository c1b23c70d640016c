// plugin.json -> descriptions of the plugins its library holds. Reads no code; every refusal names the field.
//
// Format 1 describes one plugin, its fields at the top. Format 2 describes a library: what its plugins share at the top
// (library, abi, version, binary, licence, "$defs"), each plugin an object of the list "plugins".
#pragma once

#include "run/plugin_description.h"

namespace dubito::host {

inline constexpr std::size_t kMaxManifestBytes = 1 << 20;
inline constexpr std::size_t kMaxPlugins = 32;  ///< of one library

/// In the order of the file, ids unique, references resolved. manifestJson of each describes that plugin alone and can
/// be parsed again.
/// @error CorruptData (no JSON), InvalidArgument (field named), Limit, Unsupported (ABI or manifest format)
Result<std::vector<run::PluginDescription>> parseManifests(std::string_view text);
/// Reads <folder>/plugin.json and checks that the binary lies beside it.
Result<std::vector<run::PluginDescription>> readManifests(const fs::path& folder);

/// The plugin of that id or short name; an empty name asks for the only one.
/// @error NotFound, or InvalidArgument where several could be meant: both list what there is
Result<run::PluginDescription> pickPlugin(const std::vector<run::PluginDescription>& library, std::string_view name);
/// readManifests, then pickPlugin.
Result<run::PluginDescription> readManifest(const fs::path& folder, std::string_view name = {});

}  // namespace dubito::host
