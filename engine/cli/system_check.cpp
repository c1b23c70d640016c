// What a new machine may lack, found without loading any of it.
#include "cli/system_check.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <thread>

#include "host/catalogue.h"
#include "run/run_spec.h"
#include "run/supervisor.h"
#include "store/database.h"

namespace dubito::cli {
namespace {

/// Exit status of an ended child; empty when it is not over after 10 s (it is killed) or cannot be waited for.
std::optional<int> statusOf(pid_t child) {
    for (int waitedMs = 0;; waitedMs += 5) {
        int status = 0;
        const pid_t ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child) return status;
        if (ended < 0 && errno != EINTR) return std::nullopt;
        if (waitedMs == 10'000) ::kill(child, SIGKILL);
        if (waitedMs > 20'000) return std::nullopt;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

/// Whether the program says its version, in silence.
bool starts(const fs::path& program) {
    posix_spawn_file_actions_t quiet;
    ::posix_spawn_file_actions_init(&quiet);
    ::posix_spawn_file_actions_addopen(&quiet, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
        ::posix_spawn_file_actions_addopen(&quiet, stream, "/dev/null", O_WRONLY, 0);
    std::string name = program.string(), argument = "--version";
    char* arguments[] = {name.data(), argument.data(), nullptr};
    pid_t child = 0;
    const int problem = ::posix_spawn(&child, program.c_str(), &quiet, nullptr, arguments, environ);
    ::posix_spawn_file_actions_destroy(&quiet);
    if (problem != 0) return false;
    const auto status = statusOf(child);
    return status && WIFEXITED(*status) && WEXITSTATUS(*status) == 0;
}

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
    return SystemCheckLine{"memory", fmt::format("{} MiB available", mib), remedy};
}

std::vector<SystemCheckLine> libraryLines() {
    const fs::path deps(DUBITO_DEPS_DIR);
    std::error_code error;
    const bool torch = fs::exists(deps / "torch/lib/libtorch_cpu.so", error);
    bool mujoco = false;
    if (const auto files = listFolder(deps / "mujoco"))
        for (const auto& file : *files) mujoco |= file.filename().string().starts_with("libmujoco");
    const auto line = [](const char* what, bool found) {
        return SystemCheckLine{what, found ? "found" : "missing", found ? "" : "run packaging/setup"};
    };
    return {line("LibTorch", torch), line("MuJoCo", mujoco)};
}

SystemCheckLine workerLine() {
    const auto worker = run::findWorker();
    if (!worker) return {"worker", "does not start", worker.error().text()};
    if (starts(*worker)) return {"worker", "starts", ""};
    return {"worker", "does not start", "run it by hand: " + worker->string() + " --version"};
}

SystemCheckLine pluginLine() {
    int healthy = 0, refused = 0;
    const host::Catalogue catalogue = host::Catalogue::scan();
    for (const auto& entry : catalogue.entries()) ++(entry.plugin ? healthy : refused);
    const char* remedy = healthy == 0 ? "build them, or set DUBITO_PLUGIN_PATH"
                         : refused    ? "dubito plugins list says why"
                                      : "";
    return {"plugins", fmt::format("{} found, {} refused", healthy, refused), remedy};
}

SystemCheckLine modelLine() {
    const fs::path model = run::packagedModel();
    if (model.empty()) return {"default model", "missing", "run packaging/setup"};
    return {"default model", model.filename().string(), ""};
}

SystemCheckLine diskLine() {
    const auto free = freeBytes(dataHome().parent_path()) >> 20;
    const char* remedy = free < 2048 ? "less than 2 GiB: runs may be refused" : "";
    return {"disk", fmt::format("{} MiB free for runs", free), remedy};
}

}  // namespace

std::vector<SystemCheckLine> checkSystem() {
    std::vector<SystemCheckLine> lines = {cpuLine()};
    if (auto memory = memoryLine()) lines.push_back(*memory);
    lines.push_back({"GPU", run::hasCudaDevice() ? "NVIDIA device present" : "CPU only", ""});
    for (auto& line : libraryLines()) lines.push_back(line);
    lines.push_back(workerLine());
    lines.push_back(pluginLine());
    lines.push_back(modelLine());
    lines.push_back(diskLine());
    const char* display = std::getenv("WAYLAND_DISPLAY") ? "Wayland" : std::getenv("DISPLAY") ? "X11" : nullptr;
    const char* remedy = display ? "" : "the desktop needs one; the command line does not";
    lines.push_back({"display", display ? display : "none", remedy});
    lines.push_back({"SQLite", store::sqliteVersion(), ""});
    return lines;
}

}  // namespace dubito::cli
