// Only the spec is read, and that beside the window.
#include "open_files.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QPointer>

#include "actions/chat_start.h"
#include "actions/run_facts.h"
#include "application.h"
#include "dialogs/run_dialog.h"
#include "error_presenter.h"
#include "main_window.h"
#include "notifications.h"
#include "run/run_spec.h"

namespace dubito::app {
namespace {

constexpr std::uint64_t kMostSpecBytes = 1 << 20;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(dubito::app::OpenFiles)
};

void openSpec(Application& application, const QString& path) {
    application.later([&application, path] {
        auto spec = std::make_shared<Result<Json>>([&]() -> Result<Json> {
            DUBITO_TRY(const std::string text, readFile(path.toStdString(), kMostSpecBytes));
            DUBITO_TRY([[maybe_unused]] const run::RunDraft draft, run::draftFromJson(text));
            return parseJson(text);
        }());
        QMetaObject::invokeMethod(
            &application,
            [&application, spec, path] {
                if (!*spec)
                    return presentError(application.window(),
                        Error(spec->error().code(), QFileInfo(path).fileName().toStdString() +
                                                        " is no specification of a run: " + spec->error().message()));
                withProject(application,
                    [&application, spec] { RunDialog::open(application, application.window(), 0, **spec); });
            },
            Qt::QueuedConnection);
    });
}

/// What a plugin is given for a model that lies in several files: their folder.
QString modelPath(const QString& path) {
    const QFileInfo info(path);
    const bool isPart = info.suffix() == QLatin1String("safetensors");
    return isPart && QFileInfo::exists(info.absolutePath() + QStringLiteral("/config.json")) ? info.absolutePath()
                                                                                             : info.absoluteFilePath();
}

void talkTo(Application& application, const QString& path) {
    if (!hasPluginFor(application, "chat"))
        return application.notifications().add(Words::tr("No plugin to talk to a model is installed."));
    withProject(application, [&application, path = modelPath(path)] {
        startChat(application, [path](run::RunService&, const run::PluginDescription& plugin) -> Result<run::RunDraft> {
            run::RunDraft draft;
            draft.title = QFileInfo(path).completeBaseName().toStdString();
            draft.parameters = knownOnly(plugin.parameters, {{"model", {{"path", path.toStdString()}}}});
            return draft;
        });
    });
}

}  // namespace

DroppedKind droppedKind(const QString& path) {
    const QFileInfo info(path);
    if (!info.exists()) return DroppedKind::Unknown;
    if (info.isDir())
        return QFileInfo::exists(path + QStringLiteral("/config.json")) ? DroppedKind::Model : DroppedKind::Unknown;
    const QString suffix = info.suffix().toLower();
    if (suffix == QLatin1String("dubito")) return DroppedKind::Project;
    if (suffix == QLatin1String("json")) return DroppedKind::Spec;
    if (suffix == QLatin1String("gguf") || suffix == QLatin1String("safetensors")) return DroppedKind::Model;
    return DroppedKind::Unknown;
}

void openDropped(Application& application, const QStringList& paths) {
    for (const QString& path : paths) {
        switch (droppedKind(path)) {
            case DroppedKind::Project: application.openProject(path); break;
            case DroppedKind::Spec: openSpec(application, path); break;
            case DroppedKind::Model: talkTo(application, path); break;
            case DroppedKind::Unknown:
                application.notifications().add(Words::tr(
                    "%1 cannot be opened here. What can: projects (*.dubito), specifications of runs (*.json), "
                    "models (*.gguf, *.safetensors, or a folder with config.json).")
                                                    .arg(QFileInfo(path).fileName()));
        }
    }
}

}  // namespace dubito::app
