// Starting a worker and looking at processes; nothing here remembers anything.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"

namespace dubito::run {

struct SpawnedProcess {
    std::int64_t pid = 0, startTicks = 0;
};
/// A process in a session of its own, with its output appended to the two files. @error Io
Result<SpawnedProcess> spawn(const fs::path& program, const std::vector<std::string>& arguments,
    const std::vector<std::string>& extraEnvironment, const fs::path& out, const fs::path& err);

/// Anonymous resident memory (what no file backs: a mapped model does not count); 0 when unknown.
std::int64_t anonymousBytes(std::int64_t pid);

/// Waits for children that nobody watches any more, so that none stays a zombie while this program lives.
void reapLater(std::vector<std::int64_t> pids);

}  // namespace dubito::run
