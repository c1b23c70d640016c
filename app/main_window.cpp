// The window arranges; actions and panels do.
#include "main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QLabel>
#include <QMenuBar>
#include <QMimeData>
#include <QPushButton>
#include <QSaveFile>
#include <QScreen>
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
#include "command_palette.h"
#include "dialogs/run_dialog.h"
#include "drawer.h"
#include "error_presenter.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/image_export.h"
#include "kit/pane_frame.h"
#include "notifications.h"
#include "page_view.h"
#include "panels.h"
#include "project_explorer.h"
#include "rail.h"
#include "settings.h"
#include "start_page.h"
#include "workspace_area.h"

namespace dubito::app {
namespace {

constexpr int kExplorerWidth = 216, kSideWidth = 320, kDrawerHeight = 240, kOneColumn = 460, kTwoColumns = 700;

QToolButton* word(const QString& text) {
    auto* out = new QToolButton;
    out->setText(text);
    out->setProperty("role", "word");
    out->setFocusPolicy(Qt::StrongFocus);
    out->setFixedHeight(22);
    return out;
}

QStringList words(std::initializer_list<const char*> list) {
    QStringList out;
    for (const char* one : list) out << QString::fromLatin1(one);
    return out;
}

}  // namespace

MainWindow::MainWindow(Application& application)
    : m_application(application), m_actions(new ActionRegistry(application, application.settings(), this)),
      m_start(new StartPage(application, *m_actions)), m_rail(new Rail), m_area(new WorkspaceArea(application)),
      m_banner(new QLabel), m_across(new QSplitter), m_down(new QSplitter(Qt::Vertical)),
      m_explorer(new ProjectExplorer(application)), m_explorerWord(word({})), m_sideWord(word(tr("Selection ◂"))),
      m_sideScroll(new QScrollArea), m_side(new QStackedWidget), m_drawer(new Drawer(application.panels())),
      m_cursorRow(new QWidget), m_cursor(new QSlider(Qt::Horizontal)), m_cursorAxis(new QLabel),
      m_cursorText(new QLabel), m_running(new QLabel), m_notices(new QLabel), m_right(new QLabel),
      m_statusTimer(new QTimer(this)) {
    setWindowTitle(QStringLiteral("Dubito"));
    setAcceptDrops(true);
    m_area->setHome(m_start);
    m_explorer->setMinimumWidth(150);
    for (QSplitter* splitter : {m_across, m_down}) splitter->setHandleWidth(1), splitter->setChildrenCollapsible(false);
    m_across->addWidget(m_explorer);
    m_across->addWidget(m_area);
    m_across->addWidget(buildSide());
    m_across->setStretchFactor(1, 1);
    m_across->setSizes({kExplorerWidth, 760, kSideWidth});
    m_down->addWidget(m_across);
    m_down->addWidget(m_drawer);
    m_down->setStretchFactor(0, 1);
    m_banner->setProperty("role", "bar");
    m_banner->setWordWrap(true);
    m_banner->hide();
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
    connect(&application.notifications(), &Notifications::changed, this, &MainWindow::refreshStatus);
    fitToScreen();
    fillRail();
    showStart();
}

void MainWindow::fitToScreen() {
    setMinimumSize(960, 600);
    QSize wanted(1280, 800);
    if (const QScreen* screen = QGuiApplication::primaryScreen())
        wanted = wanted.boundedTo(screen->availableGeometry().size() - QSize(16, 48)).expandedTo(minimumSize());
    resize(wanted);
    if (const QByteArray geometry = m_application.settings().geometry(); !geometry.isEmpty()) restoreGeometry(geometry);
}

QWidget* MainWindow::explorerWidget() const { return m_explorer; }

QWidget* MainWindow::buildSide() {
    auto* holder = new QWidget;
    holder->setProperty("role", "side");
    auto* hide = word(tr("Hide"));
    hide->setAccessibleName(tr("Hide the selection card"));
    connect(hide, &QToolButton::clicked, this, &MainWindow::toggleSide);
    auto* head = new QHBoxLayout;
    head->addWidget(kit::caption(tr("Selection")));
    head->addStretch();
    head->addWidget(hide);
    auto* column = new QVBoxLayout(holder);
    column->setContentsMargins(18, 12, 12, 10);
    column->addLayout(head);
    column->addWidget(m_side, 1);
    m_side->setMinimumWidth(0);
    m_side->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_sideScroll->setWidget(holder);
    m_sideScroll->setWidgetResizable(true);
    m_sideScroll->setFrameShape(QFrame::NoFrame);
    m_sideScroll->setMinimumWidth(260);
    m_sideScroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_sideScroll->setAccessibleName(tr("Selection"));
    return m_sideScroll;
}

void MainWindow::buildCursor() {
    auto* row = new QHBoxLayout(m_cursorRow);
    row->setContentsMargins(14, 0, 14, 0);
    m_cursorAxis->setProperty("role", "sub");
    m_cursorText->setFont(kit::monoFont());
    row->addWidget(m_cursorAxis);
    row->addWidget(m_cursor, 1);
    row->addWidget(m_cursorText);
    m_cursor->setAccessibleName(tr("Time cursor"));
    m_cursorRow->setProperty("role", "footer");
    m_cursorRow->setAttribute(Qt::WA_StyledBackground);
    m_cursorRow->setFixedHeight(32);
    connect(m_cursor, &QSlider::valueChanged, this, [this](int value) {
        if (kit::Panel* panel = axisPanel()) panel->moveCursor(value);
    });
}

void MainWindow::connectArea() {
    connect(m_rail, &Rail::chosen, this, [this](const QString& id) {
        m_area->showWorkspace(id);
        if (PageView* page = m_area->page()) page->front()->focusContent();
    });
    connect(m_area, &WorkspaceArea::railChanged, this, &MainWindow::fillRail);
    connect(m_area, &WorkspaceArea::workspaceChanged, this, [this] {
        m_rail->setCurrent(m_area->workspace() ? m_area->workspace()->id : QString());
        if (m_area->isHome()) m_start->refresh();
    });
    connect(m_area, &WorkspaceArea::pageChanged, this, [this] {
        arrange();
        followFront();
    });
    connect(m_area, &WorkspaceArea::frontChanged, this, &MainWindow::followFront);
    connect(m_area, &WorkspaceArea::tableAsked, this, &MainWindow::showDataTable);
    connect(m_area, &WorkspaceArea::exportAsked, this, &MainWindow::exportPanel);
    connect(m_area, &WorkspaceArea::panelAsked, this, &MainWindow::showPanel);
    m_area->corner()->insertWidget(0, m_explorerWord);
    m_area->corner()->addWidget(m_sideWord);
    m_explorerWord->setAccessibleName(tr("Show the project explorer"));
    m_sideWord->setAccessibleName(tr("Show the selection card"));
    connect(m_explorerWord, &QToolButton::clicked, this, &MainWindow::toggleExplorer);
    connect(m_sideWord, &QToolButton::clicked, this, &MainWindow::toggleSide);
    connect(m_drawer, &Drawer::toggleAsked, this, &MainWindow::toggleDrawer);
    connect(m_drawer, &Drawer::tableAsked, this, &MainWindow::showDataTable);
    connect(m_drawer, &Drawer::exportAsked, this, &MainWindow::exportPanel);
    connect(&m_application, &Application::catalogueChanged, m_area, &WorkspaceArea::readAgain);
    connect(m_application.selection(), &kit::Selection::runsChanged, this, [this] {
        updateCursor();
        m_actions->refresh();
    });
    connect(m_application.events(), &kit::RunEvents::added, this, &MainWindow::countRuns);
    connect(m_application.events(), &kit::RunEvents::committed, this, [this](qint64 runNo) {
        if (runNo == 0) countRuns();
    });
    m_drawer->setTool(m_application.settings().drawerTool());
    m_isDrawerOpen = m_application.settings().isDrawerOpen();
}

void MainWindow::buildMenus() {
    const auto menu = [this](const QString& title, const QStringList& ids) {
        QMenu* one = menuBar()->addMenu(title);
        one->setToolTipsVisible(true);  // why an entry is grey
        for (const QString& id : ids) {
            if (id.isEmpty()) one->addSeparator();
            else if (QAction* action = m_actions->action(id)) one->addAction(action);
        }
    };
    menu(tr("&Project"),
        words({"project.new", "project.open", "project.demo", "", "project.check", "project.close", "", "app.quit"}));
    menu(tr("&Edit"), words({"edit.undo", "edit.redo", "", "edit.title", "edit.star", "edit.delete", "",
                          "edit.saveView", "edit.emptyBin"}));
    menu(tr("&Run"), words({"run.new", "run.session", "chat.new", "chat.open_model", "chat.continue", "chat.tuned",
                         "run.repeat", "run.resume", "run.export_checkpoint", "", "model.train", "model.tokenise",
                         "model.lab", "", "run.open", "run.cancel", "run.kill"}));
    menu(tr("&View"),
        words({"view.data_table", "view.export", "", "view.pin", "view.split_right", "view.split_below", "view.pop_out",
            "view.close_pane", "", "view.explorer", "view.side", "view.drawer", "", "view.perspective.choose",
            "view.perspective.save", "view.perspective.reset", "", "view.theme.light", "view.theme.dark",
            "view.theme.contrast", "", "view.language.en", "view.language.zh_CN"}));
    QStringList panels;
    for (const kit::PanelKind& kind : m_application.panels().kinds()) panels << QStringLiteral("view.panel.") + kind.id;
    menu(tr("P&anels"), panels);
    menu(tr("&Tools"), words({"view.palette", "view.shortcuts", "view.notices", "view.history", "view.next_area"}));
    menu(tr("&Help"), words({"help.system", "help.about"}));
    for (const auto& record : m_actions->records()) addAction(m_actions->action(record.id));
    auto* search = new QPushButton(tr("Search actions, runs, metrics") + QStringLiteral("    Ctrl K"));
    search->setProperty("role", "search");
    search->setAccessibleName(tr("Search anything"));
    connect(search, &QPushButton::clicked, this, &MainWindow::showPalette);
    menuBar()->setCornerWidget(search);
}

void MainWindow::buildStatus() {
    for (QLabel* label : {m_running, m_notices, m_right}) label->setContentsMargins(8, 2, 8, 2);
    statusBar()->addWidget(m_running);
    statusBar()->addWidget(m_notices);
    statusBar()->addPermanentWidget(m_drawer->words());
    statusBar()->addPermanentWidget(m_right);
    statusBar()->setSizeGripEnabled(false);
    refreshStatus();
}

void MainWindow::refreshStatus() {
    const int live = m_application.service() ? m_application.service()->live() : 0;
    m_running->setText(!m_busy.isEmpty()             ? m_busy
                       : !m_application.hasProject() ? tr("no project")
                       : !m_application.service()    ? tr("read-only")
                       : live                        ? tr("%n run(s) alive", nullptr, live)
                                                     : tr("writer idle"));
    m_notices->setText(tr("%n notice(s)", nullptr, static_cast<int>(m_application.notifications().all().size())));
    m_right->setText(
        QStringLiteral("%1   %2   %3   %4")
            .arg(run::hasCudaDevice() ? tr("GPU") : tr("CPU only"), tr("offline"),
                QLocale().name().left(2) == QLatin1String("zh") ? QStringLiteral("zh_CN") : QStringLiteral("en"),
                kit::themeKind() == kit::ThemeKind::Dark           ? tr("dark")
                : kit::themeKind() == kit::ThemeKind::HighContrast ? tr("contrast")
                                                                   : tr("light")));
}

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
    m_banner->hide();
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
    m_explorerWanted.clear();
    m_sideWanted = -1;
}

