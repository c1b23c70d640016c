// How many threads a decoder works with: all it was given, fewer while other programs keep some of them from running.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>

namespace dubito::lm {

/// Threads that meet some hundred times a token must run at the same time. On a busy machine no scheduler sees to
/// that, and a team may get a tenth of its speed where one thread alone gets its whole share. So when threads stand
/// waiting for each other, half of them are tried, and kept if they do more; a larger team is tried again now and
/// then. Results do not depend on it as long as threads share out rows and heads, never a sum. [any]
class TeamSize {
public:
    using Clock = std::chrono::steady_clock;

    static constexpr Clock::duration kWindow = std::chrono::milliseconds(40);  ///< of work: some slices of a scheduler
    static constexpr double kMostWaiting = 0.15;            ///< of the threads' time; more asks for a trial with fewer
    static constexpr double kBetter = 1.03;                 ///< what a trial must gain to be kept
    static constexpr int kFirstPause = 2, kLastPause = 64;  ///< until the next trial, in durations of the last one

    explicit TeamSize(int most = 1) : m_most(most), m_size(most) {}

    int most() const { return m_most; }
    /// Threads for a piece of work that begins now.
    int begin(Clock::time_point now = Clock::now());
    /// A thread that was there stood still for `time` until another one came.
    void waited(Clock::duration time) { m_waited.fetch_add(time.count(), std::memory_order_relaxed); }
    /// `work` was done since begin() or the last review, in any unit that is the same for all pieces.
    /// @return the threads wanted from here; a piece that has begun with fewer goes on with those
    int review(double work, Clock::time_point now = Clock::now());

private:
    void openWindow();
    void tryOut(int size);
    void judge(double rate, Clock::time_point now, Clock::duration took);

    const int m_most;
    std::atomic<Clock::rep> m_waited{0};  ///< of all threads in this window
    std::mutex m_mutex;
    int m_size;
    int m_other = 0;                        ///< during a trial the size to go back to; 0 outside
    double m_rate = 0;                      ///< work a nanosecond with the size that is not on trial; 0: not known
    double m_done = 0;                      ///< in this window
    Clock::duration m_worked{0};            ///< in this window
    Clock::time_point m_last, m_nextTrial;  ///< the last look at the clock; not before
    int m_pause = kFirstPause;
};

}  // namespace dubito::lm
