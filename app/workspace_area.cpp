// Views are made when their page is first shown; layouts are kept as shares, so that they fit any window.
#include "workspace_area.h"

#include <QHBoxLayout>
#include <QMenu>
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
namespace {

constexpr int kMostVariants = 20, kLongestVariant = 40;

std::string layoutKey(const QString& workspace) { return "layout/" + workspace.toStdString(); }
std::string variantsKey(const QString& workspace) { return "layouts/" + workspace.toStdString(); }
constexpr const char* kDesktopKey = "desktop";

/// Layouts by page that are whole; a page or panel that is not known any more is passed over.
QHash<QString, PaneLayout> layoutsOf(const Json& pages, const kit::PanelRegistry& panels) {
    QHash<QString, PaneLayout> out;
    if (!pages.is_object() || pages.size() > static_cast<std::size_t>(kMostPages)) return out;
    for (const auto& [id, json] : pages.items())
        if (auto layout = layoutFromJson(json, panels)) out.insert(QString::fromStdString(id), std::move(*layout));
    return out;
}

}  // namespace

struct WorkspaceArea::Stored {
    Json desktop;
    std::vector<std::pair<QString, Json>> layouts;
};

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
    for (const QString& fault : std::as_const(m_list.faults)) {
        if (m_told.contains(fault)) continue;
        m_told << fault;
        m_application.notifications().add(fault);
    }
    if (m_isOpen) {
        const QString now = m_workspace, page = m_view && pageSpec() ? pageSpec()->id : QString();
        for (const QString& key : m_views.keys()) dropViews(key.section(QLatin1Char('/'), 0, 0));
        m_workspace.clear();
        showWorkspace(m_list.find(now) ? now : fallbackId(), page);
    }
    Q_EMIT railChanged();
}

void WorkspaceArea::open(std::function<void()> done) {
    readAgain();
    m_isOpen = true;
    const int generation = ++m_generation;
    std::vector<QString> ids;
    for (const Workspace& one : m_list.all) ids.push_back(one.id);
    kit::asyncQuery<Stored>(
        m_application.panelContext(), this,
        [ids](store::Database& db) -> Result<Stored> {
            Stored out;
            DUBITO_TRY(out.desktop, store::querySetting(db, kDesktopKey));
            for (const QString& id : ids) {
                DUBITO_TRY(Json layout, store::querySetting(db, layoutKey(id)));
                if (!layout.is_null()) out.layouts.emplace_back(id, std::move(layout));
            }
            return out;
        },
        [this, generation, done = std::move(done)](Result<Stored> stored) {
            if (generation != m_generation) return;
            if (stored) takeStored(std::move(*stored));
            if (isHome()) showWorkspace(m_list.find(m_desktopText) ? m_desktopText : fallbackId());
            if (m_view) m_view->front()->focusContent();
            if (done) done();
        });
    readPlugins();
}

