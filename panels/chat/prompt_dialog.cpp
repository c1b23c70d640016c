// Plain text: what a template made of a stranger's words is only read here.
#include "chat/prompt_dialog.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QLocale>
#include <QPlainTextEdit>
#include <QVBoxLayout>

#include "kit/colours.h"

namespace dubito::chat {

PromptDialog::PromptDialog(const RenderedPrompt& prompt, QWidget* parent) : QDialog(parent) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Rendered prompt"));
    resize(680, 460);
    auto* text = new QPlainTextEdit(prompt.text);
    text->setReadOnly(true);
    text->setFont(kit::monoFont(12));
    text->setAccessibleName(windowTitle());
    auto* size = new QLabel(
        tr("%1 of %2 tokens of context").arg(QLocale().toString(prompt.tokens), QLocale().toString(prompt.context)));
    size->setProperty("role", "sub");
    auto* close = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(close, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* column = new QVBoxLayout(this);
    column->addWidget(size);
    column->addWidget(text, 1);
    column->addWidget(close);
}

}  // namespace dubito::chat
