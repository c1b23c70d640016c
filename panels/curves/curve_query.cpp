// Points are columns of one; a column of many keeps its extremes where they are.
#include "curves/curve_query.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kit/points_csv.h"

namespace dubito::curves {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(),
                       kMost = std::numeric_limits<std::int64_t>::max();
constexpr int kPointsAColumn = 4;  ///< as many as a column shows
constexpr double kUs = 1e6;
constexpr const char* kTokensAStep = "train/tokens";

std::int64_t toStep(double value) {
    // The largest double below 2^63 is 2^63 - 1024.
    constexpr double kEnd = 9.2e18;
    return static_cast<std::int64_t>(std::clamp(value, -kEnd, kEnd));
}

store::Column columnOf(const store::Points& points, std::size_t i) {
    const double step = static_cast<double>(points.steps[i]), value = points.values[i];
    const bool isFinite = std::isfinite(value);
    const double shown = isFinite ? value : std::numeric_limits<double>::quiet_NaN();
    return {
        step, step, shown, shown, shown, shown, 1, isFinite ? 0 : 1, step, step, points.timesUs[i], points.timesUs[i]};
}

/// How steps of one run become x, and back.
class Axis {
public:
    static Result<std::optional<Axis>> of(
        store::Database& db, XKind kind, qint64 runNo, const std::string& key, std::int64_t low, std::int64_t high) {
        Axis out;
        out.m_kind = kind;
        if (kind == XKind::Step) return std::optional(out);
        if (kind == XKind::Tokens) {
            DUBITO_CHECK(out.countTokens(db, runNo));
            if (out.m_steps.empty()) return std::optional<Axis>();
            return std::optional(out);
        }
        if (kind == XKind::Elapsed) {
            DUBITO_TRY(const auto row, store::findRun(db, runNo));
            if (row && row->startedUs) out.m_startUs = *row->startedUs;
        }
        constexpr int kStops = 2'000;
        DUBITO_TRY(const auto columns, store::queryColumns(db, runNo, key, low, high, kStops));
        if (kind == XKind::Elapsed && !columns.empty() &&
            (out.m_startUs == 0 || columns.front().usFirst < out.m_startUs))
            out.m_startUs = columns.front().usFirst;
        for (const auto& column : columns) {
            out.addStop(column.x, out.seconds(column.usFirst));
            out.addStop(column.xLast, out.seconds(column.usLast));
        }
        return std::optional(out);
    }

    /// Where a step of a column is; times are known at its ends.
    double at(const store::Column& column, double step) const {
        if (m_kind == XKind::Step) return step;
        if (m_kind == XKind::Tokens) return between(m_steps, m_values, step);
        const double first = seconds(column.usFirst), last = seconds(column.usLast);
        if (!(column.xLast > column.x)) return first;
        return first + (last - first) * (step - column.x) / (column.xLast - column.x);
    }
    double stepAt(double x) const { return m_kind == XKind::Step ? x : between(m_values, m_steps, x); }

private:
    Result<void> countTokens(store::Database& db, qint64 runNo) {
        double sum = 0;
        return store::forEachPoints(db, runNo, kTokensAStep, kLeast, kMost,
            [&](const store::Points& points, std::size_t first, std::size_t last) -> Result<void> {
                for (std::size_t i = first; i < last; ++i) {
                    if (points.values[i] > 0 && std::isfinite(points.values[i])) sum += points.values[i];
                    addStop(static_cast<double>(points.steps[i]), sum);
                }
                return {};
            });
    }
    double seconds(std::int64_t us) const { return (static_cast<double>(us) - static_cast<double>(m_startUs)) / kUs; }
    /// Both only grow: a clock that was set back stands still.
    void addStop(double step, double value) {
        m_steps.push_back(m_steps.empty() ? step : std::max(step, m_steps.back()));
        m_values.push_back(m_values.empty() ? value : std::max(value, m_values.back()));
    }
    static double between(const std::vector<double>& from, const std::vector<double>& to, double at) {
        const auto right = static_cast<std::size_t>(std::lower_bound(from.begin(), from.end(), at) - from.begin());
        if (right == 0) return to.front();
        if (right == from.size()) return to.back();
        const double low = from[right - 1], high = from[right];
        return high > low ? to[right - 1] + (to[right] - to[right - 1]) * (at - low) / (high - low) : to[right];
    }

