// The lock lies on one byte far beyond SQLite's own lock bytes and beyond any content, so it follows the inode.
#include "store/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>

#include "base/ids.h"
#include "store/database.h"

namespace dubito::store {
namespace {

constexpr off_t kLockByte = off_t{0x44424954} << 32;
constexpr auto kPatience = std::chrono::seconds(1);

struct Parked {
    int file = -1;
    bool isHeld = false;
    std::int64_t sinceUs = 0;
};
using FileKey = std::pair<std::uint64_t, std::uint64_t>;  // device, inode

std::mutex g_mutex;  // guards what parked() returns
std::map<FileKey, Parked>& parked() {
    static auto* files = new std::map<FileKey, Parked>;  // never destroyed: see ProjectLock
    return *files;
}

struct OwnerRow {
    std::optional<std::int64_t> pid, startTicks, sinceUs;
    std::string host, bootId;
};

std::optional<OwnerRow> readOwner(const fs::path& project) {
    auto database = Database::open(project, Database::Mode::ReadOnly);
    if (!database) return std::nullopt;
    auto row = (*database)->prepare("SELECT pid, pid_start, since_us, host, boot_id FROM owner WHERE id=1");
    if (!row) return std::nullopt;
    std::optional<OwnerRow> owner;
    const auto read = row->forEach([&] {
        owner = OwnerRow{
            row->optionalInteger(0), row->optionalInteger(1), row->optionalInteger(2), row->text(3), row->text(4)};
    });
    return read ? owner : std::nullopt;
}

std::string describe(std::int64_t pid, std::string_view host, std::int64_t sinceUs) {
    return fmt::format("pid {} on host {} since {}", pid, host, isoTime(sinceUs));
}

std::string bootId() {
    auto text = readFile("/proc/sys/kernel/random/boot_id", 64);
    if (!text) return {};
    while (!text->empty() && text->back() == '\n') text->pop_back();
    return *text;
}

/// 0 when there is no such process.
std::int64_t startTicksOf(std::int64_t pid) {
    const auto text = readFile(fmt::format("/proc/{}/stat", pid), 4096);
    if (!text) return 0;
    // The name in brackets may hold anything; the start time is the 20th field after it.
    std::size_t at = text->rfind(')');
    for (int field = 0; field < 20 && at != std::string::npos; ++field) at = text->find(' ', at + 1);
    return at == std::string::npos ? 0 : std::strtoll(text->c_str() + at, nullptr, 10);
}

/// Unknown counts as dead: then the lock is asked for again for a moment, which harms nobody.
bool isAlive(const OwnerRow& owner) {
    const OwnProcess own = ownProcess();
    if (!owner.pid) return false;
    if (owner.host != own.host) return true;  // cannot be seen from here
    if (!owner.bootId.empty() && owner.bootId != own.bootId) return false;
    if (::kill(static_cast<pid_t>(*owner.pid), 0) != 0 && errno != EPERM) return false;
    return !owner.startTicks || *owner.startTicks == startTicksOf(*owner.pid);
}

/// 0 when taken, else errno.
int tryLock(int file, short type) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = kLockByte;
    lock.l_len = 1;
    return ::fcntl(file, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
}

Error ownedError(const std::string& owner, const fs::path& path) {
    return Error(Code::Owned,
        fmt::format("the project is open in Dubito{}{}. File: {}", owner.empty() ? "" : ", ", owner, path.string()));
}

/// The parked descriptor of the file, opened when this process has none yet. Under g_mutex.
Result<Parked*> park(const fs::path& path, const FileIdentity& identity) {
    auto& files = parked();
    if (const auto found = files.find({identity.device, identity.inode}); found != files.end()) return &found->second;
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
    if (file < 0 && (errno == EACCES || errno == EROFS || errno == EPERM))
        return Error(Code::Refused,
            fmt::format("the project may only be read here; copy it to where you may write. File: {}", path.string()));
    if (file < 0)
        return Error(
            Code::Io, fmt::format("the project cannot be opened: {}. File: {}", errnoText(errno), path.string()));
    struct stat info {};
    if (::fstat(file, &info) != 0)
        return Error(
            Code::Io, fmt::format("the project cannot be opened: {}. File: {}", errnoText(errno), path.string()));
    // Kept even when the name means another file by now: that one may be open in SQLite as well.
    auto [entry, isNew] = files.try_emplace({info.st_dev, info.st_ino});
    if (isNew) entry->second.file = file;
    if (info.st_dev != identity.device || info.st_ino != identity.inode)
        return Error(
            Code::WrongState, "the project was replaced while it was opened; try again. File: " + path.string());
    return &entry->second;
}

/// Asks until the lock is free, a living owner is found, or patience ends. @return 0 or errno
int waitForLock(int file, const fs::path& path) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
        const int problem = tryLock(file, F_WRLCK);
        if (problem != EAGAIN && problem != EACCES) return problem;
        const auto owner = readOwner(path);
        if ((owner && isAlive(*owner)) || std::chrono::steady_clock::now() >= until) return problem;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

}  // namespace

OwnProcess ownProcess() {
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    return {host, bootId(), ::getpid(), startTicksOf(::getpid())};
}

Result<ProjectLock> ProjectLock::take(const fs::path& project) {
    DUBITO_TRY(const fs::path path, canonicalPath(project));
    DUBITO_TRY(const FileIdentity identity, identify(path));
    DUBITO_CHECK(checkSideFiles(path));
    if (const std::string why = whyNotWritable(path); !why.empty())
        return Error(
            Code::Refused, fmt::format("{}; copy the project to where you may write. File: {}", why, path.string()));
    Parked* entry = nullptr;
    {
        const std::lock_guard guard(g_mutex);
        DUBITO_TRY(entry, park(path, identity));
        if (entry->isHeld) return ownedError(describe(::getpid(), ownProcess().host, entry->sinceUs) + " (here)", path);
        entry->isHeld = true;
        entry->sinceUs = nowUs();
    }
    const int problem = waitForLock(entry->file, path);
    if (problem == 0) {
        ProjectLock lock(path, identity, entry->file);
        if (identity.links == 1) return lock;
        return Error(Code::Refused,
            fmt::format(
                "the project file has {} names (hard links), and its log lies beside one of them only; keep one "
                "name, or copy the file. File: {}",
                identity.links, path.string()));
    }
    {
        const std::lock_guard guard(g_mutex);
        entry->isHeld = false;
    }
    // By another name the owner's row cannot be read: the log that may hold it lies beside the first one.
    if (problem == EAGAIN || problem == EACCES)
        return ownedError(identity.links == 1 ? ownerOf(path) : std::string(), path);
    return Error(Code::Io, fmt::format("the project cannot be locked on this file system: {}. File: {}",
                               errnoText(problem), path.string()));
}

ProjectLock& ProjectLock::operator=(ProjectLock&& other) noexcept {
    std::swap(m_path, other.m_path);
    std::swap(m_identity, other.m_identity);
    std::swap(m_file, other.m_file);
    return *this;
}

ProjectLock::~ProjectLock() {
    if (m_file < 0) return;
    const std::lock_guard guard(g_mutex);
    tryLock(m_file, F_UNLCK);
    for (auto& [key, entry] : parked())
        if (entry.file == m_file) entry.isHeld = false;
}

Result<void> ProjectLock::isUnmoved() const {
    DUBITO_TRY(const FileIdentity now, identify(m_path));
    if (now.isSameFile(m_identity) && now.links == 1) return {};
    return Error(Code::WrongState,
        "the project was replaced or given a second name while it was opened; try again. File: " + m_path.string());
}

Result<bool> ProjectLock::needsLog() const {
    unsigned char version[2] = {};  // bytes 18 and 19: write and read version, 2 means with a log
    const ssize_t got = ::pread(m_file, version, sizeof version, 18);
    if (got < 0)
        return Error(
            Code::Io, fmt::format("the project cannot be read: {}. File: {}", errnoText(errno), m_path.string()));
    return got == 2 && version[1] == 2;
}

Result<bool> isOwned(const fs::path& project) {
    DUBITO_TRY(const fs::path path, canonicalPath(project));
    DUBITO_TRY(const FileIdentity identity, identify(path));
    const std::lock_guard guard(g_mutex);
    DUBITO_TRY(const Parked* entry, park(path, identity));
    if (entry->isHeld) return true;
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = kLockByte;
    lock.l_len = 1;
    if (::fcntl(entry->file, F_OFD_GETLK, &lock) != 0)
        return Error(Code::Io, fmt::format("the project cannot be locked on this file system: {}. File: {}",
                                   errnoText(errno), path.string()));
    return lock.l_type != F_UNLCK;
}

std::string ownerOf(const fs::path& project) {
    const auto owner = readOwner(project);
    return owner && owner->pid ? describe(*owner->pid, owner->host, owner->sinceUs.value_or(0)) : std::string();
}

}  // namespace dubito::store
