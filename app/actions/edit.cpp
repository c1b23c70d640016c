// The user's edits: undoable, stored with the project.
#include <QCoreApplication>
#include <QInputDialog>
#include <QMessageBox>
#include <QPushButton>

#include "action_registry.h"
#include "application.h"
#include "main_window.h"

namespace dubito::app {
namespace {

bool owned(Application& application) { return application.service() != nullptr; }
bool selected(Application& application) { return owned(application) && application.selection()->leadingRun() != 0; }

Result<void> withoutValue(Result<std::string> outcome) {
    if (!outcome) return std::move(outcome).error();
    return {};
}

/// Sets one column of run_user for all selected runs, as one undo step.
void setColumn(Application& application, const QString& title, const char* command, const std::string& column,
    const std::function<void(store::Statement&)>& bind) {
    const QVector<qint64> runs = application.selection()->runs();
    application.ask([title = title.toStdString(), command, runs, column, bind](run::RunService& service) {
        return service.edit(title, command, [&](store::Database& db) -> Result<void> {
            for (const qint64 runNo : runs) {
                DUBITO_TRY(store::Statement put,
                    db.prepare("INSERT INTO run_user(run_id, " + column +
                               ") SELECT id, ?2 FROM run WHERE run_no=?1 ON CONFLICT(run_id) DO UPDATE SET " + column +
                               "=excluded." + column));
                put.bind(1, std::int64_t{runNo});
                bind(put);
                DUBITO_CHECK(put.run());
            }
            return {};
        });
    });
}

/// The one irreversible act: asked for, never on the way to something else.
void emptyBin(Application& application) {
    const auto words = [](const char* text) { return QCoreApplication::translate("Actions", text); };
    QMessageBox box(QMessageBox::Warning, words(QT_TRANSLATE_NOOP("Actions", "Empty bin")),
        words(QT_TRANSLATE_NOOP(
            "Actions", "Deleted runs are removed for good, with everything they recorded. This cannot be undone.")),
        QMessageBox::Cancel, application.window());
    auto* remove = box.addButton(words(QT_TRANSLATE_NOOP("Actions", "Remove for good")), QMessageBox::DestructiveRole);
    box.setDefaultButton(QMessageBox::Cancel);
    box.exec();
    if (box.clickedButton() != static_cast<QAbstractButton*>(remove)) return;
    application.ask([](run::RunService& service) -> Result<void> {
        DUBITO_CHECK(service.emptyBin());
        return {};
    });
}

}  // namespace

std::vector<ActionRecord> editActions() {
    return {
        {QStringLiteral("edit.undo"), QT_TRANSLATE_NOOP("Actions", "&Undo"), "", QStringLiteral("Ctrl+Z"),
            "edit FILE undo", owned,
            [](Application& application) {
                application.ask([](run::RunService& service) { return withoutValue(service.undo()); });
            }},
        {QStringLiteral("edit.redo"), QT_TRANSLATE_NOOP("Actions", "&Redo"), "", QStringLiteral("Ctrl+Shift+Z"),
            "edit FILE redo", owned,
            [](Application& application) {
                application.ask([](run::RunService& service) { return withoutValue(service.redo()); });
            }},
        {QStringLiteral("edit.title"), QT_TRANSLATE_NOOP("Actions", "Re&name run…"),
            QT_TRANSLATE_NOOP("Actions", "title"), QStringLiteral("F2"), "edit FILE title RUN TEXT", selected,
            [](Application& application) {
                bool ok = false;
                const QString text =
                    QInputDialog::getText(application.window(), QCoreApplication::translate("Actions", "Rename run"),
                        QCoreApplication::translate("Actions", "New name:"), QLineEdit::Normal, {}, &ok);
                if (ok)
                    setColumn(application, QCoreApplication::translate("Actions", "Rename run"),
                        "edit FILE title RUN TEXT", "title",
                        [text = text.toStdString()](store::Statement& put) { put.bind(2, text); });
            },
            true},
        {QStringLiteral("edit.star"), QT_TRANSLATE_NOOP("Actions", "S&tar run"),
            QT_TRANSLATE_NOOP("Actions", "favourite"), QStringLiteral("Ctrl+D"), "edit FILE star RUN", selected,
            [](Application& application) {
                setColumn(application, QCoreApplication::translate("Actions", "Star run"), "edit FILE star RUN", "star",
                    [](store::Statement& put) { put.bind(2, 1); });
            },
            true},
        {QStringLiteral("edit.delete"), QT_TRANSLATE_NOOP("Actions", "&Delete run"),
            QT_TRANSLATE_NOOP("Actions", "bin remove"), QStringLiteral("Ctrl+Backspace"), "edit FILE delete RUN",
            selected,
            [](Application& application) {
                setColumn(application, QCoreApplication::translate("Actions", "Delete run"), "edit FILE delete RUN",
                    "deleted_us", [](store::Statement& put) { put.bind(2, nowUs()); });
                application.selection()->setRuns({});
            },
            true},
        {QStringLiteral("edit.emptyBin"), QT_TRANSLATE_NOOP("Actions", "Empty &bin…"),
            QT_TRANSLATE_NOOP("Actions", "bin remove for good purge"), {}, "tidy FILE --bin", owned, emptyBin},
    };
}

}  // namespace dubito::app
