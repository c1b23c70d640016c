// The [io] thread: queue to file, file to disk, and patience with a full one.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "journal/writer.h"
#include "journal/writer_role.h"

namespace dubito::journal {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
constexpr milliseconds kTick{50};  ///< a signal handler cannot wake [io]: it looks that often
constexpr std::chrono::seconds kSyncEvery{1}, kBeatEvery{1};

std::uint64_t msSince(Clock::time_point start) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(Clock::now() - start).count());
}

}  // namespace

void JournalWriter::run() {
    t_writerRole = WriterRole::Io;
    auto lastFlush = Clock::now(), lastSync = lastFlush, lastBeat = lastFlush;
    const auto isUrgent = [this] {
        if (m_isClosing || m_diskFailed) return m_isClosing;
        return m_flushNow || m_syncNow || m_queue.waiting() >= kWakeBytes || load() >= m_options.queueBytes;
    };
    Lock lock(m_mutex);
    while (!m_isRaw) {
        m_wake.wait_for(lock, std::min(m_options.flushEvery, kTick), isUrgent);
        const bool flushNow = isUrgent() || m_isCrashing || Clock::now() - lastFlush >= m_options.flushEvery;
        const bool isClosing = m_isClosing, isCrashing = m_isCrashing;
        const bool syncNow = std::exchange(m_syncNow, false) || isClosing;
        if (m_options.heartbeat && !isCrashing && !m_diskFailed && Clock::now() - lastBeat >= kBeatEvery) {
            lastBeat = Clock::now();
            beat(lock);
        }
        if (flushNow && !m_diskFailed) {
            lastFlush = Clock::now();
            gather(syncNow || isCrashing);
            m_flushNow = false;
            drain(lock);
        }
        if (isCrashing && (m_diskFailed || m_queue.waiting() == 0)) m_isDrained = true;
        if (m_synced < m_queue.written() && !m_diskFailed && (syncNow || Clock::now() - lastSync >= kSyncEvery)) {
            lastSync = Clock::now();
            syncFile(lock);
        }
        m_drained.notify_all();
        if (isClosing && (m_diskFailed || m_queue.waiting() == 0)) break;
    }
    m_isEnded = true;
    m_isDrained = true;
    m_drained.notify_all();
}

void JournalWriter::beat(Lock& lock) {
    lock.unlock();
    Bytes payload;
    encodeHeartbeat(payload, m_options.heartbeat());
    lock.lock();
    gather(false);
    place(RecordType::Heartbeat, payload, kFrameMayIgnore, nowUs());
}

void JournalWriter::drain(Lock& lock) {
    while (!m_diskFailed && !m_isRaw) {
        const Chunk& front = *m_queue.front();
        if (!front.waiting().empty()) {
            writeFront(lock, front.whole);
        } else {
            if (!front.next) return;
            if (front.endsSegment && !enterNextSegment(lock)) return;
            m_queue.dropFront();
        }
        if (m_diskWaitedMs == 0 || m_diskFailed) continue;
        const auto note = fmt::format(R"({{"backpressure_ms":{}}})", std::exchange(m_diskWaitedMs, 0));
        gather(false);
        place(RecordType::IoNote, asBytes(note), kFrameMayIgnore, nowUs());
    }
}

void JournalWriter::writeFront(Lock& lock, std::size_t upTo) {
    Chunk& front = *m_queue.front();
    const std::size_t before = front.written;
    lock.unlock();
    persist([&] { return m_file.write(front, upTo); });
    lock.lock();
    m_queue.noteWritten(front.written - before);
    m_drained.notify_all();
}

bool JournalWriter::enterNextSegment(Lock& lock) {
    if (!m_isCrashing) syncFile(lock);
    if (m_diskFailed) return false;
    lock.unlock();
    const bool isOpen = persist([this] { return m_file.create(m_file.segment() + 1, m_isCrashing); });
    lock.lock();
    return isOpen;
}

void JournalWriter::syncFile(Lock& lock) {
    const std::uint64_t written = m_queue.written();
    lock.unlock();
    const int error = m_file.sync();
    lock.lock();
    if (error != 0) fail(error);
    else m_synced = written;
    m_drained.notify_all();
}

bool JournalWriter::persist(const std::function<int()>& attempt) {
    int error = attempt();
    if (error == 0) return true;
    const auto start = Clock::now();
    Lock lock(m_mutex);
    m_isDiskFull = true;
    while (error != 0 && !m_isRaw && Clock::now() - start < m_options.retryFullDisk) {
        // A crash shortens the wait: its handler frees the reserve, and has 2 s.
        const auto again = Clock::now() + m_options.retryEvery;
        while (Clock::now() < again && Clock::now() - start < m_options.retryFullDisk && !m_isCrashing)
            m_wake.wait_for(lock, kTick);
        if (m_isCrashing) m_wake.wait_for(lock, kTick);
        lock.unlock();
        error = attempt();
        lock.lock();
    }
    m_isDiskFull = false;
    m_diskWaitedMs += std::max<std::uint64_t>(1, msSince(start));
    if (error != 0) fail(error);
    m_drained.notify_all();
    return error == 0;
}

void JournalWriter::fail(int error) {
    if (m_diskFailed) return;
    const std::string words = std::generic_category().message(error);
    const bool isFull = error == ENOSPC || error == EDQUOT || error == EFBIG;
    m_problem = isFull ? fmt::format(
                             "the disk is full: the journal could not be written ({}). Make room there, then "
                             "resume the run. Folder: {}",
                             words, m_folder.string())
                       : fmt::format("the journal's disk failed: {}. Check the disk, then resume the run. Folder: {}",
                             words, m_folder.string());
    m_diskFailed = true;
    m_drained.notify_all();
}

}  // namespace dubito::journal
