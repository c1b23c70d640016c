// A new panel is one entry here; menus, palette, shortcuts, workspaces and the drawer take it from the list.
#include "panels.h"

#include <QtGlobal>

#include "application.h"
#include "base/log.h"
#include "chat/chat_panel.h"
#include "curves/curves_panel.h"
#include "generic/record_panel.h"
#include "inspector/inspector_panel.h"
#include "lm/data_panel.h"
#include "lm/items_panel.h"
#include "lm/model_panel.h"
#include "lm/taught_panel.h"
#include "lm/training_panel.h"
#include "log/log_panel.h"
#include "plugin_panel.h"
#include "runs/run_card.h"
#include "runs/runs_panel.h"

namespace dubito::app {
namespace {

/// Warnings and errors in the logs of the runs.
Result<qint64> countWarnings(store::Database& db, const std::vector<std::int64_t>& runs) {
    constexpr std::int64_t kMostCounted = 1000;
    if (runs.empty()) return qint64{0};
    DUBITO_TRY(const auto lines, store::queryLog(db, runs, static_cast<int>(LogLevel::Warn), "", kMostCounted));
    return static_cast<qint64>(lines.size());
}

void addTrainingAndModels(kit::PanelRegistry& registry) {
    registry.add({.id = QStringLiteral("training"),
        .title = QT_TRANSLATE_NOOP("Actions", "&Training"),
        .about = QT_TRANSLATE_NOOP("Panels", "loss, rate, gradients, checkpoints"),
        .wants = QT_TRANSLATE_NOOP("Panels", "training"),
        .needs = {QStringLiteral("train/*")},
        .roles = {QStringLiteral("train")},
        .lacking = QT_TRANSLATE_NOOP(
            "Panels", "Nothing was trained in this run. Press Teach beside the examples: its curves grow here."),
        .make = [] { return new lmview::TrainingPanel; }});
    registry.add({.id = QStringLiteral("data"),
        .title = QT_TRANSLATE_NOOP("Actions", "&Data to teach"),
        .about = QT_TRANSLATE_NOOP("Panels", "examples, and what is learned of each"),
        .isInteractive = true,
        .make = [] { return new lmview::DataPanel; },
        .standsAlone = true});
    registry.add({.id = QStringLiteral("items"),
        .title = QT_TRANSLATE_NOOP("Actions", "Held-out &items"),
        .about = QT_TRANSLATE_NOOP("Panels", "best, worst and most changed at a checkpoint"),
        .wants = QT_TRANSLATE_NOOP("Panels", "training"),
        .needs = {QStringLiteral("eval/heldout")},
        .roles = {QStringLiteral("train")},
        .isInteractive = true,
        .make = [] { return new lmview::ItemsPanel; }});
    registry.add({.id = QStringLiteral("taught"),
        .title = QT_TRANSLATE_NOOP("Actions", "&Base and taught"),
        .about = QT_TRANSLATE_NOOP("Panels", "the same question to both"),
        .wants = QT_TRANSLATE_NOOP("Panels", "training and no comparison of two models"),
        .needs = {QStringLiteral("train/*"), QStringLiteral("beside/*")},
        .roles = {QStringLiteral("train"), QStringLiteral("contrast")},
        .lacking = QT_TRANSLATE_NOOP("Panels",
            "Nothing was taught in this run. Once a lesson has a checkpoint, ask it and its base the same question "
            "here."),
        .isInteractive = true,
        .make = [] { return new lmview::TaughtPanel; }});
    registry.add({.id = QStringLiteral("model"),
        .title = QT_TRANSLATE_NOOP("Actions", "&Model"),
        .about = QT_TRANSLATE_NOOP("Panels", "card, tensors, scores, template, tokens"),
        .wants = QT_TRANSLATE_NOOP("Panels", "description, tokens or scores of a model"),
        .needs = {QStringLiteral("model/*"), QStringLiteral("tok/*"), QStringLiteral("quant/*"),
            QStringLiteral("eval/item")},
        .make = [] { return new lmview::ModelPanel; }});
}

void addTools(kit::PanelRegistry& registry, Application& application) {
    registry.add({.id = QStringLiteral("log"),
        .title = QT_TRANSLATE_NOOP("Actions", "&Log"),
        .about = QT_TRANSLATE_NOOP("Panels", "lines of the selected runs"),
        .isTool = true,
        .make = [] { return new log::LogPanel; },
        .count = countWarnings});
    registry.add({.id = QStringLiteral("records"),
        .title = QT_TRANSLATE_NOOP("Actions", "R&ecords"),
        .about = QT_TRANSLATE_NOOP("Panels", "everything a run published, as it is"),
        .isTool = true,
        .make = [] { return new generic::RecordPanel; }});
    registry.add({.id = QStringLiteral("plugins"),
        .title = QT_TRANSLATE_NOOP("Actions", "&Plugins"),
        .about = QT_TRANSLATE_NOOP("Panels", "what is installed, and how it fares"),
        .isTool = true,
        .make = [&application] { return new PluginPanel(application); },
        .ofProject = true});
}

}  // namespace

void registerPanels(kit::PanelRegistry& registry, Application& application) {
    registry.add({.id = QStringLiteral("runs"),
        .title = QT_TRANSLATE_NOOP("Actions", "&Runs"),
        .about = QT_TRANSLATE_NOOP("Panels", "all runs of the project"),
        .make = [] { return new runs::RunsPanel; },
        .ofProject = true});
    registry.add({.id = QStringLiteral("curves"),
        .title = QT_TRANSLATE_NOOP("Actions", "&Curves"),
        .about = QT_TRANSLATE_NOOP("Panels", "metrics of the selected runs"),
        .hasAxis = true,
        .make = [] { return new curves::CurvesPanel; }});
    registry.add({.id = QStringLiteral("inspector"),
        .title = QT_TRANSLATE_NOOP("Actions", "&Thought inspector"),
        .about = QT_TRANSLATE_NOOP("Panels", "what each layer would say next"),
        .wants = QT_TRANSLATE_NOOP("Panels", "read-outs of layers"),
        .needs = {QStringLiteral("lens/*"), QStringLiteral("causal/effect"), QStringLiteral("trace/token")},
        .roles = {QStringLiteral("inspect")},
        .lacking = QT_TRANSLATE_NOOP("Panels",
            "No layers were read out in this run. In a chat: click a word of an answer, then the line below its card."),
        .isInteractive = true,
        .hasAxis = true,
        .make = [] { return new inspector::InspectorPanel; }});
    registry.add({.id = QStringLiteral("chat"),
        .title = QT_TRANSLATE_NOOP("Actions", "C&hat"),
        .about = QT_TRANSLATE_NOOP("Panels", "turns, versions and every token's alternatives"),
        .wants = QT_TRANSLATE_NOOP("Panels", "conversation"),
        .needs = {QStringLiteral("chat/*")},
        .roles = {QStringLiteral("chat")},
        .isInteractive = true,
        .make = [] { return new chat::ChatPanel; },
        .keepsOwn = true});
    addTrainingAndModels(registry);
    addTools(registry, application);
}

QWidget* makeRunCard(const kit::PanelContext& context) { return new runs::RunCard(context); }

}  // namespace dubito::app
