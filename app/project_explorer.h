// The left side: all runs with state and name, filters that are one click away.
#pragma once

#include <QWidget>

#include "kit/panel_context.h"

class QLabel;
class QListWidget;
class QTimer;

namespace dubito::app {

class Application;

class ProjectExplorer : public QWidget {
    Q_OBJECT
public:
    explicit ProjectExplorer(Application& application);
    void attach(const kit::PanelContext& context);
    void detach();

private:
    void load();
    Application& m_application;
    kit::PanelContext m_context;
    QLabel *m_file, *m_count;
    QListWidget* m_runs;
    QTimer* m_reload;
    bool m_following = false;
};

}  // namespace dubito::app
