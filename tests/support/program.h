// A program started from outside and watched: its output, how it ended, what it left behind. No Qt, so usable on any
// thread.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

extern char** environ;

namespace dubito::tests {

using Environment = std::map<std::string, std::string>;

/// Asks every 20 ms until `isSo()` or the limit, which is generous: tests pass on slow and busy machines.
template <class F>
bool eventually(F&& isSo, int seconds = 60) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (!isSo()) {
        if (std::chrono::steady_clock::now() > limit) return isSo();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

/// "" when there is no such file; what /proc lost in between is no error.
inline std::string contentOf(const std::filesystem::path& file) {
    std::string out;
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    char block[65536];
    for (ssize_t n; fd >= 0 && (n = ::read(fd, block, sizeof block)) > 0;)
        out.append(block, static_cast<std::size_t>(n));
    if (fd >= 0) ::close(fd);
    return out;
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

inline void touch(const std::filesystem::path& file) { std::ofstream(file, std::ios::app).flush(); }

/// Command lines of living processes that name `part`, this one left out; "pid command" each. Zombies have none.
inline std::vector<std::string> processesNaming(const std::string& part) {
    std::vector<std::string> out;
    std::error_code error;
    for (std::filesystem::directory_iterator it("/proc", error), end; it != end; it.increment(error)) {
        const std::string pid = it->path().filename().string();
        if (pid.find_first_not_of("0123456789") != std::string::npos || pid == std::to_string(::getpid())) continue;
        std::string command = contentOf(it->path() / "cmdline");
        std::replace(command.begin(), command.end(), '\0', ' ');
        if (command.find(part) != std::string::npos) out.push_back(pid + " " + command);
    }
    return out;
}

/// One child with its output in memory files. Killed and waited for when it goes out of scope.
class Program {
public:
    Program() = default;
    Program(const std::vector<std::string>& command, const Environment& extra = {}) { start(command, extra); }
    Program(Program&& other) noexcept { *this = std::move(other); }
    Program& operator=(Program&& other) noexcept {
        std::swap(m_pid, other.m_pid), std::swap(m_status, other.m_status), std::swap(m_ended, other.m_ended);
        std::swap(m_out, other.m_out), std::swap(m_err, other.m_err);
        return *this;
    }
    ~Program() {
        kill(SIGKILL);
        if (m_out >= 0) ::close(m_out), ::close(m_err);
    }

    /// True when it has ended; false when the limit came first.
    bool wait(int seconds) {
        return eventually([this] { return hasEnded(); }, seconds);
    }
    bool hasEnded() {
        if (!m_ended && m_pid > 0) m_ended = ::waitpid(m_pid, &m_status, WNOHANG) == m_pid;
        return m_ended || m_pid <= 0;
    }
    void kill(int signal) {
        if (hasEnded()) return;
        ::kill(m_pid, signal);
        if (signal != SIGKILL) return;
        m_ended = ::waitpid(m_pid, &m_status, 0) == m_pid;
    }
    pid_t pid() const { return m_pid; }
    /// Exit code; 128 + n for signal n; -1 while it runs or when it was never started.
    int code() const {
        if (!m_ended) return -1;
        return WIFSIGNALED(m_status) ? 128 + WTERMSIG(m_status) : WEXITSTATUS(m_status);
    }
    std::string out() const { return textOf(m_out); }
    std::string err() const { return textOf(m_err); }
    /// For messages of a failing test.
    std::string told() const { return "exit " + std::to_string(code()) + "\nout: " + out() + "\nerr: " + err(); }

private:
    void start(const std::vector<std::string>& command, const Environment& extra) {
        m_out = ::memfd_create("out", MFD_CLOEXEC), m_err = ::memfd_create("err", MFD_CLOEXEC);
        std::vector<std::string> environment;
        for (char** entry = environ; *entry; ++entry)
            if (!extra.contains(std::string(*entry, std::strcspn(*entry, "=")))) environment.emplace_back(*entry);
        for (const auto& [name, value] : extra) environment.push_back(name + "=" + value);
        std::vector<char*> argv, envp;
        for (const auto& text : command) argv.push_back(const_cast<char*>(text.c_str()));
        for (auto& text : environment) envp.push_back(text.data());
        argv.push_back(nullptr), envp.push_back(nullptr);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&files, m_out, 1);
        posix_spawn_file_actions_adddup2(&files, m_err, 2);
        if (::posix_spawnp(&m_pid, argv[0], &files, nullptr, argv.data(), envp.data()) != 0) m_pid = -1;
        posix_spawn_file_actions_destroy(&files);
    }
    static std::string textOf(int file) {
        std::string out;
        char block[4096];
        for (ssize_t n; file >= 0 && (n = ::pread(file, block, sizeof block, static_cast<off_t>(out.size()))) > 0;)
            out.append(block, static_cast<std::size_t>(n));
        return out;
    }
    pid_t m_pid = -1;
    int m_status = 0, m_out = -1, m_err = -1;
    bool m_ended = false;
};

}  // namespace dubito::tests
