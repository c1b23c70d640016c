// Stored numbers behind the inspector's figures, one row each: run, key, unit, text, position, token, layer, item and
// value.
#pragma once

#include <optional>

#include "inspector/inspector_data.h"
#include "kit/figure.h"

namespace dubito::inspector {

using CsvWriter = decltype(kit::Figure::writeCsv);

/// Statistics and candidates of every layer. @param position one only; empty: all of the text
CsvWriter lensRows(qint64 runNo, const QString& runName, int sequence, std::optional<int> position);
CsvWriter attentionCsv(qint64 runNo, const QString& runName, int sequence, int position);
CsvWriter attributionCsv(qint64 runNo, const QString& runName, int sequence, int position);
CsvWriter causalCsv(const QString& runName, const CausalResult& test);

}  // namespace dubito::inspector
