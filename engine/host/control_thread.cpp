// The control file is polled: it may lie on a network disk, where nobody rings.
#include "host/control_thread.h"

#include <signal.h>

#include "run/param_schema.h"

namespace dubito::host {
namespace {

constexpr std::chrono::milliseconds kPollEvery{10};
std::atomic<int> g_termRequests{0};

/// Arguments of a command, checked against the manifest before the plugin sees them.
Result<Json> argumentsOf(const run::PluginDescription& plugin, const journal::Command& command) {
    DUBITO_TRY(const Json arguments, parseJson(command.argumentsJson));
    for (const auto& known : plugin.commands)
        if (known.verb == command.verb) return run::applySchema(known.arguments, arguments);
    return Error(Code::Unsupported, "the plugin's manifest declares no command " + command.verb);
}

}  // namespace

void watchTermination() {
    struct sigaction action {};
    action.sa_handler = [](int) { ++g_termRequests; };
    ::sigaction(SIGTERM, &action, nullptr);
}

bool isTerminationAsked() { return g_termRequests > 0; }

bool isStopWaiting(const run::JobDir& job, std::uint64_t from) {
    bool isStopped = isTerminationAsked();
    run::ControlReader(job, from).poll(
        [&](std::uint64_t, const journal::Command& command) { isStopped |= command.verb == "stop"; });
    return isStopped;
}

ControlThread::ControlThread(
    const run::JobDir& job, std::uint64_t from, Services& services, const run::PluginDescription& plugin)
    : m_reader(job, from), m_services(services), m_plugin(plugin) {}

ControlThread::~ControlThread() { stop(); }

void ControlThread::start() {
    m_thread = std::thread([this] { run(); });
}

void ControlThread::stop() {
    {
        const std::lock_guard lock(m_mutex);
        m_isEnding = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable()) m_thread.join();
}

void ControlThread::run() {
    for (;;) {
        poll();
        std::unique_lock lock(m_mutex);
        if (m_changed.wait_for(lock, kPollEvery, [this] { return m_isEnding; })) return;
    }
}

void ControlThread::poll() {
    m_reader.poll([this](std::uint64_t sequence, const journal::Command& command) { obey(sequence, command); });
    if (isTerminationAsked() && m_services.cancelState() < 2) {
        m_services.setCancel(2);
        wake();
    }
}

void ControlThread::obey(std::uint64_t sequence, const journal::Command& command) {
    Commands& results = m_services.commands();
    const std::string& verb = command.verb;
    if (verb == "checkpoint" && !m_plugin.checkpoint) {
        (void)results.result(sequence, DUBITO_UNSUPPORTED, verb, "this plugin takes no checkpoints");
    } else if (verb == "stop" || verb == "pause" || verb == "resume" || verb == "checkpoint") {
        // A stop is not taken back by what comes behind it.
        if (verb == "stop") m_services.setCancel(2);
        if (verb == "pause" && m_services.cancelState() == 0) m_services.setCancel(1);
        if (verb == "resume" && m_services.cancelState() == 1) m_services.setCancel(0);
        if (verb == "checkpoint") m_isSaveAsked = true;
        (void)results.result(sequence, DUBITO_OK, verb, "");
    } else {
        handOn(sequence, command);
    }
    wake();
}

void ControlThread::handOn(std::uint64_t sequence, const journal::Command& command) {
    auto arguments = argumentsOf(m_plugin, command);
    if (arguments) {
        m_services.commands().push({sequence, command.verb, {std::move(*arguments)}});
        return;
    }
    (void)m_services.commands().result(sequence, DUBITO_INVALID_ARGUMENT, command.verb, arguments.error().text());
}

void ControlThread::wake() {
    {
        const std::lock_guard lock(m_mutex);
        ++m_events;
    }
    m_changed.notify_all();
}

void ControlThread::wait(std::chrono::milliseconds time) {
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, time, [this] { return m_events != m_seen; });
    m_seen = m_events;
}

}  // namespace dubito::host
