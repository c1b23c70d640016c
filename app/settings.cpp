// An INI file in the user's configuration folder, with a version key.
#include "settings.h"

#include <QLocale>
#include <QSettings>

#include "base/files.h"

namespace dubito::app {
namespace {

QSettings file() {
    return QSettings(QString::fromStdString((configHome() / "desktop.ini").string()), QSettings::IniFormat);
}

constexpr int kMostRecent = 12;

/// The list, and when each of it was opened; `now` is opened at this moment.
void keepRecent(const QStringList& paths, const QString& now) {
    QSettings settings = file();
    const QVariantMap before = settings.value(QStringLiteral("recentTimes")).toMap();
    QVariantMap times;
    for (const QString& path : paths)
        if (before.contains(path)) times.insert(path, before.value(path));
    if (!now.isEmpty()) times.insert(now, QDateTime::currentDateTimeUtc().toString(Qt::ISODate));
    settings.setValue(QStringLiteral("recent"), paths);
    settings.setValue(QStringLiteral("recentTimes"), times);
}

}  // namespace

Settings::Settings() {
    QSettings settings = file();
    settings.setValue(QStringLiteral("version"), 1);
    settings.beginGroup(QStringLiteral("shown"));
    for (const QString& key : settings.allKeys()) m_shown.insert(key, settings.value(key).toBool());
    settings.endGroup();
    settings.beginGroup(QStringLiteral("shortcuts"));
    for (const QString& key : settings.allKeys()) m_shortcuts.insert(key, settings.value(key).toString());
}

QString Settings::theme() const { return file().value(QStringLiteral("theme"), QStringLiteral("light")).toString(); }
QString Settings::language() const {
    const QString system = QLocale().language() == QLocale::Chinese ? QStringLiteral("zh_CN") : QStringLiteral("en");
    return file().value(QStringLiteral("language"), system).toString();
}
QStringList Settings::recent() const { return file().value(QStringLiteral("recent")).toStringList(); }
QByteArray Settings::geometry() const { return file().value(QStringLiteral("geometry")).toByteArray(); }
QString Settings::shortcut(const QString& action, const QString& fallback) const {
    return m_shortcuts.value(action, fallback);
}
void Settings::setTheme(const QString& name) { file().setValue(QStringLiteral("theme"), name); }
void Settings::setLanguage(const QString& code) { file().setValue(QStringLiteral("language"), code); }
void Settings::setGeometry(const QByteArray& geometry) { file().setValue(QStringLiteral("geometry"), geometry); }
void Settings::setShortcut(const QString& action, const QString& keys) {
    m_shortcuts[action] = keys;
    file().setValue(QStringLiteral("shortcuts/") + action, keys);
}
void Settings::resetShortcuts() {
    m_shortcuts.clear();
    file().remove(QStringLiteral("shortcuts"));
}

int Settings::drawerHeight() const { return file().value(QStringLiteral("drawer/height"), 0).toInt(); }
QString Settings::drawerTool() const { return file().value(QStringLiteral("drawer/tool")).toString(); }
bool Settings::isDrawerOpen() const { return file().value(QStringLiteral("drawer/open"), false).toBool(); }
void Settings::setDrawer(int height, const QString& tool, bool isOpen) {
    QSettings settings = file();
    settings.setValue(QStringLiteral("drawer/height"), height);
    settings.setValue(QStringLiteral("drawer/tool"), tool);
    settings.setValue(QStringLiteral("drawer/open"), isOpen);
}

std::optional<bool> Settings::shows(const QString& part, const QString& workspace) const {
    const auto found = m_shown.find(part + QLatin1Char('/') + workspace);
    return found == m_shown.end() ? std::nullopt : std::optional(*found);
}
void Settings::setShows(const QString& part, const QString& workspace, bool isShown) {
    const QString key = part + QLatin1Char('/') + workspace;
    m_shown[key] = isShown;
    file().setValue(QStringLiteral("shown/") + key, isShown);
}

int Settings::tried() const { return file().value(QStringLiteral("tried"), 0).toInt(); }
void Settings::setTried(int marks) { file().setValue(QStringLiteral("tried"), marks); }
QVariant Settings::choice(const QString& key, const QVariant& fallback) const {
    return file().value(QStringLiteral("choices/") + key, fallback);
}
void Settings::setChoice(const QString& key, const QVariant& value) {
    file().setValue(QStringLiteral("choices/") + key, value);
}

void Settings::addRecent(const QString& path) {
    QStringList all = recent();
    all.removeAll(path);
    all.prepend(path);
    keepRecent(all.mid(0, kMostRecent), path);
}

void Settings::removeRecent(const QString& path) {
    QStringList all = recent();
    all.removeAll(path);
    keepRecent(all, {});
}

QDateTime Settings::lastOpened(const QString& path) const {
    const QVariantMap times = file().value(QStringLiteral("recentTimes")).toMap();
    return QDateTime::fromString(times.value(path).toString(), Qt::ISODate).toLocalTime();
}

}  // namespace dubito::app
