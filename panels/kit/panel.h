// Base of all panels.
#pragma once

#include <QJsonObject>
#include <QWidget>

#include "kit/data_twin.h"
#include "kit/panel_context.h"

namespace dubito::kit {

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
    virtual QWidget* exportTarget() { return this; }
    virtual QJsonObject saveLayout() const { return {}; }
    virtual void restoreLayout(const QJsonObject&) {}

protected:
    virtual void onAttached() = 0;
    const PanelContext& context() const { return m_context; }

private:
    QString m_id;
    PanelContext m_context;
};

}  // namespace dubito::kit
