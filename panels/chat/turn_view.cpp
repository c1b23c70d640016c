// A person's words are selectable text; an answer is a strip of tokens, or the text they mean.
#include "chat/turn_view.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

#include "chat/link.h"
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
    : QFrame(parent), m_head(new QHBoxLayout), m_role(new kit::ElidedLabel), m_act(kit::wordButton({})),
      m_prompt(kit::wordButton(tr("Prompt"))), m_copy(kit::wordButton(tr("Copy"))),
      m_more(kit::wordButton(QStringLiteral("▾"))) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 12, 10);
    column->setSpacing(4);
    column->addLayout(m_head);
    buildHead();
}

void TurnView::place(Part part, QWidget* widget, Qt::Alignment alignment) {
    m_parts[part] = widget;
    const auto above = std::count_if(m_parts.begin(), m_parts.begin() + part, [](QWidget* one) { return one; });
    static_cast<QVBoxLayout*>(layout())->insertWidget(1 + static_cast<int>(above), widget, 0, alignment);
}

void TurnView::buildHead() {
    m_role->setProperty("role", "strong");
    m_prompt->setToolTip(tr("What the model was given, special tokens and all"));
    m_copy->setToolTip(tr("The words of this turn"));
    m_more->setAccessibleName(tr("What can be done with this turn"));
    m_more->setToolTip(m_more->accessibleName());
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(new QMenu(m_more));
    m_head->setSpacing(2);
    m_head->addWidget(m_role, 1);
    for (QToolButton* button : {m_act, m_prompt, m_copy, m_more}) m_head->addWidget(button);
    connect(m_act, &QToolButton::clicked, this, [this] { act(); });
    connect(m_prompt, &QToolButton::clicked, this, [this] { Q_EMIT promptAsked(m_number); });
    connect(m_copy, &QToolButton::clicked, this, [this] { Q_EMIT copyAsked(m_number); });
    connect(m_more->menu(), &QMenu::aboutToShow, this, [this] { fillMore(); });
}

void TurnView::buildVersions() {
    if (m_place) return;
    m_place = new QLabel;
    m_place->setProperty("role", "faint");
    m_before = kit::wordButton(QStringLiteral("‹"));
    m_behind = kit::wordButton(QStringLiteral("›"));
    m_before->setToolTip(tr("The version before"));
    m_behind->setToolTip(tr("The next version"));
    int at = 1;  // behind who speaks
    for (QWidget* one :
        {static_cast<QWidget*>(m_before), static_cast<QWidget*>(m_place), static_cast<QWidget*>(m_behind)})
        m_head->insertWidget(at++, one);
    m_before->setAccessibleName(m_before->toolTip());
    m_behind->setAccessibleName(m_behind->toolTip());
    connect(m_before, &QToolButton::clicked, this, [this] { Q_EMIT siblingAsked(m_number, -1); });
    connect(m_behind, &QToolButton::clicked, this, [this] { Q_EMIT siblingAsked(m_number, 1); });
}

kit::WrappedText* TurnView::words() {
    if (m_text) return m_text;
    m_text = new kit::WrappedText;
    m_text->setAccessibleName(tr("What you said"));
    place(Words, m_text);
    return m_text;
}

kit::TokenStrip* TurnView::strip() {
    if (m_strip) return m_strip;
    m_strip = new kit::TokenStrip;
    m_strip->installEventFilter(this);
    place(Tokens, m_strip);
    connect(m_strip, &kit::TokenStrip::tokenClicked, this, [this](int index) { Q_EMIT tokenClicked(m_number, index); });
    return m_strip;
}

MarkdownView* TurnView::markdown() {
    if (!m_markdown) place(Markdown, m_markdown = new MarkdownView);
    return m_markdown;
}

void TurnView::buildUnder() {
    if (m_under) return;
    m_under = new QWidget(this);
    m_under->resize(0, 0);
    m_card = new TokenCard;
    m_layers = link({});
    m_layers->setToolTip(tr("Reads this very answer once more and shows what every layer would have said"));
    auto* column = new QVBoxLayout(m_under);
    column->setContentsMargins(0, 4, 0, 6);
    column->setSpacing(4);
    column->addWidget(m_card);
    column->addWidget(m_layers, 0, Qt::AlignLeft);
    m_under->installEventFilter(this);
    connect(m_card, &TokenCard::branchAsked, this, [this](int tokenId) {
        m_strip->setFocus(Qt::OtherFocusReason);  // the button that was pressed goes with the card
        Q_EMIT branchAsked(m_number, m_current, tokenId);
    });
    connect(m_layers, &QPushButton::clicked, this, [this] { Q_EMIT layersAsked(m_number, m_current); });
}

void TurnView::layUnder() {
    if (!m_under || m_under->isHidden() || !m_strip) return;
    const QLayout* column = m_under->layout();
    const int width = m_strip->width();
    const int needed =
        column->hasHeightForWidth() ? column->totalHeightForWidth(width) : column->totalSizeHint().height();
    // From token to token the lines below stay where they are until the next one's words are known.
    m_strip->setRoomBelowCurrent(m_card->isLoaded() ? needed : std::max(needed, m_under->height()));
    m_under->setGeometry(m_strip->roomBelowCurrent().translated(m_strip->pos()));
}

