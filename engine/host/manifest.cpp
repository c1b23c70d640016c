// Field by field, with the field's name in each refusal.
#include "host/manifest.h"

#include <dubito/plugin.h>
#include <fmt/format.h>

#include <algorithm>

#include "host/references.h"
#include "journal/record.h"
#include "run/param_schema.h"

namespace dubito::host {
namespace {

constexpr std::int64_t kNewestFormat = 2;
constexpr int kMostDepth = 32;

Error bad(std::string_view what) { return Error(Code::InvalidArgument, fmt::format("plugin.json: {}", what)); }
Error bad(std::string_view field, std::string_view what) { return bad(fmt::format("\"{}\" {}", field, what)); }

bool isPluginId(std::string_view id) {
    if (id.empty() || id.size() > 128 || id.front() == '.' || id.back() == '.' ||
        id.find('.') == std::string_view::npos)
        return false;
    char before = '.';
    for (const char c : id) {
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.')) return false;
        if (c == '.' && before == '.' && &c != id.data()) return false;
        before = c;
    }
    return true;
}

bool isVersion(std::string_view version) {
    int dots = 0;
    bool digit = false;
    for (std::size_t i = 0; i < version.size(); ++i) {
        const char c = version[i];
        if (c >= '0' && c <= '9') digit = true;
        else if (c == '.' && digit && dots < 2) ++dots, digit = false;
        else if ((c == '-' || c == '+') && dots == 2 && digit && i + 1 < version.size()) {
            for (const char rest : version.substr(i + 1))
                if (!std::isalnum(static_cast<unsigned char>(rest)) && rest != '.' && rest != '-' && rest != '+')
                    return false;
            return version.size() <= 64;
        } else return false;
    }
    return dots == 2 && digit && version.size() <= 64;
}

/// Roles and kinds: a plain word.
bool isWord(std::string_view word) {
    return !word.empty() && word.size() <= 64 && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool isKey(std::string key) {
    if (key.ends_with('*')) key.back() = 'x';
    return journal::isValidKey(key);
}

Result<run::LocalText> localised(const Json& json, const char* key) {
    auto text = run::localText(memberOf(json, key));
    if (!text) return bad(key, text.error().message());
    return text;
}

/// A member that may be absent; else a list of at most `most`.
Result<const Json*> listOf(const Json& json, const char* key, std::size_t most) {
    static const Json kNone = Json::array();
    const Json& list = memberOf(json, key);
    if (list.is_null()) return &kNone;
    if (!list.is_array()) return bad(key, "must be a list");
    if (list.size() > most) return bad(key, fmt::format("lists {} entries; at most {}", list.size(), most));
    return &list;
}

Result<std::vector<std::string>> wordsOf(const Json& json, const char* key) {
    DUBITO_TRY(const Json* list, listOf(json, key, 16));
    std::vector<std::string> out;
    for (const Json& item : *list) {
        if (!item.is_string() || !isWord(item.get_ref<const std::string&>()))
            return bad(key, "must list plain words ([a-z0-9_], at most 64)");
        out.push_back(item.get<std::string>());
    }
    return out;
}

/// What all plugins of a file share: abi, version, binary, licence.
Result<void> readShared(const Json& json, run::PluginDescription& plugin) {
    const Json& abi = memberOf(json, "abi");
    const auto major = integerOr(abi, "major", -1), minor = integerOr(abi, "minor", -1);
    constexpr std::int64_t kMajor = DUBITO_ABI_NUMBER >> 16, kMinor = DUBITO_ABI_NUMBER & 0xFFFF;
    if (major < 0 || minor < 0) return bad("abi", "needs major and minor");
    if (major != kMajor || minor > kMinor)
        return Error(Code::Unsupported,
            fmt::format("the plugin needs ABI {}.{}, this host has {}.{}", major, minor, kMajor, kMinor));
    plugin.version = textOr(json, "version", "");
    plugin.binary = textOr(json, "binary", "");
    plugin.licence = textOr(json, "licence", "");
    if (!isVersion(plugin.version)) return bad("version", "must be semantic (1.0.0)");
    if (plugin.binary.empty() || plugin.binary.find('/') != std::string::npos || plugin.binary.size() > 255 ||
        plugin.binary[0] == '.')
        return bad("binary", "must be a file name beside the manifest");
    if (plugin.licence.empty() || plugin.licence.size() > 200) return bad("licence", "must be an SPDX expression");
    return {};
}

Result<run::DemandDescription> demandOf(const Json& json) {
    run::DemandDescription out;
    if (json.is_null()) return out;
    if (!json.is_object()) return bad("capabilities.demand", "must be an object");
    const Json& memory = memberOf(json, "memory");
    if (memory == "from_input") out.memoryFromInput = true;
    else if (memory.is_number_unsigned()) out.memoryBytes = memory.get<std::int64_t>();
    else if (!memory.is_null()) return bad("capabilities.demand.memory", "must be bytes or \"from_input\"");
    const Json& threads = memberOf(json, "threads");
    if (!threads.is_null() && !threads.is_number_unsigned())
        return bad("capabilities.demand.threads", "must be a count");
    out.threads = static_cast<int>(std::min<std::int64_t>(integerOr(json, "threads", 0), 1024));
    return out;
}

Result<void> readCapabilities(const Json& json, run::PluginDescription& plugin) {
    const Json& capabilities = memberOf(json, "capabilities");
    plugin.gpu = textOr(capabilities, "gpu", "none");
    if (plugin.gpu != "none" && plugin.gpu != "optional" && plugin.gpu != "required")
        return bad("capabilities.gpu", "must be none, optional or required");
    plugin.interactive = boolOr(capabilities, "interactive", false);
    plugin.network = boolOr(capabilities, "network", false);
    plugin.checkpoint = boolOr(capabilities, "checkpoint", false);
    plugin.multiProcess = boolOr(capabilities, "multi_process", false);
    DUBITO_TRY(plugin.demand, demandOf(memberOf(capabilities, "demand")));
    return {};
}

Result<Json> schemaOf(const Json& schema, References& references) {
    if (schema.is_null()) return Json({{"type", "object"}, {"properties", Json::object()}});
    DUBITO_TRY(Json resolved, references.resolve(schema));
    DUBITO_CHECK(run::checkSchema(resolved));
    return resolved;
}

Result<void> readCommands(const Json& json, References& references, run::PluginDescription& plugin) {
    DUBITO_TRY(const Json* list, listOf(json, "commands", 256));
    for (const Json& item : *list) {
        run::CommandDescription command;
        command.verb = textOr(item, "verb", "");
        if (command.verb.empty() || command.verb.size() > 64) return bad("a command has no verb");
        DUBITO_TRY(command.title, localised(item, "title"));
        auto arguments = schemaOf(memberOf(item, "args"), references);
        if (!arguments) return bad("command " + command.verb + ": " + arguments.error().text());
        command.arguments = *std::move(arguments);
        plugin.commands.push_back(std::move(command));
    }
    return {};
}

Result<void> readOutputs(const Json& json, run::PluginDescription& plugin) {
    DUBITO_TRY(const Json* list, listOf(json, "outputs", 4096));
    for (const Json& item : *list) {
        run::OutputDescription output{
            textOr(item, "key", ""), textOr(item, "kind", ""), textOr(item, "unit", ""), textOr(item, "goal", "none")};
        if (!isKey(output.key)) return bad("the output key \"" + output.key + "\" is not valid");
        if (journal::kindFromName(output.kind) == journal::RecordType::Begin)
            return bad("the output " + output.key + " has the unknown kind \"" + output.kind + "\"");
        plugin.outputs.push_back(std::move(output));
    }
    return {};
}

/// The parameter that a pointer names takes a path, so it is a string.
bool isTextParameter(const Json& schema, std::string_view pointer) {
    return textOr(run::schemaAt(schema, pointer), "type", "") == "string";
}

Result<void> readInputs(const Json& json, run::PluginDescription& plugin) {
    DUBITO_TRY(const Json* list, listOf(json, "inputs", 64));
    for (const Json& item : *list) {
        run::InputDescription input{textOr(item, "role", ""), textOr(item, "kind", ""), textOr(item, "hint", ""),
            textOr(item, "param", ""), boolOr(item, "required", false)};
        if (!isWord(input.role) || !isWord(input.kind))
            return bad("an input needs a role and a kind (model, data, answers, or one of your own)");
        if (!input.parameter.empty() && !isTextParameter(plugin.parameters, input.parameter))
            return bad(fmt::format("the input {} has the \"param\" {}, which is no text parameter in \"params\"",
                input.role, input.parameter));
        if (std::any_of(plugin.inputs.begin(), plugin.inputs.end(),
                [&](const run::InputDescription& other) { return other.role == input.role; }))
            return bad(fmt::format("two inputs have the role {}", input.role));
        plugin.inputs.push_back(std::move(input));
    }
    return {};
}

Result<void> readArtifacts(const Json& json, run::PluginDescription& plugin) {
    DUBITO_TRY(const Json* list, listOf(json, "artifacts", 64));
    for (const Json& item : *list) {
        run::ArtifactDescription artifact{textOr(item, "role", ""), textOr(item, "kind", ""), {}};
        if (!isWord(artifact.role) || !isWord(artifact.kind)) return bad("artifacts", "need a role and a kind each");
        DUBITO_TRY(artifact.title, localised(item, "title"));
        plugin.artifacts.push_back(std::move(artifact));
    }
    return {};
}

Result<void> readHeadline(const Json& json, run::PluginDescription& plugin) {
    DUBITO_TRY(const Json* list, listOf(json, "headline", 16));
    for (const Json& item : *list) {
        run::HeadlineDescription headline{
            item.is_string() ? item.get<std::string>() : textOr(item, "key", ""), textOr(item, "field", "")};
        const bool isSeries = isKey(headline.key) && plugin.findOutput(headline.key);
        if (!isSeries && headline.key != "checkpoint")
            return bad("headline", fmt::format("names \"{}\", which is neither in \"outputs\" nor \"checkpoint\"",
                                       headline.key.substr(0, 250)));
        if (headline.field.size() > 64) return bad("headline", "has a field name above 64 bytes");
        plugin.headline.push_back(std::move(headline));
    }
    return {};
}

/// Words in braces of a command template must be ones that are filled in.
bool isTemplate(std::string_view command) {
    if (command.empty() || command.size() > 500) return false;
    if (std::any_of(command.begin(), command.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
        return false;
    for (std::size_t at = command.find('{'); at != std::string_view::npos; at = command.find('{', at + 1))
        if (!command.substr(at).starts_with("{file}") && !command.substr(at).starts_with("{run}")) return false;
    return true;
}

Result<void> readNext(const Json& json, run::PluginDescription& plugin) {
    DUBITO_TRY(const Json* list, listOf(json, "next", 8));
    for (const Json& item : *list) {
        if (!item.is_string() || !isTemplate(item.get_ref<const std::string&>()))
            return bad("next", "must list commands on one line each; {file} and {run} are filled in");
        plugin.next.push_back(item.get<std::string>());
    }
    return {};
}

Result<void> readFormerly(const Json& json, run::PluginDescription& plugin) {
    DUBITO_TRY(const Json* list, listOf(json, "formerly", 32));
    for (const Json& item : *list) {
        run::FormerName former{textOr(item, "id", ""), textOr(item, "task", ""), boolOr(item, "default", false)};
        if (!isPluginId(former.id)) return bad("formerly", "needs the \"id\" of a plugin in each entry");
        if (former.id == plugin.id) return bad("formerly", "names the plugin itself");
        if (former.task.size() > 64) return bad("formerly", "has a task above 64 bytes");
        plugin.formerly.push_back(std::move(former));
    }
    return {};
}

Result<void> readResults(const Json& json, run::PluginDescription& plugin) {
    if (json.contains("results_version")) {
        const auto version = integerOr(json, "results_version", 0);
        if (version < 1 || version > 1'000'000) return bad("results_version", "must be a whole number from 1");
        plugin.resultsVersion = static_cast<int>(version);
    }
    DUBITO_TRY(plugin.keyed, wordsOf(json, "keyed"));
    for (const auto& word : plugin.keyed)
        if (word != "threads" && word != "binary") return bad("keyed", "knows threads and binary");
    return {};
}

/// One plugin: the fields that are at the top in format 1 and in an entry of "plugins" in format 2.
Result<run::PluginDescription> readPlugin(
    const Json& json, const Json& definitions, const run::PluginDescription& shared) {
    run::PluginDescription plugin = shared;
    plugin.id = textOr(json, "id", "");
    if (!isPluginId(plugin.id))
        return bad("id", "must look like org.example.name ([a-z0-9_] and dots, at most 128 bytes)");
    if (plugin.library.empty()) plugin.library = plugin.id;
    DUBITO_TRY(plugin.title, localised(json, "title"));
    DUBITO_TRY(plugin.summary, localised(json, "summary"));
    DUBITO_TRY(plugin.roles, wordsOf(json, "roles"));
    DUBITO_CHECK(readCapabilities(json, plugin));
    References references(definitions);
    auto parameters = schemaOf(memberOf(json, "params"), references);
    if (!parameters) return bad("\"params\": " + parameters.error().text());
    plugin.parameters = *std::move(parameters);
    DUBITO_TRY(const Json* drafts, listOf(json, "drafts", 64));
    (void)drafts;  // ids of draft services: only their form is known today
    DUBITO_CHECK(readCommands(json, references, plugin));
    DUBITO_CHECK(readOutputs(json, plugin));
    DUBITO_CHECK(readInputs(json, plugin));
    DUBITO_CHECK(readArtifacts(json, plugin));
    DUBITO_CHECK(readHeadline(json, plugin));
    DUBITO_CHECK(readNext(json, plugin));
    DUBITO_CHECK(readFormerly(json, plugin));
    DUBITO_CHECK(readResults(json, plugin));
    plugin.demo = memberOf(json, "demo");
    if (plugin.demo.is_object())
        if (auto applied = run::applySchema(plugin.parameters, plugin.demo); !applied)
            return bad("\"demo\": " + applied.error().text());
    return plugin;
}

/// The file as it would be if this plugin were the only one. @error Limit
Result<std::string> manifestOf(const Json& library, Json entry, const run::PluginDescription& plugin) {
    Json out = Json::object();
    for (const auto& [key, value] : library.items())
        if (key != "$defs" && key != "plugins") out[key] = value;
    if (entry.contains("params")) entry["params"] = plugin.parameters;
    for (std::size_t i = 0; i < plugin.commands.size(); ++i)
        if (entry["commands"][i].contains("args")) entry["commands"][i]["args"] = plugin.commands[i].arguments;
    out["plugins"] = Json::array({std::move(entry)});
    std::string text = jsonText(out);
    if (auto again = parseJson(text, {kMaxManifestBytes, kMostDepth}); !again)
        return bad("with every $ref in place it is too large: " + again.error().text());
    return text;
}

Result<std::vector<run::PluginDescription>> readLibrary(const Json& json) {
    run::PluginDescription shared;
    shared.library = textOr(json, "library", "");
    if (!isPluginId(shared.library))
        return bad("library", "must look like org.example.name ([a-z0-9_] and dots, at most 128 bytes)");
    DUBITO_CHECK(readShared(json, shared));
    const Json& definitions = memberOf(json, "$defs");
    if (!definitions.is_null() && !definitions.is_object()) return bad("$defs", "must be an object");
    DUBITO_TRY(const Json* list, listOf(json, "plugins", kMaxPlugins));
    if (list->empty()) return bad("plugins", "must list at least one plugin");
    std::vector<run::PluginDescription> out;
    for (const Json& entry : *list) {
        auto plugin = readPlugin(entry, definitions, shared);
        if (!plugin) {
            const std::string id = textOr(entry, "id", "").substr(0, 128);
            return std::move(plugin).error().in(
                fmt::format("plugin {} of \"plugins\"{}", out.size() + 1, id.empty() ? "" : " (" + id + ")"));
        }
        if (std::any_of(out.begin(), out.end(), [&](const auto& other) { return other.id == plugin->id; }))
            return bad("plugins", "holds the id " + plugin->id + " twice");
        DUBITO_TRY(plugin->manifestJson, manifestOf(json, entry, *plugin));
        out.push_back(*std::move(plugin));
    }
    return out;
}

std::string listed(const std::vector<run::PluginDescription>& library) {
    std::string out;
    for (const auto& plugin : library) out += (out.empty() ? "" : ", ") + plugin.shortName();
    return out;
}

}  // namespace

Result<std::vector<run::PluginDescription>> parseManifests(std::string_view text) {
    DUBITO_TRY(const Json json, parseJson(text, {kMaxManifestBytes, kMostDepth}));
    if (!json.is_object()) return bad("it must be a JSON object");
    if (!memberOf(json, "manifest").is_number_integer()) return bad("\"manifest\" (the format's number) is missing");
    const auto format = integerOr(json, "manifest", 0);
    if (format < 1 || format > kNewestFormat)
        return Error(Code::Unsupported,
            fmt::format("plugin.json: manifest format {}; this Dubito reads 1 to {}", format, kNewestFormat));
    if (format == 2) return readLibrary(json);
    run::PluginDescription shared;
    DUBITO_CHECK(readShared(json, shared));
    DUBITO_TRY(run::PluginDescription plugin, readPlugin(json, Json(), shared));
    plugin.manifestJson = std::string(text);
    return std::vector{std::move(plugin)};
}

Result<std::vector<run::PluginDescription>> readManifests(const fs::path& folder) {
    DUBITO_TRY(const std::string text, readFile(folder / "plugin.json", kMaxManifestBytes));
    DUBITO_TRY(auto plugins, parseManifests(text));
    std::error_code error;
    for (auto& plugin : plugins) plugin.folder = fs::absolute(folder, error);
    const std::string& binary = plugins.front().binary;
    if (!fs::is_regular_file(folder / binary, error))
        return Error(Code::NotFound,
            fmt::format("the library {} is not beside its manifest. Folder: {}", binary, folder.string()));
    return plugins;
}

Result<run::PluginDescription> pickPlugin(const std::vector<run::PluginDescription>& library, std::string_view name) {
    if (name.empty() && library.size() == 1) return library.front();
    for (const auto& plugin : library)
        if (plugin.id == name || plugin.shortName() == name) return plugin;
    if (name.empty())
        return Error(Code::InvalidArgument,
            fmt::format("the library holds {} plugins: {}; name one as FOLDER#{}. Folder: {}", library.size(),
                listed(library), library.front().shortName(), library.front().folder.string()));
    return Error(Code::NotFound, fmt::format("the library holds no plugin {}, but {}. Folder: {}", name,
                                     listed(library), library.front().folder.string()));
}

Result<run::PluginDescription> readManifest(const fs::path& folder, std::string_view name) {
    DUBITO_TRY(const auto library, readManifests(folder));
    return pickPlugin(library, name);
}

}  // namespace dubito::host
