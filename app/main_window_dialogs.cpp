// What the window shows beside itself: notices, history, system check, about, the check of a project.
#include <QDialog>
#include <QDir>
#include <QListWidget>
#include <QMessageBox>
#include <QStandardPaths>
#include <QVBoxLayout>

#include "action_registry.h"
#include "application.h"
#include "dialogs/log_dialogs.h"
#include "dialogs/shortcut_dialog.h"
#include "error_presenter.h"
#include "main_window.h"
#include "start_page.h"

namespace dubito::app {
namespace {

/// A list in a window of its own.
void showList(QWidget* parent, const QString& title, const QStringList& lines, const QString& empty) {
    auto* dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    auto* list = new QListWidget;
    list->addItems(lines.isEmpty() ? QStringList{empty} : lines);
    list->setAccessibleName(title);
    auto* layout = new QVBoxLayout(dialog);
    layout->addWidget(list);
    dialog->resize(640, 380);
    dialog->show();
}

}  // namespace

void MainWindow::showShortcuts() { (new ShortcutDialog(*m_actions, this))->show(); }
void MainWindow::showNotices() { (new NoticesDialog(m_application, this))->show(); }
void MainWindow::showHistory() { (new HistoryDialog(m_application, this))->show(); }

void MainWindow::showSystemCheck() {
    auto* dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("System check"));
    auto* layout = new QVBoxLayout(dialog);
    layout->addWidget(makeSystemCheck(dialog));
    dialog->resize(620, 420);
    dialog->show();
}

void MainWindow::showAbout() {
    QMessageBox::about(this, tr("About Dubito"),
        tr("<h3>Dubito %1</h3><p><i>Dubito, ergo cogito, ergo sum.</i></p><p>A research workbench: look inside models, "
           "keep everything in one project file.</p><p>GPL-3.0-or-later; the plugin SDK is MIT. Uses Qt, QCustomPlot, "
           "SQLite, LibTorch, PCRE2, zstd, spdlog, fmt, nlohmann-json and CLI11.</p>")
            .arg(QStringLiteral(DUBITO_VERSION)));
}

void MainWindow::openDemo() {
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    const QString path = (folder.isEmpty() ? QDir::homePath() : folder) + QStringLiteral("/demo.dubito");
    if (QFileInfo::exists(path)) return m_application.openProject(path);
    // This window may go with the project that was open; the one that is there then shows what goes wrong.
    m_application.createProject(path, [&application = m_application](bool opened) {
        if (opened && application.service()) queueDemo(application, application.window());
    });
}

void MainWindow::checkProject() {
    kit::asyncQuery<std::vector<std::string>>(
        m_application.panelContext(), this, [](store::Database& db) { return store::checkContent(db, true); },
        [this](Result<std::vector<std::string>> faults) {
            if (!faults) {
                presentError(this, faults.error());
                return;
            }
            QStringList lines;
            for (const auto& fault : *faults) lines << QString::fromStdString(fault);
            showList(this, tr("Check project"), lines,
                tr("The project is sound: integrity, references, counts, chunks and records."));
        });
}

}  // namespace dubito::app
