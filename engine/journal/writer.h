// Appends records to one attempt's journal from any thread; one [io] thread puts them on disk.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "journal/chunk_queue.h"
#include "journal/scalar_buffer.h"
#include "journal/segment_file.h"

namespace dubito::journal {

struct WriterOptions {
    std::uint64_t segmentBytes = kSegmentBytes;
    std::size_t queueBytes = 64u << 20;
    std::chrono::milliseconds flushEvery{50};
    std::chrono::milliseconds retryFullDisk{30'000};  ///< how long a disk that takes nothing is tried again
    std::chrono::milliseconds retryEvery{1000};
    std::uint64_t reserveBytes = 1u << 20;  ///< kept free for the end record
    std::function<Heartbeat()> heartbeat;   ///< called each second on [io]; none: no heartbeat frames
};

/// Durability: a record is in the file at most 50 ms after append() returned (kill -9 loses at most that window), on
/// disk within 1 s, and at once when sync() returns. Whatever a checkpoint stands for is said before sync().
///
/// Full or failing disk: publishing pauses, and the disk is tried again each second for 30 s. Room in time: nothing is
/// lost, an io note says how long it took. Else the disk failed: append() and the like return why, diskProblem() says
/// it, and finish() writes what still fits and the end record into the space of the reserve file. A failing fdatasync
/// fails the disk at once: what the kernel has dropped by then, trying again would not find.
///
/// Crash signals: the handler writes its note, then calls askToDrain() and writeAfterCrash(). [io] writes everything
/// that was said, in its usual way, while the handler waits up to 2 s. If [io] cannot (it crashed itself, the crashed
/// thread holds the lock, the disk hangs), the handler writes from memory with pwrite alone. Lost is then: the newest
/// progress, the record whose append() had not returned, and all that belongs behind a segment end that [io] has not
/// passed yet. The memory that the handler reads is whole at every instruction: chunks and scalar groups do not move
/// and count only when complete.
///
/// Locks: m_mutex alone. No callback runs under it, and [io] lets go of it while it waits for the disk.
class JournalWriter {
public:
    using Options = WriterOptions;
    /// Creates <folder>/aNNN-rNNNN-000000.djl and, until the end, aNNN-rNNNN.reserve. @error WrongState (exists), Io
    static Result<std::unique_ptr<JournalWriter>> create(fs::path folder, FileHeader header, Options options = {});
    ~JournalWriter();  ///< as close()

    /// Blocks while the queue or the disk is full: a slow disk slows the run, it never loses data. Sequence is dense
    /// from 0; scalars said before come before. [any]
    /// @error Limit (payload above 4 MiB), Io (the disk failed: cause of the run's end), WrongState (after the end)
    Result<std::uint64_t> append(RecordType type, ByteSpan payload, std::uint16_t flags = 0);
    /// Points of one step. Those of one flush become few frames (scalar groups or scalar runs, the smaller); within
    /// a series they keep their order, and each its time. Blocks as append(). [any]
    /// @error InvalidArgument (spans of different size), and as append()
    Result<void> scalars(std::int64_t step, std::span<const std::uint32_t> series, std::span<const double> values);
    /// The newest is written, at most 10 times a second, and before each checkpoint, end and sync(). Never waits. [any]
    Result<void> progress(const Progress& progress);
    /// Everything said so far is in the file (but for a progress that is not due). Blocks. [any] @error Io, WrongState
    Result<void> flush();
    /// Everything said so far is on disk: the barrier that a checkpoint needs. Blocks. [any] @error Io, WrongState
    Result<void> sync();
    /// Everything said so far, then the end frame, on disk; ends [io]. When the disk failed, before or now, as much as
    /// fits, and the end record says `failed` for cause `disk` whatever `endPayload` says. Frames that did not fit show
    /// as a gap of sequences before it. @return sequence of the end frame; look at diskFailed() too. [plugin]
    /// @error Io (not even the end frame is on disk), WrongState (ended before)
    Result<std::uint64_t> finish(ByteSpan endPayload);
    Result<void> close();  ///< finish() without an end frame. @error Io

    std::uint64_t blockedMs() const { return m_blockedMs; }  ///< time that append() and scalars() waited for the disk
    std::uint32_t queueFillPercent() const;
    bool isDiskFull() const { return m_isDiskFull; }  ///< publishing pauses; it may still come right
    bool diskFailed() const { return m_diskFailed; }
    std::string diskProblem() const;  ///< what is wrong, what to do, where; empty while all is well

    void askToDrain() noexcept { m_isCrashing = true; }  ///< from a signal handler; returns at once
    void writeAfterCrash() noexcept;                     ///< from a signal handler; up to 2 s and the writing

private:
    using Lock = std::unique_lock<std::mutex>;
    static constexpr std::uint64_t kWakeBytes = 256 * 1024;  ///< [io] writes at once when so much waits
    JournalWriter(fs::path folder, FileHeader header, Options options);

    // Publishing threads, under the lock (writer.cpp).
    Result<void> waitForRoom(Lock& lock);
    Result<void> waitForDisk(bool synced);
    std::uint64_t put(RecordType type, ByteSpan payload, std::uint16_t flags, std::int64_t timeUs);
    std::uint64_t place(RecordType type, ByteSpan payload, std::uint16_t flags, std::int64_t timeUs);
    void gather(bool progressNow);
    void endFullSegment();
    std::size_t load() const { return static_cast<std::size_t>(m_queue.waiting()) + m_scalars.bytes(); }
    // [io], under the lock unless said otherwise (writer_io.cpp).
    void run();
    void beat(Lock& lock);
    void drain(Lock& lock);
    void writeFront(Lock& lock, std::size_t upTo);
    bool enterNextSegment(Lock& lock);
    void syncFile(Lock& lock);
    bool persist(const std::function<int()>& attempt);  ///< without the lock
    void fail(int error);
    // After [io] has ended (writer_end.cpp).
    struct Unwritten {
        Chunk* chunk;       ///< written up to the end of its last frame that fits
        std::size_t floor;  ///< what was in the file before: it stays
    };
    Result<void> stopIo();
    std::optional<Unwritten> writeRest();
    int writeEndEarly(Unwritten at, ByteSpan frame);
    Bytes endWords(ByteSpan payload) const;

    const fs::path m_folder;
    const Options m_options;
    SegmentFile m_file;  ///< [io]; after its end, who calls finish()
    ReserveFile m_reserve;
    std::thread m_thread;
    std::unique_ptr<std::uint8_t[]> m_crashFrame;
    std::atomic<std::uint64_t> m_blockedMs{0};
    std::atomic<bool> m_isDiskFull{false}, m_diskFailed{false};
    std::atomic<bool> m_isCrashing{false}, m_isRaw{false}, m_isDrained{false};  ///< asked, by the handler, by [io]

    mutable std::mutex m_mutex;  // guards all below
    std::condition_variable m_wake, m_drained;
    ChunkQueue m_queue;
    ScalarBuffer m_scalars;
    std::atomic<std::uint64_t> m_sequence{0};
    std::optional<Progress> m_progress;
    std::int64_t m_progressUs = 0;
    std::chrono::steady_clock::time_point m_progressDue{};
    std::uint64_t m_synced = 0;        ///< of m_queue.published(), on disk
    std::uint64_t m_diskWaitedMs = 0;  ///< not yet noted
    std::string m_problem;
    bool m_isClosing = false, m_isEnded = false, m_flushNow = false, m_syncNow = false;
};

}  // namespace dubito::journal
