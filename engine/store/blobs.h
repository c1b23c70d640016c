// Bytes by content: in pieces of 1 MiB inside the project, or, above a limit, as files beside it, which are never
// loaded
// whole. The project's row is the one place that says where a blob is.
#pragma once

#include "journal/blob_files.h"
#include "store/database.h"

namespace dubito::store {

/// Blobs above this many bytes lie beside the project unless its setting blob_external_bytes says another number.
inline constexpr std::int64_t kBlobExternalBytes = 16 << 20;

/// NAME.blobs beside the project file NAME.
fs::path blobFolder(const fs::path& project);

/// Takes over one blob from the folder where its run wrote it. What becomes a file beside the project is linked where
/// the file system can, else copied: the run's folder stays whole and may be taken in elsewhere. Pieces are compared
/// with the name. Call inside a batch; the same blob again does nothing. Memory: one piece.
/// @return blob_no  @error NotFound, Refused, CorruptData (not the bytes that the name says), Io
Result<std::int64_t> takeBlob(
    Database& db, const fs::path& project, const fs::path& from, const journal::BlobName& name, std::int64_t limit);
/// The bytes themselves, in pieces inside the project. @return blob_no
Result<std::int64_t> putBlob(Database& db, ByteSpan bytes, std::string_view media);

/// Fills `out` with the blob's bytes from `offset` on. @error NotFound (the file beside the project is gone),
/// CorruptData (fewer bytes than the row says), Refused (the row leads elsewhere)
Result<void> readBlob(Database& db, std::int64_t blobNo, std::uint64_t offset, std::span<std::uint8_t> out);
/// blob_no of that content. @error NotFound, CorruptData (another length)
Result<std::int64_t> findBlob(Database& db, const journal::BlobName& name);

/// Files of the folder beside the project that no row names, and what a killed writer left of one.
Result<std::vector<fs::path>> strayBlobs(Database& db, const fs::path& project);
/// Whole and what its name says; a sentence for each that is not. @error Io
Result<std::vector<std::string>> checkBlobs(Database& db);
/// After `copy` was made of the project: its blobs lie beside it too. @error Io
Result<void> copyBlobs(Database& copy, const fs::path& project, const fs::path& copyPath);

}  // namespace dubito::store
