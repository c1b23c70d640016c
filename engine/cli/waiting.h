// Waiting for runs on the command line: Ctrl+C asks them to stop, a project that cannot be written ends the wait.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <vector>

#include "cli/commands.h"
#include "run/run_service.h"

namespace dubito::cli {

/// A service whose states can be waited for. Must outlive the service that was opened with its options().
class Waiting {
public:
    run::RunService::Options options();
    /// Until all runs are final; Ctrl+C asks them to stop. `eachSecond` is called about that often, on this thread.
    /// @error WrongState when one of them stays in a paused queue; Io when every worker ended and the project could not
    /// be written for half a minute: nothing is lost, the next owner takes in what waits
    Result<void> untilFinal(
        run::RunService& service, const std::vector<std::int64_t>& runs, const std::function<void()>& eachSecond = {});
    /// untilFinal(), on a terminal with progress, and a word on each run.
    /// @return worst exit code: 0, 7 (a run failed), 8 or 130 (stopped)
    Result<int> waitFor(run::RunService& service, const std::vector<std::int64_t>& runs, bool quiet);
    /// Until none of the runs is queued any more, 10 s at most.
    void waitForStart(const std::vector<std::int64_t>& runs);
    run::RunEvent stateOf(std::int64_t runNo);

private:
    bool areFinal(const std::vector<std::int64_t>& runs);
    std::mutex m_mutex;  // guards both below
    std::condition_variable m_wake;
    std::map<std::int64_t, run::RunEvent> m_states;
};

/// A word on each run's progress on stderr, for `eachSecond`; nothing where it has not moved. Must not outlive the
/// service.
std::function<void()> progressOf(run::RunService& service, std::vector<std::int64_t> runs);

/// SIGINT is noted instead of ending the program.
void catchInterrupts();
bool wasInterrupted();

}  // namespace dubito::cli
