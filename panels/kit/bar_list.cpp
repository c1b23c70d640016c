// Painted directly: thirty rows need no item view.
#include "kit/bar_list.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

#include "kit/colours.h"

namespace dubito::kit {

constexpr int kRowHeight = 22, kNumberWidth = 60;

BarList::BarList(QWidget* parent) : QWidget(parent) {
    speakParts();
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMouseTracking(true);
}

double barExtent(double value, double largest, BarScale scale) {
    const double share = std::clamp(value / std::max(largest, 1e-12), -1.0, 1.0);
    return scale == BarScale::SignedRoot ? std::copysign(std::sqrt(std::abs(share)), share) : share;
}

void BarList::setRows(const QVector<BarRow>& rows, BarScale scale) {
    m_rows = rows;
    m_scale = scale;
    QString spoken;
    for (const auto& row : rows) spoken += row.label + QLatin1Char(' ') + row.shown + QLatin1String("; ");
    setAccessibleDescription(spoken);
    const bool acts = std::any_of(rows.begin(), rows.end(), [](const BarRow& row) { return row.id >= 0; });
    setFocusPolicy(acts ? Qt::StrongFocus : Qt::NoFocus);
    if (!canPress(m_current)) m_current = -1;
    updateGeometry();
    update();
}

QSize BarList::sizeHint() const { return {260, std::max(1, static_cast<int>(m_rows.size())) * kRowHeight}; }

int BarList::wordWidth() const {
    int out = 0;
    for (const auto& row : m_rows)
        if (!row.word.isEmpty()) out = std::max(out, fontMetrics().horizontalAdvance(row.word) + 10);
    return out;
}

QString BarList::partName(int at) const {
    return m_rows[at].shown.isEmpty() ? m_rows[at].label : m_rows[at].label + QLatin1Char(' ') + m_rows[at].shown;
}

QRect BarList::partBox(int at) const { return {0, at * kRowHeight, width(), kRowHeight}; }
QString BarList::partsName() const { return tr("Bars"); }

void BarList::goToPart(int at) {
    if (!canPress(at)) return;
    m_current = at;
    sayCurrentPart(this, at);
    update();
}

QRect BarList::wordRect(int row) const {
    if (!canPress(row) || m_rows[row].word.isEmpty()) return {};
    return {width() - wordWidth(), row * kRowHeight, wordWidth(), kRowHeight};
}

int BarList::pressedAt(const QPoint& at) const {
    const int row = at.y() / kRowHeight;
    return wordRect(row).contains(at) ? row : -1;
}

void BarList::paintBar(QPainter& painter, const BarRow& row, const QRectF& room, double largest) const {
    const Palette& colours = kit::palette();
    const QRectF track(room.left(), room.center().y() - 3, room.width(), 6);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colours.hover);
    painter.drawRoundedRect(track, 3, 3);
    if (m_scale == BarScale::Share) {
        painter.setBrush(colours.accent);
        painter.drawRoundedRect(
            QRectF(track.left(), track.top(), std::max(2.0, track.width() * std::clamp(row.value, 0.0, 1.0)), 6), 3, 3);
        return;
    }
    const double middle = track.center().x(), extent = barExtent(row.value, largest, m_scale) * track.width() / 2;
    painter.setBrush(row.value < 0 ? colours.negative : colours.positive);
    painter.drawRect(QRectF(std::min(middle, middle + extent), track.top() - 1, std::max(1.0, std::abs(extent)), 8));
}

void BarList::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Palette& colours = kit::palette();
    const int words = wordWidth(), labelWidth = std::min(110, width() / 3), barLeft = labelWidth + 6,
              barWidth = std::max(10, width() - labelWidth - kNumberWidth - words - 12);
    double largest = 1e-12;
    for (const auto& row : m_rows) largest = std::max(largest, std::abs(row.value));
    for (int i = 0; i < m_rows.size(); ++i) {
        const auto& row = m_rows[i];
        const int y = i * kRowHeight;
        painter.setFont(monoFont());
        painter.setPen(colours.text);
        painter.drawText(QRect(0, y, labelWidth, kRowHeight), Qt::AlignVCenter | Qt::AlignLeft,
            painter.fontMetrics().elidedText(row.label, Qt::ElideRight, labelWidth));
        painter.setPen(colours.sub);
        painter.drawText(QRect(width() - words - kNumberWidth, y, kNumberWidth, kRowHeight),
            Qt::AlignVCenter | Qt::AlignRight, row.shown);
        paintBar(painter, row, QRectF(barLeft, y, barWidth, kRowHeight), largest);
        if (row.word.isEmpty()) continue;
        painter.setFont(font());
        painter.setPen(row.id >= 0 ? colours.accent : colours.faint);
        const QRect place(width() - words, y, words, kRowHeight);
        painter.drawText(place, Qt::AlignVCenter | Qt::AlignRight, row.word);
        if (hasFocus() && i == m_current) {
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(QRectF(place).adjusted(3, 2.5, -0.5, -2.5), 3, 3);
        }
    }
}

void BarList::mouseMoveEvent(QMouseEvent* event) {
    if (pressedAt(event->pos()) >= 0) setCursor(Qt::PointingHandCursor);
    else unsetCursor();
}

void BarList::mouseReleaseEvent(QMouseEvent* event) {
    const int row = pressedAt(event->pos());
    if (event->button() == Qt::LeftButton && row >= 0) Q_EMIT clicked(m_rows[row].id);
}

void BarList::keyPressEvent(QKeyEvent* event) {
    const auto next = [this](int from, int by) {
        int at = from + by;
        while (at >= 0 && at < m_rows.size() && !canPress(at)) at += by;
        return canPress(at) ? at : from;
    };
    switch (event->key()) {
        case Qt::Key_Down: return goToPart(next(m_current, 1));
        case Qt::Key_Up: return goToPart(next(m_current < 0 ? static_cast<int>(m_rows.size()) : m_current, -1));
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Space: return pressPart(m_current);
        default: return QWidget::keyPressEvent(event);
    }
}

}  // namespace dubito::kit
