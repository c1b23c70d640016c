// Preferences of a person: theme, language, recent files, geometry, shortcuts. What a colleague needs is in the
// project.
#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QHash>
#include <QStringList>
#include <QVariant>
#include <optional>

namespace dubito::app {

class Settings {
public:
    Settings();
    QString theme() const;     ///< light, dark, contrast
    QString language() const;  ///< en, zh_CN
    QStringList recent() const;
    QByteArray geometry() const;
    QString shortcut(const QString& action, const QString& fallback) const;
    void setTheme(const QString& name);
    void setLanguage(const QString& code);
    void addRecent(const QString& path);  ///< opened now
    void removeRecent(const QString& path);
    QDateTime lastOpened(const QString& path) const;  ///< invalid: not known
    void setGeometry(const QByteArray& geometry);
    void setShortcut(const QString& action, const QString& keys);
    void resetShortcuts();
    /// Of the drawer: height in pixels (0: never changed), tool, open or not.
    int drawerHeight() const;
    QString drawerTool() const;
    bool isDrawerOpen() const;
    void setDrawer(int height, const QString& tool, bool isOpen);
    /// Whether a part of the window ("explorer", "side") is shown in a workspace; nothing until the user has said.
    std::optional<bool> shows(const QString& part, const QString& workspace) const;
    /// The last choice in a dialog, by "dialog/field".
    QVariant choice(const QString& key, const QVariant& fallback) const;
    void setChoice(const QString& key, const QVariant& value);
    void setShows(const QString& part, const QString& workspace, bool isShown);

    int tried() const;  ///< of the things to try on the first page, one bit each
    void setTried(int marks);

private:
    QHash<QString, bool> m_shown;         ///< "part/workspace"
    QHash<QString, QString> m_shortcuts;  ///< those that were changed
};

}  // namespace dubito::app
