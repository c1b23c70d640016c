// Reads a journal that may still grow, may end torn, and may come from a stranger.
#pragma once

#include <functional>
#include <string>

#include "base/files.h"
#include "journal/frame.h"

namespace dubito::journal {

struct Cursor {
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;       ///< 0: the segment's header was not read yet
    std::uint64_t nextSequence = 0;
    bool operator==(const Cursor&) const = default;
};

struct Gap {
    std::uint32_t segment = 0;
    std::uint64_t byteFrom = 0, byteTo = 0, sequenceFrom = 0, sequenceTo = 0;
    std::string why;
};

/// Follows the segments of one (attempt, rank). Uses pread only: a truncated file cannot raise SIGBUS.
class JournalReader {
public:
    JournalReader(fs::path folder, Uuid run, std::uint32_t attempt, std::uint32_t rank, Cursor from = {});

    enum class Stop {
        Waiting,   ///< end of what is written; call again later
        Budget,    ///< maxBytes were delivered; more may be there
        TornTail,  ///< the writer ended and left an unfinished frame; the cursor stays before it
        Newer,     ///< a frame type this version does not know and must not skip
        Foreign,   ///< the file is another run's or no journal
    };
    struct Delivery {
        const FrameHeader& header;
        ByteSpan payload;  ///< valid during the call
    };
    /// Delivers complete frames in order. `writerEnded`: damage may be believed and cut. [store]
    Stop poll(bool writerEnded, std::uint64_t maxBytes, const std::function<void(const Delivery&)>& deliver,
              const std::function<void(const Gap&)>& gap);

    const Cursor& cursor() const { return m_cursor; }
    const std::string& stopReason() const { return m_reason; }

private:
    bool openSegment();
    /// Bytes [offset, offset+n) of the segment; shorter at its end.
    ByteSpan view(std::uint64_t offset, std::size_t n);
    /// Next aligned frame with valid checksums and a higher sequence; 0 when none.
    std::uint64_t findNextFrame(std::uint64_t from);

    fs::path m_folder;
    Uuid m_run;
    std::uint32_t m_attempt, m_rank;
    Cursor m_cursor;
    FileDescriptor m_file;
    Bytes m_buffer;
    std::uint64_t m_bufferAt = 0;
    Bytes m_scratch;
    std::string m_reason;
};

bool isKnownType(RecordType type);

}  // namespace dubito::journal
