// What a chart asks the store for, on a reader's thread: lines in the units of its axis, smoothed point by point.
#pragma once

#include <QSet>

#include "kit/plot_line.h"
#include "stats/centres.h"
#include "store/queries.h"

namespace dubito::curves {

/// What x counts. Elapsed: seconds since the run started; Clock: since 1970; Tokens: learned from so far.
enum class XKind { Step, Elapsed, Clock, Tokens };

struct RunMark {
    qint64 runNo = 0;
    QString name;
    int slot = 0;                  ///< of the series cycle
    QVector<qint64> members = {};  ///< seeds that it stands for, itself the first; empty: a run alone
    bool operator==(const RunMark&) const = default;
};

struct LineRequest {
    QVector<RunMark> runs;
    QString key;
    int columns = 0;  ///< device pixels of the axis
    XKind x = XKind::Step;
    bool isLogX = false;
    bool isZoomed = false;  ///< to [from, to], in units of x
    double from = 0, to = 0;
    double smoothing = 0;                          ///< weight per point; 0: none
    stats::Centre centre = stats::Centre::Median;  ///< of runs with members
};

/// One run's line: what was measured, and smoothed beside it when that was asked for.
struct RunLine {
    RunMark run;
    kit::PlotLine raw, smooth;
    std::vector<store::Column> columns;
    int ofRuns = 0;                     ///< a median with bands over so many runs; 0: it is of one run
    kit::PlotLine inner;                ///< of the bands the narrow one
    int leastSeeds = 0, mostSeeds = 0;  ///< the centre is of so many, from place to place; 0: it is of one run
    QVector<kit::PlotLine> members;     ///< of which it is the centre
    qint64 points = 0;
    qint64 lastStep = 0;       ///< of the whole series, also of a zoomed line
    qint64 atOrBelowZero = 0;  ///< columns that a logarithmic axis cannot show
};

/// Runs without the series, or without such an axis, are left out. Every point of the range stands on the line: singly
/// while there are at most four a pixel column, else by the extremes of each column. One point beside each edge of a
/// zoomed range is there too, so that the line does not end in mid air.
Result<QVector<RunLine>> loadLines(store::Database& db, const LineRequest& request);

/// Names of the runs, in their order; a run that is gone has its number.
Result<QVector<RunMark>> loadNames(store::Database& db, const QVector<RunMark>& runs);

/// The points themselves as CSV, streamed: run number, name, key, step, wall time, value, unit.
Result<void> writePoints(store::Database& db, const QVector<RunMark>& runs, const QString& key, const QString& unit,
    const std::function<Result<void>(const QString&)>& write);

}  // namespace dubito::curves
