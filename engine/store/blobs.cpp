// A row comes from whoever made the file: its path is followed only where this program would have written it.
#include "store/blobs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

namespace dubito::store {
namespace {

constexpr std::uint64_t kPieceBytes = 1 << 20;
constexpr std::string_view kFolderEnd = ".blobs";

struct BlobRow {
    std::int64_t blobNo = 0;
    journal::BlobName name;
    std::optional<std::string> path;  ///< relative to the project's folder; empty: in pieces
};

BlobRow rowOf(const Statement& row) {
    BlobRow out;
    out.blobNo = row.integer(0);
    const ByteSpan hash = row.blob(1);
    if (hash.size() == out.name.hash.size()) std::copy(hash.begin(), hash.end(), out.name.hash.begin());
    out.name.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, row.integer(2)));
    if (!row.isNull(3)) out.path = row.text(3);
    return out;
}

Result<BlobRow> rowOf(Database& db, std::int64_t blobNo) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT blob_no, sha256, bytes, path FROM blob WHERE blob_no=?1"));
    std::optional<BlobRow> found;
    DUBITO_CHECK(rows.bind(1, blobNo).forEach([&] { found = rowOf(rows); }));
    if (!found) return Error(Code::CorruptData, fmt::format("blob {} is not in the project", blobNo));
    return std::move(*found);
}

/// The path's first part, when it is NAME.blobs/ab/HASH of this very blob.
Result<fs::path> folderOf(Database& db, const BlobRow& row) {
    const fs::path path(*row.path), folder = path.empty() ? fs::path() : *path.begin();
    const std::string name = folder.string();
    if (name.size() <= kFolderEnd.size() || !name.ends_with(kFolderEnd) || name.front() == '/' ||
        path != folder / journal::blobPath(row.name.hash))
        return Error(Code::Refused,
            fmt::format("blob {} names a file that is not its own; it is not opened: {}", row.blobNo, *row.path));
    return db.path().parent_path() / folder;
}

Result<FileDescriptor> openOutside(Database& db, const BlobRow& row) {
    DUBITO_TRY(const fs::path folder, folderOf(db, row));
    auto file = journal::openBlob(folder, row.name);
    if (!file && file.error().code() == Code::NotFound)
        return Error(Code::NotFound,
            fmt::format("the project was moved without its folder {}; put it beside the project. File: {}",
                folder.filename().string(), (folder / journal::blobPath(row.name.hash)).string()));
    return file;
}

Result<std::int64_t> insertRow(
    Database& db, const journal::BlobName& name, std::string_view media, const std::optional<std::string>& path) {
    DUBITO_TRY(Statement row, db.prepare("INSERT INTO blob(sha256, bytes, media, path) VALUES(?1, ?2, ?3, ?4)"));
    row.bind(1, ByteSpan(name.hash)).bind(2, static_cast<std::int64_t>(name.bytes)).bind(3, media).bind(4, path);
    DUBITO_CHECK(row.run());
    return db.lastRowId();
}

/// Reads a whole file piece by piece, hashing what it hands on. @error Io, CorruptData (not what the name says)
Result<void> forEachPiece(
    const FileDescriptor& file, const journal::BlobName& name, const std::function<Result<void>(ByteSpan)>& take) {
    Bytes piece(std::min(kPieceBytes, name.bytes));
    Sha256Stream hash;
    for (std::uint64_t at = 0; at < name.bytes;) {
        const std::uint64_t n = std::min(kPieceBytes, name.bytes - at);
        if (readAt(file, at, {piece.data(), n}) != n)
            return Error(Code::Io, fmt::format("blob {} cannot be read to its end", hexText(name.hash)));
        hash.add({piece.data(), n});
        DUBITO_CHECK(take({piece.data(), n}));
        at += n;
    }
    if (hash.finish() != name.hash)
        return Error(
            Code::CorruptData, fmt::format("blob {} holds other bytes than its name says", hexText(name.hash)));
    return {};
}

/// The same file under a second name, or a copy that appears whole.
Result<void> linkOrCopy(const FileDescriptor& file, const fs::path& to) {
    DUBITO_CHECK(makeFolders(to.parent_path()));
    const std::string own = fmt::format("/proc/self/fd/{}", file.get());
    if (::linkat(AT_FDCWD, own.c_str(), AT_FDCWD, to.c_str(), AT_SYMLINK_FOLLOW) == 0)
        return syncFolder(to.parent_path());
    DUBITO_TRY(AtomicFile copy, AtomicFile::create(to, 0444));
    DUBITO_CHECK(copy.append(file));
    return copy.commit();
}

