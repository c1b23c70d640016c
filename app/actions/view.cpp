// Actions on what is shown.
#include <QCoreApplication>

#include "action_registry.h"
#include "application.h"
#include "main_window.h"

namespace dubito::app {
namespace {

bool open(Application& application) { return application.hasProject(); }

ActionRecord panel(const char* id, const char* text, const char* keys) {
    const QString name = QString::fromLatin1(id);
    return {QStringLiteral("view.panel.") + name, text, QT_TRANSLATE_NOOP("Actions", "panel"),
        QString::fromLatin1(keys), "view only", open,
        [name](Application& application) { application.window()->showPanel(name); }};
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
ActionRecord perspective(const char* name, const char* text, const char* keys) {
    const QString value = QString::fromLatin1(name);
    return {QStringLiteral("view.perspective.") + value, text, QT_TRANSLATE_NOOP("Actions", "perspective layout"),
        QString::fromLatin1(keys), "view only", open,
        [value](Application& application) { application.window()->usePerspective(value); }};
}

}  // namespace

std::vector<ActionRecord> viewActions() {
    return {
        panel("runs", QT_TRANSLATE_NOOP("Actions", "&Runs"), "Ctrl+1"),
        panel("curves", QT_TRANSLATE_NOOP("Actions", "&Curves"), "Ctrl+2"),
        panel("inspector", QT_TRANSLATE_NOOP("Actions", "&Thought inspector"), "Ctrl+3"),
        panel("records", QT_TRANSLATE_NOOP("Actions", "R&ecords"), "Ctrl+4"),
        panel("log", QT_TRANSLATE_NOOP("Actions", "&Log"), "Ctrl+5"),
        panel("plugins", QT_TRANSLATE_NOOP("Actions", "&Plugins"), "Ctrl+6"),
        panel("chat", QT_TRANSLATE_NOOP("Actions", "C&hat"), "Ctrl+7"),
        panel("model", QT_TRANSLATE_NOOP("Actions", "&Model"), "Ctrl+8"),
        panel("training", QT_TRANSLATE_NOOP("Actions", "&Training"), "Ctrl+9"),
        {QStringLiteral("view.palette"), QT_TRANSLATE_NOOP("Actions", "Search &anything…"), "",
            QStringLiteral("Ctrl+K"), "view only", {},
            [](Application& application) { application.window()->showPalette(); }},
        {QStringLiteral("view.data_table"), QT_TRANSLATE_NOOP("Actions", "&Data as table"),
            QT_TRANSLATE_NOOP("Actions", "numbers copy"), QStringLiteral("Ctrl+T"), "series FILE RUN", open,
            [](Application& application) { application.window()->showDataTable(); }},
        {QStringLiteral("view.export"), QT_TRANSLATE_NOOP("Actions", "&Export panel…"),
            QT_TRANSLATE_NOOP("Actions", "png svg pdf csv picture"), QStringLiteral("Ctrl+E"), "export FILE RUN", open,
            [](Application& application) { application.window()->exportPanel(); }},
        {QStringLiteral("view.pop_out"), QT_TRANSLATE_NOOP("Actions", "Pop &out or dock back"), "",
            QStringLiteral("Ctrl+Shift+O"), "view only", open,
            [](Application& application) { application.window()->popOut(); }},
        {QStringLiteral("view.next_area"), QT_TRANSLATE_NOOP("Actions", "Next area"), "", QStringLiteral("F6"),
            "view only", {}, [](Application& application) { application.window()->focusNextArea(); }},
        perspective("watch", QT_TRANSLATE_NOOP("Actions", "Perspective: Watch"), "Alt+1"),
        perspective("inspect", QT_TRANSLATE_NOOP("Actions", "Perspective: Inspect"), "Alt+2"),
        {QStringLiteral("view.perspective.save"), QT_TRANSLATE_NOOP("Actions", "Save this perspective"),
            QT_TRANSLATE_NOOP("Actions", "layout"), {}, "view only", open,
            [](Application& application) { application.window()->savePerspective(); }},
        {QStringLiteral("view.perspective.reset"), QT_TRANSLATE_NOOP("Actions", "Reset perspective"),
            QT_TRANSLATE_NOOP("Actions", "layout"), {}, "view only", open,
            [](Application& application) { application.window()->resetPerspective(); }},
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

}  // namespace dubito::app
