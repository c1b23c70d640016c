// What `--set KEY=VALUE` means: a parameter by its dotted path, or an input by its role.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "run/run_spec.h"

namespace dubito::cli {

struct Setting {
    std::string key, value;
};
/// "train.lr=0.1". @error InvalidArgument without "=" or without a key
Result<Setting> settingFrom(std::string_view text);

/// Sets them in order. A key is a parameter's path ("train.lr"), a group's path with a JSON object as its value, or an
/// input's role ("data"), which means the parameter that the input names, or else a file that only the spec names.
/// @return warnings, one a sentence: a parameter that was set twice
/// @error InvalidParameters (no such key: names the nearest ones; a value of another type)
Result<std::vector<std::string>> applySettings(
    const std::vector<Setting>& settings, const run::PluginDescription& plugin, run::RunDraft& draft);

/// The words of `known` that are most like `word`, best first; none when none is like it.
std::vector<std::string> nearestWords(std::string_view word, const std::vector<std::string>& known, std::size_t most);

/// "/train/data" -> "train.data", the path that `--set` and `params` show.
std::string dottedPath(std::string_view pointer);

}  // namespace dubito::cli
