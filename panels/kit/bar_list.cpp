// Painted directly: thirty rows need no item view.
#include "kit/bar_list.h"

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

#include "kit/colours.h"

namespace dubito::kit {

constexpr int kRowHeight = 22;

BarList::BarList(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed); }

void BarList::setRows(const QVector<BarRow>& rows, bool isSigned) {
    m_rows = rows;
    m_signed = isSigned;
    QString spoken;
    for (const auto& row : rows) spoken += row.label + QLatin1Char(' ') + row.shown + QLatin1String("; ");
    setAccessibleDescription(spoken);
    updateGeometry();
    update();
}

QSize BarList::sizeHint() const { return {260, std::max(1, static_cast<int>(m_rows.size())) * kRowHeight}; }

void BarList::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(monoFont());
    const Palette& colours = kit::palette();
    const int labelWidth = std::min(110, width() / 3), numberWidth = 60, barLeft = labelWidth + 6,
              barWidth = std::max(10, width() - labelWidth - numberWidth - 12);
    double largest = 1e-12;
    for (const auto& row : m_rows) largest = std::max(largest, std::abs(row.value));
    if (!m_signed) largest = std::max(largest, 1e-12);
    for (int i = 0; i < m_rows.size(); ++i) {
        const auto& row = m_rows[i];
        const int y = i * kRowHeight;
        painter.setPen(colours.text);
        painter.drawText(QRect(0, y, labelWidth, kRowHeight), Qt::AlignVCenter | Qt::AlignLeft,
            painter.fontMetrics().elidedText(row.label, Qt::ElideRight, labelWidth));
        painter.setPen(Qt::NoPen);
        painter.setBrush(colours.hover);
        painter.drawRoundedRect(QRectF(barLeft, y + 8, barWidth, 6), 3, 3);
        if (m_signed) {
            const double middle = barLeft + barWidth / 2.0, extent = row.value / largest * barWidth / 2.0;
            painter.setBrush(row.value < 0 ? colours.negative : colours.positive);
            painter.drawRect(QRectF(std::min(middle, middle + extent), y + 7, std::max(1.0, std::abs(extent)), 8));
        } else {
            painter.setBrush(colours.accent);
            painter.drawRoundedRect(
                QRectF(barLeft, y + 8, std::max(2.0, barWidth * std::clamp(row.value, 0.0, 1.0)), 6), 3, 3);
        }
        painter.setPen(colours.sub);
        painter.drawText(
            QRect(width() - numberWidth, y, numberWidth, kRowHeight), Qt::AlignVCenter | Qt::AlignRight, row.shown);
    }
}

void BarList::mousePressEvent(QMouseEvent* event) {
    const int row = static_cast<int>(event->position().y()) / kRowHeight;
    if (row >= 0 && row < m_rows.size() && m_rows[row].id >= 0) Q_EMIT clicked(m_rows[row].id);
}

}  // namespace dubito::kit
