// One owner a project file, whatever name it is opened by: a lock on the file itself, kept by the kernel.
#pragma once

#include "store/file_identity.h"

namespace dubito::store {

/// Held for as long as the object lives; freed by the kernel when the process dies. The descriptor that carries it
/// stays open until the process ends: closing any descriptor of the file would drop the POSIX locks by which SQLite
/// protects the readers of this process. All calls are [any].
class ProjectLock {
public:
    /// Waits up to a second while no living owner is known: a killed owner leaves the lock to a child that it was just
    /// starting until the child's exec.
    /// @error Owned when another process or another part of this one holds it, naming it; NotFound; Refused when the
    /// file has several names, may only be read, or has links beside it; CorruptData when it is no file
    static Result<ProjectLock> take(const fs::path& project);
    ProjectLock(ProjectLock&& other) noexcept { *this = std::move(other); }
    ProjectLock& operator=(ProjectLock&& other) noexcept;
    ~ProjectLock();

    const fs::path& path() const { return m_path; }  ///< canonical: the name that SQLite must open
    const FileIdentity& identity() const { return m_identity; }
    /// The canonical name still means the locked file. @error WrongState when it was replaced meanwhile
    Result<void> isUnmoved() const;
    /// What has become of the locked file, seen from its name.
    FileFate fate() const { return fateOf(m_path, m_identity, m_file); }
    /// The file's header says that it is read together with a write-ahead log. @error Io
    Result<bool> needsLog() const;

private:
    ProjectLock(fs::path path, FileIdentity identity, int file)
        : m_path(std::move(path)), m_identity(identity), m_file(file) {}
    fs::path m_path;
    FileIdentity m_identity;
    int m_file = -1;  ///< owned by the process, never closed
};

/// Whether a process holds the project, this one included; asks without taking it. @error as ProjectLock::take
Result<bool> isOwned(const fs::path& project);

/// "pid 812 on host a since 2026-11-22T10:02:11.204Z", as the project's owner row says; empty when it says nothing.
/// A row may be left over from an owner that was killed.
std::string ownerOf(const fs::path& project);

/// What an owner writes about itself, so that others can tell whether it still lives.
struct OwnProcess {
    std::string host, bootId;
    std::int64_t pid = 0, startTicks = 0;  ///< ticks since the machine's start, as /proc says
};
OwnProcess ownProcess();

}  // namespace dubito::store
