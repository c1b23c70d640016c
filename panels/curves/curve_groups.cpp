// Members are read at as many columns as their centre has places; where all have the same few points, exactly there.
#include "curves/curve_groups.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "run/run_state.h"

namespace dubito::curves {
namespace {

constexpr int kPlaces = 160;

const kit::PlotLine& shownOf(const RunLine& line) { return line.smooth.x.isEmpty() ? line.raw : line.smooth; }

/// Where the centre is taken, ascending.
QVector<double> placesOf(const QVector<RunLine>& lines, bool isLog) {
    const kit::PlotLine& first = shownOf(lines.first());
    const bool isShared = first.x.size() <= kPlaces && std::all_of(lines.begin(), lines.end(), [&](const auto& line) {
        return shownOf(line).x == first.x && std::is_sorted(first.x.begin(), first.x.end());
    });
    if (isShared) return first.x;
    double from = INFINITY, to = -INFINITY;
    for (const RunLine& line : lines) {
        if (shownOf(line).x.isEmpty()) continue;
        from = std::min(from, shownOf(line).x.first());
        to = std::max(to, shownOf(line).x.last());
    }
    if (!(from <= to)) return {};
    isLog &= to > 0;
    if (isLog && from <= 0) from = std::min(1.0, to);
    QVector<double> out;
    for (int i = 0; i < kPlaces; ++i) {
        const double share = static_cast<double>(i) / (kPlaces - 1);
        out << (isLog ? from * std::pow(to / from, share) : from + share * (to - from));
        if (from == to) break;
    }
    return out;
}

/// Steps at places of another axis, as the first member has them.
QVector<double> stepsAt(const QVector<RunLine>& lines, const QVector<double>& places, XKind kind) {
    if (kind == XKind::Step) return {};
    const kit::PlotLine& first = shownOf(lines.first());
    QVector<double> out;
    for (const double x : places) {
        const double at = std::clamp(x, first.x.first(), first.x.last());
        out << valueAt(first.x, first.steps, at);
    }
    return out;
}

RunLine centreOf(const RunMark& mark, QVector<RunLine> lines, const LineRequest& request) {
    RunLine out;
    out.run = mark;
    lines.removeIf([](const RunLine& line) { return shownOf(line).x.isEmpty(); });
    if (lines.isEmpty()) return out;
    for (const RunLine& line : lines) {
        out.points += line.points;
        out.lastStep = std::max(out.lastStep, line.lastStep);
        out.atOrBelowZero += line.atOrBelowZero;
        kit::PlotLine member = shownOf(line);
        member.isGhost = true;
        member.style = static_cast<std::size_t>(std::max(0, mark.slot));
        member.id = mark.runNo;
        out.members << member;
    }
    std::map<std::size_t, stats::CentreBootstrap> bootstraps;  // by how many reach a place
    out.leastSeeds = static_cast<int>(lines.size());
    for (const double x : placesOf(lines, request.isLogX)) {
        std::vector<double> values;
        for (const RunLine& line : lines)
            if (const double value = valueAt(shownOf(line).x, shownOf(line).y, x); std::isfinite(value))
                values.push_back(value);
        if (values.empty()) continue;
        std::sort(values.begin(), values.end());
        const auto interval =
            bootstraps.try_emplace(values.size(), values.size()).first->second.at(values, request.centre);
        out.raw.x << x;
        out.raw.y << interval.estimate;
        out.raw.low << interval.low;
        out.raw.high << interval.high;
        out.leastSeeds = std::min(out.leastSeeds, static_cast<int>(values.size()));
        out.mostSeeds = std::max(out.mostSeeds, static_cast<int>(values.size()));
    }
    out.raw.steps = stepsAt(lines, out.raw.x, request.x);
    out.raw.name = mark.name;
    out.raw.style = static_cast<std::size_t>(std::max(0, mark.slot));
    out.raw.id = mark.runNo;
    return out;
}

}  // namespace

double valueAt(const QVector<double>& x, const QVector<double>& y, double at) {
    if (x.isEmpty() || at < x.first() || at > x.last()) return std::nan("");
    const auto right = std::lower_bound(x.begin(), x.end(), at);
    const auto i = right - x.begin();
    if (i == 0 || *right == at) return y[i];
    const double share = (at - x[i - 1]) / (x[i] - x[i - 1]);
    return y[i - 1] + share * (y[i] - y[i - 1]);
}

Result<QVector<RunMark>> groupBySeeds(store::Database& db, const QVector<RunMark>& runs) {
    struct Member {
        qint64 runNo = 0;
        bool isDone = false;
    };
    std::map<std::int64_t, std::map<std::int64_t, Member>> members;  // by configuration and seed
    std::map<std::int64_t, qsizetype> places;
    QVector<RunMark> out;
    QVector<std::int64_t> configs;
    for (const RunMark& run : runs) {
        DUBITO_TRY(const auto row, store::findRun(db, run.runNo));
        if (!row) continue;
        if (places.try_emplace(row->configNo, out.size()).second) {
            out << run;
            out.last().name = QString::fromStdString(row->name());
            configs << row->configNo;
        }
        const bool isDone = row->state == static_cast<int>(run::RunState::Done);
        Member& of = members[row->configNo][row->seed];
        if (!of.runNo || std::pair(isDone, run.runNo) > std::pair(of.isDone, of.runNo)) of = {run.runNo, isDone};
    }
    for (qsizetype i = 0; i < out.size(); ++i) {
        const auto& seeds = members[configs[i]];
        if (seeds.size() < 2) {
            out[i].runNo = seeds.begin()->second.runNo;
            continue;
        }
        for (const auto& [seed, member] : seeds) out[i].members << member.runNo;
        out[i].runNo = out[i].members.first();
        out[i].name += QStringLiteral(" (%1)").arg(out[i].members.size());
    }
    return out;
}

Result<QVector<RunLine>> loadGroupedLines(store::Database& db, const LineRequest& request) {
    QVector<RunLine> out;
    for (const RunMark& mark : request.runs) {
        LineRequest one = request;
        one.runs = {mark};
        if (!mark.members.isEmpty()) {
            one.runs.clear();
            for (const qint64 runNo : mark.members) one.runs.append({runNo, mark.name, mark.slot, {}});
            one.columns = std::min(request.columns, kPlaces);
        }
        DUBITO_TRY(auto lines, loadLines(db, one));
        if (mark.members.isEmpty()) out += lines;
        else if (auto line = centreOf(mark, std::move(lines), request); !line.raw.x.isEmpty()) out << std::move(line);
    }
    return out;
}

}  // namespace dubito::curves
