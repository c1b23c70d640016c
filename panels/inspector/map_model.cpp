// 31 x 2,048 cells redraw within a frame: only what is in view is looked at.
#include "inspector/map_model.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QLocale>
#include <QPainter>

#include <algorithm>
#include <cmath>

#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/token_strip.h"

namespace dubito::inspector {
namespace {

constexpr double kWordMargin = 7, kNarrowest = 20, kMostShare = 30, kDoubtful = 0.45;
constexpr int kHeadPixels = 10, kCellPixels = 9;

QString say(const char* text) { return QCoreApplication::translate("dubito::inspector::LayerMap", text); }

/// ".45", "1.00": two places are what a column has room for.
QString shortProbability(double p) {
    const QString out = QString::number(p, 'f', 2);
    return out.startsWith(QLatin1Char('0')) ? out.mid(1) : out;
}

}  // namespace

QString wordOf(const QString& token) {
    QString word = kit::tokenSign(token);
    if (word.startsWith(QLatin1Char(' '))) word.remove(0, 1);
    for (const auto& [open, close] :
        {std::pair(QLatin1String("<|"), QLatin1String("|>")), std::pair(QLatin1String("<"), QLatin1String(">"))})
        if (word.size() > open.size() + close.size() && word.startsWith(open) && word.endsWith(close))
            return word.mid(open.size(), word.size() - open.size() - close.size());
    return word;
}

void MapModel::fit() {
    columns = sequence ? sequence->readOut() : 0;
    needed.resize(columns);
    const QFontMetricsF metrics(kit::monoFont(kHeadPixels));
    for (int position = 0; position < columns; ++position) {
        const Position* said = next(position);
        needed[position] =
            std::max(kNarrowest, (said ? metrics.horizontalAdvance(wordOf(said->text)) : 0) + kWordMargin);
    }
    fitRange();
}

const Position* MapModel::next(int position) const {
    const auto after = static_cast<std::size_t>(position) + 1;
    return sequence && after < sequence->positions.size() ? &sequence->positions[after] : nullptr;
}

bool MapModel::isSaid(int position) const { return sequence && position + 1 >= sequence->promptLength; }

double MapModel::valueAt(int layer, int position) const {
    if (!sequence || position < 0 || position >= static_cast<int>(sequence->positions.size())) return std::nan("");
    const double own =
        static_cast<double>(sequence->positions[static_cast<std::size_t>(position)].at(layer, statistic));
    if (!other) return own;
    if (position >= static_cast<int>(other->positions.size())) return std::nan("");
    const double theirs =
        static_cast<double>(other->positions[static_cast<std::size_t>(position)].at(layer, statistic));
    return statistic == kRank ? std::log10(theirs + 1) - std::log10(own + 1) : own - theirs;
}

void MapModel::fitRange() {
    low = 0;
    high = 1;
    if (isEmpty()) return;
    if (statistic == kRank && !other) {
        high = std::log10(std::max(10, data->vocabulary));
        return;
    }
    if ((statistic == kProbability || statistic == kAgree) && !other) return;
    std::vector<double> values;
    for (int position = 1; position < columns; ++position)  // position 0 is a giant and would hide the rest
        for (int layer = 0; layer <= data->layers; ++layer)
            if (const double value = valueAt(layer, position); std::isfinite(value))
                values.push_back(other ? std::abs(value) : value);
    if (values.size() < 2) return;
    const auto percentile = [&](double p) {
        const auto at = values.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1));
        std::nth_element(values.begin(), at, values.end());
        return *at;
    };
    low = other ? 0 : percentile(0.01);
    high = std::max(low + 1e-6, percentile(0.99));
}

double MapModel::shadeAt(int layer, int position) const {
    const double value = valueAt(layer, position);
    if (!std::isfinite(value)) return value;
    if (other) return value / high;
    if (statistic == kRank) return 1 - std::log10(value + 1) / high;  // dark: the token is near the top
    if (statistic == kProbability || statistic == kAgree) return value;
    return 1 - (value - low) / (high - low);
}

