// Output goes to a memory file: a pipe that nobody reads could hold the worker up.
#include "host/probe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/json.h"

extern char** environ;

namespace dubito::host {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPatienceSeconds = 120;

/// Wait status of an ended child; empty when it was not over in time (it is killed) or cannot be waited for.
std::optional<int> statusOf(pid_t child, int seconds) {
    const auto limit = Clock::now() + std::chrono::seconds(seconds);
    for (bool isKilled = false;;) {
        int status = 0;
        const pid_t ended = ::waitpid(child, &status, isKilled ? 0 : WNOHANG);
        if (ended == child) return isKilled ? std::nullopt : std::optional(status);
        if (ended < 0 && errno != EINTR) return std::nullopt;
        if (!isKilled && Clock::now() > limit) {
            ::kill(child, SIGKILL);
            isKilled = true;
        }
        if (!isKilled) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

}  // namespace

WorkerAnswer askWorker(const fs::path& worker, std::vector<std::string> arguments, int seconds) {
    WorkerAnswer out;
    const FileDescriptor output(::memfd_create("worker", MFD_CLOEXEC));
    if (!output) return out;
    arguments.insert(arguments.begin(), worker.string());
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
        ::posix_spawn_file_actions_adddup2(&files, output.get(), stream);
    pid_t child = 0;
    const int problem = ::posix_spawn(&child, worker.c_str(), &files, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    if (problem != 0) return out;
    const auto status = statusOf(child, seconds);
    if (status && WIFEXITED(*status)) out.exitCode = WEXITSTATUS(*status);
    out.output.resize(1 << 16);
    const auto read = readAt(output, 0, {reinterpret_cast<std::uint8_t*>(out.output.data()), out.output.size()});
    out.output.resize(read);
    return out;
}

std::string whyNotLoaded(const fs::path& worker, const fs::path& pluginFolder) {
    const WorkerAnswer answer = askWorker(worker, {"--probe", pluginFolder.string()}, kPatienceSeconds);
    if (answer.exitCode == 0) return {};
    // The answer is the last line; a library may have printed before it.
    std::string_view text(answer.output);
    while (text.ends_with('\n')) text.remove_suffix(1);
    const auto line = text.rfind('\n');
    const auto json = parseJson(line == std::string_view::npos ? text : text.substr(line + 1));
    const std::string said = json && json->is_object() ? textOr(*json, "message", "") : std::string(text);
    if (!said.empty()) return said;
    return answer.exitCode ? fmt::format("the worker ended with {} and said nothing", *answer.exitCode)
                           : "the worker crashed or did not answer while it loaded the plugin";
}

}  // namespace dubito::host