void TurnView::resizeEvent(QResizeEvent*) {
    layOutHead();
    layUnder();
}

QLabel* TurnView::footer() {
    if (m_footer) return m_footer;
    m_footer = new QLabel;
    m_footer->setProperty("role", "faint");
    m_footer->setWordWrap(true);
    m_footer->setTextFormat(Qt::PlainText);
    place(Footer, m_footer);
    return m_footer;
}

void TurnView::fillMore() {
    QMenu* menu = m_more->menu();
    menu->clear();
    if (m_canAct) menu->addAction(m_act->text(), this, [this] { act(); });
    if (m_isAnswer) menu->addAction(m_prompt->text(), this, [this] { Q_EMIT promptAsked(m_number); });
    menu->addAction(m_copy->text(), this, [this] { Q_EMIT copyAsked(m_number); });
}

void TurnView::layOutHead() {
    constexpr int kRoomOfName = 130, kGap = 2;
    int words = 0;
    for (const QToolButton* word : {m_act, m_prompt, m_copy})
        if (word == m_act ? m_canAct : word == m_prompt ? m_isAnswer : true) words += word->sizeHint().width() + kGap;
    int needed = std::min(m_role->sizeHint().width(), kRoomOfName) + words;
    if (m_place && !m_place->isHidden())
        for (const QWidget* one :
            {static_cast<QWidget*>(m_before), static_cast<QWidget*>(m_place), static_cast<QWidget*>(m_behind)})
            needed += one->sizeHint().width() + kGap;
    const QMargins margins = layout()->contentsMargins();
    const bool hasRoom = needed <= width() - margins.left() - margins.right();
    m_act->setVisible(m_canAct && hasRoom);
    m_prompt->setVisible(m_isAnswer && hasRoom);
    m_copy->setVisible(hasRoom);
    m_more->setVisible(!hasRoom);
}

void TurnView::show(const Turn& turn, const TurnPlace& place) {
    if (m_number != turn.number) {
        m_shown = -1;
        m_current = -1;
    }
    m_number = turn.number;
    m_isAnswer = turn.isAnswer();
    m_isLive = place.isLive;
    m_mayAskLayers = place.mayAskLayers;
    if (place.model) m_model = *place.model;
    showHead(turn, place);
    if (m_isAnswer) showAnswer(turn, place.asText);
    else words()->setWords(turn.text);
    if (m_text) m_text->setVisible(!m_isAnswer);
    if (m_strip) m_strip->setVisible(m_isAnswer && !place.asText);
    if (m_markdown) m_markdown->setVisible(m_isAnswer && place.asText);
    showFooter(turn);
    showOther(turn, place);
    if (m_card) m_card->setWhyNot(whyNoBranch());
    if (m_current < 0 || place.asText) showCard();
}

void TurnView::showHead(const Turn& turn, const TurnPlace& place) {
    const QString speaker = m_model.name.isEmpty() ? tr("Model") : m_model.name;
    m_role->setText(m_isAnswer ? speaker : turn.role == QLatin1String("system") ? tr("System") : tr("You"));
    const bool several = place.siblings > 1;
    if (several) buildVersions();
    if (m_place) {
        m_place->setText(tr("%1 of %2", "version").arg(place.sibling + 1).arg(place.siblings));
        for (QWidget* widget :
            {static_cast<QWidget*>(m_before), static_cast<QWidget*>(m_place), static_cast<QWidget*>(m_behind)})
            widget->setVisible(several);
        m_before->setEnabled(place.sibling > 0);
        m_behind->setEnabled(place.sibling + 1 < place.siblings);
    }
    m_canAct = m_isLive && (!m_isAnswer || !turn.stop.isEmpty());
    m_act->setText(m_isAnswer ? tr("Answer again") : tr("Edit"));
    m_act->setToolTip(m_isAnswer ? tr("Another answer beside this one; nothing is lost")
                                 : tr("Say it otherwise; the first version stays"));
    layOutHead();
}

void TurnView::showAnswer(const Turn& turn, bool asText) {
    // The token that ends an answer is no word of it.
    const bool hasEnd = !turn.stop.isEmpty() && !turn.tokens.isEmpty() && turn.tokens.last().isSpecial;
    m_count = static_cast<int>(turn.tokens.size()) - hasEnd;
    if (asText) {
        markdown()->setText(turn.said());
        return;
    }
    if (m_shown == m_count && m_strip) return;
    QVector<kit::TokenChip> chips;
    chips.reserve(m_count);
    for (int i = 0; i < m_count; ++i) {
        const ChatToken& token = turn.tokens[i];
        chips.append(
            {token.text, std::exp(static_cast<double>(token.logprob)), false, token.isSpecial || token.isForced});
    }
    strip()->setTokens(chips);
    m_shown = m_count;
    nameStrip();
}

