// Two lists in windows of their own that follow what happens: notices, and what was done.
#pragma once

#include <QDialog>

class QCheckBox;
class QPushButton;
class QTreeWidget;

namespace dubito::app {

class Application;

/// Newest first, with the time; Enter or a double click opens the run that a notice is about.
class NoticesDialog : public QDialog {
    Q_OBJECT
public:
    NoticesDialog(Application& application, QWidget* parent);

private:
    void fill();
    void openRun();
    void enable();
    Application& m_application;
    QTreeWidget* m_list;
    QPushButton *m_open, *m_copy, *m_clear;
};

/// Each executed action with time and its command line, which can be copied; what only changed the view is left out
/// unless asked for.
class HistoryDialog : public QDialog {
    Q_OBJECT
public:
    HistoryDialog(Application& application, QWidget* parent);

private:
    void fill();
    void copy(bool all);
    void enable();
    Application& m_application;
    QTreeWidget* m_list;
    QCheckBox* m_withViews;
    QPushButton *m_copy, *m_copyAll;
};

}  // namespace dubito::app
