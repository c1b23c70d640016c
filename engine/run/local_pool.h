// Which queued runs may start on this machine: pure functions of the queue, of what runs and of what the machine has.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "run/run_spec.h"

namespace dubito::run {

/// What a run takes of the machine while it runs.
struct Demand {
    int threads = 1;
    std::int64_t memoryBytes = 0;  ///< anonymous memory that is kept free for it; 0: none is
    int gpus = 0;                  ///< whole ones
    bool exclusive = false;        ///< nothing but sessions beside it
    bool interactive = false;      ///< somebody waits for its answers: it is mostly idle and takes no thread
};

struct Capacity {
    int threads = 1;
    std::int64_t memoryBytes = 0;   ///< of all runs together; 0: not known, then memory is not reckoned
    std::vector<std::string> gpus;  ///< their names for CUDA_VISIBLE_DEVICES
};

struct QueuedItem {
    std::int64_t runNo = 0;
    Demand demand;
};
struct Verdict {
    bool starts = false;
    std::string waitsFor;  ///< one sentence for people; empty when it starts
};

/// The rule, in the order of the queue, sessions before all others:
/// - A demand above what the machine has counts as all of it, so that a run goes at the latest when nothing else runs.
/// - A run that fits into what is free starts. One that does not sets aside what is free of everything it needs, and
///   later ones start only with the rest. So nobody delays a run that came before, a large one is never starved, and a
///   run on a GPU does not keep the processor idle while it waits for its GPU.
/// - A session takes no thread, so it starts at once unless its memory or its GPU is taken.
/// - A paused queue holds back everything but sessions.
/// `running` reckons with what each run asked for or what it uses, whichever is more. One verdict an item. [any]
std::vector<Verdict> judge(std::span<const QueuedItem> queue, std::span<const QueuedItem> running,
    const Capacity& capacity, bool isPaused = false);
/// Indices of the items that start, ascending.
std::vector<std::size_t> pick(std::span<const QueuedItem> queue, std::span<const QueuedItem> running,
    const Capacity& capacity, bool isPaused = false);

/// Anonymous memory of one running worker, in bytes.
struct MemoryUse {
    std::int64_t asked = 0, used = 0;
    bool isEnding = false;  ///< told to end for its memory, not gone yet
};
/// The limit of a run: it may use more than it asked for as long as all runs together stay within the pool. When they do
/// not, the one furthest above what it asked for is ended. @return its index; nothing while one is on its way out
std::optional<std::size_t> overdrawn(std::span<const MemoryUse> running, const Capacity& capacity);

/// Threads (0: all cores); seven eighths of the memory of the machine, or of this process's control group when that is
/// less; the GPUs whose device nodes are here. Opens no device.
Capacity machineCapacity(int threads = 0);
/// `visible`: what CUDA_VISIBLE_DEVICES says, null when it is not set.
std::vector<std::string> gpuNames(int deviceNodes, const char* visible);

/// What a run of the spec takes: threads of the spec, at most what the plugin can use; one GPU with device cuda; memory
/// as the plugin's manifest says. When that says nothing: an eighth of the pool for a session, else half of its share by
/// threads, so that half of the machine stays for sessions and for what turns out larger.
Demand demandOf(const RunSpec& spec, const DemandDescription& plugin, const Capacity& capacity);

/// "3.1 GiB", "512 MiB"
std::string memoryText(std::int64_t bytes);

}  // namespace dubito::run
