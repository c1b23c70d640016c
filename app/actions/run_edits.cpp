// Questions come up with what is there now; what is written is one undoable step.
#include "actions/run_edits.h"

#include <QCoreApplication>
#include <QInputDialog>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSet>

#include <algorithm>

#include "action_registry.h"
#include "actions/run_facts.h"
#include "application.h"
#include "main_window.h"
#include "notifications.h"
#include "runs/runs_panel.h"
#include "store/user_rows.h"

namespace dubito::app {
namespace {

QString words(const char* text) { return QCoreApplication::translate("Actions", text); }
QString counted(const char* text, qint64 n) {
    return QCoreApplication::translate("Actions", text, nullptr, static_cast<int>(n));
}

using Numbers = std::vector<std::int64_t>;

Numbers numbersOf(const QVector<qint64>& runs) { return {runs.begin(), runs.end()}; }

void editRows(Application& application, const QString& title, const char* command,
    std::function<Result<void>(store::Database&)> body, std::function<void()> then = {}) {
    makeEdit(
        application,
        [title = title.toStdString(), command, body = std::move(body)](
            run::RunService& service) { return service.edit(title, command, body); },
        std::move(then));
}

Result<void> setTitles(store::Database& db, const Numbers& runs, const std::string& title) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const bool isNumbered = runs.size() > 1 && !title.empty();
        DUBITO_CHECK(store::setRunTitle(db, runs[i], isNumbered ? title + " " + std::to_string(i + 1) : title));
    }
    return {};
}

void askTitles(Application& application, const QVector<qint64>& runs, const QString& before) {
    bool ok = false;
    const QString label =
        runs.size() == 1
            ? words(QT_TRANSLATE_NOOP("Actions", "New name:"))
            : counted(QT_TRANSLATE_N_NOOP("Actions", "New name of %n run(s); numbers from 1 are put behind it:"),
                  runs.size());
    const QString text = QInputDialog::getText(
        application.window(), words(QT_TRANSLATE_NOOP("Actions", "Rename run")), label, QLineEdit::Normal, before, &ok)
                             .trimmed();
    if (!ok || (text == before && runs.size() == 1)) return;
    editRows(application, words(QT_TRANSLATE_NOOP("Actions", "Rename run")), "edit FILE title RUN TEXT",
        [runs = numbersOf(runs), title = text.toStdString()](
            store::Database& db) { return setTitles(db, runs, title); });
}

/// Tags that all of the runs have.
Result<std::vector<std::string>> commonTags(store::Database& db, const Numbers& runs) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        DUBITO_TRY(const auto tags, store::queryTags(db, runs[i]));
        if (i == 0) out = tags;
        else
            std::erase_if(out, [&](const auto& tag) { return std::find(tags.begin(), tags.end(), tag) == tags.end(); });
        if (out.empty()) break;
    }
    return out;
}

std::vector<std::string> tagsIn(const QString& text) {
    QStringList names;
    for (const QString& part : text.split(QLatin1Char(',')))
        if (const QString name = part.simplified(); !name.isEmpty()) names << name;
    names.removeDuplicates();
    std::vector<std::string> out;
    for (const QString& name : names) out.push_back(name.toStdString());
    return out;
}

std::vector<std::string> without(std::vector<std::string> tags, const std::vector<std::string>& others) {
    std::erase_if(tags, [&](const auto& tag) { return std::find(others.begin(), others.end(), tag) != others.end(); });
    return tags;
}

void moveToBin(Application& application, const QVector<qint64>& runs) {
    editRows(
        application, words(QT_TRANSLATE_NOOP("Actions", "Delete run")), "edit FILE delete RUN",
        [runs = numbersOf(runs)](store::Database& db) { return store::setDeleted(db, runs, nowUs()); },
        [&application, runs] {
            QVector<qint64> left = application.selection()->runs();
            const QSet<qint64> gone(runs.begin(), runs.end());
            left.removeIf([&](qint64 runNo) { return gone.contains(runNo); });
            application.selection()->setRuns(left);
            application.notifications().add(counted(
                QT_TRANSLATE_N_NOOP("Actions", "%n run(s) moved to the bin; Undo brings them back."), runs.size()));
        });
}

void stopAndDelete(Application& application, const QVector<qint64>& runs, qint64 going) {
    auto* box = new QMessageBox(QMessageBox::Question, words(QT_TRANSLATE_NOOP("Actions", "Delete run")),
        counted(QT_TRANSLATE_N_NOOP("Actions", "%n run(s) are still going."), going), QMessageBox::Cancel,
        application.window());
    box->setInformativeText(words(QT_TRANSLATE_NOOP(
        "Actions", "They are stopped first. Undo takes them out of the bin again, but does not start them.")));
    auto* stop = box->addButton(words(QT_TRANSLATE_NOOP("Actions", "Stop and delete")), QMessageBox::DestructiveRole);
    box->setDefaultButton(QMessageBox::Cancel);
    box->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(box, &QMessageBox::finished, application.window(), [&application, box, stop, runs] {
        if (box->clickedButton() != static_cast<QAbstractButton*>(stop)) return;
        application.ask([runs](run::RunService& service) -> Result<void> {
            for (const qint64 runNo : runs) (void)service.cancel(runNo);  // one that has ended meanwhile is stopped
            return {};
        });
        moveToBin(application, runs);
    });
    box->open();
}

}  // namespace

