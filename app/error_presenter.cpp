// One box and the sentence; the code stands in the log.
#include "error_presenter.h"

#include <QCoreApplication>
#include <QMessageBox>

#include "base/log.h"

namespace dubito::app {

void presentError(QWidget* parent, const Error& error) {
    logLine(LogLevel::Warn, error.text());
    auto* box =
        new QMessageBox(QMessageBox::Warning, QCoreApplication::translate("ErrorPresenter", "That did not work"),
            QString::fromStdString(error.message()), QMessageBox::Ok, parent);
    box->setTextFormat(Qt::PlainText);
    if (!error.context().empty()) box->setDetailedText(QString::fromStdString(error.text()));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

}  // namespace dubito::app
