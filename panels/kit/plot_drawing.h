// How a picture is drawn with QCustomPlot, on the screen and on paper.
#pragma once

#include <QSizeF>
#include <limits>

#include "kit/plot_line.h"

class QCPAxis;
class QCustomPlot;
class QPainter;

namespace dubito::kit {

struct Extent {
    double left = std::numeric_limits<double>::infinity(), right = -left, low = left, high = -left;
    bool hasX() const { return left <= right; }
    bool hasY() const { return low <= high; }
};

/// Of what the axes can show; y of what lies in [from, to] unless that is empty.
Extent extentOf(const PlotPicture& picture, double from, double to);
void setScale(QCPAxis* axis, bool isLog);
/// The names of the lines in rows above the axes, never over the lines.
void putLegendAbove(QCustomPlot& plot);
void setUpX(QCustomPlot& plot, const PlotPicture& picture);
void styleAxes(QCustomPlot& plot);  ///< colours and fonts of the theme in force
void fitYTo(QCustomPlot& plot, const PlotPicture& picture, double from, double to);
bool hasLabels(const PlotPicture& picture);
/// Draws all lines anew with the pens of the theme; y must have its range. `highlight`: lines of this id stand out.
void drawLines(QCustomPlot& plot, const PlotPicture& picture, qint64 highlight);

/// Draws the picture with axes and a legend above into (0, 0, size), in the light palette, as vectors. [gui]
void drawPlot(QPainter& painter, QSizeF size, const PlotPicture& picture);

}  // namespace dubito::kit
