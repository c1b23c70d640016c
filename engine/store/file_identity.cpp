// Everything here looks at names only: an opened and closed descriptor of the file would drop SQLite's POSIX locks.
#include "store/file_identity.h"

#include <fmt/format.h>
#include <sys/stat.h>

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

std::uint64_t logBytes(const fs::path& canonical) {
    struct stat info {};
    const fs::path log = canonical.string() + "-wal";
    return ::lstat(log.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

}  // namespace dubito::store
