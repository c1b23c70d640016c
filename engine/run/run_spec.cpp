// From a draft to canonical bytes. Paths never enter the hash: inputs are named by content.
#include "run/run_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <thread>

#include "run/input_cache.h"
#include "run/local_pool.h"
#include "run/param_schema.h"
#include "run/parameter_leaves.h"

namespace dubito::run {
namespace {

constexpr std::array<std::string_view, 11> kKeys = {
    "data", "device", "filled", "models", "params", "plugin", "schema", "seed", "threads", "warm_start", "world_size"};

constexpr const char* kSchema = "dubito.spec/1";

Error bad(std::string_view what) { return Error(Code::InvalidArgument, fmt::format("run spec: {}", what)); }

constexpr std::int64_t kMostThreads = 1024;

Result<void> checkWorldSize(std::int64_t worldSize) {
    if (worldSize == 1) return {};
    return Error(Code::Unsupported,
        fmt::format(
            "run spec: /world_size is {}; runs of several processes are not built yet, only 1 is taken", worldSize));
}

Result<void> checkDevice(const std::string& device, const PluginDescription& plugin) {
    if (device != "cuda") return {};
    if (plugin.gpu == "none")
        return Error(Code::DeviceUnavailable, fmt::format("{} has no GPU code; use device cpu", plugin.id));
    if (!hasCudaDevice())
        return Error(Code::DeviceUnavailable,
            "the spec asks for cuda and this machine shows no NVIDIA GPU; use device cpu or auto");
    return {};
}

/// What `auto` is on this machine; the others are what they say.
std::string foundDevice(const std::string& device, const PluginDescription& plugin) {
    if (device != "auto") return device;
    return plugin.gpu != "none" && hasCudaDevice() ? "cuda" : "cpu";
}

std::string today() {
    const std::time_t now = std::time(nullptr);
    struct tm when {};
    localtime_r(&now, &when);
    return fmt::format("{:04}-{:02}-{:02}", when.tm_year + 1900, when.tm_mon + 1, when.tm_mday);
}

/// One of the lists of a given spec: the content it asks for, by role.
Result<void> readInputs(const Json& list, const char* name, std::map<std::string, std::string>& inputs) {
    if (list.is_null()) return {};
    if (!list.is_array()) return bad(fmt::format("/{} must be a list", name));
    for (const Json& input : list) {
        const std::string role = textOr(input, "role", ""), sha = textOr(input, "sha256", "");
        if (role.empty() || sha.size() != 64 || sha.find_first_not_of("0123456789abcdef") != std::string::npos)
            return bad(fmt::format("/{} holds an entry without role or SHA-256 (64 digits, lower case)", name));
        if (!inputs.emplace(role, sha).second) return bad(fmt::format("/{} names the role \"{}\" twice", name, role));
    }
    return {};
}

/// "filled" of a spec: pointers of parameters whose texts a day wrote.
Result<std::map<std::string, std::string>> readFilled(const Json& json) {
    std::map<std::string, std::string> out;
    const auto list = json.find("filled");
    if (list == json.end()) return out;
    if (!list->is_array() || list->empty()) return bad("/filled must be a list of pointers");
    for (const Json& pointer : *list) {
        const Json& value = valueAt(memberOf(json, "params"), pointer.is_string() ? pointer.get<std::string>() : "");
        if (!value.is_string() || value == "") return bad("/filled names what is no text among the parameters");
        if (!out.emplace(pointer.get<std::string>(), value.get<std::string>()).second)
            return bad("/filled names a parameter twice");
    }
    return out;
}

struct FoundInput {
    fs::path path;  ///< absolute
    ContentId content;
    std::string name;  ///< as the draft calls it: the same content under another name is the same run
};

/// Where an input's file is looked for first; empty: nowhere named.
fs::path namedPath(const InputDescription& input, const RunDraft& draft, const Json& parameters) {
    fs::path path;
    if (const auto given = draft.assets.find(input.role); given != draft.assets.end()) path = given->second;
    if (const Json& value = valueAt(parameters, input.parameter); path.empty() && value.is_string())
        path = value.get<std::string>();
    if (path.empty() && input.kind == "model" && input.required) path = packagedModel();
    if (path.empty()) return {};
    std::error_code error;
    const fs::path library = packagedModel().parent_path();
    if (input.kind == "model" && path.is_relative() && !fs::exists(path, error) && !library.empty() &&
        fs::exists(library / path, error))
        path = library / path;
    path = fs::absolute(path, error);
    if (!path.has_filename()) path = path.parent_path();  // written with a slash at its end
    if (input.kind == "model" && path.filename() == "config.json") path = path.parent_path();
    return path;
}

/// The content that the draft asks for, at its path or where it was last seen. @error Refused
Result<FoundInput> findContent(const InputDescription& input, const std::string& wanted, const fs::path& path) {
    DUBITO_TRY(const Bytes bytes, bytesFromHex(wanted));
    Sha256 sha{};
    if (bytes.size() != sha.size()) return bad(fmt::format("the SHA-256 of the input \"{}\" is none", input.role));
    std::copy(bytes.begin(), bytes.end(), sha.begin());
    std::optional<ContentId> there;
    std::error_code error;
    if (!path.empty() && fs::exists(path, error)) {
        DUBITO_TRY(there, contentOf(path, input.kind));
        if (there->sha == sha) return FoundInput{path, *there, path.filename().string()};
    }
    if (const auto seen = locate(sha, input.kind)) {
        DUBITO_TRY(const ContentId content, contentOf(*seen, input.kind));
        if (content.sha == sha) return FoundInput{*seen, content, (path.empty() ? *seen : path).filename().string()};
    }
    if (there)
        return Error(Code::Refused,
            fmt::format("the input \"{}\" has another content: its SHA-256 is {}, the spec asks for {}, which was not "
                        "seen elsewhere here. File: {}",
                input.role, hexText(there->sha), wanted, path.string()));
    return Error(
        Code::Refused, fmt::format("the input \"{}\" is not found here: the spec asks for content with SHA-256 {}{}",
                           input.role, wanted, path.empty() ? std::string() : ". File: " + path.string()));
}

/// Empty: an optional input that nothing names. @error NotFound, Refused, Io
Result<std::optional<FoundInput>> findInput(
    const InputDescription& input, const RunDraft& draft, const Json& parameters) {
    const fs::path path = namedPath(input, draft, parameters);
    if (const auto wanted = draft.inputs.find(input.role); wanted != draft.inputs.end()) {
        DUBITO_TRY(const FoundInput found, findContent(input, wanted->second, path));
        return std::optional(found);
    }
    if (path.empty()) {
        if (!input.required) return std::optional<FoundInput>();
        return Error(Code::NotFound, fmt::format("the input \"{}\" is missing: {}", input.role, input.hint));
    }
    std::error_code error;
    const bool isThere = fs::exists(path, error) || numberedParts(path).size() > 1;
    if (!isThere)
        return Error(Code::NotFound, fmt::format("the {} file is not there. File: {}", input.role, path.string()));
    DUBITO_TRY(const ContentId content, contentOf(path, input.kind));
    return std::optional(FoundInput{path, content, path.filename().string()});
}

}  // namespace

fs::path packagedModel() {
    constexpr const char* kName = "SmolLM2-135M-Instruct.Q4_1.gguf";
    std::vector<fs::path> folders;
    if (const char* folder = environmentValue("DUBITO_MODELS")) folders.emplace_back(folder);
    folders.push_back(sharedFolder("models"));
    folders.push_back(dataHome() / "models");
    std::error_code error;
    for (const auto& folder : folders)
        if (fs::exists(folder / kName, error)) return fs::weakly_canonical(folder / kName, error);
    return {};
}

bool hasCudaDevice() { return !machineCapacity().gpus.empty(); }

Result<RunDraft> draftFromJson(std::string_view text) {
    DUBITO_TRY(const Json json, parseJson(text, {kMostSpecBytes}));
    if (!json.is_object()) return bad("it must be a JSON object");
    for (const auto& [key, value] : json.items())
        if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end() && key != "title")
            return bad("/" + key + " is not a key of a spec");
    RunDraft draft;
    const Json& plugin = memberOf(json, "plugin");
    draft.pluginId = plugin.is_string() ? plugin.get<std::string>() : textOr(plugin, "id", "");
    if (draft.pluginId.empty()) return bad("/plugin/id is missing");
    draft.pluginVersion = textOr(plugin, "version", "");
    if (json.contains("params")) draft.parameters = json["params"];
    if (!draft.parameters.is_object()) return bad("/params must be an object");
    for (const char* key : {"seed", "threads", "world_size"})
        if (json.contains(key) && (!json[key].is_number_integer() || json[key].get<std::int64_t>() < 0))
            return bad(fmt::format("/{} must be a whole number from 0", key));
    for (const char* key : {"device", "title", "schema"})
        if (json.contains(key) && !json[key].is_string()) return bad(fmt::format("/{} must be a text", key));
    if (textOr(json, "schema", kSchema) != kSchema) return bad(fmt::format("/schema must be \"{}\"", kSchema));
    if (!memberOf(json, "warm_start").is_null())
        return Error(Code::Unsupported, "run spec: /warm_start is not built yet; a run starts without one");
    draft.seed = integerOr(json, "seed", 1);
    draft.threads = integerOr(json, "threads", 0);
    draft.worldSize = integerOr(json, "world_size", 1);
    DUBITO_CHECK(checkWorldSize(draft.worldSize));
    draft.device = textOr(json, "device", "cpu");
    draft.title = textOr(json, "title", "");
    for (const char* list : {"data", "models"}) DUBITO_CHECK(readInputs(memberOf(json, list), list, draft.inputs));
    DUBITO_TRY(draft.filled, readFilled(json));
    return draft;
}

