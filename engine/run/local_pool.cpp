// One walk along the queue; what is free and what is not yet set aside are kept apart.
#include "run/local_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <thread>

#include "base/files.h"

namespace dubito::run {
namespace {

/// An amount of everything that is reckoned.
struct Room {
    std::int64_t threads = 0, memory = 0, gpus = 0;
    bool holds(const Room& need) const { return need.threads <= threads && need.memory <= memory && need.gpus <= gpus; }
    /// Never below nothing: adopted runs may take more than there is.
    void take(const Room& need) {
        threads = std::max<std::int64_t>(0, threads - need.threads);
        memory = std::max<std::int64_t>(0, memory - need.memory);
        gpus = std::max<std::int64_t>(0, gpus - need.gpus);
    }
};

Room all(const Capacity& capacity) {
    return {capacity.threads, capacity.memoryBytes, static_cast<std::int64_t>(capacity.gpus.size())};
}

Room needOf(const Demand& demand, const Capacity& capacity) {
    const Room most = all(capacity);
    Room need;
    need.threads = demand.interactive ? 0
                   : demand.exclusive ? most.threads
                                      : std::clamp<std::int64_t>(demand.threads, 1, std::max(1, capacity.threads));
    need.memory = std::clamp<std::int64_t>(demand.memoryBytes, 0, most.memory);
    need.gpus = std::clamp<std::int64_t>(demand.gpus, 0, most.gpus);
    return need;
}

/// "run 3, run 4 and 2 more"
std::string namesOf(const std::vector<std::int64_t>& runs) {
    constexpr std::size_t kMost = 3;
    std::string out;
    for (std::size_t i = 0; i < std::min(kMost, runs.size()); ++i)
        out += fmt::format("{}run {}", i == 0 ? "" : i + 1 == runs.size() ? " and " : ", ", runs[i]);
    if (runs.size() > kMost) out += fmt::format(" and {} more", runs.size() - kMost);
    return out;
}

struct Walk {
    const Capacity& capacity;
    Room free, open;  ///< what no run has; what of it no earlier item has set aside
    std::vector<QueuedItem> taken;
    std::vector<std::int64_t> waiting;  ///< items before that set something aside

