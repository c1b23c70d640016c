// Delivers what is sound, names what is torn, missing or newer.
#include "journal/reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <limits>
#include <set>
#include <system_error>

#include "journal/segment_file.h"

namespace dubito::journal {
namespace {

struct SegmentName {
    AttemptRank of;
    std::uint32_t segment = 0;
};

/// "a001-r0000-000000.djl" and nothing that only looks like it.
std::optional<SegmentName> parseSegmentName(const std::string& name) {
    SegmentName out;
    const char *at = name.data(), *const end = at + name.size();
    const auto number = [&](const char* before, std::uint32_t& value) {
        for (; *before; ++before, ++at)
            if (at == end || *at != *before) return false;
        const auto parsed = std::from_chars(at, end, value);
        at = parsed.ptr;
        return parsed.ec == std::errc();
    };
    if (!number("a", out.of.attempt) || !number("-r", out.of.rank) || !number("-", out.segment)) return std::nullopt;
    if (segmentPath("", out.of.attempt, out.of.rank, out.segment) != name) return std::nullopt;
    return out;
}

template <class Visit>
void eachSegment(const fs::path& folder, Visit visit) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        if (const auto name = parseSegmentName(it->path().filename().string())) visit(*name);
}

}  // namespace

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

std::vector<AttemptRank> listJournals(const fs::path& folder) {
    std::set<AttemptRank> found;
    eachSegment(folder, [&](const SegmentName& name) { found.insert(name.of); });
    return {found.begin(), found.end()};
}

std::vector<std::uint32_t> listSegments(const fs::path& folder, AttemptRank of) {
    std::vector<std::uint32_t> found;
    eachSegment(folder, [&](const SegmentName& name) {
        if (name.of == of) found.push_back(name.segment);
    });
    std::sort(found.begin(), found.end());
    return found;
}

JournalReader::JournalReader(
    fs::path folder, Uuid run, std::uint32_t attempt, std::uint32_t rank, Cursor from, Options options)
    : m_folder(std::move(folder)), m_run(run), m_of{attempt, rank}, m_options(options), m_cursor(from) {}

void JournalReader::restore(const Cursor& cursor) {
    m_cursor = cursor;
    m_suspect.reset();
}

JournalReader::Stop JournalReader::stop(Stop how, std::string why) {
    m_reason = std::move(why);
    return how;
}

// --- Bytes --------------------------------------------------------------------------------------------------------

int JournalReader::open(std::uint32_t segment) {
    if (m_open == segment) return 0;
    m_open.reset();
    const auto path = segmentPath(m_folder, m_of.attempt, m_of.rank, segment);
    // Not through a link, and never waiting for the other end of a pipe.
    m_file = FileDescriptor(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!m_file) return errno;
    struct stat info {};
    if (::fstat(m_file.get(), &info) != 0) return errno;
    if (!S_ISREG(info.st_mode)) return ELOOP;
    m_open = segment;
    refresh();
    return 0;
}

