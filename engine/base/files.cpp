// POSIX file helpers that report instead of throwing.
#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace dubito {
namespace {

fs::path homeFolder() {
    if (const char* home = environmentValue("HOME"); home && *home == '/') return home;
    passwd entry{};
    passwd* found = nullptr;
    char buffer[16384];
    if (::getpwuid_r(::getuid(), &entry, buffer, sizeof buffer, &found) == 0 && found && found->pw_dir &&
        *found->pw_dir == '/')
        return found->pw_dir;
    return "/dev/null/no-home";  // a shared place such as /tmp would let others choose our plugins and settings
}

fs::path xdg(const char* variable, const char* underHome) {
    if (const char* value = environmentValue(variable); value && *value == '/') return fs::path(value) / "dubito";
    return homeFolder() / underHome / "dubito";
}

Error ioError(const char* what, const fs::path& path) {
    return Error(errno == ENOENT ? Code::NotFound : Code::Io,
        fmt::format("{}: {}. File: {}", what, errnoText(errno), path.string()));
}

bool isDigits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

}  // namespace

FileDescriptor::~FileDescriptor() {
    if (m_fd >= 0) ::close(m_fd);
}

Result<std::string> readAll(const FileDescriptor& file, const fs::path& path, std::uint64_t maxBytes) {
    std::string out;
    char buffer[65536];
    for (;;) {
        const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return ioError("cannot read", path);
        if (n == 0) return out;
        if (out.size() + static_cast<std::size_t>(n) > maxBytes)
            return Error(Code::Limit,
                fmt::format("larger than {} bytes, the most that is read of it. File: {}", maxBytes, path.string()));
        out.append(buffer, static_cast<std::size_t>(n));
    }
}

std::size_t readAt(const FileDescriptor& file, std::uint64_t offset, std::span<std::uint8_t> out) {
    std::size_t done = 0;
    while (done < out.size()) {
        const ssize_t n = ::pread(file.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        done += static_cast<std::size_t>(n);
    }
    return done;
}

Result<std::string> readFile(const fs::path& path, std::uint64_t maxBytes) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return ioError("cannot open", path);
    return readAll(file, path, maxBytes);
}

Result<FileDescriptor> openPlainFile(const fs::path& path) {
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    if (!file && errno == ELOOP) return Error(Code::Refused, "a link where a file must lie. File: " + path.string());
    if (!file) return ioError("cannot open", path);
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0) return ioError("cannot open", path);
    if (!S_ISREG(facts.st_mode)) return Error(Code::Refused, "not a plain file. File: " + path.string());
    return file;
}