Result<void> putPiece(Statement& insert, std::int64_t blobNo, std::int64_t& index, ByteSpan piece) {
    return insert.bind(1, blobNo).bind(2, index++).bind(3, piece).run();
}

constexpr const char* kInsertPiece = "INSERT INTO blob_piece(blob_no, piece, data) VALUES(?1, ?2, ?3)";

Result<void> readPieces(Database& db, const BlobRow& row, std::uint64_t offset, std::span<std::uint8_t> out) {
    DUBITO_TRY(Statement pieces, db.prepare(R"(
        SELECT piece, data
        FROM blob_piece
        WHERE blob_no=?1 AND piece BETWEEN ?2 AND ?3
        ORDER BY piece)"));
    const std::uint64_t first = offset / kPieceBytes, last = (offset + out.size() - 1) / kPieceBytes;
    pieces.bind(1, row.blobNo).bind(2, static_cast<std::int64_t>(first)).bind(3, static_cast<std::int64_t>(last));
    std::size_t done = 0;
    DUBITO_CHECK(pieces.forEach([&]() -> Result<void> {
        const std::uint64_t begin = static_cast<std::uint64_t>(pieces.integer(0)) * kPieceBytes, at = offset + done;
        const ByteSpan data = pieces.blob(1);
        if (begin > at || at - begin >= data.size()) return Error(Code::CorruptData, "a piece of a blob is missing");
        const std::size_t n = std::min<std::uint64_t>(out.size() - done, data.size() - (at - begin));
        std::copy_n(
            data.begin() + static_cast<std::ptrdiff_t>(at - begin), n, out.begin() + static_cast<std::ptrdiff_t>(done));
        done += n;
        return {};
    }));
    if (done != out.size())
        return Error(Code::CorruptData, fmt::format("blob {} has fewer bytes than its row says", row.blobNo));
    return {};
}

Result<void> checkBlob(Database& db, const BlobRow& row) {
    if (row.path) {
        DUBITO_TRY(const FileDescriptor file, openOutside(db, row));
        return forEachPiece(file, row.name, [](ByteSpan) { return Result<void>(); });
    }
    Sha256Stream hash;
    Bytes piece;
    for (std::uint64_t at = 0; at < row.name.bytes; at += piece.size()) {
        piece.resize(std::min(kPieceBytes, row.name.bytes - at));
        DUBITO_CHECK(readPieces(db, row, at, piece));
        hash.add(piece);
    }
    if (hash.finish() != row.name.hash)
        return Error(Code::CorruptData, fmt::format("blob {} holds other bytes than its name says", row.blobNo));
    return {};
}

Result<std::vector<BlobRow>> allRows(Database& db) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT blob_no, sha256, bytes, path FROM blob ORDER BY blob_no"));
    std::vector<BlobRow> out;
    DUBITO_CHECK(rows.forEach([&] { out.push_back(rowOf(rows)); }));
    return out;
}

}  // namespace

fs::path blobFolder(const fs::path& project) { return project.string() + std::string(kFolderEnd); }

Result<std::int64_t> findBlob(Database& db, const journal::BlobName& name) {
    DUBITO_TRY(Statement rows, db.prepare("SELECT blob_no, sha256, bytes, path FROM blob WHERE sha256=?1"));
    std::optional<BlobRow> found;
    DUBITO_CHECK(rows.bind(1, ByteSpan(name.hash)).forEach([&] { found = rowOf(rows); }));
    if (!found)
        return Error(
            Code::NotFound, fmt::format("blob {} ({} bytes) is not in the project", hexText(name.hash), name.bytes));
    if (found->name.bytes != name.bytes)
        return Error(Code::CorruptData,
            fmt::format("blob {} has {} bytes, {} are asked for", hexText(name.hash), found->name.bytes, name.bytes));
    return found->blobNo;
}

Result<std::int64_t> putBlob(Database& db, ByteSpan bytes, std::string_view media) {
    const journal::BlobName name{sha256(bytes), bytes.size()};
    auto known = findBlob(db, name);
    if (known || known.error().code() != Code::NotFound) return known;
    DUBITO_TRY(const std::int64_t blobNo, insertRow(db, name, media, std::nullopt));
    DUBITO_TRY(Statement insert, db.prepare(kInsertPiece));
    std::int64_t index = 0;
    for (std::size_t at = 0; at < bytes.size(); at += kPieceBytes)
        DUBITO_CHECK(putPiece(insert, blobNo, index, bytes.subspan(at, std::min(kPieceBytes, bytes.size() - at))));
    return blobNo;
}

