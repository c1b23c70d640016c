// One turn on the page: who speaks, what was said, and what can be done with it.
#pragma once

#include <QFrame>
#include <QLabel>
#include <QToolButton>

#include "chat/chat_data.h"
#include "kit/token_strip.h"

namespace dubito::chat {

class TurnView : public QFrame {
    Q_OBJECT
public:
    explicit TurnView(QWidget* parent = nullptr);
    /// @param sibling place among `siblings` turns of one parent, from 0
    void show(const Turn& turn, int sibling, int siblings, bool isLive, const QString& speaker);
    void setCurrentToken(int index);
    int number() const { return m_number; }
    QRect currentBox() const { return m_strip->currentBox().translated(m_strip->pos()); }

Q_SIGNALS:
    void tokenClicked(int turn, int index);
    void siblingAsked(int turn, int step);  ///< -1 the one before, 1 the one behind
    void editAsked(int turn);
    void againAsked(int turn);
    void promptAsked(int turn);

private:
    int m_number = -1;
    QLabel *m_role, *m_place, *m_text, *m_footer;
    QToolButton *m_before, *m_behind, *m_act, *m_prompt;
    kit::TokenStrip* m_strip;
    bool m_isAnswer = false;
    qsizetype m_shown = -1;
};

}  // namespace dubito::chat
