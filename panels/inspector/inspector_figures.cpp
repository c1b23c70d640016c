// Each figure holds the moment it is of; its numbers are read from the project once they are asked for.
#include "inspector/inspector_figures.h"

#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

#include "inspector/attention_view.h"
#include "inspector/causal_view.h"
#include "inspector/figure_rows.h"
#include "inspector/rank_view.h"
#include "kit/colours.h"

namespace dubito::inspector {
namespace {

constexpr double kFoot = 20, kAxis = 46, kTickPixels = 10;

QString say(const char* text) { return QCoreApplication::translate("dubito::inspector::Figures", text); }

const Sequence* sequenceOf(const FigureSource& source) {
    const auto found = source.data->sequences.find(source.sequence);
    return found == source.data->sequences.end() ? nullptr : &found->second;
}

QStringList captionOf(const FigureSource& source, const QString& unit) {
    const Sequence* sequence = sequenceOf(source);
    const QString& name = source.data->modelName;
    return {say(QT_TRANSLATE_NOOP("dubito::inspector::Figures", "run %1 · model %2 · prompt “%3”"))
                .arg(source.runName, name.isEmpty() ? QStringLiteral("–") : name,
                    sequence ? firstWords(*sequence) : QString()),
        unit};
}

QString place(const FigureSource& source) {
    const Sequence* sequence = sequenceOf(source);
    const auto at = static_cast<std::size_t>(source.position);
    return sequence && at + 1 < sequence->positions.size()
               ? say(QT_TRANSLATE_NOOP("dubito::inspector::Figures", "“%1” → “%2”, position %3"))
                     .arg(wordOf(sequence->positions[at].text), wordOf(sequence->positions[at + 1].text))
                     .arg(source.position)
               : say(QT_TRANSLATE_NOOP("dubito::inspector::Figures", "position %1")).arg(source.position);
}

kit::Figure mapFigure(const FigureSource& source) {
    kit::Figure out;
    out.id = QStringLiteral("layer-map");
    out.title = say(QT_TRANSLATE_NOOP("dubito::inspector::Figures", "What each layer would say next"));
    out.caption = captionOf(source, say(QT_TRANSLATE_NOOP("dubito::inspector::Figures",
                                            "colour: %1 · words: the layer's first candidate · read-out raw, "
                                            "unadjusted · layers upwards, tokens to the "
                                            "right"))
                                        .arg(source.statistic));
    out.size = {900, 560};
    out.draw = [source](QPainter& painter, QSizeF size) {
        MapModel model{source.data.get(), sequenceOf(source), nullptr, source.statisticKind};
        model.fit();
        const QSizeF room(size.width(), size.height() - kFoot);
        const MapGrid grid = layOut(model, room, source.firstColumn);
        paintMap(painter, room, model, grid, {source.layer, source.position, source.marked});
        ColourScale scale = model.scale();
        scale.note = say(QT_TRANSLATE_NOOP("dubito::inspector::Figures", "positions %1 to %2 of %3"))
                         .arg(grid.first)
                         .arg(grid.last())
                         .arg(model.columns - 1);
        painter.setFont(kit::monoFont(kTickPixels));
        paintScale(painter, QRectF(grid.left, std::min(grid.bottom() + 4, room.height()), size.width() - grid.left, 16),
            scale);
    };
    out.writeCsv = lensRows(source.runNo, source.runName, source.sequence, {});
    return out;
}

/// A logarithmic axis downwards from rank 1 at the top.
struct RankAxes {
    QRectF plot;
    int layers = 1;
    double most = 10;
    QPointF at(double layer, double rank) const {
        return {plot.left() + layer / std::max(1, layers) * plot.width(),
            plot.top() + std::log10(std::max(1.0, rank)) / std::log10(most) * plot.height()};
    }
};

void paintAxes(QPainter& painter, const RankAxes& axes) {
    const kit::Palette& colours = kit::palette();
    painter.setFont(kit::monoFont(kTickPixels));
    for (double rank = 1; rank <= axes.most; rank *= 10) {
        const double y = axes.at(0, rank).y();
        painter.setPen(QPen(colours.line, 0));
        painter.drawLine(QPointF(axes.plot.left(), y), QPointF(axes.plot.right(), y));
        painter.setPen(colours.faint);
        painter.drawText(QRectF(axes.plot.left() - 60, y - 7, 54, 14), Qt::AlignRight | Qt::AlignVCenter,
            QLocale().toString(static_cast<qlonglong>(rank)));
    }
    for (int layer = 0; layer <= axes.layers; layer += 5)
        painter.drawText(QRectF(axes.at(layer, 1).x() - 20, axes.plot.bottom() + 4, 40, 14), Qt::AlignCenter,
            QString::number(layer));
    painter.drawText(QRectF(axes.plot.left(), axes.plot.bottom() + 18, axes.plot.width(), 14), Qt::AlignCenter,
        say(QT_TRANSLATE_NOOP("dubito::inspector::Figures", "layer")));
    painter.save();
    painter.translate(7, axes.plot.center().y());
    painter.rotate(-90);
    painter.drawText(QRectF(-80, -7, 160, 14), Qt::AlignCenter,
        say(QT_TRANSLATE_NOOP("dubito::inspector::Figures", "rank, 1 is best")));
    painter.restore();
}

void paintLine(QPainter& painter, const RankAxes& axes, const kit::PlotLine& line) {
    constexpr int kFewPoints = 30;
    painter.setPen(QPen(kit::seriesColour(line.style), 1.6, kit::seriesDash(line.style)));
    QPolygonF run;
    const auto flush = [&] {
        if (run.size() > 1) painter.drawPolyline(run);
        run.clear();
    };
    for (qsizetype i = 0; i < line.x.size(); ++i) {
        if (std::isfinite(line.y[i])) run << axes.at(line.x[i], line.y[i]);
        else flush();
    }
    flush();
    if (line.x.size() > kFewPoints + 10) return;
    painter.setPen(Qt::NoPen);
    painter.setBrush(kit::seriesColour(line.style));
    for (qsizetype i = 0; i < line.x.size(); ++i)
        if (std::isfinite(line.y[i])) painter.drawEllipse(axes.at(line.x[i], line.y[i]), 2, 2);
    painter.setBrush(Qt::NoBrush);
}

void paintLegend(QPainter& painter, double left, double width, const QVector<kit::PlotLine>& lines) {
    const QFontMetricsF metrics(painter.font());
    double x = left;
    for (const auto& line : lines) {
        const double needed = 24 + metrics.horizontalAdvance(line.name) + 12;
        if (x + needed > left + width) break;
        painter.setPen(QPen(kit::seriesColour(line.style), 1.6, kit::seriesDash(line.style)));
        painter.drawLine(QPointF(x, 8), QPointF(x + 18, 8));
        painter.setPen(kit::palette().text);
        painter.drawText(QPointF(x + 24, 12), line.name);
        x += needed;
    }
}

kit::Figure rankFigure(const FigureSource& source) {
    kit::Figure out;
    out.id = QStringLiteral("ranks");
    out.title = say(QT_TRANSLATE_NOOP("dubito::inspector::Figures", "Rank over layers: %1")).arg(place(source));
    out.caption = captionOf(source, say(QT_TRANSLATE_NOOP("dubito::inspector::Figures",
                                            "rank among %1 tokens, logarithmic; watched tokens where they are among "
                                            "the %2 stored candidates · read-out "
                                            "raw, unadjusted · dashed: layer %3"))
                                        .arg(QLocale().toString(source.data->vocabulary))
                                        .arg(source.data->topK)
                                        .arg(source.layer));
    out.draw = [source](QPainter& painter, QSizeF size) {
        const Sequence* sequence = sequenceOf(source);
        if (!sequence || source.position >= static_cast<int>(sequence->positions.size())) return;
        int missing = 0;
        const auto lines = rankLines(*source.data, *sequence, source.position, source.watched, &missing);
        RankAxes axes{QRectF(kAxis + 16, 24, size.width() - kAxis - 30, size.height() - 62), source.data->layers};
        for (const auto& line : lines)
            for (const double rank : line.y)
                if (std::isfinite(rank)) axes.most = std::max(axes.most, rank);
        paintAxes(painter, axes);
        painter.setRenderHint(QPainter::Antialiasing);
        paintLegend(painter, axes.plot.left(), axes.plot.width(), lines);
        for (const auto& line : lines) paintLine(painter, axes, line);
        painter.setPen(QPen(kit::palette().warn, 1, Qt::DashLine));
        painter.drawLine(axes.at(source.layer, 1), axes.at(source.layer, axes.most));
    };
    out.writeCsv = lensRows(source.runNo, source.runName, source.sequence, source.position);
    return out;
}

kit::Figure matrixFigure(const FigureSource& source, const QString& id, const QString& title, const QString& unit,
    const Matrix& matrix, int row) {
    kit::Figure out;
    out.id = id;
    out.title = title;
    out.caption = captionOf(source, unit);
    out.size = {
        std::clamp(120.0 + matrix.columns * 22.0, 420.0, 1100.0), std::clamp(140.0 + matrix.rows * 15.0, 260.0, 640.0)};
    out.draw = [matrix, row](QPainter& painter, QSizeF size) {
        const QRectF room(QPointF(0, 0), size);
        paintMatrix(painter, room, matrix, layOut(matrix, room), row, -1);
    };
    return out;
}

kit::Figure attributionFigure(const FigureSource& source, const QVector<kit::BarRow>& rows) {
    constexpr double kRow = 16, kLabel = 92, kNumber = 64;
    kit::Figure out;
    out.id = QStringLiteral("attribution");
    out.title = say(QT_TRANSLATE_NOOP("dubito::inspector::Figures", "What spoke for the token: %1")).arg(place(source));
    out.caption = captionOf(source, say(QT_TRANSLATE_NOOP("dubito::inspector::Figures",
                                            "share in the logit of what follows, the %1 largest of %2 · bars by square "
                                            "root, so that one does not flatten "
                                            "the others"))
                                        .arg(rows.size())
                                        .arg(source.detail->shares.size()));
    out.size = {560, kRow * static_cast<double>(rows.size()) + 8};
    out.draw = [rows](QPainter& painter, QSizeF size) {
        const double height = size.height() / std::max<double>(1, static_cast<double>(rows.size()));
        const double room = size.width() - kLabel - kNumber, middle = kLabel + room / 2;
        double largest = 1e-12;
        for (const auto& row : rows) largest = std::max(largest, std::abs(row.value));
        painter.setFont(kit::monoFont(kTickPixels));
        painter.setPen(QPen(kit::palette().line, 0));
        painter.drawLine(QPointF(middle, 0), QPointF(middle, size.height()));
        for (qsizetype i = 0; i < rows.size(); ++i) {
            const QRectF line(0, static_cast<double>(i) * height, size.width(), height);
            const double extent = kit::barExtent(rows[i].value, largest, kit::BarScale::SignedRoot) * room / 2;
            painter.fillRect(QRectF(std::min(middle, middle + extent), line.top() + height * 0.2,
                                 std::max(1.0, std::abs(extent)), height * 0.6),
                rows[i].value < 0 ? kit::palette().negative : kit::palette().positive);
            painter.setPen(kit::palette().text);
            painter.drawText(
                line.adjusted(0, 0, kLabel - size.width() - 6, 0), Qt::AlignLeft | Qt::AlignVCenter, rows[i].label);
            painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, rows[i].shown);
        }
    };
    out.writeCsv = attributionCsv(source.runNo, source.runName, source.sequence, source.position);
    return out;
}

}  // namespace

