// One box, the sentence, and the code for whoever reports it.
#include "error_presenter.h"

#include <QCoreApplication>
#include <QMessageBox>

#include "base/log.h"

namespace dubito::app {

void presentError(QWidget* parent, const Error& error) {
    logLine(LogLevel::Warn, error.text());
    const std::string code(codeName(error.code()));
    auto* box =
        new QMessageBox(QMessageBox::Warning, QCoreApplication::translate("ErrorPresenter", "That did not work"),
            QString::fromStdString(error.message()), QMessageBox::Ok, parent);
    box->setInformativeText(QString::fromStdString(code));
    if (!error.context().empty()) box->setDetailedText(QString::fromStdString(error.text()));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

}  // namespace dubito::app
