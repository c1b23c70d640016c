// Decisions are local_pool's; here is only when they are asked for.
#include "run/run_queue.h"

#include <fmt/format.h>

#include <algorithm>

namespace dubito::run {

RunQueue::RunQueue(fs::path worker, Capacity capacity, Supervisor::Callbacks callbacks, Supervisor::Ladder ladder)
    : m_capacity(std::move(capacity)), m_callbacks(std::move(callbacks)),
      m_supervisor(std::move(worker),
          {.started = m_callbacks.started,
              .ended = [this](const ExitReport& report) { onEnded(report); },
              .looked = [this] { look(); }},
          ladder) {}

void RunQueue::submit(LaunchRequest request) {
    {
        std::lock_guard lock(m_mutex);
        if (request.reason == "requeue") m_waiting.push_front(std::move(request));
        else m_waiting.push_back(std::move(request));
    }
    schedule();
}

void RunQueue::adopt(LaunchRequest request, std::int64_t pid, std::int64_t startTicks) {
    {
        std::lock_guard lock(m_mutex);
        m_running[request.runNo] = {request.attempt, request.demand, request.gpus};
    }
    m_supervisor.adopt(std::move(request), pid, startTicks);
}

void RunQueue::cancel(std::int64_t runNo, bool kill) {
    std::optional<ExitReport> ended;
    {
        std::lock_guard lock(m_mutex);
        const auto found = std::find_if(m_waiting.begin(), m_waiting.end(),
            [runNo](const LaunchRequest& request) { return request.runNo == runNo; });
        if (found != m_waiting.end()) {
            ended = ExitReport{found->runNo, found->attempt, {}};
            m_waiting.erase(found);
        }
    }
    if (ended) m_callbacks.ended(*ended);
    else m_supervisor.cancel(runNo, kill);
    schedule();
}

int RunQueue::live() const {
    std::lock_guard lock(m_mutex);
    return static_cast<int>(m_waiting.size() + m_running.size());
}

void RunQueue::stop() {
    {
        std::lock_guard lock(m_mutex);
        m_isStopped = true;
    }
    m_supervisor.stop();
}

std::vector<QueuedRun> RunQueue::waiting() const {
    std::lock_guard lock(m_mutex);
    const auto items = waitingItems(), running = runningItems();
    const auto verdicts = judge(items, running, m_capacity, m_isPaused);
    std::vector<QueuedRun> out;
    for (std::size_t i = 0; i < items.size(); ++i)
        out.push_back({items[i].runNo, m_waiting[i].name, items[i].demand, verdicts[i].waitsFor});
    return out;
}

std::vector<RunId> RunQueue::order() const {
    std::lock_guard lock(m_mutex);
    std::vector<RunId> out;
    for (const LaunchRequest& request : m_waiting) out.push_back(request.id);
    return out;
}

Result<void> RunQueue::move(std::int64_t runNo, std::size_t position) {
    {
        std::lock_guard lock(m_mutex);
        const auto found = std::find_if(m_waiting.begin(), m_waiting.end(),
            [runNo](const LaunchRequest& request) { return request.runNo == runNo; });
        if (found == m_waiting.end())
            return Error(Code::NotFound, fmt::format("run {} does not wait in the queue", runNo));
        LaunchRequest request = std::move(*found);
        m_waiting.erase(found);
        const auto at = static_cast<std::ptrdiff_t>(std::min(position, m_waiting.size()));
        m_waiting.insert(m_waiting.begin() + at, std::move(request));
    }
    schedule();
    return {};
}

void RunQueue::setPaused(bool isPaused) {
    {
        std::lock_guard lock(m_mutex);
        m_isPaused = isPaused;
    }
    schedule();
}

bool RunQueue::isPaused() const {
    std::lock_guard lock(m_mutex);
    return m_isPaused;
}

std::vector<QueuedItem> RunQueue::waitingItems() const {
    std::vector<QueuedItem> out;
    for (const LaunchRequest& request : m_waiting) out.push_back({request.runNo, request.demand});
    return out;
}

std::vector<QueuedItem> RunQueue::runningItems() const {
    std::vector<QueuedItem> out;
    for (const auto& [runNo, running] : m_running) {
        out.push_back({runNo, running.demand});
        Demand& demand = out.back().demand;
        demand.memoryBytes = std::max(demand.memoryBytes, running.usedBytes);
    }
    return out;
}

std::vector<std::string> RunQueue::freeGpus(int count) const {
    std::vector<std::string> out;
    for (const std::string& name : m_capacity.gpus) {
        const bool isHeld = std::any_of(m_running.begin(), m_running.end(), [&](const auto& running) {
            const auto& held = running.second.gpus;
            return std::find(held.begin(), held.end(), name) != held.end();
        });
        if (!isHeld && std::cmp_less(out.size(), count)) out.push_back(name);
    }
    return out;
}

void RunQueue::schedule() {
    std::lock_guard lock(m_mutex);
    if (m_waiting.empty() || m_isStopped) return;
    const auto starting = pick(waitingItems(), runningItems(), m_capacity, m_isPaused);
    for (const std::size_t i : starting) {
        LaunchRequest& request = m_waiting[i];
        request.gpus = freeGpus(request.demand.gpus);
        m_running[request.runNo] = {request.attempt, request.demand, request.gpus};
        m_supervisor.start(request);
    }
    for (auto it = starting.rbegin(); it != starting.rend(); ++it)
        m_waiting.erase(m_waiting.begin() + static_cast<std::ptrdiff_t>(*it));
}

/// Runs that another process asked to end before they started.
void RunQueue::dropCancelled() {
    if (std::chrono::steady_clock::now() - m_marksLookedAt < std::chrono::seconds(1)) return;
    m_marksLookedAt = std::chrono::steady_clock::now();
    std::vector<std::pair<ExitReport, fs::path>> marks;
    {
        std::lock_guard lock(m_mutex);
        for (const LaunchRequest& request : m_waiting)
            marks.push_back({{request.runNo, request.attempt, {}}, JobDir(request.jobDir).cancelMark(request.attempt)});
    }
    // The disk is asked under no lock: a long queue on a slow one would hold up whoever wants to see the queue.
    std::error_code error;
    std::erase_if(marks, [&](const auto& mark) { return !fs::exists(mark.second, error); });
    for (const auto& [report, mark] : marks) {
        {
            std::lock_guard lock(m_mutex);
            const auto isMeant = [&](const LaunchRequest& request) {
                return request.runNo == report.runNo && request.attempt == report.attempt;
            };
            if (std::erase_if(m_waiting, isMeant) == 0) continue;  // started or cancelled meanwhile
        }
        m_callbacks.ended(report);
    }
}

void RunQueue::watchMemory() {
    const auto inUse = m_supervisor.memoryInUse();
    std::lock_guard lock(m_mutex);
    std::vector<MemoryUse> uses;
    std::vector<std::int64_t> runs;
    std::int64_t total = 0;
    for (auto& [runNo, running] : m_running) {
        const auto found = inUse.find(runNo);
        running.usedBytes = found == inUse.end() ? 0 : found->second.bytes;
        if (found == inUse.end()) continue;  // about to have a process, or just without one: nothing to end
        total += running.usedBytes;
        uses.push_back({running.demand.memoryBytes, running.usedBytes, found->second.isEnding});
        runs.push_back(runNo);
    }
    const auto worst = overdrawn(uses, m_capacity);
    if (!worst) return;
    std::string why = fmt::format("memory: {} used, {} of {} by this run, which had asked for {}", memoryText(total),
        memoryText(uses[*worst].used), memoryText(m_capacity.memoryBytes), memoryText(uses[*worst].asked));
    if (runs.size() == 1)
        why = fmt::format("memory: {} MiB of {} MiB allowed", uses[*worst].used >> 20, m_capacity.memoryBytes >> 20);
    m_supervisor.endForMemory(runs[*worst], std::move(why));
}

void RunQueue::look() {
    dropCancelled();
    watchMemory();
    schedule();
}

void RunQueue::onEnded(const ExitReport& report) {
    m_callbacks.ended(report);
    {
        std::lock_guard lock(m_mutex);
        // A later attempt may run already: whoever heard of this end has started it.
        if (const auto found = m_running.find(report.runNo);
            found != m_running.end() && found->second.attempt == report.attempt)
            m_running.erase(found);
    }
    schedule();
}

}  // namespace dubito::run
