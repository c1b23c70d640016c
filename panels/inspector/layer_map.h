// Layers by positions of one statistic, with each read-out's first candidate in its cell.
#pragma once

#include <QAbstractScrollArea>

#include "inspector/map_model.h"

namespace dubito::inspector {

/// Last layer on top, embedding at the bottom, tokens from left to right. Columns that do not fit are scrolled, one at
/// a time, and never cut.
class LayerMap : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit LayerMap(QWidget* parent = nullptr);
    /// @param other the same sequence of another run: cells show the difference of the statistic; null: none
    void setData(const InspectorData* data, const Sequence* sequence, const Sequence* other, int statistic);
    void setMarkedLayer(int layer);  ///< row k, named in the accent colour
    void setCell(int layer, int position);
    bool isCellInView() const;
    int neededHeight() const;  ///< with all rows in view at their lowest
    const MapModel& model() const { return m_model; }
    const MapGrid& grid() const { return m_grid; }
    const MapMarks& marks() const { return m_marks; }
    QRect cellRect(int layer, int position) const;  ///< in the viewport; empty: not in view
    ColourScale scale() const;                      ///< with what is scrolled away
    QString spoken() const;                         ///< the chosen cell in one sentence

Q_SIGNALS:
    void cellClicked(int layer, int position);
    void scrolled();  ///< other columns are shown
    void resized();

protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void resizeEvent(QResizeEvent*) override;
    bool viewportEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void updateScroll();
    void layCells();
    void ensureCell();  ///< the chosen cell is in view
    bool cellAt(const QPoint& at, int& layer, int& position) const;
    void showHover(const QPoint& at);

    MapModel m_model;
    MapGrid m_grid;
    MapMarks m_marks;
    int m_hoverLayer = -1, m_hoverPosition = -1;
};

}  // namespace dubito::inspector
