// A small disk of one's own that can be full and have room again. Needs a mount namespace: where none is allowed,
// tests skip.
#pragma once

#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include <fstream>
#include <string>

#include "support/program.h"

namespace dubito::tests {

/// Called first in main(), while there is one thread: mounts are then ours alone, and gone with us.
inline bool enterMountNamespace() {
    const std::string user = std::to_string(::getuid()), group = std::to_string(::getgid());
    if (::unshare(CLONE_NEWNS) != 0) {
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
        std::ofstream("/proc/self/setgroups") << "deny";
        std::ofstream("/proc/self/uid_map") << user << " " << user << " 1";
        std::ofstream("/proc/self/gid_map") << group << " " << group << " 1";
    }
    return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

class Tmpfs {
public:
    explicit Tmpfs(std::filesystem::path at) : m_at(std::move(at)) {
        std::filesystem::create_directories(m_at);
        m_isThere = ::mount("tmpfs", m_at.c_str(), "tmpfs", 0, kRoom) == 0;
    }
    Tmpfs(const Tmpfs&) = delete;
    ~Tmpfs() {
        if (m_isThere) ::umount2(m_at.c_str(), MNT_DETACH);
    }
    bool isThere() const { return m_isThere; }
    /// No page more than is used now. False when the kernel refuses, as when something was written in between.
    bool fill() {
        struct statvfs now {};
        if (::statvfs(m_at.c_str(), &now) != 0) return false;
        const auto used = (now.f_blocks - now.f_bfree) * now.f_frsize;
        return ::mount(nullptr, m_at.c_str(), nullptr, MS_REMOUNT, ("size=" + std::to_string(used)).c_str()) == 0;
    }
    bool empty() { return ::mount(nullptr, m_at.c_str(), nullptr, MS_REMOUNT, kRoom) == 0; }

private:
    static constexpr const char* kRoom = "size=4g";
    std::filesystem::path m_at;
    bool m_isThere = false;
};

}  // namespace dubito::tests
