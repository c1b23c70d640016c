// What the host offers a plugin inside the worker; one part, one file and one table a service (host/services/).
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <thread>

#include "host/services/checkpoint.h"
#include "host/services/commands.h"
#include "host/services/publish.h"
#include "host/services/rng.h"
#include "run/run_spec.h"

namespace dubito::host {

/// Made on the thread that makes all plugin calls: [plugin]. Outlives the plugin; is outlived by the journal.
class Services {
public:
    Services(journal::JournalWriter& journal, const run::RunSpec& spec, std::map<std::string, std::string> assets);
    Services(const Services&) = delete;

    const dubito_host* host() const { return &m_host; }
    static Services& of(const dubito_host* host) { return *static_cast<Services*>(host->ctx); }
    bool isPluginThread() const { return std::this_thread::get_id() == m_pluginThread; }

    Publisher& publisher() { return m_publisher; }        ///< [any]
    Commands& commands() { return m_commands; }           ///< [any]
    RandomStreams& streams() { return m_streams; }        ///< [plugin]
    Checkpoints& checkpoints() { return m_checkpoints; }  ///< [plugin]
    const Checkpoints& checkpoints() const { return m_checkpoints; }
    journal::JournalWriter& journal() { return m_journal; }  ///< [any]
    const run::RunSpec& spec() const { return m_spec; }
    const std::string* assetOf(std::string_view role) const;  ///< path; null when there is none

    Result<void> log(int level, std::string_view text);  ///< 0 error .. 4 trace; at most 64 KiB are kept. [any]
    void setCancel(int state) { m_cancel = state; }      ///< as dubito.cancel/1. [any]
    int cancelState() const { return m_cancel; }         ///< [any]
    void tick() { ++m_ticks; }                           ///< "still working". [any]
    std::uint64_t progressCounter() const { return m_ticks; }
    void noteStep(std::int64_t step);  ///< [plugin]
    std::int64_t step() const { return m_commands.step(); }

private:
    journal::JournalWriter& m_journal;
    const run::RunSpec& m_spec;
    const std::map<std::string, std::string> m_assets;
    const std::thread::id m_pluginThread = std::this_thread::get_id();
    dubito_host m_host{};
    std::atomic<int> m_cancel{0};
    std::atomic<std::uint64_t> m_ticks{0};
    Publisher m_publisher;
    Commands m_commands;
    RandomStreams m_streams;
    Checkpoints m_checkpoints;
};

}  // namespace dubito::host
