// Menus, explorer, docks, selection card, time cursor, status bar; no domain logic.
#pragma once

#include <QDockWidget>
#include <QHash>
#include <QMainWindow>
#include <functional>

#include "kit/panel.h"

class QLabel;
class QPushButton;
class QSlider;
class QSplitter;
class QStackedWidget;
class QScrollArea;
class QTimer;

namespace dubito::app {

class ActionRegistry;
class Application;
class ProjectExplorer;
class StartPage;

class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(Application& application);

    void showStart();
    /// Makes the panels anew for the open project, one an event; `done` when all are there.
    void showProject(const QString& banner, std::function<void()> done);
    void removePanels();
    void trigger(const QString& action);
    ActionRegistry& actionRegistry() { return *m_actions; }
    kit::Panel* panel(const QString& id) const { return m_panels.value(id); }
    QWidget* explorerWidget() const;

    void showPanel(const QString& id);
    void showPalette();
    void showDataTable();
    void exportPanel();
    void popOut();
    void focusNextArea();
    void usePerspective(const QString& name);
    void savePerspective();
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
    void setBusy(const QString& what);  ///< in the status bar, while something opens; empty: over

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void buildMenus();
    void buildStatus();
    void addPanel(kit::Panel* panel);
    void buildPanel(int index, int generation, std::function<void()> done);
    void restoreLayout(std::function<void()> done);
    void followFront();
    kit::Panel* frontPanel() const;
    void updateCursor();

    Application& m_application;
    ActionRegistry* m_actions;
    QStackedWidget* m_pages;
    StartPage* m_start;
    QWidget* m_projectPage;
    QLabel* m_banner;
    QSplitter* m_split;
    ProjectExplorer* m_explorer;
    QMainWindow* m_docks;
    QScrollArea* m_sideScroll;
    QStackedWidget* m_side;
    QWidget* m_cursorRow;
    QSlider* m_cursor;
    QLabel *m_cursorAxis, *m_cursorText, *m_running, *m_notices, *m_right;
    QTimer* m_statusTimer;
    QHash<QString, kit::Panel*> m_panels;
    QHash<QString, QDockWidget*> m_dockOf;
    QStringList m_order;
    QString m_busy, m_wanted;
    int m_generation = 0;  ///< of the panels; another one stops their building
};

}  // namespace dubito::app
