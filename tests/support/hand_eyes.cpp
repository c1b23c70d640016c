// The tree of what is shown, read over the accessibility bus. All nodes of one depth are asked at once: on a busy
// machine one round trip each would take minutes.
#include "support/hand_eyes.h"

#include <QDBusArgument>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QDBusReply>
#include <QDBusVariant>

namespace dubito::tests {
namespace {

constexpr auto kAccessible = "org.a11y.atspi.Accessible";
constexpr auto kComponent = "org.a11y.atspi.Component";
constexpr int kMostChildren = 600;  ///< of one table
constexpr int kDeepest = 40;
constexpr int kReplyMs = 120'000;

QDBusMessage callTo(const QString& app, const QString& path, const char* interface, const char* method,
    const QVariantList& arguments = {}) {
    auto out = QDBusMessage::createMethodCall(app, path, QLatin1String(interface), QLatin1String(method));
    out.setArguments(arguments);
    return out;
}
QDBusMessage property(const QString& app, const QString& path, const char* interface, const char* name) {
    return callTo(app, path, "org.freedesktop.DBus.Properties", "Get", {QLatin1String(interface), QLatin1String(name)});
}

QVariant firstOf(QDBusPendingCall& call) {
    call.waitForFinished();
    const QVariantList all = call.reply().arguments();
    if (call.isError() || all.isEmpty()) return {};
    if (all[0].canConvert<QDBusVariant>()) return all[0].value<QDBusVariant>().variant();
    return all[0];
}

/// (bus name, path) pairs.
QVector<std::pair<QString, QString>> referencesOf(const QVariant& value) {
    QVector<std::pair<QString, QString>> out;
    if (!value.canConvert<QDBusArgument>()) return out;
    const auto list = value.value<QDBusArgument>();
    if (list.currentType() != QDBusArgument::ArrayType) return out;
    list.beginArray();
    while (!list.atEnd()) {
        QString name;
        QDBusObjectPath path;
        list.beginStructure();
        list >> name >> path;
        list.endStructure();
        out.push_back({name, path.path()});
    }
    list.endArray();
    return out;
}

QRect boxOf(const QVariant& value) {
    if (!value.canConvert<QDBusArgument>()) return {};
    const auto box = value.value<QDBusArgument>();
    if (box.currentType() != QDBusArgument::StructureType) return {};
    int x = 0, y = 0, width = 0, height = 0;
    box.beginStructure();
    box >> x >> y >> width >> height;
    box.endStructure();
    return {x, y, width, height};
}

quint64 statesOf(const QVariant& value) {
    QList<uint> words;
    if (value.canConvert<QDBusArgument>()) value.value<QDBusArgument>() >> words;
    return words.size() < 2 ? 0 : quint64(words[0]) | quint64(words[1]) << 32;
}

bool mayHoldText(const QString& role) {
    return role == QLatin1String("text") || role == QLatin1String("spin button") ||
           role == QLatin1String("password text") || role == QLatin1String("paragraph");
}
bool hasValue(const QString& role) { return role == QLatin1String("slider") || role == QLatin1String("progress bar"); }
/// What lies in these is no part of them on the screen.
bool isWindowOfItsOwn(const QString& role) {
    return role == QLatin1String("popup menu") || role == QLatin1String("menu item") || role == QLatin1String("menu") ||
           role == QLatin1String("combo box") || role == QLatin1String("application");
}

struct Asked {
    QDBusPendingCall role, name, box, children;
};

}  // namespace

Eyes::Eyes(const QString& bus) : m_name(QStringLiteral("eyes-%1").arg(quintptr(this))), m_bus(bus) {
    QDBusConnection::connectToBus(bus, m_name);
}
Eyes::~Eyes() { QDBusConnection::disconnectFromBus(m_name); }

QString Eyes::appOf(qint64 pid) const {
    const QDBusConnection bus(m_name);
    auto roots = bus.asyncCall(
        callTo("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root", kAccessible, "GetChildren"), kReplyMs);
    for (const auto& [app, path] : referencesOf(firstOf(roots))) {
        auto owner = bus.asyncCall(callTo("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                       "GetConnectionUnixProcessID", {app}),
            kReplyMs);
        if (firstOf(owner).toLongLong() == pid) return app;
    }
    return {};
}

void Eyes::readValues(const QString& app, QVector<Node>& nodes) const {
    const QDBusConnection bus(m_name);
    std::vector<std::pair<int, QDBusPendingCall>> asked;
    for (int i = 0; i < nodes.size(); ++i)
        if (mayHoldText(nodes[i].role))
            asked.push_back(
                {i, bus.asyncCall(callTo(app, nodes[i].path, "org.a11y.atspi.Text", "GetText", {0, -1}), kReplyMs)});
        else if (hasValue(nodes[i].role))
            asked.push_back(
                {i, bus.asyncCall(property(app, nodes[i].path, "org.a11y.atspi.Value", "CurrentValue"), kReplyMs)});
    for (auto& [i, call] : asked) nodes[i].text = firstOf(call).toString();
}

QVector<Node> Eyes::read(const QString& app) const {
    const QDBusConnection bus(m_name);
    QVector<Node> level{{QStringLiteral("/org/a11y/atspi/accessible/root"), {}, {}, {}, 0, {}, {}, -1, 0}};
    std::vector<Node> all;
    std::vector<std::vector<int>> below;
    for (int depth = 0; !level.isEmpty() && depth < kDeepest; ++depth) {
        std::vector<QDBusPendingCall> states;
        for (const Node& node : level)
            states.push_back(bus.asyncCall(callTo(app, node.path, kAccessible, "GetState"), kReplyMs));
        QVector<Node> shown;
        for (int i = 0; i < level.size(); ++i) {
            level[i].states = statesOf(firstOf(states[static_cast<std::size_t>(i)]));
            if (depth == 0 || level[i].is(Node::Showing)) shown.push_back(level[i]);
        }
        std::vector<Asked> asked;
        for (const Node& node : shown)
            asked.push_back({bus.asyncCall(callTo(app, node.path, kAccessible, "GetRoleName"), kReplyMs),
                bus.asyncCall(property(app, node.path, kAccessible, "Name"), kReplyMs),
                bus.asyncCall(callTo(app, node.path, kComponent, "GetExtents", {0u}), kReplyMs),
                bus.asyncCall(callTo(app, node.path, kAccessible, "GetChildren"), kReplyMs)});
        level.clear();
        for (int i = 0; i < shown.size(); ++i) {
            Node& node = shown[i];
            auto& call = asked[static_cast<std::size_t>(i)];
            node.role = firstOf(call.role).toString();
            node.name = firstOf(call.name).toString();
            node.box = node.seen = boxOf(firstOf(call.box));
            if (node.parent >= 0) {
                const Node& outer = all[static_cast<std::size_t>(node.parent)];
                if (!isWindowOfItsOwn(outer.role)) node.seen = node.box & outer.seen;
                below[static_cast<std::size_t>(node.parent)].push_back(static_cast<int>(all.size()));
            }
            const int number = static_cast<int>(all.size());
            all.push_back(node);
            below.emplace_back();
            int children = 0;
            for (const auto& [name, path] : referencesOf(firstOf(call.children)))
                if (++children <= kMostChildren) level.push_back({path, {}, {}, {}, 0, {}, {}, number, depth + 1});
        }
    }
    // From one depth after the other to reading order.
    QVector<Node> out;
    std::vector<std::pair<int, int>> open;  // number, number of the parent in `out`
    if (!all.empty()) open.push_back({0, -1});
    while (!open.empty()) {
        const auto [number, parent] = open.back();
        open.pop_back();
        const int at = static_cast<int>(out.size());
        out.push_back(all[static_cast<std::size_t>(number)]);
        out.back().parent = parent;
        const auto& children = below[static_cast<std::size_t>(number)];
        for (auto child = children.rbegin(); child != children.rend(); ++child) open.push_back({*child, at});
    }
    readValues(app, out);
    return out;
}

}  // namespace dubito::tests
