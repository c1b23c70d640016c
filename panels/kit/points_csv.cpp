// Memory does not grow with the series.
#include "kit/points_csv.h"

#include <QDateTime>

#include <limits>

#include "kit/data_twin.h"
#include "store/queries.h"

namespace dubito::kit {
namespace {

QString lineOf(const QStringList& cells) { return DataTable{{}, cells, {}}.asText(QLatin1Char(',')); }

QString timeText(std::int64_t us) {
    const std::int64_t rest = ((us % 1'000'000) + 1'000'000) % 1'000'000;
    const QDateTime time = QDateTime::fromSecsSinceEpoch((us - rest) / 1'000'000, Qt::UTC);
    return time.toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss")) +
           QStringLiteral(".%1Z").arg(rest, 6, 10, QLatin1Char('0'));
}

}  // namespace

Result<void> writePointsHead(const WriteText& write) {
    return write(lineOf({QStringLiteral("run"), QStringLiteral("name"), QStringLiteral("key"), QStringLiteral("step"),
        QStringLiteral("time"), QStringLiteral("value"), QStringLiteral("unit")}));
}

Result<void> writePoints(store::Database& db, const PointsOf& what, const WriteText& write) {
    constexpr qsizetype kPiece = 8192;
    const QString before = lineOf({QString::number(what.runNo), what.run, what.key}).chopped(1),
                  after = lineOf({what.unit});
    return store::forEachPoints(db, what.runNo, what.key.toStdString(), std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max(),
        [&](const store::Points& points, std::size_t first, std::size_t last) -> Result<void> {
            QString piece;
            for (std::size_t i = first; i < last; ++i) {
                piece += before + QLatin1Char(',') + QString::number(points.steps[i]) + QLatin1Char(',') +
                         timeText(points.timesUs[i]) + QLatin1Char(',') + QString::number(points.values[i], 'g', 17) +
                         QLatin1Char(',') + after;
                if (piece.size() < kPiece) continue;
                DUBITO_CHECK(write(piece));
                piece.clear();
            }
            return piece.isEmpty() ? Result<void>() : write(piece);
        });
}

}  // namespace dubito::kit