QString MapModel::valueText(int layer, int position) const {
    const char* const names[] = {QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "entropy %1"),
        QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "cross-entropy %1"),
        QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "KL %1"),
        QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "rank %1"),
        QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "agrees %1"), "p %1"};
    static_assert(std::size(names) == kStatistics);
    const double value = valueAt(layer, position);
    const bool isRank = statistic == kRank && !other;
    return say(names[std::clamp(statistic, 0, int(kStatistics) - 1)])
        .arg(!std::isfinite(value) ? QStringLiteral("–")
             : isRank              ? QLocale().toString(static_cast<qlonglong>(value) + 1)
                                   : kit::shortNumber(value));
}

ColourScale MapModel::scale() const {
    if (isEmpty()) return {};
    if (other) {
        const QString end = kit::shortNumber(high);
        return statistic == kRank
                   ? ColourScale{say(QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "worse −%1")).arg(end),
                         say(QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "better +%1, log10 of the rank"))
                             .arg(end),
                         true}
                   : ColourScale{QStringLiteral("−%1").arg(end), QStringLiteral("+%1").arg(end), true};
    }
    if (statistic == kRank)
        return {
            say(QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "rank %1")).arg(QLocale().toString(data->vocabulary)),
            say(QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "rank 1"))};
    if (statistic == kProbability) return {QStringLiteral("p 0"), QStringLiteral("p 1")};
    if (statistic == kAgree)
        return {say(QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "differs")),
            say(QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "agrees"))};
    return {say(QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "%1 nats")).arg(kit::shortNumber(high)),
        say(QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "%1 nats (uniform %2)"))
            .arg(kit::shortNumber(low), kit::shortNumber(std::log(std::max(2, data->vocabulary))))};
}

QRectF MapGrid::cell(int layer, int position) const {
    if (!has(position)) return {};
    const auto column = position - first;
    return {edges[column], top + (layers - layer) * rowHeight, edges[column + 1] - edges[column] - 1, rowHeight - 1};
}

int firstFor(const MapModel& model, double width, int last) {
    double room = width - MapGrid().left;
    int first = std::min(last, model.columns - 1);
    while (first >= 0 && (room -= model.needed[first]) >= 0) --first;
    return std::clamp(first + 1, 0, std::max(0, last));
}

MapGrid layOut(const MapModel& model, const QSizeF& room, int first) {
    MapGrid grid;
    if (model.isEmpty()) return grid;
    grid.layers = model.data->layers;
    grid.rowHeight = std::clamp((room.height() - grid.top - 2) / (grid.layers + 1), kLowestRow, kHighestRow);
    grid.first = std::clamp(first, 0, model.columns - 1);
    double used = 0;
    int end = grid.first;
    const double width = std::max(room.width() - grid.left - 1, model.needed[grid.first]);
    while (end < model.columns && used + model.needed[end] <= width) used += model.needed[end++];
    const double share = std::min(kMostShare, (width - used) / std::max(1, end - grid.first));
    grid.edges << grid.left;
    for (int position = grid.first; position < end; ++position)
        grid.edges << grid.edges.last() + model.needed[position] + share;
    return grid;
}

