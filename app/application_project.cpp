// The life of the open project: opened, followed, perhaps lost, closed. A file that is gone is said at once, and
// nothing pretends to be written to it.
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>

#include "actions/inspect_answer.h"
#include "actions/run_edits.h"
#include "actions/stored_parameters.h"
#include "actions/teach.h"
#include "application.h"
#include "base/log.h"
#include "crash_recovery.h"
#include "dialogs/project_dialogs.h"
#include "engine_bridge.h"
#include "error_presenter.h"
#include "home/try_marks.h"
#include "host/strikes.h"
#include "main_window.h"
#include "notifications.h"
#include "project_watch.h"
#include "settings.h"
#include "store/opener.h"
#include "translations.h"
#include "workspace_area.h"

namespace dubito::app {
namespace {

QString sentence(const Error& error) { return QString::fromStdString(error.message()); }

/// The first free name for what is kept of a project whose file is gone.
fs::path rescuePath(const QString& lost) {
    const fs::path folder = dataHome() / "projects";
    const std::string stem = QFileInfo(lost).completeBaseName().toStdString();
    std::error_code error;
    for (int i = 1;; ++i) {
        const fs::path path = folder / (stem + "-rescued-" + std::to_string(i) + ".dubito");
        if (!fs::exists(path, error)) return path;
    }
}

}  // namespace

void Application::connectEngine() {
    connect(m_bridge->events(), &kit::RunEvents::notice, m_notifications.get(),
        [this](const QString& text) { m_notifications->add(text); });
    connect(m_bridge->events(), &kit::RunEvents::stateChanged, this,
        [this](qint64 runNo, int state, const QString& detail) {
            m_notifications->runEnded(runNo, state, detail);
            // Who only reads the project leaves it to the owner to count what became of plugins.
            if (m_service && run::isFinal(static_cast<run::RunState>(state))) noteEnd(runNo, state, detail);
        });
}

void Application::noteEnd(qint64 runNo, int state, const QString& detail) {
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
                    tr("%1 crashed three times within a day and is disabled; the Plugins panel enables it again.")
                        .arg(QString::fromStdString(plugin.pluginId)));
        });
}

void Application::openProject(const QString& path, Done done) { openOrCreate(path, How::Open, std::move(done)); }
void Application::createProject(const QString& path, Done done) { openOrCreate(path, How::Create, std::move(done)); }
void Application::openForWriting() {
    if (hasProject() && !m_service) openOrCreate(m_path, How::Again, {});
}

