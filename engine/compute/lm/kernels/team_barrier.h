// Where the threads of a team meet: a short spin, then sleep, so that a busy machine is not spun to a halt.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace dubito::lm {

class TeamBarrier {
public:
    using Clock = std::chrono::steady_clock;

    /// Returns when `threads` threads have called it since it last let them go; they must agree on their number.
    /// @return how long this one stood still; nothing for a wait that ended within the spin
    Clock::duration wait(std::int64_t threads) {
        const std::uint32_t phase = m_phase.load(std::memory_order_acquire);
        if (m_arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == threads) {
            m_arrived.store(0, std::memory_order_relaxed);
            m_phase.store(phase + 1, std::memory_order_release);
            m_phase.notify_all();
            return {};
        }
        constexpr int kSpins =
            4000;  // some tens of microseconds: longer than the parts of a block differ on idle cores
        for (int i = 0; i < kSpins; ++i) {
            if (m_phase.load(std::memory_order_acquire) != phase) return {};
#if defined(__x86_64__)
            _mm_pause();
#endif
        }
        const Clock::time_point start = Clock::now();
        while (m_phase.load(std::memory_order_acquire) == phase) m_phase.wait(phase, std::memory_order_acquire);
        return Clock::now() - start;
    }

private:
    alignas(64) std::atomic<std::int64_t> m_arrived{0};
    alignas(64) std::atomic<std::uint32_t> m_phase{0};
};

}  // namespace dubito::lm
