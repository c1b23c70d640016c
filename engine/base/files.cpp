// POSIX file helpers that report instead of throwing.
#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace dubito {
namespace {

fs::path xdg(const char* variable, const char* underHome) {
    if (const char* value = std::getenv(variable); value && *value == '/') return fs::path(value) / "dubito";
    const char* home = std::getenv("HOME");
    return fs::path(home && *home ? home : "/tmp") / underHome / "dubito";
}

Error ioError(const char* what, const fs::path& path) {
    return Error(errno == ENOENT ? Code::NotFound : Code::Io,
                 fmt::format("{}: {}. File: {}", what, std::strerror(errno), path.string()));
}

}  // namespace

FileDescriptor::~FileDescriptor() {
    if (m_fd >= 0) ::close(m_fd);
}

Result<std::string> readFile(const fs::path& path, std::uint64_t maxBytes) {
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return ioError("cannot open", path);
    std::string out;
    char buffer[65536];
    for (;;) {
        const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
        if (n < 0) return ioError("cannot read", path);
        if (n == 0) return out;
        if (out.size() + static_cast<std::size_t>(n) > maxBytes)
            return Error(Code::Limit, fmt::format("larger than {} bytes, the most that is read of it. File: {}", maxBytes, path.string()));
        out.append(buffer, static_cast<std::size_t>(n));
    }
}

Result<void> writeFileAtomic(const fs::path& path, std::string_view content, unsigned mode) {
    fs::path temporary = path;
    temporary += fmt::format(".tmp-{}", ::getpid());
    FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode | 0200));
    if (!file) return ioError("cannot write", path);
    std::size_t done = 0;
    while (done < content.size()) {
        const ssize_t n = ::write(file.get(), content.data() + done, content.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            Error error = ioError("cannot write", path);
            ::unlink(temporary.c_str());
            return error;
        }
        done += static_cast<std::size_t>(n);
    }
    ::fsync(file.get());
    ::fchmod(file.get(), mode);
    if (::rename(temporary.c_str(), path.c_str()) != 0) return ioError("cannot replace", path);
    return {};
}

Result<void> makeFolders(const fs::path& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error) return Error(Code::Io, fmt::format("cannot make the folder: {}. Folder: {}", error.message(), path.string()));
    return {};
}

std::uint64_t freeBytes(const fs::path& path) {
    std::error_code error;
    const auto space = fs::space(path, error);
    return error ? 0 : space.available;
}

fs::path dataHome() { return xdg("XDG_DATA_HOME", ".local/share"); }
fs::path cacheHome() { return xdg("XDG_CACHE_HOME", ".cache"); }
fs::path configHome() { return xdg("XDG_CONFIG_HOME", ".config"); }
fs::path stateHome() { return xdg("XDG_STATE_HOME", ".local/state"); }

fs::path programFolder() {
    std::error_code error;
    const fs::path self = fs::read_symlink("/proc/self/exe", error);
    return error ? fs::current_path(error) : self.parent_path();
}

}  // namespace dubito
