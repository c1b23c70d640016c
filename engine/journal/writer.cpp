// The queue between publishing threads and the disk.
#include "journal/writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace dubito::journal {

using Clock = std::chrono::steady_clock;

fs::path segmentPath(const fs::path& folder, std::uint32_t attempt, std::uint32_t rank, std::uint32_t segment) {
    return folder / fmt::format("a{:03}-r{:04}-{:06}.djl", attempt, rank, segment);
}

JournalWriter::JournalWriter(fs::path folder, FileHeader header, Options options)
    : m_folder(std::move(folder)), m_header(header), m_options(std::move(options)) {}

Result<std::unique_ptr<JournalWriter>> JournalWriter::create(fs::path folder, FileHeader header, Options options) {
    DUBITO_CHECK(makeFolders(folder));
    std::unique_ptr<JournalWriter> writer(new JournalWriter(std::move(folder), header, std::move(options)));
    DUBITO_CHECK(writer->openSegment(0));
    writer->m_segmentBytes = kFileHeaderBytes;
    writer->m_waiting.emplace_back();
    writer->m_thread = std::thread([raw = writer.get()] { raw->run(); });
    return writer;
}

JournalWriter::~JournalWriter() {
    if (m_thread.joinable()) (void)close();
}

Result<void> JournalWriter::openSegment(std::uint32_t segment) {
    const fs::path path = segmentPath(m_folder, m_header.attempt, m_header.rank, segment);
    FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!file)
        return Error(errno == EEXIST ? Code::WrongState : Code::Io,
                     fmt::format("cannot create the journal: {}. File: {}", std::strerror(errno), path.string()));
    m_file = std::move(file);
    m_fileBytes = 0;
    m_header.segment = segment;
    m_header.createdUs = nowUs();
    Bytes header;
    appendFileHeader(header, m_header);
    if (!writeAll(header)) return Error(Code::Io, "cannot write the journal's header. File: " + path.string());
    return {};
}

Result<std::uint64_t> JournalWriter::append(RecordType type, ByteSpan payload, std::uint16_t flags) {
    if (payload.size() > kMaxPayloadBytes)
        return Error(Code::Limit, fmt::format("a record of {} bytes; at most {} fit one frame", payload.size(), kMaxPayloadBytes));
    std::unique_lock lock(m_mutex);
    if (m_waitingBytes >= m_options.queueBytes && !m_diskFailed && std::this_thread::get_id() != m_thread.get_id()) {
        const auto start = Clock::now();
        m_wake.notify_one();
        m_drained.wait(lock, [this] { return m_waitingBytes < m_options.queueBytes || m_diskFailed || m_closing; });
        m_blockedMs += static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count());
    }
    if (m_diskFailed) return Error(Code::Io, "the journal's disk is full or failing; the run cannot go on recording");
    Bytes* bytes = &m_waiting.back().bytes;
    const std::size_t before = bytes->size();
    const std::uint64_t sequence = m_sequence++;
    appendFrame(*bytes, type, sequence, nowUs(), payload, flags);
    std::size_t grown = bytes->size() - before;
    m_segmentBytes += grown;
    if (m_segmentBytes >= m_options.segmentBytes) {
        Bytes next;
        dubito::append(next, ++m_appendSegment);
        appendFrame(*bytes, RecordType::SegmentEnd, m_sequence++, nowUs(), next);
        grown = bytes->size() - before;
        m_waiting.back().endsSegment = true;
        m_waiting.emplace_back();
        m_segmentBytes = kFileHeaderBytes;
    }
    m_waitingBytes += grown;
    m_appended += grown;
    if (m_waitingBytes >= 256 * 1024) m_wake.notify_one();
    return sequence;
}

void JournalWriter::flush() {
    std::unique_lock lock(m_mutex);
    const std::uint64_t target = m_appended;
    m_flushNow = true;
    m_wake.notify_one();
    m_drained.wait(lock, [&] { return m_written >= target || m_diskFailed; });
}

bool JournalWriter::writeAll(const Bytes& bytes) {
    std::size_t done = 0;
    const auto giveUp = Clock::now() + m_options.retryFullDisk;
    while (done < bytes.size()) {
        const ssize_t n = ::pwrite(m_file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(m_fileBytes + done));
        if (n > 0) {
            done += static_cast<std::size_t>(n);
        } else if (n < 0 && errno != EINTR) {
            if (Clock::now() > giveUp) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(std::min<std::int64_t>(1000, m_options.retryFullDisk.count() * 100 + 1)));
        }
    }
    m_fileBytes += done;
    return true;
}

void JournalWriter::run() {
    auto lastSync = Clock::now(), lastBeat = lastSync;
    bool unsynced = false;
    for (;;) {
        if (m_options.heartbeat && Clock::now() - lastBeat >= std::chrono::seconds(1)) {
            Bytes payload;
            encodeHeartbeat(payload, m_options.heartbeat());
            (void)append(RecordType::Heartbeat, payload, kFrameMayIgnore);
            lastBeat = Clock::now();
        }
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, m_options.flushEvery, [this] { return m_closing || m_flushNow || m_waitingBytes >= 256 * 1024; });
        m_flushNow = false;
        bool wrote = false;
        while (!m_waiting.front().bytes.empty() && !m_diskFailed) {
            m_inFlight = std::move(m_waiting.front());
            m_waiting.pop_front();
            if (m_waiting.empty()) m_waiting.emplace_back();
            lock.unlock();
            bool ok = writeAll(m_inFlight.bytes);
            if (ok && m_inFlight.endsSegment) {
                ::fdatasync(m_file.get());
                ok = bool(openSegment(m_header.segment + 1));
            }
            lock.lock();
            wrote = true;
            m_waitingBytes -= m_inFlight.bytes.size();
            m_written += m_inFlight.bytes.size();
            m_inFlight = {};
            if (!ok) m_diskFailed = true;
            m_drained.notify_all();
        }
        const bool done = m_closing;
        lock.unlock();
        unsynced |= wrote;
        if (unsynced && (done || Clock::now() - lastSync >= std::chrono::seconds(1))) {
            ::fdatasync(m_file.get());
            lastSync = Clock::now();
            unsynced = false;
        }
        if (done) return;
    }
}

Result<void> JournalWriter::close() {
    {
        std::lock_guard lock(m_mutex);
        m_closing = true;
    }
    m_wake.notify_one();
    m_drained.notify_all();
    if (m_thread.joinable()) m_thread.join();
    if (m_diskFailed) return Error(Code::Io, "the journal could not be written to its end (disk full or failing)");
    return {};
}

std::uint32_t JournalWriter::queueFillPercent() const {
    std::lock_guard lock(m_mutex);
    return static_cast<std::uint32_t>(100 * m_waitingBytes / m_options.queueBytes);
}

void JournalWriter::writeAfterCrash() noexcept {
    // No lock: the crashed thread may hold it. Bytes of the in-flight chunk are written again at their own place.
    std::uint64_t at = m_fileBytes;
    const auto put = [&](const Bytes& bytes) {
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t n = ::pwrite(m_file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
            if (n <= 0) return;
            done += static_cast<std::size_t>(n);
        }
        at += bytes.size();
    };
    put(m_inFlight.bytes);
    for (const Chunk& chunk : m_waiting) put(chunk.bytes);
}

}  // namespace dubito::journal
