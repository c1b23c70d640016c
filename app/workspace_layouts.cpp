// What the user made of the workspaces: read when a project opens, kept in it, named, chosen and taken back.
#include <QCoreApplication>
#include <QMenu>
#include <QPointer>
#include <QTimer>
#include <QToolButton>

#include "actions/run_facts.h"
#include "application.h"
#include "base/log.h"
#include "kit/pane_frame.h"
#include "main_window.h"
#include "notifications.h"
#include "page_view.h"
#include "workspace_area.h"

namespace dubito::app {
namespace {

constexpr const char* kNowhere = "?";  ///< no layout reads like this: what is there is not known
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

void WorkspaceArea::open(std::function<void()> done, const QString& workspace) {
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
        [this, generation, workspace, done = std::move(done)](Result<Stored> stored) {
            if (generation != m_generation) return;
            if (stored) takeStored(std::move(*stored));
            const QString wanted = workspace.isEmpty() ? m_desktopText : workspace;
            if (isHome()) showWorkspace(m_list.find(wanted) ? wanted : fallbackId());
            if (!workspace.isEmpty()) m_desktopText.clear();  // another window may have left another one since
            if (m_view) m_view->front()->focusContent();
            if (done) done();
        });
    readPlugins();
}

bool WorkspaceArea::isOfFirstWindow() const {
    const auto& windows = m_application.windows();
    return windows.empty() || &windows.front()->area() == this;
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

/// What the user changed of the pages that were shown; one that is as shipped follows what is shipped later.
void WorkspaceArea::readViews() {
    for (const Workspace& one : m_list.all)
        for (const WorkspacePage& page : one.pages) {
            const PageView* view = builtPage(one.id, page.id);
            if (!view) continue;
            PaneLayout layout = view->layoutNow();
            if (layoutToJson(layout) == layoutToJson(page.layout)) m_kept[one.id].layouts.remove(page.id);
            else m_kept[one.id].layouts[page.id] = std::move(layout);
        }
}

Json WorkspaceArea::keptJson(const Workspace& workspace) const {
    const Kept kept = m_kept.value(workspace.id);
    Json pages = Json::object();
    for (const WorkspacePage& page : workspace.pages) {
        const auto found = kept.layouts.find(page.id);
        if (found != kept.layouts.end()) pages[page.id.toStdString()] = layoutToJson(*found);
    }
    const bool isFront = kept.page.isEmpty() || workspace.pages.empty() || kept.page == workspace.pages.front().id;
    if (pages.empty() && isFront) return {};
    return {{"version", 1}, {"page", kept.page.toStdString()}, {"pages", std::move(pages)}};
}

void WorkspaceArea::keep() {
    m_keepSoon->stop();
    readViews();
    if (!m_isOpen || !m_application.service()) return;
    std::vector<std::pair<std::string, Json>> settings;
    QStringList sent;
    for (const Workspace& one : m_list.all) {
        if (!m_kept.contains(one.id)) continue;
        Json json = keptJson(one);
        std::string text = json.is_null() ? std::string() : jsonText(json);
        if (text == m_kept[one.id].text) continue;
        m_kept[one.id].text = std::move(text);
        sent << one.id;
        settings.emplace_back(layoutKey(one.id), std::move(json));
    }
    if (!isHome() && m_workspace != m_desktopText && isOfFirstWindow()) {
        m_desktopText = m_workspace;
        settings.emplace_back(kDesktopKey, Json{{"workspace", m_workspace.toStdString()}});
    }
    if (settings.empty()) return;
    m_application.service()->post([settings = std::move(settings), sent, guard = QPointer(this),
                                      generation = m_generation](store::ProjectWriter& writer) {
        const auto kept = writer.keepSettings(settings);
        if (kept) return;
        logLine(LogLevel::Warn, kept.error().text());
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, sent, generation, why = QString::fromStdString(kept.error().message())] {
                if (guard) guard->onNotKept(generation == guard->m_generation ? sent : QStringList(), why);
            },
            Qt::QueuedConnection);
    });
}

/// The next change tries again; what is said once is enough.
void WorkspaceArea::onNotKept(const QStringList& workspaces, const QString& why) {
    for (const QString& id : workspaces) m_kept[id].text = kNowhere;
    m_application.notifications().addOnce(tr("The layout could not be kept in the project: %1").arg(why));
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
        [this, generation = m_generation](Result<Json> variants) {
            if (generation != m_generation) return;
            auto* menu = new QMenu(this);
            menu->setAttribute(Qt::WA_DeleteOnClose);
            menu->addAction(tr("As shipped"), this, [this] { reset(); });
            if (variants && variants->is_object())
                for (const auto& [name, value] : variants->items())
                    menu->addAction(QString::fromStdString(name).left(kLongestVariant), this,
                        [this, name = QString::fromStdString(name)] { useVariant(name); });
            menu->addSeparator();
            menu->addAction(tr("Save this layout as…"), this,
                [this] { Q_EMIT actionAsked(QStringLiteral("view.perspective.save")); });
            menu->popup(m_layout->mapToGlobal(QPoint(0, m_layout->height())));
        });
}

void WorkspaceArea::useVariant(const QString& name) {
    kit::asyncQuery<Json>(
        m_application.panelContext(), this,
        [key = variantsKey(m_workspace)](store::Database& db) { return store::querySetting(db, key); },
        [this, name, id = m_workspace, generation = m_generation](Result<Json> variants) {
            if (!variants || generation != m_generation || id != m_workspace || isHome()) return;
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
    makeEdit(m_application, [key = variantsKey(now->id), own = own.toStdString(), pages](run::RunService& service) {
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
