// The file is locked while a command is appended, so that two senders cannot share a sequence number.
#include "run/control.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

namespace dubito::run {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

Error problemOf(const char* what, const fs::path& path) {
    if (errno == ELOOP)
        return Error(Code::Refused, "the run's control file is a link; it is not followed. File: " + path.string());
    const Code code = errno == ENOENT ? Code::NotFound : Code::Io;
    return Error(code, fmt::format("{}: {}. File: {}", what, errnoText(errno), path.string()));
}

/// A regular file, not a link; O_NONBLOCK because a pipe in its place must not hold up the caller.
Result<FileDescriptor> openControl(const fs::path& path, int flags) {
    FileDescriptor file(::open(path.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644));
    if (!file) return problemOf("cannot open the run's control file", path);
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return problemOf("cannot read the run's control file", path);
    if (!S_ISREG(info.st_mode))
        return Error(Code::Refused, "the run's control file is not a regular file. File: " + path.string());
    return file;
}

std::uint64_t sizeOf(const FileDescriptor& file) {
    struct stat info {};
    return ::fstat(file.get(), &info) == 0 && info.st_size > 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

/// Up to n bytes at `offset`; fewer at the end of the file.
void readPiece(const FileDescriptor& file, std::uint64_t offset, std::size_t n, Bytes& out) {
    out.resize(n);
    out.resize(readAt(file, offset, out));
}

/// How a walk over frames ended.
struct Walk {
    std::uint64_t end = 0;   ///< behind the last whole frame that was visited
    bool isDamaged = false;  ///< what follows can never become a frame; otherwise it may still be written
};

/// Visits the headers of whole frames from `offset` on; `visit` says whether to go on behind that frame.
Walk walkFrames(const FileDescriptor& file, std::uint64_t offset, std::uint64_t size,
    const std::function<bool(const journal::FrameHeader&, std::uint64_t at)>& visit) {
    Bytes piece;
    std::uint64_t pieceAt = 0;
    Walk walk{offset};
    while (walk.end + journal::kFrameHeaderBytes <= size) {
        if (walk.end < pieceAt || walk.end + journal::kFrameHeaderBytes > pieceAt + piece.size()) {
            pieceAt = walk.end;
            readPiece(
                file, pieceAt, static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, size - pieceAt)), piece);
            if (piece.size() < journal::kFrameHeaderBytes) break;  // shorter than it was a moment ago
        }
        const ByteSpan rest = ByteSpan(piece).subspan(static_cast<std::size_t>(walk.end - pieceAt));
        const auto header = journal::parseFrameHeader(rest);
        if (!header) {
            // A crash of the machine may leave zeros where a frame was to be; the next sender puts its frame there.
            walk.isDamaged = std::any_of(rest.begin(), rest.end(), [](std::uint8_t byte) { return byte != 0; });
            break;
        }
        if (walk.end + header->paddedBytes() > size) break;  // not written to its end yet
        if (!visit(*header, walk.end)) break;
        walk.end += header->paddedBytes();
    }
    return walk;
}

/// Whether the file begins as a control file of this run.
bool hasOwnHeader(const FileDescriptor& file, const JobDir& job) {
    Bytes head;
    readPiece(file, 0, journal::kFileHeaderBytes, head);
    if (head.size() < journal::kFileHeaderBytes) return false;
    const auto header = journal::parseFileHeader(head);
    const auto id = job.runId();
    return header && id && header->run == *id;
}

/// Where the next frame goes and which sequence it gets.
struct Place {
    std::uint64_t offset = 0, sequence = 0;
};

Result<Place> endOf(const FileDescriptor& file, const JobDir& job) {
    Place place;
    if (sizeOf(file) < journal::kFileHeaderBytes) return place;  // fresh, or its first writer was killed in the header
    if (!hasOwnHeader(file, job))
        return Error(
            Code::CorruptData, "the run's control file is damaged or another run's. File: " + job.control().string());
    const Walk walk = walkFrames(file, journal::kFileHeaderBytes, sizeOf(file), [&](const auto& header, std::uint64_t) {
        place.sequence = header.sequence + 1;
        return true;
    });
    if (walk.isDamaged)
        return Error(Code::CorruptData,
            fmt::format("the run's control file is damaged at byte {}; it takes no more commands. File: {}", walk.end,
                job.control().string()));
    place.offset = walk.end;
    return place;
}

