// The only place that makes QActions.
#include "action_registry.h"

#include <QCoreApplication>
#include <QKeySequence>
#include <QPointer>
#include <QRegularExpression>
#include <algorithm>

#include "actions/run_facts.h"
#include "application.h"
#include "cli/verb_table.h"
#include "kit/controls.h"
#include "main_window.h"
#include "notifications.h"
#include "settings.h"

namespace dubito::app {

ActionRegistry::ActionRegistry(Application& application, Settings& settings, MainWindow* window)
    : QObject(window), m_application(application), m_settings(settings), m_window(window) {
    for (auto family : {projectActions(), runActions(), modelActions(), chatActions(),
             viewActions(application.panels()), editActions()})
        for (auto& record : family) add(std::move(record));
    connect(&application, &Application::shortcutsChanged, this, [this] {
        for (const auto& record : m_records)
            m_actions[record.id]->setShortcut(QKeySequence(m_settings.shortcut(record.id, record.shortcut)));
    });
    refresh();
}

void ActionRegistry::add(ActionRecord record) {
    QString text = QCoreApplication::translate("Actions", record.text);
    if (record.number) text = text.arg(record.number);
    auto* action = new QAction(text, this);
    action->setObjectName(record.id);
    action->setShortcut(QKeySequence(m_settings.shortcut(record.id, record.shortcut)));
    action->setShortcutContext(Qt::WindowShortcut);
    connect(action, &QAction::triggered, this, [this, id = record.id] { perform(id); });
    m_actions.insert(record.id, action);
    m_records.push_back(std::move(record));
}

void ActionRegistry::perform(const QString& id) {
    const auto found =
        std::find_if(m_records.begin(), m_records.end(), [&](const ActionRecord& one) { return one.id == id; });
    if (found == m_records.end()) return;
    m_application.addHistory(id, title(*found), commandOf(*found));
    m_application.setFront(m_window);
    found->run(m_application);
}

QString ActionRegistry::title(const ActionRecord& record) const {
    QString text = QCoreApplication::translate("Actions", record.text);
    if (record.number) text = text.arg(record.number);
    return kit::withoutMnemonic(text);
}

QString ActionRegistry::titleOf(const QString& id) const {
    for (const auto& record : m_records)
        if (record.id == id) return title(record);
    return {};
}

QString ActionRegistry::commandOf(const ActionRecord& record) const {
    QString command = QString::fromLatin1(record.commandLine);
    if (command == QLatin1String("view only")) return {};
    const auto quoted = [](const QString& text) {
        static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_./:@+-]+$"));
        return plain.match(text).hasMatch()
                   ? text
                   : QLatin1Char('\'') + QString(text).replace(QLatin1Char('\''), QLatin1String("'\\''")) +
                         QLatin1Char('\'');
    };
    QStringList runs;
    for (const qint64 runNo : m_application.selection()->runs()) runs << QString::number(runNo);
    QStringList out{QStringLiteral("dubito")};
    for (const QString& word : command.split(QLatin1Char(' '))) {
        if (word == QLatin1String("FILE") && m_application.hasProject()) out << quoted(m_application.projectPath());
        else if (word == QLatin1String("RUN") && !runs.isEmpty()) out << runs;
        else out << word;
    }
    return out.join(QLatin1Char(' '));
}

void ActionRegistry::trigger(const QString& id) {
    QAction* action = m_actions.value(id);
    if (!action) return;
    if (action->isEnabled()) return action->trigger();
    // Whoever asks may know of a change before the conditions do.
    RunFacts::of(m_application).askAgain([guard = QPointer<ActionRegistry>(this), id] {
        if (guard) guard->triggerAsKnown(id);
    });
}

void ActionRegistry::triggerAsKnown(const QString& id) {
    refresh();
    const QAction* action = m_actions.value(id);
    if (action->isEnabled()) m_actions[id]->trigger();
    else if (!action->statusTip().isEmpty()) m_application.notifications().add(action->statusTip());
}

/// The verb says whether the project must be ours; opening and making one does not touch the open one.
static bool isWriting(const ActionRecord& record) {
    const std::string verb = QString::fromLatin1(record.commandLine).section(QLatin1Char(' '), 0, 0).toStdString();
    const cli::Verb* known = cli::findVerb(verb);
    const bool isOfProject = record.id.startsWith(QLatin1String("project.")) ||
                             record.id.startsWith(QLatin1String("view.")) ||
                             record.id.startsWith(QLatin1String("help."));
    return !isOfProject && ((known && known->writes) || record.undoable);
}

QString ActionRegistry::whyDisabled(const ActionRecord& record) const {
    if (!m_application.hasProject()) {
        if (record.enabledWhen && !record.enabledWhen(m_application)) return tr("No project is open.");
    } else if (QString reason = m_application.whyReadOnly(); !reason.isEmpty() && isWriting(record)) {
        return reason;
    }
    if (record.enabledWhen && !record.enabledWhen(m_application)) {
        if (!m_application.service() && m_application.selection()->leadingRun() != 0)
            return m_application.whyReadOnly();
        return m_application.selection()->leadingRun() == 0 ? tr("No run is selected.") : tr("Not possible now.");
    }
    return record.whyNot ? record.whyNot(m_application) : QString();
}

void ActionRegistry::refresh() {
    for (const auto& record : m_records) {
        const QString reason = whyDisabled(record);
        QAction* action = m_actions[record.id];
        action->setEnabled(reason.isEmpty());
        action->setToolTip(reason.isEmpty() ? title(record) : reason);
        action->setStatusTip(reason);
    }
}

void ActionRegistry::setShortcut(const QString& id, const QString& keys) {
    m_settings.setShortcut(id, keys);
    Q_EMIT m_application.shortcutsChanged();
}

void ActionRegistry::resetShortcuts() {
    m_settings.resetShortcuts();
    Q_EMIT m_application.shortcutsChanged();
}

}  // namespace dubito::app
