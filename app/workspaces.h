// Workspaces: a question a person works on, as pages of panes. Files come from the program, from plugins and from a
// project's settings: strangers all, so every field is checked.
#pragma once

#include <QJsonObject>
#include <QSet>
#include <QStringList>
#include <QVector>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/result.h"
#include "kit/panel_registry.h"
#include "run/plugin_description.h"

namespace dubito::app {

/// A pane, or panes beside or below each other.
struct PaneLayout {
    QString panel;          ///< of a pane
    QJsonObject settings;   ///< of its panel, as the panel left them
    bool isDown = false;    ///< of a split: below each other
    QVector<double> ratio;  ///< one for each part; together 1
    std::vector<PaneLayout> of;

    bool isPane() const { return of.empty(); }
    QStringList panels() const;  ///< of all panes, in reading order
    int columns() const;         ///< most panes beside each other
    /// Same panes at the same places, whatever their ratios (to 1 %) and settings.
    bool isLike(const PaneLayout& other) const;
};

struct WorkspacePage {
    QString id;
    run::LocalText title;
    QStringList roles;      ///< a run of a plugin with one of these opens here; "*": any other run
    bool hasCursor = true;  ///< the time cursor's row is shown when one of the panes has an axis
    PaneLayout layout;
};

struct Workspace {
    QString id, sign;
    int place = 100;  ///< on the rail, lowest first
    run::LocalText title;
    QStringList serves;  ///< short names of plugins, "lm.*" a prefix
    std::vector<WorkspacePage> pages;
    bool hasExplorer = true;

    bool servesPlugin(const QString& shortName) const;
    /// It is there for its own sake, not for a plugin's runs.
    bool isGeneral() const { return serves.isEmpty() || serves.contains(QStringLiteral("*")); }
    const WorkspacePage* page(const QString& pageId) const;
};

constexpr int kMostPages = 6, kMostPanes = 4;
inline QString homeId() { return QStringLiteral("home"); }
/// What serves every run that no other workspace serves.
inline QString fallbackId() { return QStringLiteral("runs"); }

/// @param panels the kinds there are; a layout that names another one is refused
Result<PaneLayout> layoutFromJson(const Json& json, const kit::PanelRegistry& panels);
Json layoutToJson(const PaneLayout& layout);
/// @error CorruptData with the field that is wrong
Result<Workspace> workspaceFromJson(const Json& json, const kit::PanelRegistry& panels);

struct WorkspaceList {
    std::vector<Workspace> all;  ///< by place; home is always the first
    QStringList faults;          ///< one sentence for each file or page that was left out
    const Workspace* find(const QString& id) const;
    const Workspace* serving(const QString& shortName) const;  ///< never null: the fallback serves the rest
};

/// The program's own files, then those of plugins; pages of equal workspaces are put together.
WorkspaceList loadWorkspaces(const std::vector<fs::path>& files, const kit::PanelRegistry& panels);

/// "org.example.lm.train" -> "lm.train"
QString shortNameOf(const std::string& pluginId);
/// Of a text by language, in the language of the interface.
QString inLanguage(const run::LocalText& text, const QString& otherwise = {});

}  // namespace dubito::app