void MainWindow::showProject(const QString& banner, std::function<void()> done) {
    m_banner->setText(banner);
    m_banner->setVisible(!banner.isEmpty());
    setWindowTitle(QFileInfo(m_application.projectPath()).fileName() + QStringLiteral(" – Dubito"));
    m_explorer->attach(m_application.panelContext());
    m_drawer->open(m_application.panelContext());
    m_runCard = makeRunCard(m_application.panelContext());
    m_side->addWidget(m_runCard);
    m_statusTimer->start();
    countRuns();
    m_area->open(std::move(done));
    fillRail();
    m_actions->refresh();
    refreshStatus();
}

void MainWindow::showCursorRow() {
    const PageView* page = m_area->page();
    const WorkspacePage* spec = m_area->pageSpec();
    m_cursorRow->setVisible(page && spec && spec->hasCursor && page->hasAxis());
}

void MainWindow::countRuns() {
    kit::asyncQuery<std::int64_t>(
        m_application.panelContext(), m_runCard, [](store::Database& db) { return store::queryCounter(db, "run"); },
        [this](Result<std::int64_t> runs) {
            m_explorerWord->setText(QStringLiteral("▸ ") + QFileInfo(m_application.projectPath()).fileName() +
                                    (runs ? tr(", %n run(s)", nullptr, static_cast<int>(*runs)) : QString()));
        });
}

