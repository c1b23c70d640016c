// One page: what happens between two steps, in which order.
#include "host/step_loop.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "host/loader.h"

namespace dubito::host {
namespace {

constexpr std::chrono::milliseconds kPauseTick{200}, kIdleTick{100};
constexpr std::chrono::seconds kOrphanPatience{60}, kSayEvery{1};

std::string failureText(dubito_status status, const dubito_error& error) {
    if (status < DUBITO_TIMEOUT) return fmt::format("the plugin returned the unknown status {}", status);
    return errorText(status, error);
}

}  // namespace

StepLoop::StepLoop(
    dubito_plugin& plugin, Services& services, ControlThread& control, CallState& call, Settings settings)
    : m_plugin(plugin), m_services(services), m_control(control), m_call(call), m_settings(settings),
      m_step(std::max<std::int64_t>(0, settings.resumeStep)), m_savedStep(settings.resumeStep), m_parent(::getppid()) {
    if (settings.takesCheckpoints && plugin.get_extension)
        m_saver = static_cast<const dubito_plugin_checkpoint_v1*>(
            plugin.get_extension(plugin.self, DUBITO_PLUGIN_CHECKPOINT_ID));
}

LoopEnd StepLoop::run() {
    dubito_error error{};
    error.struct_bytes = sizeof error;
    for (;;) {
        if (m_services.cancelState() >= 2) {
            save();
            return {LoopEnd::How::Stopped, DUBITO_CANCELLED, {}};
        }
        if (isSaveDue()) save();
        m_call.call = "interact";
        m_services.commands().pump();
        if (m_services.cancelState() == 1) {
            m_control.wait(kPauseTick);
            continue;
        }
        m_call.call = "step";
        m_call.step = m_step;
        m_services.noteStep(m_step);
        const dubito_status status = m_plugin.step(m_plugin.self, m_step, &error);
        if (status == DUBITO_CANCELLED) return {LoopEnd::How::Stopped, status, {}};
        if (status < 0) return {LoopEnd::How::Failed, status, failureText(status, error)};
        ++m_step;
        saySometimes();
        if (status == DUBITO_DONE) return {};
        if (status == DUBITO_IDLE) sayWaiting();
        else m_saidWaiting = false, m_idleSince = Clock::now();
        if (status != DUBITO_IDLE) continue;
        if (!waitForCommand()) return {LoopEnd::How::IdledOut, status, {}};
    }
}

bool StepLoop::isSaveDue() {
    const bool isAsked = m_control.takeSaveRequest();
    const std::chrono::seconds every(m_settings.checkpointSeconds);
    return isAsked || (every.count() > 0 && Clock::now() - m_savedAt > every);
}

void StepLoop::save() {
    if (!m_saver || m_step == m_savedStep) return;
    m_call.call = "save";
    dubito_error error{};
    error.struct_bytes = sizeof error;
    const dubito_status saved = m_saver->save(m_plugin.self, m_step, &error);
    if (saved < 0)
        (void)m_services.log(
            0, fmt::format("no checkpoint at step {}: {}; the one before stays", m_step, failureText(saved, error)));
    m_savedStep = m_step;
    m_savedAt = Clock::now();
}

void StepLoop::saySometimes() {
    if (Clock::now() - m_saidAt < kSayEvery) return;
    m_saidAt = Clock::now();
    m_services.publisher().publishDropped(m_step - 1);
}

void StepLoop::sayWaiting() {
    if (std::exchange(m_saidWaiting, true)) return;
    // What the plugin said of its last work is over: without this a session at rest reads "running 42 %".
    (void)m_services.journal().progress({0, 0, "", "waiting"});
}

bool StepLoop::waitForCommand() {
    m_control.wait(kIdleTick);
    const auto now = Clock::now();
    if (m_services.commands().areWaiting()) m_idleSince = now;
    if (::getppid() != m_parent) m_orphanSince = std::min(m_orphanSince, now);
    const bool isAlone = m_orphanSince <= now && now - std::max(m_orphanSince, m_idleSince) > kOrphanPatience;
    return !isAlone && now - m_idleSince <= std::chrono::seconds(m_settings.idleSeconds);
}

}  // namespace dubito::host
