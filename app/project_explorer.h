// The left side: all runs, saved views, artifacts, the bin, and the newest runs. What is chosen here filters the run
// table or selects runs.
#pragma once

#include <QWidget>

#include "explorer_rows.h"

class QHBoxLayout;
class QLabel;
class QTimer;
class QToolButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace dubito::kit {
class ElidedLabel;
}

namespace dubito::app {

class Application;
class MainWindow;

class ProjectExplorer : public QWidget {
    Q_OBJECT
public:
    explicit ProjectExplorer(Application& application);
    ~ProjectExplorer() override;
    void attach(const kit::PanelContext& context);
    void detach();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void load();
    void show(const std::vector<ExplorerRow>& rows);
    void rebuild(const std::vector<ExplorerRow>& rows);
    void follow();
    void publish();
    void activate(QTreeWidgetItem* item, bool byKeyboard);
    void showTools();
    QToolButton* addTool(const QString& text, std::function<void()> run);
    void setFilter(const QString& filter);
    void restoreSelected();
    void renameView(const store::SavedView& view);
    void editView(const QString& title, std::function<Result<void>(store::Database&)> body);
    bool isOpen(const char* section) const;
    MainWindow& ownWindow() const;

    Application& m_application;
    kit::PanelContext m_context;
    kit::ElidedLabel* m_file;
    QTreeWidget* m_tree;
    QWidget* m_tools;
    QHBoxLayout* m_toolRow;
    QTimer* m_reload;
    QStringList m_keys;
    QString m_toolsFor;  ///< what the words below the list are for
    bool m_following = false;
    QList<QTreeWidgetItem*> m_aside;  ///< the rows, while the explorer is hidden
    QTreeWidgetItem* m_asideCurrent = nullptr;
    int m_asideScroll = 0;
};

}  // namespace dubito::app
