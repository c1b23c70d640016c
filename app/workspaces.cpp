// Reading only: nothing here knows a widget.
#include "workspaces.h"

#include <QFile>
#include <QJsonDocument>
#include <QLocale>
#include <QRegularExpression>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace dubito::app {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024, kMostWords = 32;
constexpr int kMostDepth = 4, kLongestTitle = 40, kLongestName = 80;
constexpr const char* kOwnFiles[] = {":/workspaces/home.json", ":/workspaces/runs.json"};

Error bad(const std::string& what) { return {Code::CorruptData, what}; }

Result<void> checkKeys(const Json& json, const std::string& where, std::initializer_list<const char*> known) {
    if (!json.is_object()) return bad(where + " is no object");
    for (const auto& [key, value] : json.items())
        if (std::none_of(known.begin(), known.end(), [&, k = key](const char* one) { return k == one; }))
            return bad(fmt::format("{} has an unknown field \"{}\"", where, key.substr(0, 40)));
    return {};
}

Result<QString> idOf(const Json& json, const char* key, const std::string& where) {
    static const QRegularExpression kId(QStringLiteral("^[a-z][a-z0-9_-]{0,39}$"));
    const Json& value = memberOf(json, key);
    const QString text = value.is_string() ? QString::fromStdString(value.get<std::string>()) : QString();
    if (!kId.match(text).hasMatch())
        return bad(fmt::format("{} of {} is not a name of small letters, digits, - and _", key, where));
    return text;
}

Result<run::LocalText> titleOf(const Json& json, const std::string& where) {
    const Json& value = memberOf(json, "title");
    run::LocalText out;
    if (value.is_object() && value.size() <= kMostWords)
        for (const auto& [language, text] : value.items()) {
            const QString words = text.is_string() ? QString::fromStdString(text.get<std::string>()).trimmed() : "";
            if (words.isEmpty() || words.size() > kLongestTitle)
                return bad(fmt::format("title of {} is empty or longer than {} letters", where, kLongestTitle));
            out[language.substr(0, 16)] = words.toStdString();
        }
    if (!out.contains("en")) return bad("title of " + where + " has no \"en\"");
    return out;
}

Result<QStringList> wordsOf(const Json& json, const char* key, const std::string& where) {
    const Json& value = memberOf(json, key);
    QStringList out;
    if (value.is_null()) return out;
    if (!value.is_array() || value.size() > kMostWords)
        return bad(fmt::format("{} of {} is no list of at most {} words", key, where, kMostWords));
    for (const Json& word : value) {
        const QString text = word.is_string() ? QString::fromStdString(word.get<std::string>()) : QString();
        if (text.isEmpty() || text.size() > kLongestName)
            return bad(fmt::format("{} of {} has a word that is empty, too long or no text", key, where));
        out << text;
    }
    return out;
}

Result<bool> flagOf(const Json& json, const char* key, bool otherwise, const std::string& where) {
    const Json& value = memberOf(json, key);
    if (value.is_null()) return otherwise;
    if (!value.is_boolean()) return bad(fmt::format("{} of {} is neither true nor false", key, where));
    return value.get<bool>();
}

Result<PaneLayout> paneOf(const Json& json, const kit::PanelRegistry& panels) {
    DUBITO_CHECK(checkKeys(json, "a pane", {"panel", "settings"}));
    PaneLayout out;
    DUBITO_TRY(out.panel, idOf(json, "panel", "a pane"));
    if (!panels.find(out.panel)) return bad("there is no panel \"" + out.panel.toStdString() + "\"");
    if (const Json& settings = memberOf(json, "settings"); settings.is_object())
        out.settings = QJsonDocument::fromJson(QByteArray::fromStdString(jsonText(settings))).object();
    else if (!settings.is_null()) return bad("settings of a pane are no object");
    return out;
}

Result<QVector<double>> ratioOf(const Json& json, std::size_t parts) {
    const Json& value = memberOf(json, "ratio");
    if (value.is_null()) return QVector<double>(static_cast<int>(parts), 1.0 / static_cast<double>(parts));
    if (!value.is_array() || value.size() != parts) return bad("ratio of a split has not one number for each part");
    QVector<double> out;
    double sum = 0;
    for (const Json& one : value) {
        const double share = one.is_number() ? one.get<double>() : 0;
        if (!std::isfinite(share) || share <= 0 || share > 1e6)
            return bad("ratio of a split has a number out of range");
        out << share;
        sum += share;
    }
    for (double& share : out)
        if ((share /= sum) < 0.02) return bad("ratio of a split leaves a part no room");
    return out;
}