    XKind m_kind = XKind::Step;
    std::int64_t m_startUs = 0;
    std::vector<double> m_steps, m_values;
};

/// [from, to] in parts that have a like number of pixels on the axis: a logarithmic one needs its first decades fine.
std::vector<std::pair<std::int64_t, std::int64_t>> partsOf(std::int64_t from, std::int64_t to, bool isLog) {
    std::vector<std::pair<std::int64_t, std::int64_t>> out;
    if (isLog && to > 1) {
        std::int64_t low = std::max<std::int64_t>(from, 1);
        while (low <= to / 10) {
            out.emplace_back(low, low * 10 - 1);
            low *= 10;
        }
        if (low <= to) out.emplace_back(low, to);
        return out;
    }
    out.emplace_back(from, to);
    return out;
}

/// Columns of the range; every point as one of its own where there is room for it.
Result<std::vector<store::Column>> reduced(
    store::Database& db, qint64 runNo, const std::string& key, std::int64_t from, std::int64_t to, int columns) {
    DUBITO_TRY(auto out, store::queryColumns(db, runNo, key, from, to, columns));
    std::int64_t points = 0;
    for (const auto& column : out) points += column.n;
    const std::int64_t room = std::int64_t{kPointsAColumn} * columns;
    if (points > room || points == static_cast<std::int64_t>(out.size())) return out;
    out.clear();
    DUBITO_CHECK(store::forEachPoints(db, runNo, key, from, to,
        [&out](const store::Points& piece, std::size_t first, std::size_t last) -> Result<void> {
            for (std::size_t i = first; i < last; ++i) out.push_back(columnOf(piece, i));
            return {};
        }));
    return out;
}

/// The nearest point beside the range, as a column of one; none when it has no value.
Result<std::vector<store::Column>> beside(
    store::Database& db, qint64 runNo, const std::string& key, std::int64_t from, std::int64_t to, bool isLeft) {
    std::vector<store::Column> out;
    if (from > to) return out;
    DUBITO_TRY(const auto found, store::queryColumns(db, runNo, key, from, to, 1));
    if (found.empty()) return out;
    const std::int64_t step = toStep(isLeft ? found.back().xLast : found.front().x);
    DUBITO_TRY(const auto points, store::queryPoints(db, runNo, key, step, step, 0));
    if (points.size() > 0) out.push_back(columnOf(points, isLeft ? points.size() - 1 : 0));
    return out;
}

/// In steps.
struct Range {
    std::int64_t first, last;  ///< of all points
    std::int64_t from, to;     ///< of what is seen
};

Result<std::vector<store::Column>> columnsOf(
    store::Database& db, const LineRequest& request, qint64 runNo, const std::string& key, const Range& range) {
    std::vector<store::Column> out;
    const auto append = [&out](const std::vector<store::Column>& more) {
        out.insert(out.end(), more.begin(), more.end());
    };
    if (range.from > range.first) {
        DUBITO_TRY(const auto left, beside(db, runNo, key, range.first, range.from - 1, true));
        append(left);
    }
    const auto parts = partsOf(range.from, range.to, request.isLogX && request.x == XKind::Step);
    for (const auto& [from, to] : parts) {
        DUBITO_TRY(const auto columns, reduced(db, runNo, key, from, to, request.columns));
        append(columns);
    }
    if (range.to < range.last) {
        DUBITO_TRY(const auto right, beside(db, runNo, key, range.to + 1, range.last, false));
        append(right);
    }
    return out;
}

Result<std::vector<store::Column>> smoothColumnsOf(store::Database& db, const LineRequest& request, qint64 runNo,
    const std::string& key, const Range& range, qint64 points) {
    std::vector<store::Column> out;
    const auto parts = partsOf(range.from, range.to, request.isLogX && request.x == XKind::Step);
    for (const auto& [from, to] : parts) {
        // Where points stand singly their averages do: as many columns as there are steps.
        const bool isSingle = points <= std::int64_t{kPointsAColumn} * request.columns;
        constexpr std::int64_t kMostSteps = 1 << 20;
        const int columns = isSingle && to - from < kMostSteps ? static_cast<int>(to - from) + 1 : request.columns;
        DUBITO_TRY(const auto found, store::querySmoothed(db, runNo, key, from, to, columns, request.smoothing));
        out.insert(out.end(), found.begin(), found.end());
    }
    return out;
}

kit::PlotLine lineIn(const Axis& axis, const std::vector<store::Column>& columns) {
    kit::PlotLine line = kit::lineOf(columns);
    line.steps = line.x;
    std::size_t at = 0;
    double before = -std::numeric_limits<double>::infinity();
    for (double& x : line.x) {
        while (at + 1 < columns.size() && x > columns[at].xLast) ++at;
        x = before = std::max(before, axis.at(columns[at], x));
    }
    at = 0;
    for (double& x : line.gaps) {
        while (at + 1 < columns.size() && x > columns[at].xLast) ++at;
        x = axis.at(columns[at], x);
    }
    return line;
}

Result<std::optional<RunLine>> loadLine(store::Database& db, const LineRequest& request, const RunMark& run) {
    const std::string key = request.key.toStdString();
    DUBITO_TRY(const auto all, store::queryStepRange(db, run.runNo, key));
    if (!all) return std::optional<RunLine>();
    DUBITO_TRY(const auto axis, Axis::of(db, request.x, run.runNo, key, all->first, all->second));
    if (!axis) return std::optional<RunLine>();
    Range range{all->first, all->second, all->first, all->second};
    if (request.isZoomed) {
        // Between two stops of a time the step is a guess: a little more at both sides.
        const double more = request.x == XKind::Step
                                ? 0
                                : (static_cast<double>(all->second) - static_cast<double>(all->first)) / 1000 + 1;
        range.from = std::max(range.first, toStep(std::floor(axis->stepAt(request.from) - more)));
        range.to = std::min(range.last, toStep(std::ceil(axis->stepAt(request.to) + more)));
    }
    RunLine out;
    out.run = run;
    out.lastStep = all->second;
    DUBITO_TRY(out.columns, columnsOf(db, request, run.runNo, key, range));
    for (const auto& column : out.columns) {
        out.points += column.n;
        if (column.min <= 0) ++out.atOrBelowZero;
    }
    const auto finish = [&](kit::PlotLine& line) {
        line.name = run.name;
        line.style = static_cast<std::size_t>(std::max(0, run.slot));
        line.id = run.runNo;
    };
    out.raw = lineIn(*axis, out.columns);
    finish(out.raw);
    if (request.smoothing > 0 && range.from <= range.to) {
        DUBITO_TRY(const auto smooth, smoothColumnsOf(db, request, run.runNo, key, range, out.points));
        out.smooth = lineIn(*axis, smooth);
        finish(out.smooth);
        out.raw.isGhost = true;
    }
    return std::optional(std::move(out));
}

}  // namespace

Result<QVector<RunLine>> loadLines(store::Database& db, const LineRequest& request) {
    QVector<RunLine> out;
    for (const RunMark& run : request.runs) {
        DUBITO_TRY(auto line, loadLine(db, request, run));
        if (line) out.append(std::move(*line));
    }
    return out;
}

Result<QVector<RunMark>> loadNames(store::Database& db, const QVector<RunMark>& runs) {
    QVector<RunMark> out = runs;
    for (RunMark& run : out) {
        DUBITO_TRY(const auto row, store::findRun(db, run.runNo));
        run.name = row ? QString::fromStdString(row->name()) : QString::number(run.runNo);
    }
    return out;
}

Result<void> writePoints(store::Database& db, const QVector<RunMark>& runs, const QString& key, const QString& unit,
    const std::function<Result<void>(const QString&)>& write) {
    DUBITO_CHECK(kit::writePointsHead(write));
    for (const RunMark& run : runs) DUBITO_CHECK(kit::writePoints(db, {run.runNo, run.name, key, unit}, write));
    return {};
}

}  // namespace dubito::curves
