// Paths come from the placement beside the attempt; the spec keeps the content, so a file moved elsewhere is found too.
#include "run/repeat.h"

#include "run/job_dir.h"
#include "run/parameter_leaves.h"

namespace dubito::run {

Result<RepeatableRun> repeatableRun(store::Database& db, std::int64_t runNo) {
    DUBITO_TRY(const std::string text, store::querySpec(db, runNo));
    RepeatableRun out;
    DUBITO_TRY(out.draft, draftFromJson(text));
    DUBITO_TRY(const auto row, store::findRun(db, runNo));
    if (row) out.draft.title = row->title;
    DUBITO_TRY(const auto attempts, store::queryAttempts(db, runNo));
    if (attempts.empty()) return out;
    if (auto placement = JobDir(attempts.back().jobDir).readPlacement()) out.assets = placement->assets;
    return out;  // without a job folder the contents are looked for where they were last seen
}

void putPaths(RunDraft& draft, const std::map<std::string, std::string>& assets, const PluginDescription& plugin) {
    std::error_code error;
    for (const InputDescription& input : plugin.inputs) {
        const auto found = assets.find(input.role);
        Json* place = placeAt(draft.parameters, input.parameter);
        if (found == assets.end() || !place || !place->is_string() || *place == "") continue;
        if (fs::exists(found->second, error)) *place = found->second;
    }
}

}  // namespace dubito::run
