// Small file helpers: whole reads with a limit, atomic writes, XDG folders, owned descriptors.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// A file that appears whole or not at all: written under another name in the same folder, synced, then renamed.
/// The other name is new for every writer, threads of one process among them, and is never a link that lies there.
class AtomicFile {
public:
    /// The file gets `mode` less the umask. @error Io, NotFound (folder)
    static Result<AtomicFile> create(const fs::path& path, unsigned mode = 0644);
    AtomicFile(AtomicFile&&) noexcept = default;
    ~AtomicFile();                       ///< without commit(), what was written is removed
    Result<void> write(ByteSpan bytes);  ///< @error Io, with the system's words ("No space left on device")
    /// All that `source` holds, from its start: shared blocks where the file system can, else a copy; never a link.
    /// @error Io
    Result<void> append(const FileDescriptor& source);
    std::uint64_t written() const { return m_written; }
    /// File and folder are on disk afterwards.
    /// @error Io; the old content stays, or, when only the folder's sync failed, may come back after a power cut
    Result<void> commit();

private:
    AtomicFile() = default;
    fs::path m_path, m_temporary;
    FileDescriptor m_file;
    unsigned m_mode = 0644;
    std::uint64_t m_written = 0;
};

/// The whole of a file, a device or a pipe; links are followed. @error NotFound, Io, Limit
Result<std::string> readFile(const fs::path& path, std::uint64_t maxBytes);
/// As readFile, where somebody else may have laid out the folder: a regular file, not a link and not a pipe that never
/// answers. @error NotFound, Io, Limit, Refused (no plain file)
Result<std::string> readPlainFile(const fs::path& path, std::uint64_t maxBytes);
/// What is left of an open file; `path` is for the sentence. @error Io, Limit
Result<std::string> readAll(const FileDescriptor& file, const fs::path& path, std::uint64_t maxBytes);
/// Fills `out` from `offset` on. @return bytes read: fewer at the end of the file or after an error
std::size_t readAt(const FileDescriptor& file, std::uint64_t offset, std::span<std::uint8_t> out);
/// Opens a plain file for reading; never blocks. @error NotFound, Io, Refused (a link, a folder, a device, a pipe)
Result<FileDescriptor> openPlainFile(const fs::path& path);
/// Opens root/relative for reading, where somebody else may have laid out what is below the root: neither the file nor
/// a
/// folder on the way is a link. @error NotFound, Io, Refused
Result<FileDescriptor> openInside(const fs::path& root, const fs::path& relative);
/// The last bytes of a plain file of any size; cut text begins with a whole UTF-8 character. @error as readPlainFile
Result<std::string> readTail(const fs::path& path, std::uint64_t maxBytes);
/// Paths of all entries, sorted. @error NotFound, Io
Result<std::vector<fs::path>> listFolder(const fs::path& path);
/// New, renamed and removed names of the folder are on disk afterwards. @error NotFound, Io
Result<void> syncFolder(const fs::path& path);
/// Readers see the old or the new content. @error as AtomicFile
Result<void> writeFileAtomic(const fs::path& path, std::string_view content, unsigned mode = 0644);
Result<void> makeFolders(const fs::path& path);  ///< @error Io
std::uint64_t freeBytes(const fs::path& path);   ///< 0 when unknown

/// The files of what is split into parts (name-00001-of-00003.ext), in order, there or not; any other path alone.
std::vector<fs::path> numberedParts(const fs::path& path);

// Without $HOME, the home folder of the user's passwd entry; without that, a path that nobody can make.
fs::path dataHome();       ///< $XDG_DATA_HOME/dubito (jobs, plugins)
fs::path cacheHome();      ///< $XDG_CACHE_HOME/dubito
fs::path configHome();     ///< $XDG_CONFIG_HOME/dubito
fs::path stateHome();      ///< $XDG_STATE_HOME/dubito (logs, drafts)
fs::path programFolder();  ///< folder of the running executable
/// What is shipped beside the programs: "models", "projects", "template". In a build tree links lie there.
fs::path sharedFolder(std::string_view name);

}  // namespace dubito
