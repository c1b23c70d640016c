// Commits are merged until the next delivery; everything else keeps its order.
#include "engine_bridge.h"

#include <QPointer>
#include <QTimer>

namespace dubito::app {

EngineBridge::EngineBridge() = default;

std::function<void(const run::RunEvent&)> EngineBridge::observer() {
    return [shared = m_shared, self = this](const run::RunEvent& event) {
        std::lock_guard lock(shared->mutex);
        if (event.kind == run::RunEvent::Kind::Committed) shared->committed.insert(event.runNo);
        else shared->waiting.push_back(event);
        if (shared->scheduled) return;
        shared->scheduled = true;
        QMetaObject::invokeMethod(
            self, [self] { QTimer::singleShot(33, self, [self] { self->deliver(); }); }, Qt::QueuedConnection);
    };
}

void EngineBridge::deliver() {
    std::vector<run::RunEvent> waiting;
    std::set<std::int64_t> committed;
    {
        std::lock_guard lock(m_shared->mutex);
        waiting.swap(m_shared->waiting);
        committed.swap(m_shared->committed);
        m_shared->scheduled = false;
    }
    for (const auto& event : waiting) {
        if (event.kind == run::RunEvent::Kind::Added) Q_EMIT m_events.added(event.runNo);
        if (event.kind == run::RunEvent::Kind::State)
            Q_EMIT m_events.stateChanged(
                event.runNo, static_cast<int>(event.state), QString::fromStdString(event.text));
        if (event.kind == run::RunEvent::Kind::Notice) Q_EMIT m_events.notice(QString::fromStdString(event.text));
    }
    for (const std::int64_t runNo : committed) Q_EMIT m_events.committed(runNo);
}

}  // namespace dubito::app
