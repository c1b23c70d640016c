// Bytes too many for a record, in files named by their content: FOLDER/ab/abcdef... (SHA-256, hexadecimal).
#pragma once

#include <functional>

#include "base/files.h"
#include "journal/record.h"

namespace dubito::journal {

/// Of a record's arrays, what may lie in the record itself; the largest arrays beyond that go to files.
inline constexpr std::uint64_t kInlineRecordBytes = 1u << 20;
/// An array below this always stays in its record.
inline constexpr std::uint64_t kLeastBlobBytes = 4096;

/// "ab/abcdef...", below the folder of blobs.
fs::path blobPath(const Sha256& hash);

using TakePiece = std::function<Result<void>(ByteSpan)>;
/// Hands on all bytes in order, in pieces; called twice, the same each time.
using Pieces = std::function<Result<void>(const TakePiece&)>;
/// Names the bytes, then stores them unless a file of that name is there. The file appears whole, read-only and on
/// disk. Memory does not grow with the bytes. @error Io, and of `pieces`
Result<BlobName> writeBlob(const fs::path& folder, const Pieces& pieces);

/// The file of that name below the folder, of exactly that many bytes; its content is not looked at. Whoever laid out
/// the folder leads nowhere else. @error NotFound, Io, Refused (a link), CorruptData (another size)
Result<FileDescriptor> openBlob(const fs::path& folder, const BlobName& name);

}  // namespace dubito::journal
