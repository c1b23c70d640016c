// The table of legal moves.
#include "run/run_state.h"

namespace dubito::run {

std::string_view stateName(RunState state) {
    constexpr std::string_view kNames[] = {
        "queued", "starting", "running", "paused", "cancelling", "done", "failed", "cancelled"};
    const int index = static_cast<int>(state);
    return index >= 0 && index < 8 ? kNames[index] : "?";
}

namespace {
constexpr std::string_view kCauses[] = {"", "error", "crash", "memory", "disk", "timeout", "lost", "launch", "refused"};
}

std::string_view causeName(Cause cause) {
    const int index = static_cast<int>(cause);
    return index >= 0 && index < 9 ? kCauses[index] : "?";
}

Cause causeFromName(std::string_view name) {
    for (int i = 1; i < 9; ++i)
        if (kCauses[i] == name) return static_cast<Cause>(i);
    return Cause::None;
}

bool isLegalMove(std::optional<RunState> from, RunState to) {
    using enum RunState;
    if (!from) return to == Queued;
    switch (*from) {
        case Queued: return to == Starting || to == Cancelled || to == Failed;
        case Starting: return to == Running || to == Failed || to == Cancelling || to == Done || to == Cancelled;
        case Running:
            return to == Paused || to == Cancelling || to == Done || to == Failed || to == Cancelled || to == Queued;
        case Paused: return to == Running || to == Cancelling || to == Done || to == Failed || to == Cancelled;
        case Cancelling: return to == Done || to == Failed || to == Cancelled;
        case Failed:
        case Cancelled: return to == Queued;
        case Done: return false;
    }
    return false;
}

}  // namespace dubito::run
