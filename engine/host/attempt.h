// One attempt of a run as its worker holds it: claimed, recorded, checked, begun and ended.
#pragma once

#include <memory>
#include <optional>

#include "host/crash_note.h"
#include "host/services.h"
#include "run/job_dir.h"
#include "run/run_state.h"

namespace dubito::host {

/// Members are in the order of their making. [plugin] only, but for the heartbeat, which sees only what is published
/// to it.
class Attempt {
public:
    Attempt(const fs::path& jobFolder, int attempt) : m_job(jobFolder), m_attempt(attempt) {}
    Attempt(const Attempt&) = delete;
    ~Attempt() { forgetJournal(); }  ///< a library that crashes in its teardown must not find what is gone

    /// Claims the attempt, opens its journal and reads what it is to do. When it cannot go on it has ended, and the
    /// exit code is returned; 14 when another worker has it: then nothing was touched.
    std::optional<int> open();
    /// Inputs still are what the spec says. Takes as long as reading them where they are not known yet.
    Result<void> verifyInputs() const;
    /// The attempt counts from here on: the begin record.
    void begin();
    /// Writes the end record and the status. @return exit code: `exitCode`, or 13 when that could not be written
    int end(std::string_view status, std::string_view cause, std::string_view message, int exitCode);
    int refuse(const Error& problem, int exitCode = run::kExitRefused);
    int cancel(std::string_view message);

    const run::JobDir& job() const { return m_job; }
    int number() const { return m_attempt; }
    const run::RunSpec& spec() const { return *m_spec; }
    const run::Placement& placement() const { return m_placement; }
    const run::PluginDescription& plugin() const { return *m_plugin; }
    const std::vector<run::PluginDescription>& library() const { return m_library; }  ///< all that its file holds
    Services& services() { return *m_services; }
    const journal::JournalWriter& journal() const { return *m_journal; }
    CallState& call() { return m_call; }
    std::int64_t resumeStep() const { return m_resumeStep; }  ///< -1: fresh
    std::uint64_t controlFrom() const { return m_controlFrom; }

private:
    /// What the [io] thread's heartbeat reads; null until it exists.
    struct Pulse {
        std::atomic<const journal::JournalWriter*> journal{nullptr};
        std::atomic<const Services*> services{nullptr};
    };
    std::optional<int> claim();
    std::optional<int> openJournal(const RunId& id);
    Result<void> readOrders();
    Result<void> readPlugin();
    void findCheckpoint();
    int writeEnded(int exitCode, std::int64_t lastSequence);

    run::JobDir m_job;
    int m_attempt;
    run::WorkerStatus m_status;
    Pulse m_pulse;
    CallState m_call;
    std::unique_ptr<journal::JournalWriter> m_journal;
    std::optional<run::RunSpec> m_spec;
    run::Placement m_placement;
    std::uint64_t m_controlFrom = 0;
    std::vector<run::PluginDescription> m_library;
    std::optional<run::PluginDescription> m_plugin;
    Json m_isolation;
    std::vector<std::string> m_damaged;  ///< checkpoints that were passed over
    std::optional<run::CheckpointInfo> m_latest;
    std::int64_t m_resumeStep = -1;
    std::unique_ptr<Services> m_services;
};

}  // namespace dubito::host
