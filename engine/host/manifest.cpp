// Field by field, with the field's name in each refusal.
#include "host/manifest.h"

#include <dubito/plugin.h>
#include <fmt/format.h>

#include "journal/record.h"
#include "run/param_schema.h"

namespace dubito::host {
namespace {

Error bad(std::string_view what) { return Error(Code::InvalidArgument, fmt::format("plugin.json: {}", what)); }

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

Result<std::map<std::string, std::string>> localised(const Json& json, const char* key) {
    const Json& value = memberOf(json, key);
    if (!value.is_object() || textOr(value, "en", "").empty())
        return bad(fmt::format("\"{}\" needs at least an English text under \"en\"", key));
    std::map<std::string, std::string> out;
    for (const auto& [language, text] : value.items()) {
        if (!text.is_string() || text.get_ref<const std::string&>().size() > 2000)
            return bad(fmt::format("\"{}\" holds something that is no short text", key));
        out[language] = text.get<std::string>();
    }
    return out;
}

}  // namespace

Result<run::PluginDescription> parseManifest(std::string_view text) {
    DUBITO_TRY(const Json json, parseJson(text, {kMaxManifestBytes, 32}));
    if (!json.is_object()) return bad("it must be a JSON object");
    if (!memberOf(json, "manifest").is_number_integer()) return bad("\"manifest\" (the format's number) is missing");
    if (integerOr(json, "manifest", 0) != 1)
        return Error(Code::Unsupported,
            fmt::format("plugin.json: manifest format {}; this Dubito reads 1", integerOr(json, "manifest", 0)));
    const Json& abi = memberOf(json, "abi");
    const auto major = integerOr(abi, "major", -1), minor = integerOr(abi, "minor", -1);
    constexpr std::int64_t kMajor = DUBITO_ABI_NUMBER >> 16, kMinor = DUBITO_ABI_NUMBER & 0xFFFF;
    if (major < 0 || minor < 0) return bad("\"abi\" needs major and minor");
    if (major != kMajor || minor > kMinor)
        return Error(Code::Unsupported,
            fmt::format("the plugin needs ABI {}.{}, this host has {}.{}", major, minor, kMajor, kMinor));
    run::PluginDescription plugin;
    plugin.id = textOr(json, "id", "");
    plugin.version = textOr(json, "version", "");
    plugin.binary = textOr(json, "binary", "");
    plugin.licence = textOr(json, "licence", "");
    if (!isPluginId(plugin.id))
        return bad("\"id\" must look like org.example.name ([a-z0-9_] and dots, at most 128 bytes)");
    if (!isVersion(plugin.version)) return bad("\"version\" must be semantic (1.0.0)");
    if (plugin.binary.empty() || plugin.binary.find('/') != std::string::npos || plugin.binary.size() > 255 ||
        plugin.binary[0] == '.')
        return bad("\"binary\" must be a file name beside the manifest");
    if (plugin.licence.empty() || plugin.licence.size() > 200) return bad("\"licence\" must be an SPDX expression");
    DUBITO_TRY(plugin.title, localised(json, "title"));
    DUBITO_TRY(plugin.summary, localised(json, "summary"));
    plugin.library = plugin.id;
    for (const Json& role : memberOf(json, "roles"))
        if (role.is_string()) plugin.roles.push_back(role.get<std::string>());
    const Json& capabilities = memberOf(json, "capabilities");
    plugin.gpu = textOr(capabilities, "gpu", "none");
    if (plugin.gpu != "none" && plugin.gpu != "optional" && plugin.gpu != "required")
        return bad("\"capabilities.gpu\" must be none, optional or required");
    plugin.interactive = boolOr(capabilities, "interactive", false);
    plugin.network = boolOr(capabilities, "network", false);
    plugin.checkpoint = boolOr(capabilities, "checkpoint", false);
    plugin.multiProcess = boolOr(capabilities, "multi_process", false);
    plugin.parameters =
        json.contains("params") ? json["params"] : Json({{"type", "object"}, {"properties", Json::object()}});
    if (auto sound = run::checkSchema(plugin.parameters); !sound) return bad("\"params\": " + sound.error().text());
    for (const char* list : {"commands", "outputs", "inputs", "drafts"})
        if (json.contains(list) && !json[list].is_array()) return bad(fmt::format("\"{}\" must be a list", list));
    for (const Json& item : memberOf(json, "commands")) {
        run::CommandDescription command;
        command.verb = textOr(item, "verb", "");
        if (command.verb.empty() || command.verb.size() > 64) return bad("a command has no verb");
        DUBITO_TRY(command.title, localised(item, "title"));
        command.arguments =
            item.contains("args") ? item["args"] : Json({{"type", "object"}, {"properties", Json::object()}});
        if (auto sound = run::checkSchema(command.arguments); !sound)
            return bad("command " + command.verb + ": " + sound.error().text());
        plugin.commands.push_back(std::move(command));
    }
    for (const Json& item : memberOf(json, "outputs")) {
        run::OutputDescription output{
            textOr(item, "key", ""), textOr(item, "kind", ""), textOr(item, "unit", ""), textOr(item, "goal", "none")};
        std::string plain = output.key;
        if (plain.ends_with('*')) plain.back() = 'x';
        if (!journal::isValidKey(plain)) return bad("the output key \"" + output.key + "\" is not valid");
        if (journal::kindFromName(output.kind) == journal::RecordType::Begin)
            return bad("the output " + output.key + " has the unknown kind \"" + output.kind + "\"");
        plugin.outputs.push_back(std::move(output));
    }
    for (const Json& item : memberOf(json, "inputs")) {
        run::InputDescription input{textOr(item, "role", ""), textOr(item, "kind", ""), textOr(item, "hint", ""),
            textOr(item, "param", ""), boolOr(item, "required", false)};
        if (input.role.empty() || (input.kind != "model" && input.kind != "data"))
            return bad("an input needs a role and the kind model or data");
        plugin.inputs.push_back(std::move(input));
    }
    plugin.demo = memberOf(json, "demo");
    if (plugin.demo.is_object()) {
        if (auto applied = run::applySchema(plugin.parameters, plugin.demo); !applied)
            return bad("\"demo\": " + applied.error().text());
    }
    plugin.manifestJson = std::string(text);
    return plugin;
}

Result<run::PluginDescription> readManifest(const fs::path& folder) {
    DUBITO_TRY(const std::string text, readFile(folder / "plugin.json", kMaxManifestBytes));
    DUBITO_TRY(run::PluginDescription plugin, parseManifest(text));
    std::error_code error;
    plugin.folder = fs::absolute(folder, error);
    if (!fs::is_regular_file(folder / plugin.binary, error))
        return Error(Code::NotFound,
            fmt::format("the library {} is not beside its manifest. Folder: {}", plugin.binary, folder.string()));
    return plugin;
}

}  // namespace dubito::host
