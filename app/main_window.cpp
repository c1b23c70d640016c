// The window arranges; actions and panels do.
#include "main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QListWidget>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollArea>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QStatusBar>
#include <QTimer>
#include <QVBoxLayout>

#include "action_registry.h"
#include "application.h"
#include "chat/chat_panel.h"
#include "command_palette.h"
#include "crash_recovery.h"
#include "curves/curves_panel.h"
#include "dialogs/run_dialog.h"
#include "dialogs/shortcut_dialog.h"
#include "error_presenter.h"
#include "generic/record_panel.h"
#include "inspector/inspector_panel.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/image_export.h"
#include "lm/model_panel.h"
#include "lm/training_panel.h"
#include "log/log_panel.h"
#include "notifications.h"
#include "plugin_panel.h"
#include "project_explorer.h"
#include "runs/runs_panel.h"
#include "settings.h"
#include "start_page.h"

namespace dubito::app {
namespace {

/// A list in a window of its own: notices, history.
void showList(QWidget* parent, const QString& title, const QStringList& lines, const QString& empty) {
    auto* dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    auto* list = new QListWidget;
    list->addItems(lines.isEmpty() ? QStringList{empty} : lines);
    list->setAccessibleName(title);
    auto* layout = new QVBoxLayout(dialog);
    layout->addWidget(list);
    dialog->resize(640, 380);
    dialog->show();
}

}  // namespace

MainWindow::MainWindow(Application& application)
    : m_application(application), m_actions(new ActionRegistry(application, application.settings(), this)),
      m_pages(new QStackedWidget), m_start(new StartPage(application, *m_actions)), m_projectPage(new QWidget),
      m_banner(new QLabel), m_split(new QSplitter), m_explorer(new ProjectExplorer(application)),
      m_docks(new QMainWindow), m_sideScroll(new QScrollArea), m_side(new QStackedWidget), m_cursorRow(new QWidget),
      m_cursor(new QSlider(Qt::Horizontal)), m_cursorAxis(new QLabel), m_cursorText(new QLabel), m_running(new QLabel),
      m_notices(new QLabel), m_right(new QLabel), m_statusTimer(new QTimer(this)) {
    setWindowTitle(QStringLiteral("Dubito"));
    setAcceptDrops(true);
    resize(1280, 800);
    if (const QByteArray geometry = application.settings().geometry(); !geometry.isEmpty()) restoreGeometry(geometry);

    m_docks->setWindowFlags(Qt::Widget);
    m_docks->setDockNestingEnabled(true);
    m_docks->setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    m_docks->setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks);
    auto* sideHolder = new QWidget;
    sideHolder->setProperty("role", "side");
    auto* sideColumn = new QVBoxLayout(sideHolder);
    sideColumn->setContentsMargins(16, 16, 14, 10);
    sideColumn->addWidget(kit::caption(tr("Selection")));
    sideColumn->addWidget(m_side, 1);
    m_sideScroll->setWidget(sideHolder);
    m_sideScroll->setWidgetResizable(true);
    m_sideScroll->setFrameShape(QFrame::NoFrame);
    m_sideScroll->setMinimumWidth(312);
    m_side->setMinimumWidth(0);
    m_side->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_sideScroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_explorer->setMinimumWidth(150);
    m_split->setHandleWidth(1);
    m_split->addWidget(m_explorer);
    m_split->addWidget(m_docks);
    m_split->addWidget(m_sideScroll);
    m_split->setStretchFactor(1, 1);
    m_split->setSizes({208, 760, 312});
    m_banner->setProperty("role", "bar");
    m_banner->setWordWrap(true);
    m_banner->hide();

    auto* cursor = new QHBoxLayout(m_cursorRow);
    cursor->setContentsMargins(14, 6, 14, 6);
    m_cursorAxis->setProperty("role", "sub");
    cursor->addWidget(m_cursorAxis);
    cursor->addWidget(m_cursor, 1);
    cursor->addWidget(m_cursorText);
    m_cursor->setAccessibleName(tr("Time cursor"));
    m_cursorRow->setProperty("role", "footer");
    m_cursorRow->setAttribute(Qt::WA_StyledBackground);

    auto* page = new QVBoxLayout(m_projectPage);
    page->setContentsMargins(0, 0, 0, 0);
    page->setSpacing(0);
    page->addWidget(m_banner);
    page->addWidget(m_split, 1);
    page->addWidget(m_cursorRow);
    m_pages->addWidget(m_start);
    m_pages->addWidget(m_projectPage);
    setCentralWidget(m_pages);
    buildMenus();
    buildStatus();

