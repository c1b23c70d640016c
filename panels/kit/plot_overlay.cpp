// A transparent sheet: moving the cursor over ten thousand points repaints only this.
#include "kit/plot_overlay.h"

#include <QDateTime>
#include <QLocale>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/user_size.h"

namespace dubito::kit {
namespace {

constexpr int kRowHeight = 16, kPadding = 6, kMostName = 150, kSwatch = 16;

QString exact(double value) { return std::isfinite(value) ? QString::number(value, 'g', 6) : QStringLiteral("–"); }

}  // namespace

PlotOverlay::PlotOverlay(QWidget* parent)
    : QWidget(parent), marker(std::numeric_limits<double>::quiet_NaN()), hover(marker) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
}

double PlotOverlay::readAt() const { return std::isfinite(hover) ? hover : marker; }

QVector<PlotOverlay::Value> PlotOverlay::valuesAt(double x) const {
    QVector<Value> out;
    if (!picture || !std::isfinite(x)) return out;
    for (const PlotLine& line : picture->lines)
        if (!line.isGhost && !line.name.isEmpty()) out.append({&line, nearestPoint(line, x)});
    return out;
}

QString PlotOverlay::placeText(double x) const {
    if (!std::isfinite(x) || !picture) return {};
    if (picture->isClock)
        return QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(x * 1000))
            .toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
    if (picture->isElapsed) return durationText(static_cast<qint64>(x * 1e6));
    const QString number =
        std::abs(x) < 1e15 ? QLocale().toString(static_cast<qlonglong>(std::llround(x))) : QString::number(x, 'g', 6);
    return picture->xLabel.isEmpty() ? number : picture->xLabel + QLatin1Char(' ') + number;
}

QString PlotOverlay::words() const {
    const double x = readAt();
    if (!std::isfinite(x)) return {};
    QStringList out;
    for (const Value& value : valuesAt(x))
        out << (value.at < 0 ? tr("%1: no value").arg(value.line->name)
                             : tr("%1: %2").arg(value.line->name, exact(value.line->y[value.at])));
    return placeText(x) + QStringLiteral(". ") + out.join(QStringLiteral("; "));
}

void PlotOverlay::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Palette& colours = kit::palette();
    if (hasFocusRing) {
        painter.setPen(QPen(colours.accent, 1));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
    if (!toPixel || area.isEmpty()) return;
    drawMarks(painter);
    drawCursor(painter, marker, QPen(colours.accent, 1));
    drawCursor(painter, hover, QPen(colours.sub, 0, Qt::DotLine));
    if (!saysValues || !std::isfinite(readAt())) return;
    const auto values = valuesAt(readAt());
    drawDiscs(painter, values);
    drawBox(painter, readAt(), values);
}

void PlotOverlay::drawCursor(QPainter& painter, double x, const QPen& pen) const {
    if (!std::isfinite(x)) return;
    const double at = toPixel(x, 0).x();
    if (!(at >= area.left() && at <= area.right() + 1)) return;
    painter.setPen(pen);
    painter.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()));
}

void PlotOverlay::drawMarks(QPainter& painter) const {
    if (!picture) return;
    painter.setRenderHint(QPainter::Antialiasing);
    const double bottom = area.bottom();
    painter.setPen(Qt::NoPen);
    for (const PlotMark& mark : picture->marks) {
        const double at = toPixel(mark.x, 0).x();
        if (!(at >= area.left() && at <= area.right() + 1)) continue;
        painter.setBrush(seriesColour(mark.style));
        const QPointF corners[] = {{at - 4, bottom}, {at + 4, bottom}, {at, bottom - 7}};
        painter.drawPolygon(corners, 3);
    }
    painter.setPen(QPen(kit::palette().bad, 1));
    for (const PlotLine& line : picture->lines) {
        if (line.isGhost) continue;
        double last = -10;
        for (const double x : line.gaps) {
            const double at = toPixel(x, 0).x();
            if (!(at >= area.left() && at <= area.right() + 1) || at - last < 4) continue;
            last = at;
            painter.drawLine(QPointF(at - 2, bottom - 2), QPointF(at + 2, bottom + 2));
            painter.drawLine(QPointF(at - 2, bottom + 2), QPointF(at + 2, bottom - 2));
        }
    }
}

