// Actions on the project as a whole.
#include <QApplication>
#include <QFileInfo>

#include "action_registry.h"
#include "application.h"
#include "dialogs/project_dialogs.h"
#include "main_window.h"

namespace dubito::app {
namespace {

bool open(Application& application) { return application.hasProject(); }
QString words(const char* text) { return QCoreApplication::translate("Actions", text); }

void newProject(Application& application) {
    askForNewProject(application.window(), words(QT_TRANSLATE_NOOP("Actions", "New project")),
        QStringLiteral("project.dubito"), [&application](const QString& path) { application.createProject(path); });
}

void openProject(Application& application) {
    askForProject(application.window(), words(QT_TRANSLATE_NOOP("Actions", "Open project")),
        [&application](const QString& path) { application.openProject(path); });
}

void saveCopy(Application& application) {
    askForNewProject(application.window(), words(QT_TRANSLATE_NOOP("Actions", "Save a copy")),
        QFileInfo(application.projectPath()).completeBaseName() + QStringLiteral("-copy.dubito"),
        [&application](const QString& path) { application.saveCopy(path); });
}

QString whyNotWritten(Application& application) {
    return application.service() ? words(QT_TRANSLATE_NOOP("Actions", "The project is open for writing already."))
                                 : QString();
}

}  // namespace

std::vector<ActionRecord> projectActions() {
    return {
        {QStringLiteral("project.new"), QT_TRANSLATE_NOOP("Actions", "&New project…"), "", QStringLiteral("Ctrl+N"),
            "new FILE", {}, newProject},
        {QStringLiteral("project.open"), QT_TRANSLATE_NOOP("Actions", "&Open project…"), "", QStringLiteral("Ctrl+O"),
            "open FILE", {}, openProject},
        {QStringLiteral("project.save_copy"), QT_TRANSLATE_NOOP("Actions", "Save a co&py…"),
            QT_TRANSLATE_NOOP("Actions", "backup duplicate rescue"), {}, "view only", open, saveCopy},
        {QStringLiteral("project.write"), QT_TRANSLATE_NOOP("Actions", "Open for &writing"),
            QT_TRANSLATE_NOOP("Actions", "take over owner read-only"), {}, "view only", open,
            [](Application& application) { application.openForWriting(); }, false, 0, whyNotWritten},
        {QStringLiteral("project.demo"), QT_TRANSLATE_NOOP("Actions", "Open the &demo project"), "", {}, "demo [FILE]",
            {}, [](Application& application) { application.window()->openDemo(); }},
        {QStringLiteral("project.close"), QT_TRANSLATE_NOOP("Actions", "&Close project"), "", {}, "view only", open,
            [](Application& application) {
                if (application.mayClose()) application.closeProject();
            }},
        {QStringLiteral("project.check"), QT_TRANSLATE_NOOP("Actions", "C&heck project"),
            QT_TRANSLATE_NOOP("Actions", "integrity"), {}, "check FILE --full", open,
            [](Application& application) { application.window()->checkProject(); }},
        {QStringLiteral("app.quit"), QT_TRANSLATE_NOOP("Actions", "&Quit"), "", QStringLiteral("Ctrl+Q"), "view only",
            {}, [](Application& application) { application.quit(); }},
    };
}

}  // namespace dubito::app
