// plugin.json -> PluginDescription. Reads no code; every refusal has a reason.
#pragma once

#include "run/plugin_description.h"

namespace dubito::host {

inline constexpr std::size_t kMaxManifestBytes = 1 << 20;

/// @error CorruptData (no JSON), InvalidArgument (field named), Unsupported (ABI or manifest version)
Result<run::PluginDescription> parseManifest(std::string_view text);
/// Reads <folder>/plugin.json and checks that the binary lies beside it.
Result<run::PluginDescription> readManifest(const fs::path& folder);

}  // namespace dubito::host