Result<PaneLayout> nodeOf(const Json& json, const kit::PanelRegistry& panels, int depth, int* panes) {
    if (depth > kMostDepth) return bad(fmt::format("splits are deeper than {}", kMostDepth));
    if (!memberOf(json, "of").is_array() || json.contains("panel")) {
        if (++*panes > kMostPanes) return bad(fmt::format("a page has more than {} panes", kMostPanes));
        return paneOf(json, panels);
    }
    DUBITO_CHECK(checkKeys(json, "a split", {"split", "ratio", "of"}));
    PaneLayout out;
    const std::string way = textOr(json, "split", "");
    if (way != "across" && way != "down") return bad("split is neither \"across\" nor \"down\"");
    out.isDown = way == "down";
    const Json& parts = memberOf(json, "of");
    if (parts.size() < 2 || parts.size() > static_cast<std::size_t>(kMostPanes))
        return bad(fmt::format("a split has not 2 to {} parts", kMostPanes));
    DUBITO_TRY(out.ratio, ratioOf(json, parts.size()));
    for (const Json& part : parts) {
        DUBITO_TRY(PaneLayout one, nodeOf(part, panels, depth + 1, panes));
        out.of.push_back(std::move(one));
    }
    return out;
}

Result<WorkspacePage> pageOf(const Json& json, const kit::PanelRegistry& panels) {
    DUBITO_CHECK(checkKeys(json, "a page", {"id", "title", "roles", "layout", "cursor"}));
    WorkspacePage out;
    DUBITO_TRY(out.id, idOf(json, "id", "a page"));
    const std::string where = "page \"" + out.id.toStdString() + "\"";
    DUBITO_TRY(out.title, titleOf(json, where));
    DUBITO_TRY(out.roles, wordsOf(json, "roles", where));
    DUBITO_TRY(out.hasCursor, flagOf(json, "cursor", true, where));
    auto layout = layoutFromJson(memberOf(json, "layout"), panels);
    if (!layout) return bad(where + ": " + layout.error().message());
    out.layout = std::move(*layout);
    return out;
}

/// Adds what another file says of a workspace that is there.
void merge(Workspace& into, Workspace&& more, const QString& file, QStringList* faults) {
    for (const QString& pattern : more.serves)
        if (!into.serves.contains(pattern)) into.serves << pattern;
    for (WorkspacePage& page : more.pages) {
        if (into.page(page.id)) continue;
        if (into.id == homeId() || into.pages.size() >= kMostPages) {
            *faults << QStringLiteral("page \"%1\" was left out: workspace \"%2\" takes no more. File: %3")
                           .arg(page.id, into.id, file);
            continue;
        }
        into.pages.push_back(std::move(page));
    }
}

void takeIn(
    WorkspaceList& list, const Result<std::string>& text, const QString& file, const kit::PanelRegistry& panels) {
    auto json = text ? parseJson(*text, {kMostBytes, 24}) : Result<Json>(text.error());
    auto workspace = json ? workspaceFromJson(*json, panels) : Result<Workspace>(json.error());
    if (!workspace) {
        list.faults << QStringLiteral("a workspace was left out: %1. File: %2")
                           .arg(QString::fromStdString(workspace.error().message()), file);
        return;
    }
    const auto same = std::find_if(
        list.all.begin(), list.all.end(), [&](const Workspace& other) { return other.id == workspace->id; });
    if (same != list.all.end()) merge(*same, std::move(*workspace), file, &list.faults);
    else list.all.push_back(std::move(*workspace));
}

}  // namespace

QStringList PaneLayout::panels() const {
    if (isPane()) return {panel};
    QStringList out;
    for (const PaneLayout& part : of) out << part.panels();
    return out;
}

int PaneLayout::columns() const {
    if (isPane()) return 1;
    int out = 0;
    for (const PaneLayout& part : of) out = isDown ? std::max(out, part.columns()) : out + part.columns();
    return out;
}

bool PaneLayout::isLike(const PaneLayout& other) const {
    if (panel != other.panel || of.size() != other.of.size()) return false;
    if (isPane()) return true;
    if (isDown != other.isDown) return false;
    for (std::size_t i = 0; i < of.size(); ++i) {
        const auto at = static_cast<int>(i);
        if (std::abs(ratio.value(at) - other.ratio.value(at)) > 0.01) return false;
        if (!of[i].isLike(other.of[i])) return false;
    }
    return true;
}

bool Workspace::servesPlugin(const QString& shortName) const {
    return std::any_of(serves.begin(), serves.end(), [&](const QString& pattern) {
        return pattern.endsWith(QLatin1Char('*')) ? shortName.startsWith(pattern.chopped(1)) : shortName == pattern;
    });
}

