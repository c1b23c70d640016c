// Everything here looks at names only: an opened and closed descriptor of the file would drop SQLite's POSIX locks.
#include "store/file_identity.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

namespace dubito::store {
namespace {

Error pathError(const fs::path& path) {
    if (errno == ENOENT || errno == ENOTDIR)
        return Error(Code::NotFound,
            fmt::format("there is no such project; make one with 'dubito new FILE'. File: {}", path.string()));
    return Error(Code::Io, fmt::format("the project cannot be reached: {}. File: {}", errnoText(errno), path.string()));
}

/// Of whoever this process acts as, which need not be who started it.
bool mayWrite(const fs::path& path) { return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0; }

std::string userName(uid_t user) {
    passwd entry{};
    passwd* found = nullptr;
    char buffer[4096];
    if (::getpwuid_r(user, &entry, buffer, sizeof buffer, &found) == 0 && found) return found->pw_name;
    return fmt::format("user {}", user);
}

}  // namespace

Result<fs::path> canonicalPath(const fs::path& path) {
    const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), &std::free);
    if (!real) return pathError(path);
    return fs::path(real.get());
}

Result<FileIdentity> identify(const fs::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return pathError(path);
    if (!S_ISREG(info.st_mode))
        return Error(Code::CorruptData, fmt::format("this is {}, not a Dubito project. File: {}",
                                            S_ISDIR(info.st_mode) ? "a folder" : "no ordinary file", path.string()));
    return FileIdentity{info.st_dev, info.st_ino, info.st_nlink};
}

Result<void> checkSideFiles(const fs::path& canonical) {
    for (const char* suffix : {"-wal", "-shm", "-journal"}) {
        const fs::path side = canonical.string() + suffix;
        struct stat info {};
        if (::lstat(side.c_str(), &info) != 0) {
            if (errno == ENOENT) continue;
            return pathError(side);
        }
        if (S_ISREG(info.st_mode) && info.st_nlink == 1) continue;
        return Error(Code::Refused,
            fmt::format("a file beside the project is {}, so the project is not opened; move it away if it is not "
                        "yours. File: {}",
                S_ISLNK(info.st_mode)   ? "a link to elsewhere"
                : S_ISREG(info.st_mode) ? "known under a second name"
                                        : "no ordinary file",
                side.string()));
    }
    return {};
}

std::string whyNotWritable(const fs::path& canonical) {
    struct statvfs system {};
    if (::statvfs(canonical.c_str(), &system) == 0 && (system.f_flag & ST_RDONLY))
        return "its file system may only be read";
    struct stat info {};
    if (::stat(canonical.c_str(), &info) != 0) return {};
    if (!mayWrite(canonical))
        return info.st_uid == ::geteuid()
                   ? std::string("the file may only be read: it is protected against writing")
                   : fmt::format("the file may only be read: it belongs to {}", userName(info.st_uid));
    const fs::path folder = canonical.parent_path();
    if (!folder.empty() && !mayWrite(folder)) return "its folder may only be read, so no log can be kept beside it";
    return {};
}

FileFate fateOf(const fs::path& canonical, const FileIdentity& opened, int descriptor) {
    struct stat info {};
    if (::stat(canonical.c_str(), &info) == 0)
        return FileIdentity{info.st_dev, info.st_ino, info.st_nlink}.isSameFile(opened) ? FileFate::Here
                                                                                        : FileFate::Replaced;
    // A folder that cannot be searched for the moment says nothing about the file.
    if (errno != ENOENT && errno != ENOTDIR) return FileFate::Here;
    if (descriptor >= 0 && ::fstat(descriptor, &info) == 0 && info.st_nlink > 0) return FileFate::Moved;
    return FileFate::Deleted;
}

std::uint64_t logBytes(const fs::path& canonical) {
    struct stat info {};
    const fs::path log = canonical.string() + "-wal";
    return ::lstat(log.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

}  // namespace dubito::store
