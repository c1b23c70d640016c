// POSIX file helpers that report instead of throwing.
#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <regex>

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

Result<AtomicFile> AtomicFile::create(const fs::path& path, unsigned mode) {
    AtomicFile out;
    out.m_path = path;
    out.m_mode = mode;
    fs::path temporary = path;
    temporary += fmt::format(".tmp-{}", ::getpid());
    out.m_file = FileDescriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode | 0200));
    if (!out.m_file) return ioError("cannot write", path);
    out.m_temporary = std::move(temporary);
    return out;
}

AtomicFile::~AtomicFile() {
    if (m_file && !m_temporary.empty()) ::unlink(m_temporary.c_str());
}

Result<void> AtomicFile::write(ByteSpan bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(m_file.get(), bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return ioError("cannot write", m_path);
        m_written += static_cast<std::uint64_t>(n);
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {};
}

Result<void> AtomicFile::commit() {
    if (::fsync(m_file.get()) != 0) return ioError("cannot write", m_path);
    ::fchmod(m_file.get(), m_mode);
    if (::rename(m_temporary.c_str(), m_path.c_str()) != 0) return ioError("cannot replace", m_path);
    m_temporary.clear();
    return {};
}

Result<void> writeFileAtomic(const fs::path& path, std::string_view content, unsigned mode) {
    DUBITO_TRY(AtomicFile file, AtomicFile::create(path, mode));
    DUBITO_CHECK(file.write(asBytes(content)));
    return file.commit();
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

std::vector<fs::path> numberedParts(const fs::path& path) {
    static const std::regex kPattern("(.*)-([0-9]{5})-of-([0-9]{5})(\\.[a-z]+)");
    const std::string name = path.filename().string();
    std::smatch match;
    if (name.size() > 255 || !std::regex_match(name, match, kPattern)) return {path};
    const int count = std::stoi(match[3]);
    if (count < 1 || count > 1000) return {path};
    std::vector<fs::path> out;
    for (int i = 1; i <= count; ++i) out.push_back(path.parent_path() / fmt::format("{}-{:05}-of-{:05}{}", match[1].str(), i, count, match[4].str()));
    return out;
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
