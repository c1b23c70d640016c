// Cells fill the room; names are thinned out until none touches another.
#include "inspector/matrix_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

#include "kit/colours.h"
#include "kit/controls.h"

namespace dubito::inspector {
namespace {

constexpr int kNamePixels = 10;
constexpr double kMostCellWidth = 72, kMostCellHeight = 44, kLine = 13, kScaleHeight = 18, kMostNameRoom = 84,
                 kNameGap = 5;

double widest(const QStringList& names, const QFontMetricsF& metrics, double most) {
    double out = 0;
    for (const QString& name : names) out = std::max(out, metrics.horizontalAdvance(name));
    return std::min(out, most);
}

int stepFor(double needed, double cell) {
    return std::max(1, static_cast<int>(std::ceil(needed / std::max(0.5, cell))));
}

QRectF cellRect(const Matrix& matrix, const MatrixGrid& grid, int row, int column) {
    const int shown = matrix.bottomUp ? matrix.rows - 1 - row : row;
    return {grid.left + column * grid.cellWidth, grid.top + shown * grid.cellHeight, grid.cellWidth, grid.cellHeight};
}

}  // namespace

double Matrix::shade(float value) const {
    const double t = static_cast<double>(value) / largest;
    return isRoot && std::isfinite(t) ? std::copysign(std::sqrt(std::abs(t)), t) : t;
}

MatrixGrid layOut(const Matrix& matrix, const QRectF& room) {
    MatrixGrid grid;
    const QFontMetricsF metrics(kit::monoFont(kNamePixels));
    const double axisRoom = matrix.rowAxis.isEmpty() ? 0 : kLine;
    grid.left = room.left() + axisRoom + widest(matrix.rowNames, metrics, room.width() / 4) + kNameGap + 2;
    const double scaleRoom = matrix.scale.isEmpty() ? 0 : kScaleHeight;
    grid.top = room.top() + scaleRoom;
    grid.cellWidth = std::min(kMostCellWidth, (room.right() - grid.left - 2) / std::max(1, matrix.columns));
    const double longest = widest(matrix.columnNames, metrics, kMostNameRoom);
    grid.isUpright = longest + 4 > grid.cellWidth && longest > 3 * metrics.averageCharWidth();
    grid.nameRoom = (grid.isUpright ? longest : kLine) + kNameGap;
    const double axisBelow = matrix.columnAxis.isEmpty() ? 0 : kLine;
    const double height = room.bottom() - grid.top - grid.nameRoom - axisBelow - 2;
    grid.cellHeight = std::clamp(height / std::max(1, matrix.rows), 1.0, kMostCellHeight);
    grid.rowStep = stepFor(kLine - 2, grid.cellHeight);
    grid.columnStep = stepFor(grid.isUpright ? kLine - 2 : longest + 4, grid.cellWidth);
    return grid;
}

namespace {

void paintCells(QPainter& painter, const Matrix& matrix, const MatrixGrid& grid) {
    const QFontMetricsF metrics(painter.font());
    const double gap = grid.cellWidth > 6 && grid.cellHeight > 6 ? 1 : 0;
    for (int row = 0; row < matrix.rows; ++row)
        for (int column = 0; column < matrix.columns; ++column) {
            const float value = matrix.values.value(row * matrix.columns + column, std::nanf(""));
            const double t = matrix.shade(value);
            const QColor fill = matrix.diverging ? kit::divergingColour(t) : kit::sequentialColour(t);
            const QRectF box = cellRect(matrix, grid, row, column).adjusted(0, 0, -gap, -gap);
            painter.fillRect(box, fill);
            const QString text = QString::number(static_cast<double>(value), 'f', 2);
            if (box.height() < 12 || metrics.horizontalAdvance(text) + 4 > box.width()) continue;
            painter.setPen(kit::textOn(fill));
            painter.drawText(box, Qt::AlignCenter, text);
        }
}

void paintNames(QPainter& painter, const QRectF& room, const Matrix& matrix, const MatrixGrid& grid) {
    const QFontMetricsF metrics(painter.font());
    painter.setPen(kit::palette().faint);
    const double axisRoom = matrix.rowAxis.isEmpty() ? 0 : kLine,
                 nameWidth = grid.left - room.left() - axisRoom - kNameGap;
    for (int row = 0; row < matrix.rows; row += grid.rowStep)
        painter.drawText(
            QRectF(room.left() + axisRoom, cellRect(matrix, grid, row, 0).center().y() - kLine / 2, nameWidth, kLine),
            Qt::AlignRight | Qt::AlignVCenter,
            metrics.elidedText(matrix.rowNames.value(row), Qt::ElideRight, nameWidth));
    const double bottom = grid.top + matrix.rows * grid.cellHeight;
    for (int column = 0; column < matrix.columns; column += grid.columnStep) {
        const double middle = grid.left + (column + 0.5) * grid.cellWidth;
        const QString name =
            metrics.elidedText(matrix.columnNames.value(column), Qt::ElideRight, grid.isUpright ? kMostNameRoom : 1e4);
        if (!grid.isUpright) {
            painter.drawText(QRectF(middle - 100, bottom + 2, 200, kLine), Qt::AlignHCenter | Qt::AlignTop, name);
            continue;
        }
        painter.save();
        painter.translate(middle, bottom + 3);
        painter.rotate(-90);
        painter.drawText(QRectF(-kMostNameRoom - 20, -kLine / 2, kMostNameRoom + 20, kLine),
            Qt::AlignRight | Qt::AlignVCenter, name);
        painter.restore();
    }
    const double width = matrix.columns * grid.cellWidth;
    if (!matrix.columnAxis.isEmpty())
        painter.drawText(QRectF(grid.left, bottom + grid.nameRoom, std::max(width, 120.0), kLine),
            (width < 120 ? Qt::AlignLeft : Qt::AlignHCenter) | Qt::AlignVCenter, matrix.columnAxis);
    if (matrix.rowAxis.isEmpty()) return;
    painter.save();
    painter.translate(room.left() + kLine / 2, grid.top + matrix.rows * grid.cellHeight / 2);
    painter.rotate(-90);
    painter.drawText(QRectF(-60, -kLine / 2, 120, kLine), Qt::AlignCenter, matrix.rowAxis);
    painter.restore();
}

}  // namespace

void paintMatrix(
    QPainter& painter, const QRectF& room, const Matrix& matrix, const MatrixGrid& grid, int row, int column) {
    if (matrix.rows == 0 || matrix.columns == 0) return;
    painter.save();
    painter.setClipRect(room, Qt::IntersectClip);
    painter.setFont(kit::monoFont(kNamePixels));
    if (!matrix.scale.isEmpty())
        paintScale(painter, QRectF(grid.left, room.top(), room.right() - grid.left, kScaleHeight - 4), matrix.scale);
    paintCells(painter, matrix, grid);
    paintNames(painter, room, matrix, grid);
    if (row >= 0 && row < matrix.rows && column < matrix.columns) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(kit::palette().warn, 2));
        painter.drawRect(column >= 0 ? cellRect(matrix, grid, row, column)
                                     : QRectF(cellRect(matrix, grid, row, 0).topLeft(),
                                           cellRect(matrix, grid, row, matrix.columns - 1).bottomRight()));
    }
    painter.restore();
}

