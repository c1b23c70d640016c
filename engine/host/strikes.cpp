// A small JSON file: {"id version": {"crashes": [µs...], "disabled": bool}}.
#include "host/strikes.h"

#include "base/files.h"
#include "base/ids.h"
#include "base/json.h"

namespace dubito::host {
namespace {

constexpr std::int64_t kDayUs = 24LL * 3600 * 1'000'000;

fs::path file() { return stateHome() / "strikes.json"; }
std::string keyOf(std::string_view id, std::string_view version) {
    return std::string(id) + " " + std::string(version);
}

Json load() {
    if (auto text = readFile(file(), 1 << 20))
        if (auto json = parseJson(*text); json && json->is_object()) return *json;
    return Json::object();
}

Result<void> save(const Json& json) {
    DUBITO_CHECK(makeFolders(stateHome()));
    return writeFileAtomic(file(), jsonText(json, 1));
}

int recent(const Json& entry) {
    int n = 0;
    for (const Json& at : memberOf(entry, "crashes"))
        if (at.is_number_integer() && nowUs() - at.get<std::int64_t>() < kDayUs) ++n;
    return n;
}

}  // namespace

bool isPluginCrash(std::string_view detail) {
    for (const std::string_view name : {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL"})
        if (detail.starts_with("ended by " + std::string(name)) || detail.starts_with(name)) return true;
    return false;
}

int strikesOf(std::string_view id, std::string_view version) { return recent(memberOf(load(), keyOf(id, version))); }
bool isDisabled(std::string_view id, std::string_view version) {
    return boolOr(memberOf(load(), keyOf(id, version)), "disabled", false);
}

Result<void> noteCrash(std::string_view id, std::string_view version) {
    Json all = load();
    Json& entry = all[keyOf(id, version)];
    if (!entry.is_object()) entry = {{"crashes", Json::array()}, {"disabled", false}};
    entry["crashes"].push_back(nowUs());
    if (recent(entry) >= 3) entry["disabled"] = true;
    return save(all);
}

Result<void> noteFinished(std::string_view id, std::string_view version) {
    Json all = load();
    const auto found = all.find(keyOf(id, version));
    if (found == all.end() || boolOr(*found, "disabled", false)) return {};
    all.erase(keyOf(id, version));
    return save(all);
}

Result<void> setDisabled(std::string_view id, std::string_view version, bool disabled) {
    Json all = load();
    all[keyOf(id, version)] = {{"crashes", Json::array()}, {"disabled", disabled}};
    return save(all);
}

}  // namespace dubito::host
