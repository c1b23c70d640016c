// One turn on the page: who speaks, what was said, and what can be done with it. As narrow as its pane.
#pragma once

#include <QFrame>
#include <QLabel>
#include <QToolButton>

#include "chat/chat_data.h"
#include "kit/controls.h"
#include "kit/token_strip.h"
#include "kit/wrapped_text.h"

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
    QSize minimumSizeHint() const override { return {kNarrowest, QFrame::minimumSizeHint().height()}; }

Q_SIGNALS:
    void tokenClicked(int turn, int index);
    void siblingAsked(int turn, int step);  ///< -1 the one before, 1 the one behind
    void editAsked(int turn);
    void againAsked(int turn);
    void promptAsked(int turn);

protected:
    void resizeEvent(QResizeEvent*) override { layOutHead(); }

private:
    static constexpr int kNarrowest = 200;
    void layOutHead();  ///< words where they fit, else in a menu
    void act() { m_isAnswer ? Q_EMIT againAsked(m_number) : Q_EMIT editAsked(m_number); }
    int m_number = -1;
    kit::ElidedLabel* m_role;
    kit::WrappedText* m_text;
    QLabel *m_place, *m_footer;
    QToolButton *m_before, *m_behind, *m_act, *m_prompt, *m_more;
    kit::TokenStrip* m_strip;
    bool m_isAnswer = false, m_canAct = false;
    qsizetype m_shown = -1;
};

}  // namespace dubito::chat
