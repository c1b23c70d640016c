// Sizes are judged by what they do, not by their waits: a team that waits at times can still be the faster.
#include "lm/kernels/team_size.h"

#include <algorithm>

namespace dubito::lm {

void TeamSize::openWindow() {
    m_waited.store(0, std::memory_order_relaxed);
    m_worked = {};
    m_done = 0;
}

void TeamSize::tryOut(int size) {
    m_other = m_size;
    m_size = size;
    openWindow();
}

int TeamSize::begin(Clock::time_point now) {
    const std::lock_guard lock(m_mutex);
    m_last = now;
    if (m_size < m_most && m_other == 0 && m_rate > 0 && now >= m_nextTrial) tryOut(std::min(2 * m_size, m_most));
    return m_size;
}

int TeamSize::review(double work, Clock::time_point now) {
    const std::lock_guard lock(m_mutex);
    m_worked += now - m_last;
    m_done += work;
    m_last = now;
    const bool isHopeless =
        m_other != 0 && m_worked >= kWindow / 2 && m_done < m_rate * static_cast<double>(m_worked.count()) / 2;
    if ((m_worked < kWindow && !isHopeless) || m_most == 1) return m_size;
    const Clock::duration took = m_worked;
    const double rate = m_done / static_cast<double>(took.count());
    const double waiting = static_cast<double>(m_waited.load()) / (static_cast<double>(took.count()) * m_size);
    openWindow();
    if (m_other != 0) {
        judge(rate, now, took);
        return m_size;
    }
    if (rate > 2 * m_rate || rate < m_rate / 2) {
        // The machine is not what it was: what the last trial has shown is no longer known.
        m_rate = rate;
        m_nextTrial = now;
    }
    m_rate = (m_rate + rate) / 2;
    if (m_size > 1 && waiting > kMostWaiting && now >= m_nextTrial) tryOut(m_size / 2);
    return m_size;
}

void TeamSize::judge(double rate, Clock::time_point now, Clock::duration took) {
    if (rate > kBetter * m_rate) {
        m_rate = rate;
        m_pause = kFirstPause;
    } else {
        m_size = m_other;
        m_pause = std::min(2 * m_pause, kLastPause);
    }
    m_other = 0;
    m_nextTrial = now + m_pause * std::max(took, kWindow);
}

}  // namespace dubito::lm
