// A person's words are selectable text; an answer is a strip of tokens.
#include "chat/turn_view.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QVBoxLayout>

#include <cmath>

#include "kit/controls.h"

namespace dubito::chat {
namespace {

QString stopText(const Turn& turn) {
    if (turn.stop.isEmpty()) return turn.tokens.isEmpty() ? TurnView::tr("reading…") : TurnView::tr("speaking…");
    if (turn.stop == QLatin1String("error")) return turn.detail;
    if (turn.stop == QLatin1String("eos")) return {};
    if (turn.stop == QLatin1String("length")) return TurnView::tr("stopped at the longest answer");
    if (turn.stop == QLatin1String("stopped")) return TurnView::tr("stopped by you");
    return TurnView::tr("stopped: %1").arg(turn.stop);
}

}  // namespace

TurnView::TurnView(QWidget* parent)
    : QFrame(parent), m_role(new kit::ElidedLabel), m_text(new kit::WrappedText), m_place(new QLabel),
      m_footer(new QLabel), m_before(kit::wordButton(QStringLiteral("‹"))),
      m_behind(kit::wordButton(QStringLiteral("›"))), m_act(kit::wordButton({})),
      m_prompt(kit::wordButton(tr("Prompt"))), m_more(kit::wordButton(QStringLiteral("▾"))),
      m_strip(new kit::TokenStrip) {
    m_role->setProperty("role", "strong");
    m_place->setProperty("role", "faint");
    m_footer->setProperty("role", "faint");
    m_footer->setWordWrap(true);
    m_footer->setTextFormat(Qt::PlainText);
    m_before->setToolTip(tr("The version before"));
    m_behind->setToolTip(tr("The next version"));
    m_before->setAccessibleName(m_before->toolTip());
    m_behind->setAccessibleName(m_behind->toolTip());
    m_prompt->setToolTip(tr("What the model was given, special tokens and all"));
    m_more->setAccessibleName(tr("What can be done with this turn"));
    m_more->setToolTip(m_more->accessibleName());
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(new QMenu(m_more));
    auto* head = new QHBoxLayout;
    head->setSpacing(2);
    head->addWidget(m_role, 1);
    for (QWidget* widget :
        {static_cast<QWidget*>(m_before), static_cast<QWidget*>(m_place), static_cast<QWidget*>(m_behind),
            static_cast<QWidget*>(m_act), static_cast<QWidget*>(m_prompt), static_cast<QWidget*>(m_more)})
        head->addWidget(widget);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 12, 10);
    column->setSpacing(4);
    column->addLayout(head);
    column->addWidget(m_text);
    column->addWidget(m_strip);
    column->addWidget(m_footer);
    connect(m_strip, &kit::TokenStrip::tokenClicked, this, [this](int index) { Q_EMIT tokenClicked(m_number, index); });
    connect(m_before, &QToolButton::clicked, this, [this] { Q_EMIT siblingAsked(m_number, -1); });
    connect(m_behind, &QToolButton::clicked, this, [this] { Q_EMIT siblingAsked(m_number, 1); });
    connect(m_act, &QToolButton::clicked, this, [this] { act(); });
    connect(m_prompt, &QToolButton::clicked, this, [this] { Q_EMIT promptAsked(m_number); });
    connect(m_more->menu(), &QMenu::aboutToShow, this, [this] {
        m_more->menu()->clear();
        if (m_canAct) m_more->menu()->addAction(m_act->text(), this, [this] { act(); });
        if (m_isAnswer) m_more->menu()->addAction(m_prompt->text(), this, [this] { Q_EMIT promptAsked(m_number); });
    });
}

void TurnView::layOutHead() {
    constexpr int kRoomOfName = 130, kGap = 2;
    int words = 0;
    for (const QToolButton* word : {m_act, m_prompt})
        if (word == m_act ? m_canAct : m_isAnswer) words += word->sizeHint().width() + kGap;
    int needed = std::min(m_role->sizeHint().width(), kRoomOfName) + words;
    if (!m_place->isHidden())
        for (const QWidget* one :
            {static_cast<QWidget*>(m_before), static_cast<QWidget*>(m_place), static_cast<QWidget*>(m_behind)})
            needed += one->sizeHint().width() + kGap;
    const QMargins margins = layout()->contentsMargins();
    const bool hasRoom = needed <= width() - margins.left() - margins.right();
    m_act->setVisible(m_canAct && hasRoom);
    m_prompt->setVisible(m_isAnswer && hasRoom);
    m_more->setVisible(words > 0 && !hasRoom);
}

void TurnView::show(const Turn& turn, int sibling, int siblings, bool isLive, const QString& speaker) {
    if (m_number != turn.number) m_shown = -1;
    m_number = turn.number;
    m_isAnswer = turn.isAnswer();
    m_role->setText(m_isAnswer ? speaker : turn.role == QLatin1String("system") ? tr("System") : tr("You"));
    const bool several = siblings > 1;
    m_place->setText(tr("%1 of %2", "version").arg(sibling + 1).arg(siblings));
    for (QWidget* widget :
        {static_cast<QWidget*>(m_before), static_cast<QWidget*>(m_place), static_cast<QWidget*>(m_behind)})
        widget->setVisible(several);
    m_before->setEnabled(sibling > 0);
    m_behind->setEnabled(sibling + 1 < siblings);
    m_canAct = isLive && (!m_isAnswer || !turn.stop.isEmpty());
    m_act->setText(m_isAnswer ? tr("Answer again") : tr("Edit"));
    m_act->setToolTip(m_isAnswer ? tr("Another answer beside this one; nothing is lost")
                                 : tr("Say it otherwise; the first version stays"));
    layOutHead();
    m_text->setVisible(!m_isAnswer);
    m_strip->setVisible(m_isAnswer);
    if (!m_isAnswer) {
        m_text->setWords(turn.text);
    } else if (m_shown != turn.tokens.size()) {
        QVector<kit::TokenChip> chips;
        chips.reserve(turn.tokens.size());
        for (const ChatToken& token : turn.tokens)
            chips.append(
                {token.text, std::exp(static_cast<double>(token.logprob)), false, token.isSpecial || token.isForced});
        m_strip->setTokens(chips);
        m_shown = turn.tokens.size();
    }
    QStringList footer;
    if (m_isAnswer) {
        if (turn.branchedFrom >= 0) footer << tr("branched at token %1").arg(turn.branchToken + 1);
        if (const QString stop = stopText(turn); !stop.isEmpty()) footer << stop;
        if (!turn.tokens.isEmpty()) footer << tr("%n token(s)", nullptr, static_cast<int>(turn.tokens.size()));
        if (turn.tokensPerSecond > 0) footer << tr("%1 tokens/s").arg(kit::shortNumber(turn.tokensPerSecond));
        if (turn.firstTokenSeconds > 0) footer << tr("first after %1 s").arg(kit::shortNumber(turn.firstTokenSeconds));
    }
    m_footer->setText(kit::breakable(footer.join(QStringLiteral(" · "))));
    m_footer->setVisible(m_isAnswer);
}

void TurnView::setCurrentToken(int index) { m_strip->setCurrent(index); }

}  // namespace dubito::chat
