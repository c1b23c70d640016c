// The user's edits: undoable, stored with the project.
#include <QCoreApplication>
#include <QInputDialog>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>

#include "action_registry.h"
#include "actions/run_facts.h"
#include "application.h"
#include "main_window.h"
#include "runs/runs_panel.h"
#include "store/user_rows.h"

namespace dubito::app {
namespace {

QString words(const char* text) { return QCoreApplication::translate("Actions", text); }

bool owned(Application& application) { return application.service() != nullptr; }
bool selected(Application& application) { return owned(application) && application.selection()->leadingRun() != 0; }

std::vector<std::int64_t> selectedRuns(Application& application) {
    const auto& runs = application.selection()->runs();
    return {runs.begin(), runs.end()};
}

void editRows(Application& application, const QString& title, const char* command,
    std::function<Result<void>(store::Database&)> body) {
    makeEdit(application, [title = title.toStdString(), command, body = std::move(body)](
                              run::RunService& service) { return service.edit(title, command, body); });
}

Result<void> withoutValue(Result<std::string> outcome) {
    if (!outcome) return std::move(outcome).error();
    return {};
}

/// Asks with the name of the leading run in the field; several runs get numbers behind it.
void renameRuns(Application& application) {
    kit::asyncQuery<std::optional<store::RunRow>>(
        application.panelContext(), application.window(),
        [runNo = application.selection()->leadingRun()](store::Database& db) { return store::findRun(db, runNo); },
        [&application, runs = selectedRuns(application)](Result<std::optional<store::RunRow>> row) {
            if (!row || !*row) return;
            bool ok = false;
            const QString before = QString::fromStdString((*row)->title);
            const QString text =
                QInputDialog::getText(application.window(), words(QT_TRANSLATE_NOOP("Actions", "Rename run")),
                    words(QT_TRANSLATE_NOOP("Actions", "New name:")), QLineEdit::Normal, before, &ok);
            if (!ok || (text == before && runs.size() == 1)) return;
            editRows(application, words(QT_TRANSLATE_NOOP("Actions", "Rename run")), "edit FILE title RUN TEXT",
                [runs, title = text.trimmed().toStdString()](store::Database& db) -> Result<void> {
                    for (std::size_t i = 0; i < runs.size(); ++i) {
                        const bool isNumbered = runs.size() > 1 && !title.empty();
                        DUBITO_CHECK(
                            store::setRunTitle(db, runs[i], isNumbered ? title + " " + std::to_string(i + 1) : title));
                    }
                    return {};
                });
        });
}

void deleteRuns(Application& application) {
    editRows(application, words(QT_TRANSLATE_NOOP("Actions", "Delete run")), "edit FILE delete RUN",
        [runs = selectedRuns(application)](store::Database& db) { return store::setDeleted(db, runs, nowUs()); });
    application.selection()->setRuns({});
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

QString whyNoUndo(Application& application) {
    const auto& known = RunFacts::of(application).known();
    return known && !known->mayUndo ? words(QT_TRANSLATE_NOOP("Actions", "There is nothing to undo.")) : QString();
}
QString whyNoRedo(Application& application) {
    const auto& known = RunFacts::of(application).known();
    return known && !known->mayRedo ? words(QT_TRANSLATE_NOOP("Actions", "There is nothing to redo.")) : QString();
}
QString whyNoDelete(Application& application) {
    const auto& known = RunFacts::of(application).known();
    return known && known->isAlive ? words(QT_TRANSLATE_NOOP("Actions", "The run is still going: stop it first."))
                                   : QString();
}
QString whyNoFilter(Application& application) {
    return currentFilter(application).isEmpty()
               ? words(QT_TRANSLATE_NOOP("Actions", "The run table shows all runs: type a filter there first."))
               : QString();
}

}  // namespace

std::vector<ActionRecord> editActions() {
    return {
        {QStringLiteral("edit.undo"), QT_TRANSLATE_NOOP("Actions", "&Undo"), "", QStringLiteral("Ctrl+Z"),
            "edit FILE undo", owned,
            [](Application& application) {
                makeEdit(application, [](run::RunService& service) { return withoutValue(service.undo()); });
            },
            false, 0, whyNoUndo},
        {QStringLiteral("edit.redo"), QT_TRANSLATE_NOOP("Actions", "&Redo"), "", QStringLiteral("Ctrl+Shift+Z"),
            "edit FILE redo", owned,
            [](Application& application) {
                makeEdit(application, [](run::RunService& service) { return withoutValue(service.redo()); });
            },
            false, 0, whyNoRedo},
        {QStringLiteral("edit.title"), QT_TRANSLATE_NOOP("Actions", "Re&name run…"),
            QT_TRANSLATE_NOOP("Actions", "title"), QStringLiteral("F2"), "edit FILE title RUN TEXT", selected,
            renameRuns, true},
        {QStringLiteral("edit.star"), QT_TRANSLATE_NOOP("Actions", "S&tar on or off"),
            QT_TRANSLATE_NOOP("Actions", "favourite"), QStringLiteral("Ctrl+D"), "edit FILE star RUN", selected,
            [](Application& application) {
                editRows(application, words(QT_TRANSLATE_NOOP("Actions", "Star run")), "edit FILE star RUN",
                    [runs = selectedRuns(application)](store::Database& db) { return store::toggleStar(db, runs); });
            },
            true},
        {QStringLiteral("edit.delete"), QT_TRANSLATE_NOOP("Actions", "&Delete run"),
            QT_TRANSLATE_NOOP("Actions", "bin remove"), QStringLiteral("Ctrl+Backspace"), "edit FILE delete RUN",
            selected, deleteRuns, true, 0, whyNoDelete},
        {QStringLiteral("edit.saveView"), QT_TRANSLATE_NOOP("Actions", "Save this &filter as a view…"),
            QT_TRANSLATE_NOOP("Actions", "saved view filter explorer"), {}, "view only", owned, saveFilter, true, 0,
            whyNoFilter},
        {QStringLiteral("edit.emptyBin"), QT_TRANSLATE_NOOP("Actions", "Empty &bin…"),
            QT_TRANSLATE_NOOP("Actions", "bin remove for good purge"), {}, "tidy FILE --bin", owned, emptyBin},
    };
}

}  // namespace dubito::app
