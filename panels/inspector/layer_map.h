// Layers by positions of one statistic, with each read-out's first candidate in its cell.
#pragma once

#include <QAbstractScrollArea>

#include "inspector/inspector_data.h"

namespace dubito::inspector {

/// Last layer on top, embedding at the bottom, tokens from left to right. Paints only what is in view.
class LayerMap : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit LayerMap(QWidget* parent = nullptr);
    void setData(const InspectorData* data, const Sequence* sequence, int statistic);
    /// The same sequence of another run: cells show the difference of the statistic. Null ends it.
    void setOther(const Sequence* other);
    void setMarkedLayer(int layer);  ///< row k, named in the accent colour
    void setCell(int layer, int position);
    bool isCellInView() const;
    /// Colour range in force: percentiles 1 and 99 without position 0.
    std::pair<double, double> range() const { return {m_low, m_high}; }
    double valueAt(int layer, int position) const;  ///< of the statistic, or its difference

Q_SIGNALS:
    void cellClicked(int layer, int position);

protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent*) override {
        updateScroll();
        ensureCell();
    }
    bool viewportEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void paintCells(QPainter& painter, int first, int last);
    void paintHead(QPainter& painter, int position);  ///< what follows a position, and its probability
    void paintLayerNames(QPainter& painter);
    void paintMarks(QPainter& painter, int first, int last);  ///< row k, the chosen column and cell, the focus
    void updateScroll();
    void ensureCell();  ///< the chosen cell is in view
    void updateRange();
    int columnWidth() const { return 32; }
    int rowHeight() const;
    QRect cellRect(int layer, int position) const;
    bool cellAt(const QPoint& at, int& layer, int& position) const;
    double shade(int layer, int position) const;

    const InspectorData* m_data = nullptr;
    const Sequence *m_sequence = nullptr, *m_other = nullptr;
    int m_statistic = kRank, m_marked = -1, m_layer = -1, m_position = -1, m_readOut = 0;
    double m_low = 0, m_high = 1;
};

}  // namespace dubito::inspector
