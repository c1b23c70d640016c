// Where the threads of a team run: one CPU each, where there are as many.
#pragma once

#include <atomic>
#include <memory>

namespace dubito::lm {

/// A scheduler may wake two threads of a team on one CPU and leave them there while a program of low priority has the
/// next one; they then take turns at every meeting, slower than one thread alone. So a thread that finds an earlier one
/// of its team on its CPU goes to another of those it may use. [any]
class TeamPlaces {
public:
    explicit TeamPlaces(int threads);
    /// Called by thread `self` now and then. Costs some nanoseconds, some microseconds when it moves the thread.
    void keepApart(int self);

private:
    std::unique_ptr<std::atomic<int>[]> m_cpus;  ///< by thread, when it last called; -1 before
};

}  // namespace dubito::lm
