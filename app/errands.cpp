// Threads are joined, not only counted: what a thread owns is gone when waitForErrands() returns.
#include "errands.h"

#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

namespace dubito::app {
namespace {

struct Errand {
    std::thread thread;
    bool isOver = false;
};

struct Errands {
    std::mutex mutex;  // guards what follows
    std::condition_variable ended;
    std::list<Errand> all;
};

/// Never destroyed: an errand that is still on its way at the end of the program finds it.
Errands& errands() {
    static auto* const kAll = new Errands;
    return *kAll;
}

/// Takes out those whose body has returned. Under the lock.
std::list<Errand> takeOver(Errands& all) {
    std::list<Errand> over;
    for (auto at = all.all.begin(); at != all.all.end();) {
        const auto next = std::next(at);
        if (at->isOver) over.splice(over.end(), all.all, at);
        at = next;
    }
    return over;
}

void join(std::list<Errand> over) {
    for (Errand& one : over) one.thread.join();
}

}  // namespace

void runErrand(std::function<void()> body) {
    Errands& all = errands();
    std::list<Errand> over;
    {
        std::lock_guard lock(all.mutex);
        over = takeOver(all);
        Errand& mine = all.all.emplace_back();
        mine.thread = std::thread([&all, &mine, body = std::move(body)]() mutable {
            body();
            body = nullptr;
            std::lock_guard inside(all.mutex);
            mine.isOver = true;
            all.ended.notify_all();
        });
    }
    join(std::move(over));
}

bool waitForErrands(std::chrono::milliseconds atMost) {
    Errands& all = errands();
    const auto until = std::chrono::steady_clock::now() + atMost;
    std::unique_lock lock(all.mutex);
    for (;;) {
        std::list<Errand> over = takeOver(all);
        const bool areAllOver = all.all.empty();
        if (!over.empty()) {
            lock.unlock();
            join(std::move(over));
            lock.lock();
            continue;
        }
        if (areAllOver) return true;
        if (all.ended.wait_until(lock, until) == std::cv_status::timeout) return false;
    }
}

}  // namespace dubito::app
