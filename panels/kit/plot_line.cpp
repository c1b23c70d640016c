// No widget here: lines are made on reader threads.
#include "kit/plot_line.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dubito::kit {

PlotLine lineOf(const std::vector<store::Column>& columns) {
    PlotLine out;
    constexpr double kPointsOfDense = 2;
    qint64 points = 0;
    const auto add = [&out](double x, double y) {
        if (!out.x.isEmpty() && out.x.last() == x && out.y.last() == y) return;
        out.x << x;
        out.y << y;
    };
    for (const auto& column : columns) {
        points += column.n;
        if (column.nanCount > 0) out.gaps << column.x;
        if (column.n == 1 || column.n == column.nanCount) {
            out.x << column.x;
            out.y << (column.n == column.nanCount ? std::numeric_limits<double>::quiet_NaN() : column.first);
            continue;
        }
        // Extremes at one step: the one that keeps the way from the first to the last value.
        const bool isMinFirst =
            column.minStep < column.maxStep || (column.minStep == column.maxStep && column.first <= column.last);
        add(column.x, column.first);
        if (isMinFirst) add(column.minStep, column.min);
        add(column.maxStep, column.max);
        if (!isMinFirst) add(column.minStep, column.min);
        add(column.xLast, column.last);
    }
    out.points = points;
    out.dense = static_cast<double>(points) > kPointsOfDense * static_cast<double>(columns.size());
    return out;
}

qsizetype nearestPoint(const PlotLine& line, double x) {
    if (line.x.isEmpty() || !(x >= line.x.first() && x <= line.x.last())) return -1;
    const auto right = std::lower_bound(line.x.begin(), line.x.end(), x) - line.x.begin();
    qsizetype at = right;
    if (right == line.x.size() || (right > 0 && x - line.x[right - 1] < line.x[right] - x)) at = right - 1;
    // Several values at one step: the last one is what the run said in the end.
    while (at + 1 < line.x.size() && line.x[at + 1] == line.x[at]) ++at;
    return std::isfinite(line.y[at]) ? at : -1;
}

}  // namespace dubito::kit
