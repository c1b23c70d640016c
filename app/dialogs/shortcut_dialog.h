// Every action with its keys: search, change, resolve conflicts, restore.
#pragma once

#include <QDialog>

class QKeySequenceEdit;
class QLabel;
class QLineEdit;
class QTreeWidget;

namespace dubito::app {

class ActionRegistry;

class ShortcutDialog : public QDialog {
    Q_OBJECT
public:
    ShortcutDialog(ActionRegistry& actions, QWidget* parent);

private:
    void fill();
    ActionRegistry& m_actions;
    QLineEdit* m_filter;
    QTreeWidget* m_list;
    QKeySequenceEdit* m_keys;
    QLabel* m_conflict;
};

}  // namespace dubito::app
