// Only async-signal-safe calls in the handler: open, write, pwrite, nanosleep, and backtrace warmed up before.
#include "host/crash_note.h"

#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstring>

namespace dubito::host {
namespace {

char g_path[4096];
std::atomic<journal::JournalWriter*> g_journal{nullptr};
const CallState* g_state = nullptr;
std::atomic<pid_t> g_owner{0};  ///< thread that writes the last words
constexpr unsigned kLongestSeconds = 10;

void put(int fd, const char* text) {
    if (::write(fd, text, std::strlen(text)) < 0) return;
}
void put(int fd, std::uint64_t value, unsigned base) {
    char digits[32];
    int at = 31;
    digits[at] = 0;
    do digits[--at] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    put(fd, digits + at);
}

const char* nameOf(int signal) {
    switch (signal) {
        case SIGSEGV: return "SIGSEGV";
        case SIGBUS: return "SIGBUS";
        case SIGFPE: return "SIGFPE";
        case SIGILL: return "SIGILL";
        case SIGABRT: return "SIGABRT";
        default: return "signal";
    }
}

void writeFirstLine(int fd, int signal, const siginfo_t* info) {
    put(fd, nameOf(signal));
    put(fd, " at address 0x");
    put(fd, reinterpret_cast<std::uintptr_t>(info->si_addr), 16);
    put(fd, " in ");
    put(fd, g_state->call.load());
    if (const auto step = g_state->step.load(); step >= 0) {
        put(fd, ", step ");
        put(fd, static_cast<std::uint64_t>(step), 10);
    }
    put(fd, "\n");
}

void onSignal(int signal, siginfo_t* info, void*) {
    pid_t nobody = 0;
    const pid_t self = ::gettid();
    if (g_owner.compare_exchange_strong(nobody, self)) {
        ::alarm(kLongestSeconds);  // whatever hangs below, the process ends
        const int fd = ::open(g_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd >= 0) writeFirstLine(fd, signal, info);
        journal::JournalWriter* journal = g_journal.load();
        if (journal) journal->askToDrain();
        if (fd >= 0) {
            void* frames[64];
            backtrace_symbols_fd(frames, ::backtrace(frames, 64), fd);
            ::close(fd);
        }
        if (journal) journal->writeAfterCrash();
    } else if (nobody != self) {
        // Another thread is at it, perhaps waiting for this one; it ends the process.
        const timespec nap{kLongestSeconds, 0};
        ::nanosleep(&nap, nullptr);
    }
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

}  // namespace

void forgetJournal() {
    static const CallState kLeaving{"exit", -1};
    g_journal = nullptr;
    g_state = &kLeaving;
}

void installCrashNote(const fs::path& notePath, journal::JournalWriter* journal, const CallState* state) {
    std::strncpy(g_path, notePath.c_str(), sizeof g_path - 1);
    g_journal = journal;
    g_state = state;
    void* frames[4];
    ::backtrace(frames, 4);  // loads libgcc now, not in the handler
    static char stack[64 * 1024];
    stack_t alternate{};
    alternate.ss_sp = stack;
    alternate.ss_size = sizeof stack;
    ::sigaltstack(&alternate, nullptr);
    struct sigaction action {};
    action.sa_sigaction = onSignal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) ::sigaction(signal, &action, nullptr);
}

}  // namespace dubito::host
