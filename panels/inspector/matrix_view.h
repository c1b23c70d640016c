// A small matrix with row and column names: causal grids, attention of all heads.
#pragma once

#include <QVector>
#include <QWidget>

namespace dubito::inspector {

struct Matrix {
    int rows = 0, columns = 0;
    QVector<float> values;  ///< row-major
    QStringList rowNames, columnNames;
    bool diverging = false;  ///< around 0, else sequential from 0
    double largest = 1;      ///< value at the end of the map
    bool bottomUp = false;   ///< first row at the bottom
    QString caption;
};

class MatrixView : public QWidget {
    Q_OBJECT
public:
    explicit MatrixView(QWidget* parent = nullptr);
    void setMatrix(const Matrix& matrix);
    void setCurrent(int row, int column);
    const Matrix& matrix() const { return m_matrix; }
    QSize minimumSizeHint() const override { return {200, 160}; }

Q_SIGNALS:
    void cellClicked(int row, int column);

protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF cellRect(int row, int column) const;
    bool cellAt(const QPointF& at, int& row, int& column) const;
    Matrix m_matrix;
    int m_row = -1, m_column = -1;
};

}  // namespace dubito::inspector
