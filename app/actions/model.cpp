// Actions on language models: chats, tokenizers, what a fine-tune left.
#include <QCoreApplication>
#include <QFileDialog>

#include "action_registry.h"
#include "application.h"
#include "dialogs/run_dialog.h"
#include "error_presenter.h"
#include "main_window.h"
#include "run/checkpoint.h"

namespace dubito::app {
namespace {

bool owned(Application& application) { return application.service() != nullptr; }
bool selected(Application& application) { return owned(application) && application.selection()->leadingRun() != 0; }

Json chatDraft(Json parameters) {
    parameters["session"] = {{"keep", true}};
    return {{"plugin", {{"id", "org.dubito.lm"}}}, {"title", "chat"}, {"params", std::move(parameters)}};
}

/// Starts a chat at once and shows it.
void startChat(Application& application, std::function<Result<run::RunDraft>(run::RunService&)> prepare) {
    auto plugin = application.catalogue().find("org.dubito.lm", "");
    if (!plugin) return presentError(application.window(), plugin.error());
    application.ask([&application, prepare = std::move(prepare), plugin = *plugin](run::RunService& service) -> Result<void> {
        DUBITO_TRY(run::RunDraft draft, prepare(service));
        draft.pluginId = plugin.id;
        draft.parameters["session"]["keep"] = true;
        DUBITO_TRY(const std::int64_t runNo, service.submit(draft, plugin));
        QMetaObject::invokeMethod(application.window(), [&application, runNo] {
            application.selection()->setRuns({static_cast<qint64>(runNo)});
            application.window()->showPanel(QStringLiteral("chat"));
        });
        return {};
    });
}

void newChat(Application& application) {
    startChat(application, [](run::RunService&) -> Result<run::RunDraft> {
        run::RunDraft draft;
        draft.title = "chat";
        return draft;
    });
}

/// The newest checkpoint of a run. @error NotFound
Result<store::CheckpointRow> newestCheckpoint(store::Database& db, std::int64_t runNo) {
    DUBITO_TRY(const auto checkpoints, store::queryCheckpoints(db, runNo));
    if (checkpoints.empty()) return Error(Code::NotFound, "this run took no checkpoint");
    return checkpoints.front();
}

/// A chat with what the selected run trained: its base with the adapter of its newest checkpoint, or that whole model.
void chatTuned(Application& application) {
    startChat(application, [runNo = application.selection()->leadingRun()](run::RunService& service) -> Result<run::RunDraft> {
        run::RunDraft draft;
        DUBITO_CHECK(service.call([&](store::ProjectWriter& writer) -> Result<void> {
            DUBITO_TRY(const auto newest, newestCheckpoint(writer.database(), runNo));
            DUBITO_TRY(const auto row, store::findRun(writer.database(), runNo));
            DUBITO_TRY(const std::string text, store::querySpec(writer.database(), runNo));
            DUBITO_TRY(const Json spec, parseJson(text));
            std::error_code error;
            draft.title = row ? "chat with " + row->name() : "chat";
            if (fs::exists(fs::path(newest.folder) / "adapter_config.json", error)) {
                draft.parameters["model"] = {{"path", textOr(memberOf(memberOf(spec, "params"), "model"), "path", "")}, {"adapter", newest.folder}};
            } else if (fs::exists(fs::path(newest.folder) / "config.json", error)) {
                draft.parameters["model"] = {{"path", newest.folder}};
            } else {
                return Error(Code::NotFound, "the newest checkpoint of this run holds no model; it may have been removed. Folder: " + newest.folder);
            }
            return {};
        }));
        return draft;
    });
}

void exportCheckpoint(Application& application) {
    const QString folder = QFileDialog::getExistingDirectory(application.window(), QCoreApplication::translate("Actions", "Copy the checkpoint's files to"));
    if (folder.isEmpty()) return;
    application.ask([runNo = application.selection()->leadingRun(), out = fs::path(folder.toStdString())](run::RunService& service) -> Result<void> {
        store::CheckpointRow newest;
        DUBITO_CHECK(service.call([&](store::ProjectWriter& writer) -> Result<void> {
            DUBITO_TRY(newest, newestCheckpoint(writer.database(), runNo));
            return {};
        }));
        DUBITO_TRY(const auto files, run::copyItems(newest.folder, out));
        return {};
    });
}

}  // namespace

std::vector<ActionRecord> modelActions() {
    return {
        {QStringLiteral("chat.new"), QT_TRANSLATE_NOOP("Actions", "New &chat"), QT_TRANSLATE_NOOP("Actions", "talk conversation language model"), QStringLiteral("Ctrl+Shift+N"), "run FILE --plugin org.dubito.lm", owned, newChat},
        {QStringLiteral("chat.open_model"), QT_TRANSLATE_NOOP("Actions", "Chat with another &model…"), QT_TRANSLATE_NOOP("Actions", "gguf safetensors open"), {}, "run FILE --plugin org.dubito.lm --set model.path=FILE", owned,
         [](Application& application) {
             application.window()->showPanel(QStringLiteral("chat"));
             RunDialog::open(application, application.window(), 0, chatDraft(Json::object()));
         }},
        {QStringLiteral("chat.tuned"), QT_TRANSLATE_NOOP("Actions", "Chat with the &fine-tuned model"), QT_TRANSLATE_NOOP("Actions", "adapter lora checkpoint"), {}, "run FILE --plugin org.dubito.lm --set model.adapter=FOLDER", selected, chatTuned},
        {QStringLiteral("run.export_checkpoint"), QT_TRANSLATE_NOOP("Actions", "E&xport the checkpoint…"), QT_TRANSLATE_NOOP("Actions", "adapter peft safetensors files"), {}, "models export RUN FOLDER --project FILE", selected, exportCheckpoint},
        {QStringLiteral("model.tokenise"), QT_TRANSLATE_NOOP("Actions", "Compare &tokenizers…"), QT_TRANSLATE_NOOP("Actions", "tokens pieces vocabulary"), {}, "run FILE --plugin org.dubito.lm --set task=tokenise", owned,
         [](Application& application) {
             application.window()->showPanel(QStringLiteral("model"));
             Json draft = chatDraft({{"task", "tokenise"}});
             draft["title"] = "tokens";
             RunDialog::open(application, application.window(), 0, draft);
         }},
        {QStringLiteral("model.lab"), QT_TRANSLATE_NOOP("Actions", "Compare &quantisations…"), QT_TRANSLATE_NOOP("Actions", "types perplexity bits"), {}, "models lab MODEL", owned,
         [](Application& application) {
             application.window()->showPanel(QStringLiteral("model"));
             RunDialog::open(application, application.window(), 0, {{"plugin", {{"id", "org.dubito.lm"}}}, {"title", "types"}, {"params", {{"task", "quant_lab"}}}});
         }},
    };
}

}  // namespace dubito::app
