// Composition root: services are built and torn down in one visible order.
#pragma once

#include <QDateTime>
#include <QElapsedTimer>
#include <QObject>
#include <memory>

#include "banner.h"
#include "host/catalogue.h"
#include "kit/panel_context.h"
#include "kit/panel_registry.h"
#include "run/run_service.h"
#include "serial_thread.h"

namespace dubito::app {

/// One executed action.
struct HistoryEntry {
    QDateTime time;
    QString id, title;
    QString command;  ///< what does the same in a terminal; empty: nothing there does
};

class MainWindow;
class EndSignals;
class EngineBridge;
class ProjectWatch;
struct ProjectLook;
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
    /// Opens the project for writing that is only read at the moment; what is shown stays when that does not go.
    void openForWriting();
    /// The whole project as a new file. When its own file is gone, the copy is opened instead.
    void saveCopy(const QString& path);
    /// Why nothing can be written to the open project; empty: it can, or none is open.
    QString whyReadOnly() const;
    bool isFileGone() const { return m_fate != store::FileFate::Here; }
    const BannerText& banner() const { return m_banner; }
    void hideBanner();  ///< what may be hidden of it, until the project is opened again
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
    /// The same without a question: the machine goes down. Runs go on; of a file that is gone a copy is kept.
    void endNow();
    /// What was done, newest first.
    const QVector<HistoryEntry>& history() const { return m_history; }
    /// @param command as the command line says it, with FILE for the project and RUN for the selected runs
    void addHistory(const QString& id, const QString& title, const QString& command);
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
    void bannerChanged();
    void historyChanged();

private:
    struct Opened {
        QString path;
        std::shared_ptr<run::RunService> service;
        std::unique_ptr<store::ReaderPool> readers;
        QString reason;         ///< why it can only be read
        bool hasOwner = false;  ///< another process owns it
    };
    enum class How { Open, Create, Again };
    void connectEngine();
    void noteEnd(qint64 runNo, int state, const QString& detail);
    Result<Opened> openBeside(const QString& absolute, bool create) const;  // [beside]
    void openOrCreate(const QString& path, How how, Done done);
    void adopt(Opened opened, Done done);
    void wireWriting();  ///< what panels may change and start; the project is ours
    void adoptAgain(Opened opened, Done done);
    void onLook(const ProjectLook& look);
    void refreshBanner();
    bool mayLeaveGoneFile();
    std::function<void()> rescue() const;  ///< copies a project whose file is gone; [beside]
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
    QString m_reason, m_writeProblem;  ///< of the open project, see whyReadOnly()
    bool m_hasOwner = false, m_wasUnclean = false, m_isLeft = false, m_isCopied = false;
    store::FileFate m_fate = store::FileFate::Here;
    BannerText m_banner;
    std::unique_ptr<EndSignals> m_signals;
    std::unique_ptr<SerialThread> m_beside;
    std::unique_ptr<ProjectWatch> m_watch;
    std::vector<std::unique_ptr<MainWindow>> m_windows;
    MainWindow* m_front = nullptr;
    QVector<HistoryEntry> m_history;
    bool m_isQuitting = false;
};

}  // namespace dubito::app
