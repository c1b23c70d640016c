// Frames on their way to the disk: chunks of memory, each with its own place in one segment.
#pragma once

#include <atomic>
#include <memory>

#include "journal/frame.h"

namespace dubito::journal {

/// Whole frames that belong at [fileAt, fileAt + whole) of one segment. The memory never moves, and what lies before
/// `whole` never changes: it is written without a lock while more is put behind it, and a signal handler may read it.
struct Chunk {
    Chunk(std::size_t capacity, std::uint32_t segment, std::uint64_t fileAt)
        : data(std::make_unique_for_overwrite<std::uint8_t[]>(capacity)), capacity(capacity), segment(segment),
          fileAt(fileAt) {}
    ByteSpan waiting() const noexcept {
        const std::size_t done = written.load(std::memory_order_acquire);
        return {data.get() + done, whole.load(std::memory_order_acquire) - done};
    }
    /// Where the last frame ends that lies within the first `bytes`.
    std::size_t lastWhole(std::size_t bytes) const;

    const std::unique_ptr<std::uint8_t[]> data;
    const std::size_t capacity;
    const std::uint32_t segment;
    const std::uint64_t fileAt;
    std::atomic<std::size_t> whole{0}, written{0};
    std::atomic<bool> endsSegment{false};  ///< its last frame is a segment end; nothing follows in this segment
    std::atomic<Chunk*> next{nullptr};
};

/// The list from what is being written (front) to what is being filled. Guarded by its owner's lock; a signal handler
/// may walk it from front() without one.
class ChunkQueue {
public:
    ChunkQueue();
    ~ChunkQueue();
    ChunkQueue(const ChunkQueue&) = delete;
    ChunkQueue& operator=(const ChunkQueue&) = delete;

    /// Memory for n bytes of frames and a segment end behind them; in the next segment when this one was ended.
    std::uint8_t* room(std::size_t n);
    /// The first n bytes of room() are whole frames from now on.
    void publish(std::size_t n);
    /// publish() of a segment end frame, which needs no room() of its own.
    void publishSegmentEnd(std::uint64_t sequence, std::int64_t timeUs);
    std::uint64_t segmentBytes() const { return m_last->fileAt + m_last->whole; }  ///< of the segment being filled

    Chunk* front() const noexcept { return m_front.load(std::memory_order_acquire); }
    void dropFront();  ///< it is written, and another follows
    void noteWritten(std::size_t n) { m_written += n; }

    // Bytes since the queue was made, and the difference.
    std::uint64_t published() const { return m_published; }
    std::uint64_t written() const { return m_written; }
    std::uint64_t waiting() const { return m_published - m_written; }

private:
    std::atomic<Chunk*> m_front;
    Chunk* m_last;
    std::uint64_t m_published = 0, m_written = 0;
};

}  // namespace dubito::journal
