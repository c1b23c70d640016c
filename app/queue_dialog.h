// The runs that work, and those that wait for the machine: what each waits for, their order, and the pause.
#pragma once

#include <QDialog>

#include "run/run_queue.h"

class QCheckBox;
class QLabel;
class QPushButton;
class QTreeWidget;

namespace dubito::app {

class Application;
class RunningList;

/// Reads the queue beside the window, four times a second while it is shown.
class QueueDialog : public QDialog {
    Q_OBJECT
public:
    QueueDialog(Application& application, QWidget* parent);
    /// Shows one, or brings the one of this window to the front.
    static void open(Application& application, QWidget* window);
    using QDialog::open;

private:
    void refresh();
    void fill(const std::vector<run::QueuedRun>& queue, bool isPaused);
    void move(int by);
    void moveTo(int row);
    void cancelRun();
    void enable();
    /// 0 when none is chosen.
    std::int64_t chosen() const;

    Application& m_application;
    RunningList* m_running;
    QTreeWidget* m_list;
    QLabel* m_note;
    QCheckBox* m_pause;
    QPushButton *m_first, *m_up, *m_down, *m_cancel;
    bool m_isReading = false;
};

}  // namespace dubito::app
