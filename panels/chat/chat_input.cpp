// Ctrl+Enter says in either setting; a key of an input method is never ours.
#include "chat/chat_input.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLocale>
#include <QVBoxLayout>

#include <algorithm>

#include "kit/term.h"

namespace dubito::chat {

ChatInput::ChatInput(QWidget* parent)
    : QWidget(parent), m_field(new QPlainTextEdit), m_say(new QPushButton(tr("Say"))),
      m_stop(new QPushButton(tr("Stop"))), m_hint(new QLabel), m_used(new QLabel) {
    m_field->setProperty("role", "field");
    m_field->setPlaceholderText(tr("Say something"));
    m_field->setAccessibleName(tr("Your turn"));
    m_field->setTabChangesFocus(true);
    m_field->installEventFilter(this);
    setFocusProxy(m_field);
    m_say->setProperty("role", "primary");
    m_stop->setToolTip(tr("Ends the answer; what was said stays"));
    m_hint->setProperty("role", "faint");
    m_hint->setWordWrap(true);
    m_hint->setTextFormat(Qt::PlainText);
    m_used->setProperty("role", "faint");
    kit::explain(m_used, QStringLiteral("context"));
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_hint, 1);
    row->addWidget(m_used);
    row->addWidget(m_stop);
    row->addWidget(m_say);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 6, 12, 8);
    column->setSpacing(6);
    column->addWidget(m_field);
    column->addLayout(row);
    connect(m_say, &QPushButton::clicked, this, [this] { press(); });
    connect(m_stop, &QPushButton::clicked, this, &ChatInput::stopAsked);
    connect(m_field, &QPlainTextEdit::textChanged, this, [this] {
        refresh();
        fitHeight();
    });
    fitHeight();
    refresh();
}

void ChatInput::fitHeight() {
    // Two lines, and as many more as are typed while the talk keeps the most of the pane.
    constexpr int kFewest = 2, kMost = 6, kFrame = 14;
    const int lines = std::clamp(m_field->document()->blockCount(), kFewest, kMost);
    m_field->setFixedHeight(lines * m_field->fontMetrics().lineSpacing() + kFrame + 4);
}

void ChatInput::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) fitHeight();
}

void ChatInput::press() {
    if (m_state == State::Closed) Q_EMIT goOnAsked();
    else if (m_say->isEnabled()) Q_EMIT said(text());
}

void ChatInput::setState(State state) {
    if (m_state == state) return;
    m_state = state;
    refresh();
}

void ChatInput::edit(const QString& text) {
    m_isEdit = true;
    m_field->setPlainText(text);
    m_field->selectAll();
    m_field->setFocus();
    refresh();
}

void ChatInput::endEdit() {
    m_isEdit = false;
    m_field->clear();
    refresh();
}

void ChatInput::setRoom(qint64 tokens, qint64 of) {
    if (m_tokens == tokens && m_room == of) return;
    m_tokens = tokens;
    m_room = of;
    refresh();
}

void ChatInput::setEnterSays(bool on) {
    m_enterSays = on;
    refresh();
}

void ChatInput::refresh() {
    const bool isClosed = m_state == State::Closed;
    const bool mayTalk = m_state == State::Talking || m_state == State::Speaking;
    m_say->setEnabled(isClosed || (mayTalk && !text().trimmed().isEmpty()));
    m_say->setText(isClosed ? tr("Go on") : m_isEdit ? tr("Say anew") : tr("Say"));
    m_stop->setVisible(m_state == State::Speaking);
    m_field->setReadOnly(isClosed);
    const QString keys = m_enterSays ? tr("Enter says it, Shift+Enter breaks the line")
                                     : tr("Ctrl+Enter says it, Enter breaks the line");
    QStringList words;
    if (isClosed)
        words << tr(
            "This conversation is closed: its turns stay. Go on takes them into a new chat with the same model.");
    else if (m_isEdit) words << tr("Editing: the first version stays beside the new one. Esc gives up.");
    else words << (m_state == State::Speaking ? tr("Esc stops the answer") : keys);
    m_used->setVisible(m_tokens > 0 && m_room > 0);
    m_used->setText(tr("%1 of %2 tokens").arg(QLocale().toString(m_tokens), QLocale().toString(m_room)));
    m_hint->setText(words.join(QStringLiteral(" · ")));
}

bool ChatInput::takesKey(int key, Qt::KeyboardModifiers modifiers) {
    if (key == Qt::Key_Return || key == Qt::Key_Enter) {
        const bool isControl = modifiers.testFlag(Qt::ControlModifier);
        if (!isControl && (!m_enterSays || modifiers.testFlag(Qt::ShiftModifier))) return false;
        press();
        return true;
    }
    if (key == Qt::Key_Up && !m_isEdit && text().isEmpty() && m_state != State::Closed) {
        Q_EMIT editLastAsked();
        return true;
    }
    if (key == Qt::Key_Escape && m_isEdit) {
        endEdit();
        return true;
    }
    if (key == Qt::Key_Escape && m_state == State::Speaking) {
        Q_EMIT stopAsked();
        return true;
    }
    return false;
}

bool ChatInput::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (takesKey(key->key(), key->modifiers())) return true;
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace dubito::chat