void editRuns(Application& application, const QVector<qint64>& runs, const QString& what, const QString& text) {
    const Numbers numbers = numbersOf(runs);
    if (what == QLatin1String("star"))
        editRows(application, words(QT_TRANSLATE_NOOP("Actions", "Star run")), "edit FILE star RUN",
            [numbers](store::Database& db) { return store::toggleStar(db, numbers); });
    else if (what == QLatin1String("baseline") && !numbers.empty())
        editRows(application, words(QT_TRANSLATE_NOOP("Actions", "Baseline")), "view only",
            [runNo = numbers.front()](store::Database& db) { return store::toggleBaseline(db, runNo); });
    else if (what == QLatin1String("title"))
        editRows(application, words(QT_TRANSLATE_NOOP("Actions", "Rename run")), "edit FILE title RUN TEXT",
            [numbers, title = text.toStdString()](store::Database& db) { return setTitles(db, numbers, title); });
    else if (what == QLatin1String("note") && !numbers.empty())
        editRows(application, words(QT_TRANSLATE_NOOP("Actions", "Note")), "view only",
            [runNo = numbers.front(), note = text.toStdString()](
                store::Database& db) { return store::setNote(db, runNo, note); });
}

void renameRuns(Application& application) {
    const auto runs = application.selection()->runs();
    auto* table = qobject_cast<runs::RunsPanel*>(application.window()->panel(QStringLiteral("runs")));
    if (runs.size() == 1 && table && table->editName()) return;
    kit::asyncQuery<std::optional<store::RunRow>>(
        application.panelContext(), application.window(),
        [runNo = application.selection()->leadingRun()](store::Database& db) { return store::findRun(db, runNo); },
        [&application, runs](Result<std::optional<store::RunRow>> row) {
            if (row && *row) askTitles(application, runs, QString::fromStdString((*row)->name()));
        });
}

void askNote(Application& application) {
    struct Noted {
        QString name, text;
    };
    const qint64 runNo = application.selection()->leadingRun();
    kit::asyncQuery<Noted>(
        application.panelContext(), application.window(),
        [runNo](store::Database& db) -> Result<Noted> {
            DUBITO_TRY(const auto row, store::findRun(db, runNo));
            DUBITO_TRY(const std::string note, store::queryNote(db, runNo));
            return Noted{row ? QString::fromStdString(row->name()) : QString(), QString::fromStdString(note)};
        },
        [&application, runNo](Result<Noted> noted) {
            if (!noted) return;
            bool ok = false;
            const QString text = QInputDialog::getMultiLineText(application.window(),
                words(QT_TRANSLATE_NOOP("Actions", "Note: %1")).arg(noted->name),
                words(QT_TRANSLATE_NOOP("Actions", "What is to be remembered of this run:")), noted->text, &ok);
            if (ok && text != noted->text) editRuns(application, {runNo}, QStringLiteral("note"), text.trimmed());
        });
}

void askTags(Application& application) {
    const auto runs = numbersOf(application.selection()->runs());
    kit::asyncQuery<std::vector<std::string>>(
        application.panelContext(), application.window(), [runs](store::Database& db) { return commonTags(db, runs); },
        [&application, runs](Result<std::vector<std::string>> before) {
            if (!before) return;
            QStringList names;
            for (const auto& tag : *before) names << QString::fromStdString(tag);
            bool ok = false;
            const QString text =
                QInputDialog::getText(application.window(), words(QT_TRANSLATE_NOOP("Actions", "Tags")),
                    counted(QT_TRANSLATE_N_NOOP("Actions", "Tags of %n run(s), with commas between them:"),
                        static_cast<qint64>(runs.size())),
                    QLineEdit::Normal, names.join(QStringLiteral(", ")), &ok);
            const auto wanted = tagsIn(text);
            const auto added = without(wanted, *before), removed = without(*before, wanted);
            if (!ok || (added.empty() && removed.empty())) return;
            editRows(application, words(QT_TRANSLATE_NOOP("Actions", "Tags")), "view only",
                [runs, added, removed](store::Database& db) { return store::changeTags(db, runs, added, removed); });
        });
}

void deleteRuns(Application& application) {
    const auto runs = application.selection()->runs();
    kit::asyncQuery<std::int64_t>(
        application.panelContext(), application.window(),
        [numbers = numbersOf(runs)](store::Database& db) { return store::countUnfinished(db, numbers); },
        [&application, runs](Result<std::int64_t> going) {
            if (going && *going > 0) stopAndDelete(application, runs, *going);
            else moveToBin(application, runs);
        });
}

void showRunMenu(ActionRegistry& actions, QWidget* parent, QPoint at) {
    actions.refresh();
    auto* menu = new QMenu(parent);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);  // why an entry is grey
    for (const char* id : {"run.open", "run.repeat", "run.resume", "run.cancel", "", "edit.title", "edit.star",
             "edit.baseline", "edit.note", "edit.tags", "", "edit.copy", "edit.copyMarkdown", "", "edit.delete"}) {
        if (!*id) menu->addSeparator();
        else if (QAction* action = actions.action(QString::fromLatin1(id))) menu->addAction(action);
    }
    menu->popup(at);
}

}  // namespace dubito::app
