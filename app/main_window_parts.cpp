// How the window is put together, once: menus, status bar, selection card, time cursor, and who hears whom.
#include <QHBoxLayout>
#include <QLabel>
#include <QMenuBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSlider>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolButton>
#include <QVBoxLayout>

#include "action_registry.h"
#include "application.h"
#include "cursor_player.h"
#include "drawer.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/pane_frame.h"
#include "kit/user_size.h"
#include "main_window.h"
#include "page_view.h"
#include "rail.h"
#include "settings.h"
#include "start_page.h"
#include "workspace_area.h"

namespace dubito::app {
namespace {

QStringList words(std::initializer_list<const char*> list) {
    QStringList out;
    for (const char* one : list) out << QString::fromLatin1(one);
    return out;
}

}  // namespace

QWidget* MainWindow::buildSide() {
    auto* holder = new QWidget;
    holder->setProperty("role", "side");
    auto* hide = kit::wordButton(tr("Hide"));
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
    row->addWidget(m_player = new CursorPlayer(m_cursor));
    m_cursor->setAccessibleName(tr("Time cursor"));
    m_cursorRow->setProperty("role", "footer");
    m_cursorRow->setAttribute(Qt::WA_StyledBackground);
    m_cursorRow->setFixedHeight(kit::userSize(32));
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
    connect(m_area, &WorkspaceArea::actionAsked, this, &MainWindow::trigger);
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
    auto* name = new QLabel(QStringLiteral("Dubito"));
    name->setProperty("role", "name");
    menuBar()->setCornerWidget(name, Qt::TopLeftCorner);
    const auto menu = [this](const QString& title, const QStringList& ids) {
        QMenu* one = menuBar()->addMenu(title);
        one->setToolTipsVisible(true);  // why an entry is grey
        for (const QString& id : ids) {
            if (id.isEmpty()) one->addSeparator();
            else if (QAction* action = m_actions->action(id)) one->addAction(action);
        }
    };
    menu(tr("&Project"), words({"project.new", "project.open", "project.demo", "", "project.save_copy", "project.write",
                             "project.check", "project.close", "", "app.quit"}));
    menu(tr("&Edit"), words({"edit.undo", "edit.redo", "", "edit.title", "edit.star", "edit.note", "edit.tags", "",
                          "edit.copy", "edit.copyMarkdown", "", "edit.delete", "", "edit.saveView", "edit.emptyBin"}));
    menu(tr("&Run"), words({"run.new", "run.session", "chat.new", "chat.open_model", "chat.continue", "chat.tuned",
                         "run.repeat", "run.resume", "run.export_checkpoint", "", "model.teach", "model.train",
                         "model.tokenise", "model.lab", "", "run.open", "run.queue", "run.cancel", "run.kill"}));
    menu(tr("&View"), words({"view.new_window", "", "view.data_table", "view.export", "view.copy_figure", "",
                          "view.pin", "view.split_right", "view.split_below", "view.pop_out", "view.close_pane", "",
                          "view.explorer", "view.side", "view.drawer", "view.play", "", "view.perspective.choose",
                          "view.perspective.save", "view.perspective.reset", "", "view.theme.light", "view.theme.dark",
                          "view.theme.contrast", "", "view.language.en", "view.language.zh_CN"}));
    QStringList panels;
    for (const kit::PanelKind& kind : m_application.panels().kinds()) panels << QStringLiteral("view.panel.") + kind.id;
    menu(tr("P&anels"), panels);
    menu(tr("&Tools"), words({"view.palette", "view.shortcuts", "view.notices", "view.history", "view.next_area"}));
    menu(tr("&Help"), words({"help.system", "help.about"}));
    for (const auto& record : m_actions->records()) addAction(m_actions->action(record.id));
    auto* search = new QPushButton(tr("Search actions, runs, metrics"));
    auto* keys = new QLabel(m_actions->action(QStringLiteral("view.palette"))->shortcut().toString());
    auto* inside = new QHBoxLayout(search);
    inside->setContentsMargins(0, 0, 10, 0);
    inside->addWidget(keys, 0, Qt::AlignRight | Qt::AlignVCenter);
    keys->setAttribute(Qt::WA_TransparentForMouseEvents);
    connect(m_actions->action(QStringLiteral("view.palette")), &QAction::changed, keys,
        [this, keys] { keys->setText(m_actions->action(QStringLiteral("view.palette"))->shortcut().toString()); });
    search->setProperty("role", "search");
    search->setAccessibleName(tr("Search anything"));
    connect(search, &QPushButton::clicked, this, &MainWindow::showPalette);
    menuBar()->setCornerWidget(search);
}

}  // namespace dubito::app
