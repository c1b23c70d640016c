// What happened to runs, as queued signals; fed by the shell's engine bridge.
#pragma once

#include <QObject>

namespace dubito::kit {

class RunEvents : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

Q_SIGNALS:
    void added(qint64 runNo);
    void stateChanged(qint64 runNo, int state, const QString& detail);
    void committed(qint64 runNo);  ///< 0: user edits; at most 30 a second
    void notice(const QString& text);
};

}  // namespace dubito::kit
