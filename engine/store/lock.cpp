// OFD locks belong to the descriptor, so closing another descriptor of the file in this process cannot drop them.
#include "store/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "base/ids.h"

namespace dubito::store {
namespace {

fs::path lockPath(const fs::path& project) {
    const fs::path beside = project.string() + ".lock";
    if (::access(project.parent_path().empty() ? "." : project.parent_path().c_str(), W_OK) == 0) return beside;
    struct stat info {};
    ::stat(project.c_str(), &info);
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    return fs::path(runtime ? runtime : "/tmp") / fmt::format("dubito-{}-{}.lock", info.st_dev, info.st_ino);
}

bool isOwnerAlive(const fs::path& project) {
    const std::string owner = ownerOf(project);
    int pid = 0;
    return std::sscanf(owner.c_str(), "pid %d", &pid) == 1 && pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
}

}  // namespace

Result<ProjectLock> ProjectLock::take(const fs::path& project) {
    const fs::path path = lockPath(project);
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!file) return Error(Code::Io, "cannot create the project's lock file (folder not writable?). File: " + path.string());
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    bool taken = ::fcntl(file.get(), F_OFD_SETLK, &lock) == 0;
    // An owner that was killed while it started a worker leaves the lock to that child until its exec: wait for it.
    for (int i = 0; i < 50 && !taken && !isOwnerAlive(project); ++i) {
        ::usleep(20'000);
        taken = ::fcntl(file.get(), F_OFD_SETLK, &lock) == 0;
    }
    if (!taken) {
        const std::string owner = ownerOf(project);
        return Error(Code::Owned, fmt::format("the project is open in Dubito{}. File: {}", owner.empty() ? "" : ", " + owner, project.string()));
    }
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    const std::string text = fmt::format("pid {} on host {} since {}\n", ::getpid(), host, isoTime(nowUs()));
    if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), text.data(), text.size(), 0) < 0)
        return Error(Code::Io, "cannot write the project's lock file. File: " + path.string());
    return ProjectLock(std::move(file));
}

std::string ownerOf(const fs::path& project) {
    auto text = readFile(lockPath(project), 1024);
    if (!text) return {};
    while (!text->empty() && text->back() == '\n') text->pop_back();
    return *text;
}

}  // namespace dubito::store
