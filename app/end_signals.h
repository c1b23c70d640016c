// SIGTERM, SIGINT and SIGHUP as an event: a machine that goes down ends the program as a hand would.
#pragma once

#include <QObject>

class QSocketNotifier;

namespace dubito::app {

/// One at a time; the former handlers are back when it is gone.
class EndSignals : public QObject {
    Q_OBJECT
public:
    EndSignals();
    ~EndSignals() override;

Q_SIGNALS:
    void asked();  ///< on [gui]

private:
    QSocketNotifier* m_notifier = nullptr;
};

}  // namespace dubito::app
