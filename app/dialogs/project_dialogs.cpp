// The dialogs stay open beside the event loop; the folder that was used last is where the next one begins.
#include "dialogs/project_dialogs.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>

namespace dubito::app {
namespace {

QString words(const char* text) { return QCoreApplication::translate("ProjectDialogs", text); }

QString& lastFolder() {
    static QString folder;
    return folder;
}

QFileDialog* makeDialog(QWidget* window, const QString& title, QFileDialog::AcceptMode mode) {
    auto* dialog = new QFileDialog(window, title, lastFolder());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(mode);
    dialog->setNameFilters({words(QT_TRANSLATE_NOOP("ProjectDialogs", "Dubito projects (*.dubito)")),
        words(QT_TRANSLATE_NOOP("ProjectDialogs", "All files (*)"))});
    return dialog;
}

/// In place of "Replace?": a project is never replaced by an empty one.
void sayTaken(QWidget* window, const QString& path, std::function<void()> again) {
    auto* box =
        new QMessageBox(QMessageBox::Information, words(QT_TRANSLATE_NOOP("ProjectDialogs", "The name is taken")),
            words(QT_TRANSLATE_NOOP("ProjectDialogs", "%1 exists already and is left as it is. Choose another name."))
                .arg(QFileInfo(path).fileName()),
            QMessageBox::NoButton, window);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    auto* other =
        box->addButton(words(QT_TRANSLATE_NOOP("ProjectDialogs", "Choose another name…")), QMessageBox::AcceptRole);
    box->addButton(QMessageBox::Cancel);
    box->setDefaultButton(other);
    QObject::connect(box, &QMessageBox::buttonClicked, window, [other, again](QAbstractButton* button) {
        if (button == static_cast<QAbstractButton*>(other)) again();
    });
    box->open();
}

}  // namespace

QString withProjectSuffix(const QString& path) {
    const QString suffix = QStringLiteral(".dubito");
    return path.endsWith(suffix) ? path : path + suffix;
}

void askForNewProject(
    QWidget* window, const QString& title, const QString& suggested, std::function<void(const QString& path)> then) {
    auto* dialog = makeDialog(window, title, QFileDialog::AcceptSave);
    dialog->setOption(QFileDialog::DontConfirmOverwrite);
    dialog->selectFile(suggested);
    QObject::connect(
        dialog, &QFileDialog::fileSelected, window, [window, title, then = std::move(then)](const QString& chosen) {
            const QString path = withProjectSuffix(chosen);
            lastFolder() = QFileInfo(path).absolutePath();
            if (!QFileInfo::exists(path)) return then(path);
            sayTaken(window, path,
                [window, title, path, then] { askForNewProject(window, title, QFileInfo(path).fileName(), then); });
        });
    dialog->open();
}

void askForProject(QWidget* window, const QString& title, std::function<void(const QString& path)> then) {
    auto* dialog = makeDialog(window, title, QFileDialog::AcceptOpen);
    dialog->setFileMode(QFileDialog::ExistingFile);
    QObject::connect(dialog, &QFileDialog::fileSelected, window, [then = std::move(then)](const QString& path) {
        lastFolder() = QFileInfo(path).absolutePath();
        then(path);
    });
    dialog->open();
}

}  // namespace dubito::app
