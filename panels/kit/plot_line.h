// What a plot is given to draw: lines that were reduced before, and what is said at a place of them.
#pragma once

#include <QString>
#include <QStringList>
#include <QVector>
#include <vector>

#include "store/series_codec.h"

namespace dubito::kit {

/// One line as at most four values a pixel column, drawn in order; NaN breaks it.
struct PlotLine {
    QString name;
    QVector<double> x, y;
    std::size_t style = 0;      ///< index of the series cycle
    bool isGhost = false;       ///< the raw line behind a smoothed one
    bool dense = false;         ///< more than two points a column: one device pixel wide
    QStringList labels;         ///< not empty: discs with these names beside them, no line
    QVector<double> steps;      ///< of the points; empty: x are steps
    QVector<double> low, high;  ///< not empty: a band beside the line, a value a point
    QVector<double> gaps;       ///< x of values that are not finite: marks on the axis
    qint64 id = 0;              ///< of whom it is; 0: nobody's
    qint64 points = -1;         ///< it stands for; -1: as many as are drawn
    double stepAt(qsizetype i) const { return steps.isEmpty() ? x[i] : steps[i]; }
};

/// Points of a series, reduced to columns by the store, as a line: a column of several points shows its extremes where
/// they are, so that a series that only falls never rises.
PlotLine lineOf(const std::vector<store::Column>& columns);

/// The drawn point that is nearest to x; -1 beside the line, and where it has a gap.
qsizetype nearestPoint(const PlotLine& line, double x);

/// A sign on the x axis: a checkpoint.
struct PlotMark {
    double x = 0;
    std::size_t style = 0;
    QString text;
};

/// What is drawn, whole: a picture is made of it at any size.
struct PlotPicture {
    QVector<PlotLine> lines;
    QVector<PlotMark> marks;
    QString xLabel, yLabel;
    bool isLogX = false, isLogY = false;
    bool isClock = false, isElapsed = false;  ///< x is seconds since 1970, or since the start
    double from = 0, to = 0;                  ///< of x; equal: all
};

}  // namespace dubito::kit
