// What is read back is checked against its name by whoever keeps it; what is written here was named by its bytes.
#include "journal/blob_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

namespace dubito::journal {
namespace {

Result<BlobName> nameOf(const Pieces& pieces) {
    Sha256Stream hash;
    BlobName name;
    DUBITO_CHECK(pieces([&](ByteSpan piece) -> Result<void> {
        hash.add(piece);
        name.bytes += piece.size();
        return {};
    }));
    name.hash = hash.finish();
    return name;
}

}  // namespace

fs::path blobPath(const Sha256& hash) {
    const std::string text = hexText(hash);
    return fs::path(text.substr(0, 2)) / text;
}

Result<BlobName> writeBlob(const fs::path& folder, const Pieces& pieces) {
    DUBITO_TRY(const BlobName name, nameOf(pieces));
    if (openBlob(folder, name)) return name;
    const fs::path path = folder / blobPath(name.hash);
    DUBITO_CHECK(makeFolders(path.parent_path()));
    DUBITO_TRY(AtomicFile file, AtomicFile::create(path, 0444));
    DUBITO_CHECK(pieces([&](ByteSpan piece) { return file.write(piece); }));
    if (file.written() != name.bytes)
        return Error(Code::Internal, "the bytes of a blob changed while they were written. File: " + path.string());
    DUBITO_CHECK(file.commit());
    return name;
}

Result<FileDescriptor> openBlob(const fs::path& folder, const BlobName& name) {
    DUBITO_TRY(FileDescriptor file, openInside(folder, blobPath(name.hash)));
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0 || static_cast<std::uint64_t>(facts.st_size) != name.bytes)
        return Error(Code::CorruptData, fmt::format("a blob has {} bytes, {} were written. File: {}", facts.st_size,
                                            name.bytes, (folder / blobPath(name.hash)).string()));
    return file;
}

}  // namespace dubito::journal
