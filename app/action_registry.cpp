// The only place that makes QActions.
#include "action_registry.h"

#include <QCoreApplication>
#include <QKeySequence>
#include <QPointer>
#include <QRegularExpression>
#include <QTime>
#include <algorithm>

#include "actions/run_facts.h"
#include "application.h"
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
    m_application.addHistory(QTime::currentTime().toString(QStringLiteral("HH:mm:ss  ")) + title(*found) +
                             QStringLiteral("  ") + QString::fromLatin1(found->commandLine));
    m_application.setFront(m_window);
    found->run(m_application);
}

QString ActionRegistry::title(const ActionRecord& record) const {
    QString text = QCoreApplication::translate("Actions", record.text);
    if (record.number) text = text.arg(record.number);
    return text.remove(QLatin1Char('&')).remove(QRegularExpression(QStringLiteral("\\(.\\)$")));
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

void ActionRegistry::refresh() {
    for (const auto& record : m_records) {
        const bool isPossible = !record.enabledWhen || record.enabledWhen(m_application);
        const QString reason = isPossible && record.whyNot ? record.whyNot(m_application) : QString();
        QAction* action = m_actions[record.id];
        action->setEnabled(isPossible && reason.isEmpty());
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