void Application::openOrCreate(const QString& path, How how, Done done) {
    const QString absolute = QFileInfo(path).absoluteFilePath();
    if (hasProject() && absolute == m_path && how == How::Open && !isFileGone()) {
        if (done) done(true);
        return;
    }
    m_front->setBusy(tr("Opening %1…").arg(QFileInfo(path).fileName()));
    later([this, absolute, how, done = std::move(done)] {
        auto opened = std::make_shared<Result<Opened>>(openBeside(absolute, how == How::Create));
        QMetaObject::invokeMethod(
            this,
            [this, opened, how, done] {
                for (const auto& window : m_windows) window->setBusy({});
                if (*opened && how == How::Again) return adoptAgain(std::move(**opened), done);
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
    if (service) out.service = std::move(*service);
    auto readers = store::ReaderPool::open(absolute.toStdString());
    if (!service) {
        // Whatever keeps it from being written, it may still be read. What no reader opens says what the owner met.
        out.hasOwner = service.error().code() == Code::Owned;
        if (!readers && !out.hasOwner) return std::move(service).error();
        out.reason = sentence(service.error());
    }
    if (!readers) return std::move(readers).error();
    out.readers = std::move(*readers);
    m_recovery->setProject(absolute);
    return out;
}

void Application::adopt(Opened opened, Done done) {
    closeProject();
    m_service = std::move(opened.service);
    m_readers = std::move(opened.readers);
    m_path = opened.path;
    m_reason = opened.reason;
    m_hasOwner = opened.hasOwner;
    m_wasUnclean = m_service && !m_service->wasClosedCleanly();
    m_context.readers = m_readers.get();
    m_context.events = m_bridge->events();
    m_context.selection = m_selection;
    m_context.pluginsWithRole = [this](const QString& role) { return pluginsWithRole(role.toStdString()); };
    m_context.trigger = [this](const QString& action) { m_front->trigger(action); };
    m_context.send = [this](qint64 runNo, const QString& verb, const QString& json) {
        ask([runNo, verb = verb.toStdString(), json = json.toStdString()](run::RunService& service) -> Result<void> {
            DUBITO_CHECK(service.command(runNo, verb, json));
            return {};
        });
    };
    m_context.parameterTitles = [this](const store::RunRow& run) {
        return parameterTitles(catalogue(), run, languageCode());
    };
    m_context.runMenu = [this](QPoint at) { showRunMenu(m_front->actionRegistry(), m_front, at); };
    m_context.wordChosen = [this] { TryMarks::of(*this).markWord(); };
    m_context.inspectAnswer = [this](qint64 runNo, int turn, int token) { inspectAnswer(*this, runNo, turn, token); };
    if (m_service) wireWriting();
    m_settings->addRecent(m_path);
    refreshBanner();
    m_watch->follow(m_path, m_service);
    m_front->showProject([done] {
        if (done) done(true);
    });
}

/// What was selected is selected again, in the workspace that was in front.
void Application::wireWriting() {
    m_context.edit = [this](const QVector<qint64>& runs, const QString& what, const QString& text) {
        editRuns(*this, runs, what, text);
    };
    m_context.teach = [this](const QByteArray& lines, const QString& parameters, const QString& title) {
        teach(*this, lines, parameters, title);
    };
    m_context.startSession = [this](const QString& role, qint64 ofRun, const QString& parameters, const QString& title,
                                 std::function<void(qint64)> started) {
        app::startSession(*this, role, ofRun, parameters, title, std::move(started));
    };
    m_context.compose = [this](const QString& role, const QString& parameters) { composeRun(*this, role, parameters); };
    m_context.inspectItem = [this](qint64 runNo, const QString& checkpoint, const kit::PanelContext::HeldItem& item) {
        inspectItem(*this, runNo, checkpoint, item);
    };
    m_context.endSession = [this](qint64 runNo) {
        ask([runNo](run::RunService& service) -> Result<void> {
            (void)service.cancel(runNo);  // over already: that is what was wanted
            return {};
        });
    };
}

void Application::adoptAgain(Opened opened, Done done) {
    if (!opened.service && !isFileGone() && m_readers && !m_readers->isFixed()) {
        m_hasOwner = opened.hasOwner;
        m_reason = opened.reason;
        refreshBanner();
        m_notifications->add(tr("The project still cannot be written: %1").arg(m_reason));
        if (done) done(false);
        return;
    }
    const QVector<qint64> runs = m_selection->runs();
    adopt(std::move(opened), [this, runs, done](bool) {
        m_selection->setRuns(runs);
        if (done) done(true);
    });
}

void Application::closeProject() {
    if (!hasProject()) return;
    const auto settled = m_watch->stop();
    const auto keep = rescue();
    // The others were there for this project.
    while (m_windows.size() > 1) m_windows.back()->close();
    m_front->removePanels();
    m_selection->setRuns({});
    // Readers first: they must not see the file while the writer closes it.
    later([settled, keep, readers = std::shared_ptr<store::ReaderPool>(std::move(m_readers)),
              service = std::move(m_service)]() mutable {
        if (keep) keep();
        settled.wait();
        readers.reset();
        service.reset();
    });
    m_service.reset();
    m_context = {};
    for (QString* text : {&m_path, &m_reason, &m_writeProblem}) text->clear();
    m_hasOwner = m_wasUnclean = m_isLeft = m_isCopied = false;
    m_fate = store::FileFate::Here;
    refreshBanner();
    m_front->showStart();
}

void Application::ask(std::function<Result<void>(run::RunService&)> body) {
    if (!m_service) {
        if (hasProject()) m_notifications->add(whyReadOnly());
        return;
    }
    later([this, service = m_service, body = std::move(body)] {
        auto outcome = std::make_shared<Result<void>>(body(*service));
        if (*outcome) return;
        QMetaObject::invokeMethod(
            this, [this, outcome] { presentError(m_front, outcome->error()); }, Qt::QueuedConnection);
    });
}

QString Application::whyReadOnly() const {
    if (!hasProject()) return {};
    switch (m_fate) {
        case store::FileFate::Here: break;
        case store::FileFate::Moved: return tr("The project's file was moved or renamed: nothing is written to it.");
        case store::FileFate::Deleted: return tr("The project's file is gone: nothing is written to it.");
        case store::FileFate::Replaced:
            return tr("Another file has taken the place of the project's: nothing is written to it.");
    }
    if (m_service) return {};
    return m_isLeft ? tr("Read-only: the owner has left; the project can be opened for writing now.")
                    : tr("Read-only: %1").arg(m_reason);
}

void Application::onLook(const ProjectLook& look) {
    const bool wasLeft = m_isLeft;
    const auto before = std::pair(m_fate, m_writeProblem);
    m_fate = look.fate;
    m_writeProblem = look.writeProblem;
    if (!m_service && m_hasOwner) m_isLeft = !look.hasOwner;
    // Another has taken the place of an owner that had left.
    if (!m_service && look.hasOwner && wasLeft && !m_isLeft) m_reason = tr("another program owns the project");
    if (wasLeft != m_isLeft || before != std::pair(m_fate, m_writeProblem)) {
        if (isFileGone() && before.first == store::FileFate::Here) m_notifications->add(whyReadOnly());
        refreshBanner();
    }
    if (look.isStale) return openOrCreate(m_path, How::Again, {});
    if (!look.isChanged) return;
    kit::RunEvents* events = m_bridge->events();
    for (const RunNews& news : look.news) {
        if (news.isNew) Q_EMIT events->added(news.runNo);
        if (news.isStateNew) Q_EMIT events->stateChanged(news.runNo, news.state, news.detail);
        Q_EMIT events->committed(news.runNo);
    }
    for (const qint64 runNo : m_selection->runs()) Q_EMIT events->committed(runNo);
    Q_EMIT events->committed(0);
}

void Application::refreshBanner() {
    BannerText wanted;
    const QString reason = whyReadOnly();
    if (isFileGone()) {
        wanted.isBad = true;
        wanted.text =
            reason + QLatin1Char(' ') +
            tr("All that it holds can still be copied; once it is closed here, that is over. File: %1").arg(m_path);
        wanted.actions = QStringList{QStringLiteral("project.save_copy")};
    } else if (!reason.isEmpty()) {
        wanted.text = reason;
        if (m_isLeft || !m_hasOwner) wanted.actions << QStringLiteral("project.write");
        wanted.actions << QStringLiteral("project.save_copy");
    } else if (!m_writeProblem.isEmpty()) {
        wanted.isBad = true;
        wanted.text = tr("The project cannot be written at the moment; what runs record is taken in later: %1")
                          .arg(m_writeProblem);
    } else if (m_wasUnclean) {
        wanted.mayHide = true;
        wanted.text =
            tr("This project was not closed cleanly. What was recorded is here; runs that ended meanwhile are "
               "taken in now.");
    }
    m_banner = wanted;
    Q_EMIT bannerChanged();
    refreshActions();
}

void Application::hideBanner() {
    m_wasUnclean = false;
    refreshBanner();
}

void Application::saveCopy(const QString& path) {
    if (!hasProject()) return;
    const auto done = [this, path, lost = m_path](Result<void> outcome) {
        if (!outcome) return presentError(m_front, outcome.error());
        m_notifications->add(tr("A copy of the project was saved: %1").arg(path));
        if (!isFileGone() || m_path != lost) return;
        m_isCopied = true;
        openProject(path);
    };
    if (!m_service)
        return kit::asyncQuery<int>(
            m_context, this,
            [path](store::Database& db) -> Result<int> {
                DUBITO_CHECK(store::copyWhole(db, path.toStdString()));
                return 0;
            },
            [done](Result<int> outcome) { done(outcome ? Result<void>() : Result<void>(outcome.error())); });
    later([this, service = m_service, path, done] {
        auto outcome = std::make_shared<Result<void>>(service->copyTo(path.toStdString()));
        QMetaObject::invokeMethod(
            this, [outcome, done] { done(*outcome); }, Qt::QueuedConnection);
    });
}

std::function<void()> Application::rescue() const {
    if (!isFileGone() || m_isCopied || !m_service) return {};
    const fs::path path = rescuePath(m_path);
    m_notifications->add(
        tr("The project's file is gone; a copy was kept: %1").arg(QString::fromStdString(path.string())));
    m_settings->addRecent(QString::fromStdString(path.string()));
    return [service = m_service, path] {
        if (auto kept = service->copyTo(path); !kept) logLine(LogLevel::Error, kept.error().text());
    };
}

bool Application::mayLeaveGoneFile() {
    QMessageBox box(QMessageBox::Warning, tr("The project's file is gone"),
        whyReadOnly() + QLatin1Char('\n') + tr("Save a copy before it is closed?"), QMessageBox::NoButton, m_front);
    auto* save = box.addButton(tr("Save a copy…"), QMessageBox::AcceptRole);
    auto* leave = box.addButton(tr("Close without a copy"), QMessageBox::DestructiveRole);
    box.addButton(tr("Stay"), QMessageBox::RejectRole);
    box.setTextFormat(Qt::PlainText);
    box.exec();
    if (box.clickedButton() == static_cast<QAbstractButton*>(leave)) {
        m_isCopied = true;
        return true;
    }
    if (box.clickedButton() == static_cast<QAbstractButton*>(save))
        askForNewProject(
            m_front, tr("Save a copy"), QFileInfo(m_path).fileName(), [this](const QString& path) { saveCopy(path); });
    return false;
}

void Application::addHistory(const QString& id, const QString& title, const QString& command) {
    constexpr int kMostKept = 500;
    m_history.prepend({QDateTime::currentDateTime(), id, title, command});
    if (m_history.size() > kMostKept) m_history.removeLast();
    Q_EMIT historyChanged();
}

}  // namespace dubito::app
