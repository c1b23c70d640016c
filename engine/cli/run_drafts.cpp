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
        if (word.find('=') != std::string::npos && word.find('/') == std::string::npos)
            return Error(Code::InvalidArgument, fmt::format("{0} is no plugin; settings are given as --set {0}", word));
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

Result<std::vector<Setting>> settingsOf(const RunOptions& options) {
    std::vector<Setting> settings;
    for (const auto& set : options.sets) {
        DUBITO_TRY(Setting setting, settingFrom(set));
        settings.push_back(std::move(setting));
    }
    return settings;
}

/// A draft of an earlier plugin becomes one of today's; `--set task=...`, which chose among its tasks, goes into that.
Result<run::RunDraft> renewed(
    const run::RunDraft& draft, const host::Catalogue& catalogue, std::vector<Setting>& settings) {
    run::RunDraft asked = draft;
    for (const Setting& setting : settings)
        if (setting.key == "task") asked.parameters["task"] = setting.value;
    std::vector<std::string> notes;
    DUBITO_TRY(run::RunDraft now, catalogue.adapted(std::move(asked), &notes));
    if (now.pluginId == draft.pluginId) return draft;
    std::erase_if(settings, [](const Setting& setting) { return setting.key == "task"; });
    for (const auto& note : notes) say(note);
    return now;
}

Result<void> applyOptions(const RunOptions& options, const std::vector<Setting>& settings,
    const run::PluginDescription& plugin, run::RunDraft& draft) {
    DUBITO_TRY(const auto warnings, applySettings(settings, plugin, draft));
    for (const auto& warning : warnings) say(warning);
    if (options.seed >= 0) draft.seed = options.seed;
    if (options.threads > 0) draft.threads = options.threads;
    if (!options.device.empty()) draft.device = options.device;
    if (!options.title.empty()) draft.title = options.title;
    // Checked here for its error alone: defaults are filled in when the run is frozen.
    DUBITO_CHECK(run::applySchema(plugin.parameters, draft.parameters));
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
    DUBITO_TRY(const auto drafts, namedDrafts(options));
    Drafts out;
    for (const auto& named : drafts) {
        DUBITO_TRY(auto settings, settingsOf(options));
        DUBITO_TRY(run::RunDraft draft, renewed(named, catalogue, settings));
        DUBITO_TRY(run::PluginDescription plugin, catalogue.find(draft.pluginId, draft.pluginVersion));
        if (host::isDisabled(plugin.id, plugin.version)) return disabled(plugin);
        DUBITO_CHECK(applyOptions(options, settings, plugin, draft));
        out.emplace_back(std::move(draft), std::move(plugin));
    }
    return out;
}

}  // namespace dubito::cli
