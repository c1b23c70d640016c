// Engine callbacks on any thread -> queued Qt signals, at most 30 a second a run; the only such place.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <set>

#include "kit/run_events.h"
#include "run/run_service.h"

namespace dubito::app {

class EngineBridge : public QObject {
    Q_OBJECT
public:
    EngineBridge();
    kit::RunEvents* events() { return &m_events; }
    std::function<void(const run::RunEvent&)> observer();

private:
    void deliver();
    struct Shared {
        std::mutex mutex;  // guards all below
        std::vector<run::RunEvent> waiting;
        std::set<std::int64_t> committed;
        bool scheduled = false;
    };
    std::shared_ptr<Shared> m_shared = std::make_shared<Shared>();
    kit::RunEvents m_events;
};

}  // namespace dubito::app
