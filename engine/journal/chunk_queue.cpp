// A linked list by hand: a signal handler must be able to walk it at every moment of its change.
#include "journal/chunk_queue.h"

#include <algorithm>

namespace dubito::journal {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;
constexpr std::size_t kSegmentEndFrame = 48;  // header, u32, padding

}  // namespace

std::size_t Chunk::lastWhole(std::size_t bytes) const {
    std::size_t at = 0;
    while (at + kFrameHeaderBytes <= bytes) {
        const auto header = parseFrameHeader({data.get() + at, kFrameHeaderBytes});
        if (!header || at + header->paddedBytes() > bytes) break;
        at += header->paddedBytes();
    }
    return at;
}

ChunkQueue::ChunkQueue() : m_front(new Chunk(kChunkBytes, 0, kFileHeaderBytes)), m_last(m_front) {}

ChunkQueue::~ChunkQueue() {
    for (Chunk* chunk = m_front; chunk;) delete std::exchange(chunk, chunk->next);
}

std::uint8_t* ChunkQueue::room(std::size_t n) {
    const std::size_t wanted = n + kSegmentEndFrame;
    const bool isEnded = m_last->endsSegment;
    if (isEnded || m_last->capacity - m_last->whole < wanted) {
        const std::uint32_t segment = m_last->segment + isEnded;
        const std::uint64_t fileAt = isEnded ? kFileHeaderBytes : segmentBytes();
        Chunk* chunk = new Chunk(std::max(kChunkBytes, wanted), segment, fileAt);
        m_last->next.store(chunk, std::memory_order_release);
        m_last = chunk;
    }
    return m_last->data.get() + m_last->whole;
}

void ChunkQueue::publish(std::size_t n) {
    m_published += n;
    m_last->whole.store(m_last->whole + n, std::memory_order_release);
}

void ChunkQueue::publishSegmentEnd(std::uint64_t sequence, std::int64_t timeUs) {
    const std::uint32_t next = m_last->segment + 1;
    std::uint8_t* frame = m_last->data.get() + m_last->whole;
    std::memcpy(frame + kFrameHeaderBytes, &next, 4);
    const std::size_t n = sealFrame(frame, RecordType::SegmentEnd, sequence, timeUs, 4);
    m_last->endsSegment.store(true, std::memory_order_release);
    publish(n);
}

void ChunkQueue::dropFront() {
    Chunk* chunk = m_front;
    m_front.store(chunk->next, std::memory_order_release);
    delete chunk;
}

}  // namespace dubito::journal
