// The worker: one job folder in, a plugin driven, one journal out.
#pragma once

#include "base/files.h"

namespace dubito::host {

/// Runs one attempt to its end; once a process. @return process exit code (run/run_state.h)
int runWorker(const fs::path& jobFolder, int attempt);

/// Loads the plugin of a folder and says on stdout whether it can be used: the probe of the catalogue. @return 0 or 12
int probePlugin(const fs::path& pluginFolder);

}  // namespace dubito::host
