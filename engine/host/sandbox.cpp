// rlimits, no_new_privs and a seccomp rule for internet sockets.
#include "host/sandbox.h"

#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace dubito::host {
namespace {

/// @return the limit in force, -1 when there is none
std::int64_t setLimit(__rlimit_resource resource, rlim_t soft) {
    rlimit limit{};
    ::getrlimit(resource, &limit);
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? soft : std::min(soft, limit.rlim_max);
    ::setrlimit(resource, &limit);
    ::getrlimit(resource, &limit);
    return limit.rlim_cur == RLIM_INFINITY ? -1 : static_cast<std::int64_t>(limit.rlim_cur);
}

/// socket(AF_INET or AF_INET6, ...) answers EPERM in each calling convention that the processor knows.
bool loadRules(scmp_filter_ctx rules) {
    // A convention without rules of its own would otherwise be a way round them (x32 and 32-bit code on x86-64).
#if defined(__x86_64__)
    constexpr std::uint32_t kOthers[] = {SCMP_ARCH_X86, SCMP_ARCH_X32};
#elif defined(__aarch64__)
    constexpr std::uint32_t kOthers[] = {SCMP_ARCH_ARM};
#else
    constexpr std::uint32_t kOthers[] = {SCMP_ARCH_NATIVE};
#endif
    if (seccomp_attr_set(rules, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM)) != 0) return false;
    for (const auto other : kOthers)
        if (const int added = seccomp_arch_add(rules, other); added != 0 && added != -EEXIST) return false;
    for (const int family : {AF_INET, AF_INET6})
        if (seccomp_rule_add(rules, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
                SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family))) != 0)
            return false;
    // Rings make sockets without the call above; programs that know rings do without them on older kernels.
    if (seccomp_rule_add(rules, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(io_uring_setup), 0) != 0) return false;
    return seccomp_load(rules) == 0;
}

bool denyInternet() {
    scmp_filter_ctx rules = seccomp_init(SCMP_ACT_ALLOW);
    if (!rules) return false;
    const bool loaded = loadRules(rules);
    seccomp_release(rules);
    return loaded;
}

/// Whether a socket of this family is refused: asked of the kernel, not of our rules.
bool isRefused(int family) {
    const int made = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made >= 0) ::close(made);
    return made < 0;
}

}  // namespace

Json enterSandbox(bool network) {
    Json inForce = Json::object();
    inForce["core"] = setLimit(RLIMIT_CORE, 0);
    inForce["files"] = setLimit(RLIMIT_NOFILE, 4096);
    inForce["file_bytes"] = setLimit(RLIMIT_FSIZE, rlim_t{64} << 30);
    ::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit returns an error instead
    ::signal(SIGPIPE, SIG_IGN);
    inForce["no_new_privileges"] = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    const bool denied = !network && denyInternet() && isRefused(AF_INET) && isRefused(AF_INET6);
    inForce["internet"] = network ? "allowed" : denied ? "denied" : "not denied";
    return inForce;
}

}  // namespace dubito::host
