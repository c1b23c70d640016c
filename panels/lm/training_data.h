// A training run as it is drawn: its lines by chart, its checkpoints, and what is known of its end.
#pragma once

#include <QVector>

#include <array>
#include <optional>

#include "kit/plot_line.h"
#include "store/queries.h"

namespace dubito::lmview {

struct ChartLine {
    int chart;
    const char* key;
};
inline constexpr std::array<ChartLine, 4> kLines = {
    {{0, "train/loss"}, {0, "eval/nll_nats"}, {1, "train/lr"}, {2, "train/grad_norm"}}};
inline constexpr int kCharts = 3;
inline constexpr std::size_t kTraining = 0, kHeldOut = 1;  ///< lines of the first chart

/// A held-out set under a name of its own.
struct SetLine {
    std::string name;
    std::vector<store::Column> columns;
    double last = 0;
};

/// What is known of a run, read on a reader thread.
struct TrainingData {
    store::RunRow row;
    std::vector<std::vector<store::Column>> lines;  ///< as kLines
    std::vector<SetLine> sets;                      ///< drawn with the loss, by name
    std::array<std::string, kLines.size()> units;
    std::vector<store::CheckpointRow>
        checkpoints;  ///< the newest hundred; folder is empty where a newer one replaced it
    double tokens = 0, tokensPerSecond = 0, loss = 0, heldOut = 0;  ///< last values; NaN: none
    std::int64_t lastStep = -1;                                     ///< of the loss as it is kept; -1: none
    std::optional<std::int64_t> remainingUs;                        ///< at the pace of the present attempt
    bool isTraining = false;                                        ///< the run published a training loss
};
Result<TrainingData> loadTraining(store::Database& db, std::int64_t runNo, int columns);

/// The lines of each chart but those of the first that are hidden; `slot` is the run's place among the colours.
QVector<QVector<kit::PlotLine>> chartLines(
    const TrainingData& data, std::size_t slot, const std::array<bool, 2>& isHidden);

}  // namespace dubito::lmview
