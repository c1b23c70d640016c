// One turn on the page: who speaks, what was said, and what can be done with it. As narrow as its pane.
#pragma once

#include <QFrame>
#include <QLabel>
#include <QToolButton>
#include <array>

#include "chat/chat_data.h"
#include "chat/markdown_view.h"
#include "chat/other_branch.h"
#include "chat/token_card.h"
#include "kit/controls.h"
#include "kit/token_strip.h"
#include "kit/wrapped_text.h"

class QHBoxLayout;

namespace dubito::chat {

/// What a turn is shown with.
struct TurnPlace {
    int sibling = 0, siblings = 1;  ///< place among the turns of one parent, from 0
    bool isLive = false;
    bool asText = false;          ///< an answer as Markdown, not as tokens
    const Turn* other = nullptr;  ///< another version that is kept in sight
    int otherPlace = 0;
    const Model* model = nullptr;  ///< never null where the turn is an answer
    bool mayAskLayers = false;     ///< somebody can tell what layers thought
};

class TurnView : public QFrame {
    Q_OBJECT
public:
    explicit TurnView(QWidget* parent = nullptr);
    void show(const Turn& turn, const TurnPlace& place);
    /// Its card stands between its line and the next one. @param token null: none
    void setCurrentToken(int index, const ChatToken* token);
    void setAlternatives(const QVector<Alternative>& alternatives);
    int number() const { return m_number; }
    QRect currentBox() const { return m_strip ? m_strip->currentBox().translated(m_strip->pos()) : QRect(); }
    QRect tokenBox(int index) const;
    /// Of the token and its card, in the turn's coordinates; empty: none is chosen.
    QRect cardBox() const;
    QSize minimumSizeHint() const override { return {kNarrowest, QFrame::minimumSizeHint().height()}; }

Q_SIGNALS:
    void tokenClicked(int turn, int index);
    void siblingAsked(int turn, int step);  ///< -1 the one before, 1 the one behind
    void editAsked(int turn);
    void againAsked(int turn);
    void promptAsked(int turn);
    void copyAsked(int turn);
    void branchAsked(int turn, int index, int tokenId);
    void layersAsked(int turn, int index);
    void goAsked(int turn);
    void besideAsked(int turn);

protected:
    void resizeEvent(QResizeEvent*) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    static constexpr int kNarrowest = 200;
    /// Below the head, from the top. Each is made when a turn first has it: a widget costs more than all its words.
    enum Part { Words, Tokens, Markdown, Footer, Other, PartCount };
    void place(Part part, QWidget* widget, Qt::Alignment alignment = {});
    void buildHead();
    void buildVersions();
    kit::WrappedText* words();
    kit::TokenStrip* strip();
    MarkdownView* markdown();
    void buildUnder();
    void layUnder();  ///< into the room that the strip leaves
    QLabel* footer();
    void layOutHead();  ///< words where they fit, else in a menu
    void fillMore();
    void showHead(const Turn& turn, const TurnPlace& place);
    void showAnswer(const Turn& turn, bool asText);
    void showFooter(const Turn& turn);
    void showOther(const Turn& turn, const TurnPlace& place);
    void showCard();
    void nameStrip();
    QString whyNoBranch() const;
    void act() { m_isAnswer ? Q_EMIT againAsked(m_number) : Q_EMIT editAsked(m_number); }
    int m_number = -1, m_current = -1, m_count = 0;
    std::array<QWidget*, PartCount> m_parts{};
    QHBoxLayout* m_head;
    kit::ElidedLabel* m_role;
    QToolButton *m_act, *m_prompt, *m_copy, *m_more;
    QLabel* m_place = nullptr;  ///< with the two beside it: where there are versions
    QToolButton *m_before = nullptr, *m_behind = nullptr;
    kit::WrappedText* m_text = nullptr;
    kit::TokenStrip* m_strip = nullptr;
    MarkdownView* m_markdown = nullptr;
    QWidget* m_under = nullptr;  ///< what is said of the current token: its card, and the way to its layers
    TokenCard* m_card = nullptr;
    QPushButton* m_layers = nullptr;
    QLabel* m_footer = nullptr;
    OtherBranch* m_other = nullptr;
    ChatToken m_token;  ///< the current one
    Model m_model;
    bool m_isAnswer = false, m_canAct = false, m_isLive = false, m_mayAskLayers = false;
    qsizetype m_shown = -1;
};

}  // namespace dubito::chat