const WorkspacePage* Workspace::page(const QString& pageId) const {
    const auto found =
        std::find_if(pages.begin(), pages.end(), [&](const WorkspacePage& one) { return one.id == pageId; });
    return found == pages.end() ? nullptr : &*found;
}

Result<PaneLayout> layoutFromJson(const Json& json, const kit::PanelRegistry& panels) {
    int panes = 0;
    return nodeOf(json, panels, 0, &panes);
}

Json layoutToJson(const PaneLayout& layout) {
    if (layout.isPane()) {
        Json out = {{"panel", layout.panel.toStdString()}};
        if (layout.settings.isEmpty()) return out;
        if (auto settings = parseJson(QJsonDocument(layout.settings).toJson(QJsonDocument::Compact).toStdString()))
            out["settings"] = std::move(*settings);
        return out;
    }
    Json out = {{"split", layout.isDown ? "down" : "across"}, {"ratio", Json::array()}, {"of", Json::array()}};
    for (const double share : layout.ratio) out["ratio"].push_back(std::round(share * 1e4) / 1e4);
    for (const PaneLayout& part : layout.of) out["of"].push_back(layoutToJson(part));
    return out;
}

Result<Workspace> workspaceFromJson(const Json& json, const kit::PanelRegistry& panels) {
    DUBITO_CHECK(
        checkKeys(json, "the file", {"workspace", "id", "place", "title", "sign", "serves", "pages", "explorer"}));
    const Json& version = memberOf(json, "workspace");
    if (!version.is_number_integer() || version.get<std::int64_t>() != 1)
        return bad("workspace is not 1, the one kind of file known here");
    Workspace out;
    DUBITO_TRY(out.id, idOf(json, "id", "the workspace"));
    const std::string where = "workspace \"" + out.id.toStdString() + "\"";
    DUBITO_TRY(out.title, titleOf(json, where));
    const Json& place = memberOf(json, "place");
    if (!place.is_null() &&
        (!place.is_number_integer() || place.get<std::int64_t>() < 0 || place.get<std::int64_t>() > 1000))
        return bad("place of " + where + " is no whole number from 0 to 1000");
    if (!place.is_null()) out.place = static_cast<int>(place.get<std::int64_t>());
    if (json.contains("sign")) {
        DUBITO_TRY(out.sign, idOf(json, "sign", where));
    }
    DUBITO_TRY(out.serves, wordsOf(json, "serves", where));
    DUBITO_TRY(out.hasExplorer, flagOf(json, "explorer", true, where));
    const Json& pages = memberOf(json, "pages");
    if (!pages.is_array() || pages.size() > static_cast<std::size_t>(kMostPages) ||
        (pages.empty() && out.id != homeId()))
        return bad(fmt::format("{} has not 1 to {} pages", where, kMostPages));
    for (const Json& one : pages) {
        DUBITO_TRY(WorkspacePage page, pageOf(one, panels));
        if (out.page(page.id)) return bad(fmt::format("{} has page \"{}\" twice", where, page.id.toStdString()));
        out.pages.push_back(std::move(page));
    }
    return out;
}

const Workspace* WorkspaceList::find(const QString& id) const {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Workspace& one) { return one.id == id; });
    return found == all.end() ? nullptr : &*found;
}

const Workspace* WorkspaceList::serving(const QString& shortName) const {
    for (const Workspace& one : all)
        if (!one.isGeneral() && one.servesPlugin(shortName)) return &one;
    return find(fallbackId());
}

WorkspaceList loadWorkspaces(const std::vector<fs::path>& files, const kit::PanelRegistry& panels) {
    WorkspaceList out;
    for (const char* name : kOwnFiles) {
        QFile file(QString::fromLatin1(name));
        if (file.open(QIODevice::ReadOnly)) takeIn(out, file.readAll().toStdString(), file.fileName(), panels);
    }
    for (const fs::path& path : files) takeIn(out, readFile(path, kMostBytes), QString::fromStdString(path), panels);
    std::stable_sort(out.all.begin(), out.all.end(), [](const Workspace& a, const Workspace& b) {
        const auto rank = [](const Workspace& one) { return one.id == homeId() ? -1 : one.place; };
        return rank(a) < rank(b);
    });
    return out;
}

QString shortNameOf(const std::string& pluginId) {
    run::PluginDescription plugin;
    plugin.id = pluginId;
    return QString::fromStdString(plugin.shortName());
}

QString inLanguage(const run::LocalText& text, const QString& otherwise) {
    const char* language = QLocale().language() == QLocale::Chinese ? "zh_CN" : "en";
    return QString::fromStdString(run::textIn(text, language, otherwise.toStdString()));
}

}  // namespace dubito::app
