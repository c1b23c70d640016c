// The window arranges; actions and panels do.
#include "main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QLabel>
#include <QMimeData>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include "action_registry.h"
#include "application.h"
#include "banner.h"
#include "command_palette.h"
#include "dialogs/export_dialog.h"
#include "dialogs/run_dialog.h"
#include "drawer.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/pane_frame.h"
#include "kit/parts.h"
#include "notifications.h"
#include "open_files.h"
#include "page_view.h"
#include "panels.h"
#include "project_explorer.h"
#include "rail.h"
#include "settings.h"
#include "start_page.h"
#include "workspace_area.h"

namespace dubito::app {
MainWindow::MainWindow(Application& application)
    : m_application(application), m_actions(new ActionRegistry(application, application.settings(), this)),
      m_start(new StartPage(application, *m_actions)), m_rail(new Rail), m_area(new WorkspaceArea(application)),
      m_banner(new Banner(*m_actions)), m_across(new QSplitter), m_down(new QSplitter(Qt::Vertical)),
      m_explorer(new ProjectExplorer(application)), m_explorerWord(kit::wordButton({})),
      m_sideWord(kit::wordButton(tr("Selection ◂"))), m_sideScroll(new QScrollArea), m_side(new QStackedWidget),
      m_drawer(new Drawer(application.panels())), m_cursorRow(new QWidget), m_cursor(new QSlider(Qt::Horizontal)),
      m_cursorAxis(new QLabel), m_cursorText(new QLabel), m_running(kit::wordButton({})),
      m_notices(kit::wordButton({})), m_gpu(kit::wordButton({})),
      m_language(
          statusMenu(tr("Language"), {QStringLiteral("view.language.en"), QStringLiteral("view.language.zh_CN")})),
      m_theme(statusMenu(tr("Theme"), {QStringLiteral("view.theme.light"), QStringLiteral("view.theme.dark"),
                                          QStringLiteral("view.theme.contrast")})),
      m_statusTimer(new QTimer(this)), m_noticeTimer(new QTimer(this)) {
    kit::speakParts();
    setWindowTitle(QStringLiteral("Dubito"));
    setAcceptDrops(true);
    m_area->setHome(m_start);
    m_explorer->setMinimumWidth(150);
    for (QSplitter* splitter : {m_across, m_down}) splitter->setHandleWidth(1), splitter->setChildrenCollapsible(false);
    m_across->addWidget(m_explorer);
    m_across->addWidget(m_area);
    m_across->addWidget(buildSide());
    m_across->setStretchFactor(1, 1);
    m_down->addWidget(m_across);
    m_down->addWidget(m_drawer);
    m_down->setStretchFactor(0, 1);
    connect(m_banner, &Banner::hidden, &application, &Application::hideBanner);
    connect(&application, &Application::bannerChanged, this, [this] {
        m_banner->show(m_application.banner());
        refreshStatus();
    });
    buildCursor();
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    right->addWidget(m_banner);
    right->addWidget(m_down, 1);
    auto* above = new QHBoxLayout;
    above->setSpacing(0);
    above->addWidget(m_rail);
    above->addLayout(right, 1);
    auto* centre = new QWidget;
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(above, 1);
    column->addWidget(m_cursorRow);
    setCentralWidget(centre);
    buildMenus();
    buildStatus();
    connectArea();
    m_statusTimer->setInterval(1000);
    connect(m_statusTimer, &QTimer::timeout, this, &MainWindow::refreshStatus);
    m_noticeTimer->setSingleShot(true);
    connect(m_noticeTimer, &QTimer::timeout, this, &MainWindow::refreshStatus);
    connect(&application.notifications(), &Notifications::changed, this, &MainWindow::showNotice);
    restorePlace();
    fillRail();
    showStart();
}

QWidget* MainWindow::explorerWidget() const { return m_explorer; }

void MainWindow::setBusy(const QString& what) {
    m_busy = what;
    refreshStatus();
}

void MainWindow::fillRail() {
    const bool isOpen = m_area->isOpen();
    const auto entries = [&](const QStringList& ids) {
        QVector<RailEntry> out;
        for (const QString& id : ids) {
            const Workspace* one = m_area->list().find(id);
            out << RailEntry{id, inLanguage(one->title, id), one->sign, isOpen || id == homeId()};
        }
        return out;
    };
    m_rail->setEntries(entries(m_area->shown()), entries(m_area->rest()));
    m_rail->setCurrent(m_area->workspace() ? m_area->workspace()->id : homeId());
}

void MainWindow::showStart() {
    m_area->showWorkspace(homeId());
    m_statusTimer->stop();
    m_progress.clear();
    setWindowTitle(QStringLiteral("Dubito"));
    m_actions->refresh();
    arrange();
    refreshStatus();
}

void MainWindow::removePanels() {
    m_statusTimer->stop();
    m_area->close();
    m_drawer->close();
    while (m_side->count()) m_side->removeWidget(m_side->widget(0));
    delete m_runCard;
    m_runCard = nullptr;
    m_explorer->detach();
}

kit::PanelContext MainWindow::context() {
    kit::PanelContext out = m_application.panelContext();
    out.trigger = [this](const QString& action) { trigger(action); };
    return out;
}

void MainWindow::showProject(std::function<void()> done, const QString& workspace) {
    m_banner->show(m_application.banner());
    setWindowTitle(QFileInfo(m_application.projectPath()).fileName() + QStringLiteral(" – Dubito"));
    m_explorer->attach(context());
    m_drawer->open(context());
    m_runCard = makeRunCard(context());
    m_side->addWidget(m_runCard);
    m_statusTimer->start();
    countRuns();
    m_area->open(std::move(done), workspace);
    fillRail();
    m_actions->refresh();
    refreshStatus();
}

void MainWindow::countRuns() {
    kit::asyncQuery<std::int64_t>(
        m_application.panelContext(), m_runCard, [](store::Database& db) { return store::countRuns(db, {}); },
        [this](Result<std::int64_t> runs) {
            m_explorerWord->setText(QStringLiteral("▸ ") + QFileInfo(m_application.projectPath()).fileName() +
                                    (runs ? tr(", %n run(s)", nullptr, static_cast<int>(*runs)) : QString()));
        });
}

kit::PaneFrame* MainWindow::frontPane() const {
    const QWidget* focus = QApplication::focusWidget();
    if (focus && !m_drawer->isHidden() && m_drawer->isAncestorOf(focus)) return m_drawer->front();
    PageView* page = m_area->pageInHand();
    return page ? page->front() : nullptr;
}

kit::Panel* MainWindow::frontPanel() const {
    kit::PaneFrame* pane = frontPane();
    return pane ? pane->panel() : nullptr;
}

kit::Panel* MainWindow::axisPanel() const {
    PageView* page = m_area->page();
    if (!page) return nullptr;
    if (page->front()->kind().hasAxis && page->front()->panel()) return page->front()->panel();
    for (const kit::PaneFrame* pane : page->panes())
        if (pane->kind().hasAxis && pane->panel()) return pane->panel();
    return nullptr;
}

kit::Panel* MainWindow::panel(const QString& id) const {
    if (m_area->page())
        if (kit::PaneFrame* pane = m_area->page()->find(id)) return pane->build();
    if (m_drawer->hasTool(id) && m_drawer->tool() == id && m_drawer->front()) return m_drawer->front()->build();
    for (const Workspace& one : m_area->list().all)
        for (const WorkspacePage& page : one.pages)
            if (const PageView* view = m_area->builtPage(one.id, page.id))
                if (const kit::PaneFrame* pane = view->find(id); pane && pane->panel()) return pane->panel();
    return nullptr;
}

void MainWindow::takeSide(kit::Panel* panel) {
    QWidget* side = panel ? panel->sideWidget() : nullptr;
    if (side && m_side->indexOf(side) < 0) {
        m_side->addWidget(side);
        connect(panel, &QObject::destroyed, side, &QObject::deleteLater);
    }
    if (!side) side = m_runCard;
    if (side) m_side->setCurrentWidget(side);
}

void MainWindow::followFront() {
    QTimer::singleShot(0, this, [this] {
        PageView* page = m_area->page();
        if (!page) return;
        showCursorRow();
        const kit::PaneFrame* front = page->front();
        const bool isOfRun = front->canShow() && !front->isWithOwn();
        kit::Panel* shown = isOfRun ? front->panel() : nullptr;
        // The pane in front has nothing to say of this run, or goes on with one of its own: the first that has.
        if (!isOfRun)
            for (const kit::PaneFrame* pane : page->panes())
                if (!shown && pane->canShow() && pane->panel() && pane->panel()->sideWidget()) shown = pane->panel();
        takeSide(shown);
        m_application.followViews();
        updateCursor();
    });
}

bool MainWindow::isInteractive() const {
    const PageView* page = m_area->page();
    if (!page) return false;
    const auto panes = page->panes();
    return std::any_of(
        panes.begin(), panes.end(), [](const kit::PaneFrame* pane) { return pane->kind().isInteractive; });
}

kit::CursorRange MainWindow::cursorRange() const {
    const kit::Panel* panel = axisPanel();
    return panel ? panel->cursor() : kit::CursorRange{};
}

void MainWindow::goToStep(qint64 step) {
    if (kit::Panel* panel = axisPanel()) panel->moveCursor(step);
    updateCursor();
}

void MainWindow::updateCursor() {
    const kit::CursorRange range = cursorRange();
    m_cursorRow->setEnabled(range.last >= 0);
    m_cursorAxis->setText(range.axis.isEmpty() ? tr("step") : range.axis);
    const QSignalBlocker block(m_cursor);
    m_cursor->setMaximum(static_cast<int>(std::clamp<qint64>(range.last, 1, std::numeric_limits<int>::max())));
    // The step that was chosen on another run may lie beyond the end of this one.
    const qint64 value = std::clamp<qint64>(range.value, 0, std::max<qint64>(0, range.last));
    m_cursor->setValue(static_cast<int>(std::min<qint64>(value, m_cursor->maximum())));
    m_cursorText->setText(
        range.last < 0 ? QString()
                       : QStringLiteral("%1 / %2").arg(QLocale().toString(value), QLocale().toString(range.last)));
}

void MainWindow::trigger(const QString& action) { m_actions->trigger(action); }

void MainWindow::showPanel(const QString& id) {
    if (!m_application.hasProject()) return;
    if (m_area->page() && m_area->page()->find(id)) {
        m_area->showPanel(id);
    } else if (m_drawer->hasTool(id)) {
        if (m_area->isHome()) m_area->showWorkspace(fallbackId());
        m_isDrawerOpen = true;
        arrange();
        m_drawer->showTool(id);
    } else {
        m_area->showPanel(id);
    }
}

void MainWindow::openRun(qint64 runNo) { m_area->openRun(runNo); }

void MainWindow::showWorkspaceAt(int place) {
    const QString id = m_area->shown().value(place);
    if (id.isEmpty() || (id != homeId() && !m_application.hasProject())) return;
    m_area->showWorkspace(id);
    if (m_area->page()) m_area->page()->front()->focusContent();
}

void MainWindow::showPageAt(int index) { m_area->showPageAt(index); }

void MainWindow::pinFront() {
    if (kit::PaneFrame* pane = frontPane(); pane && !pane->kind().ofProject) pane->setPinned(!pane->isPinned());
}

void MainWindow::splitFront(Qt::Orientation way) {
    if (PageView* page = m_area->pageInHand()) page->split(page->front(), way);
}

void MainWindow::closeFront() {
    if (PageView* page = m_area->pageInHand()) page->close(page->front());
}

void MainWindow::popOut() {
    if (PageView* page = m_area->pageInHand()) page->popOut(page->front());
}

void MainWindow::showPalette() { (new CommandPalette(m_application, *m_actions, this))->show(); }

void MainWindow::showDataTable() {
    kit::PaneFrame* pane = frontPane();
    kit::Panel* front = frontPanel();
    if (!front) return;
    std::function<void()> points;
    for (const kit::Figure& one : front->figures())
        if (one.writeCsv && !points)
            points = [this, guard = QPointer<kit::PaneFrame>(pane)] {
                if (guard) ExportDialog::open(m_application, *guard, this)->chooseKind(ExportDialog::Kind::Csv);
            };
    (new kit::DataTwin(front->dataTable(), this, points))->show();
}

void MainWindow::exportPanel() {
    if (frontPanel()) ExportDialog::open(m_application, *frontPane(), this);
}

void MainWindow::copyFigure() {
    if (frontPanel()) ExportDialog::copy(m_application, *frontPane());
}

void MainWindow::focusNextArea() {
    QVector<QWidget*> areas{m_rail, m_explorer};
    if (PageView* page = m_area->page())
        for (kit::PaneFrame* pane : page->panes()) areas << pane;
    else areas << m_start;
    areas << m_sideScroll << m_drawer << m_cursorRow << statusBar();
    const QWidget* focus = QApplication::focusWidget();
    int now = -1;
    for (int i = 0; i < areas.size(); ++i)
        if (focus && (areas[i] == focus || areas[i]->isAncestorOf(focus))) now = i;
    for (int step = 1; step <= areas.size(); ++step) {
        QWidget* next = areas[(now + step) % areas.size()];
        if (!next->isVisible() || !next->isEnabled()) continue;
        if (auto* pane = qobject_cast<kit::PaneFrame*>(next)) {
            pane->window()->activateWindow();
            return pane->focusContent();
        }
        for (QWidget* child : next->findChildren<QWidget*>())
            if (child->isVisible() && child->isEnabled() && (child->focusPolicy() & Qt::TabFocus)) {
                activateWindow();
                return child->setFocus(Qt::ShortcutFocusReason);
            }
    }
}

void MainWindow::choosePerspective() { m_area->chooseVariant(); }

void MainWindow::savePerspective(const QString& name) {
    if (!m_application.service() || m_area->isHome()) return;
    bool ok = true;
    const QString own = name.isEmpty() ? QInputDialog::getText(this, tr("Save this layout"),
                                             tr("A name for the layout of this workspace:"), QLineEdit::Normal, {}, &ok)
                                       : name;
    if (ok) m_area->saveVariant(own);
}

void MainWindow::resetPerspective() { m_area->reset(); }

void MainWindow::newRun(bool repeat) {
    RunDialog::open(m_application, this, repeat ? m_application.selection()->leadingRun() : 0, {});
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    QStringList paths;
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile()) paths << url.toLocalFile();
    event->acceptProposedAction();
    m_application.setFront(this);
    // The program that they come from waits until this returns.
    QTimer::singleShot(0, this, [this, paths] { openDropped(m_application, paths); });
}

}  // namespace dubito::app
