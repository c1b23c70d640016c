// The user's edits: undoable, stored with the project.
#include <QCoreApplication>
#include <QInputDialog>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>

#include "action_registry.h"
#include "actions/run_edits.h"
#include "actions/run_facts.h"
#include "application.h"
#include "main_window.h"
#include "runs/runs_panel.h"
#include "store/user_rows.h"

namespace dubito::app {
namespace {

QString words(const char* text) { return QCoreApplication::translate("Actions", text); }

void editRows(Application& application, const QString& title, const char* command,
    std::function<Result<void>(store::Database&)> body) {
    makeEdit(application, [title = title.toStdString(), command, body = std::move(body)](
                              run::RunService& service) { return service.edit(title, command, body); });
}

Result<void> withoutValue(Result<std::string> outcome) {
    if (!outcome) return std::move(outcome).error();
    return {};
}

/// The one irreversible act: asked for, never on the way to something else.
void emptyBin(Application& application) {
    QMessageBox box(QMessageBox::Warning, words(QT_TRANSLATE_NOOP("Actions", "Empty bin")),
        words(QT_TRANSLATE_NOOP(
            "Actions", "Deleted runs are removed for good, with everything they recorded. This cannot be undone.")),
        QMessageBox::Cancel, application.window());
    auto* remove = box.addButton(words(QT_TRANSLATE_NOOP("Actions", "Remove for good")), QMessageBox::DestructiveRole);
    box.setDefaultButton(QMessageBox::Cancel);
    box.exec();
    if (box.clickedButton() != static_cast<QAbstractButton*>(remove)) return;
    makeEdit(application, [](run::RunService& service) -> Result<void> {
        DUBITO_CHECK(service.emptyBin());
        return {};
    });
}

/// The run table's filter; empty: none, or the table was not shown yet.
QString currentFilter(Application& application) {
    const auto* runs = application.window()
                           ? qobject_cast<runs::RunsPanel*>(application.window()->panel(QStringLiteral("runs")))
                           : nullptr;
    return runs ? runs->filter() : QString();
}

void saveFilter(Application& application) {
    const QString filter = currentFilter(application);
    bool ok = false;
    const QString name =
        QInputDialog::getText(application.window(), words(QT_TRANSLATE_NOOP("Actions", "Save this filter as a view")),
            words(QT_TRANSLATE_NOOP("Actions", "Name of the view:")), QLineEdit::Normal, filter, &ok);
    if (!ok || name.trimmed().isEmpty()) return;
    const store::SavedView view{makeUuid(), name.trimmed().toStdString(), filter.toStdString()};
    editRows(application, words(QT_TRANSLATE_NOOP("Actions", "Save view")), "view only",
        [view](store::Database& db) { return store::putView(db, view); });
}

/// Of the first two that is not empty.
QString first(const QString& one, const QString& other) { return one.isEmpty() ? other : one; }

QString whyNoUndo(Application& application) {
    const auto& known = RunFacts::of(application).known();
    return first(whyNotWritable(application),
        known && !known->mayUndo ? words(QT_TRANSLATE_NOOP("Actions", "There is nothing to undo.")) : QString());
}
QString whyNoRedo(Application& application) {
    const auto& known = RunFacts::of(application).known();
    return first(whyNotWritable(application),
        known && !known->mayRedo ? words(QT_TRANSLATE_NOOP("Actions", "There is nothing to redo.")) : QString());
}
QString whyNoBin(Application& application) {
    const auto& known = RunFacts::of(application).known();
    return first(whyNotWritable(application),
        known && !known->hasBin ? words(QT_TRANSLATE_NOOP("Actions", "The bin is empty.")) : QString());
}
QString whyNoFilter(Application& application) {
    const QString filter = currentFilter(application);
    return first(whyNotWritable(application),
        filter.isEmpty()
            ? words(QT_TRANSLATE_NOOP("Actions", "The run table shows all runs: type a filter there first."))
            : QString());
}

runs::RunsPanel* runTable(Application& application) {
    return application.window() ? qobject_cast<runs::RunsPanel*>(application.window()->panel(QStringLiteral("runs")))
                                : nullptr;
}
QString whyNoCopy(Application& application) {
    if (!application.selection()->leadingRun()) return words(QT_TRANSLATE_NOOP("Actions", "No run is selected."));
    auto* table = runTable(application);
    return table && table->isVisible() ? QString()
                                       : words(QT_TRANSLATE_NOOP("Actions", "The run table is not in view."));
}
void copyRuns(Application& application, runs::RunsPanel::CopyAs kind) {
    if (auto* table = runTable(application)) table->copySelected(kind);
}

}  // namespace

std::vector<ActionRecord> editActions() {
    return {
        {QStringLiteral("edit.undo"), QT_TRANSLATE_NOOP("Actions", "&Undo"), "", QStringLiteral("Ctrl+Z"),
            "edit FILE undo", {},
            [](Application& application) {
                makeEdit(application, [](run::RunService& service) { return withoutValue(service.undo()); });
            },
            false, 0, whyNoUndo},
        {QStringLiteral("edit.redo"), QT_TRANSLATE_NOOP("Actions", "&Redo"), "", QStringLiteral("Ctrl+Shift+Z"),
            "edit FILE redo", {},
            [](Application& application) {
                makeEdit(application, [](run::RunService& service) { return withoutValue(service.redo()); });
            },
            false, 0, whyNoRedo},
        {QStringLiteral("edit.title"), QT_TRANSLATE_NOOP("Actions", "Re&name run…"),
            QT_TRANSLATE_NOOP("Actions", "title"), QStringLiteral("F2"), "edit FILE title RUN TEXT", {}, renameRuns,
            true, 0, whyNoRun},
        {QStringLiteral("edit.star"), QT_TRANSLATE_NOOP("Actions", "S&tar on or off"),
            QT_TRANSLATE_NOOP("Actions", "favourite"), QStringLiteral("Ctrl+D"), "edit FILE star RUN", {},
            [](Application& application) {
                editRuns(application, application.selection()->runs(), QStringLiteral("star"), {});
            },
            true, 0, whyNoRun},
        {QStringLiteral("edit.baseline"), QT_TRANSLATE_NOOP("Actions", "&Baseline on or off"),
            QT_TRANSLATE_NOOP("Actions", "compare difference"), {}, "view only", {},
            [](Application& application) {
                editRuns(application, application.selection()->runs(), QStringLiteral("baseline"), {});
            },
            true, 0, whyNoRun},
        {QStringLiteral("edit.note"), QT_TRANSLATE_NOOP("Actions", "N&ote…"),
            QT_TRANSLATE_NOOP("Actions", "remark comment text"), {}, "view only", {}, askNote, true, 0, whyNoRun},
        {QStringLiteral("edit.tags"), QT_TRANSLATE_NOOP("Actions", "Ta&gs…"),
            QT_TRANSLATE_NOOP("Actions", "label group mark"), {}, "view only", {}, askTags, true, 0, whyNoRun},
        {QStringLiteral("edit.copy"), QT_TRANSLATE_NOOP("Actions", "&Copy rows"),
            QT_TRANSLATE_NOOP("Actions", "clipboard table TSV"), {}, "list FILE --output tsv", {},
            [](Application& application) { copyRuns(application, runs::RunsPanel::CopyAs::Tsv); }, false, 0, whyNoCopy},
        {QStringLiteral("edit.copyMarkdown"), QT_TRANSLATE_NOOP("Actions", "Copy rows as &Markdown"),
            QT_TRANSLATE_NOOP("Actions", "clipboard table"), {}, "list FILE --output md", {},
            [](Application& application) { copyRuns(application, runs::RunsPanel::CopyAs::Markdown); }, false, 0,
            whyNoCopy},
        {QStringLiteral("edit.delete"), QT_TRANSLATE_NOOP("Actions", "&Delete run"),
            QT_TRANSLATE_NOOP("Actions", "bin remove"), QStringLiteral("Ctrl+Backspace"), "edit FILE delete RUN", {},
            deleteRuns, true, 0, whyNoRun},
        {QStringLiteral("edit.saveView"), QT_TRANSLATE_NOOP("Actions", "Save this &filter as a view…"),
            QT_TRANSLATE_NOOP("Actions", "saved view filter explorer"), {}, "view only", {}, saveFilter, true, 0,
            whyNoFilter},
        {QStringLiteral("edit.emptyBin"), QT_TRANSLATE_NOOP("Actions", "Empty &bin…"),
            QT_TRANSLATE_NOOP("Actions", "bin remove for good purge"), {}, "tidy FILE --bin", {}, emptyBin, false, 0,
            whyNoBin},
    };
}

}  // namespace dubito::app