void MainWindow::arrange() {
    const bool isHome = m_area->isHome();
    PageView* page = m_area->page();
    showCursorRow();
    m_drawer->words()->setVisible(m_application.hasProject());
    const bool showsDrawer = m_isDrawerOpen && !isHome;
    if (showsDrawer && m_drawer->isHidden()) {
        const int height = std::clamp(m_application.settings().drawerHeight(), 0, std::max(120, m_down->height() / 2));
        m_drawer->show();
        m_down->setSizes(
            {std::max(1, m_down->height() - (height ? height : kDrawerHeight)), height ? height : kDrawerHeight});
    } else if (!showsDrawer) {
        m_drawer->hide();
    }
    if (isHome || !page) {
        m_explorer->hide();
        m_sideScroll->hide();
        return;
    }
    // What the user has said holds; else the explorer gives way first, then the card.
    const Workspace& now = *m_area->workspace();
    const int room = width() - m_rail->width();
    const int needed = page->layoutNow().columns() > 1 ? kTwoColumns : kOneColumn;
    const bool saidExplorer = m_explorerWanted.contains(now.id);
    bool explorer = m_explorerWanted.value(now.id, now.hasExplorer), side = m_sideWanted != 0;
    const auto left = [&] { return room - (explorer ? kExplorerWidth : 0) - (side ? kSideWidth : 0); };
    if (explorer && !saidExplorer && left() < needed) explorer = false;
    if (side && m_sideWanted < 0 && left() < needed) side = false;
    if (explorer && m_explorer->isHidden() && m_explorer->width() < kExplorerWidth - 60)
        m_across->setSizes({kExplorerWidth, room - kExplorerWidth - (side ? kSideWidth : 0), side ? kSideWidth : 0});
    m_explorer->setVisible(explorer);
    m_sideScroll->setVisible(side);
    m_explorerWord->setVisible(!explorer);
    m_sideWord->setVisible(!side);
}

