// One box over actions, runs and metrics.
#pragma once

#include <QDialog>

class QLineEdit;
class QListWidget;

namespace dubito::app {

class ActionRegistry;
class Application;

/// Prefixes: > actions, @ runs, # metrics. Letters of the text must appear in order.
class CommandPalette : public QDialog {
    Q_OBJECT
public:
    CommandPalette(Application& application, ActionRegistry& actions, QWidget* parent);

private:
    struct Entry {
        QString text, detail, key;
        int kind = 0;  ///< 0 action, 1 run, 2 metric
        qint64 runNo = 0;
        bool enabled = true;
    };
    void loadEntries();
    void filter();
    void choose();
    bool eventFilter(QObject* watched, QEvent* event) override;

    Application& m_application;
    ActionRegistry& m_actions;
    QLineEdit* m_box;
    QListWidget* m_list;
    QVector<Entry> m_entries;
    QVector<int> m_shown;
};

/// Score of `part` in `text`: letters in order, better when together and at word starts; -1: no match.
int fuzzyScore(const QString& part, const QString& text);

}  // namespace dubito::app
