// Where a person's turn is typed: its keys, its buttons, and the line that says them.
#pragma once

#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>

namespace dubito::chat {

class ChatInput : public QWidget {
    Q_OBJECT
public:
    enum class State { Talking, Speaking, Closed, Nothing };
    explicit ChatInput(QWidget* parent = nullptr);
    QPlainTextEdit* field() const { return m_field; }
    QString text() const { return m_field->toPlainText(); }
    void clear() { m_field->clear(); }
    void setState(State state);
    /// The text of a turn that is said otherwise; Escape gives up.
    void edit(const QString& text);
    bool isEdit() const { return m_isEdit; }
    void endEdit();
    void setRoom(qint64 tokens, qint64 of);  ///< of the context; 0: not known
    /// Enter says and Shift+Enter breaks a line; off: Enter breaks it and Ctrl+Enter says.
    void setEnterSays(bool on);
    bool enterSays() const { return m_enterSays; }

Q_SIGNALS:
    void said(const QString& text);
    void goOnAsked();
    void stopAsked();
    void editLastAsked();  ///< Up in an empty field

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void press();
    bool takesKey(int key, Qt::KeyboardModifiers modifiers);
    void refresh();
    void fitHeight();
    QPlainTextEdit* m_field;
    QPushButton *m_say, *m_stop;
    QLabel *m_hint, *m_used;  ///< keys; how much of the context is taken
    State m_state = State::Nothing;
    bool m_isEdit = false, m_enterSays = true;
    qint64 m_tokens = 0, m_room = 0;
};

}  // namespace dubito::chat
