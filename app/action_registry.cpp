// The only place that makes QActions.
#include "action_registry.h"

#include <QCoreApplication>
#include <QKeySequence>
#include <QRegularExpression>
#include <QTime>

#include "application.h"
#include "settings.h"

namespace dubito::app {

ActionRegistry::ActionRegistry(Application& application, Settings& settings, QObject* parent)
    : QObject(parent), m_application(application), m_settings(settings) {
    for (auto family :
        {projectActions(), runActions(), modelActions(), viewActions(application.panels()), editActions()})
        for (auto& record : family) add(std::move(record));
    refresh();
}

void ActionRegistry::add(ActionRecord record) {
    QString text = QCoreApplication::translate("Actions", record.text);
    if (record.number) text = text.arg(record.number);
    auto* action = new QAction(text, this);
    action->setObjectName(record.id);
    action->setShortcut(QKeySequence(m_settings.shortcut(record.id, record.shortcut)));
    action->setShortcutContext(Qt::WindowShortcut);
    const QString id = record.id;
    connect(action, &QAction::triggered, this, [this, id] {
        for (const auto& one : m_records)
            if (one.id == id) {
                m_history.prepend(QTime::currentTime().toString(QStringLiteral("HH:mm:ss  ")) + title(one) +
                                  QStringLiteral("  ") + QString::fromLatin1(one.commandLine));
                if (m_history.size() > 500) m_history.removeLast();
                one.run(m_application);
                return;
            }
    });
    m_actions.insert(id, action);
    m_records.push_back(std::move(record));
}

QString ActionRegistry::title(const ActionRecord& record) const {
    QString text = QCoreApplication::translate("Actions", record.text);
    if (record.number) text = text.arg(record.number);
    return text.remove(QLatin1Char('&')).remove(QRegularExpression(QStringLiteral("\\(.\\)$")));
}

void ActionRegistry::trigger(const QString& id) {
    if (QAction* action = m_actions.value(id); action && action->isEnabled()) action->trigger();
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
    m_actions[id]->setShortcut(QKeySequence(keys));
}

void ActionRegistry::resetShortcuts() {
    m_settings.resetShortcuts();
    for (const auto& record : m_records) m_actions[record.id]->setShortcut(QKeySequence(record.shortcut));
}

}  // namespace dubito::app
