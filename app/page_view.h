// One page of a workspace: panes beside and below each other, split, closed and taken out by the user.
#pragma once

#include <QSplitter>
#include <QVector>

#include "kit/panel_context.h"
#include "workspaces.h"

namespace dubito::kit {
class PaneFrame;
}

namespace dubito::app {

/// Parts keep their shares at every size.
class RatioSplitter : public QSplitter {
    Q_OBJECT
public:
    explicit RatioSplitter(Qt::Orientation way, QWidget* parent = nullptr);
    const QVector<double>& ratio() const { return m_ratio; }
    void setRatio(QVector<double> ratio);
    void apply();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QVector<double> m_ratio;
};

/// Where a pane stands; holds a line instead while the pane is in a window of its own.
class PaneSlot;

class PageView : public QWidget {
    Q_OBJECT
public:
    PageView(kit::PanelRegistry& registry, const PaneLayout& layout, const kit::PanelContext& context,
        QWidget* parent = nullptr);
    ~PageView() override;

    PaneLayout layoutNow() const;
    QVector<kit::PaneFrame*> panes() const;
    kit::PaneFrame* front() const { return m_front; }
    kit::PaneFrame* find(const QString& panel) const;
    bool hasAxis() const;  ///< one of the panes follows the time cursor and shows the run
    void setFront(kit::PaneFrame* pane);
    void split(kit::PaneFrame* pane, Qt::Orientation way, const QString& panel = {});
    void close(kit::PaneFrame* pane);
    void replace(kit::PaneFrame* pane, const QString& panel);
    /// Into a window of its own, or back to its place; the panel and what it shows stay as they are.
    void popOut(kit::PaneFrame* pane);
    bool isPoppedOut(const kit::PaneFrame* pane) const;

Q_SIGNALS:
    void changed();       ///< what layoutNow() says
    void frontChanged();  ///< another pane, or what its panel's cursor and side card are
    void panelAsked(const QString& id);
    void tableAsked();
    void exportAsked();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* make(const PaneLayout& layout);
    PaneSlot* makeSlot(const QString& panel, const QJsonObject& settings);
    PaneSlot* slotOf(const kit::PaneFrame* pane) const;
    PaneLayout layoutOf(const QWidget* part) const;
    void wire(kit::PaneFrame* pane);
    void tidy(RatioSplitter* splitter);
    void shareRoom();
    void refresh();

    kit::PanelRegistry& m_registry;
    kit::PanelContext m_context;
    QVector<PaneSlot*> m_slots;
    RatioSplitter* m_root;
    kit::PaneFrame* m_front = nullptr;
};

}  // namespace dubito::app
