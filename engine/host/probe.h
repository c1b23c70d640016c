// Short questions to a worker program: whether it starts, and whether it can load a plugin. What it says is what a run
// would meet, since the same program looks for libraries in the same places.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"

namespace dubito::host {

struct WorkerAnswer {
    std::optional<int> exitCode;  ///< empty: it was not started, did not end in time, or a signal ended it
    std::string output;           ///< both streams, 64 KiB at most
};
/// Blocks; a worker that takes longer is killed. [any but gui]
WorkerAnswer askWorker(const fs::path& worker, std::vector<std::string> arguments, int seconds);

/// "" when the worker can load what lies in a plugin's folder, else its own sentence. Loading LibTorch takes a moment.
std::string whyNotLoaded(const fs::path& worker, const fs::path& pluginFolder);

}  // namespace dubito::host
