// One thread that does what it is given, in order: opening and closing projects, the user's edits, small files.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace dubito::app {

class SerialThread {
public:
    SerialThread() : m_thread([this] { run(); }) {}
    /// Does all that was posted, then ends.
    ~SerialThread();
    /// Runs `body` on this thread, oldest first. [any]
    void post(std::function<void()> body);

private:
    void run();

    std::mutex m_mutex;  // guards both below
    std::condition_variable m_wake;
    std::deque<std::function<void()>> m_queue;
    bool m_stopping = false;
    std::thread m_thread;
};

}  // namespace dubito::app
