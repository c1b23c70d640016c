// Order of making: settings, theme, language, window, project. Order of closing: panels, readers, runs, writer.
#include "application.h"

#include <QApplication>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>
#include <QTimer>
#include <algorithm>
#include <cstdio>

#include "action_registry.h"
#include "actions/inspect_answer.h"
#include "actions/run_edits.h"
#include "actions/teach.h"
#include "crash_recovery.h"
#include "engine_bridge.h"
#include "error_presenter.h"
#include "host/strikes.h"
#include "main_window.h"
#include "notifications.h"
#include "panels.h"
#include "settings.h"
#include "store/opener.h"
#include "theme.h"
#include "translations.h"
#include "workspace_area.h"

namespace dubito::app {

Application::Application(Options options)
    : m_options(std::move(options)), m_settings(std::make_unique<Settings>()),
      m_bridge(std::make_unique<EngineBridge>()), m_selection(new kit::Selection(this)),
      m_notifications(std::make_unique<Notifications>()), m_recovery(std::make_unique<CrashRecovery>()),
      m_beside(std::make_unique<SerialThread>()) {
    m_sinceStart.start();
    installTranslations(m_options.language.isEmpty() ? m_settings->language() : m_options.language);
    installTheme(m_options.theme.isEmpty() ? m_settings->theme() : m_options.theme);
    registerPanels(m_panels, *this);
    if (m_options.morePanels) m_options.morePanels(m_panels);
    m_windows.push_back(std::make_unique<MainWindow>(*this));
    m_front = m_windows.front().get();
    scanPlugins();
    connect(m_bridge->events(), &kit::RunEvents::notice, m_notifications.get(), &Notifications::add);
    connect(m_bridge->events(), &kit::RunEvents::stateChanged, this,
        [this](qint64 runNo, int state, const QString& detail) {
            m_notifications->runEnded(runNo, state, detail);
            if (m_context.readers && run::isFinal(static_cast<run::RunState>(state)))
                kit::asyncQuery<std::optional<store::RunRow>>(
                    m_context, this, [runNo](store::Database& db) { return store::findRun(db, runNo); },
                    [this, detail, state](Result<std::optional<store::RunRow>> row) {
                        if (!row || !*row) return;
                        const auto& plugin = **row;
                        const bool failed = state == static_cast<int>(run::RunState::Failed);
                        if (failed && host::isPluginCrash(detail.toStdString()))
                            (void)host::noteCrash(plugin.pluginId, plugin.pluginVersion);
                        if (state == static_cast<int>(run::RunState::Done))
                            (void)host::noteFinished(plugin.pluginId, plugin.pluginVersion);
                        if (failed && host::isDisabled(plugin.pluginId, plugin.pluginVersion))
                            m_notifications->add(
                                tr("%1 crashed three times within a day and is disabled; the Plugins panel enables it "
                                   "again.")
                                    .arg(QString::fromStdString(plugin.pluginId)));
                    });
        });
}

Application::~Application() {
    closeProject();
    m_beside.reset();  // the writer has closed the project when this returns
    m_recovery->endCleanly();
    m_front = nullptr;
    m_windows.clear();
}

kit::RunEvents* Application::events() const { return m_bridge->events(); }

void Application::start(const QString& project) {
    m_front->show();
    if (m_options.quitWhenShown) {
        QTimer::singleShot(0, this, [this] {
            std::printf("window on screen %lld ms\n", static_cast<long long>(m_sinceStart.elapsed()));
            QTimer::singleShot(0, this, [this] {
                std::printf("usable %lld ms\n", static_cast<long long>(m_sinceStart.elapsed()));
                std::fflush(stdout);
                QApplication::quit();
            });
        });
    }
    QString path = project;
    if (path.isEmpty() && m_recovery->wasUnclean()) path = m_recovery->lastProject();
    if (!path.isEmpty()) QTimer::singleShot(0, this, [this, path] { openProject(path); });
}

void Application::openProject(const QString& path, Done done) { openOrCreate(path, false, std::move(done)); }
void Application::createProject(const QString& path, Done done) { openOrCreate(path, true, std::move(done)); }

void Application::openOrCreate(const QString& path, bool create, Done done) {
    const QString absolute = QFileInfo(path).absoluteFilePath();
    if (hasProject() && absolute == m_path) {
        if (done) done(true);
        return;
    }
    m_front->setBusy(tr("Opening %1…").arg(QFileInfo(path).fileName()));
    later([this, absolute, create, done = std::move(done)] {
        auto opened = std::make_shared<Result<Opened>>(openBeside(absolute, create));
        QMetaObject::invokeMethod(
            this,
            [this, opened, done] {
                for (const auto& window : m_windows) window->setBusy({});
                if (*opened) return adopt(std::move(**opened), done);
                presentError(m_front, opened->error());
                if (done) done(false);
            },
            Qt::QueuedConnection);
    });
}

Result<Application::Opened> Application::openBeside(const QString& absolute, bool create) const {
    if (create)
        DUBITO_CHECK(
            store::createProject(absolute.toStdString(), QFileInfo(absolute).completeBaseName().toStdString()));
    Opened out;
    out.path = absolute;
    run::RunService::Options options;
    options.observer = m_bridge->observer();
    auto service = run::RunService::open(absolute.toStdString(), options);
    if (service) {
        out.service = std::move(*service);
        if (!out.service->wasClosedCleanly())
            out.banner =
                tr("This project was not closed cleanly. What was recorded is here; runs that ended meanwhile are "
                   "taken in now.");
    } else if (service.error().code() == Code::Owned) {
        out.banner = tr("Read-only: %1").arg(QString::fromStdString(service.error().message()));
    } else {
        return std::move(service).error();
    }
    DUBITO_TRY(out.readers, store::ReaderPool::open(absolute.toStdString()));
    m_recovery->setProject(absolute);
    return out;
}

void Application::adopt(Opened opened, Done done) {
    closeProject();
    m_service = std::move(opened.service);
    m_readers = std::move(opened.readers);
    m_path = opened.path;
    m_context.readers = m_readers.get();
    m_context.events = m_bridge->events();
    m_context.selection = m_selection;
    m_context.pluginsWithRole = [this](const QString& role) { return pluginsWithRole(role.toStdString()); };
    m_context.trigger = [this](const QString& action) { m_front->trigger(action); };
    if (m_service)
        m_context.edit = [this](const QVector<qint64>& runs, const QString& what, const QString& text) {
            editRuns(*this, runs, what, text);
        };
    m_context.runMenu = [this](QPoint at) { showRunMenu(m_front->actionRegistry(), m_front, at); };
    m_context.send = [this](qint64 runNo, const QString& verb, const QString& json) {
        ask([runNo, verb = verb.toStdString(), json = json.toStdString()](run::RunService& service) -> Result<void> {
            DUBITO_CHECK(service.command(runNo, verb, json));
            return {};
        });
    };
    if (m_service) wireTeaching();
    m_context.inspectAnswer = [this](qint64 runNo, int turn, int token) { inspectAnswer(*this, runNo, turn, token); };
    m_settings->addRecent(m_path);
    m_front->showProject(opened.banner, [done] {
        if (done) done(true);
    });
}

void Application::wireTeaching() {
    m_context.teach = [this](const QByteArray& lines, const QString& parameters, const QString& title) {
        teach(*this, lines, parameters, title);
    };
    m_context.startSession = [this](const QString& role, qint64 ofRun, const QString& parameters, const QString& title,
                                 std::function<void(qint64)> started) {
        app::startSession(*this, role, ofRun, parameters, title, std::move(started));
    };
}

void Application::closeProject() {
    if (!hasProject()) return;
    // The others were there for this project.
    while (m_windows.size() > 1) m_windows.back()->close();
    m_front->removePanels();
    m_selection->setRuns({});
    // Readers first: they must not see the file while the writer closes it.
    later(
        [readers = std::shared_ptr<store::ReaderPool>(std::move(m_readers)), service = std::move(m_service)]() mutable {
            readers.reset();
            service.reset();
        });
    m_service.reset();
    m_context = {};
    m_path.clear();
    m_front->showStart();
}

void Application::ask(std::function<Result<void>(run::RunService&)> body) {
    if (!m_service) return;
    later([this, service = m_service, body = std::move(body)] {
        auto outcome = std::make_shared<Result<void>>(body(*service));
        if (*outcome) return;
        QMetaObject::invokeMethod(
            this, [this, outcome] { presentError(m_front, outcome->error()); }, Qt::QueuedConnection);
    });
}

std::vector<fs::path> Application::pluginRoots() const {
    return m_options.pluginRoots.empty() ? host::Catalogue::roots() : m_options.pluginRoots;
}

const host::Catalogue& Application::catalogue() {
    if (!m_catalogue) m_catalogue = host::Catalogue::scan(pluginRoots());
    return *m_catalogue;
}

void Application::scanPlugins() {
    later([this, roots = pluginRoots()] {
        auto found = std::make_shared<host::Catalogue>(host::Catalogue::scan(roots));
        QMetaObject::invokeMethod(
            this,
            [this, found] {
                if (!m_catalogue) m_catalogue = std::move(*found);
                Q_EMIT catalogueChanged();
            },
            Qt::QueuedConnection);
    });
}

void Application::rescanPlugins() {
    m_catalogue.reset();
    Q_EMIT catalogueChanged();
}

std::vector<std::string> Application::pluginsWithRole(const std::string& role) {
    std::vector<std::string> out;
    const auto add = [&](const std::string& id) {
        if (!id.empty() && std::find(out.begin(), out.end(), id) == out.end()) out.push_back(id);
    };
    const auto plugins = catalogue().withRole(role);
    for (const auto& plugin : plugins) add(plugin.id);
    for (const auto& plugin : plugins)
        for (const auto& former : plugin.formerly) add(former.id);
    return out;
}

bool Application::mayClose() {
    if (m_isQuitting || !m_service || m_service->live() == 0) return true;
    QMessageBox box(QMessageBox::Question, tr("Runs are alive"),
        tr("%n run(s) are still going.", nullptr, m_service->live()), QMessageBox::NoButton, m_front);
    auto* leave = box.addButton(tr("Leave them running"), QMessageBox::AcceptRole);
    auto* stop = box.addButton(tr("Stop them"), QMessageBox::DestructiveRole);
    box.addButton(tr("Stay"), QMessageBox::RejectRole);
    box.exec();
    if (box.clickedButton() == leave) return true;
    if (box.clickedButton() != stop) return false;
    cancelAllRuns();
    return true;
}

void Application::newWindow() {
    if (!hasProject()) return;
    m_windows.push_back(std::make_unique<MainWindow>(*this));
    MainWindow& fresh = *m_windows.back();
    fresh.standBeside(*m_front);
    fresh.show();
    fresh.showProject({}, {}, m_front->area().otherWorkspace());
    fresh.activateWindow();
}

void Application::drop(MainWindow* window) {
    const auto found =
        std::find_if(m_windows.begin(), m_windows.end(), [window](const auto& one) { return one.get() == window; });
    if (found == m_windows.end() || m_windows.size() < 2) return;
    // It is in the middle of its own event.
    found->release()->deleteLater();
    m_windows.erase(found);
    if (m_front == window) m_front = m_windows.front().get();
    followViews();
}

void Application::quit() {
    if (!mayClose()) return;
    m_isQuitting = true;
    while (m_windows.size() > 1) m_windows.back()->close();
    m_windows.front()->close();
    m_isQuitting = false;
}

void Application::refreshActions() {
    for (const auto& window : m_windows) window->actionRegistry().refresh();
}

void Application::followViews() {
    if (m_service)
        m_service->setInteractiveInView(std::any_of(
            m_windows.begin(), m_windows.end(), [](const auto& window) { return window->isInteractive(); }));
}

void Application::addHistory(const QString& line) {
    constexpr int kMostKept = 500;
    m_history.prepend(line);
    if (m_history.size() > kMostKept) m_history.removeLast();
}

void Application::applyTheme(const QString& name) {
    m_settings->setTheme(name);
    installTheme(name);
    for (const auto& window : m_windows) window->refreshStatus();
}

void Application::applyLanguage(const QString& code) {
    m_settings->setLanguage(code);
    m_notifications->add(tr("The language changes with the next start."));
}

void Application::cancelAllRuns() {
    ask([](run::RunService& service) -> Result<void> {
        std::vector<std::int64_t> alive;
        DUBITO_CHECK(service.call([&](store::ProjectWriter& writer) -> Result<void> {
            store::RunQuery query;
            query.where = "state < done";
            query.limit = 10'000;
            DUBITO_TRY(const auto runs, store::queryRuns(writer.database(), query));
            for (const auto& row : runs) alive.push_back(row.runNo);
            return {};
        }));
        for (const std::int64_t runNo : alive) (void)service.cancel(runNo);
        return {};
    });
}

}  // namespace dubito::app