void PlotOverlay::drawDiscs(QPainter& painter, const QVector<Value>& values) const {
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Value& value : values) {
        if (value.at < 0) continue;
        const QPointF at = toPixel(value.line->x[value.at], value.line->y[value.at]);
        if (!area.contains(at.toPoint())) continue;
        painter.setPen(QPen(kit::palette().surface, 1));
        painter.setBrush(seriesColour(value.line->style));
        painter.drawEllipse(at, 3.5, 3.5);
    }
}

void PlotOverlay::drawBox(QPainter& painter, double x, const QVector<Value>& values) const {
    const Palette& colours = kit::palette();
    painter.setFont(monoFont(10));
    const QFontMetrics metrics(painter.font());
    const int rowHeight = userSize(kRowHeight);
    const int room = std::max(1, (area.height() - 2 * kPadding) / rowHeight - 1);
    int shown = static_cast<int>(values.size());
    if (shown > room) shown = std::max(0, room - 1);
    const int hidden = static_cast<int>(values.size()) - shown;
    const QString head = placeText(x), more = tr("%n more in the legend", nullptr, hidden);
    int nameWidth = 0, valueWidth = 0;
    for (int i = 0; i < shown; ++i) {
        nameWidth = std::max(nameWidth, std::min(userSize(kMostName), metrics.horizontalAdvance(values[i].line->name)));
        const double y = values[i].at < 0 ? std::nan("") : values[i].line->y[values[i].at];
        valueWidth = std::max(valueWidth, metrics.horizontalAdvance(exact(y)));
    }
    const int words = std::max(metrics.horizontalAdvance(head), hidden ? metrics.horizontalAdvance(more) : 0);
    const int width = 2 * kPadding + std::max(words, kSwatch + 4 + nameWidth + 10 + valueWidth),
              height = 2 * kPadding + rowHeight * (1 + shown + (hidden ? 1 : 0));
    const int at = static_cast<int>(std::clamp(toPixel(x, 0).x(), -1e6, 1e6));
    int left = at + 10;
    if (left + width > area.right()) left = std::max(area.left(), at - 10 - width);
    const QRect box(left, area.top() + 2, width, height);
    painter.setPen(QPen(colours.line, 1));
    painter.setBrush(colours.surface);
    painter.drawRoundedRect(box, 6, 6);
    int y = box.top() + kPadding;
    const auto row = [&] { return QRect(box.left() + kPadding, y, width - 2 * kPadding, rowHeight); };
    painter.setPen(colours.sub);
    painter.drawText(row(), Qt::AlignLeft | Qt::AlignVCenter, head);
    y += rowHeight;
    for (int i = 0; i < shown; ++i, y += rowHeight) {
        const PlotLine& line = *values[i].line;
        painter.setPen(QPen(seriesColour(line.style), 2, seriesDash(line.style)));
        painter.drawLine(row().left(), y + rowHeight / 2, row().left() + kSwatch, y + rowHeight / 2);
        painter.setPen(colours.text);
        painter.drawText(row().adjusted(kSwatch + 4, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
            metrics.elidedText(line.name, Qt::ElideMiddle, nameWidth));
        painter.drawText(
            row(), Qt::AlignRight | Qt::AlignVCenter, exact(values[i].at < 0 ? std::nan("") : line.y[values[i].at]));
    }
    painter.setPen(colours.sub);
    if (hidden) painter.drawText(row(), Qt::AlignLeft | Qt::AlignVCenter, more);
}

}  // namespace dubito::kit
