// The session is a run like any other: its spec holds the ids, so that it can be found again, and repeated.
#include "actions/inspect_answer.h"

#include <QCoreApplication>
#include <QJsonObject>

#include <cmath>

#include "actions/chat_start.h"
#include "actions/stored_parameters.h"
#include "actions/teach.h"
#include "application.h"
#include "journal/array_block.h"
#include "kit/pane_frame.h"
#include "main_window.h"
#include "notifications.h"
#include "page_view.h"
#include "run/run_state.h"
#include "store/opener.h"
#include "workspace_area.h"

namespace dubito::app {
namespace {

QString words(const char* text) { return QCoreApplication::translate("Actions", text); }

struct StoredAnswer {
    std::vector<std::int32_t> prompt, said;
    std::string question;  ///< what it answers
    int layers = 0;        ///< of the model; 0: not told
    std::string ids() const {
        std::string out;
        for (const auto* part : {&prompt, &said})
            for (const std::int32_t id : *part) out += (out.empty() ? "" : " ") + std::to_string(id);
        return out;
    }
    /// A layer in the middle: where a word is not yet one.
    int middleLayer() const { return layers > 0 ? static_cast<int>(std::lround(2.0 * layers / 5)) : 12; }
};

bool isOfTurn(const Json& meta, int turn) { return integerOr(meta, "node", -1) == turn; }

/// Ids of the records of a turn, in order.
Result<std::vector<std::int32_t>> idsOf(store::Database& db, std::int64_t runNo, const char* key, int turn) {
    DUBITO_TRY(const auto rows, store::queryRecords(db, runNo, key));
    std::vector<std::int32_t> out;
    for (const auto& row : rows) {
        const auto meta = parseJson(row.metaJson);
        if (!meta || !isOfTurn(*meta, turn)) continue;
        DUBITO_TRY(const auto arrays, journal::decodeArrayBlock(row.block));
        const auto* ids = journal::findArray(arrays, "id");
        if (!ids || ids->dtype != kI32) return Error(Code::CorruptData, "a token of this answer has no id");
        const auto values = ids->as<std::int32_t>();
        out.insert(out.end(), values.begin(), values.end());
    }
    return out;
}

Result<std::string> questionOf(store::Database& db, std::int64_t runNo, int turn) {
    DUBITO_TRY(const auto rows, store::queryRecords(db, runNo, "chat/turn"));
    std::map<std::int64_t, std::string> texts;
    std::int64_t asked = -1;
    for (const auto& row : rows) {
        const auto meta = parseJson(row.metaJson);
        if (!meta || textOr(*meta, "name", "") == "end") continue;
        texts[integerOr(*meta, "node", -1)] = textOr(*meta, "text", "");
        if (isOfTurn(*meta, turn)) asked = integerOr(*meta, "parent", -1);
    }
    return texts.contains(asked) ? texts[asked] : std::string();
}

Result<int> layersOf(store::Database& db, std::int64_t runNo) {
    constexpr int kMostLayers = 1024;
    DUBITO_TRY(const auto rows, store::queryRecords(db, runNo, "model/info", 0, 1));
    if (rows.empty()) return 0;
    DUBITO_TRY(const auto arrays, journal::decodeArrayBlock(rows.front().block));
    const auto keys = journal::textsNamed(arrays, "key"), values = journal::textsNamed(arrays, "value");
    for (std::size_t i = 0; i < std::min(keys.size(), values.size()); ++i)
        if (keys[i] == "layers") return std::clamp(QString::fromStdString(values[i]).toInt(), 0, kMostLayers);
    return 0;
}

Result<StoredAnswer> readAnswer(store::Database& db, std::int64_t runNo, int turn) {
    StoredAnswer out;
    DUBITO_TRY(out.prompt, idsOf(db, runNo, "chat/prompt", turn));
    DUBITO_TRY(out.said, idsOf(db, runNo, "chat/token", turn));
    DUBITO_TRY(out.question, questionOf(db, runNo, turn));
    DUBITO_TRY(out.layers, layersOf(db, runNo));
    if (out.said.empty()) return Error(Code::NotFound, "nothing has been said in this turn so far");
    if (out.prompt.empty())
        return Error(Code::NotFound,
            "what the model was given for this answer is not stored here: the turn was taken up from another "
            "conversation; ask there");
    return out;
}

/// Runs of the plugin that read a stored answer.
struct Earlier {
    std::int64_t same = 0;            ///< read just these tokens with just these weights; 0: none did
    std::vector<std::int64_t> alive;  ///< the others that still hold a model
};

Result<bool> hasRead(store::Database& db, std::int64_t runNo) {
    DUBITO_TRY(const auto spans, store::queryRecords(db, runNo, "trace/span", 0, 1));
    return !spans.empty();
}

Result<Earlier> inspectedBefore(
    store::Database& db, const std::string& plugin, const Json& prompt, const Json& weights, const Json& models) {
    store::RunQuery query;
    query.where = "plugin = " + plugin;
    DUBITO_TRY(const auto rows, store::queryRuns(db, query));
    Earlier out;
    for (const auto& row : rows) {
        const auto text = store::querySpec(db, row.runNo);
        const auto spec = text ? parseJson(*text) : Result<Json>(Json());
        if (!spec) continue;
        const Json& parameters = memberOf(*spec, "params");
        const Json &read = memberOf(parameters, "prompt"), &model = memberOf(parameters, "model");
        if (integerOr(read, "answer_from", 0) == 0) continue;
        const bool isAlive = !run::isFinal(static_cast<run::RunState>(row.state));
        if (!out.same && memberOf(*spec, "models") == models && textOr(read, "ids", "") == textOr(prompt, "ids", "") &&
            integerOr(read, "answer_from", 0) == integerOr(prompt, "answer_from", 0) &&
            textOr(model, "weights", "") == textOr(weights, "weights", "") &&
            textOr(model, "activation", "") == textOr(weights, "activation", "")) {
            DUBITO_TRY(const bool isRead, hasRead(db, row.runNo));
            if (isAlive || isRead) {
                out.same = row.runNo;
                continue;
            }
        }
        if (isAlive) out.alive.push_back(row.runNo);
    }
    return out;
}

/// The first words of the question, as many as fit a list.
std::string titleOf(const std::string& question) {
    constexpr int kMost = 36;
    QString text = QString::fromStdString(question).simplified();
    if (text.size() > kMost) {
        const auto space = text.lastIndexOf(QLatin1Char(' '), kMost);
        text = text.left(space > kMost / 2 ? space : kMost) + QStringLiteral("…");
    }
    return words(QT_TRANSLATE_NOOP("Actions", "layers of: %1")).arg(text).toStdString();
}

/// The run that inspects the answer: a new one, or the one that did before. [beside]
/// @param checkpoint of the model that reads it; empty: the one that said it
Result<std::int64_t> sessionFor(run::RunService& service, const host::Catalogue& catalogue,
    const run::PluginDescription& plugin, std::int64_t runNo, const StoredAnswer& answer,
    const fs::path& checkpoint = {}) {
    DUBITO_TRY(auto db, store::openReadOnly(service.project()));
    DUBITO_TRY(const Json stored, parametersOf(catalogue, *db, runNo));
    DUBITO_TRY(const std::string specText, store::querySpec(*db, runNo));
    DUBITO_TRY(const Json spec, parseJson(specText));
    Json wanted = {
        {"prompt", {{"ids", answer.ids()}, {"answer_from", static_cast<std::int64_t>(answer.prompt.size())}}},
        {"model", memberOf(stored, "model")}};
    Json models = memberOf(spec, "models");
    if (!checkpoint.empty()) {
        DUBITO_TRY(wanted["model"], modelIn(checkpoint, textOr(memberOf(stored, "model"), "path", "")));
        models = nullptr;  // other weights than those of the run: nothing has read with them before that is known here
    }
    run::RunDraft draft;
    draft.parameters = knownOnly(plugin.parameters, wanted);
    if (textOr(memberOf(draft.parameters, "prompt"), "ids", "").empty())
        return Error(Code::Unsupported, "the installed plugin that inspects cannot read given tokens");
    DUBITO_TRY(const Earlier before,
        inspectedBefore(*db, plugin.id, draft.parameters["prompt"], memberOf(spec["params"], "model"), models));
    if (before.same) return before.same;
    // One model in memory is enough to look at one answer; what the others read stays.
    for (const std::int64_t other : before.alive) (void)service.cancel(other);
    draft.pluginId = plugin.id;
    draft.pluginVersion = plugin.version;
    draft.title = titleOf(answer.question);
    draft.threads = integerOr(spec, "threads", 0);
    keepUp(plugin, draft.parameters);
    return service.submit(draft, plugin);
}

/// The inspector on the run, beside whatever the page shows, with the cell chosen.
void present(Application& application, qint64 runNo, int position, int layer) {
    const QString panel = QStringLiteral("inspector");
    MainWindow* window = application.window();
    PageView* page = window->area().page();
    if (page && !page->find(panel) && page->panes().size() < kMostPanes)
        page->split(page->front(), Qt::Horizontal, panel);
    window->showPanel(panel);
    page = window->area().page();
    if (kit::PaneFrame* pane = page ? page->find(panel) : nullptr) pane->setPinned(false);
    application.selection()->setRuns({runNo});
    application.selection()->setCell(0, layer, position);
    if (kit::Panel* shown = window->panel(panel))
        shown->restoreLayout({{QStringLiteral("view"), 0}, {QStringLiteral("marked"), layer}});
}

}  // namespace

void inspectAnswer(Application& application, qint64 runNo, int turn, int token) {
    const auto plugins = application.catalogue().withRole("inspect");
    if (plugins.empty())
        return application.notifications().add(
            words(QT_TRANSLATE_NOOP("Actions", "No plugin that looks into a model's layers is installed.")));
    if (!application.service())
        return application.notifications().add(
            words(QT_TRANSLATE_NOOP("Actions", "This project is open read-only: nothing can be run in it.")));
    // One after the other, so that a second press finds what the first one started.
    application.ask([&application, plugin = plugins.front(), catalogue = application.catalogue(), runNo, turn, token,
                        project = application.projectPath()](run::RunService& service) -> Result<void> {
        DUBITO_TRY(auto db, store::openReadOnly(service.project()));
        DUBITO_TRY(const StoredAnswer answer, readAnswer(*db, runNo, turn));
        DUBITO_TRY(const std::int64_t session, sessionFor(service, catalogue, plugin, runNo, answer));
        const int last = static_cast<int>(answer.said.size()) - 1;
        const int position = static_cast<int>(answer.prompt.size()) + std::clamp(token, 0, last) - 1;
        QMetaObject::invokeMethod(
            &application,
            [&application, session, position, layer = answer.middleLayer(), project] {
                if (application.hasProject() && application.projectPath() == project)
                    present(application, static_cast<qint64>(session), position, layer);
            },
            Qt::QueuedConnection);
        return {};
    });
}

void inspectItem(
    Application& application, qint64 runNo, const QString& checkpoint, const kit::PanelContext::HeldItem& item) {
    const auto plugins = application.catalogue().withRole("inspect");
    const qsizetype from = std::clamp<qsizetype>(item.answerFrom, 1, std::max<qsizetype>(1, item.ids.size() - 1));
    if (plugins.empty() || item.ids.size() < 2) return;
    application.ask([&application, plugin = plugins.front(), catalogue = application.catalogue(), runNo, item, from,
                        folder = fs::path(checkpoint.toStdString()),
                        project = application.projectPath()](run::RunService& service) -> Result<void> {
        DUBITO_TRY(auto db, store::openReadOnly(service.project()));
        StoredAnswer answer;
        answer.prompt.assign(item.ids.begin(), item.ids.begin() + from);
        answer.said.assign(item.ids.begin() + from, item.ids.end());
        answer.question = item.question.toStdString();
        DUBITO_TRY(answer.layers, layersOf(*db, runNo));
        DUBITO_TRY(const std::int64_t session, sessionFor(service, catalogue, plugin, runNo, answer, folder));
        QMetaObject::invokeMethod(
            &application,
            [&application, session, position = static_cast<int>(from) - 1, layer = answer.middleLayer(), project] {
                if (application.hasProject() && application.projectPath() == project)
                    present(application, static_cast<qint64>(session), position, layer);
            },
            Qt::QueuedConnection);
        return {};
    });
}

}  // namespace dubito::app