QVector<kit::BarRow> attributionRows(const InspectorData& data, const PositionDetail& detail) {
    constexpr std::size_t kMost = 40;
    std::vector<std::size_t> order(detail.shares.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
        [&](std::size_t a, std::size_t b) { return std::abs(detail.shares[a]) > std::abs(detail.shares[b]); });
    QVector<kit::BarRow> rows;
    for (std::size_t i = 0; i < std::min(kMost, order.size()); ++i) {
        const double share = static_cast<double>(detail.shares[order[i]]);
        rows.append({order[i] < data.components.size() ? data.components[order[i]] : QString::number(order[i]), share,
            QString::number(share, 'f', 3)});
    }
    return rows;
}

QVector<kit::Figure> figuresOf(const FigureSource& source) {
    QVector<kit::Figure> out;
    const Sequence* sequence = source.data ? sequenceOf(source) : nullptr;
    if (!sequence || sequence->readOut() == 0) return out;
    out << mapFigure(source) << rankFigure(source);
    if (source.detail && source.detail->layers > 0) {
        const int layer = std::clamp(source.layer, 1, source.detail->layers);
        const QString unit =
            say(QT_TRANSLATE_NOOP("dubito::inspector::Figures", "attention weight, shaded by square root"));
        for (const auto& [id, matrix, row] :
            {std::tuple(QStringLiteral("attention-first"), sinkMatrix(*source.detail), layer - 1),
                std::tuple(QStringLiteral("attention-heads"),
                    headMatrix(*source.detail, *sequence, layer, source.position), -1)}) {
            kit::Figure figure = matrixFigure(source, id, matrix.caption, unit, matrix, row);
            figure.writeCsv = attentionCsv(source.runNo, source.runName, source.sequence, source.position);
            out << figure;
        }
    }
    if (source.detail && !source.detail->shares.empty())
        out << attributionFigure(source, attributionRows(*source.data, *source.detail));
    if (source.causal) {
        const Matrix matrix = causalMatrix(*source.causal);
        kit::Figure figure =
            matrixFigure(source, QStringLiteral("causal"), matrix.caption, causalSentence(*source.causal), matrix, -1);
        figure.writeCsv = causalCsv(source.runName, *source.causal);
        out << figure;
    }
    return out;
}

}  // namespace dubito::inspector
