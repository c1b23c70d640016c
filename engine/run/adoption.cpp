// Runs that an earlier owner left: what became of each follows from its job folder.
#include <fmt/format.h>

#include "base/log.h"
#include "run/origin.h"
#include "run/queue_order.h"
#include "run/run_service.h"
#include "store/queries.h"

namespace dubito::run {
bool RunService::belongsHere(const store::RunRow& row, const JobDir& job) {
    return originalOf(row, job, m_writer->inode()).empty();
}

void RunService::leave(const store::RunRow& row, const std::string& why) {
    store::RunStateChange change;
    change.state = static_cast<int>(RunState::Failed);
    change.cause = static_cast<int>(Cause::Lost);
    change.detail = why + ". 'dubito collect' takes in what it recorded";
    if (auto written = m_writer->setState(row.runNo, change); !written) return noteWriting(written);
    tell({RunEvent::Kind::State, row.runNo, RunState::Failed, change.detail});
}

void RunService::adopt(const store::RunRow& row) {
    auto attempts = store::queryAttempts(m_writer->database(), row.runNo);
    // Taken in from a folder of another machine: nothing to do until it is taken in again.
    if (!attempts || attempts->empty() || attempts->back().jobDir.empty()) return;
    const int attempt = static_cast<int>(attempts->back().attempt);
    const auto own = ownFolder(m_writer->projectId(), row, attempts->back().jobDir);
    if (!own) return leave(row, "its job folder is not among this account's");
    const JobDir& job = *own;
    if (const std::string original = originalOf(row, job, m_writer->inode()); !original.empty())
        return leave(
            row, fmt::format(
                     "this file is a copy that was made while the run was going on; the run belongs to {}", original));
    if (static_cast<std::uint64_t>(row.inode) != m_writer->inode())
        if (auto moved = m_writer->setInode(row.runNo); !moved) logLine(LogLevel::Warn, moved.error().text());
    auto followed = m_collector->follow(row.runNo, row.id, job, attempt, static_cast<RunState>(row.state));
    if (!followed) return noteWriting(std::move(followed).error());
    LaunchRequest request;
    request.runNo = row.runNo;
    request.id = row.id;
    request.name = row.name();
    request.jobDir = job.root();
    request.attempt = attempt;
    request.reason = "again";
    if (auto spec = job.readSpec()) {
        request.threads = spec->threads();
        request.demand = demandOfJob(job);
    }
    if (auto placement = job.readPlacement()) request.memoryBytes = placement->memoryBytes;
    const AttemptFacts facts = readFolderFacts(job, attempt, 0);
    if (facts.launch) {
        request.controlFrom = facts.launch->controlFrom;
        request.gpus = facts.launch->gpus;
    }
    if (facts.claim && facts.claim->phase == "running" && isElsewhere(*facts.claim))
        return onStarted(row.runNo, attempt);  // followed, never judged from here
    if (facts.claim && isAlive(*facts.claim)) {
        m_queue->adopt(std::move(request), facts.claim->pid, facts.claim->startTicks);
        return onStarted(row.runNo, attempt);
    }
    if (facts.claim || facts.cancelAsked) {
        ++m_unsettled;
        m_ended.push_back({row.runNo, attempt, {}});
        return;
    }
    // Meant to be started, and its process may be on its way to the claim. Should that be a mistake and two start: the
    // claim lets one of them compute.
    if (facts.launch && facts.launch->pid > 1 && isProcess(facts.launch->pid, facts.launch->startTicks)) {
        m_queue->adopt(std::move(request), facts.launch->pid, facts.launch->startTicks);
        return onStarted(row.runNo, attempt);
    }
    m_queue->submit(std::move(request));
}

void RunService::adoptRuns() {
    store::RunQuery query;
    query.limit = 1'000'000;
    query.where = "state < done";
    query.includeDeleted = true;
    auto runs = store::queryRuns(m_writer->database(), query);
    if (!runs) return noteWriting(std::move(runs).error());
    const auto stored = readQueue(m_writer->database());
    if (!stored) logLine(LogLevel::Warn, stored.error().text());
    else sortQueue(*runs, *stored);
    for (const store::RunRow& row : *runs) adopt(row);
    settle();
    tell({RunEvent::Kind::Committed, 0, RunState::Queued, {}});
}

}  // namespace dubito::run
