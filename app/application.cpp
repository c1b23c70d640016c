// Order of making: settings, theme, language, window, project. Order of closing: panels, readers, runs, writer.
#include "application.h"

#include <QApplication>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>
#include <QTimer>
#include <cstdio>

#include "crash_recovery.h"
#include "engine_bridge.h"
#include "error_presenter.h"
#include "host/strikes.h"
#include "main_window.h"
#include "notifications.h"
#include "settings.h"
#include "store/opener.h"
#include "theme.h"
#include "translations.h"

namespace dubito::app {

Application::Application(Options options)
    : m_options(std::move(options)), m_settings(std::make_unique<Settings>()), m_bridge(std::make_unique<EngineBridge>()), m_selection(new kit::Selection(this)), m_notifications(std::make_unique<Notifications>()),
      m_recovery(std::make_unique<CrashRecovery>()) {
    m_sinceStart.start();
    installTranslations(m_options.language.isEmpty() ? m_settings->language() : m_options.language);
    installTheme(m_options.theme.isEmpty() ? m_settings->theme() : m_options.theme);
    m_window = std::make_unique<MainWindow>(*this);
    connect(m_bridge->events(), &kit::RunEvents::notice, m_notifications.get(), &Notifications::add);
    connect(m_bridge->events(), &kit::RunEvents::stateChanged, this, [this](qint64 runNo, int state, const QString& detail) {
        m_notifications->runEnded(runNo, state, detail);
        if (m_context.readers && run::isFinal(static_cast<run::RunState>(state)))
            kit::asyncQuery<std::optional<store::RunRow>>(
                m_context, this, [runNo](store::Database& db) { return store::findRun(db, runNo); },
                [this, detail, state](Result<std::optional<store::RunRow>> row) {
                    if (!row || !*row) return;
                    const auto& plugin = **row;
                    const bool failed = state == static_cast<int>(run::RunState::Failed);
                    if (failed && host::isPluginCrash(detail.toStdString())) (void)host::noteCrash(plugin.pluginId, plugin.pluginVersion);
                    if (state == static_cast<int>(run::RunState::Done)) (void)host::noteFinished(plugin.pluginId, plugin.pluginVersion);
                    if (failed && host::isDisabled(plugin.pluginId, plugin.pluginVersion)) m_notifications->add(tr("%1 crashed three times within a day and is disabled; the Plugins panel enables it again.").arg(QString::fromStdString(plugin.pluginId)));
                });
    });
}

Application::~Application() {
    m_window->removePanels();
    closeProject();
    m_recovery->endCleanly();
    m_window.reset();
}

kit::RunEvents* Application::events() const { return m_bridge->events(); }

void Application::start(const QString& project) {
    m_window->show();
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

bool Application::createProject(const QString& path) {
    if (auto made = store::createProject(path.toStdString(), QFileInfo(path).completeBaseName().toStdString()); !made) {
        presentError(m_window.get(), made.error());
        return false;
    }
    return openProject(path);
}

bool Application::openProject(const QString& path) {
    const QString absolute = QFileInfo(path).absoluteFilePath();
    run::RunService::Options options;
    options.observer = m_bridge->observer();
    std::unique_ptr<run::RunService> service;
    auto opened = run::RunService::open(absolute.toStdString(), options);
    QString banner;
    if (opened) {
        service = std::move(*opened);
        if (!service->wasClosedCleanly()) banner = tr("This project was not closed cleanly. What was recorded is here; runs that ended meanwhile are taken in now.");
    } else if (opened.error().code() == Code::Owned) {
        banner = tr("Read-only: %1").arg(QString::fromStdString(opened.error().message()));
    } else {
        presentError(m_window.get(), opened.error());
        return false;
    }
    auto readers = store::ReaderPool::open(absolute.toStdString());
    if (!readers) {
        presentError(m_window.get(), readers.error());
        return false;
    }
    closeProject();
    m_service = std::move(service);
    m_readers = std::move(*readers);
    m_path = absolute;
    m_context.readers = m_readers.get();
    m_context.events = m_bridge->events();
    m_context.selection = m_selection;
    m_context.trigger = [this](const QString& action) { m_window->trigger(action); };
    m_context.send = [this](qint64 runNo, const QString& verb, const QString& json) {
        if (!m_service) return;
        if (auto sent = m_service->command(runNo, verb.toStdString(), json.toStdString()); !sent) presentError(m_window.get(), sent.error());
    };
    m_settings->addRecent(absolute);
    m_recovery->setProject(absolute);
    m_window->showProject(banner);
    Q_EMIT projectChanged();
    return true;
}

void Application::closeProject() {
    if (!hasProject()) return;
    m_window->removePanels();
    m_selection->setRuns({});
    m_readers.reset();
    m_service.reset();
    m_context = {};
    m_path.clear();
    m_window->showStart();
    Q_EMIT projectChanged();
}

const host::Catalogue& Application::catalogue() {
    if (!m_catalogue) m_catalogue = host::Catalogue::scan();
    return *m_catalogue;
}

bool Application::mayClose() {
    if (!m_service || m_service->live() == 0) return true;
    QMessageBox box(QMessageBox::Question, tr("Runs are alive"), tr("%n run(s) are still going.", nullptr, m_service->live()), QMessageBox::NoButton, m_window.get());
    auto* leave = box.addButton(tr("Leave them running"), QMessageBox::AcceptRole);
    auto* stop = box.addButton(tr("Stop them"), QMessageBox::DestructiveRole);
    box.addButton(tr("Stay"), QMessageBox::RejectRole);
    box.exec();
    if (box.clickedButton() == leave) return true;
    if (box.clickedButton() != stop) return false;
    m_window->cancelAllRuns();
    return true;
}

void Application::applyTheme(const QString& name) {
    m_settings->setTheme(name);
    installTheme(name);
    m_window->refreshStatus();
}

void Application::applyLanguage(const QString& code) {
    m_settings->setLanguage(code);
    m_notifications->add(tr("The language changes with the next start."));
}

}  // namespace dubito::app
