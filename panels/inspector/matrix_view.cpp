// Cells fill the widget; names are drawn where they fit.
#include "inspector/matrix_view.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

#include "kit/colours.h"
#include "kit/controls.h"

namespace dubito::inspector {

constexpr double kLeft = 40, kTop = 26, kBottom = 20;

MatrixView::MatrixView(QWidget* parent) : QWidget(parent) { setFocusPolicy(Qt::ClickFocus); }

void MatrixView::setMatrix(const Matrix& matrix) {
    m_matrix = matrix;
    setAccessibleDescription(matrix.caption);
    update();
}

void MatrixView::setCurrent(int row, int column) {
    m_row = row;
    m_column = column;
    update();
}

QRectF MatrixView::cellRect(int row, int column) const {
    const double w = std::min(64.0, (width() - kLeft - 6) / std::max(1, m_matrix.columns)),
                 h = std::min(24.0, (height() - kTop - kBottom) / std::max(1, m_matrix.rows));
    const int shown = m_matrix.bottomUp ? m_matrix.rows - 1 - row : row;
    return {kLeft + column * w, kTop + shown * h, w, h};
}

bool MatrixView::cellAt(const QPointF& at, int& row, int& column) const {
    if (m_matrix.rows == 0 || m_matrix.columns == 0) return false;
    const QRectF first = cellRect(m_matrix.bottomUp ? m_matrix.rows - 1 : 0, 0);
    column = static_cast<int>((at.x() - kLeft) / first.width());
    const int shown = static_cast<int>((at.y() - kTop) / first.height());
    row = m_matrix.bottomUp ? m_matrix.rows - 1 - shown : shown;
    return at.x() >= kLeft && at.y() >= kTop && column < m_matrix.columns && row >= 0 && row < m_matrix.rows;
}

void MatrixView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const kit::Palette& colours = kit::palette();
    painter.fillRect(rect(), colours.surface);
    painter.setPen(colours.sub);
    painter.drawText(QRectF(0, 0, width(), kTop), Qt::AlignLeft | Qt::AlignVCenter, m_matrix.caption);
    if (m_matrix.rows == 0) return;
    const QFont font = kit::monoFont(9);
    painter.setFont(font);
    const QFontMetrics metrics(font);
    const QRectF sample = cellRect(0, 0);
    for (int row = 0; row < m_matrix.rows; ++row)
        for (int column = 0; column < m_matrix.columns; ++column) {
            const float value = m_matrix.values.value(row * m_matrix.columns + column, std::nanf(""));
            const double t = static_cast<double>(value) / m_matrix.largest;
            const QColor fill = m_matrix.diverging ? kit::divergingColour(t) : kit::sequentialColour(t);
            const QRectF box = cellRect(row, column).adjusted(0, 0, -1, -1);
            painter.fillRect(box, fill);
            if (box.width() >= 30 && box.height() >= 12) {
                painter.setPen(kit::textOn(fill));
                painter.drawText(box, Qt::AlignCenter, QString::number(static_cast<double>(value), 'f', 2));
            }
        }
    painter.setPen(colours.faint);
    const int rowStep = std::max(1, static_cast<int>(std::ceil(11.0 / std::max(1.0, sample.height()))));
    for (int row = 0; row < m_matrix.rows; row += rowStep)
        painter.drawText(QRectF(0, cellRect(row, 0).top(), kLeft - 5, sample.height()),
            Qt::AlignRight | Qt::AlignVCenter, m_matrix.rowNames.value(row));
    const double bottom = kTop + m_matrix.rows * sample.height();
    for (int column = 0; column < m_matrix.columns; ++column) {
        QString name = m_matrix.columnNames.value(column);
        while (name.size() > 1 && metrics.horizontalAdvance(name) > sample.width()) name.chop(1);
        if (metrics.horizontalAdvance(name) <= sample.width())
            painter.drawText(QRectF(cellRect(0, column).left(), bottom, sample.width(), kBottom),
                Qt::AlignHCenter | Qt::AlignTop, name);
    }
    if (m_row >= 0 && m_row < m_matrix.rows && m_column < m_matrix.columns) {
        painter.setPen(QPen(colours.warn, 2));
        painter.drawRect(
            m_column >= 0 ? cellRect(m_row, m_column)
                          : QRectF(cellRect(m_row, 0).topLeft(), cellRect(m_row, m_matrix.columns - 1).bottomRight()));
    }
}

void MatrixView::mousePressEvent(QMouseEvent* event) {
    int row = 0, column = 0;
    if (cellAt(event->position(), row, column)) {
        setCurrent(row, column);
        Q_EMIT cellClicked(row, column);
    }
}

bool MatrixView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        int row = 0, column = 0;
        if (cellAt(help->pos(), row, column))
            QToolTip::showText(help->globalPos(),
                QStringLiteral("%1 · %2: %3")
                    .arg(m_matrix.rowNames.value(row), m_matrix.columnNames.value(column))
                    .arg(static_cast<double>(m_matrix.values.value(row * m_matrix.columns + column)), 0, 'g', 4),
                this);
        else QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

}  // namespace dubito::inspector
