// Chips flow like text; words of several tokens stay together.
#include "kit/token_strip.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMetaMethod>
#include <QMouseEvent>
#include <QPaintEvent>
#include <QPainter>
#include <QToolTip>
#include <QVarLengthArray>

#include <algorithm>
#include <cmath>

#include "kit/colours.h"

namespace dubito::kit {

constexpr int kLine = 24;

QString tokenSign(const QString& text) {
    QString out;
    for (const QChar c : text) {
        if (c == QLatin1Char('\n')) out += QChar(0x23CE);
        else if (c == QLatin1Char('\t')) out += QChar(0x21E5);
        else if (c == QLatin1Char(' ')) out += text.trimmed().isEmpty() ? QChar(0x2423) : c;
        else if (c.category() == QChar::Other_Control) out += QChar(0xFFFD);
        else if (c.isSpace() || c.category() == QChar::Other_Format)
            out += QStringLiteral("U+%1").arg(c.unicode(), 4, 16, QLatin1Char('0')).toUpper();
        else out += c;
    }
    return out;
}

TokenStrip::TokenStrip(QWidget* parent) : QWidget(parent) {
    speakParts();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setFont(monoFont(13));
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void TokenStrip::setTokens(const QVector<TokenChip>& tokens) {
    // Tokens that only grew keep their places; the last word may have become longer.
    qsizetype same = 0;
    while (same < tokens.size() && same < m_tokens.size() && tokens[same].text == m_tokens[same].text) ++same;
    const bool grew = same == m_tokens.size() && same > 0;
    m_tokens = tokens;
    if (!grew) m_laidWidth = -1;
    m_advances.resize(std::min(same, m_advances.size()));
    // A layout that asked for another width was told another height.
    const int before = m_laidWidth == width() || m_laidWidth < 0 ? m_laidHeight : -1;
    if (QAccessible::isActive()) {
        QString spoken;
        for (const auto& token : tokens) spoken += token.text;
        setAccessibleDescription(spoken);
    }
    if (layoutChips(width()) != before) updateGeometry();
    update();
}

void TokenStrip::setCurrent(int index) {
    if (m_current == index) return;
    m_current = index;
    sayCurrentPart(this, index);
    if (m_room > 0) updateGeometry();
    update();
}

void TokenStrip::setRoomBelowCurrent(int height) {
    if (m_room == height) return;
    m_room = height;
    updateGeometry();
    update();
}

QRect TokenStrip::roomBelowCurrent() const {
    layoutChips(width());
    return m_room > 0 && hasCurrent() ? QRect(0, qRound(m_boxes[m_current].y()) - 2 + kLine, width(), m_room) : QRect();
}

QRectF TokenStrip::boxOf(qsizetype index) const {
    const QRectF& box = m_boxes[index];
    return hasCurrent() && box.y() > m_boxes[m_current].y() ? box.translated(0, m_room) : box;
}

QString TokenStrip::partName(int at) const {
    const QString sign = tokenSign(m_tokens[at].text), plain = sign.trimmed();
    return plain.isEmpty() ? sign : plain;
}

QRect TokenStrip::partBox(int at) const {
    layoutChips(width());
    return boxOf(at).toAlignedRect();
}

QString TokenStrip::partDeed(int at) const {
    return isSignalConnected(QMetaMethod::fromSignal(&TokenStrip::tokenClicked)) && at >= 0 ? tr("look at it")
                                                                                            : QString();
}

QString TokenStrip::partsName() const { return tr("Tokens"); }

int TokenStrip::layoutChips(int width) const {
    if (m_laidWidth == width && m_boxes.size() == m_tokens.size()) return m_laidHeight;
    if (m_advances.size() < m_tokens.size()) {
        // Text is measured once a token; laying out for another width is arithmetic.
        const QFontMetricsF metrics(font());
        const double space = metrics.horizontalAdvance(QLatin1Char(' '));
        for (qsizetype at = m_advances.size(); at < m_tokens.size(); ++at) {
            const QString sign = tokenSign(m_tokens[at].text);
            const bool leads = sign.startsWith(QLatin1Char(' '));
            m_advances.append(metrics.horizontalAdvance(leads ? sign.mid(1) : sign) + (leads ? space : 0) + 2);
        }
    }
    int i = 0;
    double x = 0;
    int y = 0;
    if (m_laidWidth == width && m_boxes.size() < m_tokens.size() && !m_boxes.isEmpty()) {
        // Go on at the last word that was laid.
        i = m_lastWord;
        x = m_boxes[i].x();
        y = qRound(m_boxes[i].y()) - 2;
        m_boxes.resize(i);
    } else {
        m_boxes.clear();
    }
    while (i < m_tokens.size()) {
        // A word is a token and those after it without a leading space.
        int end = i + 1;
        QVarLengthArray<double, 16> widths{m_advances[i]};
        double total = widths[0];
        while (end < m_tokens.size() && !m_tokens[end].text.startsWith(QLatin1Char(' ')) &&
               !m_tokens[end].text.startsWith(QLatin1Char('\n')) && total < width / 2.0) {
            widths.append(m_advances[end++]);
            total += widths.back();
        }
        if (x > 0 && x + total > width) x = 0, y += kLine;
        m_lastWord = i;
        for (const double advance : widths) {
            // A token longer than a line is elided in it.
            const double w = width > kLine ? std::min(advance, static_cast<double>(width)) : advance;
            if (x > 0 && x + w > width) x = 0, y += kLine;
            m_boxes.append(QRectF(x, y + 2, w, kLine - 4));
            x += w;
            // Rows of training data flow on: a template's many lines would fill the page.
            const bool breaks = m_tokens[i].mask == TokenMask::None && m_tokens[i].text.endsWith(QLatin1Char('\n'));
            if (breaks) x = 0, y += kLine;
            ++i;
        }
    }
    m_laidWidth = width;
    return m_laidHeight = y + kLine;
}

int TokenStrip::heightForWidth(int width) const {
    const int lines = layoutChips(width);
    return hasCurrent() ? lines + m_room : lines;
}
int TokenStrip::lineHeight() { return kLine; }

void TokenStrip::paintEvent(QPaintEvent* event) {
    layoutChips(width());
    QPainter painter(this);
    const Palette& colours = kit::palette();
    const QRectF visible = event->rect();
    for (int i = 0; i < m_tokens.size(); ++i) {
        const auto& token = m_tokens[i];
        const QRectF box = boxOf(i);
        if (!box.adjusted(-2, -2, 2, 2).intersects(visible)) continue;
        if (token.mask == TokenMask::None && !token.isPrompt && std::isfinite(token.probability)) {
            QColor shade = colours.warn;
            shade.setAlphaF(static_cast<float>(0.42 * (1 - std::clamp(token.probability, 0.0, 1.0))));
            painter.fillRect(box, shade);
        }
        painter.setPen(token.isPrompt || token.isSpecial ? colours.faint : colours.text);
        if (token.mask != TokenMask::None) paintMask(painter, token.mask, box);
        const QString sign = tokenSign(token.text);
        painter.drawText(box.adjusted(1, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
            m_advances[i] > box.width() + 1
                ? painter.fontMetrics().elidedText(sign, Qt::ElideRight, static_cast<int>(box.width()) - 1)
                : sign);
        if (m_edges) {
            painter.setPen(QPen(colours.line, 1));
            painter.drawLine(QPointF(box.right(), box.top() + 1), QPointF(box.right(), box.bottom() - 1));
        }
        if (i == m_current) {
            painter.setPen(QPen(colours.accent, 2));
            painter.drawRoundedRect(box.adjusted(0, -1, 0, 1), 3, 3);
        }
    }
    if (hasFocus() && m_current < 0) {
        painter.setPen(QPen(colours.accent, 1));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void paintMask(QPainter& painter, TokenMask mask, const QRectF& box) {
    const Palette& colours = kit::palette();
    if (mask == TokenMask::Learned) {
        painter.fillRect(box, colours.accentBg);
        painter.fillRect(QRectF(box.left(), box.bottom() - 2, box.width(), 2), colours.accent);
        painter.setPen(colours.text);
        return;
    }
    const bool isCut = mask == TokenMask::Cut;
    painter.fillRect(box, isCut ? QBrush(colours.ring, Qt::BDiagPattern) : QBrush(colours.hover));
    painter.setPen(colours.sub);
    if (isCut) painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()));
}

MaskWord::MaskWord(const QString& text, TokenMask mask, QWidget* parent) : QWidget(parent), m_text(text), m_mask(mask) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(text);
}

QSize MaskWord::sizeHint() const { return {fontMetrics().horizontalAdvance(m_text) + 8, kLine - 4}; }

void MaskWord::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintMask(painter, m_mask, rect());
    painter.drawText(rect(), Qt::AlignCenter, m_text);
}

QString TokenStrip::tipOf(int index) const {
    const TokenChip& token = m_tokens[index];
    switch (token.mask) {
        case TokenMask::Learned: return tr("position %1: learned").arg(index);
        case TokenMask::Read: return tr("position %1: read, not learned").arg(index);
        case TokenMask::Cut: return tr("position %1: cut off").arg(index);
        case TokenMask::None: break;
    }
    return tr("position %1, probability %2")
        .arg(index)
        .arg(std::isfinite(token.probability) ? QString::number(token.probability, 'f', 3) : QStringLiteral("–"));
}

int TokenStrip::indexAt(const QPointF& at) const {
    for (int i = 0; i < m_boxes.size(); ++i)
        if (boxOf(i).contains(at)) return i;
    return -1;
}

void TokenStrip::mousePressEvent(QMouseEvent* event) {
    if (const int index = indexAt(event->position()); index >= 0) Q_EMIT tokenClicked(index);
}

void TokenStrip::keyPressEvent(QKeyEvent* event) {
    const int step = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : 0;
    if (step && !m_tokens.isEmpty())
        Q_EMIT tokenClicked(std::clamp(m_current + step, 0, static_cast<int>(m_tokens.size()) - 1));
    else QWidget::keyPressEvent(event);
}

bool TokenStrip::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        if (const int index = indexAt(help->pos()); index >= 0) {
            QToolTip::showText(help->globalPos(), tipOf(index), this);
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    return QWidget::event(event);
}

}  // namespace dubito::kit
