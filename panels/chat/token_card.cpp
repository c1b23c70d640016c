// Alternatives are bars; a click chooses one, the button branches there.
#include "chat/token_card.h"

#include <QVBoxLayout>

#include <cmath>

#include "kit/controls.h"
#include "kit/token_strip.h"

namespace dubito::chat {

TokenCard::TokenCard(QWidget* parent)
    : QWidget(parent), m_title(new kit::ElidedLabel), m_sub(new QLabel), m_probability(kit::mono()),
      m_entropy(kit::mono()), m_hint(new QLabel), m_numbers(new QWidget), m_top(new kit::BarList),
      m_branch(new QPushButton(tr("Branch here"))) {
    m_title->setProperty("role", "heading");
    m_sub->setProperty("role", "sub");
    m_sub->setWordWrap(true);
    m_hint->setProperty("role", "faint");
    m_hint->setWordWrap(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, 0);
    column->setSpacing(6);
    column->addWidget(m_title);
    column->addWidget(m_sub);
    auto* inside = new QVBoxLayout(m_numbers);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->setSpacing(6);
    inside->addWidget(kit::keyValueRow(tr("probability"), m_probability));
    inside->addWidget(kit::keyValueRow(tr("entropy, nats"), m_entropy));
    inside->addWidget(kit::caption(tr("The model's own distribution")));
    inside->addWidget(m_top);
    inside->addWidget(m_branch);
    inside->addWidget(m_hint);
    column->addWidget(m_numbers);
    column->addStretch();
    connect(m_top, &kit::BarList::clicked, this, [this](int id) {
        m_chosen = id;
        setLive(m_live);
    });
    connect(m_branch, &QPushButton::clicked, this, [this] {
        if (m_chosen >= 0) Q_EMIT branchAsked(m_chosen);
    });
    showNothing();
}

void TokenCard::showNothing() {
    m_title->setText(tr("Token"));
    m_sub->setText(tr("Click a token of an answer: its alternatives appear here, and the answer can branch there."));
    m_said = m_chosen = -1;
    m_top->setRows({});
    m_numbers->hide();
}

void TokenCard::setLive(bool isLive) {
    m_live = isLive;
    m_branch->setEnabled(m_live && m_chosen >= 0 && m_chosen != m_said);
    m_hint->setText(isLive ? tr("Choose another token and branch: the model goes on from it, and both answers stay.")
                           : tr("The conversation is closed; a branch needs a running model."));
}

void TokenCard::showToken(const Turn& turn, int index, bool isLive) {
    if (index < 0 || index >= turn.tokens.size()) return showNothing();
    const ChatToken& token = turn.tokens[index];
    m_said = token.id;
    m_chosen = -1;
    m_numbers->show();
    m_title->setText(QStringLiteral("“%1”").arg(kit::tokenSign(token.text)));
    m_sub->setText(token.isForced ? tr("token %1 of the answer, given by the branch").arg(index + 1)
                                  : tr("token %1 of the answer").arg(index + 1));
    m_probability->setText(QString::number(std::exp(static_cast<double>(token.logprob)), 'f', 4));
    m_entropy->setText(QString::number(static_cast<double>(token.entropy), 'f', 3));
    setLive(isLive);
}

void TokenCard::setAlternatives(const QVector<Alternative>& alternatives) {
    QVector<kit::BarRow> rows;
    for (const Alternative& one : alternatives) {
        rows.append({kit::tokenSign(one.text), one.probability, QString::number(one.probability, 'f', 3), one.id});
        if (m_chosen < 0 && one.id != m_said) m_chosen = one.id;
    }
    m_top->setRows(rows);
    setLive(m_live);
}

}  // namespace dubito::chat
