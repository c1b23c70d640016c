#include "actions/stored_parameters.h"

#include "run/parameter_leaves.h"
#include "run/repeat.h"

namespace dubito::app {

Result<Json> parametersOf(const host::Catalogue& catalogue, store::Database& db, std::int64_t runNo) {
    DUBITO_TRY(run::RepeatableRun found, run::repeatableRun(db, runNo));
    std::vector<std::string> notes;
    if (auto adapted = catalogue.adapted(found.draft, &notes)) found.draft = std::move(*adapted);
    DUBITO_TRY(const run::PluginDescription plugin, catalogue.find(found.draft.pluginId));
    run::putPaths(found.draft, found.assets, plugin);
    for (const auto& [pointer, value] : found.draft.filled)
        if (Json* place = run::placeAt(found.draft.parameters, pointer)) *place = "";  // another run has its own day
    return found.draft.parameters;
}

QHash<QString, QString> parameterTitles(
    const host::Catalogue& catalogue, const store::RunRow& run, const std::string& language) {
    QHash<QString, QString> out;
    auto plugin = catalogue.find(run.pluginId, run.pluginVersion);
    if (!plugin) plugin = catalogue.find(run.pluginId);  // another version has most of the words
    if (!plugin) return out;
    for (const run::ParameterLeaf& leaf : run::parameterLeaves(plugin->parameters))
        out.insert(
            QString::fromStdString(leaf.path), QString::fromStdString(run::textIn(leaf.titles, language, leaf.title)));
    return out;
}

}  // namespace dubito::app
