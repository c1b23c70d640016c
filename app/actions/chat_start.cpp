// A question needs no project: one without a name is made where the user's data are.
#include "actions/chat_start.h"

#include <QFileInfo>

#include "actions/chat_titles.h"
#include "application.h"
#include "error_presenter.h"
#include "main_window.h"
#include "run/param_schema.h"

namespace dubito::app {
namespace {

constexpr int kMostUntitled = 10'000;

/// The first name that is free. Makes the folder. @error Io
Result<QString> untitledPath() {
    const fs::path folder = dataHome() / "projects";
    DUBITO_CHECK(makeFolders(folder));
    for (int i = 1; i < kMostUntitled; ++i) {
        const fs::path path = folder / ("untitled-" + std::to_string(i) + ".dubito");
        std::error_code error;
        // A log left behind belongs to a project that may come back.
        if (!fs::exists(path, error) && !fs::exists(path.string() + "-wal", error))
            return QString::fromStdString(path.string());
    }
    return Error(Code::Limit, "there are too many projects without a name. Folder: " + folder.string());
}

run::RunDraft draftOf(const Question& question, const run::PluginDescription& plugin) {
    run::RunDraft draft;
    draft.title = talkTitle(question.text).toStdString();
    Json wanted = {{"chat", {{"text", question.text.toStdString()}}}};
    if (!question.model.empty()) wanted["model"]["path"] = question.model;
    if (question.isGreedy) wanted["gen"] = {{"temperature", 0}, {"repetition_penalty", 1}};
    draft.parameters = knownOnly(plugin.parameters, wanted);
    return draft;
}

}  // namespace

void keepUp(const run::PluginDescription& plugin, Json& parameters) {
    if (!run::valueAt(run::defaultsOf(plugin.parameters), "/session/keep").is_null())
        parameters["session"]["keep"] = true;
}

Json knownOnly(const Json& schema, const Json& given) {
    const Json& properties = memberOf(schema, "properties");
    Json out = Json::object();
    for (const auto& [name, value] : given.items()) {
        if (!properties.is_object() || !properties.contains(name)) continue;
        out[name] = value.is_object() ? knownOnly(properties[name], value) : value;
    }
    return out;
}

void startChat(Application& application, PrepareChat prepare, std::function<void(bool started)> done) {
    const auto plugins = application.catalogue().withRole("chat");
    if (plugins.empty() || !application.service()) {
        if (done) done(false);
        return;
    }
    ChatTitles::keep(application);
    application.ask([&application, prepare = std::move(prepare), done = std::move(done), plugin = plugins.front()](
                        run::RunService& service) -> Result<void> {
        const auto submit = [&]() -> Result<std::int64_t> {
            DUBITO_TRY(run::RunDraft draft, prepare(service, plugin));
            draft.pluginId = plugin.id;
            draft.pluginVersion = plugin.version;
            keepUp(plugin, draft.parameters);
            return service.submit(draft, plugin);
        };
        auto runNo = std::make_shared<Result<std::int64_t>>(submit());
        QMetaObject::invokeMethod(&application, [&application, runNo, done] {
            if (*runNo) {
                application.selection()->setRuns({static_cast<qint64>(**runNo)});
                application.window()->showPanel(QStringLiteral("chat"));
            }
            if (done) done(static_cast<bool>(*runNo));
        });
        if (!*runNo) return runNo->error();
        return {};
    });
}

void withProject(Application& application, std::function<void()> then, std::function<void()> otherwise) {
    if (application.service()) return then();
    const auto path = untitledPath();
    if (!path) {
        presentError(application.window(), path.error());
        if (otherwise) otherwise();
        return;
    }
    application.createProject(*path, [then = std::move(then), otherwise = std::move(otherwise)](bool opened) {
        if (opened) then();
        else if (otherwise) otherwise();
    });
}

void askModel(Application& application, const Question& question, std::function<void(bool started)> done) {
    withProject(
        application,
        [&application, question, done] {
            startChat(
                application,
                [question](run::RunService&, const run::PluginDescription& plugin) -> Result<run::RunDraft> {
                    return draftOf(question, plugin);
                },
                done);
        },
        [done] { done(false); });
}

}  // namespace dubito::app
