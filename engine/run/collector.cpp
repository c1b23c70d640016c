// Rows and cursor share a transaction, so ingestion can be killed anywhere and repeats or completes, never doubles.
#include "run/collector.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "run/checkpoint.h"
#include "store/queries.h"

namespace dubito::run {
namespace {

/// Errors of the file as a whole: trying the runs one by one would meet the same.
bool concernsTheFile(Code code) { return code == Code::Io || code == Code::Owned || code == Code::Limit; }

RunState liveState(const CollectedRun& run, const Follower& follower) {
    const auto& now = follower.mark();
    if (!now.began || isFinal(run.state) || run.state == RunState::Cancelling) return run.state;
    return now.isPaused ? RunState::Paused : RunState::Running;
}

}  // namespace

CollectedRun* Collector::find(std::int64_t runNo) {
    const auto found = m_runs.find(runNo);
    return found == m_runs.end() ? nullptr : &found->second;
}

Result<CollectedRun*> Collector::follow(std::int64_t runNo, RunId id, const JobDir& job, int attempt, RunState state) {
    std::vector<int> ranks{0};
    for (const auto& written : journal::listJournals(job.journal()))
        if (static_cast<int>(written.attempt) == attempt && written.rank != 0)
            ranks.push_back(static_cast<int>(written.rank));
    CollectedRun run{runNo, id, job, attempt, state, {}};
    for (const int rank : ranks) {
        DUBITO_TRY(auto follower, Follower::open(m_writer, runNo, id, job, attempt, rank));
        if (state == RunState::Paused) {
            Follower::Mark mark = follower->mark();
            mark.isPaused = true;
            follower->restore(mark);
        }
        run.ranks.push_back(std::move(follower));
    }
    return &(m_runs.insert_or_assign(runNo, std::move(run)).first->second);
}

Result<void> Collector::inBatch(const std::vector<CollectedRun*>& runs, const std::function<Result<void>()>& body) {
    std::vector<std::pair<RunState, std::vector<Follower::Mark>>> before;
    for (const CollectedRun* run : runs) {
        before.emplace_back(run->state, std::vector<Follower::Mark>());
        for (const auto& follower : run->ranks) before.back().second.push_back(follower->mark());
    }
    auto outcome = m_writer.inBatch(body);
    if (outcome) return outcome;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        runs[i]->state = before[i].first;
        for (std::size_t k = 0; k < runs[i]->ranks.size(); ++k) runs[i]->ranks[k]->restore(before[i].second[k]);
    }
    return outcome;
}

Result<std::uint64_t> Collector::ingest(CollectedRun& run, bool ended, std::uint64_t maxBytes, bool* more) {
    std::uint64_t frames = 0;
    if (more) *more = false;
    for (const auto& follower : run.ranks) {
        bool rest = false;
        auto taken = follower->ingest(ended, maxBytes, &rest);
        if (!taken) return std::move(taken).error().in("taking in run " + run.id.text());
        frames += *taken;
        if (more) *more |= rest;
        if (follower->rank() != 0 || *taken == 0) continue;
        const RunState now = liveState(run, *follower);
        if (now == run.state) continue;
        // A run whose first frame comes before the news of its start goes straight on; one being stopped stays so.
        run.state = now;
        store::RunStateChange change;
        change.state = static_cast<int>(now);
        change.startedUs = follower->mark().beganUs ? std::optional(follower->mark().beganUs) : std::nullopt;
        DUBITO_CHECK(m_writer.setState(run.runNo, change));
    }
    return frames;
}

Result<bool> Collector::ingestAlone(CollectedRun& run, std::uint64_t maxBytes) {
    std::uint64_t frames = 0;
    DUBITO_CHECK(inBatch({&run}, [&]() -> Result<void> {
        DUBITO_TRY(frames, ingest(run, false, maxBytes));
        return {};
    }));
    return frames > 0;
}

Result<std::vector<std::int64_t>> Collector::poll(std::uint64_t maxBytes) {
    std::vector<std::int64_t> changed;
    std::vector<CollectedRun*> started;  // thousands may wait for a slot, and have no journal to look at
    for (auto& [runNo, run] : m_runs)
        if (run.state != RunState::Queued) started.push_back(&run);
    if (started.empty()) return changed;
    auto together = inBatch(started, [&]() -> Result<void> {
        changed.clear();
        for (CollectedRun* run : started) {
            DUBITO_TRY(const std::uint64_t frames, ingest(*run, false, maxBytes));
            if (frames > 0) changed.push_back(run->runNo);
        }
        return {};
    });
    if (together) return changed;
    if (started.size() == 1 || concernsTheFile(together.error().code())) return std::move(together).error();
    changed.clear();
    Result<void> problem;
    for (CollectedRun* run : started) {
        auto alone = ingestAlone(*run, maxBytes);
        if (alone && *alone) changed.push_back(run->runNo);
        if (!alone && problem) problem = std::move(alone).error();
    }
    if (!problem && changed.empty()) return std::move(problem).error();
    if (!problem) logLine(LogLevel::Error, problem.error().text());
    return changed;
}

