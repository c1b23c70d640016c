// Newest first, at most 200.
#include "notifications.h"

#include <QTime>

#include "run/run_state.h"

namespace dubito::app {

void Notifications::add(const QString& text) {
    m_all.prepend(QTime::currentTime().toString(QStringLiteral("HH:mm:ss  ")) + text);
    if (m_all.size() > 200) m_all.removeLast();
    Q_EMIT changed();
}

void Notifications::addOnce(const QString& text) {
    if (m_once.contains(text)) return;
    m_once << text;
    add(text);
}

void Notifications::runEnded(qint64 runNo, int state, const QString& detail) {
    const auto final = static_cast<run::RunState>(state);
    if (final == run::RunState::Failed)
        add(tr("Run %1 failed: %2").arg(runNo).arg(detail.section(QLatin1Char('\n'), 0, 0)));
    else if (final == run::RunState::Done) add(tr("Run %1 finished.").arg(runNo));
    else if (final == run::RunState::Cancelled) add(tr("Run %1 was stopped.").arg(runNo));
}

void Notifications::clear() {
    m_all.clear();
    Q_EMIT changed();
}

}  // namespace dubito::app
