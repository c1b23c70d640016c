// One query a refresh fills the charts and the table.
#include "lm/training_data.h"

#include <QCoreApplication>

#include <cmath>

#include "base/files.h"
#include "store/remaining.h"

namespace dubito::lmview {

Result<TrainingData> loadTraining(store::Database& db, std::int64_t runNo, int columns) {
    TrainingData out;
    out.tokens = out.tokensPerSecond = out.loss = out.heldOut = std::nan("");
    DUBITO_TRY(const auto row, store::findRun(db, runNo));
    if (!row) return Error(Code::NotFound, "the run is gone");
    out.row = *row;
    for (const ChartLine& line : kLines) {
        out.lines.emplace_back();
        DUBITO_TRY(const auto range, store::queryStepRange(db, runNo, line.key));
        if (!range) continue;
        DUBITO_TRY(out.lines.back(), store::queryColumns(db, runNo, line.key, range->first, range->second, columns));
    }
    DUBITO_TRY(const auto metrics, store::queryMetrics(db, runNo));
    for (const auto& metric : metrics) {
        for (std::size_t i = 0; i < kLines.size(); ++i)
            if (metric.key == kLines[i].key) out.units[i] = metric.unit;
        if (metric.key == "train/tokens") out.tokens = metric.last;
        if (metric.key == "train/tokens_per_s") out.tokensPerSecond = metric.last;
        if (metric.key == "train/loss") out.loss = metric.last, out.lastStep = metric.lastStep, out.isTraining = true;
        if (metric.key == "eval/nll_nats") out.heldOut = metric.last;
        constexpr std::string_view kSet = "eval/nll_nats@";
        if (!metric.key.starts_with(kSet)) continue;
        DUBITO_TRY(const auto range, store::queryStepRange(db, runNo, metric.key));
        if (!range) continue;
        DUBITO_TRY(auto line, store::queryColumns(db, runNo, metric.key, range->first, range->second, columns));
        out.sets.push_back({metric.key.substr(kSet.size()), std::move(line), metric.last});
    }
    DUBITO_TRY(out.remainingUs, store::queryRemainingUs(db, out.row, nowUs()));
    DUBITO_TRY(out.checkpoints, store::queryCheckpoints(db, runNo));
    constexpr std::size_t kMostShown = 100;
    if (out.checkpoints.size() > kMostShown) out.checkpoints.resize(kMostShown);
    std::error_code error;
    for (auto& one : out.checkpoints)
        if (!fs::exists(one.folder, error)) one.folder.clear();
    return out;
}

QVector<QVector<kit::PlotLine>> chartLines(
    const TrainingData& data, std::size_t slot, const std::array<bool, 2>& isHidden) {
    const auto word = [](const char* text) {
        return QCoreApplication::translate("dubito::lmview::TrainingPanel", text);
    };
    QVector<QVector<kit::PlotLine>> out(kCharts);
    for (std::size_t i = 0; i < data.lines.size(); ++i) {
        const bool isLoss = kLines[i].chart == 0;
        if (data.lines[i].empty() || (isLoss && isHidden[i])) continue;
        kit::PlotLine line = kit::lineOf(data.lines[i]);
        line.name = !isLoss ? QString::fromLatin1(kLines[i].key) : word(i == kHeldOut ? "held out" : "training");
        line.style = slot + (i == kHeldOut);
        out[kLines[i].chart] << line;
    }
    for (std::size_t i = 0; i < data.sets.size() && !isHidden[kHeldOut]; ++i) {
        kit::PlotLine line = kit::lineOf(data.sets[i].columns);
        line.name = QString::fromStdString(data.sets[i].name);
        line.style = slot + 2 + i;
        out[0] << line;
    }
    return out;
}

}  // namespace dubito::lmview
