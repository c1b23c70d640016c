// The language models of this machine: the one that came with the program, and those added by `dubito models add`.
#pragma once

#include <vector>

#include "base/files.h"

namespace dubito::run {

/// The packaged one first, the others by name: what a link names, GGUF files (of a split one its first part), and
/// folders with a config.json. Reads names only. [any]
std::vector<fs::path> knownModels();

}  // namespace dubito::run
