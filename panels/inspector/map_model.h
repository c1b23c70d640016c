// The layer map without a window: what its cells say, where they lie, how they are drawn at any size.
#pragma once

#include <QRectF>
#include <QVector>

#include "inspector/inspector_data.h"
#include "inspector/scale_legend.h"

class QPainter;

namespace dubito::inspector {

struct MapModel {
    const InspectorData* data = nullptr;
    const Sequence *sequence = nullptr, *other = nullptr;  ///< other: cells show the difference of the statistic
    int statistic = kRank, columns = 0;                    ///< columns: positions with read-outs
    double low = 0, high = 1;                              ///< colour range: percentiles 1 and 99 without position 0
    QVector<double> needed;                                ///< width that each column's word needs

    bool isEmpty() const { return !data || !sequence || columns == 0; }
    void fit();  ///< columns, needed widths and range, after any of the others changed
    double valueAt(int layer, int position) const;
    double shadeAt(int layer, int position) const;
    QString valueText(int layer, int position) const;  ///< "rank 14,581", "entropy 1.08"
    const Position* next(int position) const;          ///< the token that follows; null: none so far
    bool isSaid(int position) const;                   ///< what follows was said, not given
    ColourScale scale() const;

private:
    void fitRange();
};

/// A token as one short word: special ones by their inner name, without the space in front.
QString wordOf(const QString& token);

/// Where the visible columns and all rows lie. Columns are whole or not there.
struct MapGrid {
    double left = 34, top = 34, rowHeight = 12;
    int layers = 0, first = 0;
    QVector<double> edges;  ///< of the columns from `first` on, one more than columns
    int shown() const { return std::max(0, static_cast<int>(edges.size()) - 1); }
    int last() const { return first + shown() - 1; }
    bool has(int position) const { return position >= first && position <= last(); }
    QRectF cell(int layer, int position) const;  ///< empty: not shown
    double right() const { return edges.isEmpty() ? left : edges.last(); }
    double bottom() const { return top + (layers + 1) * rowHeight; }
};

constexpr double kLowestRow = 12, kHighestRow = 24;

/// Columns from `first` that fit the width, the rest of it shared out among them; rows as high as there is room for.
MapGrid layOut(const MapModel& model, const QSizeF& room, int first);
/// The first column to begin with so that `last` is the last one that fits.
int firstFor(const MapModel& model, double width, int last);

struct MapMarks {
    int layer = -1, position = -1, marked = -1;  ///< the chosen cell, and row k
};
/// @param scrolled rows are moved up by this and vanish under the head
void paintMap(QPainter& painter, const QSizeF& room, const MapModel& model, const MapGrid& grid, const MapMarks& marks,
    double scrolled = 0);

}  // namespace dubito::inspector
