#include "actions/stored_parameters.h"

#include "run/repeat.h"

namespace dubito::app {

Result<Json> parametersOf(const host::Catalogue& catalogue, store::Database& db, std::int64_t runNo) {
    DUBITO_TRY(run::RepeatableRun found, run::repeatableRun(db, runNo));
    std::vector<std::string> notes;
    if (auto adapted = catalogue.adapted(found.draft, &notes)) found.draft = std::move(*adapted);
    DUBITO_TRY(const run::PluginDescription plugin, catalogue.find(found.draft.pluginId));
    run::putPaths(found.draft, found.assets, plugin);
    return found.draft.parameters;
}

}  // namespace dubito::app
