// What a new machine may lack, found without loading any of it.
#include "cli/system_check.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "host/catalogue.h"
#include "run/run_spec.h"
#include "run/supervisor.h"
#include "store/database.h"

namespace dubito::cli {

std::vector<SystemCheckLine> checkSystem() {
    std::vector<SystemCheckLine> lines;
    std::error_code error;
    std::string features = "SSE2";
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) features = "AVX2";
    if (__builtin_cpu_supports("avx512f")) features = "AVX-512";
#endif
    lines.push_back({"CPU", fmt::format("{} cores, {}", std::thread::hardware_concurrency(), features), ""});
    if (auto text = readFile("/proc/meminfo", 1 << 16)) {
        const auto at = text->find("MemAvailable:");
        const long long mib = at == std::string::npos ? 0 : std::atoll(text->c_str() + at + 13) / 1024;
        lines.push_back({"memory", fmt::format("{} MiB available", mib), mib < 2048 ? "language models need about 2 GiB; close other programs" : ""});
    }
    lines.push_back({"GPU", run::hasCudaDevice() ? "NVIDIA device present" : "CPU only", ""});
    const fs::path deps(DUBITO_DEPS_DIR);
    const bool torch = fs::exists(deps / "torch/lib/libtorch_cpu.so", error);
    lines.push_back({"LibTorch", torch ? "found" : "missing", torch ? "" : "run packaging/setup"});
    bool mujoco = false;
    for (fs::directory_iterator it(deps / "mujoco", error), none; !error && it != none; it.increment(error)) mujoco |= it->path().filename().string().starts_with("libmujoco");
    lines.push_back({"MuJoCo", mujoco ? "found" : "missing", mujoco ? "" : "run packaging/setup"});
    auto worker = run::findWorker();
    bool starts = false;
    if (worker) starts = std::system((worker->string() + " --version >/dev/null 2>&1").c_str()) == 0;
    lines.push_back({"worker", starts ? "starts" : "does not start", starts ? "" : worker ? "run it by hand: " + worker->string() + " --version" : worker.error().text()});
    int healthy = 0, refused = 0;
    const host::Catalogue catalogue = host::Catalogue::scan();
    for (const auto& entry : catalogue.entries()) ++(entry.plugin ? healthy : refused);
    lines.push_back({"plugins", fmt::format("{} found, {} refused", healthy, refused), healthy ? refused ? "dubito plugins list says why" : "" : "build them, or set DUBITO_PLUGIN_PATH"});
    const fs::path model = run::packagedModel();
    lines.push_back({"default model", model.empty() ? "missing" : model.filename().string(), model.empty() ? "run packaging/setup" : ""});
    const auto free = freeBytes(dataHome().parent_path()) >> 20;
    lines.push_back({"disk", fmt::format("{} MiB free for runs", free), free < 2048 ? "less than 2 GiB: runs may be refused" : ""});
    const char* display = std::getenv("WAYLAND_DISPLAY") ? "Wayland" : std::getenv("DISPLAY") ? "X11" : nullptr;
    lines.push_back({"display", display ? display : "none", display ? "" : "the desktop needs one; the command line does not"});
    lines.push_back({"SQLite", store::sqliteVersion(), ""});
    return lines;
}

}  // namespace dubito::cli
