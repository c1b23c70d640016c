// Loops over the kinds that are tools; a tool is built when it is first shown.
#include "drawer.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include "kit/controls.h"
#include "kit/pane_frame.h"
#include "kit/user_size.h"

namespace dubito::app {
namespace {

constexpr int kHeadHeight = 32;

}  // namespace

Drawer::Drawer(kit::PanelRegistry& registry, QWidget* parent)
    : QWidget(parent), m_registry(registry), m_stack(new QStackedWidget), m_words(new QWidget),
      m_counting(new QTimer(this)) {
    setAccessibleName(tr("Drawer"));
    auto* head = new QWidget;
    head->setProperty("role", "drawer-title");
    head->setAttribute(Qt::WA_StyledBackground);
    head->setFixedHeight(kit::userSize(kHeadHeight));
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(8, 0, 6, 0);
    row->setSpacing(2);
    auto* line = new QHBoxLayout(m_words);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(2);
    for (const kit::PanelKind& kind : registry.kinds()) {
        if (!kind.isTool) continue;
        auto* tab = kit::wordButton(kind.name());
        tab->setCheckable(true);
        tab->setAccessibleName(kind.name());
        connect(tab, &QToolButton::clicked, this, [this, id = kind.id] { showTool(id); });
        row->addWidget(tab);
        m_tabs.insert(kind.id, tab);
        auto* button = kit::wordButton(kind.name());
        button->setAccessibleName(tr("%1 in the drawer").arg(kind.name()));
        connect(button, &QToolButton::clicked, this, [this, id = kind.id] { Q_EMIT toggleAsked(id); });
        line->addWidget(button);
        m_buttons.insert(kind.id, button);
        if (m_tool.isEmpty()) m_tool = kind.id;
    }
    auto* keys = new QLabel(QStringLiteral("Ctrl J"));
    keys->setProperty("role", "faint");
    line->addWidget(keys);
    row->addStretch();
    const std::pair<QToolButton*, void (Drawer::*)()> asks[] = {
        {kit::wordButton(tr("Table")), &Drawer::tableAsked}, {kit::wordButton(tr("Export")), &Drawer::exportAsked}};
    for (const auto& [button, asked] : asks) {
        connect(button, &QToolButton::clicked, this, asked);
        row->addWidget(button);
    }
    auto* shut = kit::wordButton(tr("Close"));
    shut->setAccessibleName(tr("Close the drawer"));
    connect(shut, &QToolButton::clicked, this, [this] { Q_EMIT toggleAsked(m_tool); });
    row->addWidget(shut);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(head);
    layout->addWidget(m_stack, 1);
    setMinimumHeight(kit::userSize(kHeadHeight + 80));
    m_counting->setSingleShot(true);
    m_counting->setInterval(400);
    connect(m_counting, &QTimer::timeout, this, [this] { count(); });
    hide();
    relabel();
}

void Drawer::open(const kit::PanelContext& context) {
    close();
    m_context = context;
    for (const kit::PanelKind& kind : m_registry.kinds()) {
        if (!kind.isTool) continue;
        auto* pane = new kit::PaneFrame(m_registry, kind);
        pane->setTitleVisible(false);
        pane->attach(context);
        m_stack->addWidget(pane);
        m_panes.insert(kind.id, pane);
    }
    const auto later = [this] {
        if (!m_counting->isActive()) m_counting->start();
    };
    connect(context.selection, &kit::Selection::runsChanged, m_stack, later);
    connect(context.events, &kit::RunEvents::stateChanged, m_stack, later);
    later();
    setTool(m_tool);
}

void Drawer::close() {
    if (m_context.selection) m_context.selection->disconnect(m_stack);
    if (m_context.events) m_context.events->disconnect(m_stack);
    m_context = {};
    qDeleteAll(m_panes);
    m_panes.clear();
    m_counts.clear();
    m_counting->stop();
    relabel();
}

kit::PaneFrame* Drawer::front() const { return m_panes.value(m_tool); }

void Drawer::setTool(const QString& id) {
    if (!m_buttons.contains(id)) return;
    m_tool = id;
    for (auto it = m_tabs.begin(); it != m_tabs.end(); ++it) it.value()->setChecked(it.key() == id);
    if (auto* pane = m_panes.value(id)) m_stack->setCurrentWidget(pane);
}

void Drawer::showTool(const QString& id) {
    setTool(id.isEmpty() ? m_tool : id);
    show();
    if (auto* pane = front()) pane->focusContent();
}

void Drawer::showEvent(QShowEvent*) { relabel(); }
void Drawer::hideEvent(QHideEvent*) { relabel(); }

void Drawer::count() {
    if (!m_context.readers) return;
    const QVector<qint64> selected = m_context.selection->runs();
    const std::vector<std::int64_t> runs(selected.begin(), selected.end());
    for (const kit::PanelKind& kind : m_registry.kinds()) {
        if (!kind.isTool || !kind.count) continue;
        kit::asyncQuery<qint64>(
            m_context, m_stack, [count = kind.count, runs](store::Database& db) { return count(db, runs); },
            [this, id = kind.id](Result<qint64> found) {
                m_counts[id] = found ? *found : 0;
                relabel();
            });
    }
}

void Drawer::relabel() {
    bool isFirst = true;
    for (const kit::PanelKind& kind : m_registry.kinds()) {
        auto* button = m_buttons.value(kind.id);
        if (!button) continue;
        const qint64 n = m_counts.value(kind.id);
        QString text = n > 0 ? QStringLiteral("%1 %2").arg(kind.name()).arg(n) : kind.name();
        if (isFirst) text.prepend(isVisible() ? QStringLiteral("▾ ") : QStringLiteral("▴ "));
        button->setText(text);
        isFirst = false;
    }
}

}  // namespace dubito::app
