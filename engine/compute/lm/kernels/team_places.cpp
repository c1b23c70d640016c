// The thread's own set of CPUs is narrowed, which moves it at once, and given back; it seldom returns of itself.
#include "lm/kernels/team_places.h"

#include <sched.h>

namespace dubito::lm {

TeamPlaces::TeamPlaces(int threads) : m_cpus(new std::atomic<int>[static_cast<std::size_t>(threads)]) {
    for (int i = 0; i < threads; ++i) m_cpus[static_cast<std::size_t>(i)].store(-1, std::memory_order_relaxed);
}

void TeamPlaces::keepApart(int self) {
    const auto cpuOf = [this](int thread) {
        return m_cpus[static_cast<std::size_t>(thread)].load(std::memory_order_relaxed);
    };
    int own = ::sched_getcpu();
    bool isShared = false;
    for (int other = 0; other < self; ++other) isShared = isShared || cpuOf(other) == own;
    if (isShared && own >= 0) {
        cpu_set_t allowed, wanted;
        if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;  // more CPUs than the set can name
        wanted = allowed;
        for (int other = 0; other < self; ++other)
            if (const int cpu = cpuOf(other); cpu >= 0) CPU_CLR(static_cast<unsigned>(cpu), &wanted);
        if (CPU_COUNT(&wanted) > 0 && ::sched_setaffinity(0, sizeof wanted, &wanted) == 0) {
            (void)::sched_setaffinity(0, sizeof allowed, &allowed);
            own = ::sched_getcpu();
        }
    }
    m_cpus[static_cast<std::size_t>(self)].store(own, std::memory_order_relaxed);
}

}  // namespace dubito::lm
