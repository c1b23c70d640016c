// A preset holds what differs from the defaults, so that new parameters of a plugin have theirs.
#include "dialogs/run_presets.h"

#include <QInputDialog>
#include <QMenu>

#include "kit/controls.h"
#include "settings.h"

namespace dubito::app {
namespace {

constexpr std::size_t kMost = 50, kMostBytes = 1 << 20;
constexpr qsizetype kLongestName = 80;

QString entryText(QString name) { return name.replace(QLatin1Char('&'), QStringLiteral("&&")); }

}  // namespace

RunPresets::RunPresets(Settings& settings, std::function<Json()> now, QWidget* parent)
    : QToolButton(parent), m_settings(settings), m_now(std::move(now)) {
    setText(tr("Presets ▾"));
    setProperty("role", "word");
    setAccessibleName(tr("Presets"));
    setPopupMode(QToolButton::InstantPopup);
    setMenu(new QMenu(this));
    connect(menu(), &QMenu::aboutToShow, this, [this] { fill(); });
}

void RunPresets::setPlugin(const QString& id) {
    m_plugin = id;
    setEnabled(!id.isEmpty());
}

Json RunPresets::all() const {
    const QString text = m_settings.choice(QStringLiteral("presets/") + m_plugin, QString()).toString();
    auto read = parseJson(text.toStdString());
    return read && read->is_object() ? std::move(*read) : Json::object();
}

void RunPresets::keep(const Json& presets) {
    m_settings.setChoice(QStringLiteral("presets/") + m_plugin, QString::fromStdString(jsonText(presets)));
}

bool RunPresets::save(const QString& name, const Json& preset) {
    const QString kept = name.trimmed().left(kLongestName);
    Json presets = all();
    if (kept.isEmpty()) return false;
    presets[kept.toStdString()] = preset;
    if (presets.size() > kMost || jsonText(presets).size() > kMostBytes) return false;
    keep(presets);
    return true;
}

void RunPresets::fill() {
    menu()->clear();
    const Json presets = all();
    for (const auto& [name, preset] : presets.items()) {
        auto* entry = menu()->addAction(entryText(QString::fromStdString(name)));
        connect(entry, &QAction::triggered, this, [this, preset = preset] { Q_EMIT chosen(preset); });
    }
    if (!presets.empty()) menu()->addSeparator();
    connect(menu()->addAction(tr("Save as preset…")), &QAction::triggered, this, [this] { ask(); });
    if (presets.empty()) return;
    auto* gone = menu()->addMenu(tr("Delete"));
    for (const auto& [name, preset] : presets.items()) {
        auto* entry = gone->addAction(entryText(QString::fromStdString(name)));
        connect(entry, &QAction::triggered, this, [this, name = name] {
            Json left = all();
            left.erase(name);
            keep(left);
        });
    }
}

void RunPresets::ask() {
    bool isMeant = false;
    const QString name = QInputDialog::getText(
        this, tr("Save as preset"), tr("Name of these settings"), QLineEdit::Normal, QString(), &isMeant);
    if (isMeant && !name.trimmed().isEmpty() && !save(name, m_now()))
        setToolTip(tr("The preset was not kept: there are too many, or they are too long."));
}

}  // namespace dubito::app
