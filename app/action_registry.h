// Every action once: id, text, keywords, shortcut, condition, command-line form. Menus, palette and shortcuts come from
// here.
#pragma once

#include <QAction>
#include <QHash>
#include <QObject>
#include <functional>
#include <vector>

namespace dubito::kit {
class PanelRegistry;
}

namespace dubito::app {

class Application;
class MainWindow;
class Settings;

struct ActionRecord {
    QString id;                    ///< "run.cancel"
    const char* text = "";         ///< marked with QT_TRANSLATE_NOOP("Actions", ...)
    const char* keywords = "";     ///< further words for the palette, marked likewise
    QString shortcut;              ///< default; empty: none
    const char* commandLine = "";  ///< verb and arguments, or "view only"
    std::function<bool(Application&)> enabledWhen;
    std::function<void(Application&)> run;
    bool undoable = false;
    int number = 0;  ///< not 0: takes the place of %1 in the text
    /// Why it cannot be done now, translated; empty: it can. Asked only when enabledWhen holds.
    std::function<QString(Application&)> whyNot;
};

/// The actions of one window; keys, conditions and history are the same in all.
class ActionRegistry : public QObject {
    Q_OBJECT
public:
    /// @param window whose actions these are: what they do is done there
    ActionRegistry(Application& application, Settings& settings, MainWindow* window);

    const std::vector<ActionRecord>& records() const { return m_records; }
    QAction* action(const QString& id) const { return m_actions.value(id); }
    QString title(const ActionRecord& record) const;  ///< translated, without the ampersand
    /// One that is off is tried once more after a fresh look; then the reason is a notice.
    void trigger(const QString& id);
    QString titleOf(const QString& id) const;  ///< empty: no such action
    /// Why it cannot be done now, in the user's words; empty: it can.
    QString whyDisabled(const ActionRecord& record) const;
    void refresh();  ///< conditions again
    void setShortcut(const QString& id, const QString& keys);
    void resetShortcuts();

private:
    void add(ActionRecord record);
    void perform(const QString& id);
    QString commandOf(const ActionRecord& record) const;  ///< with the project and the selected runs; empty: view only
    void triggerAsKnown(const QString& id);
    Application& m_application;
    Settings& m_settings;
    std::vector<ActionRecord> m_records;
    QHash<QString, QAction*> m_actions;
    MainWindow* m_window;
};

// One file a family; each returns its records.
std::vector<ActionRecord> projectActions();
std::vector<ActionRecord> runActions();
std::vector<ActionRecord> modelActions();
std::vector<ActionRecord> chatActions();
std::vector<ActionRecord> viewActions(const kit::PanelRegistry& panels);
std::vector<ActionRecord> editActions();

}  // namespace dubito::app
