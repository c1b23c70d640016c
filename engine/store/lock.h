// One owner a project: an open-file-description lock beside the file.
#pragma once

#include "base/files.h"

namespace dubito::store {

/// Held for as long as the object lives; freed by the kernel when the process dies.
class ProjectLock {
public:
    /// @error Owned when another process (or another writer of this one) holds it
    static Result<ProjectLock> take(const fs::path& project);

private:
    explicit ProjectLock(FileDescriptor file) : m_file(std::move(file)) {}
    FileDescriptor m_file;
};

/// "pid 812 on host a since 2026-11-22T10:02:11Z", as the lock file says; empty when it says nothing.
std::string ownerOf(const fs::path& project);

}  // namespace dubito::store
