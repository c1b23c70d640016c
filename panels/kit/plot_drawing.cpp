// Beside plot_view.cpp the only file that includes qcustomplot.h.
#include "kit/plot_drawing.h"

#include <qcustomplot.h>

#include <QPicture>

#include <cmath>

#include "kit/colours.h"

namespace dubito::kit {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr qint64 kFewPoints = 30;  ///< a line with fewer shows each of them
constexpr double kLineWidth = 1.6;

/// Tick labels as people write them: 49k, 0.25.
class ShortTicker : public QCPAxisTicker {
protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        const double size = std::abs(tick);
        if (size >= 1e6) return QString::number(tick / 1e6, 'g', 4) + QLatin1Char('M');
        if (size >= 1e4) return QString::number(tick / 1e3, 'g', 4) + QLatin1Char('k');
        return QString::number(tick, 'g', 4);
    }
};
/// Steps and positions are counted: no tick lies between two of them.
class CountTicker : public ShortTicker {
public:
    explicit CountTicker(const PlotPicture& picture) : m_picture(picture) {}

private:
    double getTickStep(const QCPRange& range) override {
        const double step = ShortTicker::getTickStep(range);
        return isCounted() ? std::max(1.0, std::round(step)) : step;
    }
    bool isCounted() const {
        for (const PlotLine& line : m_picture.lines)
            for (const double x : line.x)
                if (std::isfinite(x) && x != std::floor(x)) return false;
        return true;
    }
    const PlotPicture& m_picture;  ///< of the plot that has this axis
};
class ShortLogTicker : public QCPAxisTickerLog {
    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        return tick >= 1000 ? QString::number(tick / 1e3, 'g', 3) + QLatin1Char('k') : QString::number(tick, 'g', 3);
    }
};

/// h:mm:ss, and seconds where a run took only some.
class ElapsedTicker : public QCPAxisTickerTime {
    double getTickStep(const QCPRange& range) override {
        constexpr double kShort = 20;
        m_isShort = range.size() < kShort;
        return m_isShort ? QCPAxisTicker::getTickStep(range) : QCPAxisTickerTime::getTickStep(range);
    }
    QString getTickLabel(double tick, const QLocale& locale, QChar format, int precision) override {
        if (!m_isShort) return QCPAxisTickerTime::getTickLabel(tick, locale, format, precision);
        return QString::number(tick, 'g', 3) + QStringLiteral(" s");
    }
    bool m_isShort = false;
};

/// What the axes cannot show (at or below zero on a logarithmic one) is a gap.
struct Shown {
    const PlotPicture& picture;
    double x(double value) const { return picture.isLogX && !(value > 0) ? kNan : value; }
    double y(double value) const { return picture.isLogY && !(value > 0) ? kNan : value; }
};

/// Goes from bottom to top only a few times: thick and dashed pens are for such lines.
bool isCalm(const QCPAxis* axis, const QVector<double>& y, bool isLog) {
    constexpr double kMostTravel = 8;
    const auto at = [isLog](double value) { return isLog ? std::log(value) : value; };
    const double height = at(axis->range().upper) - at(axis->range().lower);
    double travel = 0;
    for (qsizetype i = 1; i < y.size(); ++i)
        if (std::isfinite(y[i]) && std::isfinite(y[i - 1])) travel += std::abs(at(y[i]) - at(y[i - 1]));
    return !(height > 0) || travel / height < kMostTravel;
}

/// A dash of a noisy line is a part of its columns drawn lighter: a gap would hide extremes.
bool isDashOn(Qt::PenStyle dash, qsizetype point) {
    const qsizetype at = point / 4;
    if (dash == Qt::DashLine) return at % 20 < 13;
    if (dash == Qt::DotLine) return at % 8 < 4;
    if (dash == Qt::DashDotLine) return at % 26 < 13 || (at % 26 >= 17 && at % 26 < 21);
    return true;
}

class Drawing {
public:
    Drawing(QCustomPlot& plot, const PlotPicture& picture, qint64 highlight)
        : m_plot(plot), m_picture(picture), m_highlight(highlight) {}

