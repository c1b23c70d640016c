// create, activate, step..., deactivate, destroy: on one thread, while another reads commands.
#include "host/worker_loop.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "host/attempt.h"
#include "host/loader.h"
#include "host/manifest.h"
#include "host/step_loop.h"

namespace dubito::host {
namespace {

/// activate, and what follows when that went well.
LoopEnd drive(Attempt& attempt, ControlThread& control, dubito_plugin& plugin) {
    Services& services = attempt.services();
    CallState& call = attempt.call();
    const Document parameters{attempt.spec().parameters()};
    const std::string& spec = attempt.spec().text();
    dubito_activation activation{};
    activation.struct_bytes = sizeof activation;
    activation.attempt = static_cast<std::uint32_t>(attempt.number());
    if (const auto id = attempt.job().runId()) std::memcpy(activation.run.bytes, id->bytes.data(), 16);
    activation.params = parameters.handle();
    activation.spec_json = {spec.data(), spec.size()};
    activation.resume_step = attempt.resumeStep();
    activation.seed = attempt.spec().seed();
    dubito_error error{};
    error.struct_bytes = sizeof error;

    services.publisher().setActive(true);
    call.call = "activate";
    const dubito_status status = plugin.activate(plugin.self, &activation, &error);
    LoopEnd end;
    if (status < 0) {
        end = {LoopEnd::How::Failed, status, errorText(status, error)};
    } else {
        services.commands().bind(&plugin);
        const StepLoop::Settings settings{attempt.resumeStep(), attempt.placement().checkpointSeconds,
            attempt.placement().idleSeconds, attempt.plugin().checkpoint};
        if (status != DUBITO_DONE) end = StepLoop(plugin, services, control, call, settings).run();
        call.call = "deactivate";
        if (plugin.deactivate) plugin.deactivate(plugin.self);
        services.commands().bind(nullptr);
    }
    services.publisher().setActive(false);
    call.call = "destroy";
    plugin.destroy(plugin.self);
    call.call = "end";
    return end;
}

int conclude(Attempt& attempt, const LoopEnd& end) {
    switch (end.how) {
        case LoopEnd::How::Done: return attempt.end("done", "", "", run::kExitDone);
        case LoopEnd::How::IdledOut: return attempt.end("done", "", "closed after an idle time", run::kExitDone);
        case LoopEnd::How::Stopped: return attempt.cancel("stopped on request");
        case LoopEnd::How::Failed: break;
    }
    if (attempt.journal().diskFailed())
        return attempt.end("failed", "disk", attempt.journal().diskProblem(), run::kExitDisk);
    (void)attempt.services().log(0, end.message);
    const bool isRefusal = end.status == DUBITO_DEVICE_UNAVAILABLE || end.status == DUBITO_UNSUPPORTED;
    const char* cause = end.status == DUBITO_OUT_OF_MEMORY ? "memory" : isRefusal ? "refused" : "error";
    return attempt.end("failed", cause, end.message, run::kExitPluginError);
}

/// A stop that came before the attempt began: nothing is computed, and nothing of earlier attempts is cut.
bool isStoppedBeforeBegin(const Attempt& attempt) {
    return attempt.job().isMarkedCancelled(attempt.number()) || isStopWaiting(attempt.job(), attempt.controlFrom());
}

int compute(Attempt& attempt) {
    Services& services = attempt.services();
    ControlThread control(attempt.job(), attempt.controlFrom(), services, attempt.plugin());
    const auto cancelEarly = [&] {
        control.poll();  // each command gets its answer
        services.commands().refuseRest();
        return attempt.cancel("stopped before it began");
    };
    if (isStoppedBeforeBegin(attempt)) return cancelEarly();
    attempt.call().call = "verify";
    if (auto sound = attempt.verifyInputs(); !sound) return attempt.refuse(sound.error());
    attempt.call().call = "load";
    const auto library = LoadedPlugin::load(attempt.library());
    if (!library) return attempt.refuse(library.error());
    attempt.call().call = "create";
    const auto plugin = library->create(services.host(), attempt.plugin().id);
    if (!plugin) return attempt.refuse(plugin.error());
    if (isStoppedBeforeBegin(attempt)) {  // inputs of many gigabytes and large libraries take their time
        (*plugin)->destroy((*plugin)->self);
        return cancelEarly();
    }
    attempt.begin();
    control.poll();
    control.start();
    const LoopEnd end = drive(attempt, control, **plugin);
    control.stop();
    services.commands().refuseRest();
    return conclude(attempt, end);
}

}  // namespace

int runWorker(const fs::path& jobFolder, int attempt) {
    watchTermination();
    (void)!::nice(5);            // a busy model does not hold up the window of the person who asked it
    ::signal(SIGXFSZ, SIG_IGN);  // a file too large is an error to report, not the end
    ::signal(SIGINT, SIG_IGN);   // Ctrl+C reaches the supervisor, which asks properly
    // Static objects of the plugin are destroyed before this one, and may crash: the crash note looks into it.
    static Attempt one(jobFolder, attempt);
    if (const auto code = one.open()) return *code;
    return compute(one);
}

int probePlugin(const fs::path& pluginFolder) {
    const auto library = readManifests(pluginFolder);
    Result<void> outcome;
    if (!library) outcome = library.error();
    else if (const auto loaded = LoadedPlugin::load(*library); !loaded) outcome = loaded.error();
    const Json json = {{"ok", bool(outcome)}, {"message", outcome ? "" : outcome.error().text()}};
    std::printf("%s\n", jsonText(json).c_str());
    return outcome ? 0 : run::kExitRefused;
}

}  // namespace dubito::host
