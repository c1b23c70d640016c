// A person's words are selectable text; an answer is a strip of tokens.
#include "chat/turn_view.h"

#include <QHBoxLayout>
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
    : QFrame(parent), m_role(new QLabel), m_place(new QLabel), m_text(new QLabel), m_footer(new QLabel),
      m_before(new QToolButton), m_behind(new QToolButton), m_act(new QToolButton), m_prompt(new QToolButton),
      m_strip(new kit::TokenStrip) {
    m_role->setProperty("role", "strong");
    m_place->setProperty("role", "faint");
    m_footer->setProperty("role", "faint");
    m_footer->setWordWrap(true);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_before->setText(QStringLiteral("‹"));
    m_behind->setText(QStringLiteral("›"));
    m_before->setToolTip(tr("The version before"));
    m_behind->setToolTip(tr("The next version"));
    m_before->setAccessibleName(m_before->toolTip());
    m_behind->setAccessibleName(m_behind->toolTip());
    m_prompt->setText(tr("Prompt"));
    m_prompt->setToolTip(tr("What the model was given, special tokens and all"));
    for (auto* button : {m_before, m_behind, m_act, m_prompt}) button->setAutoRaise(true);
    auto* head = new QHBoxLayout;
    head->setSpacing(4);
    head->addWidget(m_role);
    head->addSpacing(6);
    head->addWidget(m_before);
    head->addWidget(m_place);
    head->addWidget(m_behind);
    head->addStretch();
    head->addWidget(m_prompt);
    head->addWidget(m_act);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 8, 14, 10);
    column->setSpacing(4);
    column->addLayout(head);
    column->addWidget(m_text);
    column->addWidget(m_strip);
    column->addWidget(m_footer);
    connect(m_strip, &kit::TokenStrip::tokenClicked, this, [this](int index) { Q_EMIT tokenClicked(m_number, index); });
    connect(m_before, &QToolButton::clicked, this, [this] { Q_EMIT siblingAsked(m_number, -1); });
    connect(m_behind, &QToolButton::clicked, this, [this] { Q_EMIT siblingAsked(m_number, 1); });
    connect(m_act, &QToolButton::clicked, this,
        [this] { m_isAnswer ? Q_EMIT againAsked(m_number) : Q_EMIT editAsked(m_number); });
    connect(m_prompt, &QToolButton::clicked, this, [this] { Q_EMIT promptAsked(m_number); });
}

void TurnView::show(const Turn& turn, int sibling, int siblings, bool isLive, const QString& speaker) {
    if (m_number != turn.number) m_shown = -1;
    m_number = turn.number;
    m_isAnswer = turn.isAnswer();
    m_role->setText(m_isAnswer ? speaker : turn.role == QLatin1String("system") ? tr("System") : tr("You"));
    const bool several = siblings > 1;
    m_place->setText(QStringLiteral("%1/%2").arg(sibling + 1).arg(siblings));
    for (QWidget* widget :
        {static_cast<QWidget*>(m_before), static_cast<QWidget*>(m_place), static_cast<QWidget*>(m_behind)})
        widget->setVisible(several);
    m_before->setEnabled(sibling > 0);
    m_behind->setEnabled(sibling + 1 < siblings);
    m_act->setVisible(isLive && (!m_isAnswer || !turn.stop.isEmpty()));
    m_act->setText(m_isAnswer ? tr("Answer again") : tr("Edit"));
    m_act->setToolTip(m_isAnswer ? tr("Another answer beside this one; nothing is lost")
                                 : tr("Say it otherwise; the first version stays"));
    m_prompt->setVisible(m_isAnswer);
    m_text->setVisible(!m_isAnswer);
    m_strip->setVisible(m_isAnswer);
    if (!m_isAnswer) {
        m_text->setText(turn.text);
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
    m_footer->setText(footer.join(QStringLiteral(" · ")));
    m_footer->setVisible(m_isAnswer);
}

void TurnView::setCurrentToken(int index) { m_strip->setCurrent(index); }

}  // namespace dubito::chat
