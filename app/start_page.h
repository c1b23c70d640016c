// What is shown without a project: recent files, demo, new, open, and a system check.
#pragma once

#include <QWidget>

class QListWidget;
class QVBoxLayout;

namespace dubito::app {

class ActionRegistry;
class Application;

class StartPage : public QWidget {
    Q_OBJECT
public:
    StartPage(Application& application, ActionRegistry& actions);
    void refresh();

private:
    Application& m_application;
    QListWidget* m_recent;
};

/// The lines of `dubito doctor`, filled in from a thread of its own.
QWidget* makeSystemCheck(QWidget* parent);
/// Queues the runs of projects/demo.json.
void queueDemo(Application& application, QWidget* parent);

}  // namespace dubito::app
