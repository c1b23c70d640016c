// What the host offers a plugin inside the worker: publish, log, progress, cancel, commands, random streams, inputs.
#pragma once

#include <dubito/host.h>

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "journal/writer.h"
#include "run/checkpoint.h"
#include "run/run_spec.h"
#include "stats/counter_rng.h"

namespace dubito::host {

/// JSON value behind the opaque dubito_doc.
struct Document {
    Json value;
    mutable std::string rawText;  ///< last raw(); valid until the next
    const dubito_doc* handle() const { return reinterpret_cast<const dubito_doc*>(this); }
};

struct PendingCommand {
    std::uint64_t sequence = 0;
    std::string verb;
    Document arguments;
};

class Services {
public:
    Services(journal::JournalWriter& journal, const run::PluginDescription& plugin, const run::RunSpec& spec, std::map<std::string, std::string> assets);

    const dubito_host* host() const { return &m_host; }
    void bindPlugin(dubito_plugin* plugin) { m_plugin = plugin; }   ///< whose interact() pump calls
    void setPluginThread() { m_pluginThread = std::this_thread::get_id(); }
    void setActive(bool active) { m_active = active; }

    /// Where checkpoints lie, and the one this attempt goes on from.
    void setCheckpoints(const fs::path& job, std::optional<run::CheckpointInfo> latest);
    const std::optional<run::CheckpointInfo>& latest() const { return m_latest; }
    // From the control thread.
    void setCancel(int state) { m_cancel = state; }
    int cancelState() const { return m_cancel; }
    void pushCommand(PendingCommand command);
    // From the plugin thread.
    void pump();                                                    ///< delivers waiting commands to interact()
    bool hasCommands();
    void noteStep(std::int64_t step) { m_step = step, ++m_ticks; }
    void resultOf(std::uint64_t sequence, std::int32_t status, std::string_view verb, std::string_view message, std::string_view json = "null");
    void log(int level, std::string_view text);

    std::uint64_t progressCounter() const { return m_ticks; }
    std::int64_t firstNotFiniteStep() const { return m_notFiniteStep; }
    std::int64_t step() const { return m_step; }

private:
    struct SeriesInfo {
        journal::SeriesDefinition definition;
    };
    static Services& of(const dubito_host* host) { return *static_cast<Services*>(host->ctx); }
    dubito_status fail(dubito_error* error, dubito_status code, const std::string& message) const;
    dubito_status define(const dubito_series_desc* desc, std::uint32_t* out, dubito_error* error);
    dubito_status scalars(std::int64_t step, std::uint32_t n, const std::uint32_t* series, const double* values, dubito_error* error);
    dubito_status record(std::uint32_t series, std::int64_t step, dubito_str meta, std::uint32_t n, const dubito_array* const* arrays, std::uint32_t flags, dubito_error* error);
    dubito_status append(journal::RecordType type, ByteSpan payload, std::uint16_t flags, dubito_error* error);
    void makeTables();
    void makeCheckpointTable();
    dubito_status commitCheckpoint(dubito_error* error);
    const void* service(const char* id) const;

    journal::JournalWriter& m_journal;
    const run::PluginDescription& m_description;
    const run::RunSpec& m_spec;
    std::map<std::string, std::string> m_assets;
    dubito_host m_host{};
    dubito_plugin* m_plugin = nullptr;
    std::thread::id m_pluginThread;
    std::atomic<bool> m_active{false};
    std::atomic<int> m_cancel{0};
    std::atomic<std::uint64_t> m_ticks{0};
    std::atomic<std::int64_t> m_step{0}, m_notFiniteStep{-1};
    std::atomic<std::uint32_t> m_seriesCount{0};
    std::vector<stats::CounterRng> m_streams;  // [plugin] only
    std::vector<std::string> m_streamKeys;     // [plugin] only; "name/index" of each
    std::optional<run::CheckpointStore> m_checkpoints;     // [plugin] only
    std::optional<run::CheckpointInfo> m_latest;
    std::vector<std::string> m_items;          // [plugin] only; of the open checkpoint
    std::string m_folder;                      // [plugin] only; last one handed out
    bool m_pumping = false;                    // [plugin] only

    dubito_publish_v1 m_publish{};
    dubito_json_v1 m_json{};
    dubito_log_v1 m_log{};
    dubito_progress_v1 m_progress{};
    dubito_cancel_v1 m_cancelTable{};
    dubito_interaction_v1 m_interaction{};
    dubito_rng_v1 m_rng{};
    dubito_asset_v1 m_asset{};
    dubito_device_v1 m_device{};
    dubito_checkpoint_v1 m_checkpoint{};

    std::mutex m_mutex;  // guards all below
    std::vector<SeriesInfo> m_series;
    std::map<std::string, std::uint32_t> m_byKey;
    std::deque<PendingCommand> m_commands;
};

}  // namespace dubito::host
