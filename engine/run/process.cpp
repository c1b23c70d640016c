// Processes are started by posix_spawn, never by fork in a threaded program.
#include "run/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "run/job_dir.h"

extern char** environ;

namespace dubito::run {
namespace {

std::vector<std::string> environmentWith(const std::vector<std::string>& extra) {
    std::vector<std::string> out;
    for (char** entry = environ; *entry; ++entry) {
        const std::string_view name = std::string_view(*entry).substr(0, std::string_view(*entry).find('='));
        bool replaced = false;
        for (const auto& other : extra) replaced |= std::string_view(other).substr(0, other.find('=')) == name;
        if (!replaced) out.emplace_back(*entry);
    }
    out.insert(out.end(), extra.begin(), extra.end());
    return out;
}

/// RAII over the two structures of posix_spawn.
struct SpawnSettings {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    SpawnSettings() {
        posix_spawn_file_actions_init(&files);
        posix_spawnattr_init(&attributes);
    }
    ~SpawnSettings() {
        posix_spawn_file_actions_destroy(&files);
        posix_spawnattr_destroy(&attributes);
    }
};

}  // namespace

Result<SpawnedProcess> spawn(const fs::path& program, const std::vector<std::string>& arguments,
    const std::vector<std::string>& extraEnvironment, const fs::path& out, const fs::path& err) {
    std::vector<std::string> environment = environmentWith(extraEnvironment), words = arguments;
    words.insert(words.begin(), program.string());
    std::vector<char*> argv, envp;
    for (auto& word : words) argv.push_back(word.data());
    for (auto& entry : environment) envp.push_back(entry.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    SpawnSettings settings;
    constexpr int kAppend = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW;
    posix_spawn_file_actions_addopen(&settings.files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&settings.files, 1, out.c_str(), kAppend, 0644);
    posix_spawn_file_actions_addopen(&settings.files, 2, err.c_str(), kAppend, 0644);
    posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&settings.attributes, &none);
    posix_spawnattr_setsigdefault(&settings.attributes, &all);
    pid_t pid = 0;
    const int code =
        posix_spawn(&pid, program.c_str(), &settings.files, &settings.attributes, argv.data(), envp.data());
    if (code != 0)
        return Error(
            Code::Io, fmt::format("the worker could not be started: {}. File: {}", errnoText(code), program.string()));
    return SpawnedProcess{pid, processStartTicks(pid)};
}

std::int64_t anonymousBytes(std::int64_t pid) {
    auto text = readFile(fmt::format("/proc/{}/status", pid), 1 << 16);
    if (!text) return 0;
    const auto at = text->find("RssAnon:");
    return at == std::string::npos ? 0 : std::atoll(text->c_str() + at + 8) * 1024;
}

void reapLater(std::vector<std::int64_t> pids) {
    if (pids.empty()) return;
    std::thread([pids = std::move(pids)] {
        for (const auto pid : pids)
            while (::waitpid(static_cast<pid_t>(pid), nullptr, 0) < 0 && errno == EINTR) {
            }
    }).detach();
}

}  // namespace dubito::run