Result<FileDescriptor> openInside(const fs::path& root, const fs::path& relative) {
    const fs::path whole = root / relative;
    FileDescriptor at(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!at) return ioError("cannot open", root);
    for (const fs::path& part : relative.parent_path()) {
        FileDescriptor next(::openat(at.get(), part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!next && (errno == ELOOP || errno == ENOTDIR))
            return Error(Code::Refused, "a folder on the way is a link; it is not followed. File: " + whole.string());
        if (!next) return ioError("cannot open", whole);
        at = std::move(next);
    }
    // O_NONBLOCK: a pipe in the place of a file must not hold up its reader.
    FileDescriptor file(
        ::openat(at.get(), relative.filename().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file && errno == ELOOP) return Error(Code::Refused, "a link; it is not followed. File: " + whole.string());
    if (!file) return ioError("cannot open", whole);
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return ioError("cannot read", whole);
    if (!S_ISREG(info.st_mode)) return Error(Code::Refused, "not a regular file. File: " + whole.string());
    return file;
}

Result<std::string> readPlainFile(const fs::path& path, std::uint64_t maxBytes) {
    DUBITO_TRY(const FileDescriptor file, openPlainFile(path));
    return readAll(file, path, maxBytes);
}

Result<std::string> readTail(const fs::path& path, std::uint64_t maxBytes) {
    DUBITO_TRY(const FileDescriptor file, openPlainFile(path));
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0) return ioError("cannot read", path);
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    const std::uint64_t start = size > maxBytes ? size - maxBytes : 0;
    std::string out(static_cast<std::size_t>(size - start), '\0');
    std::size_t have = 0;
    while (have < out.size()) {
        const ssize_t n = ::pread(file.get(), out.data() + have, out.size() - have, static_cast<off_t>(start + have));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return ioError("cannot read", path);
        if (n == 0) break;  // it was cut meanwhile
        have += static_cast<std::size_t>(n);
    }
    out.resize(have);
    std::size_t broken = 0;
    if (start > 0)
        while (broken < std::min<std::size_t>(3, out.size()) && (out[broken] & 0xC0) == 0x80) ++broken;
    return out.substr(broken);
}

Result<std::vector<fs::path>> listFolder(const fs::path& path) {
    std::error_code error;
    std::vector<fs::path> out;
    for (fs::directory_iterator it(path, error), none; !error && it != none; it.increment(error))
        out.push_back(it->path());
    if (error)
        return Error(error == std::errc::no_such_file_or_directory ? Code::NotFound : Code::Io,
            fmt::format("cannot list the folder: {}. Folder: {}", error.message(), path.string()));
    std::sort(out.begin(), out.end());
    return out;
}

Result<void> syncFolder(const fs::path& path) {
    const FileDescriptor folder(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return ioError("cannot sync the folder", path);
    // EINVAL and ENOTSUP: a file system whose folders cannot be synced, such as some network mounts.
    if (::fsync(folder.get()) != 0 && errno != EINVAL && errno != ENOTSUP)
        return ioError("cannot sync the folder", path);
    return {};
}

Result<AtomicFile> AtomicFile::create(const fs::path& path, unsigned mode) {
    static std::atomic<std::uint32_t> counter{0};
    AtomicFile out;
    out.m_path = path;
    out.m_mode = mode;
    // A name left by a process that was killed, or laid there on purpose, is passed over.
    for (int tries = 0; tries < 1000; ++tries) {
        fs::path temporary = path;
        temporary += fmt::format(".tmp-{}-{}", ::getpid(), counter.fetch_add(1));
        constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        out.m_file = FileDescriptor(::open(temporary.c_str(), kFlags, mode | 0200));
        if (!out.m_file && errno == EEXIST) continue;
        if (!out.m_file) break;
        out.m_temporary = std::move(temporary);
        return out;
    }
    return ioError("cannot write", path);
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

Result<void> AtomicFile::append(const FileDescriptor& source) {
    struct stat facts {};
    if (m_written == 0 && ::ioctl(m_file.get(), FICLONE, source.get()) == 0 && ::fstat(m_file.get(), &facts) == 0) {
        m_written = static_cast<std::uint64_t>(facts.st_size);
        ::lseek(m_file.get(), 0, SEEK_END);
        return {};
    }
    if (::lseek(source.get(), 0, SEEK_SET) < 0) return ioError("cannot copy into", m_path);
    for (;;) {
        const ssize_t n = ::copy_file_range(source.get(), nullptr, m_file.get(), nullptr, 1u << 30, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;  // the end, or a pair of file systems that cannot: the plain copy goes on from there
        m_written += static_cast<std::uint64_t>(n);
    }
    Bytes buffer(1 << 20);
    for (;;) {
        const ssize_t n = ::read(source.get(), buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return ioError("cannot read what is copied into", m_path);
        if (n == 0) return {};
        DUBITO_CHECK(write({buffer.data(), static_cast<std::size_t>(n)}));
    }
}

Result<void> AtomicFile::commit() {
    struct stat facts {};
    if (::fstat(m_file.get(), &facts) != 0) return ioError("cannot write", m_path);
    if (!(m_mode & 0200) && ::fchmod(m_file.get(), facts.st_mode & m_mode) != 0) return ioError("cannot write", m_path);
    if (::fsync(m_file.get()) != 0) return ioError("cannot write", m_path);
    if (::rename(m_temporary.c_str(), m_path.c_str()) != 0) return ioError("cannot replace", m_path);
    m_temporary.clear();
    return syncFolder(m_path.parent_path());
}

Result<void> writeFileAtomic(const fs::path& path, std::string_view content, unsigned mode) {
    DUBITO_TRY(AtomicFile file, AtomicFile::create(path, mode));
    DUBITO_CHECK(file.write(asBytes(content)));
    return file.commit();
}

Result<void> makeFolders(const fs::path& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error)
        return Error(Code::Io, fmt::format("cannot make the folder: {}. Folder: {}", error.message(), path.string()));
    return {};
}

std::uint64_t freeBytes(const fs::path& path) {
    // What is not there yet will be made in the nearest folder that is.
    std::error_code error;
    for (fs::path there = fs::absolute(path, error); !there.empty(); there = there.parent_path()) {
        const auto space = fs::space(there, error);
        if (!error) return space.available;
        if (there == there.parent_path()) break;
    }
    return 0;
}

std::vector<fs::path> numberedParts(const fs::path& path) {
    const std::string name = path.filename().string();
    const auto dot = name.rfind('.');
    constexpr std::size_t kNumbers = std::string_view("-00001-of-00003").size();
    if (dot == std::string::npos || dot < kNumbers) return {path};
    const std::string stem = name.substr(0, dot - kNumbers), numbers = name.substr(dot - kNumbers, kNumbers);
    const std::string extension = name.substr(dot);
    const bool isPart =
        numbers[0] == '-' && isDigits(numbers.substr(1, 5)) && numbers.substr(6, 4) == "-of-" &&
        isDigits(numbers.substr(10)) && extension.size() > 1 &&
        std::all_of(extension.begin() + 1, extension.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    const int count = isPart ? std::atoi(numbers.c_str() + 10) : 0;
    if (count < 1 || count > 1000) return {path};
    std::vector<fs::path> out;
    for (int i = 1; i <= count; ++i)
        out.push_back(path.parent_path() / fmt::format("{}-{:05}-of-{:05}{}", stem, i, count, extension));
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

fs::path sharedFolder(std::string_view name) { return programFolder() / "../share/dubito" / name; }

}  // namespace dubito
