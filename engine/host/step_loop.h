// The loop that drives an active plugin: stop, checkpoint, commands, step.
#pragma once

#include <string>

#include "host/control_thread.h"
#include "host/crash_note.h"

namespace dubito::host {

struct LoopEnd {
    enum class How { Done, Stopped, IdledOut, Failed } how = How::Done;
    dubito_status status = DUBITO_OK;
    std::string message;  ///< of a failure
};

/// [plugin] only. Everything given to it outlives it.
class StepLoop {
public:
    struct Settings {
        std::int64_t resumeStep = -1;        ///< -1: fresh
        std::int64_t checkpointSeconds = 0;  ///< 0: only when asked
        std::int64_t idleSeconds = 0;        ///< without commands
        bool takesCheckpoints = false;
    };
    StepLoop(dubito_plugin& plugin, Services& services, ControlThread& control, CallState& call, Settings settings);
    /// Steps until the plugin is done, fails, is stopped or was idle for too long.
    LoopEnd run();

private:
    using Clock = std::chrono::steady_clock;
    bool isSaveDue();
    void save();
    void saySometimes();
    bool waitForCommand();  ///< @return false: nobody will come any more
    void sayWaiting();      ///< once, until there is work again

    dubito_plugin& m_plugin;
    Services& m_services;
    ControlThread& m_control;
    CallState& m_call;
    const Settings m_settings;
    const dubito_plugin_checkpoint_v1* m_saver = nullptr;
    std::int64_t m_step, m_savedStep;
    Clock::time_point m_savedAt = Clock::now(), m_idleSince = m_savedAt, m_saidAt = m_savedAt;
    Clock::time_point m_orphanSince = Clock::time_point::max();
    bool m_saidWaiting = false;
    const int m_parent;
};

}  // namespace dubito::host
