// Newest first, at most 200.
#include "notifications.h"

#include "run/run_state.h"

namespace dubito::app {

namespace {
constexpr int kMostKept = 200;
}

QString momentText(const QDateTime& time) {
    const bool isToday = time.date() == QDate::currentDate();
    return time.toString(isToday ? QStringLiteral("HH:mm:ss") : QStringLiteral("yyyy-MM-dd HH:mm:ss"));
}

void Notifications::add(const QString& text, qint64 runNo) {
    m_all.prepend({QDateTime::currentDateTime(), text, runNo});
    if (m_all.size() > kMostKept) m_all.removeLast();
    ++m_unread;
    Q_EMIT changed();
}

QStringList Notifications::texts() const {
    QStringList out;
    for (const Notice& notice : m_all) out << notice.text;
    return out;
}

void Notifications::markRead() {
    if (m_unread == 0) return;
    m_unread = 0;
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
        add(tr("Run %1 failed: %2").arg(runNo).arg(detail.section(QLatin1Char('\n'), 0, 0)), runNo);
    else if (final == run::RunState::Done) add(tr("Run %1 finished.").arg(runNo), runNo);
    else if (final == run::RunState::Cancelled) add(tr("Run %1 was stopped.").arg(runNo), runNo);
}

void Notifications::clear() {
    m_all.clear();
    m_unread = 0;
    Q_EMIT changed();
}

}  // namespace dubito::app
