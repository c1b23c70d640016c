// The order is a list of ids: numbers of runs mean nothing in another file.
#include "run/queue_order.h"

#include <algorithm>
#include <map>

#include "base/log.h"
#include "run/origin.h"
#include "run/run_service.h"

namespace dubito::run {
namespace {

constexpr const char* kSetting = "queue";
constexpr std::size_t kMostEntries = 1'000'000;

bool isQueued(const store::RunRow& row) { return row.state == static_cast<int>(RunState::Queued); }

/// As recorded when the run was made; older programs did not.
Demand demandIn(const JobDir& job, const Capacity& capacity) {
    if (const auto placement = job.readPlacement(); placement && placement->demand) return *placement->demand;
    const auto spec = job.readSpec();
    return spec ? demandOf(*spec, {}, capacity) : Demand();
}

}  // namespace

Result<StoredQueue> readQueue(store::Database& db) {
    DUBITO_TRY(const Json json, store::querySetting(db, kSetting));
    StoredQueue out;
    out.isPaused = boolOr(json, "paused", false);
    const Json& order = memberOf(json, "order");
    if (!order.is_array()) return out;
    for (const Json& entry : order) {
        if (!entry.is_string() || out.order.size() == kMostEntries) continue;
        if (const auto id = parseUuid(entry.get<std::string>())) out.order.push_back(*id);
    }
    return out;
}

Result<void> writeQueue(store::ProjectWriter& writer, const StoredQueue& queue) {
    Json order = Json::array();
    for (const RunId& id : queue.order) order.push_back(id.text());
    const Json json = {{"paused", queue.isPaused}, {"order", order}};
    return writer.keepSettings({std::pair<std::string, Json>(kSetting, json)});
}

void sortQueue(std::vector<store::RunRow>& runs, const StoredQueue& queue) {
    std::map<std::string, std::size_t> places;
    for (const RunId& id : queue.order) places.emplace(id.text(), places.size());
    const auto placeOf = [&](const store::RunRow& row) {
        const auto found = places.find(row.id.text());
        return std::pair(found == places.end() ? places.size() : found->second, row.runNo);
    };
    std::sort(runs.begin(), runs.end(),
        [&](const store::RunRow& a, const store::RunRow& b) { return placeOf(a) < placeOf(b); });
}

Result<QueueView> viewQueue(store::Database& db, const Capacity& capacity) {
    DUBITO_TRY(const StoredQueue stored, readQueue(db));
    DUBITO_TRY(auto meta, store::queryMeta(db));
    store::RunQuery query;
    query.limit = static_cast<std::int64_t>(kMostEntries);
    query.where = "state < done";
    query.includeDeleted = true;
    DUBITO_TRY(auto runs, store::queryRuns(db, query));
    sortQueue(runs, stored);
    QueueView out;
    out.isPaused = stored.isPaused;
    std::vector<QueuedItem> queue, running;
    for (store::RunRow& row : runs) {
        DUBITO_TRY(const auto attempts, store::queryAttempts(db, row.runNo));
        // A run that is computed elsewhere takes nothing of this machine.
        if (attempts.empty() || attempts.back().jobDir.empty()) continue;
        const auto job = ownFolder(meta["project_id"], row, attempts.back().jobDir);
        if (!job) continue;
        (isQueued(row) ? queue : running).push_back({row.runNo, demandIn(*job, capacity)});
        if (isQueued(row)) out.runs.push_back(std::move(row));
    }
    const auto verdicts = judge(queue, running, capacity, stored.isPaused);
    for (std::size_t i = 0; i < queue.size(); ++i)
        out.waiting.push_back({queue[i].runNo, out.runs[i].name(), queue[i].demand, verdicts[i].waitsFor});
    return out;
}

// --- the owner's side ----------------------------------------------------------------------------------------------

Demand RunService::demandOfJob(const JobDir& job) const { return demandIn(job, m_queue->capacity()); }

void RunService::enqueue(LaunchRequest request) {
    m_queue->submit(std::move(request));
    keepQueue();  // not in the order in which the runs were made
}

/// Whatever the queue is when the write has its turn: the last of several wins.
void RunService::keepQueue() {
    post([this](store::ProjectWriter& writer) {
        auto written = writeQueue(writer, {m_queue->isPaused(), m_queue->order()});
        if (!written) logLine(LogLevel::Warn, "the order of the queue was not kept: " + written.error().text());
        tell({RunEvent::Kind::Committed, 0, RunState::Queued, {}});
    });
}

Result<void> RunService::moveInQueue(std::int64_t runNo, std::size_t position) {
    DUBITO_CHECK(m_queue->move(runNo, position));
    keepQueue();
    return {};
}

void RunService::setQueuePaused(bool isPaused) {
    m_queue->setPaused(isPaused);
    keepQueue();
}

}  // namespace dubito::run
