// The middle of the window: the tabs of a workspace's pages and the page in front. Knows which workspaces there are,
// and keeps what the user made of them in the project.
#pragma once

#include <QHash>
#include <QWidget>
#include <functional>

#include "workspaces.h"

class QHBoxLayout;
class QStackedWidget;
class QTimer;
class QToolButton;

namespace dubito::kit {
class PaneFrame;
struct PanelContext;
}  // namespace dubito::kit

namespace dubito::app {

class Application;
class PageTabs;
class PageView;

class WorkspaceArea : public QWidget {
    Q_OBJECT
public:
    explicit WorkspaceArea(Application& application);
    ~WorkspaceArea() override;
    void setHome(QWidget* home);                      ///< the one page of workspace "home"; there without a project too
    QHBoxLayout* corner() const { return m_corner; }  ///< at the right of the tabs

    /// A project is open: its layouts are read, and the workspace that was left is shown. `done` after that.
    /// @param workspace to show instead of the one that was left
    void open(std::function<void()> done, const QString& workspace = {});
    void close();      ///< keeps what changed and takes the pages down
    void keep();       ///< layouts, and into the project, in one transaction; nothing when nothing changed
    void readAgain();  ///< the files of workspaces
    bool isOpen() const { return m_isOpen; }

    const WorkspaceList& list() const { return m_list; }
    QStringList shown() const;  ///< with runs in this project or an installed plugin, by place
    QStringList rest() const;   ///< the others
    const Workspace* workspace() const { return m_list.find(m_workspace); }
    const WorkspacePage* pageSpec() const;
    PageView* page() const { return m_view; }  ///< null: home
    PageView* pageInHand() const;              ///< of the pane with the focus, which may be in a window of its own
    QString otherWorkspace() const;            ///< for a second window
    bool isHome() const { return m_workspace == homeId(); }
    PageView* builtPage(const QString& workspace, const QString& page) const;

    void showWorkspace(const QString& id, const QString& page = {});
    void showPageAt(int index);
    /// Brings up the page that has the panel, else a pane for it in this one. False: no such panel.
    bool showPanel(const QString& id);
    /// Selects the run and shows the page of its plugin's role.
    void openRun(qint64 runNo);

    void chooseVariant();  ///< a menu of the named layouts of this workspace
    void useVariant(const QString& name);
    void saveVariant(const QString& name);
    void reset();  ///< this workspace alone, to how it is shipped
    bool isChanged() const;

Q_SIGNALS:
    void workspaceChanged();
    void pageChanged();
    void frontChanged();
    void railChanged();
    void tableAsked();
    void exportAsked();
    void panelAsked(const QString& id);
    void actionAsked(const QString& action);

private:
    struct Kept {
        QString page;  ///< in front
        QHash<QString, PaneLayout> layouts;
        std::string text;  ///< as it is in the project
    };
    void onNotKept(const QStringList& workspaces, const QString& why);
    struct Stored;
    void takeStored(Stored stored);
    void readPlugins();
    void showPage(const QString& page);
    PageView* viewOf(const Workspace& workspace, const WorkspacePage& page);
    void dropViews(const QString& workspace);
    const PaneLayout& layoutOf(const Workspace& workspace, const WorkspacePage& page);
    void readViews();
    Json keptJson(const Workspace& workspace) const;
    bool focusPanel(const QString& id);
    const WorkspacePage* pageFor(const Workspace& workspace, const std::vector<std::string>& roles,
        const std::vector<std::string>& keys, bool isFinal) const;
    void relabel();
    bool isOfFirstWindow() const;
    bool isServed(const Workspace& workspace) const;

    Application& m_application;
    WorkspaceList m_list;
    QSet<QString> m_installed, m_used;  ///< short names of plugins
    PageTabs* m_tabs;
    QHBoxLayout* m_corner;
    QWidget* m_row;
    QToolButton* m_layout;
    QStackedWidget* m_stack;
    QWidget* m_home = nullptr;
    QString m_workspace, m_desktopText;
    PageView* m_view = nullptr;
    QHash<QString, PageView*> m_views;  ///< "workspace/page"
    QHash<QString, Kept> m_kept;
    QHash<QString, QString> m_variant;  ///< name in use by workspace
    QTimer *m_keepSoon, *m_readSoon;
    bool m_isOpen = false;
    int m_generation = 0;
};

}  // namespace dubito::app