MatrixView::MatrixView(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
}

void MatrixView::setMatrix(const Matrix& matrix) {
    const bool isSame = matrix.rows == m_matrix.rows && matrix.columns == m_matrix.columns;
    m_matrix = matrix;
    if (!isSame) m_row = m_column = -1;
    m_hoverRow = -1;
    setAccessibleDescription(m_row >= 0 && m_column >= 0 ? spoken(m_row, m_column) : matrix.caption);
    layCells();
}

void MatrixView::setCurrent(int row, int column) {
    m_row = row;
    m_column = column;
    if (row >= 0 && column >= 0) setAccessibleDescription(spoken(row, column));
    update();
}

double MatrixView::captionHeight() const {
    if (m_matrix.caption.isEmpty()) return 0;
    return std::ceil(QFontMetricsF(font())
                         .boundingRect(QRectF(0, 0, width() - 4, 1000), Qt::TextWordWrap, m_matrix.caption)
                         .height()) +
           6;
}

void MatrixView::layCells() {
    m_grid = layOut(m_matrix, QRectF(rect()).adjusted(0, captionHeight(), -2, -2));
    update();
}

void MatrixView::resizeEvent(QResizeEvent*) { layCells(); }

bool MatrixView::cellAt(const QPointF& at, int& row, int& column) const {
    if (m_matrix.rows == 0 || m_matrix.columns == 0 || at.x() < m_grid.left || at.y() < m_grid.top) return false;
    column = static_cast<int>((at.x() - m_grid.left) / m_grid.cellWidth);
    const int shown = static_cast<int>((at.y() - m_grid.top) / m_grid.cellHeight);
    row = m_matrix.bottomUp ? m_matrix.rows - 1 - shown : shown;
    return column < m_matrix.columns && row >= 0 && row < m_matrix.rows;
}

QString MatrixView::spoken(int row, int column) const {
    return QStringLiteral("%1 · %2: %3")
        .arg(QString(m_matrix.rowAxis + QLatin1Char(' ') + m_matrix.rowNames.value(row)).trimmed(),
            m_matrix.columnNames.value(column))
        .arg(static_cast<double>(m_matrix.values.value(row * m_matrix.columns + column)), 0, 'g', 4);
}

void MatrixView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const kit::Palette& colours = kit::palette();
    painter.fillRect(rect(), colours.surface);
    painter.setPen(colours.sub);
    painter.drawText(
        QRectF(2, 0, width() - 4, captionHeight()), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, m_matrix.caption);
    paintMatrix(painter, QRectF(rect()).adjusted(0, captionHeight(), -2, -2), m_matrix, m_grid, m_row, m_column);
    if (!hasFocus()) return;
    painter.setPen(QPen(colours.accent, 1));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void MatrixView::mousePressEvent(QMouseEvent* event) {
    int row = 0, column = 0;
    if (!cellAt(event->position(), row, column)) return;
    setCurrent(row, column);
    Q_EMIT cellClicked(row, column);
}

void MatrixView::mouseMoveEvent(QMouseEvent* event) {
    int row = -1, column = -1;
    if (!cellAt(event->position(), row, column)) row = column = -1;
    if (row == m_hoverRow && column == m_hoverColumn) return;
    m_hoverRow = row;
    m_hoverColumn = column;
    if (row < 0) QToolTip::hideText();
    else QToolTip::showText(event->globalPosition().toPoint(), kit::plainToolTip(spoken(row, column)), this);
}

void MatrixView::keyPressEvent(QKeyEvent* event) {
    if (m_matrix.rows == 0) return QWidget::keyPressEvent(event);
    int row = std::max(0, m_row), column = std::max(0, m_column);
    const int up = m_matrix.bottomUp ? 1 : -1;
    switch (event->key()) {
        case Qt::Key_Left: --column; break;
        case Qt::Key_Right: ++column; break;
        case Qt::Key_Up: row += up; break;
        case Qt::Key_Down: row -= up; break;
        default: return QWidget::keyPressEvent(event);
    }
    setCurrent(std::clamp(row, 0, m_matrix.rows - 1), std::clamp(column, 0, m_matrix.columns - 1));
    Q_EMIT cellClicked(m_row, m_column);
}

}  // namespace dubito::inspector