    void draw() {
        m_plot.clearPlottables();
        m_plot.clearItems();
        for (const PlotLine& line : m_picture.lines) addBand(line);
        for (const PlotLine& line : m_picture.lines) add(line);
    }

private:
    void add(const PlotLine& line) {
        const Shown shown{m_picture};
        QVector<double> x, y;
        x.reserve(line.x.size());
        y.reserve(line.y.size());
        for (qsizetype i = 0; i < line.x.size(); ++i)
            if (const double at = shown.x(line.x[i]); std::isfinite(at)) x << at, y << shown.y(line.y[i]);
        QColor colour = seriesColour(line.style);
        const bool isBehind = m_highlight != 0 && line.id != m_highlight;
        if (line.isGhost || isBehind) colour.setAlphaF(line.isGhost && isBehind ? 0.12f : 0.28f);
        const Qt::PenStyle dash = seriesDash(line.style);
        const bool isHair = line.isGhost || (line.dense && !isCalm(m_plot.yAxis, y, m_picture.isLogY));
        if (isHair && !line.isGhost && dash != Qt::SolidLine) {
            addParted(line, x, y, colour, dash);
        } else {
            const bool isFront = m_highlight != 0 && !isBehind && !isHair;
            QCPGraph* graph = addGraph(x, y, line.name, !line.isGhost);
            graph->setPen(QPen(colour,
                isHair    ? 0
                : isFront ? 2 * kLineWidth
                          : kLineWidth,
                isHair ? Qt::SolidLine : dash));
            // Thousands of hairs are drawn fast only without it, and look the same.
            graph->setAntialiased(!isHair || !line.dense);
            if (!line.labels.isEmpty()) graph->setLineStyle(QCPGraph::lsNone);
        }
        addDiscs(line, x, y, colour);
    }
    /// Behind all lines.
    void addBand(const PlotLine& line) {
        if (line.low.size() != line.x.size() || line.high.size() != line.x.size() || line.x.isEmpty()) return;
        const Shown shown{m_picture};
        QVector<double> x, low, high;
        for (qsizetype i = 0; i < line.x.size(); ++i) {
            const double at = shown.x(line.x[i]), from = shown.y(line.low[i]), to = shown.y(line.high[i]);
            if (std::isfinite(at) && std::isfinite(from) && std::isfinite(to)) x << at, low << from, high << to;
        }
        QColor colour = seriesColour(line.style);
        colour.setAlphaF(line.isGhost ? 0.16f : 0.22f);
        QCPGraph* bottom = addGraph(x, low, {}, false);
        QCPGraph* top = addGraph(x, high, {}, false);
        bottom->setPen(Qt::NoPen);
        top->setPen(Qt::NoPen);
        top->setBrush(colour);
        top->setChannelFillGraph(bottom);
    }
    QCPGraph* addGraph(const QVector<double>& x, const QVector<double>& y, const QString& name, bool isInLegend) {
        QCPGraph* graph = m_plot.addGraph();
        graph->setAdaptiveSampling(false);
        graph->setData(x, y, true);
        graph->setName(name);
        if (!isInLegend) graph->removeFromLegend();
        return graph;
    }
    void addParted(
        const PlotLine& line, const QVector<double>& x, const QVector<double>& y, QColor colour, Qt::PenStyle dash) {
        QVector<double> on = y, off = y;
        for (qsizetype i = 0; i < y.size(); ++i) {
            const bool isOn = isDashOn(dash, i), wasOn = i == 0 || isDashOn(dash, i - 1);
            if (!isOn && !wasOn) on[i] = kNan;
            if (isOn && (i + 1 >= y.size() || isDashOn(dash, i + 1)) && wasOn) off[i] = kNan;
        }
        QCPGraph* graph = addGraph(x, on, line.name, true);
        graph->setPen(QPen(colour, 0));
        graph->setAntialiased(false);
        colour.setAlphaF(colour.alphaF() * 0.4f);
        graph = addGraph(x, off, {}, false);
        graph->setPen(QPen(colour, 0));
        graph->setAntialiased(false);
    }
    /// Every point of a short line, and those of a long one that no neighbour joins: a line of one point is invisible.
    void addDiscs(const PlotLine& line, const QVector<double>& x, const QVector<double>& y, const QColor& colour) {
        const qint64 points = line.points < 0 ? line.x.size() : line.points;
        const bool isShort = points < kFewPoints && !line.isGhost;
        QVector<double> discX, discY;
        const auto isThere = [&](qsizetype i) {
            return i >= 0 && i < x.size() && std::isfinite(x[i]) && std::isfinite(y[i]);
        };
        for (qsizetype i = 0; i < x.size(); ++i)
            if (isThere(i) && (isShort || !line.labels.isEmpty() || (!isThere(i - 1) && !isThere(i + 1))))
                discX << x[i], discY << y[i];
        if (discX.isEmpty()) return;
        QCPGraph* graph = addGraph(discX, discY, {}, false);
        graph->setLineStyle(QCPGraph::lsNone);
        const double size = !line.labels.isEmpty() ? 8 : discX.size() == 1 && !line.isGhost ? 7 : isShort ? 6 : 3;
        // A disc is filled with its pen.
        graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, QPen(colour, 0), QBrush(colour), size));
        for (qsizetype i = 0; i < line.labels.size() && i < line.x.size(); ++i) {
            auto* text = new QCPItemText(&m_plot);
            text->position->setCoords(line.x[i], line.y[i]);
            text->setPositionAlignment(Qt::AlignLeft | Qt::AlignBottom);
            text->setPadding(QMargins(5, 0, 0, 2));
            text->setText(line.labels[i]);
            text->setFont(monoFont(10));
            text->setColor(kit::palette().text);
        }
    }

    QCustomPlot& m_plot;
    const PlotPicture& m_picture;
    qint64 m_highlight;
};

}  // namespace

