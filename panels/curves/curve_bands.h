// Many runs as one: their median with bands, where single lines could no longer be told apart.
#pragma once

#include "curves/curve_query.h"

namespace dubito::curves {

/// Median, with bands of 5 to 95 % and of 25 to 75 %, over the runs that reach a place; `run.runNo` is 0.
/// Between two points of a run its value lies on the line between them. Empty: no run has the series.
Result<std::optional<RunLine>> loadBands(store::Database& db, const LineRequest& request);

/// Lines, or centres over seeds, behind the bands of `many`, when that names runs.
Result<QVector<RunLine>> loadDrawn(store::Database& db, const LineRequest& request, const LineRequest& many);

/// The value below which the share lies, between neighbours; `sorted` is not empty.
double quantile(const QVector<double>& sorted, double share);

}  // namespace dubito::curves