Result<std::int64_t> takeBlob(
    Database& db, const fs::path& project, const fs::path& from, const journal::BlobName& name, std::int64_t limit) {
    constexpr std::string_view kMedia = "application/octet-stream";
    auto known = findBlob(db, name);
    if (known || known.error().code() != Code::NotFound) return known;
    DUBITO_TRY(const FileDescriptor file, journal::openBlob(from, name));
    if (name.bytes > static_cast<std::uint64_t>(std::max<std::int64_t>(0, limit))) {
        const fs::path folder = blobFolder(project), relative = journal::blobPath(name.hash);
        if (!journal::openBlob(folder, name)) DUBITO_CHECK(linkOrCopy(file, folder / relative));
        return insertRow(db, name, kMedia, (folder.filename() / relative).string());
    }
    // Compared first: of a wrong one nothing may stay in the batch, which goes on.
    DUBITO_CHECK(forEachPiece(file, name, [](ByteSpan) { return Result<void>(); }));
    DUBITO_TRY(const std::int64_t blobNo, insertRow(db, name, kMedia, std::nullopt));
    DUBITO_TRY(Statement insert, db.prepare(kInsertPiece));
    std::int64_t index = 0;
    DUBITO_CHECK(forEachPiece(file, name, [&](ByteSpan piece) { return putPiece(insert, blobNo, index, piece); }));
    return blobNo;
}

Result<void> readBlob(Database& db, std::int64_t blobNo, std::uint64_t offset, std::span<std::uint8_t> out) {
    DUBITO_TRY(const BlobRow row, rowOf(db, blobNo));
    if (offset > row.name.bytes || out.size() > row.name.bytes - offset)
        return Error(Code::InvalidArgument, fmt::format("blob {} has {} bytes, {} from {} on are asked for", blobNo,
                                                row.name.bytes, out.size(), offset));
    if (out.empty()) return {};
    if (!row.path) return readPieces(db, row, offset, out);
    DUBITO_TRY(const FileDescriptor file, openOutside(db, row));
    if (readAt(file, offset, out) != out.size())
        return Error(Code::Io, fmt::format("blob {} cannot be read. File: {}", blobNo, *row.path));
    return {};
}

Result<std::vector<fs::path>> strayBlobs(Database& db, const fs::path& project) {
    DUBITO_TRY(const auto rows, allRows(db));
    std::set<std::string> named;
    for (const BlobRow& row : rows)
        if (row.path) named.insert(*row.path);
    const fs::path folder = blobFolder(project);
    std::vector<fs::path> out;
    std::error_code error;
    if (!fs::is_directory(fs::symlink_status(folder, error))) return out;
    DUBITO_TRY(const auto parts, listFolder(folder));
    for (const fs::path& part : parts) {
        const std::string two = part.filename().string();
        if (two.size() != 2 || !fs::is_directory(fs::symlink_status(part, error))) continue;
        DUBITO_TRY(const auto files, listFolder(part));
        for (const fs::path& file : files) {
            // HASH, or HASH.tmp-... of a writer that was killed; files of others stay.
            const std::string name = file.filename().string(), hash = name.substr(0, 64);
            const bool isOurs = hash.size() == 64 && hash.starts_with(two) && bytesFromHex(hash) &&
                                (name.size() == 64 || name.substr(64).starts_with(".tmp-"));
            if (isOurs && !named.contains((folder.filename() / two / name).string())) out.push_back(file);
        }
    }
    return out;
}

Result<std::vector<std::string>> checkBlobs(Database& db) {
    DUBITO_TRY(const auto rows, allRows(db));
    std::vector<std::string> faults;
    for (const BlobRow& row : rows)
        if (const auto whole = checkBlob(db, row); !whole)
            faults.push_back(fmt::format("blob {}: {}", row.blobNo, whole.error().text()));
    return faults;
}

Result<void> copyBlobs(Database& copy, const fs::path& project, const fs::path& copyPath) {
    DUBITO_TRY(const auto rows, allRows(copy));
    DUBITO_TRY(Statement update, copy.prepare("UPDATE blob SET path=?2 WHERE blob_no=?1"));
    const fs::path folder = blobFolder(copyPath);
    for (const BlobRow& row : rows) {
        if (!row.path) continue;
        const fs::path relative = journal::blobPath(row.name.hash), from = *fs::path(*row.path).begin();
        if (folder.filename() / relative == *row.path && project.parent_path() == copyPath.parent_path()) continue;
        const auto file = journal::openBlob(project.parent_path() / from, row.name);
        if (!file && file.error().code() == Code::NotFound) continue;  // the copy misses no more than the project does
        if (!file) return file.error();
        if (!journal::openBlob(folder, row.name)) DUBITO_CHECK(linkOrCopy(*file, folder / relative));
        DUBITO_CHECK(update.bind(1, row.blobNo).bind(2, (folder.filename() / relative).string()).run());
    }
    return {};
}

}  // namespace dubito::store
