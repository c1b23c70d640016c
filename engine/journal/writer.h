// Appends records to one attempt's journal from any thread; one [io] thread puts them on disk.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/files.h"
#include "journal/frame.h"

namespace dubito::journal {

/// Durability: a record is in the file at most 50 ms after append() returned (kill -9 loses at most that window),
/// on disk within 1 s. A crash signal loses nothing when writeAfterCrash() is called from its handler.
class JournalWriter {
public:
    struct Options {
        std::uint64_t segmentBytes = kSegmentBytes;
        std::size_t queueBytes = 64u << 20;
        std::chrono::milliseconds flushEvery{50};
        std::chrono::seconds retryFullDisk{30};
        std::function<Heartbeat()> heartbeat;       ///< called each second on [io]; none: no heartbeat frames
    };
    /// Creates <folder>/aNNN-rNNNN-000000.djl. @error WrongState (exists already), Io
    static Result<std::unique_ptr<JournalWriter>> create(fs::path folder, FileHeader header, Options options);
    static Result<std::unique_ptr<JournalWriter>> create(fs::path folder, FileHeader header) {
        return create(std::move(folder), header, Options());
    }
    ~JournalWriter();

    /// Blocks while the queue is full: a slow disk slows the run, it never loses data. Sequence is dense from 0. [any]
    /// @error Limit (payload above 4 MiB), Io (disk stayed full: cause of the run's end)
    Result<std::uint64_t> append(RecordType type, ByteSpan payload, std::uint16_t flags = 0);
    void flush();                     ///< returns when everything appended so far is in the file. [any]
    Result<void> close();             ///< writes the rest, syncs, ends the [io] thread. [plugin]; no append() after it

    std::uint64_t blockedMs() const { return m_blockedMs; }   ///< time append() waited for the disk
    std::uint32_t queueFillPercent() const;
    bool diskFailed() const { return m_diskFailed; }

    /// From a signal handler: writes in-flight and waiting bytes with pwrite only.
    void writeAfterCrash() noexcept;

private:
    JournalWriter(fs::path folder, FileHeader header, Options options);
    Result<void> openSegment(std::uint32_t segment);
    void run();
    bool writeAll(const Bytes& bytes);

    struct Chunk {
        Bytes bytes;
        bool endsSegment = false;
    };
    fs::path m_folder;
    FileHeader m_header;
    Options m_options;
    FileDescriptor m_file;
    std::uint64_t m_fileBytes = 0;  ///< [io] only
    std::thread m_thread;
    std::atomic<std::uint64_t> m_blockedMs{0};
    std::atomic<bool> m_diskFailed{false};

    mutable std::mutex m_mutex;     // guards all below
    std::condition_variable m_wake, m_drained;
    std::deque<Chunk> m_waiting;
    Chunk m_inFlight;
    std::size_t m_waitingBytes = 0;
    std::uint64_t m_segmentBytes = 0;
    std::uint32_t m_appendSegment = 0;  ///< segment that appended frames will be in; [io] may still write an earlier one
    std::uint64_t m_sequence = 0, m_appended = 0, m_written = 0;
    bool m_closing = false, m_flushNow = false;
};

fs::path segmentPath(const fs::path& folder, std::uint32_t attempt, std::uint32_t rank, std::uint32_t segment);

}  // namespace dubito::journal