    std::vector<std::int64_t> takers(std::int64_t Room::*what) const {
        std::vector<std::int64_t> out;
        for (const QueuedItem& item : taken)
            if (needOf(item.demand, capacity).*what > 0) out.push_back(item.runNo);
        return out;
    }
    std::string whyNot(const Room& need) const {
        std::vector<std::string> parts;
        const Room most = all(capacity);
        if (need.threads > free.threads)
            parts.push_back(fmt::format("{} of {} threads are taken by {}", most.threads - free.threads, most.threads,
                namesOf(takers(&Room::threads))));
        if (need.gpus > free.gpus)
            parts.push_back(fmt::format("{} of {} GPUs {} taken by {}", most.gpus - free.gpus, most.gpus,
                most.gpus - free.gpus == 1 ? "is" : "are", namesOf(takers(&Room::gpus))));
        if (need.memory > free.memory)
            parts.push_back(fmt::format("memory: it needs {}, {} of {} are free", memoryText(need.memory),
                memoryText(free.memory), memoryText(most.memory)));
        if (parts.empty()) return fmt::format("its turn comes after {}", namesOf(waiting));
        return fmt::format("{}", fmt::join(parts, "; "));
    }
    Verdict look(const QueuedItem& item) {
        const Room need = needOf(item.demand, capacity);
        if (open.holds(need)) {
            free.take(need);
            open.take(need);
            taken.push_back(item);
            return {true, {}};
        }
        Verdict out{false, whyNot(need)};
        open.take(need);
        waiting.push_back(item.runNo);
        return out;
    }
};

/// 0 when the kernel says nothing or sets no limit.
std::int64_t controlGroupLimit() {
    const auto text = readFile("/sys/fs/cgroup/memory.max", 64);
    return text ? std::max(0LL, std::atoll(text->c_str())) : 0;  // "max" reads as 0
}

std::int64_t machineMemory() {
    const auto text = readFile("/proc/meminfo", 1 << 16);
    const auto at = text ? text->find("MemTotal:") : std::string::npos;
    const std::int64_t total = at == std::string::npos ? 0 : std::atoll(text->c_str() + at + 9) * 1024;
    const std::int64_t group = controlGroupLimit();
    return group > 0 && (total == 0 || group < total) ? group : total;
}

int gpuNodes() {
    const auto entries = listFolder("/dev");
    if (!entries) return 0;
    return static_cast<int>(std::count_if(entries->begin(), entries->end(), [](const fs::path& path) {
        const std::string name = path.filename().string();
        return name.size() > 6 && name.starts_with("nvidia") &&
               name.find_first_not_of("0123456789", 6) == std::string::npos;
    }));
}

}  // namespace

std::vector<Verdict> judge(
    std::span<const QueuedItem> queue, std::span<const QueuedItem> running, const Capacity& capacity, bool isPaused) {
    Walk walk{capacity, all(capacity), {}, {running.begin(), running.end()}, {}};
    for (const QueuedItem& item : running) walk.free.take(needOf(item.demand, capacity));
    walk.open = walk.free;
    std::vector<std::size_t> order(queue.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_partition(order.begin(), order.end(), [&](std::size_t i) { return queue[i].demand.interactive; });
    std::vector<Verdict> out(queue.size());
    for (const std::size_t i : order)
        out[i] = isPaused && !queue[i].demand.interactive ? Verdict{false, "the queue is paused"} : walk.look(queue[i]);
    return out;
}

std::vector<std::size_t> pick(
    std::span<const QueuedItem> queue, std::span<const QueuedItem> running, const Capacity& capacity, bool isPaused) {
    const auto verdicts = judge(queue, running, capacity, isPaused);
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < verdicts.size(); ++i)
        if (verdicts[i].starts) out.push_back(i);
    return out;
}

std::optional<std::size_t> overdrawn(std::span<const MemoryUse> running, const Capacity& capacity) {
    std::int64_t used = 0;
    std::optional<std::size_t> worst;
    for (std::size_t i = 0; i < running.size(); ++i) {
        if (running[i].isEnding) return std::nullopt;
        used += running[i].used;
        const auto above = [&](std::size_t at) { return running[at].used - running[at].asked; };
        if (!worst || above(i) > above(*worst)) worst = i;
    }
    return capacity.memoryBytes > 0 && used > capacity.memoryBytes ? worst : std::nullopt;
}

Capacity machineCapacity(int threads) {
    Capacity out;
    out.threads = threads > 0 ? threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    // An eighth of the machine is left to everybody else.
    out.memoryBytes = machineMemory() / 8 * 7;
    out.gpus = gpuNames(gpuNodes(), std::getenv("CUDA_VISIBLE_DEVICES"));
    return out;
}

std::vector<std::string> gpuNames(int deviceNodes, const char* visible) {
    std::vector<std::string> out;
    if (deviceNodes <= 0) return out;
    if (!visible) {
        for (int i = 0; i < deviceNodes; ++i) out.push_back(std::to_string(i));
        return out;
    }
    // As CUDA reads it: the list ends at the first entry that names no device.
    for (std::string_view rest(visible); !rest.empty();) {
        const auto end = std::min(rest.find(','), rest.size());
        const std::string_view name = rest.substr(0, end);
        if (name.empty() || name.starts_with("-")) break;
        out.emplace_back(name);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
}

Demand demandOf(const RunSpec& spec, const DemandDescription& plugin, const Capacity& capacity) {
    Demand out;
    out.interactive = spec.isSession();
    out.threads = plugin.threads > 0 ? std::min(plugin.threads, spec.threads()) : spec.threads();
    out.gpus = spec.device() == "cuda" ? 1 : 0;
    out.memoryBytes = plugin.memoryBytes;
    if (plugin.memoryFromInput)
        for (const Json& model : memberOf(spec.json(), "models")) {
            const std::int64_t bytes = integerOr(model, "bytes", 0);
            if (bytes > 0 && bytes < INT64_MAX - out.memoryBytes) out.memoryBytes += bytes;
        }
    if (out.memoryBytes > 0) return out;
    const int share = std::clamp(out.threads, 1, std::max(1, capacity.threads));
    out.memoryBytes =
        out.interactive ? capacity.memoryBytes / 8 : capacity.memoryBytes / (2 * std::max(1, capacity.threads)) * share;
    return out;
}

std::string memoryText(std::int64_t bytes) {
    if (bytes < (std::int64_t{1} << 30)) return fmt::format("{} MiB", bytes >> 20);
    return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1 << 30));
}

}  // namespace dubito::run
