// The screen, its servants and their end. Whatever bears our folder in its environment or its command is ours.
#include <QDBusConnection>
#include <QDBusInterface>
#include <QDBusReply>
#include <QDir>
#include <QFile>
#include <QStandardPaths>
#include <QThread>

#include <sys/prctl.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>

#include "support/hand.h"

namespace dubito::tests {
namespace {

constexpr auto kPackages = "Debian has it in xvfb, openbox, dbus-daemon or at-spi2-core; packaging/setup installs them";
const char* const kLaunchers[] = {"/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher"};

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// First line of what a servant says; empty when it ended or said nothing.
QString firstLine(QProcess& process) {
    for (int i = 0; i < kPatienceS * 5; ++i) {
        if (process.canReadLine()) return QString::fromUtf8(process.readLine()).trimmed();
        if (process.state() == QProcess::NotRunning) return {};
        process.waitForReadyRead(200);
    }
    return {};
}

template <class F>
bool soon(F isSo) {
    for (int i = 0; i < kPatienceS * 20; ++i) {
        if (isSo()) return true;
        QThread::msleep(50);
    }
    return false;
}

}  // namespace

QString Screen::missing() {
    QStringList out;
    for (const char* program : {"Xvfb", "openbox", "dbus-daemon"})
        if (QStandardPaths::findExecutable(QLatin1String(program)).isEmpty()) out << QLatin1String(program);
    if (std::none_of(std::begin(kLaunchers), std::end(kLaunchers),
            [](const char* launcher) { return QFile::exists(QLatin1String(launcher)); }))
        out << QStringLiteral("at-spi-bus-launcher");
    if (out.isEmpty()) return {};
    return QStringLiteral("no screen can be made, %1 is not installed: %2")
        .arg(out.join(QStringLiteral(", ")), QLatin1String(kPackages));
}

Screen::Screen() : m_folder(QStringLiteral("/tmp/dubito-hand-XXXXXX")) {
    m_home = m_folder.path() + QStringLiteral("/home");
    const QString run = m_folder.path() + QStringLiteral("/run");
    QDir().mkpath(m_home), QDir().mkpath(run);
    QFile::setPermissions(run, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    const QProcessEnvironment around = QProcessEnvironment::systemEnvironment();
    for (const char* kept : {"PATH", "USER", "LOGNAME", "DUBITO_PLUGIN_PATH", "GOMP_SPINCOUNT"})
        if (const QString name = QString::fromLatin1(kept); around.contains(name))
            m_environment.insert(name, around.value(name));
    m_environment.insert(QStringLiteral("HOME"), m_home);
    m_environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), run);
    m_environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("C.UTF-8"));
    m_environment.insert(QStringLiteral("QT_ACCESSIBILITY"), QStringLiteral("1"));
    m_environment.insert(QStringLiteral("QT_LINUX_ACCESSIBILITY_ALWAYS_ON"), QStringLiteral("1"));
}

Screen::~Screen() { stop(); }

bool Screen::launch(const QString& program, const QStringList& arguments, QProcess** out) {
    auto process = std::make_unique<QProcess>();
    process->setProcessEnvironment(m_environment);
    process->setStandardErrorFile(m_folder.path() + QStringLiteral("/servants.log"), QIODevice::Append);
    if (!out) process->setStandardOutputFile(QProcess::nullDevice());
    // Gone with us even when we are killed.
    process->setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
    process->start(program, arguments);
    const bool isThere = process->waitForStarted(kPatienceS * 1000);
    if (out) *out = process.get();
    m_servants.push_back(std::move(process));
    return isThere;
}

QString Screen::start(QSize size) {
    if (!m_folder.isValid()) return QStringLiteral("no folder can be made in /tmp");
    QProcess* server = nullptr;
    const QString shape = QStringLiteral("%1x%2x24").arg(size.width()).arg(size.height());
    if (!launch(QStringLiteral("Xvfb"),
            {"-displayfd", "1", "-screen", "0", shape, "-dpi", "96", "-nolisten", "tcp", "-noreset"}, &server))
        return QStringLiteral("Xvfb does not start: %1").arg(QLatin1String(kPackages));
    const QString number = firstLine(*server);
    if (number.isEmpty()) return QStringLiteral("Xvfb ended: ") + contentOf(m_folder.path() + "/servants.log");
    const QString display = QLatin1Char(':') + number;
    m_environment.insert(QStringLiteral("DISPLAY"), display);
    m_hand = Hand::create(display);
    if (!m_hand) return QStringLiteral("the display %1 has no XTest").arg(display);

    QProcess* bus = nullptr;
    const QString address = QStringLiteral("unix:path=%1/run/bus").arg(m_folder.path());
    if (!launch(QStringLiteral("dbus-daemon"),
            {"--session", "--nofork", "--nopidfile", "--print-address=1", "--address=" + address}, &bus) ||
        firstLine(*bus).isEmpty())
        return QStringLiteral("dbus-daemon does not start: %1").arg(QLatin1String(kPackages));
    m_environment.insert(QStringLiteral("DBUS_SESSION_BUS_ADDRESS"), address);
    if (!launch(QStringLiteral("openbox"), {}))
        return QStringLiteral("openbox does not start: %1").arg(QLatin1String(kPackages));
    bool isLaunched = false;
    for (const char* launcher : kLaunchers)
        if (!isLaunched && QFile::exists(QLatin1String(launcher)))
            isLaunched = launch(QLatin1String(launcher), {"--launch-immediately"});
    if (!isLaunched) return QStringLiteral("at-spi-bus-launcher does not start: %1").arg(QLatin1String(kPackages));

    const QString name = m_folder.path();
    soon([&] {
        auto session = QDBusConnection::connectToBus(address, name);
        const QDBusReply<QString> reply =
            session.call(QDBusMessage::createMethodCall("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress"));
        QDBusConnection::disconnectFromBus(name);
        if (reply.isValid()) m_accessBus = reply.value();
        return !m_accessBus.isEmpty();
    });
    if (m_accessBus.isEmpty()) return QStringLiteral("the accessibility bus gives no address");
    if (!soon([&] { return m_hand->hasWindowManager(); })) return QStringLiteral("no window manager came");
    return {};
}

QVector<qint64> Screen::processes(const QString& part) const {
    QVector<qint64> out;
    const QByteArray ours = (m_folder.path() + QLatin1Char('/')).toUtf8();
    for (const QString& entry : QDir(QStringLiteral("/proc")).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        bool isNumber = false;
        const qint64 pid = entry.toLongLong(&isNumber);
        if (!isNumber || pid == ::getpid()) continue;
        const QByteArray command = contentOf(QStringLiteral("/proc/%1/cmdline").arg(pid)).replace('\0', ' ');
        if (command.isEmpty() || !command.contains(part.toUtf8())) continue;
        if (command.contains(ours) || contentOf(QStringLiteral("/proc/%1/environ").arg(pid)).contains(ours))
            out.push_back(pid);
    }
    return out;
}

void Screen::stop() {
    m_hand.reset();
    for (auto process = m_servants.rbegin(); process != m_servants.rend(); ++process) {
        (*process)->kill();
        (*process)->waitForFinished(kPatienceS * 1000);
    }
    m_servants.clear();
    // Workers outlive their desktop, buses start servants of their own.
    for (int i = 0; i < 100; ++i) {
        const auto left = processes({});
        if (left.isEmpty()) return;
        for (const qint64 pid : left) ::kill(static_cast<pid_t>(pid), SIGKILL);
        QThread::msleep(50);
    }
}

}  // namespace dubito::tests
