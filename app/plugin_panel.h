// Plugins found, healthy or not. Reads manifests only, so it works for broken plugins too.
#pragma once

#include "kit/panel.h"
#include "kit/state_view.h"

class QTreeWidget;
class QTextBrowser;

namespace dubito::app {

class Application;

class PluginPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit PluginPanel(Application& application);
    QString title() const override { return tr("Plugins"); }
    kit::DataTable dataTable() const override;

protected:
    void onAttached() override { load(); }

private:
    void load();
    void showEntry(int index);
    void check();
    Application& m_application;
    kit::StateView* m_states;
    QTreeWidget* m_list;
    QTextBrowser* m_card;
};

}  // namespace dubito::app
