// The conformance checker: one line a check, each failure with a fix.
#pragma once

#include "base/files.h"

namespace dubito::host {

struct CheckLine {
    enum class Verdict { Ok, Warn, Fail } verdict = Verdict::Ok;
    std::string group, text, fix;
};

/// Manifest, binary, load; then parameters, demo run, publish, repeatability and cancel of each plugin of the library,
/// a line of the group "plugin" in front of each when there are several. Everything that runs plugin code runs
/// in dubito-worker processes under a temporary folder. `seconds` bounds each run.
std::vector<CheckLine> checkPlugin(const fs::path& folder, const fs::path& worker, int seconds);

}  // namespace dubito::host
