// Actions on runs.
#include <QCoreApplication>

#include "action_registry.h"
#include "actions/chat_start.h"
#include "actions/run_facts.h"
#include "application.h"
#include "dialogs/run_dialog.h"
#include "main_window.h"
#include "queue_dialog.h"

namespace dubito::app {
namespace {

QString words(const char* text) { return QCoreApplication::translate("Actions", text); }

void cancelSelected(Application& application, bool kill) {
    application.ask([runs = application.selection()->runs(), kill](run::RunService& service) -> Result<void> {
        for (const qint64 runNo : runs)
            if (auto asked = service.cancel(runNo, kill); !asked && runs.size() == 1) return asked;
        return {};
    });
}

/// A live session of the first plugin that shows what a model thinks.
void newSession(Application& application) {
    const auto plugins = application.catalogue().withRole("inspect");
    if (plugins.empty()) return;
    Json parameters = Json::object();
    keepUp(plugins.front(), parameters);
    RunDialog::open(application, application.window(), 0,
        {{"plugin", {{"id", plugins.front().id}}}, {"params", std::move(parameters)}});
}

QString whyNotStopped(Application& application) {
    if (const QString reason = whyNoRun(application); !reason.isEmpty()) return reason;
    const auto& known = RunFacts::of(application).known();
    return known && !known->isAlive ? words(QT_TRANSLATE_NOOP("Actions", "The run is over.")) : QString();
}
QString whyNotResumed(Application& application) {
    if (const QString reason = whyNoRun(application); !reason.isEmpty()) return reason;
    const auto& known = RunFacts::of(application).known();
    return known && !known->isResumable
               ? words(QT_TRANSLATE_NOOP("Actions", "Only a run that failed or was stopped can go on."))
               : QString();
}
QString whyNoSession(Application& application) {
    if (const QString reason = whyNotWritable(application); !reason.isEmpty()) return reason;
    return hasPluginFor(application, "inspect")
               ? QString()
               : words(QT_TRANSLATE_NOOP("Actions", "No plugin that looks inside a model is installed."));
}

}  // namespace

std::vector<ActionRecord> runActions() {
    return {
        {QStringLiteral("run.new"), QT_TRANSLATE_NOOP("Actions", "&New run…"), QT_TRANSLATE_NOOP("Actions", "start"),
            QStringLiteral("Ctrl+R"), "run FILE PLUGIN --set KEY=VALUE", {},
            [](Application& application) { application.window()->newRun(false); }, false, 0, whyNotWritable},
        {QStringLiteral("run.session"), QT_TRANSLATE_NOOP("Actions", "New &live session…"),
            QT_TRANSLATE_NOOP("Actions", "interactive inspector prompt"), QStringLiteral("Ctrl+L"),
            "run FILE PLUGIN --set session.keep=true", {}, newSession, false, 0, whyNoSession},
        {QStringLiteral("run.repeat"), QT_TRANSLATE_NOOP("Actions", "&Repeat with changes…"), "",
            QStringLiteral("Ctrl+Shift+R"), "run FILE SPEC --set KEY=VALUE", {},
            [](Application& application) { application.window()->newRun(true); }, false, 0, whyNoRun},
        {QStringLiteral("run.resume"), QT_TRANSLATE_NOOP("Actions", "&Go on from the checkpoint"),
            QT_TRANSLATE_NOOP("Actions", "resume continue attempt"), {}, "resume FILE RUN", {},
            [](Application& application) {
                application.ask([runNo = application.selection()->leadingRun()](
                                    run::RunService& service) { return service.resume(runNo); });
            },
            false, 0, whyNotResumed},
        {QStringLiteral("run.cancel"), QT_TRANSLATE_NOOP("Actions", "&Stop"),
            QT_TRANSLATE_NOOP("Actions", "cancel end"), QStringLiteral("Ctrl+."), "cancel FILE RUN", {},
            [](Application& application) { cancelSelected(application, false); }, false, 0, whyNotStopped},
        {QStringLiteral("run.queue"), QT_TRANSLATE_NOOP("Actions", "&Queue…"),
            QT_TRANSLATE_NOOP("Actions", "waiting order pause"), {}, "queue FILE", {},
            [](Application& application) { QueueDialog::open(application, application.window()); }, false, 0,
            whyNotWritable},
        {QStringLiteral("run.kill"), QT_TRANSLATE_NOOP("Actions", "&Kill"), "", {}, "cancel FILE RUN --kill", {},
            [](Application& application) { cancelSelected(application, true); }, false, 0, whyNotStopped},
    };
}

}  // namespace dubito::app
