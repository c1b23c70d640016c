// Actions on language models: chats, tokenizers, what a fine-tune left.
#include <QCoreApplication>
#include <QFileDialog>

#include <algorithm>
#include <map>

#include "action_registry.h"
#include "actions/chat_start.h"
#include "actions/chat_titles.h"
#include "actions/run_facts.h"
#include "actions/stored_parameters.h"
#include "actions/teach.h"
#include "application.h"
#include "dialogs/run_dialog.h"
#include "lm/data_panel.h"
#include "main_window.h"
#include "run/checkpoint.h"

namespace dubito::app {
namespace {

QString words(const char* text) { return QCoreApplication::translate("Actions", text); }

bool owned(Application& application) { return application.service() != nullptr; }
bool selected(Application& application) { return owned(application) && application.selection()->leadingRun() != 0; }

void newChat(Application& application) {
    startChat(application, [](run::RunService&, const run::PluginDescription&) -> Result<run::RunDraft> {
        run::RunDraft draft;
        draft.title = "chat";
        return draft;
    });
}

/// The form of the first plugin with a role, with some values set.
void openForm(Application& application, const char* role, const char* panel, const char* title, bool keepsUp) {
    const auto plugins = application.catalogue().withRole(role);
    if (plugins.empty()) return;
    Json parameters = Json::object();
    if (keepsUp) keepUp(plugins.front(), parameters);
    application.window()->showPanel(QString::fromLatin1(panel));
    RunDialog::open(application, application.window(), 0,
        {{"plugin", {{"id", plugins.front().id}}}, {"title", title}, {"params", std::move(parameters)}});
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
        [runNo = application.selection()->leadingRun(), catalogue = application.catalogue()](
            run::RunService& service, const run::PluginDescription& plugin) -> Result<run::RunDraft> {
            run::RunDraft draft;
            DUBITO_CHECK(service.call([&](store::ProjectWriter& writer) -> Result<void> {
                DUBITO_TRY(const auto row, store::findRun(writer.database(), runNo));
                DUBITO_TRY(const Json turns, turnsOf(writer.database(), runNo));
                draft.title = row ? row->name() : "chat";
                DUBITO_TRY(const Json parameters, parametersOf(catalogue, writer.database(), runNo));
                draft.parameters = knownOnly(plugin.parameters, parameters);
                draft.parameters["chat"]["text"] = "";
                draft.parameters["chat"]["turns"] = jsonText(turns);
                return {};
            }));
            return draft;
        });
}

/// A chat with what the selected run trained: its base with the adapter of its newest checkpoint, or that whole model.
void chatTuned(Application& application) {
    startChat(application,
        [runNo = application.selection()->leadingRun(), catalogue = application.catalogue()](
            run::RunService& service, const run::PluginDescription&) -> Result<run::RunDraft> {
            run::RunDraft draft;
            DUBITO_TRY(const fs::path folder, newestCheckpoint(service, runNo));
            DUBITO_CHECK(service.call([&](store::ProjectWriter& writer) -> Result<void> {
                DUBITO_TRY(const auto row, store::findRun(writer.database(), runNo));
                DUBITO_TRY(const Json parameters, parametersOf(catalogue, writer.database(), runNo));
                draft.title = row ? "chat with " + row->name() : "chat";
                DUBITO_TRY(
                    draft.parameters["model"], modelIn(folder, textOr(memberOf(parameters, "model"), "path", "")));
                return {};
            }));
            return draft;
        });
}

/// The examples to teach, with the cursor in the first one.
void showLesson(Application& application) {
    application.window()->showPanel(QStringLiteral("data"));
    if (auto* data = qobject_cast<lmview::DataPanel*>(application.window()->panel(QStringLiteral("data"))))
        data->showExamples();
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

/// Why no plugin does this; empty: one does.
QString whyNo(Application& application, std::string_view role, const char* reason) {
    return hasPluginFor(application, role) ? QString() : words(reason);
}
QString whyNoChat(Application& application) {
    return whyNo(application, "chat", QT_TRANSLATE_NOOP("Actions", "No plugin to talk to a model is installed."));
}
QString whyNotContinued(Application& application) {
    if (QString reason = whyNoChat(application); !reason.isEmpty()) return reason;
    const auto& known = RunFacts::of(application).known();
    if (!known) return {};
    if (!playsRole(application, known->pluginId, "chat"))
        return words(QT_TRANSLATE_NOOP("Actions", "The selected run is no conversation."));
    return known->isAlive ? words(QT_TRANSLATE_NOOP("Actions", "The conversation is still going on.")) : QString();
}
QString whyNoCheckpoint(Application& application) {
    const auto& known = RunFacts::of(application).known();
    return known && !known->hasCheckpoint ? words(QT_TRANSLATE_NOOP("Actions", "This run left no checkpoint."))
                                          : QString();
}
QString whyNoTraining(Application& application) {
    return whyNo(application, "train", QT_TRANSLATE_NOOP("Actions", "No plugin that trains a model is installed."));
}
QString whyNotTuned(Application& application) {
    const QString reason = whyNoChat(application);
    return reason.isEmpty() ? whyNoCheckpoint(application) : reason;
}

}  // namespace

std::vector<ActionRecord> modelActions() {
    return {
        {QStringLiteral("chat.new"), QT_TRANSLATE_NOOP("Actions", "New &chat"),
            QT_TRANSLATE_NOOP("Actions", "talk conversation language model"), QStringLiteral("Ctrl+Shift+N"),
            "run FILE PLUGIN", owned, newChat, false, 0, whyNoChat},
        {QStringLiteral("chat.open_model"), QT_TRANSLATE_NOOP("Actions", "Chat with another &model…"),
            QT_TRANSLATE_NOOP("Actions", "gguf safetensors open"), {}, "run FILE PLUGIN --set model.path=FILE", owned,
            [](Application& application) {
                ChatTitles::keep(application);
                openForm(application, "chat", "chat", "chat", true);
            },
            false, 0, whyNoChat},
        {QStringLiteral("chat.continue"), QT_TRANSLATE_NOOP("Actions", "Go on with this &conversation"),
            QT_TRANSLATE_NOOP("Actions", "closed chat reopen continue"), {}, "run FILE PLUGIN --set chat.turns=JSON",
            selected, continueChat, false, 0, whyNotContinued},
        {QStringLiteral("chat.tuned"), QT_TRANSLATE_NOOP("Actions", "Chat with the &fine-tuned model"),
            QT_TRANSLATE_NOOP("Actions", "adapter lora checkpoint"), {}, "run FILE PLUGIN --set model.adapter=FOLDER",
            selected, chatTuned, false, 0, whyNotTuned},
        {QStringLiteral("run.export_checkpoint"), QT_TRANSLATE_NOOP("Actions", "E&xport the checkpoint…"),
            QT_TRANSLATE_NOOP("Actions", "adapter peft safetensors files"), {},
            "models export RUN FOLDER --project FILE", selected, exportCheckpoint, false, 0, whyNoCheckpoint},
        {QStringLiteral("model.tokenise"), QT_TRANSLATE_NOOP("Actions", "Compare &tokenizers…"),
            QT_TRANSLATE_NOOP("Actions", "tokens pieces vocabulary"), {}, "run FILE PLUGIN --set tok.text=TEXT", owned,
            [](Application& application) { openForm(application, "tokenise", "model", "tokens", true); }, false, 0,
            [](Application& application) {
                return whyNo(application, "tokenise",
                    QT_TRANSLATE_NOOP("Actions", "No plugin that cuts text into tokens is installed."));
            }},
        {QStringLiteral("model.lab"), QT_TRANSLATE_NOOP("Actions", "Compare &quantisations…"),
            QT_TRANSLATE_NOOP("Actions", "types perplexity bits"), {}, "models lab MODEL", owned,
            [](Application& application) { openForm(application, "quantise", "model", "types", false); }, false, 0,
            [](Application& application) {
                return whyNo(application, "quantise",
                    QT_TRANSLATE_NOOP("Actions", "No plugin that measures quantisations is installed."));
            }},
        {QStringLiteral("model.teach"), QT_TRANSLATE_NOOP("Actions", "&Teach it something…"),
            QT_TRANSLATE_NOOP("Actions", "lesson examples fine-tune lora mask"), QStringLiteral("Ctrl+Shift+T"),
            "run FILE PLUGIN --set data=FILE", owned, showLesson, false, 0, whyNoTraining},
        {QStringLiteral("model.train"), QT_TRANSLATE_NOOP("Actions", "Fine-&tune a model…"),
            QT_TRANSLATE_NOOP("Actions", "train teach lora"), {}, "run FILE PLUGIN --set data=FILE", owned,
            [](Application& application) { openForm(application, "train", "training", "fine-tune", false); }, false, 0,
            whyNoTraining},
    };
}

}  // namespace dubito::app
