// Probabilities are the model's own, before temperature and cuts.
#include "chat/token_card.h"

#include <QHBoxLayout>
#include <QLocale>

#include <cmath>

#include "chat/link.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/share_bar.h"
#include "kit/term.h"
#include "kit/token_strip.h"
#include "kit/user_size.h"

namespace dubito::chat {
namespace {

constexpr int kFirstRows = 6, kWordWidth = 84, kNumberWidth = 44, kLastWidth = 60;

QString quoted(const QString& text) { return QStringLiteral("“%1”").arg(kit::tokenSign(text)); }

}  // namespace

TokenCard::TokenCard(QWidget* parent)
    : QFrame(parent), m_title(new kit::ElidedLabel), m_origin(new kit::ElidedLabel(tr("the model's own distribution"))),
      m_sum(new QLabel), m_rows(new QVBoxLayout), m_more(kit::wordButton({})) {
    setProperty("role", "card");
    m_title->setProperty("role", "strong");
    m_origin->setProperty("role", "faint");
    m_origin->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    kit::explain(m_origin, QStringLiteral("logprob"));
    m_sum->setProperty("role", "faint");
    m_sum->setWordWrap(true);
    m_sum->setTextFormat(Qt::PlainText);
    auto* head = new QHBoxLayout;
    head->addWidget(m_title);
    head->addWidget(m_origin, 1);
    m_rows->setSpacing(0);
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_sum, 1);
    foot->addWidget(m_more, 0, Qt::AlignBottom);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(10, 8, 10, 8);
    column->setSpacing(4);
    column->addLayout(head);
    column->addLayout(m_rows);
    column->addLayout(foot);
    connect(m_more, &QToolButton::clicked, this, [this] {
        m_showsAll = !m_showsAll;
        rebuild();
    });
}

void TokenCard::showToken(const ChatToken& token, qint64 vocabulary, const QString& whyNot) {
    m_token = token;
    m_vocabulary = vocabulary;
    m_whyNot = whyNot;
    m_alternatives.clear();
    m_isLoaded = m_showsAll = false;
    m_title->setText(tr("Instead of %1").arg(quoted(token.text)));
    setAccessibleName(m_title->text());
    rebuild();
}

void TokenCard::setAlternatives(const QVector<Alternative>& alternatives) {
    m_alternatives = alternatives;
    m_isLoaded = true;
    rebuild();
}

void TokenCard::setWhyNot(const QString& whyNot) {
    if (m_whyNot == whyNot) return;
    m_whyNot = whyNot;
    rebuild();
}

void TokenCard::addRow(const Alternative& one) {
    auto* line = new QWidget;
    auto* row = new QHBoxLayout(line);
    row->setContentsMargins(6, 0, 0, 0);
    row->setSpacing(8);
    auto* word = new kit::ElidedLabel(kit::tokenSign(one.text).trimmed());
    word->setFont(kit::monoFont());
    word->setFixedWidth(kit::userSize(kWordWidth));
    auto* number = new QLabel(QString::number(one.probability, 'f', 3));
    number->setFont(kit::monoFont());
    number->setProperty("role", "sub");
    number->setFixedWidth(kit::userSize(kNumberWidth));
    number->setAccessibleName(tr("probability of %1").arg(quoted(one.text)));
    row->addWidget(word);
    row->addWidget(new kit::ShareBar(one.probability), 1);
    row->addWidget(number);
    line->setFixedHeight(kit::userSize(22));
    if (one.id == m_token.id) {
        auto* said = new QLabel(tr("said"));
        said->setProperty("role", "faint");
        said->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        said->setFixedWidth(kit::userSize(kLastWidth));
        row->addWidget(said);
    } else {
        auto* say = link(tr("say this"));
        say->setEnabled(m_whyNot.isEmpty());
        say->setAccessibleName(tr("Say %1 here; both answers stay").arg(quoted(one.text)));
        say->setToolTip(kit::plainToolTip(m_whyNot.isEmpty() ? say->accessibleName() : m_whyNot));
        connect(say, &QPushButton::clicked, this, [this, id = one.id] { Q_EMIT branchAsked(id); });
        say->setMinimumWidth(kLastWidth);
        row->addWidget(say);
    }
    m_rows->addWidget(line);
}

void TokenCard::rebuild() {
    while (QLayoutItem* item = m_rows->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    double mass = 0;
    int shown = 0;
    bool isSaidThere = false;
    for (const Alternative& one : m_alternatives) {
        const bool isSaid = one.id == m_token.id;
        isSaidThere |= isSaid;
        // What was said is always there, however far down it stands.
        if (!m_showsAll && shown >= kFirstRows && !isSaid) continue;
        addRow(one);
        mass += one.probability;
        ++shown;
    }
    const double own = std::exp(static_cast<double>(m_token.logprob));
    if (m_isLoaded && !isSaidThere && std::isfinite(own)) {
        addRow({m_token.id, m_token.text, own});
        mass += own;
        ++shown;
    }
    QStringList sum;
    if (!m_isLoaded) sum << tr("reading…");
    else if (shown == 0) sum << tr("No alternatives were kept with this token.");
    if (shown && m_vocabulary) sum << tr("%1 of %2").arg(shown).arg(QLocale().toString(m_vocabulary));
    if (shown) sum << tr("these hold %1 of the mass").arg(std::min(mass, 1.0), 0, 'f', 2);
    if (std::isfinite(m_token.entropy))
        sum << tr("entropy %1 nats").arg(static_cast<double>(m_token.entropy), 0, 'f', 2);
    if (m_token.isForced) sum << tr("given by the branch");
    if (shown && !m_whyNot.isEmpty()) sum << m_whyNot;
    m_sum->setText(sum.join(QStringLiteral(" · ")));
    const auto left = m_alternatives.size() - shown;
    m_more->setVisible(m_showsAll ? m_alternatives.size() > kFirstRows : left > 0);
    m_more->setText(m_showsAll ? tr("fewer") : tr("%n more", nullptr, static_cast<int>(std::max<qsizetype>(0, left))));
}

}  // namespace dubito::chat