void JournalReader::refresh() {
    m_buffer.clear();
    struct stat info {};
    m_size = m_open && ::fstat(m_file.get(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

/// Bytes [offset, offset+n) of the open segment; fewer at its end.
ByteSpan JournalReader::view(std::uint64_t offset, std::size_t n) {
    if (offset >= m_size) return {};
    n = static_cast<std::size_t>(std::min<std::uint64_t>(n, m_size - offset));
    if (offset >= m_bufferAt && offset + n <= m_bufferAt + m_buffer.size())
        return ByteSpan(m_buffer).subspan(static_cast<std::size_t>(offset - m_bufferAt), n);
    const auto want =
        static_cast<std::size_t>(std::min<std::uint64_t>(std::max<std::size_t>(n, 1 << 20), m_size - offset));
    m_buffer.resize(want);
    m_bufferAt = offset;
    const std::size_t got = readAt(m_file, offset, m_buffer);
    m_buffer.resize(got);
    return ByteSpan(m_buffer).first(std::min(n, got));
}

JournalReader::Peek JournalReader::peekFrame(std::uint64_t offset) {
    Peek peek;
    peek.left = m_size - std::min(offset, m_size);
    const ByteSpan head = view(offset, kFrameHeaderBytes);
    if (head.size() < kFrameHeaderBytes) return peek;
    peek.header = parseFrameHeader(head);
    peek.state = State::Damaged;
    if (!peek.header) return peek;
    const std::size_t whole = kFrameHeaderBytes + peek.header->storedBytes;
    if (peek.left < whole) {
        peek.state = State::Incomplete;
        return peek;
    }
    const ByteSpan bytes = view(offset, whole);
    if (bytes.size() < whole) return peek;
    auto payload = framePayload(*peek.header, bytes.subspan(kFrameHeaderBytes), m_scratch);
    if (!payload) return peek;
    peek.state = State::Sound;
    peek.payload = *payload;
    return peek;
}

// --- Finding the way past damage ------------------------------------------------------------------------------------

/// The next frame of a segment that is sound and new. Each byte's checksum is taken once: a header whose own checksum
/// is right says truly how far its damaged payload reaches.
std::optional<Cursor> JournalReader::findFrame(std::uint32_t segment, std::uint64_t from) {
    for (std::uint64_t at = (from + 7) / 8 * 8; at + kFrameHeaderBytes <= m_size;) {
        const Peek peek = peekFrame(at);
        const bool isNew = peek.header && peek.header->sequence >= m_cursor.nextSequence;
        if (peek.state == State::Sound && isNew) return Cursor{segment, at, peek.header->sequence};
        if (peek.header && peek.state == State::Incomplete) break;  // the rest of the file is that frame's
        at += peek.header ? peek.header->paddedBytes() : 8;
    }
    return std::nullopt;
}

/// Numbers of the segments behind the cursor's that are there.
std::vector<std::uint32_t> JournalReader::laterSegments(bool isGrowing) {
    if (!m_segments || isGrowing) m_segments = listSegments(m_folder, m_of);
    return {std::upper_bound(m_segments->begin(), m_segments->end(), m_cursor.segment), m_segments->end()};
}

std::optional<JournalReader::Found> JournalReader::findSound(bool isGrowing, const std::vector<std::uint32_t>& later) {
    if (open(m_cursor.segment) == 0) {
        if (isGrowing) refresh();
        const std::uint64_t from = m_cursor.offset == 0 ? kFileHeaderBytes : m_cursor.offset;
        if (const auto at = findFrame(m_cursor.segment, from)) return Found{*at, ""};
    }
    std::string missing;
    std::uint64_t expected = std::uint64_t{m_cursor.segment} + 1;
    for (const std::uint32_t segment : later) {
        for (; expected < segment && missing.size() < 200; ++expected)
            missing += fmt::format("; segment {} is missing", expected);
        expected = std::uint64_t{segment} + 1;
        if (open(segment) != 0) continue;
        const auto header = parseFileHeader(view(0, kFileHeaderBytes));
        const bool isForeign = header && (header->run != m_run || header->attempt != m_of.attempt ||
                                             header->rank != m_of.rank || header->segment != segment);
        if (!isForeign)
            if (const auto at = findFrame(segment, kFileHeaderBytes)) return Found{*at, missing};
        missing += fmt::format("; segment {} holds nothing sound", segment);
    }
    return std::nullopt;
}

bool JournalReader::believes(bool writerEnded) {
    const auto now = std::chrono::steady_clock::now();
    if (m_suspect != m_cursor) {
        m_suspect = m_cursor;
        m_suspectSince = now;
    }
    return writerEnded || now - m_suspectSince >= m_options.patience;
}

/// Past the trouble at the cursor, or why not.
std::optional<JournalReader::Stop> JournalReader::overcome(
    bool writerEnded, const Trouble& trouble, const std::function<void(const Gap&)>& gap) {
    // Which segments follow is asked before the bytes are read anew: once the next one is there, this one is complete.
    const bool isBelieved = believes(writerEnded);
    const auto later = isBelieved ? laterSegments(!writerEnded) : std::vector<std::uint32_t>();
    if (later.empty() && !(writerEnded && trouble.mayHideMore))
        return stop(writerEnded ? trouble.ifLast : Stop::Waiting, trouble.why);
    const auto found = findSound(!writerEnded, later);
    if (!found) return stop(writerEnded ? trouble.ifLast : Stop::Waiting, trouble.why + "; nothing sound follows");
    const bool isHere = found->at.segment == m_cursor.segment;
    std::uint64_t end = found->at.offset;
    if (!isHere) end = open(m_cursor.segment) == 0 ? std::max(m_size, m_cursor.offset) : m_cursor.offset;
    if (isHere && end == m_cursor.offset) return std::nullopt;  // it has become sound meanwhile
    const std::uint64_t lostFrom = m_cursor.nextSequence;
    gap({m_cursor.segment, m_cursor.offset, end, lostFrom, found->at.nextSequence, trouble.why + found->alsoMissing});
    m_cursor = found->at;
    return std::nullopt;
}

// --- Frame after frame ----------------------------------------------------------------------------------------------

/// Opens the cursor's segment and reads its header. `refused`: nothing here is ours to read.
std::optional<JournalReader::Trouble> JournalReader::enterSegment(std::optional<Stop>& refused) {
    const int error = open(m_cursor.segment);
    if (error == ENOENT) return Trouble{Stop::Waiting, fmt::format("segment {} is missing", m_cursor.segment), false};
    if (error == ELOOP) refused = stop(Stop::Foreign, "a segment of the journal is no regular file");
    if (error != 0 && !refused)
        return Trouble{Stop::TornTail,
            fmt::format("segment {} cannot be opened: {}", m_cursor.segment, std::generic_category().message(error))};
    if (refused || m_cursor.offset != 0) return std::nullopt;
    if (m_size == 0) return Trouble{Stop::Waiting, fmt::format("segment {} is empty", m_cursor.segment), false};
    const ByteSpan bytes = view(0, kFileHeaderBytes);
    if (bytes.size() < kFileHeaderBytes) return Trouble{Stop::TornTail, "the file header is cut short", false};
    const auto header = parseFileHeader(bytes);
    if (!header && header.error().code() == Code::Unsupported) refused = stop(Stop::Newer, header.error().message());
    else if (!header) return Trouble{Stop::Foreign, header.error().message()};
    else if (header->run != m_run || AttemptRank{header->attempt, header->rank} != m_of ||
             header->segment != m_cursor.segment)
        refused = stop(Stop::Foreign, "the journal belongs to another run, attempt or segment");
    else m_cursor.offset = kFileHeaderBytes;
    return std::nullopt;
}

std::optional<JournalReader::Trouble> JournalReader::judge(const Peek& peek) const {
    if (peek.state == State::Sound) return std::nullopt;
    if (peek.state == State::Damaged) return Trouble{Stop::TornTail, "damaged bytes"};
    if (peek.left == 0) return Trouble{Stop::Waiting, fmt::format("segment {} ends here", m_cursor.segment), false};
    return Trouble{Stop::TornTail, fmt::format("unfinished frame of {} bytes", peek.left)};
}

/// Delivers a sound frame and moves the cursor behind it.
std::optional<JournalReader::Stop> JournalReader::pass(
    const Peek& peek, const std::function<void(const Delivery&)>& deliver, const std::function<void(const Gap&)>& gap) {
    const FrameHeader& header = *peek.header;
    const bool isKnown = isKnownType(header.type), isNew = header.sequence >= m_cursor.nextSequence;
    if (!isKnown && !(header.flags & kFrameMayIgnore))
        return stop(
            Stop::Newer, fmt::format("record type 0x{:02x}: written by a newer Dubito", static_cast<int>(header.type)));
    Cursor next{m_cursor.segment, m_cursor.offset + header.paddedBytes(), m_cursor.nextSequence};
    if (header.type == RecordType::SegmentEnd) {
        ByteReader in(peek.payload);
        next = {in.get<std::uint32_t>(), 0, next.nextSequence};
        if (!in.ok() || next.segment <= m_cursor.segment || next.segment - m_cursor.segment != 1)
            return stop(Stop::Foreign, "a segment names a wrong successor");
    }
    if (header.sequence > m_cursor.nextSequence)
        gap({m_cursor.segment, m_cursor.offset, m_cursor.offset, m_cursor.nextSequence, header.sequence,
            "missing records"});
    if (isNew) next.nextSequence = header.sequence + 1;
    m_cursor = next;
    if (isNew && isKnown && header.type != RecordType::SegmentEnd) deliver({header, peek.payload});
    return std::nullopt;
}

JournalReader::Stop JournalReader::poll(bool writerEnded, std::uint64_t maxBytes,
    const std::function<void(const Delivery&)>& deliver, const std::function<void(const Gap&)>& gap) {
    // What was read before may have been incomplete. Opening anew makes network disks look again.
    m_open.reset();
    m_segments.reset();
    for (std::uint64_t read = 0; read < maxBytes;) {
        std::optional<Stop> ends;
        std::optional<Trouble> trouble = enterSegment(ends);
        if (ends) return *ends;
        Peek peek;
        if (!trouble) {
            peek = peekFrame(m_cursor.offset);
            trouble = judge(peek);
        }
        ends = trouble ? overcome(writerEnded, *trouble, gap) : pass(peek, deliver, gap);
        if (ends) return *ends;
        read += kFrameHeaderBytes + (peek.header ? peek.header->storedBytes : 0);
    }
    return stop(Stop::Budget, "as much as was asked for");
}

}  // namespace dubito::journal