void setScale(QCPAxis* axis, bool isLog) {
    axis->setScaleType(isLog ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    axis->setTicker(
        isLog ? QSharedPointer<QCPAxisTicker>(new ShortLogTicker) : QSharedPointer<QCPAxisTicker>(new ShortTicker));
}

void setUpX(QCustomPlot& plot, const PlotPicture& picture) {
    setScale(plot.xAxis, picture.isLogX);
    if (picture.isClock) {
        const QSharedPointer<QCPAxisTickerDateTime> ticker(new QCPAxisTickerDateTime);
        ticker->setDateTimeFormat(QStringLiteral("MM-dd\nHH:mm:ss"));
        ticker->setTickCount(4);
        plot.xAxis->setTicker(ticker);
    } else if (picture.isElapsed && !picture.isLogX) {
        const QSharedPointer<QCPAxisTickerTime> ticker(new ElapsedTicker);
        ticker->setTimeFormat(QStringLiteral("%h:%m:%s"));
        ticker->setTickCount(4);
        plot.xAxis->setTicker(ticker);
    } else if (!picture.isLogX) {
        plot.xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new CountTicker(picture)));
    }
}

void styleAxes(QCustomPlot& plot) {
    const Palette& colours = kit::palette();
    plot.setBackground(QBrush(colours.surface));
    for (QCPAxis* axis : {plot.xAxis, plot.yAxis}) {
        axis->setBasePen(QPen(colours.line, 0));
        axis->setTickPen(QPen(colours.line, 0));
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLength(0, axis == plot.xAxis ? 4 : 0);  // never over a line that runs along the axis
        axis->setTickLabelFont(monoFont(10));
        axis->setLabelFont(monoFont(10));
        axis->setTickLabelColor(colours.faint);
        axis->setLabelColor(colours.faint);
        // Where lines are as bright as text, the grid must not look like data.
        const QPen grid(colours.line, 0, themeKind() == ThemeKind::HighContrast ? Qt::DotLine : Qt::SolidLine);
        axis->grid()->setPen(grid);
        axis->grid()->setZeroLinePen(grid);
    }
    plot.xAxis->grid()->setVisible(false);
    plot.legend->setBrush(colours.surface);
    plot.legend->setBorderPen(Qt::NoPen);
    plot.legend->setFont(monoFont(10));
    plot.legend->setTextColor(colours.text);
}

