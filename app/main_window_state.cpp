// Where the window stands and which of its parts are shown; what the user said of it is kept over a restart.
#include <QApplication>
#include <QCloseEvent>
#include <QScrollArea>
#include <QSplitter>
#include <QTimer>
#include <QToolButton>

#include "application.h"
#include "cursor_player.h"
#include "drawer.h"
#include "kit/pane_frame.h"
#include "main_window.h"
#include "page_view.h"
#include "project_explorer.h"
#include "rail.h"
#include "screen_fit.h"
#include "settings.h"
#include "workspace_area.h"

namespace dubito::app {
namespace {

constexpr int kExplorerWidth = 216, kSideWidth = 340, kDrawerHeight = 240, kOneColumn = 460, kTwoColumns = 700;
constexpr QSize kUsualSize(1280, 800), kSmallestSize(960, 600);
constexpr QSize kUsualFrame(16, 48);
const QString kExplorer = QStringLiteral("explorer"), kSide = QStringLiteral("side");

}  // namespace

void MainWindow::restorePlace() {
    const QRect available = availableFor(*this);
    const QSize room = available.isValid() ? available.size() - kUsualFrame : kUsualSize;
    setMinimumSize(kSmallestSize.boundedTo(room));
    resize(kUsualSize.boundedTo(room));
    const QByteArray geometry = m_application.settings().geometry();
    if (!geometry.isEmpty() && restoreGeometry(geometry)) {
        const QRect fits = fitted(this->geometry(), {}, availableFor(*this));
        if (!isMaximized() && !isFullScreen() && fits != this->geometry()) setGeometry(fits);
    }
    m_placed = size();
    m_across->setSizes({kExplorerWidth, width() - kExplorerWidth - kSideWidth, kSideWidth});
}

void MainWindow::standBeside(const MainWindow& other) {
    constexpr QPoint kStep(32, 32);
    if (!other.isMaximized() && !other.isFullScreen())
        setGeometry(fitted(other.geometry().translated(kStep), frameOf(other), availableFor(other)));
    m_placed = size();
}

void MainWindow::settle() {
    if (!isVisible() || windowState() & (Qt::WindowMaximized | Qt::WindowFullScreen | Qt::WindowMinimized)) return;
    const QRect fits = fitted(geometry(), frameOf(*this), availableFor(*this));
    if (fits != geometry()) setGeometry(fits);
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    // A size that someone asked for is theirs; ours is mended once the frame is known, which comes after the window.
    if (size() != m_placed) return;
    m_placed = {};
    for (const int ms : {0, 200, 600}) QTimer::singleShot(ms, this, &MainWindow::settle);
}

void MainWindow::changeEvent(QEvent* event) {
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::ActivationChange && isActiveWindow()) m_application.setFront(this);
    if (event->type() != QEvent::WindowStateChange) return;
    // The size from before it was maximised may be that of a larger screen.
    if (static_cast<QWindowStateChangeEvent*>(event)->oldState() & Qt::WindowMaximized)
        QTimer::singleShot(200, this, &MainWindow::settle);
}

void MainWindow::showCursorRow() {
    const PageView* page = m_area->page();
    const WorkspacePage* spec = m_area->pageSpec();
    m_cursorRow->setVisible(page && spec && spec->hasCursor && page->hasAxis());
}

void MainWindow::arrange() {
    const bool isHome = m_area->isHome();
    PageView* page = m_area->page();
    showCursorRow();
    m_drawer->words()->setVisible(m_application.hasProject() && !isHome);
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
    const Settings& settings = m_application.settings();
    const auto saidExplorer = settings.shows(kExplorer, now.id), saidSide = settings.shows(kSide, now.id);
    bool explorer = saidExplorer.value_or(now.hasExplorer), side = saidSide.value_or(true);
    const auto left = [&] { return room - (explorer ? kExplorerWidth : 0) - (side ? kSideWidth : 0); };
    if (explorer && !saidExplorer && left() < needed) explorer = false;
    if (side && !saidSide && left() < needed) side = false;
    // Both are wanted, in a window that has got too narrow for them: the one asked for last stays.
    if (explorer && side && left() < kOneColumn) (m_askedLast == kExplorer ? side : explorer) = false;
    if (explorer && m_explorer->isHidden() && m_explorer->width() < kExplorerWidth - 60)
        m_across->setSizes({kExplorerWidth, room - kExplorerWidth - (side ? kSideWidth : 0), side ? kSideWidth : 0});
    m_explorer->setVisible(explorer);
    m_sideScroll->setVisible(side);
    m_explorerWord->setVisible(!explorer);
    m_sideWord->setVisible(!side);
}

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
    m_askedLast = kExplorer;
    m_application.settings().setShows(kExplorer, m_area->workspace()->id, m_explorer->isHidden());
    arrange();
}

void MainWindow::toggleSide() {
    if (m_area->isHome() || !m_area->workspace()) return;
    m_askedLast = kSide;
    m_application.settings().setShows(kSide, m_area->workspace()->id, m_sideScroll->isHidden());
    arrange();
}

void MainWindow::playCursor() {
    if (m_cursorRow->isVisible()) m_player->toggle();
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    if (event->size().width() != event->oldSize().width()) arrange();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    const bool isLast = m_application.windows().size() < 2;
    if (isLast && !m_application.mayClose()) {
        event->ignore();
        return;
    }
    keepDrawer();
    const bool isFirst = isLast || m_application.windows().front().get() == this;
    if (isFirst) m_application.settings().setGeometry(saveGeometry());
    removePanels();  // with the panes that are in windows of their own
    event->accept();
    if (isLast) QApplication::quit();
    else m_application.drop(this);
}

}  // namespace dubito::app
