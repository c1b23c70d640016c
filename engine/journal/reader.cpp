// Delivers what is sound, names what is torn, missing or newer.
#include "journal/reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "journal/writer.h"

namespace dubito::journal {

bool isKnownType(RecordType type) {
    switch (type) {
        case RecordType::Begin:
        case RecordType::End:
        case RecordType::SegmentEnd:
        case RecordType::Heartbeat:
        case RecordType::IoNote:
        case RecordType::Define:
        case RecordType::ScalarGroup:
        case RecordType::ScalarRun:
        case RecordType::Progress:
        case RecordType::Log:
        case RecordType::Checkpoint:
        case RecordType::Blob:
        case RecordType::Command:
        case RecordType::Result: return true;
        default: return isBulk(type);
    }
}

JournalReader::JournalReader(fs::path folder, Uuid run, std::uint32_t attempt, std::uint32_t rank, Cursor from)
    : m_folder(std::move(folder)), m_run(run), m_attempt(attempt), m_rank(rank), m_cursor(from) {}

bool JournalReader::openSegment() {
    if (m_file) return true;
    const auto path = segmentPath(m_folder, m_attempt, m_rank, m_cursor.segment);
    m_file = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    m_buffer.clear();
    return bool(m_file);
}

ByteSpan JournalReader::view(std::uint64_t offset, std::size_t n) {
    if (offset >= m_bufferAt && offset + n <= m_bufferAt + m_buffer.size())
        return ByteSpan(m_buffer).subspan(static_cast<std::size_t>(offset - m_bufferAt), n);
    const std::size_t want = std::max<std::size_t>(n, 1 << 20);
    m_buffer.resize(want);
    m_bufferAt = offset;
    std::size_t got = 0;
    while (got < want) {
        const ssize_t r = ::pread(m_file.get(), m_buffer.data() + got, want - got, static_cast<off_t>(offset + got));
        if (r <= 0) break;
        got += static_cast<std::size_t>(r);
    }
    m_buffer.resize(got);
    return ByteSpan(m_buffer).first(std::min(n, got));
}

std::uint64_t JournalReader::findNextFrame(std::uint64_t from) {
    Bytes scratch;
    for (std::uint64_t at = (from + 7) / 8 * 8;; at += 8) {
        const ByteSpan head = view(at, kFrameHeaderBytes);
        if (head.size() < kFrameHeaderBytes) return 0;
        const auto header = parseFrameHeader(head);
        if (!header || header->sequence <= m_cursor.nextSequence) continue;
        const ByteSpan whole = view(at, kFrameHeaderBytes + header->storedBytes);
        if (whole.size() == kFrameHeaderBytes + header->storedBytes && framePayload(*header, whole.subspan(kFrameHeaderBytes), scratch))
            return at;
    }
}

JournalReader::Stop JournalReader::poll(bool writerEnded, std::uint64_t maxBytes, const std::function<void(const Delivery&)>& deliver,
                                        const std::function<void(const Gap&)>& gap) {
    std::uint64_t delivered = 0;
    // Bytes read before may have been incomplete: a live file is read anew.
    m_buffer.clear();
    while (delivered < maxBytes) {
        if (!openSegment()) return Stop::Waiting;
        if (m_cursor.offset == 0) {
            const ByteSpan bytes = view(0, kFileHeaderBytes);
            if (bytes.size() < kFileHeaderBytes) {
                m_reason = "the journal's first bytes are missing";
                return writerEnded && !bytes.empty() ? Stop::TornTail : Stop::Waiting;
            }
            auto header = parseFileHeader(bytes);
            if (!header) {
                m_reason = header.error().message();
                return header.error().code() == Code::Unsupported ? Stop::Newer : writerEnded ? Stop::Foreign : Stop::Waiting;
            }
            if (header->run != m_run || header->attempt != m_attempt || header->rank != m_rank || header->segment != m_cursor.segment) {
                m_reason = "the journal belongs to another run, attempt or segment";
                return Stop::Foreign;
            }
            m_cursor.offset = kFileHeaderBytes;
        }
        const ByteSpan head = view(m_cursor.offset, kFrameHeaderBytes);
        if (head.size() < kFrameHeaderBytes) {
            if (writerEnded && !head.empty()) {
                m_reason = fmt::format("torn tail of {} bytes", head.size());
                return Stop::TornTail;
            }
            return Stop::Waiting;
        }
        const auto header = parseFrameHeader(head);
        ByteSpan payload;
        bool sound = false, incomplete = false;
        if (header) {
            const ByteSpan whole = view(m_cursor.offset, kFrameHeaderBytes + header->storedBytes);
            incomplete = whole.size() < kFrameHeaderBytes + header->storedBytes;
            if (!incomplete) {
                auto unpacked = framePayload(*header, whole.subspan(kFrameHeaderBytes), m_scratch);
                sound = bool(unpacked);
                if (sound) payload = *unpacked;
            }
        }
        if (incomplete) {
            m_reason = "torn tail inside a frame";
            return writerEnded ? Stop::TornTail : Stop::Waiting;
        }
        if (!sound) {
            if (!writerEnded) return Stop::Waiting;  // a network disk may show a written page late
            const std::uint64_t next = findNextFrame(m_cursor.offset + 8);
            if (!next) {
                m_reason = "damaged tail";
                return Stop::TornTail;
            }
            const auto after = parseFrameHeader(view(next, kFrameHeaderBytes));
            gap({m_cursor.segment, m_cursor.offset, next, m_cursor.nextSequence, after->sequence, "damaged bytes"});
            m_cursor.offset = next;
            m_cursor.nextSequence = after->sequence;
            continue;
        }
        if (!isKnownType(header->type) && !(header->flags & kFrameMayIgnore)) {
            m_reason = fmt::format("record type 0x{:02x}: written by a newer Dubito", static_cast<int>(header->type));
            return Stop::Newer;
        }
        if (header->sequence > m_cursor.nextSequence)
            gap({m_cursor.segment, m_cursor.offset, m_cursor.offset, m_cursor.nextSequence, header->sequence, "missing records"});
        const bool isNew = header->sequence >= m_cursor.nextSequence;
        const std::size_t bytes = header->paddedBytes();
        delivered += bytes;
        if (isNew) m_cursor.nextSequence = header->sequence + 1;
        if (header->type == RecordType::SegmentEnd) {
            ByteReader in(payload);
            const auto next = in.get<std::uint32_t>();
            if (!in.ok() || next != m_cursor.segment + 1) {
                m_reason = "a segment names a wrong successor";
                return Stop::Foreign;
            }
            m_cursor.segment = next;
            m_cursor.offset = 0;
            m_file = FileDescriptor();
            m_buffer.clear();
            continue;
        }
        m_cursor.offset += bytes;
        if (isNew && isKnownType(header->type)) deliver({*header, payload});
    }
    return Stop::Budget;
}

}  // namespace dubito::journal
