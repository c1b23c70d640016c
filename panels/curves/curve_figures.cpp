// What leaves the program: each chart drawn anew, and the points themselves.
#include <QPainter>

#include <cmath>

#include "curves/curve_bands.h"
#include "curves/curve_groups.h"
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

/// Groups as the runs that they stand for.
QVector<RunMark> runsOf(const QVector<RunMark>& marks) {
    QVector<RunMark> out;
    for (const RunMark& mark : marks) {
        if (mark.members.isEmpty()) out << mark;
        for (const qint64 runNo : mark.members) out.append({runNo, {}, mark.slot, {}});
    }
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
    LineRequest many = request;
    many.runs = runsInBands();
    out.caption = card.captionLines();

    auto data = std::make_shared<FigureData>();
    data->picture = card.plot()->picture();
    kit::asyncQuery<QVector<RunLine>>(
        context(), m_figureReader, [request, many](store::Database& db) { return loadDrawn(db, request, many); },
        [data, showsMembers = m_style.showsMembers](Result<QVector<RunLine>> lines) {
            // Without it the figure stays as fine as the screen is.
            if (lines) data->picture.lines = drawnLines(*lines, {}, showsMembers);
        });
    out.draw = [data](QPainter& painter, QSizeF size) { kit::drawPlot(painter, size, data->picture); };
    out.writeCsv = [shown, key = card.key(), unit = card.unit()](
                       store::Database& db, const std::function<Result<void>(const QString&)>& write) -> Result<void> {
        DUBITO_TRY(const auto named, loadNames(db, runsOf(shown)));
        return writePoints(db, named, key, unit, write);
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

kit::DataTable CurvesPanel::groupTable() const {
    kit::DataTable table;
    table.title = m_charts.empty() ? tr("Curves") : tr("Curves over seeds; export writes every point");
    table.columns = {tr("metric"), tr("unit"), tr("configuration"), axisTitle(m_style.x), centreTitle(m_style.centre),
        tr("95 % from"), tr("95 % to"), tr("seeds")};
    const auto add = [&](const ChartCard& card, const RunLine& line, qsizetype i) {
        const auto bound = [&](const QVector<double>& of) {
            return i < of.size() && std::isfinite(of[i]) ? QString::number(of[i], 'g', 17) : QString();
        };
        table.rows << QStringList{card.key(), card.unit(), line.run.name, QString::number(line.raw.x[i], 'g', 10),
            QString::number(line.raw.y[i], 'g', 17), bound(line.raw.low), bound(line.raw.high),
            QString::number(std::max<qsizetype>(1, line.members.size()))};
    };
    for (const auto& card : m_charts)
        for (const RunLine& line : card->lines()) {
            if (m_legend->hidden().contains(line.run.runNo)) continue;
            for (qsizetype i = 0; i < line.raw.x.size() && table.rows.size() < kMostTableRows; ++i) add(*card, line, i);
        }
    return table;
}

kit::DataTable CurvesPanel::dataTable() const {
    if (m_style.isGrouped) return groupTable();
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
