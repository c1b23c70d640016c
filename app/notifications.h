// A quiet list of what happened: finished, failed with reason, worker and disk notices. Never stacked boxes.
#pragma once

#include <QDateTime>
#include <QObject>
#include <QStringList>
#include <QVector>

namespace dubito::app {

struct Notice {
    QDateTime time;
    QString text;
    qint64 runNo = 0;  ///< it is about this run; 0: about none
};

class Notifications : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    void add(const QString& text, qint64 runNo = 0);
    void addOnce(const QString& text);  ///< unless it was said before
    void runEnded(qint64 runNo, int state, const QString& detail);
    const QVector<Notice>& all() const { return m_all; }  ///< newest first
    QStringList texts() const;
    int unread() const { return m_unread; }
    void markRead();
    void clear();

Q_SIGNALS:
    void changed();

private:
    QVector<Notice> m_all;
    QStringList m_once;
    int m_unread = 0;
};

/// "14:02:11" today, with the date before it on other days.
QString momentText(const QDateTime& time);

}  // namespace dubito::app
