// Actions on what is shown.
#include <QCoreApplication>

#include "action_registry.h"
#include "application.h"
#include "main_window.h"

namespace dubito::app {
namespace {

bool open(Application& application) { return application.hasProject(); }

ActionRecord panel(const kit::PanelKind& kind) {
    return {QStringLiteral("view.panel.") + kind.id, kind.title, QT_TRANSLATE_NOOP("Actions", "panel"), kind.shortcut,
        "view only", open, [name = kind.id](Application& application) { application.window()->showPanel(name); }};
}
ActionRecord numbered(
    const char* id, const char* text, const char* keys, int number, std::function<void(MainWindow&, int)> act) {
    ActionRecord out{QString::fromLatin1(id) + QString::number(number), text, "",
        QString::fromLatin1(keys) + QString::number(number), "view only", {},
        [act = std::move(act), number](Application& application) { act(*application.window(), number - 1); }};
    out.number = number;
    return out;
}
ActionRecord theme(const char* name, const char* text) {
    const QString value = QString::fromLatin1(name);
    return {QStringLiteral("view.theme.") + value, text, QT_TRANSLATE_NOOP("Actions", "appearance colours"), {},
        "view only", {}, [value](Application& application) { application.applyTheme(value); }};
}
ActionRecord language(const char* code, const char* text) {
    const QString value = QString::fromLatin1(code);
    return {QStringLiteral("view.language.") + value, text, QT_TRANSLATE_NOOP("Actions", "language"), {}, "view only",
        {}, [value](Application& application) { application.applyLanguage(value); }};
}
/// What is done with the panes and layouts in front.
std::vector<ActionRecord> paneActions() {
    return {
        {QStringLiteral("view.data_table"), QT_TRANSLATE_NOOP("Actions", "&Data as table"),
            QT_TRANSLATE_NOOP("Actions", "numbers copy"), QStringLiteral("Ctrl+T"), "series FILE RUN", open,
            [](Application& application) { application.window()->showDataTable(); }},
        {QStringLiteral("view.export"), QT_TRANSLATE_NOOP("Actions", "&Export figure…"),
            QT_TRANSLATE_NOOP("Actions", "png svg pdf csv picture"), QStringLiteral("Ctrl+E"), "export FILE RUN", open,
            [](Application& application) { application.window()->exportPanel(); }},
        {QStringLiteral("view.copy_figure"), QT_TRANSLATE_NOOP("Actions", "Copy fi&gure"),
            QT_TRANSLATE_NOOP("Actions", "clipboard picture"), QStringLiteral("Ctrl+Shift+C"), "view only", open,
            [](Application& application) { application.window()->copyFigure(); }},
        {QStringLiteral("view.pop_out"), QT_TRANSLATE_NOOP("Actions", "Pop &out or dock back"), "",
            QStringLiteral("Ctrl+Shift+O"), "view only", open,
            [](Application& application) { application.window()->popOut(); }},
        {QStringLiteral("view.next_area"), QT_TRANSLATE_NOOP("Actions", "Next area"), "", QStringLiteral("F6"),
            "view only", {}, [](Application& application) { application.window()->focusNextArea(); }},
        {QStringLiteral("view.drawer"), QT_TRANSLATE_NOOP("Actions", "&Drawer of tools"),
            QT_TRANSLATE_NOOP("Actions", "log records plugins bottom"), QStringLiteral("Ctrl+J"), "view only", open,
            [](Application& application) { application.window()->toggleDrawer({}); }},
        {QStringLiteral("view.explorer"), QT_TRANSLATE_NOOP("Actions", "Project &explorer"),
            QT_TRANSLATE_NOOP("Actions", "left list of runs"), QStringLiteral("Ctrl+B"), "view only", open,
            [](Application& application) { application.window()->toggleExplorer(); }},
        {QStringLiteral("view.side"), QT_TRANSLATE_NOOP("Actions", "&Selection card"),
            QT_TRANSLATE_NOOP("Actions", "right side column"), QStringLiteral("Ctrl+Shift+B"), "view only", open,
            [](Application& application) { application.window()->toggleSide(); }},
        {QStringLiteral("view.play"), QT_TRANSLATE_NOOP("Actions", "Pla&y or hold the time cursor"),
            QT_TRANSLATE_NOOP("Actions", "step token animate"), {}, "view only", open,
            [](Application& application) { application.window()->playCursor(); }},
        {QStringLiteral("view.pin"), QT_TRANSLATE_NOOP("Actions", "P&in or follow the selection again"),
            QT_TRANSLATE_NOOP("Actions", "keep pane"), QStringLiteral("Ctrl+Shift+P"), "view only", open,
            [](Application& application) { application.window()->pinFront(); }},
        {QStringLiteral("view.split_right"), QT_TRANSLATE_NOOP("Actions", "Split pane &right"),
            QT_TRANSLATE_NOOP("Actions", "beside two"), QStringLiteral("Ctrl+\\"), "view only", open,
            [](Application& application) { application.window()->splitFront(Qt::Horizontal); }},
        {QStringLiteral("view.split_below"), QT_TRANSLATE_NOOP("Actions", "Split pane &below"),
            QT_TRANSLATE_NOOP("Actions", "under two"), QStringLiteral("Ctrl+Shift+\\"), "view only", open,
            [](Application& application) { application.window()->splitFront(Qt::Vertical); }},
        {QStringLiteral("view.close_pane"), QT_TRANSLATE_NOOP("Actions", "C&lose pane"), "", QStringLiteral("Ctrl+W"),
            "view only", open, [](Application& application) { application.window()->closeFront(); }},
        {QStringLiteral("run.open"), QT_TRANSLATE_NOOP("Actions", "&Open run"),
            QT_TRANSLATE_NOOP("Actions", "show go to workspace"), {}, "show FILE RUN",
            [](Application& application) { return open(application) && application.selection()->leadingRun() != 0; },
            [](Application& application) { application.window()->openRun(application.selection()->leadingRun()); }},
        {QStringLiteral("view.perspective.choose"), QT_TRANSLATE_NOOP("Actions", "Layouts of this &workspace…"),
            QT_TRANSLATE_NOOP("Actions", "perspective layout"), {}, "view only", open,
            [](Application& application) { application.window()->choosePerspective(); }},
        {QStringLiteral("view.perspective.save"), QT_TRANSLATE_NOOP("Actions", "Save this layout as…"),
            QT_TRANSLATE_NOOP("Actions", "layout"), {}, "view only", open,
            [](Application& application) { application.window()->savePerspective({}); }},
        {QStringLiteral("view.perspective.reset"), QT_TRANSLATE_NOOP("Actions", "Reset this workspace"),
            QT_TRANSLATE_NOOP("Actions", "layout"), {}, "view only", open,
            [](Application& application) { application.window()->resetPerspective(); }},
    };
}

/// What the window is, shows and tells.
std::vector<ActionRecord> windowActions() {
    return {
        {QStringLiteral("view.palette"), QT_TRANSLATE_NOOP("Actions", "Search &anything…"), "",
            QStringLiteral("Ctrl+K"), "view only", {},
            [](Application& application) { application.window()->showPalette(); }},
        {QStringLiteral("view.new_window"), QT_TRANSLATE_NOOP("Actions", "New wi&ndow"),
            QT_TRANSLATE_NOOP("Actions", "second screen beside another workspace"), QStringLiteral("Ctrl+Alt+N"),
            "view only", open, [](Application& application) { application.newWindow(); }},
        theme("light", QT_TRANSLATE_NOOP("Actions", "Light theme")),
        theme("dark", QT_TRANSLATE_NOOP("Actions", "Dark theme")),
        theme("contrast", QT_TRANSLATE_NOOP("Actions", "High-contrast theme")),
        language("en", QT_TRANSLATE_NOOP("Actions", "English")),
        language("zh_CN", QT_TRANSLATE_NOOP("Actions", "Chinese (simplified)")),
        {QStringLiteral("view.shortcuts"), QT_TRANSLATE_NOOP("Actions", "&Shortcuts…"),
            QT_TRANSLATE_NOOP("Actions", "keys keyboard"), {}, "view only", {},
            [](Application& application) { application.window()->showShortcuts(); }},
        {QStringLiteral("view.notices"), QT_TRANSLATE_NOOP("Actions", "&Notices…"), "", {}, "view only", {},
            [](Application& application) { application.window()->showNotices(); }},
        {QStringLiteral("view.history"), QT_TRANSLATE_NOOP("Actions", "&History…"), "", {}, "view only", {},
            [](Application& application) { application.window()->showHistory(); }},
        {QStringLiteral("help.system"), QT_TRANSLATE_NOOP("Actions", "&System check…"),
            QT_TRANSLATE_NOOP("Actions", "doctor gpu"), {}, "doctor", {},
            [](Application& application) { application.window()->showSystemCheck(); }},
        {QStringLiteral("help.about"), QT_TRANSLATE_NOOP("Actions", "&About Dubito"), "", {}, "view only", {},
            [](Application& application) { application.window()->showAbout(); }},
    };
}

}  // namespace

std::vector<ActionRecord> viewActions(const kit::PanelRegistry& panels) {
    std::vector<ActionRecord> out;
    for (const kit::PanelKind& kind : panels.kinds()) out.push_back(panel(kind));
    for (int i = 1; i <= 9; ++i)
        out.push_back(numbered("view.workspace.", QT_TRANSLATE_NOOP("Actions", "Workspace %1"), "Alt+", i,
            [](MainWindow& window, int at) { window.showWorkspaceAt(at); }));
    for (int i = 1; i <= 9; ++i)
        out.push_back(numbered("view.page.", QT_TRANSLATE_NOOP("Actions", "Page %1 of the workspace"), "Ctrl+", i,
            [](MainWindow& window, int at) { window.showPageAt(at); }));
    for (auto family : {paneActions(), windowActions()})
        out.insert(out.end(), std::make_move_iterator(family.begin()), std::make_move_iterator(family.end()));
    return out;
}

}  // namespace dubito::app