void WorkspaceArea::takeStored(Stored stored) {
    m_desktopText = QString::fromStdString(textOr(stored.desktop, "workspace", ""));
    for (auto& [id, json] : stored.layouts) {
        Kept& kept = m_kept[id];
        kept.text = jsonText(json);
        if (integerOr(json, "version", 0) != 1) continue;
        kept.page = QString::fromStdString(textOr(json, "page", ""));
        kept.layouts = layoutsOf(memberOf(json, "pages"), m_application.panels());
    }
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
    view = new PageView(m_application.panels(), layoutOf(workspace, page), m_application.panelContext());
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

// --- what the user made of it ---------------------------------------------------------------------------------------

Json WorkspaceArea::keptJson(const Workspace& workspace) {
    Kept& kept = m_kept[workspace.id];
    Json pages = Json::object();
    for (const WorkspacePage& page : workspace.pages) {
        if (const PageView* view = builtPage(workspace.id, page.id)) kept.layouts[page.id] = view->layoutNow();
        const auto found = kept.layouts.find(page.id);
        if (found == kept.layouts.end()) continue;
        Json layout = layoutToJson(*found);
        if (layout != layoutToJson(page.layout)) pages[page.id.toStdString()] = std::move(layout);
    }
    const bool isFront = kept.page.isEmpty() || workspace.pages.empty() || kept.page == workspace.pages.front().id;
    if (pages.empty() && isFront) return {};
    return {{"version", 1}, {"page", kept.page.toStdString()}, {"pages", std::move(pages)}};
}

void WorkspaceArea::keep() {
    m_keepSoon->stop();
    if (!m_isOpen || !m_application.service()) return;
    std::vector<std::pair<std::string, Json>> settings;
    for (const Workspace& one : m_list.all) {
        if (!m_kept.contains(one.id)) continue;
        Json json = keptJson(one);
        std::string text = json.is_null() ? std::string() : jsonText(json);
        if (text == m_kept[one.id].text) continue;
        m_kept[one.id].text = std::move(text);
        settings.emplace_back(layoutKey(one.id), std::move(json));
    }
    if (!isHome() && m_workspace != m_desktopText) {
        m_desktopText = m_workspace;
        settings.emplace_back(kDesktopKey, Json{{"workspace", m_workspace.toStdString()}});
    }
    if (settings.empty()) return;
    m_application.service()->post([settings = std::move(settings)](store::ProjectWriter& writer) {
        if (auto kept = writer.keepSettings(settings); !kept) logLine(LogLevel::Warn, kept.error().text());
    });
}

bool WorkspaceArea::isChanged() const {
    const Workspace* now = workspace();
    if (!now || isHome()) return false;
    for (const WorkspacePage& page : now->pages) {
        const auto kept = m_kept.value(now->id).layouts;
        if (const PageView* view = builtPage(now->id, page.id)) {
            if (!view->layoutNow().isLike(page.layout)) return true;
        } else if (kept.contains(page.id) && !kept[page.id].isLike(page.layout)) {
            return true;
        }
    }
    return false;
}

void WorkspaceArea::relabel() {
    const QString variant = m_variant.value(m_workspace);
    m_layout->setText(!variant.isEmpty() ? tr("layout %1 ▾").arg(variant)
                      : isChanged()      ? tr("layout changed ▾")
                                         : tr("layout as shipped ▾"));
}

void WorkspaceArea::chooseVariant() {
    if (isHome()) return;
    kit::asyncQuery<Json>(
        m_application.panelContext(), this,
        [key = variantsKey(m_workspace)](store::Database& db) { return store::querySetting(db, key); },
        [this](Result<Json> variants) {
            auto* menu = new QMenu(this);
            menu->setAttribute(Qt::WA_DeleteOnClose);
            menu->addAction(tr("As shipped"), this, [this] { reset(); });
            if (variants && variants->is_object())
                for (const auto& [name, value] : variants->items())
                    menu->addAction(QString::fromStdString(name).left(kLongestVariant), this,
                        [this, name = QString::fromStdString(name)] { useVariant(name); });
            menu->addSeparator();
            menu->addAction(tr("Save this layout as…"), this,
                [this] { m_application.panelContext().trigger(QStringLiteral("view.perspective.save")); });
            menu->popup(m_layout->mapToGlobal(QPoint(0, m_layout->height())));
        });
}

void WorkspaceArea::useVariant(const QString& name) {
    kit::asyncQuery<Json>(
        m_application.panelContext(), this,
        [key = variantsKey(m_workspace)](store::Database& db) { return store::querySetting(db, key); },
        [this, name, id = m_workspace](Result<Json> variants) {
            if (!variants || id != m_workspace || isHome()) return;
            m_kept[id].layouts = layoutsOf(memberOf(*variants, name.toStdString()), m_application.panels());
            dropViews(id);
            m_variant[id] = name;
            showWorkspace(id, m_kept[id].page);
        });
}

void WorkspaceArea::saveVariant(const QString& name) {
    const Workspace* now = workspace();
    const QString own = name.trimmed().left(kLongestVariant);
    if (!now || isHome() || own.isEmpty()) return;
    Json pages = Json::object();
    for (const WorkspacePage& page : now->pages) {
        const PageView* view = builtPage(now->id, page.id);
        pages[page.id.toStdString()] = layoutToJson(view ? view->layoutNow() : layoutOf(*now, page));
    }
    m_variant[now->id] = own;
    relabel();
    m_application.ask([key = variantsKey(now->id), own = own.toStdString(), pages](run::RunService& service) {
        return service.call([&](store::ProjectWriter& writer) -> Result<void> {
            DUBITO_TRY(Json all, store::querySetting(writer.database(), key));
            if (!all.is_object()) all = Json::object();
            if (!all.contains(own) && all.size() >= static_cast<std::size_t>(kMostVariants))
                return Error(Code::Limit, "a workspace keeps at most 20 layouts");
            all[own] = pages;
            return writer.setSetting(key, all);
        });
    });
}

void WorkspaceArea::reset() {
    if (isHome()) return;
    const QString id = m_workspace;
    m_kept[id].layouts.clear();
    m_variant.remove(id);
    dropViews(id);
    showWorkspace(id, m_kept[id].page);
    keep();
}

}  // namespace dubito::app
