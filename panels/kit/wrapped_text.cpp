// The height follows the document: it is known once the width is.
#include "kit/wrapped_text.h"

#include <QAbstractTextDocumentLayout>
#include <QEvent>
#include <QTextDocument>
#include <QWheelEvent>

#include <cmath>

namespace dubito::kit {

WrappedText::WrappedText(QWidget* parent) : QTextEdit(parent) {
    setReadOnly(true);
    setFrameShape(QFrame::NoFrame);
    setTabChangesFocus(true);
    setAcceptRichText(false);
    setUndoRedoEnabled(false);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    viewport()->setAutoFillBackground(false);
    document()->setDocumentMargin(0);
    connect(
        document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this, [this] { fitHeight(); });
}

void WrappedText::setWords(const QString& text) {
    if (toPlainText() != text) setPlainText(text);
}

QSize WrappedText::sizeHint() const { return {240, height()}; }

void WrappedText::fitHeight() { setFixedHeight(static_cast<int>(std::ceil(document()->size().height()))); }

void WrappedText::wheelEvent(QWheelEvent* event) { event->ignore(); }

void WrappedText::changeEvent(QEvent* event) {
    QTextEdit::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        document()->setDocumentMargin(0);
        fitHeight();
    }
}

}  // namespace dubito::kit
