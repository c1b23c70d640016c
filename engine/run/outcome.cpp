// One rule a situation, first match wins; the table test walks them all.
#include "run/outcome.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>

namespace dubito::run {
namespace {

Outcome failed(Cause cause, std::string text) { return {RunState::Failed, cause, std::move(text), 0, false}; }
Outcome failedWithHints(Cause cause, std::string text) { return {RunState::Failed, cause, std::move(text), 0, true}; }
Outcome cancelled(std::string text) { return {RunState::Cancelled, Cause::None, std::move(text), 0, false}; }

Outcome whileAlive(const AttemptFacts& facts) {
    if (facts.cancelAsked) return {RunState::Cancelling, Cause::None, {}, 0, false};
    return {facts.began ? RunState::Running : RunState::Starting, Cause::None, {}, 0, false};
}

/// Nobody claimed the attempt, or it was declared void.
Outcome neverBegan(const AttemptFacts& facts, const ProcessFate& fate) {
    if (facts.cancelAsked) return cancelled("stopped before it started");
    if (facts.claim || fate.kind == ProcessFate::Kind::NotStarted)
        return failed(Cause::Launch, fate.detail.empty() ? "the worker did not start in time" : fate.detail);
    if (fate.kind == ProcessFate::Kind::Ended) {
        const Cause cause = fate.exitCode == kExitBadSpec ? Cause::Refused
                            : fate.exitCode == kExitDisk  ? Cause::Disk
                                                          : Cause::Launch;
        return failedWithHints(
            cause, fate.signal ? fmt::format("the worker was ended by {} before it began", signalName(fate.signal))
                               : fmt::format("the worker ended with code {} before it began", fate.exitCode));
    }
    return {facts.launch ? RunState::Starting : RunState::Queued, Cause::None, {}, 0, false};
}

Outcome byEndFrame(const EndFrame& end) {
    if (end.status == "done") return {RunState::Done, Cause::None, end.message, 0, false};
    if (end.status == "cancelled") return cancelled(end.message);
    const Cause cause = causeFromName(end.cause);
    return failed(cause == Cause::None ? Cause::Error : cause, end.message);
}

Outcome byExitCode(int code) {
    switch (code) {
        case kExitDone: return {RunState::Done, Cause::None, "its end record is missing in the journal", 0, false};
        case kExitCancelled: return cancelled("stopped on request");
        case kExitRequeue: return {RunState::Queued, Cause::None, {}, 0, false};
        case kExitBadSpec:
        case kExitRefused: return failedWithHints(Cause::Refused, "the worker refused the run");
        case kExitDisk:
            return failedWithHints(Cause::Disk, "the worker could not write its records (disk full or failing)");
        default:
            return failedWithHints(Cause::Error, fmt::format("the worker ended with code {} and no end record", code));
    }
}

/// It began, is over, and said nothing at its end.
Outcome silent(const AttemptFacts& facts, const ProcessFate& fate) {
    const std::string note = facts.crashNote.empty() ? "" : ": " + facts.crashNote;
    if (facts.cancelAsked && (fate.signal == SIGKILL || fate.signal == SIGTERM || (fate.signal == 0 && note.empty())))
        return cancelled("ended by force on request");
    if (fate.signal != 0) return failedWithHints(Cause::Crash, "ended by " + signalName(fate.signal) + note);
    if (!note.empty()) return failedWithHints(Cause::Crash, facts.crashNote);
    if (fate.exitCode == kExitDone)
        return failedWithHints(Cause::Error, "the worker ended with code 0 and no end record");
    if (fate.exitCode > 0) return byExitCode(fate.exitCode);
    return failedWithHints(Cause::Lost, "the worker is gone without a word (killed, or the machine went down)");
}

Outcome decideOne(const AttemptFacts& facts, const ProcessFate& fate) {
    if (fate.kind == ProcessFate::Kind::Alive) return whileAlive(facts);
    Outcome out;
    if (facts.end.seen) out = byEndFrame(facts.end);
    else if (fate.killedForMemory) out = failed(Cause::Memory, fate.detail);
    else if (!facts.claim || facts.claim->phase == "void") out = neverBegan(facts, fate);
    else if (facts.claim->phase == "ended") out = byExitCode(static_cast<int>(facts.claim->exitCode));
    else out = silent(facts, fate);
    if (!isFinal(out.state)) return out;
    const std::int64_t claimed = facts.claim && facts.claim->phase == "ended" ? facts.claim->endedUs : 0;
    for (const std::int64_t time : {facts.end.timeUs, claimed, fate.seenUs, facts.lastFrameUs})
        if (out.endedUs == 0) out.endedUs = time;
    return out;
}

}  // namespace

std::string signalName(int signal) {
    const char* name = ::sigabbrev_np(signal);
    return name ? std::string("SIG") + name : fmt::format("signal {}", signal);
}

Outcome decide(std::span<const AttemptFacts> ranks, const ProcessFate& fate) {
    const auto worse = [](const Outcome& a, const Outcome& b) {
        const auto weight = [](const Outcome& o) {
            return o.state == RunState::Failed      ? 3
                   : o.state == RunState::Cancelled ? 2
                   : o.state == RunState::Done      ? 0
                                                    : 1;
        };
        return weight(a) > weight(b);
    };
    Outcome out = decideOne(ranks.front(), fate);
    std::int64_t ended = out.endedUs;
    for (const AttemptFacts& facts : ranks.subspan(1)) {
        Outcome other = decideOne(facts, fate);
        ended = std::max(ended, other.endedUs);
        if (!worse(other, out)) continue;
        other.text = fmt::format("rank {}: {}", facts.rank, other.text);
        out = std::move(other);
    }
    if (isFinal(out.state)) out.endedUs = ended;
    return out;
}

}  // namespace dubito::run
