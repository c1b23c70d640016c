// Which file a path means: its canonical name, its number on the disk, and the files that SQLite keeps beside it.
#pragma once

#include <cstdint>

#include "base/files.h"

namespace dubito::store {

/// A file of this machine whatever its name. Kept for as long as the file has a name or is open.
struct FileIdentity {
    std::uint64_t device = 0, inode = 0, links = 0;
    bool isSameFile(const FileIdentity& other) const { return device == other.device && inode == other.inode; }
};

/// The name without links, dots and /proc entries: the one beside which SQLite keeps the log.
/// @error NotFound, Io
Result<fs::path> canonicalPath(const fs::path& path);

/// @error NotFound, Io, CorruptData (a folder or a device, no file)
Result<FileIdentity> identify(const fs::path& path);

/// The log, its index and the rollback journal are absent or plain files of one name: a link there would make SQLite
/// read or write somewhere else.
/// @error Refused naming the file
Result<void> checkSideFiles(const fs::path& canonical);

/// Why this process cannot own the project there: the file system, the file or its folder may only be read. Empty: it
/// can be tried. One sentence without the file's name.
std::string whyNotWritable(const fs::path& canonical);

/// What has become of a file that was opened, seen from its name.
enum class FileFate { Here, Moved, Deleted, Replaced };
/// @param descriptor of the opened file; negative: none is kept, and a file that is not there counts as deleted
FileFate fateOf(const fs::path& canonical, const FileIdentity& opened, int descriptor = -1);

/// Bytes of the write-ahead log beside the file; 0 when there is none.
std::uint64_t logBytes(const fs::path& canonical);

}  // namespace dubito::store
