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

/// Bytes of the write-ahead log beside the file; 0 when there is none.
std::uint64_t logBytes(const fs::path& canonical);

}  // namespace dubito::store
