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
#include "crash_recovery.h"
#include "end_signals.h"
#include "engine_bridge.h"
#include "errands.h"
#include "main_window.h"
#include "notifications.h"
#include "panels.h"
#include "project_watch.h"
#include "settings.h"
#include "theme.h"
#include "translations.h"
#include "workspace_area.h"

namespace dubito::app {
namespace {

/// For errands to end before the program does.
constexpr std::chrono::seconds kPatience{5};

}  // namespace

Application::Application(Options options)
    : m_options(std::move(options)), m_settings(std::make_unique<Settings>()),
      m_bridge(std::make_unique<EngineBridge>()), m_selection(new kit::Selection(this)),
      m_notifications(std::make_unique<Notifications>()), m_recovery(std::make_unique<CrashRecovery>()),
      m_signals(std::make_unique<EndSignals>()), m_beside(std::make_unique<SerialThread>()),
      m_watch(std::make_unique<ProjectWatch>()) {
    m_sinceStart.start();
    installTranslations(m_options.language.isEmpty() ? m_settings->language() : m_options.language);
    installTheme(m_options.theme.isEmpty() ? m_settings->theme() : m_options.theme);
    registerPanels(m_panels, *this);
    if (m_options.morePanels) m_options.morePanels(m_panels);
    m_windows.push_back(std::make_unique<MainWindow>(*this));
    m_front = m_windows.front().get();
    scanPlugins();
    connectEngine();
    connect(m_watch.get(), &ProjectWatch::looked, this, &Application::onLook);
    connect(m_signals.get(), &EndSignals::asked, this, &Application::endNow);
}

Application::~Application() {
    closeProject();
    m_watch.reset();
    // Windows first: what they ask for on their way out is still done.
    m_front = nullptr;
    m_windows.clear();
    m_beside.reset();  // the writer has closed the project when this returns
    (void)waitForErrands(kPatience);
    m_recovery->endCleanly();
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
    if (m_isQuitting) return true;
    if (isFileGone() && !m_isCopied) return mayLeaveGoneFile();
    if (!m_service || m_service->live() == 0) return true;
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
    fresh.showProject({}, m_front->area().otherWorkspace());
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
    if (mayClose()) endNow();
}

void Application::endNow() {
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
