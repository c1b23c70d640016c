// Which services there are.
#include "host/services.h"

#include <algorithm>

#include "host/services/tables.h"

namespace dubito::host {
namespace {

constexpr struct {
    std::string_view id;
    const void* table;
} kServices[] = {
    {DUBITO_PUBLISH_ID, &kPublishTable},
    {DUBITO_JSON_ID, &kJsonTable},
    {DUBITO_LOG_ID, &kLogTable},
    {DUBITO_PROGRESS_ID, &kProgressTable},
    {DUBITO_CANCEL_ID, &kCancelTable},
    {DUBITO_INTERACTION_ID, &kInteractionTable},
    {DUBITO_RNG_ID, &kRngTable},
    {DUBITO_ASSET_ID, &kAssetTable},
    {DUBITO_DEVICE_ID, &kDeviceTable},
    {DUBITO_CHECKPOINT_ID, &kCheckpointTable},
};

const void* findService(const dubito_host*, const char* id) {
    const std::string_view name(id ? id : "");
    for (const auto& service : kServices)
        if (service.id == name) return service.table;
    return nullptr;
}

}  // namespace

Services::Services(journal::JournalWriter& journal, const run::RunSpec& spec, std::map<std::string, std::string> assets)
    : m_journal(journal), m_spec(spec), m_assets(std::move(assets)), m_publisher(journal), m_commands(journal),
      m_streams(spec.seed()), m_checkpoints(journal, m_streams) {
    m_host.struct_bytes = sizeof m_host;
    m_host.abi = DUBITO_ABI_NUMBER;
    m_host.ctx = this;
    m_host.name = "Dubito";
    m_host.version = DUBITO_VERSION;
    m_host.get_service = findService;
}

const std::string* Services::assetOf(std::string_view role) const {
    const auto found = m_assets.find(std::string(role));
    return found == m_assets.end() ? nullptr : &found->second;
}

Result<void> Services::log(int level, std::string_view text) {
    tick();
    Bytes payload;
    journal::encodeLog(payload, static_cast<std::uint32_t>(std::clamp(level, 0, 4)), text.substr(0, 65'536));
    auto written = m_journal.append(journal::RecordType::Log, payload);
    if (!written) return std::move(written).error();
    return {};
}

void Services::noteStep(std::int64_t step) {
    m_commands.noteStep(step);
    tick();
}

}  // namespace dubito::host
