// Views are made when their page is first shown; layouts are kept as shares, so that they fit any window.
#include "workspace_area.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include "application.h"
#include "base/log.h"
#include "kit/pane_frame.h"
#include "kit/panel.h"
#include "notifications.h"
#include "page_tabs.h"
#include "page_view.h"
#include "run/run_state.h"

namespace dubito::app {
WorkspaceArea::WorkspaceArea(Application& application)
    : m_application(application), m_tabs(new PageTabs), m_corner(new QHBoxLayout), m_row(new QWidget),
      m_layout(new QToolButton), m_stack(new QStackedWidget), m_workspace(homeId()), m_keepSoon(new QTimer(this)),
      m_readSoon(new QTimer(this)) {
    m_row->setProperty("role", "tabs");
    m_row->setAttribute(Qt::WA_StyledBackground);
    m_layout->setProperty("role", "word");
    m_layout->setFocusPolicy(Qt::StrongFocus);
    m_layout->setAccessibleName(tr("Layout of this workspace"));
    auto* row = new QHBoxLayout(m_row);
    row->setContentsMargins(0, 0, 8, 0);
    row->setSpacing(4);
    row->addWidget(m_tabs, 1);
    m_corner->setSpacing(4);
    row->addLayout(m_corner);
    m_corner->addWidget(m_layout);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_row);
    column->addWidget(m_stack, 1);
    m_row->hide();
    // The page in front gives way to the drawer, whatever others would like.
    m_stack->setMinimumSize(240, 160);
    m_keepSoon->setSingleShot(true);
    m_keepSoon->setInterval(1000);
    m_readSoon->setSingleShot(true);
    m_readSoon->setInterval(400);
    connect(m_keepSoon, &QTimer::timeout, this, [this] { keep(); });
    connect(m_readSoon, &QTimer::timeout, this, [this] { readPlugins(); });
    connect(m_tabs, &PageTabs::chosen, this, [this](int index) { showPageAt(index); });
    connect(m_layout, &QToolButton::clicked, this, [this] { chooseVariant(); });
    connect(application.events(), &kit::RunEvents::added, this, [this] {
        if (m_isOpen && !m_readSoon->isActive()) m_readSoon->start();
    });
    m_list = loadWorkspaces({}, application.panels());
}

WorkspaceArea::~WorkspaceArea() = default;

void WorkspaceArea::setHome(QWidget* home) {
    m_home = home;
    m_stack->addWidget(home);
}

void WorkspaceArea::readAgain() {
    keep();
    const host::Catalogue& catalogue = m_application.catalogue();
    m_list = loadWorkspaces(catalogue.workspaceFiles(), m_application.panels());
    m_installed.clear();
    for (const auto& entry : catalogue.entries())
        if (entry.plugin) m_installed.insert(shortNameOf(entry.plugin->id));
    for (const QString& fault : std::as_const(m_list.faults)) m_application.notifications().addOnce(fault);
    if (m_isOpen) {
        const QString now = m_workspace, page = m_view && pageSpec() ? pageSpec()->id : QString();
        for (const QString& key : m_views.keys()) dropViews(key.section(QLatin1Char('/'), 0, 0));
        m_workspace.clear();
        showWorkspace(m_list.find(now) ? now : fallbackId(), page);
    }
    Q_EMIT railChanged();
}

void WorkspaceArea::readPlugins() {
    if (!m_isOpen) return;
    kit::asyncQuery<std::vector<std::string>>(
        m_application.panelContext(), this, [](store::Database& db) { return store::queryPluginIds(db); },
        [this, generation = m_generation](Result<std::vector<std::string>> ids) {
            if (!ids || generation != m_generation) return;
            QSet<QString> used;
            for (const std::string& id : *ids) used.insert(shortNameOf(id));
            if (used == m_used) return;
            m_used = used;
            Q_EMIT railChanged();
        });
}

void WorkspaceArea::close() {
    if (!m_isOpen) return;
    keep();
    ++m_generation;
    m_isOpen = false;
    m_keepSoon->stop();
    m_view = nullptr;
    qDeleteAll(m_views);
    m_views.clear();
    m_kept.clear();
    m_variant.clear();
    m_used.clear();
    m_desktopText.clear();
    showWorkspace(homeId());
    Q_EMIT railChanged();
}

bool WorkspaceArea::isServed(const Workspace& workspace) const {
    if (workspace.isGeneral()) return true;
    const auto serves = [&](const QString& name) { return workspace.servesPlugin(name); };
    return std::any_of(m_installed.begin(), m_installed.end(), serves) ||
           std::any_of(m_used.begin(), m_used.end(), serves);
}