/// Senders hold the lock for a moment only; one that was stopped while it held it must not stop the others for ever.
Result<void> lockFile(const FileDescriptor& file, short type, const fs::path& path) {
    struct flock lock {};
    lock.l_type = type;
    for (int tries = 0; tries < 500; ++tries) {
        if (::fcntl(file.get(), F_OFD_SETLK, &lock) == 0) return {};
        if (errno != EAGAIN && errno != EACCES && errno != EINTR)
            return problemOf("cannot lock the run's control file", path);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return Error(Code::Timeout, "another program holds the run's control file locked. File: " + path.string());
}

Result<void> writeAt(const FileDescriptor& file, const Bytes& bytes, std::uint64_t offset, const fs::path& path) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t n =
            ::pwrite(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            auto problem = problemOf("the command could not be written", path);
            (void)!::ftruncate(file.get(), static_cast<off_t>(offset));  // half a frame helps nobody
            return problem;
        }
        done += static_cast<std::size_t>(n);
    }
    return {};
}

}  // namespace

Result<std::uint64_t> sendCommand(
    const JobDir& job, std::string_view verb, std::string_view argumentsJson, Uuid request) {
    const fs::path path = job.control();
    Bytes payload;
    journal::encodeCommand(payload, {request, std::string(verb), std::string(argumentsJson)});
    if (payload.size() > journal::kMaxPayloadBytes)
        return Error(Code::Limit,
            fmt::format("a command of {} bytes; at most {} are sent", payload.size(), journal::kMaxPayloadBytes));
    DUBITO_TRY(const FileDescriptor file, openControl(path, O_RDWR | O_CREAT));
    DUBITO_CHECK(lockFile(file, F_WRLCK, path));
    DUBITO_TRY(const Place place, endOf(file, job));
    Bytes out;
    if (place.offset == 0) {
        DUBITO_TRY(const RunId id, job.runId());
        journal::appendFileHeader(out, {id, 0, 0, 0, nowUs()});
    }
    journal::appendFrame(out, journal::RecordType::Command, place.sequence, nowUs(), payload);
    if (place.offset + out.size() > kMaxControlBytes || sizeOf(file) > kMaxControlBytes)
        return Error(Code::Limit, fmt::format("the run takes no more commands: {} MiB of them were sent. File: {}",
                                      kMaxControlBytes >> 20, path.string()));
    // What a killed sender left of its frame may be longer than this one.
    if (sizeOf(file) > place.offset && ::ftruncate(file.get(), static_cast<off_t>(place.offset)) != 0)
        return problemOf("the command could not be written", path);
    DUBITO_CHECK(writeAt(file, out, place.offset, path));
    return place.sequence;
}

Result<std::uint64_t> nextSequence(const JobDir& job) {
    const auto file = openControl(job.control(), O_RDONLY);
    if (!file && file.error().code() == Code::NotFound) return std::uint64_t{0};
    if (!file) return file.error();
    DUBITO_CHECK(lockFile(*file, F_RDLCK, job.control()));  // a frame that is being written is waited for
    DUBITO_TRY(const Place place, endOf(*file, job));
    return place.sequence;
}

int ControlReader::poll(const std::function<void(std::uint64_t, const journal::Command&)>& deliver) {
    if (!m_file) {
        auto file = openControl(m_job.control(), O_RDONLY);
        if (!file) return 0;
        m_file = std::move(*file);
    }
    if (sizeOf(m_file) <= m_offset) return 0;
    if (m_offset == 0) {
        if (!hasOwnHeader(m_file, m_job)) return 0;
        m_offset = journal::kFileHeaderBytes;
    }
    int delivered = 0;
    const std::uint64_t size = std::min(sizeOf(m_file), kMaxControlBytes);
    Bytes stored, scratch;
    const auto visit = [&](const journal::FrameHeader& header, std::uint64_t at) {
        if (header.type != journal::RecordType::Command || header.sequence < m_from) return true;
        readPiece(m_file, at + journal::kFrameHeaderBytes, header.storedBytes, stored);
        const Result<ByteSpan> payload = stored.size() == header.storedBytes
                                             ? journal::framePayload(header, stored, scratch)
                                             : Error(Code::CorruptData, "shorter than its header says");
        // The last frame may be half written; one with others behind it is damaged, and only it is lost.
        if (!payload) return at + header.paddedBytes() < size;
        if (auto command = journal::decodeCommand(*payload)) {
            deliver(header.sequence, *command);
            ++delivered;
        }
        return true;
    };
    m_offset = walkFrames(m_file, m_offset, size, visit).end;
    return delivered;
}

}  // namespace dubito::run
