// pwrite at our own places, never O_APPEND: that is not atomic on network disks.
#include "journal/segment_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

namespace dubito::journal {
namespace {

int writeAll(int file, std::uint64_t at, ByteSpan bytes, std::size_t& done) noexcept {
    for (done = 0; done < bytes.size();) {
        const ssize_t n = ::pwrite(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
        if (n > 0) done += static_cast<std::size_t>(n);
        else if (n == 0) return ENOSPC;
        else if (errno != EINTR) return errno;
    }
    return 0;
}

/// A new name is on the disk only when its folder is. Some network file systems cannot sync a folder: no error.
int syncFolder(const fs::path& folder) {
    const FileDescriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!file) return errno;
    return ::fsync(file.get()) == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : errno;
}

}  // namespace

fs::path segmentPath(const fs::path& folder, std::uint32_t attempt, std::uint32_t rank, std::uint32_t segment) {
    return folder / fmt::format("a{:03}-r{:04}-{:06}.djl", attempt, rank, segment);
}

int SegmentFile::create(std::uint32_t segment, bool isHurried) {
    const fs::path path = segmentPath(m_folder, m_header.attempt, m_header.rank, segment);
    FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!file) return errno;
    FileHeader header = m_header;
    header.segment = segment;
    header.createdUs = nowUs();
    Bytes bytes;
    appendFileHeader(bytes, header);
    std::size_t done = 0;
    int error = writeAll(file.get(), 0, bytes, done);
    if (error == 0 && !isHurried) error = syncFolder(m_folder);
    if (error != 0) {
        ::unlink(path.c_str());
        return error;
    }
    m_rawFile.store(-1);  // no moment at which the number of one segment goes with the file of another
    m_header = header;
    m_file = std::move(file);
    m_rawSegment.store(segment);
    m_rawFile.store(m_file.get());
    return 0;
}

int SegmentFile::writeAt(std::uint64_t at, ByteSpan bytes, std::size_t& done) noexcept {
    return writeAll(m_file.get(), at, bytes, done);
}

int SegmentFile::write(Chunk& chunk, std::size_t whole) noexcept {
    const std::size_t from = chunk.written;
    std::size_t done = 0;
    const int error = writeAt(chunk.fileAt + from, {chunk.data.get() + from, whole - from}, done);
    chunk.written.store(from + done, std::memory_order_release);
    return error;
}

int SegmentFile::sync() noexcept {
    while (::fdatasync(m_file.get()) != 0)
        if (errno != EINTR) return errno;
    return 0;
}

int SegmentFile::cut(std::uint64_t bytes) noexcept {
    return ::ftruncate(m_file.get(), static_cast<off_t>(bytes)) == 0 ? 0 : errno;
}

bool SegmentFile::writeRaw(std::uint32_t segment, std::uint64_t at, ByteSpan bytes) const noexcept {
    const int file = m_rawFile.load();
    std::size_t done = 0;
    return file >= 0 && m_rawSegment.load() == segment && writeAll(file, at, bytes, done) == 0;
}

int ReserveFile::create(const fs::path& path, std::uint64_t bytes) {
    ::unlink(path.c_str());  // whatever lies there, possibly another name of somebody's file
    FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return errno;
    // Where the file system cannot set space aside, zeros do.
    int error = bytes == 0 ? 0 : ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
    if (error == EOPNOTSUPP || error == EINVAL) {
        const Bytes zeros(bytes, 0);
        std::size_t done = 0;
        error = writeAll(file.get(), 0, zeros, done);
    }
    if (error != 0) {
        ::unlink(path.c_str());
        return error;
    }
    m_path = path;
    m_isHeld = true;
    return 0;
}

void ReserveFile::release() noexcept {
    if (m_isHeld.exchange(false)) ::unlink(m_path.c_str());
}

}  // namespace dubito::journal
