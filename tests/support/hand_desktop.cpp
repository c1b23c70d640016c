// Steps of a person at the desktop. A step looks again until it can be done, and says what it saw when it cannot.
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QRegularExpression>
#include <QThread>

#include <sys/prctl.h>
#include <unistd.h>
#include <climits>
#include <csignal>

#include "support/hand_eyes.h"

namespace dubito::tests {
namespace {

constexpr int kLookMs = 120;

bool fits(const QString& pattern, const QString& name) {
    if (!pattern.contains(QLatin1Char('*'))) return pattern == name;
    QStringList parts;
    for (const QString& part : pattern.split(QLatin1Char('*'))) parts << QRegularExpression::escape(part);
    return QRegularExpression(QStringLiteral("\\A(?:%1)\\z").arg(parts.join(QStringLiteral(".*"))),
        QRegularExpression::DotMatchesEverythingOption)
        .match(name)
        .hasMatch();
}

bool liesIn(const QVector<Node>& all, int at, const QString& outer) {
    for (int up = all[at].parent; up >= 0; up = all[up].parent)
        if (fits(outer, all[up].name)) return true;
    return false;
}

std::optional<Node> pick(const QVector<Node>& all, const QString& role, const QString& name, const QString& in) {
    std::optional<Node> unseen;
    for (int i = 0; i < all.size(); ++i) {
        if (!fits(role, all[i].role) || !fits(name, all[i].name)) continue;
        if (!in.isEmpty() && !liesIn(all, i, in)) continue;
        if (!all[i].seen.isEmpty()) return all[i];
        if (!unseen) unseen = all[i];
    }
    return unseen;
}

/// Rows of lists are given another path each time they are asked for.
bool isSame(const Node& a, const Node& b) { return a.role == b.role && a.name == b.name && a.box == b.box; }

QString quoted(const QString& role, const QString& name, const QString& in) {
    return QStringLiteral("%1 \"%2\"%3")
        .arg(role, name, in.isEmpty() ? QString() : QStringLiteral(" in \"%1\"").arg(in));
}

}  // namespace

QString Node::line() const {
    QString out = QString(2 * depth, QLatin1Char(' ')) + role + QStringLiteral(" \"") + name + QLatin1Char('"');
    if (!text.isEmpty() && text != name) out += QStringLiteral(" = \"%1\"").arg(text.left(200));
    if (is(Focused)) out += QStringLiteral(" focused");
    if (is(Checked)) out += QStringLiteral(" checked");
    if (is(Selected)) out += QStringLiteral(" selected");
    if (!is(Enabled)) out += QStringLiteral(" disabled");
    out += QStringLiteral(" @%1,%2 %3x%4").arg(box.x()).arg(box.y()).arg(box.width()).arg(box.height());
    if (seen.isEmpty()) out += QStringLiteral(" out of sight");
    return out;
}

Desktop::Desktop(Screen& screen, std::function<QString()> pictures)
    : m_screen(screen), m_pictures(std::move(pictures)), m_eyes(std::make_unique<Eyes>(screen.accessBus())) {}

Desktop::~Desktop() {
    if (!isAlive()) return;
    m_process->kill();
    m_process->waitForFinished(kPatienceS * 1000);
}

bool Desktop::start(const QStringList& arguments, const QMap<QString, QString>& more) {
    m_app.clear();
    m_process = std::make_unique<QProcess>();
    QProcessEnvironment environment = m_screen.environment();
    for (auto one = more.begin(); one != more.end(); ++one) environment.insert(one.key(), one.value());
    m_process->setProcessEnvironment(environment);
    m_process->setWorkingDirectory(m_screen.home());
    static int started = 0;
    m_log = QStringLiteral("%1/desktop-%2.log").arg(m_screen.home()).arg(++started);
    m_process->setProcessChannelMode(QProcess::MergedChannels);
    m_process->setStandardOutputFile(m_log);
    m_process->setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
    m_process->start(QStringLiteral(DUBITO_BIN "/dubito-desktop"), arguments);
    return until(
        [this] {
            if (m_app.isEmpty()) m_app = m_eyes->appOf(pid());
            return !m_app.isEmpty() && has(QStringLiteral("menu item"), QStringLiteral("*"));
        },
        QStringLiteral("the desktop's window"));
}

bool Desktop::waitEnd(int seconds) {
    const bool hasEnded = !isAlive() || m_process->waitForFinished(seconds * 1000);
    if (!hasEnded) m_why = QStringLiteral("the desktop has not ended in %1 s").arg(seconds);
    return hasEnded;
}
void Desktop::kill(int signal) {
    if (isAlive()) ::kill(static_cast<pid_t>(pid()), signal);
}
bool Desktop::quit() { return key(QStringLiteral("Ctrl+Q")) && waitEnd(); }

QByteArray Desktop::said() const {
    QFile file(m_log);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QVector<Node> Desktop::see() {
    if (m_app.isEmpty()) m_app = m_eyes->appOf(pid());
    return m_app.isEmpty() ? QVector<Node>() : m_eyes->read(m_app);
}

std::optional<Node> Desktop::find(const QString& role, const QString& name, const QString& in) {
    return pick(see(), role, name, in);
}

bool Desktop::until(const std::function<bool()>& isSo, const QString& what, int seconds) {
    QElapsedTimer since;
    since.start();
    while (!isSo()) {
        const bool isGone = m_process && m_process->state() == QProcess::NotRunning;
        if (isGone || since.elapsed() > seconds * 1000LL) {
            m_why = (isGone ? QStringLiteral("the desktop ended while waiting for %1. It said: %2")
                            : QStringLiteral("waited %3 s in vain for %1%2"))
                        .arg(what, isGone ? QString::fromUtf8(said()) : QString());
            if (!isGone) m_why = m_why.arg(seconds);
            return false;
        }
        if (m_process) m_process->waitForFinished(kLookMs);
    }
    return true;
}

bool Desktop::wait(const QString& role, const QString& name, const QString& in, int seconds) {
    return until([&] { return has(role, name, in); }, quoted(role, name, in), seconds);
}
bool Desktop::waitGone(const QString& role, const QString& name, const QString& in) {
    return until([&] { return !has(role, name, in); }, quoted(role, name, in) + QStringLiteral(" to go"));
}

bool Desktop::settle() {
    constexpr int kSame = 3;
    int same = 0;
    QStringList before;
    return until(
        [&] {
            QStringList now;
            for (const Node& node : see()) now << node.line();
            same = now == before ? same + 1 : 1;
            before = now;
            return same >= kSame;
        },
        QStringLiteral("it to come to rest"));
}

/// Brings what a scroll area hides into sight, as a wheel does.
bool Desktop::scrollTo(const Node& node) {
    const auto all = see();
    int at = 0;
    while (at < all.size() && !isSame(all[at], node)) ++at;
    if (at == all.size()) return false;
    for (int up = all[at].parent; up >= 0; up = all[up].parent) {
        const QRect room = all[up].seen;
        if (room.isEmpty() || room.contains(node.box.center())) continue;
        const int notches = node.box.center().y() > room.center().y() ? 2 : -2;
        // At the edge, where no field takes the wheel for itself.
        m_screen.hand().wheel({room.right() - 4, room.center().y()}, notches);
        return true;
    }
    return false;
}

std::optional<Node> Desktop::still(const QString& role, const QString& name, const QString& in) {
    std::optional<Node> before, out;
    const bool isThere = until(
        [&] {
            const auto now = find(role, name, in);
            const bool isStill = now && before && isSame(*now, *before);
            before = now;
            if (!isStill || !now->is(Node::Enabled)) return false;
            if (!now->seen.contains(now->box.center())) {
                scrollTo(*now);
                return false;
            }
            out = now;
            return true;
        },
        quoted(role, name, in) + QStringLiteral(" to be there, in use and in sight"));
    if (!isThere && before) m_why += QStringLiteral("; last seen: ") + before->line().trimmed();
    return isThere ? out : std::nullopt;
}

bool Desktop::click(const QString& role, const QString& name, const QString& in, int button) {
    const auto node = still(role, name, in);
    if (node) m_screen.hand().click(node->seen.center(), button);
    return node.has_value();
}
bool Desktop::clickAt(const QString& role, const QString& name, QPointF part, const QString& in) {
    const auto node = still(role, name, in);
    if (node)
        m_screen.hand().click(node->box.topLeft() + QPoint(static_cast<int>(part.x() * node->box.width()),
                                                        static_cast<int>(part.y() * node->box.height())));
    return node.has_value();
}
bool Desktop::doubleClick(const QString& role, const QString& name, const QString& in) {
    const auto node = still(role, name, in);
    if (node) m_screen.hand().doubleClick(node->seen.center());
    return node.has_value();
}

bool Desktop::menu(const QStringList& way) {
    for (const QString& item : way) {
        const auto node = still(QStringLiteral("menu item"), item, {});
        if (!node) return false;
        // Down first: on the straight way to it the pointer would open the menu beside.
        Hand& hand = m_screen.hand();
        if (item != way.first()) hand.move({hand.pointer().x(), node->seen.center().y()});
        hand.click(node->seen.center());
    }
    return true;
}

bool Desktop::choose(const QString& box, const QString& item, const QString& in) {
    // A box is called by what stands in it, or by the label at its left.
    QString current = box;
    const bool isThere = until(
        [&] {
            const auto all = see();
            if (pick(all, QStringLiteral("combo box"), box, in)) return true;
            const auto label = pick(all, QStringLiteral("label"), box, in);
            if (!label) return false;
            int nearest = INT_MAX;
            for (const Node& node : all) {
                const int gap = node.box.left() - label->box.right();
                const bool isBeside = node.box.top() <= label->box.bottom() && node.box.bottom() >= label->box.top();
                if (node.role != QLatin1String("combo box") || !isBeside || gap < 0 || gap > nearest) continue;
                nearest = gap;
                current = node.name;
            }
            return nearest < INT_MAX;
        },
        quoted(QStringLiteral("combo box"), box, in));
    return isThere && click(QStringLiteral("combo box"), current, in) && click(QStringLiteral("list item"), item);
}

bool Desktop::fill(const QString& role, const QString& name, const QString& text, const QString& in) {
    constexpr int kAgainS = 5;  // what came up meanwhile may have moved it from under the pointer
    QElapsedTimer since;
    const bool hasKeys = until(
        [&] {
            const auto field = find(role, name, in);
            if (field && field->is(Node::Focused)) return true;
            if (since.isValid() && since.elapsed() < kAgainS * 1000) return false;
            if (click(role, name, in)) since.start();
            return false;
        },
        quoted(role, name, in) + QStringLiteral(" to take the keys"));
    if (!hasKeys) return false;
    m_screen.hand().key(QStringLiteral("Ctrl+A"));
    m_screen.hand().key(QStringLiteral("Del"));
    return type(text);
}

bool Desktop::key(const QString& keys) {
    m_screen.hand().key(keys);
    return true;
}
bool Desktop::type(const QString& text) {
    m_screen.hand().type(text);
    return true;
}

bool Desktop::bringUp() {
    return until(
        [this] {
            const auto all = see();
            for (const Node& node : all)
                if (node.depth == 1 && node.is(Node::Active)) return true;
            m_screen.hand().bringUp(pid());
            return false;
        },
        QStringLiteral("its window in front"));
}

std::optional<Node> Desktop::focused() {
    std::optional<Node> out;
    for (const Node& node : see())
        if (node.is(Node::Focused)) out = node;  // the innermost comes last
    return out;
}

bool Desktop::tabTo(const QString& role, const QString& name) {
    constexpr int kMost = 60;
    for (int i = 0; i < kMost; ++i) {
        for (const Node& node : see())
            if (node.is(Node::Focused) && fits(role, node.role) && fits(name, node.name)) return true;
        key(QStringLiteral("Tab"));
        if (m_process) m_process->waitForFinished(kLookMs);
    }
    m_why = QStringLiteral("%1 presses of Tab did not come to %2").arg(kMost).arg(quoted(role, name, {}));
    return false;
}

QString Desktop::told() {
    picture(QStringLiteral("failed"));
    const QString at = m_pictures() + QStringLiteral("-failed");
    QFile file(at + QStringLiteral(".txt"));
    if (file.open(QIODevice::WriteOnly)) {
        if (isAlive())
            for (const Node& node : see()) file.write((node.line() + QLatin1Char('\n')).toUtf8());
        file.write("\nthe desktop said:\n" + said());
    }
    return (m_why.isEmpty() ? QStringLiteral("not as expected") : m_why) +
           QStringLiteral("\nwhat was on the screen: %1.png and .txt").arg(at);
}

void Desktop::picture(const QString& name) {
    const QString path = m_pictures() + QLatin1Char('-') + name + QStringLiteral(".png");
    QDir().mkpath(QFileInfo(path).path());
    m_screen.hand().picture().save(path);
}

}  // namespace dubito::tests
