// What the inspector exports: its figures drawn anew from their data, and the stored numbers behind them.
#pragma once

#include <optional>

#include "inspector/map_model.h"
#include "kit/bar_list.h"
#include "kit/figure.h"

namespace dubito::inspector {

/// A moment of the panel, held for as long as its figures are.
struct FigureSource {
    qint64 runNo = 0;
    QString runName, statistic;                 ///< statistic: as the choice names it
    std::shared_ptr<const InspectorData> data;  ///< with the text in view
    int sequence = 0, layer = 0, position = 0;
    int statisticKind = kRank, marked = -1, firstColumn = 0;
    QStringList watched;
    std::shared_ptr<const PositionDetail> detail;  ///< of the position; null: not looked at
    std::optional<CausalResult> causal;
};

/// Shares of the components in the logit of what follows, the largest first.
QVector<kit::BarRow> attributionRows(const InspectorData& data, const PositionDetail& detail);

/// Map, ranks, attention, attribution, causal grid: those there are numbers of.
QVector<kit::Figure> figuresOf(const FigureSource& source);

}  // namespace dubito::inspector