namespace {

void paintCells(QPainter& painter, const MapModel& model, const MapGrid& grid, const QRectF& window) {
    const QFont font = kit::monoFont(kCellPixels);
    const QFontMetricsF metrics(font);
    painter.setFont(font);
    const auto k = static_cast<std::size_t>(std::max(1, model.data->topK));
    for (int position = grid.first; position <= grid.last(); ++position) {
        const Position& at = model.sequence->positions[static_cast<std::size_t>(position)];
        for (int layer = 0; layer <= grid.layers; ++layer) {
            const QRectF box = grid.cell(layer, position);
            if (box.bottom() < window.top() || box.top() > window.bottom()) continue;
            const double t = model.shadeAt(layer, position);
            const QColor fill = model.other ? kit::divergingColour(t) : kit::sequentialColour(t);
            painter.fillRect(box, fill);
            const std::size_t index = static_cast<std::size_t>(layer) * k;
            if (index >= at.topId.size()) continue;
            const QString word = wordOf(model.data->wordOf(at.topId[index]));
            if (metrics.horizontalAdvance(word) > box.width() - 2) continue;
            painter.setPen(kit::textOn(fill));
            painter.drawText(box, Qt::AlignCenter, word);
        }
    }
}

void paintHead(QPainter& painter, const MapModel& model, const MapGrid& grid, int position, bool isChosen) {
    const kit::Palette& colours = kit::palette();
    QRectF column = grid.cell(grid.layers, position);
    column.setTop(0);
    column.setBottom(grid.top - 2);
    if (isChosen) painter.fillRect(column, colours.accentBg);
    const Position* said = model.next(position);
    if (!said) return;
    const QFont font = kit::monoFont(kHeadPixels);
    painter.setFont(font);
    painter.setPen(model.isSaid(position) ? colours.text : colours.sub);
    const QFontMetricsF metrics(font);
    painter.drawText(column.adjusted(0, 3, 0, 0), Qt::AlignHCenter | Qt::AlignTop,
        metrics.elidedText(wordOf(said->text), Qt::ElideRight, column.width()));
    if (!std::isfinite(said->logprob)) return;
    const double p = std::exp(static_cast<double>(said->logprob));
    painter.setFont(kit::monoFont(kCellPixels));
    painter.setPen(model.isSaid(position) && p < kDoubtful ? colours.warn : isChosen ? colours.sub : colours.faint);
    painter.drawText(column.adjusted(-4, 0, 4, -2), Qt::AlignHCenter | Qt::AlignBottom, shortProbability(p));
}

void paintLayerNames(QPainter& painter, const MapModel&, const MapGrid& grid, int marked, double scrolled) {
    const kit::Palette& colours = kit::palette();
    for (int layer = 0; layer <= grid.layers; ++layer) {
        const double y = grid.top + (grid.layers - layer) * grid.rowHeight - scrolled;
        if (y < grid.top - grid.rowHeight / 2) continue;
        painter.setPen(layer == marked ? colours.accent : colours.faint);
        QFont font = kit::monoFont(kCellPixels);
        font.setBold(layer == marked);
        painter.setFont(font);
        painter.drawText(QRectF(0, y, grid.left - 5, grid.rowHeight - 1), Qt::AlignRight | Qt::AlignVCenter,
            layer == 0 ? say(QT_TRANSLATE_NOOP("dubito::inspector::LayerMap", "emb")) : QString::number(layer));
    }
}

void paintMarks(QPainter& painter, const MapGrid& grid, const MapMarks& marks) {
    const kit::Palette& colours = kit::palette();
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colours.accent, 1));
    const auto frame = [&](const QRectF& from, const QRectF& to) {
        painter.drawRect(QRectF(from.topLeft(), to.bottomRight()).adjusted(-0.5, -0.5, 0.5, 0.5));
    };
    if (marks.marked >= 0 && marks.marked <= grid.layers)
        frame(grid.cell(marks.marked, grid.first), grid.cell(marks.marked, grid.last()));
    if (!grid.has(marks.position)) return;
    frame(grid.cell(grid.layers, marks.position), grid.cell(0, marks.position));
    if (marks.layer < 0 || marks.layer > grid.layers) return;
    painter.setPen(QPen(colours.warn, 2));
    painter.drawRect(grid.cell(marks.layer, marks.position));
}

}  // namespace

void paintMap(QPainter& painter, const QSizeF& room, const MapModel& model, const MapGrid& grid, const MapMarks& marks,
    double scrolled) {
    if (model.isEmpty() || grid.shown() == 0) return;
    const QRectF all(QPointF(0, 0), room);
    painter.save();
    painter.setClipRect(
        QRectF(grid.left - 1, grid.top - 1, room.width(), room.height() - grid.top + 1), Qt::IntersectClip);
    painter.translate(0, -scrolled);
    paintCells(painter, model, grid, all.adjusted(0, grid.top, 0, 0).translated(0, scrolled));
    paintMarks(painter, grid, marks);
    painter.restore();
    for (int position = grid.first; position <= grid.last(); ++position)
        paintHead(painter, model, grid, position, position == marks.position);
    painter.save();
    painter.setClipRect(all, Qt::IntersectClip);
    paintLayerNames(painter, model, grid, marks.marked, scrolled);
    painter.restore();
}

}  // namespace dubito::inspector
