// A list; the shell loops over it.
#include "kit/panel_registry.h"

#include <QCoreApplication>
#include <algorithm>

#include "kit/controls.h"
#include "kit/panel.h"

namespace dubito::kit {

QString PanelKind::name() const { return withoutMnemonic(QCoreApplication::translate("Actions", title)); }

QString PanelKind::subtitle() const { return *about ? QCoreApplication::translate("Panels", about) : QString(); }

QString PanelKind::invitation() const { return *lacking ? QCoreApplication::translate("Panels", lacking) : QString(); }
QString PanelKind::lack() const {
    return QCoreApplication::translate("Panels", *wants ? wants : QT_TRANSLATE_NOOP("Panels", "data for it"));
}

bool PanelKind::shows(const std::vector<std::string>& keys) const {
    if (needs.isEmpty()) return true;
    for (const QString& need : needs) {
        std::string wanted = need.toStdString();
        const bool isPrefix = wanted.ends_with('*');
        if (isPrefix) wanted.pop_back();
        const auto found = std::lower_bound(keys.begin(), keys.end(), wanted);
        if (found != keys.end() && (isPrefix ? found->starts_with(wanted) : *found == wanted)) return true;
    }
    return false;
}

void PanelRegistry::add(PanelKind kind) {
    if (!find(kind.id)) m_kinds.push_back(std::move(kind));
}

const PanelKind* PanelRegistry::find(const QString& id) const {
    const auto found =
        std::find_if(m_kinds.begin(), m_kinds.end(), [&](const PanelKind& kind) { return kind.id == id; });
    return found == m_kinds.end() ? nullptr : &*found;
}

Panel* PanelRegistry::make(const PanelKind& kind) {
    ++m_made;
    return kind.make();
}

}  // namespace dubito::kit
