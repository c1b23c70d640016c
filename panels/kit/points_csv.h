// The points of a series as text, streamed: whatever a panel drew of them, these are all.
#pragma once

#include <QString>
#include <functional>

#include "base/result.h"

namespace dubito::store {
class Database;
}

namespace dubito::kit {

struct PointsOf {
    qint64 runNo = 0;
    QString run;  ///< its name
    QString key, unit;
};

using WriteText = std::function<Result<void>(const QString& piece)>;

/// The line above the points: run number, name, key, step, wall time, value, unit.
Result<void> writePointsHead(const WriteText& write);
/// Every point that no later attempt replaced, in pieces of some kilobytes. @error of the store, and of `write`
Result<void> writePoints(store::Database& db, const PointsOf& what, const WriteText& write);

}  // namespace dubito::kit
