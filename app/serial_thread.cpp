// The queue is drained before the thread ends: an edit that was asked for is made.
#include "serial_thread.h"

namespace dubito::app {

SerialThread::~SerialThread() {
    {
        std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

void SerialThread::post(std::function<void()> body) {
    {
        std::lock_guard lock(m_mutex);
        m_queue.push_back(std::move(body));
    }
    m_wake.notify_one();
}

void SerialThread::run() {
    for (;;) {
        std::function<void()> body;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_stopping || !m_queue.empty(); });
            if (m_queue.empty()) return;
            body = std::move(m_queue.front());
            m_queue.pop_front();
        }
        body();
    }
}

}  // namespace dubito::app