void freeChangedInputs(RunDraft& draft, const Json& before, const PluginDescription& plugin) {
    const auto valueIn = [](const Json& parameters, std::string_view pointer) {
        const Json& value = valueAt(parameters, pointer);
        return value.is_null() ? Json("") : value;  // left out and empty are the same
    };
    for (const InputDescription& input : plugin.inputs)
        if (!input.parameter.empty() && valueIn(before, input.parameter) != valueIn(draft.parameters, input.parameter))
            draft.inputs.erase(input.role);
}

Result<RunSpec> RunSpec::parse(std::string_view bytes) {
    DUBITO_TRY(Json json, parseJson(bytes, {kMostSpecBytes}));
    if (!json.is_object()) return bad("it must be a JSON object");
    for (const auto& [key, value] : json.items())
        if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end())
            return bad("/" + key + " is not a key of a spec");
    if (textOr(json, "schema", "") != kSchema) return bad(fmt::format("/schema must be \"{}\"", kSchema));
    const Json& plugin = memberOf(json, "plugin");
    if (textOr(plugin, "id", "").empty() || textOr(plugin, "version", "").empty())
        return bad("/plugin needs id and version");
    if (!memberOf(json, "params").is_object()) return bad("/params must be an object");
    const std::string device = textOr(json, "device", "");
    if (device != "cpu" && device != "cuda" && device != "auto") return bad("/device must be cpu, cuda or auto");
    if (integerOr(json, "seed", -1) < 0) return bad("/seed must be a whole number from 0");
    const auto threads = integerOr(json, "threads", 0), world = integerOr(json, "world_size", 0);
    if (threads < 1 || threads > kMostThreads) return bad(fmt::format("/threads must be 1 to {}", kMostThreads));
    if (world < 1 || world > 4096) return bad("/world_size must be 1 to 4096");
    for (const char* list : {"data", "models"}) {
        if (!memberOf(json, list).is_array()) return bad(fmt::format("/{} must be a list", list));
        for (const Json& input : json[list])
            if (textOr(input, "role", "").empty() || textOr(input, "sha256", "").size() != 64 ||
                integerOr(input, "bytes", -1) < 0)
                return bad(fmt::format("/{} holds an entry without role, sha256 or bytes", list));
    }
    DUBITO_CHECK(readFilled(json));
    RunSpec spec;
    spec.m_json = std::move(json);
    DUBITO_TRY(spec.m_text, canonicalJson(spec.m_json));
    if (spec.m_text != bytes) return bad("its bytes are not canonical");
    spec.m_hash = sha256(asBytes(spec.m_text));
    Json group = spec.m_json;
    group.erase("seed");
    group.erase("filled");
    group["params"] = spec.groupParameters();
    DUBITO_TRY(const std::string groupText, canonicalJson(group));
    spec.m_groupHash = sha256(asBytes(groupText));
    return spec;
}