void TurnView::showFooter(const Turn& turn) {
    if (m_footer) m_footer->setVisible(m_isAnswer);
    if (!m_isAnswer) return;
    QStringList said;
    if (turn.branchedFrom >= 0) said << tr("branched at token %1").arg(turn.branchToken + 1);
    if (const QString stop = stopText(turn); !stop.isEmpty()) said << stop;
    if (!turn.tokens.isEmpty()) said << tr("%n token(s)", nullptr, static_cast<int>(turn.tokens.size()));
    if (turn.tokensPerSecond > 0) said << tr("%1 tokens/s").arg(kit::shortNumber(turn.tokensPerSecond));
    if (turn.firstTokenSeconds > 0) said << tr("first after %1 s").arg(kit::shortNumber(turn.firstTokenSeconds));
    footer()->setText(kit::breakable(said.join(QStringLiteral(" · "))));
}

void TurnView::showOther(const Turn& turn, const TurnPlace& place) {
    if (m_other) m_other->setVisible(place.other != nullptr);
    if (!place.other) return;
    if (!m_other) {
        this->place(Other, m_other = new OtherBranch);
        connect(m_other, &OtherBranch::goAsked, this, &TurnView::goAsked);
        connect(m_other, &OtherBranch::besideAsked, this, &TurnView::besideAsked);
    }
    const int at = firstDifference(turn, *place.other);
    m_other->show(place.other->number, place.otherPlace, place.siblings,
        at < 0 ? QString() : place.other->tokens[at].text, place.other->said());
}

QString TurnView::whyNoBranch() const {
    return m_isLive ? QString() : tr("The conversation is closed; a branch needs a running model.");
}

void TurnView::nameStrip() {
    QString name = tr("Answer of %n token(s); arrow keys walk them", nullptr, m_count);
    if (m_current >= 0) {
        const double p = std::exp(static_cast<double>(m_token.logprob));
        name = tr("token %1 of %2: “%3”").arg(m_current + 1).arg(m_count).arg(kit::tokenSign(m_token.text));
        if (std::isfinite(p)) name = tr("%1, probability %2").arg(name).arg(p, 0, 'f', 3);
    }
    if (m_strip) m_strip->setAccessibleName(name);
}

void TurnView::setCurrentToken(int index, const ChatToken* token) {
    if (index == m_current && (index < 0 || m_card)) return;
    m_current = m_isAnswer && token ? index : -1;
    m_token = token ? *token : ChatToken();
    if (m_strip) m_strip->setCurrent(m_current);
    nameStrip();
    showCard();
}

void TurnView::showCard() {
    const bool isShown = m_current >= 0 && m_strip && !m_strip->isHidden();
    if (!isShown) {
        if (m_strip) m_strip->setRoomBelowCurrent(0);
        if (m_under) m_under->deleteLater();
        if (m_under) m_under->hide();
        m_under = nullptr;
        m_card = nullptr;
        m_layers = nullptr;
        return;
    }
    buildUnder();
    m_under->show();
    m_layers->setVisible(m_mayAskLayers);
    m_layers->setText((m_model.layers > 1 ? tr("What did layer %1 think here?").arg((2 * m_model.layers + 2) / 5)
                                          : tr("What did the layers think here?")) +
                      QStringLiteral("  →"));
    m_card->showToken(m_token, m_model.vocabulary, whyNoBranch());
    layUnder();
}

void TurnView::setAlternatives(const QVector<Alternative>& alternatives) {
    if (m_card) m_card->setAlternatives(alternatives);
}

QRect TurnView::tokenBox(int index) const {
    return m_strip && index >= 0 && index < m_strip->partCount() ? m_strip->partBox(index).translated(m_strip->pos())
                                                                 : QRect();
}

QRect TurnView::cardBox() const { return m_card ? currentBox().united(m_under->geometry()) : QRect(); }

bool TurnView::eventFilter(QObject* watched, QEvent* event) {
    const bool isMoved = event->type() == QEvent::Resize || event->type() == QEvent::Move;
    if ((watched == m_strip && isMoved) || (watched == m_under && event->type() == QEvent::LayoutRequest)) layUnder();
    if (watched == m_strip && event->type() == QEvent::KeyPress && m_count > 0) {
        const int last = m_count - 1;
        switch (static_cast<QKeyEvent*>(event)->key()) {
            case Qt::Key_Home: Q_EMIT tokenClicked(m_number, 0); return true;
            case Qt::Key_End: Q_EMIT tokenClicked(m_number, last); return true;
            case Qt::Key_Return:
            case Qt::Key_Enter:
            case Qt::Key_Space: Q_EMIT tokenClicked(m_number, std::clamp(m_current, 0, last)); return true;
            case Qt::Key_Escape:
                if (m_current < 0) break;
                Q_EMIT tokenClicked(m_number, -1);
                return true;
            default: break;
        }
    }
    return QFrame::eventFilter(watched, event);
}

}  // namespace dubito::chat