Extent extentOf(const PlotPicture& picture, double from, double to) {
    Extent out;
    const Shown shown{picture};
    for (const PlotLine& line : picture.lines)
        for (qsizetype i = 0; i < line.x.size(); ++i) {
            const double x = shown.x(line.x[i]), y = shown.y(line.y[i]);
            if (!std::isfinite(x) || !std::isfinite(y)) continue;
            out.left = std::min(out.left, x), out.right = std::max(out.right, x);
            if (from < to && (x < from || x > to)) continue;
            out.low = std::min(out.low, y), out.high = std::max(out.high, y);
            if (i >= line.low.size() || i >= line.high.size()) continue;
            if (const double low = shown.y(line.low[i]); std::isfinite(low)) out.low = std::min(out.low, low);
            if (const double high = shown.y(line.high[i]); std::isfinite(high)) out.high = std::max(out.high, high);
        }
    if (!out.hasY() && from < to) return extentOf(picture, 0, 0);
    return out;
}

void putLegendAbove(QCustomPlot& plot) {
    if (plot.legend->layout() != plot.plotLayout()) {
        plot.plotLayout()->insertRow(0);
        plot.plotLayout()->addElement(0, 0, plot.legend);
        plot.plotLayout()->setRowStretchFactor(0, 0.001);
    }
    plot.legend->setFillOrder(QCPLayoutGrid::foColumnsFirst);
    plot.legend->setBorderPen(Qt::NoPen);
    plot.legend->setVisible(true);
}

bool hasLabels(const PlotPicture& picture) {
    for (const PlotLine& line : picture.lines)
        if (!line.labels.isEmpty()) return true;
    return false;
}

void fitYTo(QCustomPlot& plot, const PlotPicture& picture, double from, double to) {
    const Extent extent = extentOf(picture, from, to);
    if (!extent.hasY()) return;
    const double low = extent.low, high = extent.high;
    if (picture.isLogY) {
        plot.yAxis->setRange(low * 0.8, high * 1.3);
        return;
    }
    const double span = high - low, room = high > low ? 0 : high == 0 ? 0.5 : std::abs(high) * 0.1;
    plot.yAxis->setRange(low - span * 0.06 - room, high + span * (hasLabels(picture) ? 0.16 : 0.06) + room);
}

void drawLines(QCustomPlot& plot, const PlotPicture& picture, qint64 highlight) {
    Drawing(plot, picture, highlight).draw();
}

void drawPlot(QPainter& painter, QSizeF size, const PlotPicture& picture) {
    struct Light {
        ThemeKind before = themeKind();
        Light() { setThemeKind(ThemeKind::Light); }
        ~Light() { setThemeKind(before); }
    } light;
    constexpr int kNameRoom = 170, kMostName = 24;
    QCustomPlot plot;
    setUpX(plot, picture);
    setScale(plot.yAxis, picture.isLogY);
    plot.xAxis->setLabel(picture.xLabel);
    plot.yAxis->setLabel(picture.yLabel);
    styleAxes(plot);
    const Extent all = extentOf(picture, 0, 0);
    if (picture.from < picture.to) plot.xAxis->setRange(picture.from, picture.to);
    else if (all.left < all.right) plot.xAxis->setRange(all.left, all.right);
    else if (all.hasX()) plot.xAxis->setRange(all.left - 0.5, all.right + 0.5);
    fitYTo(plot, picture, picture.from, picture.to);
    PlotPicture named = picture;
    for (PlotLine& line : named.lines)
        if (line.name.size() > kMostName) line.name = line.name.left(kMostName - 1) + QChar(0x2026);
    drawLines(plot, named, 0);
    if (plot.legend->itemCount() > 0) {
        putLegendAbove(plot);
        plot.legend->setWrap(std::max(1, static_cast<int>(size.width()) / kNameRoom));
    }
    QPicture recorded;
    {
        QCPPainter inside(&recorded);
        inside.setModes(QCPPainter::pmVectorized | QCPPainter::pmNoCaching);
        plot.toPainter(&inside, static_cast<int>(size.width()), static_cast<int>(size.height()));
    }
    painter.drawPicture(0, 0, recorded);
}

}  // namespace dubito::kit