Json RunSpec::groupParameters() const {
    Json out = parameters();
    for (const Json& pointer : memberOf(m_json, "filled"))
        if (Json* place = placeAt(out, pointer.get<std::string>())) *place = "";
    return out;
}

Result<FrozenRun> freeze(const RunDraft& draft, const PluginDescription& plugin) {
    DUBITO_CHECK(checkWorldSize(draft.worldSize));
    DUBITO_TRY(Json parameters, applySchema(plugin.parameters, draft.parameters));
    std::vector<std::string> filled = fillIn(plugin.parameters, parameters, today());
    for (const auto& [pointer, value] : draft.filled)
        if (valueAt(parameters, pointer) == value && schemaAt(plugin.parameters, pointer).contains("x-fill"))
            if (std::find(filled.begin(), filled.end(), pointer) == filled.end()) filled.push_back(pointer);
    std::sort(filled.begin(), filled.end());
    DUBITO_CHECK(checkDevice(draft.device, plugin));
    for (const auto& [role, sha] : draft.inputs)
        if (std::none_of(
                plugin.inputs.begin(), plugin.inputs.end(), [&](const auto& input) { return input.role == role; }))
            return bad(fmt::format("{} {} has no input \"{}\"", plugin.id, plugin.version, role));
    Json data = Json::array(), models = Json::array();
    std::map<std::string, std::string> paths;
    for (const InputDescription& input : plugin.inputs) {
        DUBITO_TRY(const auto found, findInput(input, draft, parameters));
        if (!found) continue;
        (input.kind == "model" ? models : data)
            .push_back({{"role", input.role}, {"name", found->name}, {"sha256", hexText(found->content.sha)},
                {"bytes", found->content.bytes}});
        paths[input.role] = found->path.string();
        if (Json* place = placeAt(parameters, input.parameter)) *place = found->name;  // no path enters the hash
    }
    const auto byRole = [](const Json& a, const Json& b) { return textOr(a, "role", "") < textOr(b, "role", ""); };
    std::sort(data.begin(), data.end(), byRole);
    std::sort(models.begin(), models.end(), byRole);
    const std::int64_t cores = std::clamp<std::int64_t>(std::thread::hardware_concurrency(), 1, kMostThreads);
    Json json = {{"schema", kSchema}, {"plugin", {{"id", plugin.id}, {"version", plugin.version}}},
        {"params", parameters}, {"seed", draft.seed}, {"data", data}, {"models", models},
        {"device", foundDevice(draft.device, plugin)}, {"threads", draft.threads > 0 ? draft.threads : cores},
        {"world_size", draft.worldSize}, {"warm_start", nullptr}};
    if (!filled.empty()) json["filled"] = filled;
    DUBITO_TRY(const std::string text, canonicalJson(json));
    DUBITO_TRY(RunSpec spec, RunSpec::parse(text));
    return FrozenRun{std::move(spec), std::move(paths), draft.title};
}

}  // namespace dubito::run
