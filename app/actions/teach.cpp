// Lines are named by their hash: the same examples taught twice are one file, and no file ever changes.
#include "actions/teach.h"

#include "actions/chat_start.h"
#include "actions/stored_parameters.h"
#include "application.h"
#include "base/hash.h"
#include "dialogs/run_dialog.h"
#include "main_window.h"
#include "run/checkpoint.h"
#include "run/repeat.h"

namespace dubito::app {
namespace {

constexpr int kHashDigits = 16;

Result<Json> objectFrom(const QString& text) {
    DUBITO_TRY(Json json, parseJson(text.toStdString()));
    if (!json.is_object()) return Error(Code::InvalidArgument, "parameters are no object");
    return json;
}

/// Submits beside the window. `then` on [gui] with the run's number, or 0 after its error was shown.
void submit(Application& application, const run::PluginDescription& plugin,
    std::function<Result<run::RunDraft>(run::RunService&)> prepare, std::function<void(qint64 runNo)> then) {
    application.ask([&application, plugin, prepare = std::move(prepare), then = std::move(then)](
                        run::RunService& service) -> Result<void> {
        const auto start = [&]() -> Result<std::int64_t> {
            DUBITO_TRY(run::RunDraft draft, prepare(service));
            draft.pluginId = plugin.id;
            draft.pluginVersion = plugin.version;
            return service.submit(draft, plugin);
        };
        auto runNo = std::make_shared<Result<std::int64_t>>(start());
        QMetaObject::invokeMethod(
            &application, [then, runNo] { then(*runNo ? static_cast<qint64>(**runNo) : 0); }, Qt::QueuedConnection);
        if (!*runNo) return runNo->error();
        return {};
    });
}

/// What `runNo` trained beside what it was trained on, as the parameters of a comparison; a comparison's own when it is
/// one itself.
Result<Json> contrastOf(
    run::RunService& service, const host::Catalogue& catalogue, const std::string& role, std::int64_t runNo) {
    Json parameters;
    bool isOne = false;
    DUBITO_CHECK(service.call([&](store::ProjectWriter& writer) -> Result<void> {
        DUBITO_TRY(parameters, parametersOf(catalogue, writer.database(), runNo));
        DUBITO_TRY(const auto row, store::findRun(writer.database(), runNo));
        const auto plugin =
            row ? catalogue.find(row->pluginId) : Result<run::PluginDescription>(Error(Code::NotFound, ""));
        isOne = plugin && plugin->hasRole(role);
        return {};
    }));
    if (isOne) return parameters;
    const std::string trainedOn = textOr(memberOf(parameters, "model"), "path", "");
    DUBITO_TRY(const fs::path folder, newestCheckpoint(service, runNo));
    DUBITO_TRY(Json model, modelIn(folder, trainedOn));
    if (model.contains("adapter")) return Json{{"model", std::move(model)}};
    return Json{{"model", {{"path", trainedOn}}}, {"ask", {{"taught", model["path"]}}}};
}

}  // namespace

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

Result<Json> modelIn(const fs::path& folder, const std::string& trainedOn) {
    std::error_code error;
    if (fs::exists(folder / "adapter_config.json", error))
        return Json{{"path", trainedOn}, {"adapter", folder.string()}};
    if (fs::exists(folder / "config.json", error)) return Json{{"path", folder.string()}};
    if (fs::exists(folder / "model.gguf", error))  // what a conversion made
        return Json{{"path", (folder / "model.gguf").string()}};
    return Error(Code::NotFound, "the newest checkpoint of this run holds no model. Folder: " + folder.string());
}

Result<fs::path> keepLines(const QByteArray& lines) {
    const std::string text = lines.toStdString();
    const fs::path folder = dataHome() / "inputs";
    DUBITO_CHECK(makeFolders(folder));
    const fs::path path = folder / ("lesson-" + hexText(sha256(asBytes(text))).substr(0, kHashDigits) + ".jsonl");
    if (const auto there = readFile(path, text.size() + 1); there && *there == text) return path;
    DUBITO_CHECK(writeFileAtomic(path, text));
    return path;
}

void teach(Application& application, const QByteArray& lines, const QString& parameters, const QString& title) {
    const auto plugins = application.catalogue().withRole("train");
    if (plugins.empty() || !application.service()) return;
    submit(
        application, plugins.front(),
        [lines, parameters, title, schema = plugins.front().parameters](run::RunService&) -> Result<run::RunDraft> {
            DUBITO_TRY(Json wanted, objectFrom(parameters));
            DUBITO_TRY(const fs::path path, keepLines(lines));
            wanted["train"]["data"] = path.string();
            run::RunDraft draft;
            draft.title = title.toStdString();
            draft.parameters = knownOnly(schema, wanted);
            return draft;
        },
        [&application](qint64 runNo) {
            if (runNo) application.selection()->setRuns({runNo});
        });
}

void startSession(Application& application, const QString& role, qint64 ofRun, const QString& parameters,
    const QString& title, std::function<void(qint64 runNo)> started) {
    const auto plugins = application.catalogue().withRole(role.toStdString());
    if (plugins.empty() || !application.service()) return started(0);
    submit(
        application, plugins.front(),
        [role = role.toStdString(), ofRun, parameters, title, schema = plugins.front().parameters,
            catalogue = application.catalogue(),
            plugin = plugins.front()](run::RunService& service) -> Result<run::RunDraft> {
            run::RunDraft draft;
            draft.title = title.toStdString();
            DUBITO_TRY(Json wanted, objectFrom(parameters));
            if (ofRun) {
                DUBITO_TRY(Json model, contrastOf(service, catalogue, role, ofRun));
                model.merge_patch(wanted);
                wanted = std::move(model);
            }
            draft.parameters = knownOnly(schema, wanted);
            keepUp(plugin, draft.parameters);
            return draft;
        },
        std::move(started));
}

void composeRun(Application& application, const QString& role, const QString& parameters) {
    const auto plugins = application.catalogue().withRole(role.toStdString());
    const auto wanted = objectFrom(parameters);
    if (plugins.empty() || !wanted) return;
    RunDialog::open(application, application.window(), 0,
        {{"plugin", {{"id", plugins.front().id}}}, {"params", knownOnly(plugins.front().parameters, *wanted)}});
}

}  // namespace dubito::app
