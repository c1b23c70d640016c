// Which panels there are: what each needs of a run, and how it is made. Nothing is made before it is shown.
#pragma once

#include <QString>
#include <QStringList>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/queries.h"

namespace dubito::kit {

class Panel;

struct PanelKind {
    QString id = {};         ///< "curves"; also the name in workspace files
    const char* title = "";  ///< marked with QT_TRANSLATE_NOOP("Actions", ...), with the ampersand of the menu
    const char* about = "";  ///< what it shows in a few words, marked with QT_TRANSLATE_NOOP("Panels", ...)
    /// What a run lacks that it cannot show, "a conversation", marked with QT_TRANSLATE_NOOP("Panels", ...).
    const char* wants = "";
    QString shortcut = {};   ///< default; empty: none
    QStringList needs = {};  ///< keys of series, "lens/*" a prefix; one of them is enough; empty: any run
    QStringList roles = {};  ///< of plugins whose runs will have it while they go on; empty: any may
    /// What a person can do where the run has none of `needs`, marked as `about` is; empty: what it wants is named.
    const char* lacking = "";
    bool isTool = false;         ///< lives in the drawer
    bool isInteractive = false;  ///< a person waits for what comes next: news are committed faster while it is in view
    bool hasAxis = false;        ///< follows the time cursor
    std::function<Panel*()> make = {};
    bool standsAlone = false;  ///< has something to show whatever run is selected: no help for one that nothing shows
    bool ofProject = false;    ///< shows the project (or the machine), not the selected run
    bool keepsOwn = false;     ///< goes on with a run of its own kind while one of another kind is selected
    /// How many there are that ask for a look, of the selected runs; empty: never any. On a reader thread.
    std::function<Result<qint64>(store::Database&, const std::vector<std::int64_t>& runs)> count = {};

    QString name() const;                                    ///< translated, without the ampersand
    QString subtitle() const;                                ///< `about`, translated
    QString invitation() const;                              ///< `lacking`, translated
    QString lack() const;                                    ///< `wants`, translated; never empty
    bool shows(const std::vector<std::string>& keys) const;  ///< sorted keys of a run's series
};

/// [gui]. Filled before the window is made; kinds stay where they are.
class PanelRegistry {
public:
    void add(PanelKind kind);
    const std::deque<PanelKind>& kinds() const { return m_kinds; }
    const PanelKind* find(const QString& id) const;
    Panel* make(const PanelKind& kind);
    int made() const { return m_made; }  ///< panels built so far

private:
    std::deque<PanelKind> m_kinds;
    int m_made = 0;
};

}  // namespace dubito::kit
