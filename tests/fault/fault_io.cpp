// Put in front of a program by LD_PRELOAD: counts its calls on files under one folder and lets the n-th of a class go
// wrong.
//
//   DUBITO_FAULT_UNDER   folder, as /proc names it (no links); calls on other files pass untouched
//   DUBITO_FAULT_NAMED   part of the path; empty: every file under the folder
//   DUBITO_FAULT_WHO     base name of the program that is struck; programs it starts inherit the library and pass
//   DUBITO_FAULT_CALL    write, fdatasync, rename, open, size, unlink (the classes below)
//   DUBITO_FAULT_AT      n, from 1; 0 or unset: count only
//   DUBITO_FAULT_KIND    fail:ENOSPC, fail:EIO, ... | short (half is written, the next calls fail with ENOSPC) |
//                        delay:MS | kill
//   DUBITO_FAULT_TIMES   how many calls from the n-th on go wrong; 1 when unset
//   DUBITO_FAULT_UNTIL   file; when set, every call from the n-th on goes wrong until that file is there
//   DUBITO_FAULT_COUNTS  file of 8 numbers (u64) shared by all struck processes: calls per class, then how many went
//                        wrong
//
// Safe with threads and in signal handlers: numbers are atomic, nothing is allocated. A child that was forked and has
// not called exec yet shares our memory or a copy of it: its calls pass, as its process id is not the one seen at
// start.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

#define DUBITO_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

enum Class { kWrite, kSync, kRename, kOpen, kSize, kUnlink, kClasses, kStruck = 6, kNumbers = 8 };
constexpr const char* kNames[kClasses] = {"write", "fdatasync", "rename", "open", "size", "unlink"};

struct Plan {
    pid_t self = 0;  // 0: not struck
    const char *under = nullptr, *named = nullptr, *until = nullptr;
    size_t underBytes = 0;
    int target = -1, error = 0;
    bool isShort = false, isKill = false;
    long delayMs = 0;
    uint64_t at = 0, times = 1;
    std::atomic<uint64_t>* numbers = nullptr;
};
Plan g_plan;
std::atomic<uint64_t> g_own[kNumbers];

template <class F>
F real(F& slot, const char* name) {
    if (!slot) slot = reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
    return slot;
}
#define REAL(name) real(g_##name, #name)
#define DECLARE(name) decltype(&::name) g_##name = nullptr
DECLARE(open);
DECLARE(open64);
DECLARE(openat);
DECLARE(openat64);
DECLARE(creat);
DECLARE(fopen);
DECLARE(fopen64);
DECLARE(write);
DECLARE(pwrite);
DECLARE(pwrite64);
DECLARE(writev);
DECLARE(pwritev);
DECLARE(fdatasync);
DECLARE(fsync);
DECLARE(rename);
DECLARE(renameat);
DECLARE(renameat2);
DECLARE(link);
DECLARE(linkat);
DECLARE(ftruncate);
DECLARE(ftruncate64);
DECLARE(fallocate);
DECLARE(fallocate64);
DECLARE(posix_fallocate);
DECLARE(posix_fallocate64);
DECLARE(unlink);
DECLARE(unlinkat);

int errorOf(const char* name) {
    if (strcmp(name, "EIO") == 0) return EIO;
    if (strcmp(name, "EDQUOT") == 0) return EDQUOT;
    if (strcmp(name, "EMFILE") == 0) return EMFILE;
    if (strcmp(name, "EACCES") == 0) return EACCES;
    return ENOSPC;
}

void readKind(Plan& plan, const char* kind) {
    plan.isKill = strcmp(kind, "kill") == 0;
    plan.isShort = strcmp(kind, "short") == 0;
    plan.error = ENOSPC;
    if (strncmp(kind, "fail:", 5) == 0) plan.error = errorOf(kind + 5);
    if (strncmp(kind, "delay:", 6) == 0) plan.delayMs = atol(kind + 6);
}

