// What publishing threads do: wait for room, put frames into the queue, wait for the disk.
#include "journal/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "journal/writer_role.h"

namespace dubito::journal {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kProgressEvery{100};
constexpr std::size_t kMaxPending = 64 * 1024;  ///< points

/// Few enough that what waits is a small part of a segment.
std::size_t pendingPoints(std::uint64_t segmentBytes) {
    return static_cast<std::size_t>(std::clamp<std::uint64_t>(segmentBytes / 64, 64, kMaxPending));
}

Error ended() { return Error(Code::WrongState, "the journal has ended; nothing more is recorded"); }

}  // namespace

thread_local WriterRole t_writerRole = WriterRole::Outside;

JournalWriter::JournalWriter(fs::path folder, FileHeader header, Options options)
    : m_folder(std::move(folder)), m_options(std::move(options)), m_file(m_folder, header),
      m_crashFrame(std::make_unique<std::uint8_t[]>(ScalarBuffer::kMaxGroupFrame)),
      m_scalars(pendingPoints(m_options.segmentBytes)) {}

Result<std::unique_ptr<JournalWriter>> JournalWriter::create(fs::path folder, FileHeader header, Options options) {
    DUBITO_CHECK(makeFolders(folder));
    std::unique_ptr<JournalWriter> writer(new JournalWriter(std::move(folder), header, std::move(options)));
    const fs::path path = segmentPath(writer->m_folder, header.attempt, header.rank, 0);
    int error = writer->m_file.create(0);
    if (error == 0) {
        const auto name = fmt::format("a{:03}-r{:04}.reserve", header.attempt, header.rank);
        error = writer->m_reserve.create(writer->m_folder / name, writer->m_options.reserveBytes);
        if (std::error_code ignored; error != 0) fs::remove(path, ignored);
    }
    if (error != 0)
        return Error(
            error == EEXIST ? Code::WrongState : Code::Io, fmt::format("cannot create the journal: {}. File: {}",
                                                               std::generic_category().message(error), path.string()));
    writer->m_thread = std::thread([raw = writer.get()] { raw->run(); });
    return writer;
}

JournalWriter::~JournalWriter() {
    if (m_thread.joinable()) (void)close();
}

Result<void> JournalWriter::waitForRoom(Lock& lock) {
    const auto mayGo = [this] {
        return m_diskFailed || m_isClosing || (!m_isDiskFull && load() < m_options.queueBytes);
    };
    if (!mayGo()) {
        const auto start = Clock::now();
        m_wake.notify_one();
        m_drained.wait(lock, mayGo);
        const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
        m_blockedMs += static_cast<std::uint64_t>(waited.count());
    }
    if (m_diskFailed) return Error(Code::Io, m_problem);
    if (m_isClosing || m_isCrashing) return ended();
    return {};
}

std::uint64_t JournalWriter::put(RecordType type, ByteSpan payload, std::uint16_t flags, std::int64_t timeUs) {
    std::uint8_t* frame = m_queue.room(frameBound(payload.size()));
    const std::uint64_t sequence = m_sequence;
    m_queue.publish(putFrame(frame, type, sequence, timeUs, payload, flags));
    m_sequence = sequence + 1;
    return sequence;
}

std::uint64_t JournalWriter::place(RecordType type, ByteSpan payload, std::uint16_t flags, std::int64_t timeUs) {
    const std::uint64_t sequence = put(type, payload, flags, timeUs);
    endFullSegment();
    return sequence;
}

void JournalWriter::endFullSegment() {
    if (m_queue.segmentBytes() < m_options.segmentBytes) return;
    m_queue.publishSegmentEnd(m_sequence, nowUs());
    ++m_sequence;
}

void JournalWriter::gather(bool progressNow) {
    if (!m_scalars.empty()) {
        std::uint8_t* frames = m_queue.room(m_scalars.prepare());
        std::uint64_t sequence = m_sequence;
        const std::size_t bytes = m_scalars.encode(frames, sequence);
        m_scalars.clear();
        m_sequence = sequence;
        m_queue.publish(bytes);
        endFullSegment();
    }
    if (!m_progress || (!progressNow && Clock::now() < m_progressDue)) return;
    Bytes payload;
    encodeProgress(payload, *m_progress);
    m_progress.reset();
    m_progressDue = Clock::now() + kProgressEvery;
    place(RecordType::Progress, payload, 0, m_progressUs);
}

Result<std::uint64_t> JournalWriter::append(RecordType type, ByteSpan payload, std::uint16_t flags) {
    if (payload.size() > kMaxPayloadBytes)
        return Error(Code::Limit,
            fmt::format("a record of {} bytes; at most {} fit one frame", payload.size(), kMaxPayloadBytes));
    const bool isMark = type == RecordType::Checkpoint || type == RecordType::End;
    Lock lock(m_mutex);
    DUBITO_CHECK(waitForRoom(lock));
    const InsideWriter inside;
    gather(isMark);
    const std::uint64_t sequence = place(type, payload, flags, nowUs());
    m_syncNow |= isMark;
    if (isMark || m_queue.waiting() >= kWakeBytes) m_wake.notify_one();
    return sequence;
}

Result<void> JournalWriter::scalars(
    std::int64_t step, std::span<const std::uint32_t> series, std::span<const double> values) {
    if (series.size() != values.size()) return Error(Code::InvalidArgument, "scalars need one value for each series");
    if (series.empty()) return {};
    const std::int64_t timeUs = nowUs();
    Lock lock(m_mutex);
    DUBITO_CHECK(waitForRoom(lock));
    const InsideWriter inside;
    if (m_scalars.add(step, timeUs, series, values)) return {};
    gather(false);
    if (!m_scalars.add(step, timeUs, series, values)) {
        if (scalarGroupBytes(series.size()) > kMaxPayloadBytes)
            return Error(Code::Limit, fmt::format("{} scalars of one step do not fit one frame", series.size()));
        Bytes payload;
        encodeScalarGroup(payload, step, series, values);
        place(RecordType::ScalarGroup, payload, 0, timeUs);
    }
    if (m_queue.waiting() >= kWakeBytes) m_wake.notify_one();
    return {};
}

Result<void> JournalWriter::progress(const Progress& progress) {
    const Lock lock(m_mutex);
    if (m_diskFailed) return Error(Code::Io, m_problem);
    if (m_isClosing) return ended();
    m_progress = progress;
    m_progressUs = nowUs();
    return {};
}

Result<void> JournalWriter::waitForDisk(bool synced) {
    Lock lock(m_mutex);
    {
        const InsideWriter inside;
        if (!m_diskFailed && !m_isClosing) gather(synced);
    }
    const std::uint64_t target = m_queue.published();
    const auto isThere = [&] { return (synced ? m_synced : m_queue.written()) >= target; };
    (synced ? m_syncNow : m_flushNow) = true;
    m_wake.notify_one();
    m_drained.wait(lock, [&] { return isThere() || m_diskFailed || m_isEnded; });
    if (m_diskFailed) return Error(Code::Io, m_problem);
    return isThere() ? Result<void>() : ended();
}

Result<void> JournalWriter::flush() { return waitForDisk(false); }
Result<void> JournalWriter::sync() { return waitForDisk(true); }

std::uint32_t JournalWriter::queueFillPercent() const {
    const Lock lock(m_mutex);
    return static_cast<std::uint32_t>(100 * load() / std::max<std::size_t>(1, m_options.queueBytes));
}

std::string JournalWriter::diskProblem() const {
    const Lock lock(m_mutex);
    return m_problem;
}

}  // namespace dubito::journal
