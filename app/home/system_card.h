// The lines of `dubito doctor`: as one line with details, or as a list.
#pragma once

#include <QFrame>

#include "cli/system_check.h"

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace dubito::kit {
class ElidedLabel;
}

namespace dubito::app {

class SystemCard : public QFrame {
    Q_OBJECT
public:
    SystemCard();
    void showLines(const std::vector<cli::SystemCheckLine>& lines);

private:
    QLabel *m_dot, *m_word;
    kit::ElidedLabel* m_summary;
    QPushButton* m_more;
    QWidget* m_details;
};

/// The lines one below the other, filled in from a thread of its own.
QWidget* makeSystemCheck(QWidget* parent);
/// Checks on a thread of its own; `done` on [gui] while `receiver` lives.
void checkSystemBeside(QObject* receiver, std::function<void(const std::vector<cli::SystemCheckLine>&)> done);

}  // namespace dubito::app
