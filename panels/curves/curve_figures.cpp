// What leaves the program: each chart drawn anew, and the points themselves.
#include <QPainter>

#include <cmath>

#include "curves/curves_panel.h"
#include "kit/plot_drawing.h"

namespace dubito::curves {

namespace {

/// Of one figure: at first what the screen shows, then what a page has room for. [gui]
struct FigureData {
    kit::PlotPicture picture;
};

constexpr int kColumnsOfPaper = 2'400;
constexpr qsizetype kMostTableRows = 20'000;

QVector<kit::PlotLine> linesOf(const QVector<RunLine>& lines) {
    QVector<kit::PlotLine> out;
    for (const RunLine& line : lines)
        if (!line.smooth.x.isEmpty()) out << line.raw;
    for (const RunLine& line : lines) out << (line.smooth.x.isEmpty() ? line.raw : line.smooth);
    return out;
}

}  // namespace

kit::Figure CurvesPanel::figureOf(const ChartCard& card) const {
    kit::Figure out;
    out.id = card.key();
    out.title = card.key();
    LineRequest request = requestOf(card);
    QVector<RunMark> shown;
    for (const RunMark& run : std::as_const(request.runs))
        if (!m_legend->hidden().contains(run.runNo)) shown << run;
    request.runs = shown;
    request.columns = std::max(kColumnsOfPaper, request.columns);
    out.caption = card.captionLines();

    auto data = std::make_shared<FigureData>();
    data->picture = card.plot()->picture();
    kit::asyncQuery<QVector<RunLine>>(
        context(), m_figureReader, [request](store::Database& db) { return loadLines(db, request); },
        [data](Result<QVector<RunLine>> lines) {
            // Without it the figure stays as fine as the screen is.
            if (lines) data->picture.lines = linesOf(*lines);
        });
    out.draw = [data](QPainter& painter, QSizeF size) { kit::drawPlot(painter, size, data->picture); };
    out.writeCsv = [shown, key = card.key(), unit = card.unit()](
                       store::Database& db, const std::function<Result<void>(const QString&)>& write) {
        return writePoints(db, shown, key, unit, write);
    };
    return out;
}

QVector<kit::Figure> CurvesPanel::figures() const {
    QVector<kit::Figure> out;
    const ChartCard* first = front();
    if (first) out << figureOf(*first);
    for (const auto& card : m_charts)
        if (card.get() != first) out << figureOf(*card);
    return out;
}

kit::DataTable CurvesPanel::dataTable() const {
    kit::DataTable table;
    table.columns = {
        tr("metric"), tr("unit"), tr("run"), tr("step"), tr("first"), tr("min"), tr("max"), tr("last"), tr("points")};
    bool isReduced = false, isCut = false;
    const auto add = [&](const ChartCard& card, const RunLine& line, const store::Column& column) {
        isReduced |= column.n > 1;
        isCut |= table.rows.size() >= kMostTableRows;
        if (isCut) return;
        table.rows << QStringList{card.key(), card.unit(), line.run.name, QString::number(column.x, 'f', 0),
            QString::number(column.first, 'g', 17), QString::number(column.min, 'g', 17),
            QString::number(column.max, 'g', 17), QString::number(column.last, 'g', 17), QString::number(column.n)};
    };
    for (const auto& card : m_charts)
        for (const RunLine& line : card->lines()) {
            if (m_legend->hidden().contains(line.run.runNo)) continue;
            for (const auto& column : line.columns) add(*card, line, column);
        }
    table.title = isCut       ? tr("Curves: the first %1 rows; export writes every point").arg(kMostTableRows)
                  : isReduced ? tr("Curves as drawn, several points a row; export writes every point")
                              : tr("Curves");
    return table;
}

}  // namespace dubito::curves
