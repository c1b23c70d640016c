// What actions need to know of the selected runs and of the history, kept at hand so that menus need no query.
#pragma once

#include <QObject>
#include <QString>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/run_service.h"

class QTimer;

namespace dubito::app {

class Application;

/// [gui]. Follows the selection, the states of its runs and the edits of the project. While an answer is on its way
/// nothing is known and every action may be tried: the engine refuses what does not go.
class RunFacts : public QObject {
    Q_OBJECT
public:
    struct Known {
        std::string pluginId;
        bool isAlive = false;        ///< one of the selected runs is
        bool isResumable = false;    ///< the leading one failed or was stopped
        bool hasCheckpoint = false;  ///< of the leading run
        bool mayUndo = false, mayRedo = false;
        bool hasBin = false;  ///< a run is in it
    };
    static RunFacts& of(Application& application);
    const std::optional<Known>& known() const { return m_known; }
    /// Looks again, then `then`: what somebody does who may know of a change before this does.
    void askAgain(std::function<void()> then);
    /// An edit is on its way: nothing is known until it is over.
    void editBegins();
    void editEnded();

private:
    explicit RunFacts(Application& application);
    void forget();
    void ask();
    void runWaiting();
    Application& m_application;
    QTimer* m_soon;
    std::optional<Known> m_known;
    std::vector<std::function<void()>> m_waiting;
    int m_edits = 0, m_generation = 0;
};

/// One step of the history, beside the window. What is known of runs and history is asked anew when it is over; `then`
/// on [gui] only when it is in the file.
void makeEdit(
    Application& application, std::function<Result<void>(run::RunService&)> body, std::function<void()> then = {});

/// Why nothing can be written: no project, or open for reading only. Empty: it can.
QString whyNotWritable(Application& application);
/// As whyNotWritable, and that no run is selected.
QString whyNoRun(Application& application);

/// Whether a plugin with this role is installed. Reads the catalogue once.
bool hasPluginFor(Application& application, std::string_view role);
/// Whether runs of this plugin id, also an earlier one, have the role.
bool playsRole(Application& application, const std::string& pluginId, std::string_view role);

}  // namespace dubito::app
