// What is done to a whole conversation: its folder, its end in the bin.
#include <QCoreApplication>
#include <QInputDialog>

#include "action_registry.h"
#include "actions/run_facts.h"
#include "application.h"
#include "main_window.h"
#include "store/conversations.h"
#include "store/user_rows.h"

namespace dubito::app {
namespace {

QString words(const char* text) { return QCoreApplication::translate("Actions", text); }

bool selected(Application& application) {
    return application.service() != nullptr && application.selection()->leadingRun() != 0;
}

std::vector<std::int64_t> selectedRuns(Application& application) {
    const auto& runs = application.selection()->runs();
    return {runs.begin(), runs.end()};
}

void moveToFolder(Application& application) {
    kit::asyncQuery<std::vector<std::string>>(
        application.panelContext(), application.window(), [](store::Database& db) { return store::queryFolders(db); },
        [&application, runs = selectedRuns(application)](Result<std::vector<std::string>> folders) {
            QStringList titles{QString()};
            if (folders)
                for (const std::string& title : *folders) titles << QString::fromStdString(title);
            bool ok = false;
            const QString title =
                QInputDialog::getItem(application.window(), words(QT_TRANSLATE_NOOP("Actions", "Move to a folder")),
                    words(QT_TRANSLATE_NOOP("Actions", "Folder, a new one or one that is there; empty: none")), titles,
                    0, true, &ok);
            if (!ok) return;
            makeEdit(application, [runs, title = title.trimmed().toStdString(),
                                      name = words(QT_TRANSLATE_NOOP("Actions", "Move to a folder")).toStdString()](
                                      run::RunService& service) {
                return service.edit(name, "view only",
                    [runs, title](store::Database& db) { return store::setFolder(db, runs, title); });
            });
        });
}

/// A model that waits for the next turn is no work that would be lost: it is stopped.
void deleteTalks(Application& application) {
    makeEdit(application,
        [runs = selectedRuns(application),
            name = words(QT_TRANSLATE_NOOP("Actions", "Delete conversation")).toStdString()](
            run::RunService& service) -> Result<void> {
            for (const std::int64_t runNo : runs)
                if (auto stopped = service.cancel(runNo); !stopped && stopped.error().code() != Code::WrongState)
                    return stopped;
            return service.edit(name, "edit FILE delete RUN",
                [runs](store::Database& db) { return store::setDeleted(db, runs, nowUs()); });
        });
    application.selection()->setRuns({});
}

QString whyNoTalk(Application& application) {
    const auto& known = RunFacts::of(application).known();
    return known && !playsRole(application, known->pluginId, "chat")
               ? words(QT_TRANSLATE_NOOP("Actions", "The selected run is no conversation."))
               : QString();
}

}  // namespace

std::vector<ActionRecord> chatActions() {
    return {
        {QStringLiteral("chat.folder"), QT_TRANSLATE_NOOP("Actions", "Move to a &folder…"),
            QT_TRANSLATE_NOOP("Actions", "conversation group"), {}, "view only", selected, moveToFolder, true},
        {QStringLiteral("chat.delete"), QT_TRANSLATE_NOOP("Actions", "Delete the &conversation"),
            QT_TRANSLATE_NOOP("Actions", "bin remove chat stop"), {}, "edit FILE delete RUN", selected, deleteTalks,
            true, 0, whyNoTalk},
    };
}

}  // namespace dubito::app
