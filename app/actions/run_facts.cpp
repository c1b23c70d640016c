// One query after the selection or the project changed; its answer counts only if nothing changed meanwhile.
#include "actions/run_facts.h"

#include <QCoreApplication>
#include <QPointer>
#include <QTimer>

#include <algorithm>
#include <utility>

#include "action_registry.h"
#include "application.h"
#include "main_window.h"

namespace dubito::app {
namespace {

Result<RunFacts::Known> query(store::Database& db, const QVector<qint64>& runs) {
    RunFacts::Known out;
    DUBITO_TRY(
        const std::int64_t unfinished, store::countUnfinished(db, std::vector<std::int64_t>(runs.begin(), runs.end())));
    out.isAlive = unfinished > 0;
    if (!runs.isEmpty()) {
        DUBITO_TRY(const auto row, store::findRun(db, runs[0]));
        const auto state = row ? static_cast<run::RunState>(row->state) : run::RunState::Done;
        if (row) out.pluginId = row->pluginId;
        out.isResumable = state == run::RunState::Failed || state == run::RunState::Cancelled;
        DUBITO_TRY(const auto checkpoints, store::queryCheckpoints(db, runs[0]));
        out.hasCheckpoint = !checkpoints.empty();
    }
    store::RunQuery bin;
    bin.onlyDeleted = true;
    bin.limit = 1;
    DUBITO_TRY(const auto deleted, store::queryRunNumbers(db, bin));
    out.hasBin = !deleted.empty();
    DUBITO_TRY(const auto edits, store::queryEdits(db));
    for (const auto& edit : edits) (edit.undone ? out.mayRedo : out.mayUndo) = true;
    return out;
}

}  // namespace

RunFacts& RunFacts::of(Application& application) {
    if (auto* there = application.findChild<RunFacts*>({}, Qt::FindDirectChildrenOnly)) return *there;
    return *new RunFacts(application);
}

RunFacts::RunFacts(Application& application)
    : QObject(&application), m_application(application), m_soon(new QTimer(this)) {
    m_soon->setSingleShot(true);
    m_soon->setInterval(0);
    connect(m_soon, &QTimer::timeout, this, &RunFacts::ask);
    connect(application.selection(), &kit::Selection::runsChanged, this, [this] {
        forget();
        m_soon->start();
    });
    const auto later = [this] {
        if (!m_soon->isActive()) m_soon->start();
    };
    connect(application.events(), &kit::RunEvents::stateChanged, this, later);
    connect(application.events(), &kit::RunEvents::committed, this, [later](qint64 runNo) {
        if (runNo == 0) later();  // an edit; what a run records changes nothing here
    });
    m_soon->start();
}

void RunFacts::forget() {
    m_known.reset();
    ++m_generation;
}

void RunFacts::askAgain(std::function<void()> then) {
    m_waiting.push_back(std::move(then));
    forget();
    m_soon->start();
}

void RunFacts::runWaiting() {
    for (auto& then : std::exchange(m_waiting, {})) then();
}

void RunFacts::editBegins() {
    ++m_edits;
    forget();
}

void RunFacts::editEnded() {
    --m_edits;
    forget();
    m_soon->start();
}

void RunFacts::ask() {
    if (m_edits > 0) return;
    if (!m_application.hasProject()) return runWaiting();
    kit::asyncQuery<Known>(
        m_application.panelContext(), this,
        [runs = m_application.selection()->runs()](store::Database& db) { return query(db, runs); },
        [this, generation = m_generation](Result<Known> known) {
            if (generation != m_generation) return;
            if (known) {
                m_known = std::move(*known);
                m_application.refreshActions();
            }
            runWaiting();
        });
}

void makeEdit(
    Application& application, std::function<Result<void>(run::RunService&)> body, std::function<void()> then) {
    RunFacts& facts = RunFacts::of(application);
    facts.editBegins();
    application.ask(
        [guard = QPointer<RunFacts>(&facts), body = std::move(body), then = std::move(then)](run::RunService& service) {
            auto outcome = body(service);
            QMetaObject::invokeMethod(
                QCoreApplication::instance(),
                [guard, then, isDone = static_cast<bool>(outcome)] {
                    if (!guard) return;
                    guard->editEnded();
                    if (isDone && then) then();
                },
                Qt::QueuedConnection);
            return outcome;
        });
}

QString whyNotWritable(Application& application) {
    if (application.service()) return {};
    return application.hasProject() ? QCoreApplication::translate("Actions", "The project is open for reading only.")
                                    : QCoreApplication::translate("Actions", "No project is open.");
}

QString whyNoRun(Application& application) {
    if (const QString reason = whyNotWritable(application); !reason.isEmpty()) return reason;
    return application.selection()->leadingRun() ? QString()
                                                 : QCoreApplication::translate("Actions", "No run is selected.");
}

bool hasPluginFor(Application& application, std::string_view role) {
    const auto& entries = application.catalogue().entries();
    return std::any_of(
        entries.begin(), entries.end(), [&](const auto& entry) { return entry.plugin && entry.plugin->hasRole(role); });
}

bool playsRole(Application& application, const std::string& pluginId, std::string_view role) {
    const auto& entries = application.catalogue().entries();
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
        if (!entry.plugin || !entry.plugin->hasRole(role)) return false;
        const auto& former = entry.plugin->formerly;
        return entry.plugin->id == pluginId ||
               std::any_of(former.begin(), former.end(), [&](const auto& name) { return name.id == pluginId; });
    });
}

}  // namespace dubito::app
