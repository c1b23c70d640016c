// The state of a run as a pure function of facts: what lies in its job folder, and what was seen of its process.
#pragma once

#include <span>

#include "run/attempt_log.h"
#include "run/run_state.h"

namespace dubito::run {

/// What is known of an attempt's process beyond its folder.
struct ProcessFate {
    enum class Kind {
        Unknown,  ///< nobody watched it
        Alive,
        Ended,       ///< its end was seen
        NotStarted,  ///< it could not be started: `detail` says why
    } kind = Kind::Unknown;
    int exitCode = -1, signal = 0;  ///< -1 and 0: not known
    bool killedForMemory = false;   ///< `detail` says how much was allowed
    std::string detail;
    std::int64_t seenUs = 0;  ///< when its end was seen; 0: not seen
};

struct Outcome {
    RunState state = RunState::Queued;
    Cause cause = Cause::None;
    std::string text;          ///< sentence for people; empty when the state says all
    std::int64_t endedUs = 0;  ///< true end of the work, not the time somebody looked; 0: not over, or not known
    bool wantsHints = false;   ///< its error stream and last log lines are the best explanation there is
};

/// `ranks`: facts of all ranks of the run's last attempt, rank 0 first, at least one.
/// Order of truth: the end frame, the supervisor's own kill, the status file, how the process ended, silence.
Outcome decide(std::span<const AttemptFacts> ranks, const ProcessFate& fate);

std::string signalName(int signal);

}  // namespace dubito::run
