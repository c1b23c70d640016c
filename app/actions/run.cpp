// Actions on runs.
#include <QCoreApplication>

#include "action_registry.h"
#include "application.h"
#include "dialogs/run_dialog.h"
#include "main_window.h"

namespace dubito::app {
namespace {

bool owned(Application& application) { return application.service() != nullptr; }
bool selected(Application& application) { return owned(application) && application.selection()->leadingRun() != 0; }

void cancelSelected(Application& application, bool kill) {
    application.ask([runs = application.selection()->runs(), kill](run::RunService& service) -> Result<void> {
        for (const qint64 runNo : runs)
            if (auto asked = service.cancel(runNo, kill); !asked && runs.size() == 1) return asked;
        return {};
    });
}

}  // namespace

std::vector<ActionRecord> runActions() {
    return {
        {QStringLiteral("run.new"), QT_TRANSLATE_NOOP("Actions", "&New run…"), QT_TRANSLATE_NOOP("Actions", "start"),
            QStringLiteral("Ctrl+R"), "run FILE --plugin ID --set KEY=VALUE", owned,
            [](Application& application) { application.window()->newRun(false); }},
        {QStringLiteral("run.session"), QT_TRANSLATE_NOOP("Actions", "New &live session…"),
            QT_TRANSLATE_NOOP("Actions", "interactive inspector prompt"), QStringLiteral("Ctrl+L"),
            "run FILE --plugin tas --set session.keep=true", owned,
            [](Application& application) {
                RunDialog::open(application, application.window(), 0,
                    {{"plugin", {{"id", "org.dubito.tas"}}}, {"params", {{"session", {{"keep", true}}}}}});
            }},
        {QStringLiteral("run.repeat"), QT_TRANSLATE_NOOP("Actions", "&Repeat with changes…"), "",
            QStringLiteral("Ctrl+Shift+R"), "run FILE SPEC --set KEY=VALUE", selected,
            [](Application& application) { application.window()->newRun(true); }},
        {QStringLiteral("run.resume"), QT_TRANSLATE_NOOP("Actions", "&Go on from the checkpoint"),
            QT_TRANSLATE_NOOP("Actions", "resume continue attempt"), {}, "resume FILE RUN", selected,
            [](Application& application) {
                application.ask([runNo = application.selection()->leadingRun()](
                                    run::RunService& service) { return service.resume(runNo); });
            }},
        {QStringLiteral("run.cancel"), QT_TRANSLATE_NOOP("Actions", "&Stop"),
            QT_TRANSLATE_NOOP("Actions", "cancel end"), QStringLiteral("Ctrl+."), "cancel FILE RUN", selected,
            [](Application& application) { cancelSelected(application, false); }},
        {QStringLiteral("run.kill"), QT_TRANSLATE_NOOP("Actions", "&Kill"), "", {}, "cancel FILE RUN --kill", selected,
            [](Application& application) { cancelSelected(application, true); }},
    };
}

}  // namespace dubito::app
