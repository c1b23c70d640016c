// Actions on language models: chats, tokenizers, what a fine-tune left.
#include <QCoreApplication>
#include <QFileDialog>

#include <algorithm>
#include <map>

#include "action_registry.h"
#include "application.h"
#include "dialogs/run_dialog.h"
#include "error_presenter.h"
#include "main_window.h"
#include "run/checkpoint.h"
#include "run/job_dir.h"

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
    application.ask(
        [&application, prepare = std::move(prepare), plugin = *plugin](run::RunService& service) -> Result<void> {
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

/// Parameters of a run with its files where they lie: a spec names them by hash and name only.
Result<Json> parametersOf(store::Database& db, std::int64_t runNo) {
    DUBITO_TRY(const std::string text, store::querySpec(db, runNo));
    DUBITO_TRY(const Json spec, parseJson(text));
    DUBITO_TRY(const auto attempts, store::queryAttempts(db, runNo));
    if (attempts.empty()) return Error(Code::NotFound, "the run never started");
    DUBITO_TRY(const auto placement, run::JobDir(attempts.back().jobDir).readPlacement());
    Json out = memberOf(spec, "params");
    const auto path = [&](const char* role, const char* key) {
        return placement.assets.contains(role) && !textOr(memberOf(out, "model"), key, "").empty()
                   ? placement.assets.at(role)
                   : std::string();
    };
    const std::string model = path("model", "path"), adapter = path("adapter", "adapter");
    out["model"]["path"] = model;
    out["model"]["adapter"] = adapter;
    return out;
}

/// Turns from the first to the last of a stored chat, along the branch that ends with the last answer.
Result<Json> turnsOf(store::Database& db, std::int64_t runNo) {
    DUBITO_TRY(const auto records, store::queryRecords(db, runNo, "chat/turn"));
    struct Turn {
        std::int64_t parent = -1;
        std::string role, text;
    };
    std::map<std::int64_t, Turn> turns;
    std::int64_t last = -1;
    for (const auto& record : records) {
        const auto meta = parseJson(record.metaJson);
        if (!meta) continue;
        const std::int64_t number = integerOr(*meta, "node", -1);
        if (textOr(*meta, "name", "") == "end") {
            if (!turns.contains(number) || textOr(*meta, "answer", "").empty()) continue;
            turns[number].text = textOr(*meta, "answer", "");
            last = number;
        } else if (number >= 0) {
            turns[number] = {std::min(integerOr(*meta, "parent", -1), number - 1), textOr(*meta, "role", ""),
                textOr(*meta, "text", "")};
        }
    }
    if (last < 0) return Error(Code::NotFound, "nothing was answered in this chat; start a new one");
    Json out = Json::array();
    for (std::int64_t at = last; at >= 0 && turns.contains(at); at = turns[at].parent)
        out.push_back({{"role", turns[at].role}, {"content", turns[at].text}});
    std::reverse(out.begin(), out.end());
    return out;
}

/// A new run of the same model and sampling that goes on where the selected chat ended.
void continueChat(Application& application) {
    startChat(application,
        [runNo = application.selection()->leadingRun()](run::RunService& service) -> Result<run::RunDraft> {
            run::RunDraft draft;
            DUBITO_CHECK(service.call([&](store::ProjectWriter& writer) -> Result<void> {
                DUBITO_TRY(const auto row, store::findRun(writer.database(), runNo));
                DUBITO_TRY(const Json turns, turnsOf(writer.database(), runNo));
                draft.title = row ? row->name() : "chat";
                DUBITO_TRY(draft.parameters, parametersOf(writer.database(), runNo));
                draft.parameters["chat"]["text"] = "";
                draft.parameters["chat"]["turns"] = jsonText(turns);
                return {};
            }));
            return draft;
        });
}

/// Folder of the newest checkpoint whose hashes hold; reads all of it, so not on the store's thread. @error NotFound
Result<fs::path> newestCheckpoint(run::RunService& service, std::int64_t runNo) {
    std::vector<store::AttemptRow> attempts;
    DUBITO_CHECK(service.call([&](store::ProjectWriter& writer) -> Result<void> {
        DUBITO_TRY(attempts, store::queryAttempts(writer.database(), runNo));
        return {};
    }));
    const auto newest = attempts.empty() ? std::nullopt : run::CheckpointStore(attempts.back().jobDir).newest();
    if (!newest) return Error(Code::NotFound, "this run has no whole checkpoint");
    return newest->folder;
}

/// A chat with what the selected run trained: its base with the adapter of its newest checkpoint, or that whole model.
void chatTuned(Application& application) {
    startChat(application,
        [runNo = application.selection()->leadingRun()](run::RunService& service) -> Result<run::RunDraft> {
            run::RunDraft draft;
            DUBITO_TRY(const fs::path folder, newestCheckpoint(service, runNo));
            DUBITO_CHECK(service.call([&](store::ProjectWriter& writer) -> Result<void> {
                DUBITO_TRY(const auto row, store::findRun(writer.database(), runNo));
                DUBITO_TRY(const Json parameters, parametersOf(writer.database(), runNo));
                std::error_code error;
                draft.title = row ? "chat with " + row->name() : "chat";
                if (fs::exists(folder / "adapter_config.json", error)) {
                    draft.parameters["model"] = {
                        {"path", textOr(memberOf(parameters, "model"), "path", "")}, {"adapter", folder.string()}};
                } else if (fs::exists(folder / "config.json", error)) {
                    draft.parameters["model"] = {{"path", folder.string()}};
                } else if (fs::exists(folder / "model.gguf", error)) {  // what a conversion made
                    draft.parameters["model"] = {{"path", (folder / "model.gguf").string()}};
                } else {
                    return Error(
                        Code::NotFound, "the newest checkpoint of this run holds no model. Folder: " + folder.string());
                }
                return {};
            }));
            return draft;
        });
}

void exportCheckpoint(Application& application) {
    const QString folder = QFileDialog::getExistingDirectory(
        application.window(), QCoreApplication::translate("Actions", "Copy the checkpoint's files to"));
    if (folder.isEmpty()) return;
    application.ask([runNo = application.selection()->leadingRun(), out = fs::path(folder.toStdString())](
                        run::RunService& service) -> Result<void> {
        DUBITO_TRY(const fs::path folder, newestCheckpoint(service, runNo));
        DUBITO_TRY(const auto files, run::copyItems(folder, out));
        return {};
    });
}

}  // namespace

std::vector<ActionRecord> modelActions() {
    return {
        {QStringLiteral("chat.new"), QT_TRANSLATE_NOOP("Actions", "New &chat"),
            QT_TRANSLATE_NOOP("Actions", "talk conversation language model"), QStringLiteral("Ctrl+Shift+N"),
            "run FILE --plugin org.dubito.lm", owned, newChat},
        {QStringLiteral("chat.open_model"), QT_TRANSLATE_NOOP("Actions", "Chat with another &model…"),
            QT_TRANSLATE_NOOP("Actions", "gguf safetensors open"), {},
            "run FILE --plugin org.dubito.lm --set model.path=FILE", owned,
            [](Application& application) {
                application.window()->showPanel(QStringLiteral("chat"));
                RunDialog::open(application, application.window(), 0, chatDraft(Json::object()));
            }},
        {QStringLiteral("chat.continue"), QT_TRANSLATE_NOOP("Actions", "Go on with this &conversation"),
            QT_TRANSLATE_NOOP("Actions", "closed chat reopen continue"), {},
            "run FILE --plugin org.dubito.lm --set chat.turns=JSON", selected, continueChat},
        {QStringLiteral("chat.tuned"), QT_TRANSLATE_NOOP("Actions", "Chat with the &fine-tuned model"),
            QT_TRANSLATE_NOOP("Actions", "adapter lora checkpoint"), {},
            "run FILE --plugin org.dubito.lm --set model.adapter=FOLDER", selected, chatTuned},
        {QStringLiteral("run.export_checkpoint"), QT_TRANSLATE_NOOP("Actions", "E&xport the checkpoint…"),
            QT_TRANSLATE_NOOP("Actions", "adapter peft safetensors files"), {},
            "models export RUN FOLDER --project FILE", selected, exportCheckpoint},
        {QStringLiteral("model.tokenise"), QT_TRANSLATE_NOOP("Actions", "Compare &tokenizers…"),
            QT_TRANSLATE_NOOP("Actions", "tokens pieces vocabulary"), {},
            "run FILE --plugin org.dubito.lm --set task=tokenise", owned,
            [](Application& application) {
                application.window()->showPanel(QStringLiteral("model"));
                Json draft = chatDraft({{"task", "tokenise"}});
                draft["title"] = "tokens";
                RunDialog::open(application, application.window(), 0, draft);
            }},
        {QStringLiteral("model.lab"), QT_TRANSLATE_NOOP("Actions", "Compare &quantisations…"),
            QT_TRANSLATE_NOOP("Actions", "types perplexity bits"), {}, "models lab MODEL", owned,
            [](Application& application) {
                application.window()->showPanel(QStringLiteral("model"));
                RunDialog::open(application, application.window(), 0,
                    {{"plugin", {{"id", "org.dubito.lm"}}}, {"title", "types"}, {"params", {{"task", "quant_lab"}}}});
            }},
    };
}

}  // namespace dubito::app
