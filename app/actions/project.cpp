// Actions on the project as a whole.
#include <QApplication>
#include <QFileDialog>

#include "action_registry.h"
#include "application.h"
#include "main_window.h"

namespace dubito::app {
namespace {

bool open(Application& application) { return application.hasProject(); }
QString filter() { return QCoreApplication::translate("Actions", "Dubito projects (*.dubito)"); }

}  // namespace

std::vector<ActionRecord> projectActions() {
    return {
        {QStringLiteral("project.new"), QT_TRANSLATE_NOOP("Actions", "&New project…"), "", QStringLiteral("Ctrl+N"),
            "new FILE", {},
            [](Application& application) {
                const QString path = QFileDialog::getSaveFileName(application.window(),
                    QCoreApplication::translate("Actions", "New project"), QStringLiteral("project.dubito"), filter());
                if (!path.isEmpty()) application.createProject(path);
            }},
        {QStringLiteral("project.open"), QT_TRANSLATE_NOOP("Actions", "&Open project…"), "", QStringLiteral("Ctrl+O"),
            "open FILE", {},
            [](Application& application) {
                const QString path = QFileDialog::getOpenFileName(
                    application.window(), QCoreApplication::translate("Actions", "Open project"), {}, filter());
                if (!path.isEmpty()) application.openProject(path);
            }},
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
