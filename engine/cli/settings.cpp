// A key is looked up among parameters first: a role never hides a parameter.
#include "cli/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "run/param_schema.h"

namespace dubito::cli {
namespace {

constexpr std::size_t kMostNear = 4;

/// Letters to insert, remove, replace or swap with their neighbour until the words are equal.
std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        next[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            next[j + 1] = std::min({row[j + 1] + 1, next[j] + 1, row[j] + (a[i] == b[j] ? 0 : 1)});
            const bool isSwapped = i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j];
            if (isSwapped) next[j + 1] = std::min(next[j + 1], before[j - 1] + 1);
        }
        before = row;
        row = next;
    }
    return row.back();
}

std::string_view lastPart(std::string_view path) { return path.substr(path.rfind('.') + 1); }

/// How far a known word is from what was typed: wholly, or by its last part alone.
std::size_t distanceTo(std::string_view typed, std::string_view known) {
    const std::size_t whole = editDistance(typed, known);
    return std::min(whole, editDistance(lastPart(typed), lastPart(known)) + (lastPart(typed) == typed ? 0u : 1u));
}

const Json* schemaAt(const Json& schema, std::string_view path) {
    const Json* at = &schema;
    for (std::size_t start = 0; start <= path.size();) {
        const std::size_t end = std::min(path.find('.', start), path.size());
        const Json& properties = memberOf(*at, "properties");
        const auto found = properties.is_object() ? properties.find(path.substr(start, end - start)) : properties.end();
        if (found == properties.end()) return nullptr;
        at = &*found;
        start = end + 1;
    }
    return at;
}

const run::InputDescription* inputOf(const run::PluginDescription& plugin, std::string_view role) {
    const auto found = std::find_if(plugin.inputs.begin(), plugin.inputs.end(),
        [&](const run::InputDescription& input) { return input.role == role; });
    return found == plugin.inputs.end() ? nullptr : &*found;
}

Error unknownKey(const std::string& key, const run::PluginDescription& plugin) {
    std::vector<std::string> known;
    for (const auto& leaf : run::parameterLeaves(plugin.parameters)) known.push_back(leaf.path);
    for (const auto& input : plugin.inputs)
        if (!schemaAt(plugin.parameters, input.role)) known.push_back(input.role);
    std::string near;
    for (const auto& word : nearestWords(key, known, kMostNear)) near += (near.empty() ? "" : ", ") + word;
    return Error(Code::InvalidParameters,
        fmt::format("{} is neither a parameter nor an input of {}; {}'dubito params {}' lists all", key,
            plugin.shortName(), near.empty() ? "" : "nearest: " + near + "; ", plugin.shortName()));
}

/// Where a setting goes: a parameter's path, or the role of an input that no parameter names.
struct Place {
    std::string path, role;
};

Result<Place> placeOf(const Setting& setting, const run::PluginDescription& plugin) {
    const Json* schema = schemaAt(plugin.parameters, setting.key);
    const bool isGroup = schema && textOr(*schema, "type", "") == "object";
    if (schema && (!isGroup || setting.value.starts_with('{'))) return Place{setting.key, {}};
    if (const auto* input = inputOf(plugin, setting.key))
        return input->parameter.empty() ? Place{{}, input->role} : Place{dottedPath(input->parameter), {}};
    if (!isGroup) return unknownKey(setting.key, plugin);
    return Error(Code::InvalidParameters,
        fmt::format("{} is a group of parameters; set one of them, as {}.NAME=VALUE, or give a JSON object. 'dubito "
                    "params {}' lists them",
            setting.key, setting.key, plugin.shortName()));
}

}  // namespace

std::string dottedPath(std::string_view pointer) {
    std::string path(pointer.substr(pointer.starts_with('/') ? 1 : 0));
    std::replace(path.begin(), path.end(), '/', '.');
    return path;
}

std::vector<std::string> nearestWords(std::string_view word, const std::vector<std::string>& known, std::size_t most) {
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const auto& each : known) {
        const std::size_t distance = distanceTo(word, each), allowed = std::max<std::size_t>(1, word.size() / 3);
        if (distance <= allowed) near.emplace_back(distance, each);
    }
    std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> out;
    for (std::size_t i = 0; i < std::min(most, near.size()); ++i) out.push_back(near[i].second);
    return out;
}

Result<Setting> settingFrom(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0)
        return Error(Code::InvalidArgument, fmt::format("--set takes KEY=VALUE, not {}", text));
    return Setting{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

Result<std::vector<std::string>> applySettings(
    const std::vector<Setting>& settings, const run::PluginDescription& plugin, run::RunDraft& draft) {
    const Json before = draft.parameters;
    std::map<std::string, std::string> set;  // place -> the key that set it
    std::vector<std::string> warnings;
    for (const Setting& setting : settings) {
        DUBITO_TRY(const Place place, placeOf(setting, plugin));
        if (place.path.empty()) draft.assets[place.role] = setting.value;
        else DUBITO_CHECK(run::setByPath(plugin.parameters, draft.parameters, place.path, setting.value));
        std::string pointer = "/" + place.path;
        std::replace(pointer.begin(), pointer.end(), '.', '/');
        draft.filled.erase(pointer);  // a person wrote it
        const auto [at, isFirst] = set.emplace(place.path + "\n" + place.role, setting.key);
        if (isFirst) continue;
        const std::string both = at->second == setting.key ? setting.key : at->second + " and " + setting.key;
        warnings.push_back(
            fmt::format("--set {} sets one thing twice; the last value counts: {}", both, setting.value));
        at->second = setting.key;
    }
    run::freeChangedInputs(draft, before, plugin);
    return warnings;
}

}  // namespace dubito::cli
