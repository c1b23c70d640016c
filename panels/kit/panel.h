// Base of all panels.
#pragma once

#include <QJsonObject>
#include <QVector>
#include <QWidget>

#include "kit/data_twin.h"
#include "kit/figure.h"
#include "kit/panel_context.h"

namespace dubito::kit {

/// Where the window's time cursor stands on a panel's axis.
struct CursorRange {
    QString axis;       ///< "step", "token"; shown beside the slider
    qint64 value = -1;  ///< negative: nowhere yet
    qint64 last = -1;   ///< largest value; negative: the panel has no such axis now
};

/// [gui]. A panel shows what the selection says, asks the store by asyncQuery and never writes.
class Panel : public QWidget {
    Q_OBJECT
public:
    Panel(QString id, QWidget* parent = nullptr) : QWidget(parent), m_id(std::move(id)) {}

    const QString& id() const { return m_id; }
    virtual QString title() const = 0;
    /// A project was opened or closed (readers == nullptr).
    void attach(const PanelContext& context) {
        m_context = context;
        onAttached();
    }
    /// What the window shows at its right while this panel is in front; null: nothing of its own.
    virtual QWidget* sideWidget() { return nullptr; }
    /// The figure in front as a table.
    virtual DataTable dataTable() const { return {}; }
    virtual CursorRange cursor() const { return {}; }
    virtual void moveCursor(qint64 /*value*/) {}
    virtual QWidget* exportTarget() { return this; }
    /// What can be exported now, the one in front first; empty: only a picture of the panel.
    virtual QVector<Figure> figures() const { return {}; }
    virtual QJsonObject saveLayout() const { return {}; }
    /// What saveLayout() gave, or what a stranger's file says: any value may be missing or wrong.
    virtual void restoreLayout(const QJsonObject&) {}
    /// What is shown, in a few words, for the pane's title row; empty: as the registry says.
    virtual QString showing() const { return {}; }

Q_SIGNALS:
    void cursorChanged();   ///< cursor() answers differently now
    void showingChanged();  ///< showing() does

protected:
    virtual void onAttached() = 0;
    const PanelContext& context() const { return m_context; }

private:
    QString m_id;
    PanelContext m_context;
};

}  // namespace dubito::kit
