// Each run is read at a few columns; a band needs no more, and hundreds of runs are read with every commit.
#include "curves/curve_bands.h"

#include <algorithm>
#include <cmath>

#include "curves/curve_groups.h"

namespace dubito::curves {
namespace {

constexpr int kPlaces = 120, kColumnsARun = 96;

}  // namespace

double quantile(const QVector<double>& sorted, double share) {
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto low = static_cast<qsizetype>(place);
    const auto high = std::min(low + 1, sorted.size() - 1);
    return sorted[low] + (place - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

Result<std::optional<RunLine>> loadBands(store::Database& db, const LineRequest& request) {
    LineRequest coarse = request;
    coarse.columns = std::min(request.columns, kColumnsARun);
    DUBITO_TRY(const auto lines, loadLines(db, coarse));
    RunLine out;
    double from = INFINITY, to = -INFINITY;
    QVector<const kit::PlotLine*> shown;
    for (const RunLine& line : lines) {
        shown << (line.smooth.x.isEmpty() ? &line.raw : &line.smooth);
        if (shown.last()->x.isEmpty()) continue;
        from = std::min(from, shown.last()->x.first());
        to = std::max(to, shown.last()->x.last());
        out.points += line.points;
        out.lastStep = std::max(out.lastStep, line.lastStep);
        ++out.ofRuns;
    }
    if (out.ofRuns == 0) return std::optional<RunLine>();
    const bool isLog = request.isLogX && to > 0;
    if (isLog && from <= 0) from = std::min(1.0, to);
    for (int i = 0; i < kPlaces; ++i) {
        const double share = static_cast<double>(i) / (kPlaces - 1);
        const double x = isLog ? from * std::pow(to / from, share) : from + share * (to - from);
        QVector<double> values;
        for (const kit::PlotLine* line : shown)
            if (const double value = valueAt(line->x, line->y, x); std::isfinite(value)) values << value;
        if (values.isEmpty()) continue;
        std::sort(values.begin(), values.end());
        for (kit::PlotLine* line : {&out.raw, &out.inner}) line->x << x, line->y << quantile(values, 0.5);
        out.raw.low << quantile(values, 0.05), out.raw.high << quantile(values, 0.95);
        out.inner.low << quantile(values, 0.25), out.inner.high << quantile(values, 0.75);
        if (from == to) break;
    }
    out.inner.isGhost = true;
    out.raw.points = out.inner.points = kPlaces;
    return std::optional(std::move(out));
}

Result<QVector<RunLine>> loadDrawn(store::Database& db, const LineRequest& request, const LineRequest& many) {
    DUBITO_TRY(auto lines, loadGroupedLines(db, request));
    if (many.runs.isEmpty()) return lines;
    DUBITO_TRY(auto bands, loadBands(db, many));
    if (bands) lines.prepend(std::move(*bands));
    return lines;
}

}  // namespace dubito::curves
