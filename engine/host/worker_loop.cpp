// create, activate, step..., deactivate: on one thread; a second one reads commands.
#include "host/worker_loop.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>

#include "base/log.h"
#include "host/crash_note.h"
#include "host/loader.h"
#include "host/manifest.h"
#include "host/sandbox.h"
#include "host/services.h"
#include "run/control.h"
#include "run/job_dir.h"
#include "run/param_schema.h"
#include "run/run_state.h"

namespace dubito::host {
namespace {

using Clock = std::chrono::steady_clock;
std::atomic<int> g_termRequests{0};

std::uint64_t ownResidentBytes() {
    auto text = readFile("/proc/self/statm", 256);
    const auto space = text ? text->find(' ') : std::string::npos;
    return space == std::string::npos ? 0 : static_cast<std::uint64_t>(std::atoll(text->c_str() + space)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// Everything one attempt holds, in the order of its making.
class Attempt {
public:
    Attempt(fs::path folder, int attempt) : m_job(std::move(folder)), m_attempt(attempt) {}

    int run() {
        if (auto code = open(); code != 0) return code;
        const int exit = drive();
        m_controlStop = true;
        m_controlThread.join();
        return exit;
    }

private:
    int open() {
        auto id = m_job.runId();
        auto spec = m_job.readSpec();
        auto placement = m_job.readPlacement();
        if (!id || !spec || !placement) {
            std::fprintf(stderr, "%s\n", (!id ? id.error() : !spec ? spec.error() : placement.error()).text().c_str());
            return run::kExitBadSpec;
        }
        m_spec = std::make_unique<run::RunSpec>(*spec);
        m_placement = *placement;
        m_status = run::ownStatus();
        if (auto written = m_job.writeStatus(m_attempt, 0, m_status); !written) {
            std::fprintf(stderr, "%s\n", written.error().text().c_str());
            return run::kExitDisk;
        }
        journal::JournalWriter::Options options;
        options.heartbeat = [this] {
            return journal::Heartbeat{m_services ? m_services->progressCounter() : 0, ownResidentBytes(), 0, m_journal ? m_journal->queueFillPercent() : 0};
        };
        if (const char* segment = std::getenv("DUBITO_SEGMENT_BYTES")) options.segmentBytes = std::strtoull(segment, nullptr, 10);
        auto journal = journal::JournalWriter::create(m_job.journal(), {*id, static_cast<std::uint32_t>(m_attempt), 0, 0, 0}, options);
        if (!journal) {
            std::fprintf(stderr, "%s\n", journal.error().text().c_str());
            return journal.error().code() == Code::WrongState ? run::kExitBadSpec : run::kExitDisk;
        }
        m_journal = std::move(*journal);
        installCrashNote(m_job.crashNote(m_attempt), m_journal.get(), &m_call);
        auto plugin = readManifest(m_placement.pluginFolder);
        if (plugin && (plugin->id != m_spec->pluginId() || plugin->version != m_spec->pluginVersion()))
            plugin = Error(Code::InvalidArgument, fmt::format("the spec asks for {} {}, the folder holds {} {}", m_spec->pluginId(), m_spec->pluginVersion(), plugin->id, plugin->version));
        if (plugin) m_plugin = std::make_unique<run::PluginDescription>(*plugin);
        const Json isolation = enterSandbox(m_plugin && (m_plugin->network || m_plugin->multiProcess));
        std::vector<std::string> skipped;
        std::optional<run::CheckpointInfo> latest;
        if (m_attempt > 1) latest = run::CheckpointStore(m_job.root()).newest(&skipped);
        m_resumeStep = latest ? latest->step : -1;
        begin(isolation);
        m_services = std::make_unique<Services>(*m_journal, m_plugin ? *m_plugin : m_none, *m_spec, m_placement.assets);
        m_services->setPluginThread();
        if (m_plugin && m_plugin->checkpoint) m_services->setCheckpoints(m_job.root(), std::move(latest));
        for (const auto& line : skipped) m_services->log(1, line);
        if (m_attempt > 1) m_services->log(2, m_resumeStep >= 0 ? fmt::format("attempt {} goes on from the checkpoint of step {}", m_attempt, m_resumeStep) : fmt::format("attempt {} starts afresh: there is no checkpoint", m_attempt));
        m_controlThread = std::thread([this] { readControl(); });
        if (!plugin) {
            const int code = end("failed", "refused", plugin.error().text(), run::kExitRefused);
            m_controlStop = true;
            m_controlThread.join();
            return code;
        }
        return 0;
    }

    static std::string host() {
        utsname name{};
        ::uname(&name);
        return name.nodename;
    }

    void begin(const Json& isolation) {
        utsname name{};
        ::uname(&name);
        std::string device = m_spec->device();
        if (device == "auto") device = run::hasCudaDevice() && m_plugin && m_plugin->gpu != "none" ? "cuda" : "cpu";
        Json json = {{"host", name.nodename}, {"device", device}, {"dubito", DUBITO_VERSION}, {"kernel", name.release}, {"machine", name.machine},
                     {"cores", std::int64_t{::sysconf(_SC_NPROCESSORS_ONLN)}}, {"threads", m_spec->threads()}, {"isolation", isolation}};
        if (m_resumeStep >= 0) json["resumed_step"] = m_resumeStep;
        if (m_plugin) json["plugin"] = {{"id", m_plugin->id}, {"version", m_plugin->version}};
        (void)m_journal->append(journal::RecordType::Begin, asBytes(jsonText(json)));
    }

    int end(std::string_view status, std::string_view cause, std::string_view message, int exitCode) {
        const Json json = {{"status", status}, {"cause", cause}, {"message", message}, {"steps", m_services ? m_services->step() : 0}, {"backpressure_ms", m_journal->blockedMs()}};
        auto appended = m_journal->append(journal::RecordType::End, asBytes(jsonText(json)));
        auto closed = m_journal->close();
        if (!appended || !closed) exitCode = run::kExitDisk;
        m_status.exitCode = exitCode;
        m_status.lastSequence = appended ? static_cast<std::int64_t>(*appended) : -1;
        m_status.phase = "ended";
        (void)m_job.writeStatus(m_attempt, 0, m_status);
        return exitCode;
    }

    void readControl() {
        run::ControlReader reader(m_job);
        // Commands of earlier attempts were answered then; a stop among them must not end this one.
        if (m_attempt > 1) reader.poll([](std::uint64_t, const journal::Command&) {});
        while (!m_controlStop) {
            reader.poll([this](std::uint64_t sequence, const journal::Command& command) {
                const bool isHostVerb = command.verb == "stop" || command.verb == "pause" || command.verb == "resume" || command.verb == "checkpoint";
                if (command.verb == "stop") m_services->setCancel(2);
                if (command.verb == "pause" && m_services->cancelState() == 0) m_services->setCancel(1);
                if (command.verb == "resume" && m_services->cancelState() == 1) m_services->setCancel(0);
                if (command.verb == "checkpoint") {
                    const bool can = m_plugin && m_plugin->checkpoint;
                    if (can) m_saveAsked = true;
                    m_services->resultOf(sequence, can ? 0 : DUBITO_UNSUPPORTED, command.verb, can ? "" : "this plugin takes no checkpoints");
                } else if (isHostVerb) {
                    m_services->resultOf(sequence, 0, command.verb, "");
                } else {
                    auto arguments = parseJson(command.argumentsJson);
                    if (!arguments) {
                        m_services->resultOf(sequence, DUBITO_INVALID_ARGUMENT, command.verb, arguments.error().text());
                    } else if (auto checked = checkArguments(command.verb, *arguments); !checked) {
                        m_services->resultOf(sequence, DUBITO_INVALID_ARGUMENT, command.verb, checked.error().text());
                    } else {
                        m_services->pushCommand({sequence, command.verb, {*checked, {}}});
                    }
                }
                m_wake.notify_all();
            });
            if (g_termRequests > 0 && m_services->cancelState() < 2) m_services->setCancel(2), m_wake.notify_all();
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }

    /// Arguments are checked against the manifest before the plugin sees them.
    Result<Json> checkArguments(const std::string& verb, const Json& arguments) const {
        for (const auto& command : m_plugin->commands)
            if (command.verb == verb) return run::applySchema(command.arguments, arguments);
        return Error(Code::Unsupported, "the plugin's manifest declares no command " + verb);
    }

    int drive() {
        m_call.call = "load";
        auto library = LoadedPlugin::load(*m_plugin);
        if (!library) return end("failed", "refused", library.error().text(), run::kExitRefused);
        m_call.call = "create";
        auto created = library->create(m_services->host());
        if (!created) return end("failed", "refused", created.error().text(), run::kExitRefused);
        dubito_plugin* plugin = *created;
        m_services->bindPlugin(plugin);

        const Document parameters{m_spec->parameters(), {}};
        dubito_activation activation{};
        activation.struct_bytes = sizeof activation;
        activation.attempt = static_cast<std::uint32_t>(m_attempt);
        if (auto id = m_job.runId()) std::memcpy(activation.run.bytes, id->bytes.data(), 16);
        activation.params = parameters.handle();
        activation.spec_json = {m_spec->text().data(), m_spec->text().size()};
        activation.resume_step = m_resumeStep;
        activation.seed = m_spec->seed();
        dubito_error error{};
        error.struct_bytes = sizeof error;
        m_services->setActive(true);
        m_call.call = "activate";
        dubito_status status = plugin->activate(plugin->self, &activation, &error);
        bool cancelled = false, idledOut = false;
        std::int64_t step = std::max<std::int64_t>(0, m_resumeStep);
        const auto* saver = m_plugin->checkpoint && plugin->get_extension ? static_cast<const dubito_plugin_checkpoint_v1*>(plugin->get_extension(plugin->self, DUBITO_PLUGIN_CHECKPOINT_ID)) : nullptr;
        std::int64_t savedStep = m_resumeStep;
        auto savedAt = Clock::now();
        const auto save = [&] {
            if (!saver || step == savedStep) return;
            m_call.call = "save";
            dubito_error problem{};
            problem.struct_bytes = sizeof problem;
            const dubito_status saved = saver->save(plugin->self, step, &problem);
            if (saved < 0) m_services->log(0, fmt::format("no checkpoint at step {}: {}; the one before stays", step, errorText(saved, problem)));
            savedStep = step;
            savedAt = Clock::now();
        };
        auto idleSince = Clock::now();
        const pid_t parent = ::getppid();
        auto orphanSince = Clock::time_point::max();
        while (status >= 0 && status != DUBITO_DONE) {
            if (m_services->cancelState() >= 2) {
                save();
                cancelled = true;
                break;
            }
            if (m_saveAsked.exchange(false) || (m_placement.checkpointSeconds > 0 && Clock::now() - savedAt > std::chrono::seconds(m_placement.checkpointSeconds))) save();
            m_call.call = "interact";
            m_services->pump();
            if (m_services->cancelState() == 1) {
                wait(std::chrono::milliseconds(200));
                continue;
            }
            m_call.call = "step";
            m_call.step = step;
            m_services->noteStep(step);
            status = plugin->step(plugin->self, step, &error);
            ++step;
            if (status != DUBITO_IDLE) {
                idleSince = Clock::now();
                continue;
            }
            wait(std::chrono::milliseconds(100));
            if (m_services->hasCommands()) idleSince = Clock::now();
            if (::getppid() != parent && orphanSince == Clock::time_point::max()) orphanSince = Clock::now();
            const bool alone = orphanSince != Clock::time_point::max() && Clock::now() - std::max(orphanSince, idleSince) > std::chrono::seconds(60);
            if (alone || Clock::now() - idleSince > std::chrono::seconds(m_placement.idleSeconds)) {
                idledOut = true;
                break;
            }
        }
        m_call.call = "deactivate";
        if (plugin->deactivate) plugin->deactivate(plugin->self);
        m_services->setActive(false);
        m_call.call = "destroy";
        plugin->destroy(plugin->self);
        m_services->bindPlugin(nullptr);
        m_call.call = "end";
        if (cancelled || status == DUBITO_CANCELLED) return end("cancelled", "", "stopped on request", run::kExitCancelled);
        if (idledOut) return end("done", "", "closed after an idle time", run::kExitDone);
        if (status >= 0) return end("done", "", "", run::kExitDone);
        const std::string message = status < DUBITO_TIMEOUT ? fmt::format("the plugin returned the unknown status {}", status) : errorText(status, error);
        m_services->log(0, message);
        const char* cause = status == DUBITO_OUT_OF_MEMORY ? "memory" : m_journal->diskFailed() ? "disk" : status == DUBITO_DEVICE_UNAVAILABLE || status == DUBITO_UNSUPPORTED ? "refused" : "error";
        return end("failed", cause, message, m_journal->diskFailed() ? run::kExitDisk : run::kExitPluginError);
    }

    void wait(std::chrono::milliseconds time) {
        std::unique_lock lock(m_waitMutex);
        m_wake.wait_for(lock, time, [this] { return m_services->hasCommands() || m_services->cancelState() >= 2; });
    }

    run::JobDir m_job;
    int m_attempt;
    run::Placement m_placement;
    run::WorkerStatus m_status;
    std::unique_ptr<run::RunSpec> m_spec;
    run::PluginDescription m_none;
    std::unique_ptr<run::PluginDescription> m_plugin;
    std::unique_ptr<journal::JournalWriter> m_journal;
    std::unique_ptr<Services> m_services;
    CallState m_call;
    std::atomic<bool> m_controlStop{false}, m_saveAsked{false};
    std::int64_t m_resumeStep = -1;  ///< -1: fresh
    std::thread m_controlThread;
    std::mutex m_waitMutex;
    std::condition_variable m_wake;
};

}  // namespace
int runWorker(const fs::path& jobFolder, int attempt) {
    struct sigaction action {};
    action.sa_handler = [](int) { ++g_termRequests; };
    ::sigaction(SIGTERM, &action, nullptr);
    (void)!::nice(5);           // a busy model does not hold up the window of the person who asked it
    ::signal(SIGXFSZ, SIG_IGN); // a file too large is an error to report, not the end
    ::signal(SIGINT, SIG_IGN);  // Ctrl+C reaches the supervisor, which asks properly
    return Attempt(jobFolder, attempt).run();
}

int probePlugin(const fs::path& pluginFolder) {
    auto plugin = readManifest(pluginFolder);
    Result<void> outcome;
    if (!plugin) outcome = plugin.error();
    else if (auto loaded = LoadedPlugin::load(*plugin); !loaded) outcome = loaded.error();
    const Json json = {{"ok", bool(outcome)}, {"message", outcome ? "" : outcome.error().text()}};
    std::printf("%s\n", jsonText(json).c_str());
    return outcome ? 0 : run::kExitRefused;
}

}  // namespace dubito::host
