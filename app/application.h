// Composition root: services are built and torn down in one visible order.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <memory>

#include "host/catalogue.h"
#include "kit/panel_context.h"
#include "kit/panel_registry.h"
#include "run/run_service.h"
#include "serial_thread.h"

namespace dubito::app {

class MainWindow;
class EngineBridge;
class Settings;
class Notifications;
class CrashRecovery;

class Application : public QObject {
    Q_OBJECT
public:
    struct Options {
        QString language, theme;
        bool safeMode = false, quitWhenShown = false;
        std::function<void(kit::PanelRegistry&)> morePanels = {};  ///< beside the program's own
        std::vector<fs::path> pluginRoots = {};                    ///< empty: host::Catalogue::roots()
    };
    explicit Application(Options options);
    ~Application() override;

    void start(const QString& project);
    using Done = std::function<void(bool opened)>;
    /// Opens beside the window; an open project is closed when the new one is there. `done` on [gui], after a message
    /// when it failed.
    void openProject(const QString& path, Done done = {});
    void createProject(const QString& path, Done done = {});
    /// The panels go at once; the writer takes in what is journaled and closes beside the window.
    void closeProject();
    /// Runs `body` beside the window, in order with all other edits, while the project stays open; shows its error.
    void ask(std::function<Result<void>(run::RunService&)> body);
    /// Small files and the like, beside the window.
    void later(std::function<void()> body) { m_beside->post(std::move(body)); }
    bool hasProject() const { return m_service != nullptr || m_readers != nullptr; }
    QString projectPath() const { return m_path; }

    run::RunService* service() const { return m_service.get(); }  ///< null: none open, or read-only
    /// For threads that submit: the service outlives the project's window until they are done.
    std::shared_ptr<run::RunService> sharedService() const { return m_service; }
    const kit::PanelContext& panelContext() const { return m_context; }
    kit::Selection* selection() const { return m_selection; }
    kit::RunEvents* events() const;
    Settings& settings() { return *m_settings; }
    Notifications& notifications() { return *m_notifications; }
    /// The one whose action runs, else the one that was used last.
    MainWindow* window() const { return m_front; }
    /// All on the same project, with one selection; the first is the one whose workspace is found again at the next
    /// start.
    const std::vector<std::unique_ptr<MainWindow>>& windows() const { return m_windows; }
    void newWindow();  ///< beside the one in front, on another workspace
    void setFront(MainWindow* window) { m_front = window; }
    void drop(MainWindow* window);  ///< it was closed and is not the last one
    void refreshActions();          ///< their conditions, in all windows
    void followViews();             ///< which panes are in view now
    /// Closes all windows; asks once when runs are alive.
    void quit();
    /// "time  title  command line", newest first: what was done.
    const QStringList& history() const { return m_history; }
    void addHistory(const QString& line);
    /// Manifests, read once and again on rescan.
    const host::Catalogue& catalogue();
    void rescanPlugins();
    kit::PanelRegistry& panels() { return m_panels; }
    bool safeMode() const { return m_options.safeMode; }
    /// May quit: asks once when runs are alive.
    bool mayClose();
    void applyTheme(const QString& name);
    void applyLanguage(const QString& code);

Q_SIGNALS:
    void catalogueChanged();
    void shortcutsChanged();

private:
    struct Opened {
        QString path, banner;
        std::shared_ptr<run::RunService> service;
        std::unique_ptr<store::ReaderPool> readers;
    };
    Result<Opened> openBeside(const QString& absolute, bool create) const;  // [beside]
    void openOrCreate(const QString& path, bool create, Done done);
    void adopt(Opened opened, Done done);
    void wireTeaching();  ///< what panels may start; the project is ours
    std::vector<fs::path> pluginRoots() const;
    void scanPlugins();
    std::vector<std::string> pluginsWithRole(const std::string& role);
    void cancelAllRuns();

    Options m_options;
    QElapsedTimer m_sinceStart;
    kit::PanelRegistry m_panels;
    std::unique_ptr<Settings> m_settings;
    std::unique_ptr<EngineBridge> m_bridge;
    kit::Selection* m_selection;
    std::unique_ptr<Notifications> m_notifications;
    std::unique_ptr<CrashRecovery> m_recovery;
    std::optional<host::Catalogue> m_catalogue;
    std::shared_ptr<run::RunService> m_service;
    std::unique_ptr<store::ReaderPool> m_readers;
    kit::PanelContext m_context;
    QString m_path;
    std::unique_ptr<SerialThread> m_beside;
    std::vector<std::unique_ptr<MainWindow>> m_windows;
    MainWindow* m_front = nullptr;
    QStringList m_history;
    bool m_isQuitting = false;
};

}  // namespace dubito::app
