// The right side of the first page: things to try, and the demo project.
#pragma once

#include <QFrame>

class QGridLayout;
class QLabel;
class QPushButton;

namespace dubito::app {

class ActionRegistry;
class Application;

/// Five things in five minutes, each a link to where it is done.
class TryCard : public QFrame {
    Q_OBJECT
public:
    TryCard(Application& application, ActionRegistry& actions);
    void refresh();  ///< what is installed may have changed

Q_SIGNALS:
    void askWanted();  ///< the first of them

private:
    void follow(int index);
    Application& m_application;
    ActionRegistry& m_actions;
    void showMarks();
    QLabel* m_count;
    QList<QPushButton*> m_links;
    QList<QLabel*> m_takes;
};

/// A kind of work that the demo shows.
struct DemoSystem {
    QString name, title;
    int runs = 0;
};

class DemoCard : public QFrame {
    Q_OBJECT
public:
    explicit DemoCard(ActionRegistry& actions);
    void setSystems(const QList<DemoSystem>& systems);

private:
    QGridLayout* m_grid;
    QLabel* m_sentence;
    QPushButton* m_open;
};

/// What projects/demo.json would run with the plugins that are installed. Reads files: not on [gui].
QList<DemoSystem> demoSystems(const std::string& language);
/// Queues those runs, in the order of the file.
void queueDemo(Application& application, QWidget* parent);

}  // namespace dubito::app
