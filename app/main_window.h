// Menus, rail, explorer, workspaces, selection card, time cursor, drawer, status bar; no domain logic, no panel names.
#pragma once

#include <QMainWindow>
#include <functional>

#include "kit/panel.h"

class QHBoxLayout;
class QLabel;
class QSlider;
class QSplitter;
class QStackedWidget;
class QScrollArea;
class QTimer;
class QToolButton;

namespace dubito::kit {
class PaneFrame;
}

namespace dubito::app {

class ActionRegistry;
class Application;
class Banner;
class CursorPlayer;
class Drawer;
class ProjectExplorer;
class Rail;
class StartPage;
class WorkspaceArea;

class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(Application& application);

    void showStart();
    /// Shows the open project where it was left; `done` when its workspace is there.
    /// @param workspace to show instead; empty: the one that was left
    void showProject(std::function<void()> done, const QString& workspace = {});
    void removePanels();
    void trigger(const QString& action);
    ActionRegistry& actionRegistry() { return *m_actions; }
    WorkspaceArea& area() { return *m_area; }
    Rail& rail() { return *m_rail; }
    Drawer& drawer() { return *m_drawer; }
    /// A panel of the page in front, made if need be; else one that is built elsewhere; null: none.
    kit::Panel* panel(const QString& id) const;
    QWidget* explorerWidget() const;
    bool isInteractive() const;                 ///< a pane of the page in front waits for what a run says
    void standBeside(const MainWindow& other);  ///< before it is shown

    void showPanel(const QString& id);  ///< the page or the tool that has it, with the focus
    void openRun(qint64 runNo);         ///< the workspace that serves its plugin, at the page of its role
    void showWorkspaceAt(int place);    ///< on the rail, from the top
    void showPageAt(int index);
    void toggleDrawer(const QString& tool);  ///< empty: whichever was open last
    void toggleExplorer();
    void toggleSide();
    void playCursor();  ///< or hold it
    void pinFront();
    void splitFront(Qt::Orientation way);
    void closeFront();
    void popOut();
    void showPalette();
    void showDataTable();
    void exportPanel();
    void copyFigure();
    void focusNextArea();
    void choosePerspective();
    void savePerspective(const QString& name);  ///< empty: asks
    void resetPerspective();
    void showShortcuts();
    void showNotices();
    void showHistory();
    void showSystemCheck();
    void showAbout();
    void openDemo();
    void checkProject();
    void newRun(bool repeat);
    void refreshStatus();
    kit::CursorRange cursorRange() const;  ///< of the pane whose axis the time cursor moves on
    void goToStep(qint64 step);
    void setBusy(const QString& what);  ///< in the status bar, while something opens; empty: over

protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void buildMenus();
    void buildStatus();
    QWidget* buildSide();
    void buildCursor();
    void connectArea();
    kit::PanelContext context();  ///< the application's; what its panels ask for is done in this window
    void restorePlace();
    void settle();  ///< with the window manager's frame within the screen
    void fillRail();
    void showCursorRow();
    void countRuns();
    void askProgress();
    void showNotice();
    QString runningText() const;
    QToolButton* statusMenu(const QString& what, const QStringList& actions);
    void arrange();  ///< which of explorer, side, cursor row and drawer there is room and use for
    void followFront();
    kit::PaneFrame* frontPane() const;  ///< of the drawer when the focus is there
    kit::Panel* frontPanel() const;
    kit::Panel* axisPanel() const;
    void takeSide(kit::Panel* panel);
    void updateCursor();
    void keepDrawer();

    Application& m_application;
    ActionRegistry* m_actions;
    StartPage* m_start;
    Rail* m_rail;
    WorkspaceArea* m_area;
    Banner* m_banner;
    QSplitter *m_across, *m_down;
    ProjectExplorer* m_explorer;
    QToolButton *m_explorerWord, *m_sideWord;
    QScrollArea* m_sideScroll;
    QStackedWidget* m_side;
    QWidget* m_runCard = nullptr;
    Drawer* m_drawer;
    QWidget* m_cursorRow;
    QSlider* m_cursor;
    QLabel *m_cursorAxis, *m_cursorText;
    CursorPlayer* m_player = nullptr;
    QToolButton *m_running, *m_notices;
    QToolButton *m_gpu, *m_language, *m_theme;
    QTimer *m_statusTimer, *m_noticeTimer;
    QString m_busy;
    QString m_progress;  ///< of the runs that are alive
    bool m_isCounting = false;
    bool m_isDrawerOpen = false;
    QString m_askedLast;  ///< of the explorer and the side card
    QSize m_placed;       ///< the size it was given here, until it is shown
};

}  // namespace dubito::app