    connect(m_cursor, &QSlider::valueChanged, this, [this](int value) {
        if (kit::Panel* front = frontPanel()) front->moveCursor(value);
    });
    connect(application.selection(), &kit::Selection::runsChanged, this, [this] {
        updateCursor();
        m_actions->refresh();
    });
    m_statusTimer->setInterval(1000);
    connect(m_statusTimer, &QTimer::timeout, this, &MainWindow::refreshStatus);
    connect(&application.notifications(), &Notifications::changed, this, &MainWindow::refreshStatus);
    showStart();
}

QWidget* MainWindow::explorerWidget() const { return m_explorer; }

void MainWindow::buildMenus() {
    const auto menu = [this](const QString& title, const QStringList& ids) {
        QMenu* one = menuBar()->addMenu(title);
        for (const QString& id : ids) {
            if (id.isEmpty()) one->addSeparator();
            else one->addAction(m_actions->action(id));
        }
    };
    const auto ids = [](std::initializer_list<const char*> list) {
        QStringList out;
        for (const char* id : list) out << QString::fromLatin1(id);
        return out;
    };
    menu(tr("&Project"),
        ids({"project.new", "project.open", "project.demo", "", "project.check", "project.close", "", "app.quit"}));
    menu(tr("&Edit"), ids({"edit.undo", "edit.redo", "", "edit.title", "edit.star", "edit.delete", "edit.emptyBin"}));
    menu(tr("&Run"),
        ids({"run.new", "run.session", "chat.new", "chat.open_model", "chat.continue", "chat.tuned", "run.repeat",
            "run.resume", "run.export_checkpoint", "", "model.tokenise", "model.lab", "", "run.cancel", "run.kill"}));
    menu(tr("&View"),
        ids({"view.data_table", "view.export", "view.pop_out", "", "view.perspective.watch", "view.perspective.inspect",
            "view.perspective.save", "view.perspective.reset", "", "view.theme.light", "view.theme.dark",
            "view.theme.contrast", "", "view.language.en", "view.language.zh_CN"}));
    menu(tr("P&anels"),
        ids({"view.panel.runs", "view.panel.curves", "view.panel.inspector", "view.panel.records", "view.panel.log",
            "view.panel.plugins", "view.panel.chat", "view.panel.model", "view.panel.training"}));
    menu(tr("&Tools"), ids({"view.palette", "view.shortcuts", "view.notices", "view.history", "view.next_area"}));
    menu(tr("&Help"), ids({"help.system", "help.about"}));
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

void MainWindow::showStart() {
    m_start->refresh();
    m_pages->setCurrentWidget(m_start);
    m_statusTimer->stop();
    setWindowTitle(QStringLiteral("Dubito"));
    m_actions->refresh();
    refreshStatus();
}

void MainWindow::removePanels() {
    ++m_generation;
    m_statusTimer->stop();
    while (m_side->count()) m_side->removeWidget(m_side->widget(0));
    for (QDockWidget* dock : std::as_const(m_dockOf)) delete dock;
    m_dockOf.clear();
    m_panels.clear();
    m_order.clear();
    m_explorer->detach();
}

void MainWindow::addPanel(kit::Panel* panel) {
    auto* dock = new QDockWidget(panel->title(), m_docks);
    dock->setObjectName(panel->id());
    dock->setWidget(panel);
    dock->setFeatures(QDockWidget::DockWidgetMovable | QDockWidget::DockWidgetFloatable);
    dock->setTitleBarWidget(new QWidget);
    connect(dock, &QDockWidget::topLevelChanged, dock, [dock](bool floating) {
        // A floating panel needs its title bar to be moved; a docked one shows its tab only.
        if (floating) dock->setTitleBarWidget(nullptr);
        else dock->setTitleBarWidget(new QWidget);
    });
    connect(dock, &QDockWidget::visibilityChanged, this, [this](bool visible) {
        if (visible) followFront();
    });
    if (m_order.isEmpty()) m_docks->addDockWidget(Qt::LeftDockWidgetArea, dock);
    else m_docks->tabifyDockWidget(m_dockOf[m_order.first()], dock);
    m_panels.insert(panel->id(), panel);
    m_dockOf.insert(panel->id(), dock);
    m_order << panel->id();
    connect(panel, &kit::Panel::cursorChanged, this, [this, panel] {
        if (frontPanel() == panel) updateCursor();
    });
    if (QWidget* side = panel->sideWidget()) m_side->addWidget(side);
}

void MainWindow::showProject(const QString& banner, std::function<void()> done) {
    m_pages->setCurrentWidget(m_projectPage);
    m_banner->setText(banner);
    m_banner->setVisible(!banner.isEmpty());
    setWindowTitle(QFileInfo(m_application.projectPath()).fileName() + QStringLiteral(" – Dubito"));
    m_explorer->attach(m_application.panelContext());
    m_statusTimer->start();
    m_actions->refresh();
    refreshStatus();
    m_wanted = QStringLiteral("runs");
    buildPanel(0, ++m_generation, std::move(done));
}

void MainWindow::buildPanel(int index, int generation, std::function<void()> done) {
    // One step an event: the window answers in between.
    if (generation != m_generation) return;
    kit::Panel* panel = nullptr;
    switch (index) {
        case 0: panel = new runs::RunsPanel; break;
        case 1: panel = new curves::CurvesPanel; break;
        case 2: panel = new inspector::InspectorPanel; break;
        case 3: panel = new generic::RecordPanel; break;
        case 4: panel = new log::LogPanel; break;
        case 5: panel = new PluginPanel(m_application); break;
        case 6: panel = new chat::ChatPanel; break;
        case 7: panel = new lmview::ModelPanel; break;
        case 8: panel = new lmview::TrainingPanel; break;
        default: return restoreLayout(std::move(done));
    }
    QTimer::singleShot(0, this, [this, panel, index, generation, done = std::move(done)]() mutable {
        if (generation != m_generation) return delete panel;
        addPanel(panel);
        panel->attach(m_application.panelContext());
        QTimer::singleShot(0, this, [this, index, generation, done = std::move(done)]() mutable {
            buildPanel(index + 1, generation, std::move(done));
        });
    });
}

void MainWindow::restoreLayout(std::function<void()> done) {
    showPanel(m_wanted);
    if (done) done();
    // The layout that was left; stored in the project.
    kit::asyncQuery<Json>(
        m_application.panelContext(), this, [](store::Database& db) { return store::querySetting(db, "layout"); },
        [this](Result<Json> layout) {
            if (!layout || !layout->is_object()) return;
            m_docks->restoreState(QByteArray::fromBase64(QByteArray::fromStdString(textOr(*layout, "docks", ""))));
            for (const auto& [id, value] : memberOf(*layout, "panels").items())
                if (kit::Panel* one = m_panels.value(QString::fromStdString(id)))
                    one->restoreLayout(QJsonDocument::fromJson(QByteArray::fromStdString(jsonText(value))).object());
        });
}

kit::Panel* MainWindow::frontPanel() const {
    for (const QString& id : m_order) {
        QDockWidget* dock = m_dockOf[id];
        if (dock->isVisible() && !dock->visibleRegion().isEmpty()) return m_panels[id];
    }
    return m_panels.value(m_order.value(0));
}

void MainWindow::followFront() {
    QTimer::singleShot(0, this, [this] {
        kit::Panel* front = frontPanel();
        if (!front) return;
        QWidget* side = front->sideWidget();
        if (!side)
            side = m_panels.value(QStringLiteral("runs")) ? m_panels[QStringLiteral("runs")]->sideWidget() : nullptr;
        if (side && m_side->indexOf(side) >= 0) m_side->setCurrentWidget(side);
        if (m_application.service())
            m_application.service()->setInteractiveInView(
                front->id() == QLatin1String("inspector") || front->id() == QLatin1String("chat"));
        updateCursor();
    });
}

void MainWindow::updateCursor() {
    const kit::Panel* front = frontPanel();
    const kit::CursorRange range = front ? front->cursor() : kit::CursorRange{};
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
    m_wanted = id;  // a panel still to be built is shown when it is there
    if (QDockWidget* dock = m_dockOf.value(id)) {
        dock->show();
        dock->raise();
        dock->widget()->setFocus();
        followFront();
    }
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

void MainWindow::popOut() {
    kit::Panel* front = frontPanel();
    if (!front) return;
    QDockWidget* dock = m_dockOf[front->id()];
    dock->setFloating(!dock->isFloating());
    if (dock->isFloating()) dock->resize(900, 640);
}

void MainWindow::focusNextArea() {
    QWidget* const areas[] = {m_explorer, frontPanel(), m_sideScroll, m_cursor};
    int now = -1;
    for (int i = 0; i < 4; ++i)
        if (areas[i] && (areas[i]->hasFocus() || areas[i]->isAncestorOf(QApplication::focusWidget()))) now = i;
    for (int step = 1; step <= 4; ++step) {
        QWidget* next = areas[(now + step) % 4];
        if (!next || !next->isVisible()) continue;
        QWidget* target = next;
        for (QWidget* child : next->findChildren<QWidget*>())
            if (next->focusPolicy() == Qt::NoFocus && child->isVisible() && child->isEnabled() &&
                (child->focusPolicy() & Qt::TabFocus)) {
                target = child;
                break;
            }
        target->setFocus(Qt::ShortcutFocusReason);
        return;
    }
}

void MainWindow::usePerspective(const QString& name) {
    m_split->widget(0)->setVisible(true);
    m_sideScroll->setVisible(true);
    showPanel(name == QLatin1String("inspect") ? QStringLiteral("inspector") : QStringLiteral("curves"));
    if (name == QLatin1String("watch")) {
        // Table above, curves below.
        m_docks->splitDockWidget(m_dockOf[QStringLiteral("runs")], m_dockOf[QStringLiteral("curves")], Qt::Vertical);
    } else {
        resetPerspective();
        showPanel(QStringLiteral("inspector"));
    }
}

void MainWindow::savePerspective() {
    if (!m_application.service()) return;
    Json layout = {{"docks", m_docks->saveState().toBase64().toStdString()}, {"panels", Json::object()}};
    for (auto it = m_panels.begin(); it != m_panels.end(); ++it)
        if (auto json = parseJson(QJsonDocument(it.value()->saveLayout()).toJson(QJsonDocument::Compact).toStdString()))
            layout["panels"][it.key().toStdString()] = *json;
    m_application.service()->post(
        [layout](store::ProjectWriter& writer) { (void)writer.setSetting("layout", layout); });
}

void MainWindow::resetPerspective() {
    for (int i = 1; i < m_order.size(); ++i) {
        m_dockOf[m_order[i]]->setFloating(false);
        m_docks->tabifyDockWidget(m_dockOf[m_order.first()], m_dockOf[m_order[i]]);
    }
    m_split->setSizes({208, width() - 208 - 312, 312});
}

void MainWindow::showShortcuts() { (new ShortcutDialog(*m_actions, this))->show(); }
void MainWindow::showNotices() {
    showList(this, tr("Notices"), m_application.notifications().all(), tr("Nothing to report."));
}
void MainWindow::showHistory() { showList(this, tr("History"), m_actions->history(), tr("Nothing was done yet.")); }

void MainWindow::showSystemCheck() {
    auto* dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("System check"));
    auto* layout = new QVBoxLayout(dialog);
    layout->addWidget(makeSystemCheck(dialog));
    dialog->resize(620, 420);
    dialog->show();
}

void MainWindow::showAbout() {
    QMessageBox::about(this, tr("About Dubito"),
        tr("<h3>Dubito %1</h3><p><i>Dubito, ergo cogito, ergo sum.</i></p><p>A research workbench: look inside models, "
           "keep everything in one project file.</p><p>GPL-3.0-or-later; the plugin SDK is MIT. Uses Qt, QCustomPlot, "
           "SQLite, LibTorch, PCRE2, zstd, spdlog, fmt, nlohmann-json and CLI11.</p>")
            .arg(QStringLiteral(DUBITO_VERSION)));
}

void MainWindow::openDemo() {
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    const QString path = (folder.isEmpty() ? QDir::homePath() : folder) + QStringLiteral("/demo.dubito");
    if (QFileInfo::exists(path)) return m_application.openProject(path);
    m_application.createProject(path, [this](bool opened) {
        if (opened && m_application.service()) queueDemo(m_application, this);
    });
}

void MainWindow::checkProject() {
    kit::asyncQuery<std::vector<std::string>>(
        m_application.panelContext(), this, [](store::Database& db) { return store::checkContent(db, true); },
        [this](Result<std::vector<std::string>> faults) {
            if (!faults) {
                presentError(this, faults.error());
                return;
            }
            QStringList lines;
            for (const auto& fault : *faults) lines << QString::fromStdString(fault);
            showList(this, tr("Check project"), lines,
                tr("The project is sound: integrity, references, counts, chunks and records."));
        });
}

void MainWindow::newRun(bool repeat) {
    RunDialog::open(m_application, this, repeat ? m_application.selection()->leadingRun() : 0, {});
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!m_application.mayClose()) {
        event->ignore();
        return;
    }
    savePerspective();
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
