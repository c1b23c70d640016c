// A small matrix with row and column names: causal grids, attention of all heads.
#pragma once

#include <QVector>
#include <QWidget>

#include "inspector/scale_legend.h"

class QPainter;

namespace dubito::inspector {

struct Matrix {
    int rows = 0, columns = 0;
    QVector<float> values;  ///< row-major
    QStringList rowNames, columnNames;
    QString rowAxis, columnAxis;  ///< what the names are: "layer", "head"
    bool diverging = false;       ///< around 0, else sequential from 0
    bool isRoot = false;          ///< shades go with the square root, so that small values show
    double largest = 1;           ///< value at the end of the map
    bool bottomUp = false;        ///< first row at the bottom
    QString caption;
    ColourScale scale = {};
    double shade(float value) const;
};

/// Where things lie in a room; names that would not fit stand upright, and every second or third only.
struct MatrixGrid {
    double left = 0, top = 0, cellWidth = 0, cellHeight = 0, nameRoom = 0;
    bool isUpright = false;
    int rowStep = 1, columnStep = 1;
};
MatrixGrid layOut(const Matrix& matrix, const QRectF& room);
/// Cells, names, axes and the scale; no caption.
void paintMatrix(
    QPainter& painter, const QRectF& room, const Matrix& matrix, const MatrixGrid& grid, int row = -1, int column = -1);

class MatrixView : public QWidget {
    Q_OBJECT
public:
    explicit MatrixView(QWidget* parent = nullptr);
    void setMatrix(const Matrix& matrix);
    void setCurrent(int row, int column);
    const Matrix& matrix() const { return m_matrix; }
    const MatrixGrid& grid() const { return m_grid; }
    QSize minimumSizeHint() const override { return {160, 120}; }

Q_SIGNALS:
    void cellClicked(int row, int column);

protected:
    void paintEvent(QPaintEvent*) override;
    void resizeEvent(QResizeEvent*) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent*) override { update(); }
    void focusOutEvent(QFocusEvent*) override { update(); }

private:
    void layCells();
    double captionHeight() const;
    QString spoken(int row, int column) const;
    bool cellAt(const QPointF& at, int& row, int& column) const;
    Matrix m_matrix;
    MatrixGrid m_grid;
    int m_row = -1, m_column = -1, m_hoverRow = -1, m_hoverColumn = -1;
};

}  // namespace dubito::inspector
