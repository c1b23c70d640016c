// Tools that every workspace shares, below it; closed they are words in the status bar and cost no row.
#pragma once

#include <QHash>
#include <QWidget>

#include "kit/panel_context.h"
#include "kit/panel_registry.h"

class QLabel;
class QStackedWidget;
class QTimer;
class QToolButton;

namespace dubito::kit {
class PaneFrame;
}

namespace dubito::app {

class Drawer : public QWidget {
    Q_OBJECT
public:
    explicit Drawer(kit::PanelRegistry& registry, QWidget* parent = nullptr);
    void open(const kit::PanelContext& context);
    void close();
    /// "▴ Log 2  Records  Plugins  Ctrl J", for the status bar.
    QWidget* words() const { return m_words; }
    bool hasTool(const QString& id) const { return m_buttons.contains(id); }
    void showTool(const QString& id);  ///< empty: the one that was open last
    QString tool() const { return m_tool; }
    void setTool(const QString& id);  ///< without showing
    kit::PaneFrame* front() const;

Q_SIGNALS:
    void toggleAsked(const QString& id);  ///< empty: whichever was open
    void tableAsked();
    void exportAsked();

protected:
    void showEvent(QShowEvent*) override;
    void hideEvent(QHideEvent*) override;

private:
    void count();
    void relabel();
    kit::PanelRegistry& m_registry;
    kit::PanelContext m_context;
    QStackedWidget* m_stack;
    QWidget* m_words;
    QHash<QString, QToolButton*> m_tabs, m_buttons;
    QHash<QString, kit::PaneFrame*> m_panes;
    QHash<QString, qint64> m_counts;
    QTimer* m_counting;
    QString m_tool;
};

}  // namespace dubito::app
