// Reads a journal that may still grow, may end torn, may lack pieces, and may come from a stranger.
#pragma once

#include <chrono>
#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "journal/frame.h"

namespace dubito::journal {

struct Cursor {
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;  ///< 0: the segment's header was not read yet
    std::uint64_t nextSequence = 0;
    bool operator==(const Cursor&) const = default;
};

/// What could not be read. Bytes are of the segment; sequences [from, to) are lost, none when equal.
struct Gap {
    std::uint32_t segment = 0;
    std::uint64_t byteFrom = 0, byteTo = 0, sequenceFrom = 0, sequenceTo = 0;
    std::string why;
};

struct AttemptRank {
    std::uint32_t attempt = 1, rank = 0;
    auto operator<=>(const AttemptRank&) const = default;
};
/// The (attempt, rank) pairs that have a segment in the folder, sorted. Empty when there is no such folder.
std::vector<AttemptRank> listJournals(const fs::path& folder);
/// Numbers of the segments of one of them that are there, sorted.
std::vector<std::uint32_t> listSegments(const fs::path& folder, AttemptRank of);

struct ReaderOptions {
    /// How long damage must be seen while the writer lives: a network disk may show a written page late, as zeros.
    std::chrono::milliseconds patience{60'000};
};

/// Follows the segments of one (attempt, rank). Damage costs the frames it touches: a gap is reported and reading goes
/// on at the next sound frame, in this segment or the next that is there. In the last segment only when the writer has
/// ended; if nothing sound follows there, it is a torn tail. Uses pread only: a truncated file cannot raise SIGBUS.
class JournalReader {
public:
    using Options = ReaderOptions;
    JournalReader(
        fs::path folder, Uuid run, std::uint32_t attempt, std::uint32_t rank, Cursor from = {}, Options options = {});

    enum class Stop {
        Waiting,   ///< end of what is written, or what follows is not believed yet; call again later
        Budget,    ///< maxBytes were read; more may be there
        TornTail,  ///< the writer ended and left something unfinished or damaged; the cursor stays before it
        Newer,     ///< a file or frame type this version does not know and must not skip
        Foreign,   ///< the file is another run's or no journal
    };
    struct Delivery {
        const FrameHeader& header;
        ByteSpan payload;  ///< valid during the call
    };
    /// Delivers complete frames in order, gaps between them. `writerEnded`: damage may be believed at once. [store]
    Stop poll(bool writerEnded, std::uint64_t maxBytes, const std::function<void(const Delivery&)>& deliver,
        const std::function<void(const Gap&)>& gap);

    const Cursor& cursor() const { return m_cursor; }
    const std::string& stopReason() const { return m_reason; }  ///< why the last poll() stopped, for people
    void restore(const Cursor& cursor);                         ///< goes back to where it was: after a rollback

private:
    enum class State { Sound, Incomplete, Damaged };
    struct Peek {
        State state = State::Incomplete;
        std::optional<FrameHeader> header;  ///< when its own checksum is right
        ByteSpan payload;                   ///< when sound
        std::uint64_t left = 0;             ///< bytes from here to the end of the file
    };
    struct Trouble {
        Stop ifLast;  ///< when the writer has ended and nothing follows
        std::string why;
        bool mayHideMore = true;  ///< sound frames may follow in this segment
    };
    struct Found {
        Cursor at;  ///< nextSequence is that of the frame there
        std::string alsoMissing;
    };

    Stop stop(Stop how, std::string why);
    int open(std::uint32_t segment);  ///< @return 0 or errno
    void refresh();                   ///< forgets bytes that were read, and looks how long the file is now
    ByteSpan view(std::uint64_t offset, std::size_t n);
    Peek peekFrame(std::uint64_t offset);
    std::optional<Trouble> enterSegment(std::optional<Stop>& refused);
    std::optional<Trouble> judge(const Peek& peek) const;
    std::optional<Stop> overcome(bool writerEnded, const Trouble& trouble, const std::function<void(const Gap&)>& gap);
    bool believes(bool writerEnded);
    std::vector<std::uint32_t> laterSegments(bool isGrowing);
    std::optional<Found> findSound(bool isGrowing, const std::vector<std::uint32_t>& later);
    std::optional<Cursor> findFrame(std::uint32_t segment, std::uint64_t from);
    std::optional<Stop> pass(const Peek& peek, const std::function<void(const Delivery&)>& deliver,
        const std::function<void(const Gap&)>& gap);

    fs::path m_folder;
    Uuid m_run;
    AttemptRank m_of;
    Options m_options;
    Cursor m_cursor;
    FileDescriptor m_file;
    std::optional<std::uint32_t> m_open;  ///< segment of m_file
    std::uint64_t m_size = 0;             ///< of m_file, at the last refresh()
    Bytes m_buffer;
    std::uint64_t m_bufferAt = 0;
    Bytes m_scratch;
    std::optional<std::vector<std::uint32_t>> m_segments;  ///< in the folder, found by this poll()
    std::optional<Cursor> m_suspect;                       ///< damage was seen there
    std::chrono::steady_clock::time_point m_suspectSince{};
    std::string m_reason;
};

bool isKnownType(RecordType type);

}  // namespace dubito::journal
