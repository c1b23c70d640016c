// Events come from the service's own thread; the wait looks around five times a second.
#include "cli/waiting.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace dubito::cli {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;
constexpr std::chrono::seconds kGiveUpAfter{30};

/// Nobody else can let the queue go on while this program owns the project: it would wait for ever.
Result<void> checkGoesOn(run::RunService& service, const std::vector<std::int64_t>& runs) {
    if (!service.isQueuePaused()) return {};
    for (const run::QueuedRun& waiting : service.queue())
        if (!waiting.demand.interactive && std::find(runs.begin(), runs.end(), waiting.runNo) != runs.end())
            return Error(Code::WrongState,
                fmt::format("the project's queue is paused, so run {} stays queued; 'dubito queue FILE resume' lets "
                            "it go on. File: {}",
                    waiting.runNo, service.project().string()));
    return {};
}

}  // namespace

void catchInterrupts() {
    struct sigaction action {};
    action.sa_handler = [](int) { g_interrupted = 1; };
    ::sigaction(SIGINT, &action, nullptr);
}

std::function<void()> progressOf(run::RunService& service, std::vector<std::int64_t> runs) {
    return [&service, runs = std::move(runs), said = std::map<std::int64_t, std::string>()]() mutable {
        const auto read = service.call([&](store::ProjectWriter& writer) -> Result<void> {
            for (const std::int64_t runNo : runs) {
                DUBITO_TRY(const auto row, store::findRun(writer.database(), runNo));
                if (!row || row->total <= 0 || run::isFinal(static_cast<run::RunState>(row->state))) continue;
                const std::string line =
                    fmt::format("run {} {} {:.0f} %", runNo, row->phase, 100 * row->done / row->total);
                if (std::exchange(said[runNo], line) != line) say(line);
            }
            return {};
        });
        const std::string trouble = read ? std::string() : "no progress is known: " + read.error().text();
        if (std::exchange(said[0], trouble) != trouble && !trouble.empty()) say(trouble);  // run numbers begin with 1
    };
}

bool wasInterrupted() { return g_interrupted != 0; }

run::RunService::Options Waiting::options() {
    run::RunService::Options out;
    out.observer = [this](const run::RunEvent& event) {
        std::lock_guard lock(m_mutex);
        if (event.kind == run::RunEvent::Kind::State) m_states[event.runNo] = event;
        if (event.kind == run::RunEvent::Kind::Notice) say(event.text);
        m_wake.notify_all();
    };
    return out;
}

bool Waiting::areFinal(const std::vector<std::int64_t>& runs) {
    return std::all_of(runs.begin(), runs.end(), [this](std::int64_t runNo) {
        const auto found = m_states.find(runNo);
        return found != m_states.end() && run::isFinal(found->second.state);
    });
}

run::RunEvent Waiting::stateOf(std::int64_t runNo) {
    std::lock_guard lock(m_mutex);
    return m_states[runNo];
}

Result<void> Waiting::untilFinal(
    run::RunService& service, const std::vector<std::int64_t>& runs, const std::function<void()>& eachSecond) {
    std::unique_lock lock(m_mutex);
    bool asked = false;
    auto nextWord = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (!areFinal(runs)) {
        m_wake.wait_for(lock, std::chrono::milliseconds(200));
        lock.unlock();
        DUBITO_CHECK(checkGoesOn(service, runs));
        if (wasInterrupted() && !asked) {
            asked = true;
            for (const auto runNo : runs)
                // A run that ended meanwhile needs no stop; anything else is worth a word.
                if (auto stopped = service.cancel(runNo); !stopped && stopped.error().code() != Code::WrongState)
                    say(fmt::format("run {} was not asked to stop: {}", runNo, stopped.error().text()));
        }
        if (eachSecond && std::chrono::steady_clock::now() >= nextWord) {
            eachSecond();
            nextWord = std::chrono::steady_clock::now() + std::chrono::seconds(1);
        }
        const auto problem = service.writeProblem();
        const bool gaveUp =
            problem && !service.hasWorkers() && std::chrono::steady_clock::now() - problem->since > kGiveUpAfter;
        if (gaveUp)
            return Error(
                Code::Io, "the runs ended, and the project could not be written for half a minute: " + problem->text +
                              ". Nothing is lost: the next program that opens the project takes in what waits");
        lock.lock();
    }
    return {};
}

Result<int> Waiting::waitFor(run::RunService& service, const std::vector<std::int64_t>& runs, bool quiet) {
    const bool showsProgress = !quiet && ::isatty(STDERR_FILENO);
    DUBITO_CHECK(untilFinal(service, runs, showsProgress ? progressOf(service, runs) : std::function<void()>()));
    int exitCode = 0;
    for (const auto runNo : runs) {
        const run::RunEvent state = stateOf(runNo);
        if (state.state == run::RunState::Failed) {
            exitCode = 7;
            say(fmt::format("run {} failed: {}", runNo, state.text));
        } else if (state.state == run::RunState::Cancelled && exitCode == 0) {
            exitCode = wasInterrupted() ? 130 : 8;
        }
        if (state.state != run::RunState::Failed && !quiet)
            say(fmt::format("run {} {}", runNo, run::stateName(state.state)));
    }
    return exitCode;
}

void Waiting::waitForStart(const std::vector<std::int64_t>& runs) {
    std::unique_lock lock(m_mutex);
    m_wake.wait_for(lock, std::chrono::seconds(10), [&] {
        return std::all_of(runs.begin(), runs.end(), [this](std::int64_t runNo) {
            const auto found = m_states.find(runNo);
            return found != m_states.end() && found->second.state != run::RunState::Queued;
        });
    });
}

}  // namespace dubito::cli
