// What a worker without network may not do, asked of the kernel in a child process.
#include <QTest>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "host/sandbox.h"

using namespace dubito;

class tst_Sandbox : public QObject {
    Q_OBJECT
    /// The limits hold for the rest of a process, so each question has one of its own. @return what `ask` returned
    static int inChild(bool network, const std::function<int(const Json& inForce)>& ask) {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(ask(host::enterSandbox(network)));
        int status = 0;
        if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
        return WEXITSTATUS(status);
    }
    static bool isDenied(int family) {
        const int made = ::socket(family, SOCK_STREAM, 0);
        return made < 0 && errno == EPERM;
    }
#if defined(__x86_64__)
    /// A system call as 32-bit code makes it. @return negative errno, or the result
    static long call32(long number, long a, long b, long c) {
        long out;
        asm volatile("int $0x80"
                     : "=a"(out)
                     : "a"(number), "b"(a), "c"(b), "d"(c)
                     : "memory", "r8", "r9", "r10", "r11");
        return out;
    }
#endif
private Q_SLOTS:
    void internet_withoutNetwork_isDeniedAndRecorded() {
        QCOMPARE(inChild(false,
                     [](const Json& inForce) {
                         return textOr(inForce, "internet", "") == "denied" && isDenied(AF_INET) && isDenied(AF_INET6)
                                    ? 0
                                    : 1;
                     }),
            0);
        QCOMPARE(inChild(false, [](const Json&) { return isDenied(AF_UNIX) ? 1 : 0; }), 0);
        QCOMPARE(inChild(true,
                     [](const Json& inForce) {
                         return textOr(inForce, "internet", "") == "allowed" && !isDenied(AF_INET) ? 0 : 1;
                     }),
            0);
    }
    void internet_byOtherCallingConventions_isDenied() {
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
        constexpr long kX32 = 0x40000000, kSocket32 = 359, kSocketCall32 = 102, kGetpid32 = 20;
        if (call32(kGetpid32, 0, 0, 0) != ::getpid()) QSKIP("this kernel runs no 32-bit code");
        QCOMPARE(inChild(false,
                     [](const Json&) {
                         return call32(kSocket32, AF_INET, SOCK_STREAM, 0) == -EPERM &&
                                        call32(kSocket32, AF_INET6, SOCK_STREAM, 0) == -EPERM
                                    ? 0
                                    : 1;
                     }),
            0);
        QCOMPARE(inChild(false, [](const Json&) { return call32(kSocketCall32, 1, 0, 0) == -EPERM ? 0 : 1; }), 0);
        QCOMPARE(inChild(false, [](const Json&) { return call32(kGetpid32, 0, 0, 0) == ::getpid() ? 0 : 1; }), 0);
        QCOMPARE(inChild(false,
                     [](const Json&) { return ::syscall(kX32 | SYS_socket, AF_INET, SOCK_STREAM, 0) < 0 ? 0 : 1; }),
            0);
#else
        QSKIP("another processor or preset");
#endif
    }
    void limits_areRecordedAsTheyAre() {
        QCOMPARE(inChild(true,
                     [](const Json& inForce) {
                         rlimit files{};
                         ::getrlimit(RLIMIT_NOFILE, &files);
                         return integerOr(inForce, "files", 0) == static_cast<std::int64_t>(files.rlim_cur) &&
                                        integerOr(inForce, "core", -1) == 0
                                    ? 0
                                    : 1;
                     }),
            0);
        // A hard limit below ours stays, and is what is recorded.
        QCOMPARE(inChild(true,
                     [](const Json&) {
                         const rlimit few{64, 64};
                         ::setrlimit(RLIMIT_NOFILE, &few);
                         return integerOr(host::enterSandbox(true), "files", 0) == 64 ? 0 : 1;
                     }),
            0);
    }
};

QTEST_GUILESS_MAIN(tst_Sandbox)
#include "tst_sandbox.moc"