QStringList WorkspaceArea::shown() const {
    QStringList out;
    for (const Workspace& one : m_list.all)
        if (isServed(one)) out << one.id;
    return out;
}

QStringList WorkspaceArea::rest() const {
    QStringList out;
    for (const Workspace& one : m_list.all)
        if (!isServed(one)) out << one.id;
    return out;
}

const WorkspacePage* WorkspaceArea::pageSpec() const {
    const Workspace* now = workspace();
    return now && m_tabs->current() < static_cast<int>(now->pages.size()) && m_tabs->current() >= 0 && !isHome()
               ? &now->pages[static_cast<std::size_t>(m_tabs->current())]
               : nullptr;
}

PageView* WorkspaceArea::pageInHand() const {
    const QWidget* focus = QApplication::focusWidget();
    if (focus && focus->window() != window())
        for (PageView* view : m_views)
            for (const kit::PaneFrame* pane : view->panes())
                if (pane == focus || pane->isAncestorOf(focus)) return view;
    return m_view;
}

QString WorkspaceArea::otherWorkspace() const {
    for (const QString& id : shown())
        if (id != homeId() && id != m_workspace) return id;
    return fallbackId();
}

PageView* WorkspaceArea::builtPage(const QString& workspace, const QString& page) const {
    return m_views.value(workspace + QLatin1Char('/') + page);
}

void WorkspaceArea::showWorkspace(const QString& id, const QString& page) {
    const Workspace* wanted = m_list.find(id);
    if (!wanted || (!m_isOpen && id != homeId())) return;
    const bool isOther = id != m_workspace;
    m_workspace = id;
    if (id == homeId()) {
        m_view = nullptr;
        m_row->hide();
        if (m_home) m_stack->setCurrentWidget(m_home);
        Q_EMIT workspaceChanged();
        Q_EMIT pageChanged();
        return;
    }
    m_row->show();
    if (isOther) {
        QStringList names;
        for (const WorkspacePage& one : wanted->pages) names << inLanguage(one.title, one.id);
        m_tabs->setPages(names, 0);
    }
    QString front = page;
    if (!wanted->page(front)) front = m_kept[id].page;
    if (!wanted->page(front)) front = wanted->pages.front().id;
    showPage(front);
    if (isOther) Q_EMIT workspaceChanged();
    Q_EMIT pageChanged();
}

void WorkspaceArea::showPage(const QString& page) {
    const Workspace& now = *workspace();
    for (std::size_t i = 0; i < now.pages.size(); ++i) {
        if (now.pages[i].id != page) continue;
        m_tabs->setCurrent(static_cast<int>(i));
        m_view = viewOf(now, now.pages[i]);
        m_stack->setCurrentWidget(m_view);
        m_kept[now.id].page = page;
    }
    relabel();
    m_keepSoon->start();
}

void WorkspaceArea::showPageAt(int index) {
    const Workspace* now = workspace();
    if (!now || index < 0 || index >= static_cast<int>(now->pages.size())) return;
    showWorkspace(m_workspace, now->pages[static_cast<std::size_t>(index)].id);
    if (m_view) m_view->front()->focusContent();
}

const PaneLayout& WorkspaceArea::layoutOf(const Workspace& workspace, const WorkspacePage& page) {
    const auto& layouts = m_kept[workspace.id].layouts;
    const auto found = layouts.find(page.id);
    return found == layouts.end() ? page.layout : *found;
}

PageView* WorkspaceArea::viewOf(const Workspace& workspace, const WorkspacePage& page) {
    PageView*& view = m_views[workspace.id + QLatin1Char('/') + page.id];
    if (view) return view;
    kit::PanelContext context = m_application.panelContext();
    context.trigger = [this](const QString& action) { Q_EMIT actionAsked(action); };
    view = new PageView(m_application.panels(), layoutOf(workspace, page), context);
    connect(view, &PageView::changed, this, [this] {
        m_keepSoon->start();
        m_variant.remove(m_workspace);
        relabel();
        Q_EMIT pageChanged();
    });
    connect(view, &PageView::frontChanged, this, &WorkspaceArea::frontChanged);
    connect(view, &PageView::tableAsked, this, &WorkspaceArea::tableAsked);
    connect(view, &PageView::exportAsked, this, &WorkspaceArea::exportAsked);
    connect(view, &PageView::panelAsked, this, &WorkspaceArea::panelAsked);
    m_stack->addWidget(view);
    return view;
}