kit::PaneFrame* MainWindow::frontPane() const {
    const QWidget* focus = QApplication::focusWidget();
    if (focus && !m_drawer->isHidden() && m_drawer->isAncestorOf(focus)) return m_drawer->front();
    return m_area->page() ? m_area->page()->front() : nullptr;
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
        takeSide(front->canShow() ? front->panel() : nullptr);
        bool isInteractive = false;
        for (const kit::PaneFrame* pane : page->panes()) isInteractive |= pane->kind().isInteractive;
        if (m_application.service()) m_application.service()->setInteractiveInView(isInteractive);
        updateCursor();
    });
}

void MainWindow::updateCursor() {
    const kit::Panel* panel = axisPanel();
    const kit::CursorRange range = panel ? panel->cursor() : kit::CursorRange{};
    m_cursorRow->setEnabled(range.last >= 0);
    m_cursorAxis->setText(range.axis.isEmpty() ? tr("step") : range.axis);
    const QSignalBlocker block(m_cursor);
    m_cursor->setMaximum(static_cast<int>(std::clamp<qint64>(range.last, 1, std::numeric_limits<int>::max())));
    m_cursor->setValue(static_cast<int>(std::clamp<qint64>(range.value, 0, m_cursor->maximum())));
    m_cursorText->setText(range.last < 0
                              ? QString()
                              : QStringLiteral("%1 / %2").arg(QLocale().toString(range.value < 0 ? 0 : range.value),
                                    QLocale().toString(range.last)));
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

void MainWindow::toggleDrawer(const QString& tool) {
    if (m_area->isHome()) return;
    const bool isOther = !tool.isEmpty() && tool != m_drawer->tool();
    m_isDrawerOpen = m_drawer->isHidden() || isOther;
    if (!m_isDrawerOpen) keepDrawer();
    arrange();
    if (m_isDrawerOpen) m_drawer->showTool(tool);
    else if (m_area->page()) m_area->page()->front()->focusContent();
    keepDrawer();
}

void MainWindow::keepDrawer() {
    const int height = m_drawer->isHidden() ? m_application.settings().drawerHeight() : m_drawer->height();
    m_application.settings().setDrawer(height, m_drawer->tool(), m_isDrawerOpen);
}

void MainWindow::toggleExplorer() {
    if (m_area->isHome() || !m_area->workspace()) return;
    m_explorerWanted[m_area->workspace()->id] = m_explorer->isHidden();
    arrange();
}

void MainWindow::toggleSide() {
    if (m_area->isHome()) return;
    m_sideWanted = m_sideScroll->isHidden();
    arrange();
}

void MainWindow::pinFront() {
    if (kit::PaneFrame* pane = frontPane(); pane && !pane->kind().ofProject) pane->setPinned(!pane->isPinned());
}

void MainWindow::splitFront(Qt::Orientation way) {
    if (PageView* page = m_area->page()) page->split(page->front(), way);
}

void MainWindow::closeFront() {
    if (PageView* page = m_area->page()) page->close(page->front());
}

void MainWindow::popOut() {
    if (PageView* page = m_area->page()) page->popOut(page->front());
}

void MainWindow::showPalette() { (new CommandPalette(m_application, *m_actions, this))->show(); }

void MainWindow::showDataTable() {
    if (kit::Panel* front = frontPanel()) (new kit::DataTwin(front->dataTable(), this))->show();
}

void MainWindow::exportPanel() {
    kit::Panel* front = frontPanel();
    if (!front) return;
    const QString path = QFileDialog::getSaveFileName(this, tr("Export panel"), front->id() + QStringLiteral(".png"),
        tr("Pictures and tables (*.png *.svg *.pdf *.csv)"));
    if (path.isEmpty()) return;
    QString error;
    bool done = false;
    if (path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)) {
        QSaveFile file(path);
        done = file.open(QIODevice::WriteOnly) &&
               file.write(front->dataTable().asText(QLatin1Char(',')).toUtf8()) >= 0 && file.commit();
        if (!done) error = tr("The file could not be written: %1").arg(path);
    } else {
        done = kit::exportWidget(front->exportTarget(), path, &error);
    }
    m_application.notifications().add(done ? tr("Exported to %1").arg(path) : error);
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

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    if (event->size().width() != event->oldSize().width()) arrange();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!m_application.mayClose()) {
        event->ignore();
        return;
    }
    m_area->keep();
    if (!m_area->isHome()) keepDrawer();
    m_application.settings().setGeometry(saveGeometry());
    event->accept();
    QApplication::quit();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    for (const QUrl& url : event->mimeData()->urls()) {
        const QString path = url.toLocalFile();
        if (path.endsWith(QLatin1String(".dubito"))) {
            m_application.openProject(path);
        } else if (path.endsWith(QLatin1String(".json")) && m_application.service()) {
            auto text = readFile(path.toStdString(), 1 << 20);
            auto json = text ? parseJson(*text) : Result<Json>(text.error());
            if (json) RunDialog::open(m_application, this, 0, *json);
            else presentError(this, json.error());
        } else {
            m_application.notifications().add(
                tr("%1 cannot be opened here: projects (*.dubito) and run specs (*.json) can.").arg(path));
        }
    }
}

}  // namespace dubito::app
