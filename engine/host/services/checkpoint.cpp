// dubito.checkpoint/1.
#include "host/services/checkpoint.h"

#include "host/services.h"
#include "host/services/reply.h"
#include "host/services/tables.h"

namespace dubito::host {

void Checkpoints::open(const fs::path& job, std::optional<run::CheckpointInfo> latest) {
    m_store.emplace(job);
    m_latest = std::move(latest);
    if (m_latest) m_streams.resumeAt(m_latest->streams);
}

Result<std::string> Checkpoints::begin(std::int64_t step) {
    if (step < 0) return Error(Code::InvalidArgument, "a checkpoint has a step from 0");
    DUBITO_TRY(const fs::path folder, m_store->begin(step));
    m_items.clear();
    return folder.string();
}

Result<void> Checkpoints::put(std::string_view item) {
    if (!m_store->isOpen()) return Error(Code::WrongState, "no checkpoint was begun");
    const bool isPlain =
        !item.empty() && item.size() <= 200 && item[0] != '.' && item.find('/') == std::string_view::npos;
    if (!isPlain || m_items.size() >= 1000) return Error(Code::InvalidArgument, "an item is a plain file name");
    m_items.emplace_back(item);
    return {};
}

Result<void> Checkpoints::commit() {
    if (!m_store->isOpen()) return Error(Code::WrongState, "no checkpoint was begun");
    if (auto synced = m_journal.sync(); !synced) {
        m_store->abandon();
        return synced;
    }
    DUBITO_TRY(const run::CheckpointInfo info, m_store->commit(m_items, m_streams.drawn()));
    Bytes payload;
    dubito::append(payload, info.step);
    dubito::append(payload, info.bytes);
    dubito::append(payload, ByteSpan(info.manifestHash));
    const std::string name = info.folder.filename().string();
    dubito::append(payload, static_cast<std::uint32_t>(name.size()));
    dubito::append(payload, std::string_view(name));
    auto noted = m_journal.append(journal::RecordType::Checkpoint, payload);
    if (!noted) return std::move(noted).error();
    return {};
}

namespace {

/// Why this call is not to be answered; empty: go on.
Result<void> allowed(const Services& services) {
    if (!services.isPluginThread()) return Error(Code::WrongThread, "checkpoints are taken on the plugin's own thread");
    if (!services.checkpoints().areKept()) return Error(Code::Unsupported, "this run keeps no checkpoints");
    return {};
}

/// The text behind a dubito_str that a call hands out: until the next one that does. [plugin]
dubito_str kept(std::string text) {
    thread_local std::string last;
    last = std::move(text);
    return str(last);
}

dubito_status begin(const dubito_host* host, std::int64_t step, dubito_str* out, dubito_error* error) {
    Services& services = Services::of(host);
    if (auto may = allowed(services); !may) return refuse(error, may.error());
    auto folder = services.checkpoints().begin(step);
    if (!folder) return refuse(error, folder.error());
    *out = kept(std::move(*folder));
    return DUBITO_OK;
}

dubito_status put(const dubito_host* host, dubito_str name, dubito_error* error) {
    Services& services = Services::of(host);
    if (auto may = allowed(services); !may) return refuse(error, may.error());
    const auto done = services.checkpoints().put(view(name));
    return done ? DUBITO_OK : refuse(error, done.error());
}

dubito_status commit(const dubito_host* host, dubito_error* error) {
    Services& services = Services::of(host);
    if (auto may = allowed(services); !may) return refuse(error, may.error());
    services.tick();
    const auto done = services.checkpoints().commit();
    services.tick();
    return done ? DUBITO_OK : refuse(error, done.error());
}

dubito_status abandon(const dubito_host* host, dubito_error* error) {
    Services& services = Services::of(host);
    if (auto may = allowed(services); !may) return refuse(error, may.error());
    services.checkpoints().abandon();
    return DUBITO_OK;
}

dubito_status latest(const dubito_host* host, std::int64_t* step, dubito_str* out, dubito_error* error) {
    Services& services = Services::of(host);
    if (auto may = allowed(services); !may) return refuse(error, may.error());
    const auto& from = services.checkpoints().latest();
    if (!from) return refuse(error, DUBITO_NOT_FOUND, "this attempt starts afresh");
    *step = from->step;
    *out = kept(from->folder.string());
    return DUBITO_OK;
}

}  // namespace

const dubito_checkpoint_v1 kCheckpointTable = {sizeof kCheckpointTable, 0, begin, put, commit, abandon, latest};

}  // namespace dubito::host
