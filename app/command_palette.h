// One box over actions, runs and metrics.
#pragma once

#include <QDialog>
#include <QSet>

class QLineEdit;
class QListWidget;

namespace dubito::app {

class ActionRegistry;
class Application;

/// Prefixes: > actions, @ runs, # metrics, : a step or a layer. What was used last comes first.
class CommandPalette : public QDialog {
    Q_OBJECT
public:
    CommandPalette(Application& application, ActionRegistry& actions, QWidget* parent);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    enum class Kind { Action, Run, Metric, Step, Layer };
    struct Entry {
        Kind kind = Kind::Action;
        QString text, detail;   ///< what is shown: name, and at the right its keys, or why it cannot be done
        QString key, keywords;  ///< id of an action; further words it is found by
        qint64 number = 0;      ///< of a run, step or layer
        int age = -1;           ///< 0: used last; negative: not used yet
        bool isEnabled = true;
    };
    void loadActions();
    void loadProject();
    QVector<Entry> placesFor(const QString& text) const;
    void filter();
    void choose();
    bool eventFilter(QObject* watched, QEvent* event) override;

    Application& m_application;
    ActionRegistry& m_actions;
    QLineEdit* m_box;
    QListWidget* m_list;
    QVector<Entry> m_entries, m_shown;
    bool m_wasActive = false;  ///< from then on it goes with the keyboard
};

/// Score of `part` in `text`: letters in order, better when together and at word starts; -1: no match.
int fuzzyScore(const QString& part, const QString& text);
/// How well `part` names something: 4 its beginning, 3 the beginning of a word, 2 the first letters of its words or the
/// beginning of a keyword, 1 letters together anywhere, 0 letters in order, -1 not at all.
int matchTier(const QString& part, const QString& title, const QString& keywords);

}  // namespace dubito::app