Result<Outcome> Collector::finish(std::int64_t runNo, const ProcessFate& fate) {
    CollectedRun* run = find(runNo);
    if (!run) return Error(Code::NotFound, fmt::format("run number {} is not followed", runNo));
    for (bool more = true; more;)
        DUBITO_CHECK(inBatch({run}, [&]() -> Result<void> {
            DUBITO_CHECK(ingest(*run, true, 16u << 20, &more));
            return {};
        }));
    Outcome outcome;
    DUBITO_CHECK(inBatch({run}, [&]() -> Result<void> {
        DUBITO_TRY(outcome, decideAndWrite(*run, fate));
        return {};
    }));
    m_writer.closeRun(runNo);
    m_runs.erase(runNo);
    return outcome;
}

Result<Outcome> Collector::decideAndWrite(CollectedRun& run, const ProcessFate& fate) {
    std::vector<AttemptFacts> facts;
    for (const auto& follower : run.ranks) facts.push_back(follower->facts());
    Outcome outcome = decide(facts, fate);
    if (isFinal(outcome.state) && outcome.endedUs == 0) {
        // Taken in by an earlier owner that never saw the end: the journal's last frame says when it was.
        outcome.endedUs = readFacts(run.job, run.attempt, 0).lastFrameUs;
        if (outcome.endedUs == 0) outcome.endedUs = fate.seenUs ? fate.seenUs : nowUs();
    }
    if (outcome.wantsHints) outcome.text += hints(run);
    DUBITO_CHECK(m_writer.sealRun(run.runNo));
    DUBITO_CHECK(listCheckpoints(run, outcome.endedUs ? outcome.endedUs : nowUs()));
    store::NewAttempt attempt;
    attempt.attempt = run.attempt;
    attempt.executor = "local";
    if (outcome.endedUs) attempt.endedUs = outcome.endedUs;
    const auto& claim = facts.front().claim;
    if (fate.exitCode >= 0) attempt.exitCode = fate.exitCode;
    else if (claim && claim->phase == "ended") attempt.exitCode = claim->exitCode;
    if (fate.signal > 0) attempt.signal = fate.signal;
    DUBITO_CHECK(m_writer.putAttempt(run.runNo, attempt));
    store::RunStateChange change;
    change.state = static_cast<int>(outcome.state);
    change.cause = static_cast<int>(outcome.cause);
    change.detail = outcome.text;
    change.clearDetail = outcome.text.empty();
    if (isFinal(outcome.state)) change.endedUs = outcome.endedUs;
    run.state = outcome.state;
    DUBITO_CHECK(m_writer.setState(run.runNo, change));
    return outcome;
}

Result<void> Collector::listCheckpoints(const CollectedRun& run, std::int64_t timeUs) {
    const auto present = CheckpointStore(run.job.root()).present();
    if (present.empty()) return {};
    DUBITO_TRY(const auto listed, store::queryCheckpoints(m_writer.database(), run.runNo));
    for (const CheckpointInfo& info : present) {
        const auto isIt = [&info](const store::CheckpointRow& row) { return row.step == info.step; };
        if (std::any_of(listed.begin(), listed.end(), isIt)) continue;
        DUBITO_CHECK(m_writer.addCheckpoint(run.runNo, run.attempt, info.step, info.manifestHash,
            static_cast<std::int64_t>(info.bytes), info.folder.filename().string(), timeUs));
    }
    return {};
}

std::string Collector::hints(const CollectedRun& run) {
    std::string out;
    if (auto err = readTail(run.job.log(run.attempt, "err"), 2000); err && !err->empty()) out += "\n" + *err;
    auto lines = m_writer.newestLog(run.runNo, run.attempt, 0, 10);
    if (lines && !lines->empty()) {
        out += "\nlast log lines:";
        for (const auto& line : *lines) out += "\n" + line;
    }
    return out;
}

Result<void> Collector::move(CollectedRun& run, RunState to) {
    if (run.state == to) return {};
    if (!isLegalMove(run.state, to)) {
        logLine(LogLevel::Error,
            fmt::format("run {}: refused to move from {} to {}", run.id.text(), stateName(run.state), stateName(to)));
        return {};
    }
    return inBatch({&run}, [&]() -> Result<void> {
        run.state = to;
        store::RunStateChange change;
        change.state = static_cast<int>(to);
        return m_writer.setState(run.runNo, change);
    });
}

}  // namespace dubito::run
