// rlimits, no_new_privs and a seccomp rule for internet sockets.
#include "host/sandbox.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>

namespace dubito::host {
namespace {

bool setLimit(__rlimit_resource resource, rlim_t soft) {
    rlimit limit{};
    getrlimit(resource, &limit);
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? soft : std::min(soft, limit.rlim_max);
    return setrlimit(resource, &limit) == 0;
}

/// socket(AF_INET or AF_INET6, ...) answers EPERM; everything else is untouched.
bool denyInternet() {
#if defined(__x86_64__)
    sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 5),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    sock_fprog program = {sizeof rules / sizeof rules[0], rules};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
#else
    return false;
#endif
}

}  // namespace

Json enterSandbox(bool network) {
    Json inForce = Json::object();
    inForce["core"] = setLimit(RLIMIT_CORE, 0) ? 0 : -1;
    inForce["files"] = setLimit(RLIMIT_NOFILE, 4096) ? 4096 : -1;
    inForce["file_bytes"] = setLimit(RLIMIT_FSIZE, rlim_t{64} << 30) ? 64LL << 30 : -1LL;
    ::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit returns an error instead
    ::signal(SIGPIPE, SIG_IGN);
    inForce["no_new_privileges"] = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    inForce["internet"] = network ? "allowed" : denyInternet() ? "denied" : "not denied";
    return inForce;
}

}  // namespace dubito::host