bool isProgram(const char* who) {
    char path[4096];
    const ssize_t n = ::readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0) return false;
    path[n] = 0;
    const char* name = strrchr(path, '/');
    return name && strcmp(name + 1, who) == 0;
}

__attribute__((constructor)) void begin() {
    const auto text = [](const char* name) {
        const char* value = getenv(name);
        return value ? value : "";
    };
    Plan plan;
    plan.under = text("DUBITO_FAULT_UNDER"), plan.named = text("DUBITO_FAULT_NAMED"),
    plan.until = text("DUBITO_FAULT_UNTIL");
    plan.underBytes = strlen(plan.under);
    if (plan.underBytes == 0 || !isProgram(text("DUBITO_FAULT_WHO"))) return;
    for (int i = 0; i < kClasses; ++i)
        if (strcmp(kNames[i], text("DUBITO_FAULT_CALL")) == 0) plan.target = i;
    plan.at = strtoull(text("DUBITO_FAULT_AT"), nullptr, 10);
    if (const uint64_t times = strtoull(text("DUBITO_FAULT_TIMES"), nullptr, 10); times > 0) plan.times = times;
    readKind(plan, text("DUBITO_FAULT_KIND"));
    plan.numbers = g_own;
    if (const char* shared = text("DUBITO_FAULT_COUNTS"); *shared) {
        const int file = REAL(open)(shared, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (file >= 0 && REAL(ftruncate)(file, sizeof g_own) == 0) {
            void* at = ::mmap(nullptr, sizeof g_own, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            if (at != MAP_FAILED) plan.numbers = static_cast<std::atomic<uint64_t>*>(at);
        }
        if (file >= 0) ::close(file);
    }
    plan.self = ::getpid();
    g_plan = plan;
}

bool isOurs(const char* path) {
    return strncmp(path, g_plan.under, g_plan.underBytes) == 0 &&
           (path[g_plan.underBytes] == '/' || path[g_plan.underBytes] == 0) &&
           (*g_plan.named == 0 || strstr(path, g_plan.named));
}

bool isStruck() { return g_plan.self != 0 && ::getpid() == g_plan.self; }

/// The kernel's own word for what a descriptor is: right whatever call opened it.
bool isOurs(int fd) {
    char name[32], path[4096];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    const ssize_t n = ::readlink(name, path, sizeof path - 1);
    if (n <= 0) return false;
    path[n] = 0;
    return isOurs(static_cast<const char*>(path));
}

bool isOurs(int folder, const char* path) {
    if (path[0] == '/') return isOurs(path);
    if (folder != AT_FDCWD) return isOurs(folder);
    char cwd[4096];
    return ::getcwd(cwd, sizeof cwd) && isOurs(static_cast<const char*>(cwd));
}

enum class Fate { Pass, Half, Fail };

/// Counts one call of a class on a file of ours and says what is to become of it; errno is set where it fails.
Fate fateOf(Class kind) {
    const int before = errno;
    const uint64_t n = ++g_plan.numbers[kind];
    if (kind != g_plan.target || g_plan.at == 0 || n < g_plan.at) return Fate::Pass;
    const uint64_t after = n - g_plan.at;
    const bool isStill =
        *g_plan.until ? ::access(g_plan.until, F_OK) != 0 : after < g_plan.times + (g_plan.isShort ? 1 : 0);
    errno = before;
    if (!isStill) return Fate::Pass;
    ++g_plan.numbers[kStruck];
    if (g_plan.isKill) ::kill(g_plan.self, SIGKILL);
    if (g_plan.delayMs > 0) {
        const timespec time{g_plan.delayMs / 1000, g_plan.delayMs % 1000 * 1'000'000};
        ::nanosleep(&time, nullptr);
        errno = before;
        return Fate::Pass;
    }
    if (g_plan.isShort && after == 0 && kind == kWrite) return Fate::Half;
    errno = g_plan.error;
    return Fate::Fail;
}

/// A call that writes `bytes`; `write(n)` makes the real one.
template <class F>
ssize_t written(int fd, size_t bytes, F&& write) {
    if (!isStruck() || !isOurs(fd)) return write(bytes);
    switch (fateOf(kWrite)) {
        case Fate::Fail: return -1;
        case Fate::Half: return bytes > 1 ? write(bytes / 2) : (errno = ENOSPC, -1);
        case Fate::Pass: break;
    }
    return write(bytes);
}

template <class F>
auto guarded(Class kind, bool isOurs, F&& call, decltype(call()) failed) {
    return isStruck() && isOurs && fateOf(kind) != Fate::Pass ? failed : call();
}

mode_t modeOf(int flags, va_list list) {
    return flags & (O_CREAT | O_TMPFILE) ? static_cast<mode_t>(va_arg(list, int)) : 0;
}

bool isOursNow(int fd) { return isStruck() && isOurs(fd); }
bool isOursNow(const char* path) { return isStruck() && isOurs(AT_FDCWD, path); }
bool isOursNow(int folder, const char* path) { return isStruck() && isOurs(folder, path); }

}  // namespace

#define MODE_OF(mode)                        \
    va_list list;                            \
    va_start(list, flags);                   \
    const mode_t mode = modeOf(flags, list); \
    va_end(list)

DUBITO_EXPORT int open(const char* path, int flags, ...) {
    MODE_OF(mode);
    return guarded(
        kOpen, isOursNow(path), [&] { return REAL(open)(path, flags, mode); }, -1);
}
DUBITO_EXPORT int open64(const char* path, int flags, ...) {
    MODE_OF(mode);
    return guarded(
        kOpen, isOursNow(path), [&] { return REAL(open64)(path, flags, mode); }, -1);
}
DUBITO_EXPORT int openat(int folder, const char* path, int flags, ...) {
    MODE_OF(mode);
    return guarded(
        kOpen, isOursNow(folder, path), [&] { return REAL(openat)(folder, path, flags, mode); }, -1);
}
DUBITO_EXPORT int openat64(int folder, const char* path, int flags, ...) {
    MODE_OF(mode);
    return guarded(
        kOpen, isOursNow(folder, path), [&] { return REAL(openat64)(folder, path, flags, mode); }, -1);
}
DUBITO_EXPORT int creat(const char* path, mode_t mode) {
    return guarded(
        kOpen, isOursNow(path), [&] { return REAL(creat)(path, mode); }, -1);
}
DUBITO_EXPORT FILE* fopen(const char* path, const char* mode) {
    return guarded(
        kOpen, isOursNow(path), [&] { return REAL(fopen)(path, mode); }, nullptr);
}
DUBITO_EXPORT FILE* fopen64(const char* path, const char* mode) {
    return guarded(
        kOpen, isOursNow(path), [&] { return REAL(fopen64)(path, mode); }, nullptr);
}

DUBITO_EXPORT ssize_t write(int fd, const void* data, size_t bytes) {
    return written(fd, bytes, [&](size_t n) { return REAL(write)(fd, data, n); });
}
DUBITO_EXPORT ssize_t pwrite(int fd, const void* data, size_t bytes, off_t at) {
    return written(fd, bytes, [&](size_t n) { return REAL(pwrite)(fd, data, n, at); });
}
DUBITO_EXPORT ssize_t pwrite64(int fd, const void* data, size_t bytes, off64_t at) {
    return written(fd, bytes, [&](size_t n) { return REAL(pwrite64)(fd, data, n, at); });
}
// Half of a list of pieces is its first piece, or half of the only one.
DUBITO_EXPORT ssize_t writev(int fd, const iovec* pieces, int count) {
    if (count < 1) return REAL(writev)(fd, pieces, count);
    return written(fd, 2, [&](size_t n) {
        if (n == 2) return REAL(writev)(fd, pieces, count);
        return count > 1 ? REAL(writev)(fd, pieces, 1) : REAL(write)(fd, pieces->iov_base, pieces->iov_len / 2);
    });
}
DUBITO_EXPORT ssize_t pwritev(int fd, const iovec* pieces, int count, off_t at) {
    if (count < 1) return REAL(pwritev)(fd, pieces, count, at);
    return written(fd, 2, [&](size_t n) {
        if (n == 2) return REAL(pwritev)(fd, pieces, count, at);
        return count > 1 ? REAL(pwritev)(fd, pieces, 1, at)
                         : REAL(pwrite)(fd, pieces->iov_base, pieces->iov_len / 2, at);
    });
}

DUBITO_EXPORT int fdatasync(int fd) {
    return guarded(
        kSync, isOursNow(fd), [&] { return REAL(fdatasync)(fd); }, -1);
}
DUBITO_EXPORT int fsync(int fd) {
    return guarded(
        kSync, isOursNow(fd), [&] { return REAL(fsync)(fd); }, -1);
}

DUBITO_EXPORT int rename(const char* from, const char* to) {
    return guarded(
        kRename, isOursNow(to), [&] { return REAL(rename)(from, to); }, -1);
}
DUBITO_EXPORT int renameat(int fromFolder, const char* from, int toFolder, const char* to) {
    return guarded(
        kRename, isOursNow(toFolder, to), [&] { return REAL(renameat)(fromFolder, from, toFolder, to); }, -1);
}
DUBITO_EXPORT int renameat2(int fromFolder, const char* from, int toFolder, const char* to, unsigned flags) {
    return guarded(
        kRename, isOursNow(toFolder, to), [&] { return REAL(renameat2)(fromFolder, from, toFolder, to, flags); }, -1);
}
DUBITO_EXPORT int link(const char* from, const char* to) {
    return guarded(
        kRename, isOursNow(to), [&] { return REAL(link)(from, to); }, -1);
}
DUBITO_EXPORT int linkat(int fromFolder, const char* from, int toFolder, const char* to, int flags) {
    return guarded(
        kRename, isOursNow(toFolder, to), [&] { return REAL(linkat)(fromFolder, from, toFolder, to, flags); }, -1);
}

DUBITO_EXPORT int ftruncate(int fd, off_t bytes) {
    return guarded(
        kSize, isOursNow(fd), [&] { return REAL(ftruncate)(fd, bytes); }, -1);
}
DUBITO_EXPORT int ftruncate64(int fd, off64_t bytes) {
    return guarded(
        kSize, isOursNow(fd), [&] { return REAL(ftruncate64)(fd, bytes); }, -1);
}
DUBITO_EXPORT int fallocate(int fd, int mode, off_t at, off_t bytes) {
    return guarded(
        kSize, isOursNow(fd), [&] { return REAL(fallocate)(fd, mode, at, bytes); }, -1);
}
DUBITO_EXPORT int fallocate64(int fd, int mode, off64_t at, off64_t bytes) {
    return guarded(
        kSize, isOursNow(fd), [&] { return REAL(fallocate64)(fd, mode, at, bytes); }, -1);
}
// These two return the error.
DUBITO_EXPORT int posix_fallocate(int fd, off_t at, off_t bytes) {
    return guarded(
        kSize, isOursNow(fd), [&] { return REAL(posix_fallocate)(fd, at, bytes); }, g_plan.error);
}
DUBITO_EXPORT int posix_fallocate64(int fd, off64_t at, off64_t bytes) {
    return guarded(
        kSize, isOursNow(fd), [&] { return REAL(posix_fallocate64)(fd, at, bytes); }, g_plan.error);
}

DUBITO_EXPORT int unlink(const char* path) {
    return guarded(
        kUnlink, isOursNow(path), [&] { return REAL(unlink)(path); }, -1);
}
DUBITO_EXPORT int unlinkat(int folder, const char* path, int flags) {
    return guarded(
        kUnlink, isOursNow(folder, path), [&] { return REAL(unlinkat)(folder, path, flags); }, -1);
}
