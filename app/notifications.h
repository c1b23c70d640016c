// A quiet list of what happened: finished, failed with reason, worker and disk notices. Never stacked boxes.
#pragma once

#include <QObject>
#include <QStringList>

namespace dubito::app {

class Notifications : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    void add(const QString& text);
    void addOnce(const QString& text);  ///< unless it was said before
    void runEnded(qint64 runNo, int state, const QString& detail);
    const QStringList& all() const { return m_all; }
    void clear();

Q_SIGNALS:
    void changed();

private:
    QStringList m_all, m_once;
};

}  // namespace dubito::app
