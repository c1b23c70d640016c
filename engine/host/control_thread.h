// Reads the commands of a run while its plugin computes.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "host/services.h"
#include "run/control.h"
#include "run/plugin_description.h"

namespace dubito::host {

/// Counts SIGTERM from now on; the control thread takes it as a stop.
void watchTermination();
bool isTerminationAsked();

/// Verbs of the host take effect here; others are checked against the manifest and wait for the plugin. Each gets a
/// result. Services and description outlive it.
class ControlThread {
public:
    /// `from`: the first command that is meant for this attempt.
    ControlThread(const run::JobDir& job, std::uint64_t from, Services& services, const run::PluginDescription& plugin);
    ~ControlThread();  ///< as stop()

    /// Takes in what was sent so far: on [plugin] before start(), later on the thread itself.
    void poll();
    void start();
    void stop();  ///< returns when the thread has ended

    bool takeSaveRequest() { return m_isSaveAsked.exchange(false); }  ///< a checkpoint was asked for
    /// Until something arrives that was not waited for yet, or `time` has passed. [plugin]
    void wait(std::chrono::milliseconds time);

private:
    void run();
    void obey(std::uint64_t sequence, const journal::Command& command);
    void handOn(std::uint64_t sequence, const journal::Command& command);
    void wake();

    run::ControlReader m_reader;  // of whoever polls
    Services& m_services;
    const run::PluginDescription& m_plugin;
    std::atomic<bool> m_isSaveAsked{false};
    std::thread m_thread;

    std::mutex m_mutex;  // guards all below
    std::condition_variable m_changed;
    std::uint64_t m_events = 0, m_seen = 0;
    bool m_isEnding = false;
};

/// Whether a stop for this attempt lies in the control file, or SIGTERM came: the attempt need not begin.
bool isStopWaiting(const run::JobDir& job, std::uint64_t from);

}  // namespace dubito::host
