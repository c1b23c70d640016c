// Everything that can be wrong with what was typed is said here, before a project is opened or made.
#include "cli/run_drafts.h"

#include <fmt/format.h>

#include "cli/output.h"
#include "cli/settings.h"
#include "host/strikes.h"
#include "run/param_schema.h"

namespace dubito::cli {
namespace {

bool isSpec(const std::string& word) {
    std::error_code error;
    return fs::is_regular_file(word, error) || word.ends_with(".json");
}

Result<run::RunDraft> draftOf(const std::string& word) {
    run::RunDraft draft;
    if (!isSpec(word)) {
        draft.pluginId = word;
        return draft;
    }
    DUBITO_TRY(const std::string text, readFile(word, run::kMostSpecBytes));
    auto read = run::draftFromJson(text);
    if (!read) return std::move(read).error().in("reading the spec " + word);
    if (read->title.empty()) read->title = fs::path(word).stem().string();
    return read;
}

Result<std::vector<run::RunDraft>> namedDrafts(const RunOptions& options) {
    std::vector<std::string> words = options.what;
    if (!options.plugin.empty()) words.push_back(options.plugin);
    std::vector<run::RunDraft> drafts;
    for (const auto& word : words) {
        DUBITO_TRY(run::RunDraft draft, draftOf(word));
        drafts.push_back(std::move(draft));
    }
    if (!drafts.empty()) return drafts;
    return Error(Code::InvalidArgument,
        fmt::format("say what to run: dubito run {} PLUGIN, or a spec file; 'dubito plugins list' shows the plugins",
            options.file));
}

Result<void> applyOptions(const RunOptions& options, const run::PluginDescription& plugin, run::RunDraft& draft) {
    std::vector<Setting> settings;
    for (const auto& set : options.sets) {
        DUBITO_TRY(Setting setting, settingFrom(set));
        settings.push_back(std::move(setting));
    }
    DUBITO_TRY(const auto warnings, applySettings(settings, plugin, draft));
    for (const auto& warning : warnings) say(warning);
    if (options.seed >= 0) draft.seed = options.seed;
    if (options.threads > 0) draft.threads = options.threads;
    if (!options.device.empty()) draft.device = options.device;
    if (!options.title.empty()) draft.title = options.title;
    DUBITO_TRY(const Json checked, run::applySchema(plugin.parameters, draft.parameters));
    (void)checked;  // the run itself is frozen from what was said, defaults filled in there
    return {};
}

Error disabled(const run::PluginDescription& plugin) {
    return Error(
        Code::Refused, fmt::format("{} {} is disabled after three crashes; 'dubito plugins enable {}' enables it",
                           plugin.shortName(), plugin.version, plugin.shortName()));
}

}  // namespace

Result<Drafts> draftsFrom(const RunOptions& options, const host::Catalogue& catalogue) {
    std::error_code error;
    if (!fs::exists(options.file, error) && catalogue.find(options.file))
        return Error(Code::InvalidArgument,
            fmt::format("the project stands before the plugin: dubito run FILE.dubito {}", options.file));
    DUBITO_TRY(auto drafts, namedDrafts(options));
    Drafts out;
    for (auto& draft : drafts) {
        DUBITO_TRY(run::PluginDescription plugin, catalogue.find(draft.pluginId, draft.pluginVersion));
        if (host::isDisabled(plugin.id, plugin.version)) return disabled(plugin);
        DUBITO_CHECK(applyOptions(options, plugin, draft));
        out.emplace_back(std::move(draft), std::move(plugin));
    }
    return out;
}

}  // namespace dubito::cli