void WorkspaceArea::dropViews(const QString& workspace) {
    for (auto it = m_views.begin(); it != m_views.end();) {
        if (it.key().section(QLatin1Char('/'), 0, 0) != workspace) {
            ++it;
            continue;
        }
        if (it.value() == m_view) m_view = nullptr;
        delete it.value();
        it = m_views.erase(it);
    }
}

bool WorkspaceArea::focusPanel(const QString& id) {
    kit::PaneFrame* pane = m_view ? m_view->find(id) : nullptr;
    if (!pane) return false;
    m_view->setFront(pane);
    pane->focusContent();
    Q_EMIT frontChanged();
    return true;
}

bool WorkspaceArea::showPanel(const QString& id) {
    if (!m_isOpen || !m_application.panels().find(id)) return false;
    if (focusPanel(id)) return true;
    // A page that is about the panel before one that has it too; the workspace in front before others.
    std::vector<const Workspace*> order;
    if (const Workspace* now = workspace(); now && !isHome()) order.push_back(now);
    for (const QString& other : shown())
        if (other != m_workspace && other != homeId()) order.push_back(m_list.find(other));
    for (const bool isFirst : {true, false})
        for (const Workspace* one : order)
            for (const WorkspacePage& page : one->pages) {
                const QStringList panels = layoutOf(*one, page).panels();
                if (isFirst ? panels.first() != id : !panels.contains(id)) continue;
                showWorkspace(one->id, page.id);
                return focusPanel(id);
            }
    if (!m_view) showWorkspace(fallbackId());
    if (m_view->panes().size() < kMostPanes) m_view->split(m_view->front(), Qt::Horizontal, id);
    else m_view->replace(m_view->panes().last(), id);
    return focusPanel(id);
}

void WorkspaceArea::openRun(qint64 runNo) {
    struct Found {
        std::string plugin;
        bool isFinal = false;
        std::vector<std::string> keys;
    };
    if (!m_isOpen || !runNo) return;
    kit::asyncQuery<Found>(
        m_application.panelContext(), this,
        [runNo](store::Database& db) -> Result<Found> {
            DUBITO_TRY(const auto row, store::findRun(db, runNo));
            if (!row) return Error(Code::NotFound, "the run is gone");
            Found out{row->pluginId, run::isFinal(static_cast<run::RunState>(row->state)), {}};
            DUBITO_TRY(out.keys, store::querySeriesKeys(db, runNo));
            return out;
        },
        [this, runNo, generation = m_generation](Result<Found> found) {
            if (generation != m_generation) return;
            if (!found) return m_application.notifications().add(QString::fromStdString(found.error().message()));
            const Workspace* serving = m_list.serving(shortNameOf(found->plugin));
            if (!serving) return;
            const auto plugin = m_application.catalogue().find(found->plugin);
            const auto* page =
                pageFor(*serving, plugin ? plugin->roles : std::vector<std::string>(), found->keys, found->isFinal);
            m_application.selection()->setRuns({runNo});
            showWorkspace(serving->id, page->id);
            for (kit::PaneFrame* pane : m_view->panes())
                if (!pane->kind().ofProject && pane->kind().shows(found->keys)) {
                    m_view->setFront(pane);
                    break;
                }
            m_view->front()->focusContent();
        });
}

const WorkspacePage* WorkspaceArea::pageFor(const Workspace& workspace, const std::vector<std::string>& roles,
    const std::vector<std::string>& keys, bool isFinal) const {
    std::vector<const WorkspacePage*> pages;
    const auto add = [&](const QString& role) {
        for (const WorkspacePage& page : workspace.pages)
            if (page.roles.contains(role) && std::find(pages.begin(), pages.end(), &page) == pages.end())
                pages.push_back(&page);
    };
    for (const std::string& role : roles) add(QString::fromStdString(role));
    if (pages.empty()) add(QStringLiteral("*"));
    if (pages.size() == 1 || (!isFinal && !pages.empty())) return pages.front();
    // Several roles, or none that is known: what the run published decides.
    if (pages.empty())
        for (const WorkspacePage& page : workspace.pages) pages.push_back(&page);
    for (const bool isFirst : {true, false})
        for (const WorkspacePage* page : pages) {
            QStringList panels = page->layout.panels();
            if (isFirst) panels = panels.mid(0, 1);
            for (const QString& id : std::as_const(panels)) {
                const kit::PanelKind* kind = m_application.panels().find(id);
                if (kind && !kind->needs.isEmpty() && kind->shows(keys)) return page;
            }
        }
    return pages.front();
}

}  // namespace dubito::app
