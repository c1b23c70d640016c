// The file of one segment and the reserve beside it. Errors are errno numbers: the writer decides what they mean.
#pragma once

#include <atomic>

#include "base/files.h"
#include "journal/chunk_queue.h"

namespace dubito::journal {

fs::path segmentPath(const fs::path& folder, std::uint32_t attempt, std::uint32_t rank, std::uint32_t segment);

/// The segment that is being written. One thread at a time, except writeRaw().
class SegmentFile {
public:
    SegmentFile(fs::path folder, FileHeader header) : m_folder(std::move(folder)), m_header(header) {}

    /// A new file with its header, and the folder synced unless there is no time. On an error nothing is left behind,
    /// and the file before stays open. @return 0 or errno; EEXIST when the segment is there already
    int create(std::uint32_t segment, bool isHurried = false);
    /// Writes what waits of the chunk, which is of this segment, up to `whole`; moves chunk.written, on an error too.
    int write(Chunk& chunk, std::size_t whole) noexcept;
    int writeAt(std::uint64_t at, ByteSpan bytes, std::size_t& done) noexcept;  ///< `done` on an error too
    int sync() noexcept;
    int cut(std::uint64_t bytes) noexcept;  ///< forgets what lies behind
    std::uint32_t segment() const { return m_header.segment; }

    /// From a signal handler: only pwrite. Does nothing unless `segment` is the open one. @return all was written
    bool writeRaw(std::uint32_t segment, std::uint64_t at, ByteSpan bytes) const noexcept;

private:
    fs::path m_folder;
    FileHeader m_header;
    FileDescriptor m_file;
    std::atomic<int> m_rawFile{-1};
    std::atomic<std::uint32_t> m_rawSegment{0};
};

/// Space kept free on the disk for the last words of a run. Gone with its owner.
class ReserveFile {
public:
    ReserveFile() = default;
    ReserveFile(const ReserveFile&) = delete;
    ReserveFile& operator=(const ReserveFile&) = delete;
    ~ReserveFile() { release(); }
    int create(const fs::path& path, std::uint64_t bytes);  ///< @return 0 or errno
    void release() noexcept;                                ///< gives the space back; fit for a signal handler

private:
    fs::path m_path;
    std::atomic<bool> m_isHeld{false};
};

}  // namespace dubito::journal
