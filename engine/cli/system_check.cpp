// What a new machine may lack, found as a run would find it: by a worker.
#include "cli/system_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "host/catalogue.h"
#include "host/probe.h"
#include "run/run_spec.h"
#include "run/supervisor.h"
#include "store/database.h"

namespace dubito::cli {
namespace {

SystemCheckLine cpuLine() {
    std::string features = "SSE2";
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) features = "AVX2";
    if (__builtin_cpu_supports("avx512f")) features = "AVX-512";
#endif
    return {"CPU", fmt::format("{} cores, {}", std::thread::hardware_concurrency(), features), ""};
}

std::optional<SystemCheckLine> memoryLine() {
    const auto text = readFile("/proc/meminfo", 1 << 16);
    if (!text) return std::nullopt;
    const auto at = text->find("MemAvailable:");
    const long long mib = at == std::string::npos ? 0 : std::atoll(text->c_str() + at + 13) / 1024;
    const char* remedy = mib < 2048 ? "language models need about 2 GiB; close other programs" : "";
    return SystemCheckLine{"memory", fmt::format("{} available", run::memoryText(mib << 20)), remedy};
}

SystemCheckLine gpuLine() {
    const std::size_t gpus = run::machineCapacity().gpus.size();
    return {"GPU", gpus == 0 ? "CPU only" : fmt::format("{} NVIDIA device{}", gpus, gpus == 1 ? "" : "s"), ""};
}

SystemCheckLine workerLine(const Result<fs::path>& worker) {
    if (!worker) return {"worker", "does not start", worker.error().text(), true};
    if (host::askWorker(*worker, {"--version"}, 30).exitCode == 0) return {"worker", "starts", ""};
    return {"worker", "does not start", "run it by hand: " + worker->string() + " --version", true};
}

SystemCheckLine pluginLine(const host::Catalogue& catalogue) {
    const auto healthy = std::count_if(catalogue.entries().begin(), catalogue.entries().end(),
        [](const host::CatalogueEntry& entry) { return entry.plugin.has_value(); });
    const auto refused = static_cast<std::ptrdiff_t>(catalogue.entries().size()) - healthy;
    const char* remedy = healthy == 0 ? "build them, or set DUBITO_PLUGIN_PATH"
                         : refused    ? "dubito plugins list says why"
                                      : "";
    return {"plugins", fmt::format("{} found, {} refused", healthy, refused), remedy, healthy == 0};
}

/// Whether a worker can load each library that came with these programs, LibTorch and all.
std::vector<SystemCheckLine> loadLines(const host::Catalogue& catalogue, const fs::path& worker) {
    std::vector<SystemCheckLine> out;
    std::vector<fs::path> seen;
    for (const auto& entry : catalogue.entries()) {
        if (!entry.plugin || !entry.isOurs || std::find(seen.begin(), seen.end(), entry.folder) != seen.end()) continue;
        seen.push_back(entry.folder);
        const std::string why = host::whyNotLoaded(worker, entry.folder);
        out.push_back({entry.plugin->library, why.empty() ? "loads" : "does not load", why, !why.empty()});
    }
    return out;
}

SystemCheckLine modelLine() {
    const fs::path model = run::packagedModel();
    if (model.empty()) return {"default model", "missing", "run packaging/setup, or name a model file of your own"};
    return {"default model", model.filename().string(), ""};
}

SystemCheckLine diskLine() {
    const auto free = static_cast<std::int64_t>(freeBytes(dataHome().parent_path()));
    const char* remedy = free < (2ll << 30) ? "less than 2 GiB: runs may be refused" : "";
    return {"disk", fmt::format("{} free for runs", run::memoryText(free)), remedy};
}

}  // namespace

std::vector<SystemCheckLine> checkSystem() {
    std::vector<SystemCheckLine> lines = {cpuLine()};
    if (auto memory = memoryLine()) lines.push_back(*memory);
    lines.push_back(gpuLine());
    const auto worker = run::findWorker();
    lines.push_back(workerLine(worker));
    const host::Catalogue catalogue = host::Catalogue::scan();
    lines.push_back(pluginLine(catalogue));
    if (!lines[lines.size() - 2].isWrong)
        for (auto& line : loadLines(catalogue, *worker)) lines.push_back(std::move(line));
    lines.push_back(modelLine());
    lines.push_back(diskLine());
    const char* display = environmentValue("WAYLAND_DISPLAY") ? "Wayland"
                          : environmentValue("DISPLAY")       ? "X11"
                                                              : nullptr;
    const char* remedy = display ? "" : "the desktop needs one; the command line does not";
    lines.push_back({"display", display ? display : "none", remedy});
    lines.push_back({"SQLite", store::sqliteVersion(), ""});
    return lines;
}

}  // namespace dubito::cli
