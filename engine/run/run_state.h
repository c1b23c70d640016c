// States of a run, causes of failure and the moves between them.
#pragma once

#include <optional>
#include <string_view>

namespace dubito::run {

enum class RunState { Queued, Starting, Running, Paused, Cancelling, Done, Failed, Cancelled };
enum class Cause { None, Error, Crash, Memory, Disk, Timeout, Lost, Launch, Refused };

constexpr bool isFinal(RunState state) { return state >= RunState::Done; }
std::string_view stateName(RunState state);
std::string_view causeName(Cause cause);
Cause causeFromName(std::string_view name);  ///< None when unknown
/// Whether the table of legal moves allows it; `from` empty: a new run.
bool isLegalMove(std::optional<RunState> from, RunState to);

/// Exit codes of dubito-worker.
enum WorkerExit {
    kExitDone = 0,
    kExitPluginError = 10,
    kExitBadSpec = 11,
    kExitRefused = 12,
    kExitDisk = 13,
    kExitClaimed = 14,  ///< another worker has the attempt; nothing was touched
    kExitCancelled = 20,
    kExitRequeue = 75,
};

}  // namespace dubito::run
