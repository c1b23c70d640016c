// Small file helpers: whole reads with a limit, atomic writes, XDG folders, owned descriptors.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace dubito {

namespace fs = std::filesystem;

/// Owns a POSIX descriptor.
class FileDescriptor {
public:
    explicit FileDescriptor(int fd = -1) : m_fd(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    ~FileDescriptor();
    int get() const { return m_fd; }
    explicit operator bool() const { return m_fd >= 0; }

private:
    int m_fd;
};

/// A file that appears whole or not at all: written under another name in the same folder, fsynced, then renamed.
class AtomicFile {
public:
    /// @error Io, NotFound (folder)
    static Result<AtomicFile> create(const fs::path& path, unsigned mode = 0644);
    AtomicFile(AtomicFile&&) noexcept = default;
    ~AtomicFile();  ///< without commit(), what was written is removed
    Result<void> write(ByteSpan bytes);  ///< @error Io, with the system's words ("No space left on device")
    std::uint64_t written() const { return m_written; }
    Result<void> commit();               ///< @error Io; the old content stays

private:
    AtomicFile() = default;
    fs::path m_path, m_temporary;
    FileDescriptor m_file;
    unsigned m_mode = 0644;
    std::uint64_t m_written = 0;
};

Result<std::string> readFile(const fs::path& path, std::uint64_t maxBytes);  ///< @error NotFound, Io, Limit
/// Temporary file in the same folder, fsync, rename: readers see the old or the new content.
Result<void> writeFileAtomic(const fs::path& path, std::string_view content, unsigned mode = 0644);
Result<void> makeFolders(const fs::path& path);                               ///< @error Io
std::uint64_t freeBytes(const fs::path& path);                                ///< 0 when unknown

/// The files of what is split into parts (name-00001-of-00003.ext), in order, there or not; any other path alone.
std::vector<fs::path> numberedParts(const fs::path& path);

fs::path dataHome();     ///< $XDG_DATA_HOME/dubito (jobs, plugins)
fs::path cacheHome();    ///< $XDG_CACHE_HOME/dubito
fs::path configHome();   ///< $XDG_CONFIG_HOME/dubito
fs::path stateHome();    ///< $XDG_STATE_HOME/dubito (logs, drafts)
fs::path programFolder();///< folder of the running executable

}  // namespace dubito
