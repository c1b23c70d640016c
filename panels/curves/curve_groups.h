// Seeds of one configuration as one line: their centre with the interval of a bootstrap over them.
#pragma once

#include "curves/curve_query.h"

namespace dubito::curves {

/// One mark a configuration, in the order of its first run and in that run's colour. Each seed stands in it once: its
/// newest run, one that is done before others.
Result<QVector<RunMark>> groupBySeeds(store::Database& db, const QVector<RunMark>& runs);

/// As loadLines; a mark with several members is the centre of those that reach a place, with its 95 % bootstrap.
/// Between two points of a run its value lies on the line between them.
Result<QVector<RunLine>> loadGroupedLines(store::Database& db, const LineRequest& request);

/// On the line of the run; NaN beside it and in its gaps.
double valueAt(const QVector<double>& x, const QVector<double>& y, double at);

}  // namespace dubito::curves
