// The only file that includes qcustomplot.h.
#include "kit/plot_view.h"

#include <qcustomplot.h>

#include <QEvent>
#include <QTimer>
#include <QVBoxLayout>

#include <cmath>
#include <limits>

#include "kit/colours.h"
#include "kit/controls.h"

namespace dubito::kit {
namespace {

/// Tick labels as people write them: 49k, 0.25.
class ShortTicker : public QCPAxisTicker {
    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        const double size = std::abs(tick);
        if (size >= 1e6) return QString::number(tick / 1e6, 'g', 4) + QLatin1Char('M');
        if (size >= 1e4) return QString::number(tick / 1e3, 'g', 4) + QLatin1Char('k');
        return QString::number(tick, 'g', 4);
    }
};
class ShortLogTicker : public QCPAxisTickerLog {
    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        return tick >= 1000 ? QString::number(tick / 1e3, 'g', 3) + QLatin1Char('k') : QString::number(tick, 'g', 3);
    }
};

}  // namespace

PlotLine lineOf(const std::vector<store::Column>& columns) {
    PlotLine out;
    for (const auto& column : columns) {
        if (column.n == 1) {
            out.x << column.x;
            out.y << column.first;
            continue;
        }
        out.dense = true;
        // Step order of the extremes inside a column does not matter at one pixel.
        out.x << column.x << column.x << column.xLast << column.xLast;
        out.y << column.first << column.min << column.max << column.last;
    }
    return out;
}

PlotView::PlotView(QWidget* parent)
    : QWidget(parent), m_plot(new QCustomPlot), m_marker(std::numeric_limits<double>::quiet_NaN()),
      m_coalesce(new QTimer(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    m_plot->setPlottingHints(QCP::phFastPolylines | QCP::phCacheLabels);
    m_plot->setNoAntialiasingOnDrag(true);
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->axisRect()->setRangeDrag(Qt::Horizontal);
    m_plot->axisRect()->setRangeZoom(Qt::Horizontal);
    m_plot->xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new ShortTicker));
    m_plot->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new ShortTicker));
    m_plot->setFocusPolicy(Qt::StrongFocus);
    connect(m_plot->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this](const QCPRange&) {
        if (m_internal) return;
        m_zoomed = true;
        if (!m_coalesce->isActive()) m_coalesce->start();
    });
    // One question to the store for many wheel clicks.
    m_coalesce->setSingleShot(true);
    m_coalesce->setInterval(33);
    connect(m_coalesce, &QTimer::timeout, this, [this] { Q_EMIT rangeChanged(xFrom(), xTo()); });
    connect(m_plot, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
        const bool isBox = event->button() == Qt::LeftButton && (event->modifiers() & Qt::ShiftModifier);
        m_plot->setSelectionRectMode(isBox ? QCP::srmZoom : QCP::srmNone);
        m_boxed |= isBox;
    });
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, [this] { resetZoom(); });
    connect(m_plot, &QCustomPlot::mouseRelease, this, [this](QMouseEvent* event) {
        if (event->button() == Qt::LeftButton && m_plot->selectionRectMode() == QCP::srmNone)
            Q_EMIT clickedAt(m_plot->xAxis->pixelToCoord(event->position().x()));
    });
    applyTheme();
}

void PlotView::applyTheme() {
    const Palette& colours = kit::palette();
    m_plot->setBackground(QBrush(colours.surface));
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setBasePen(QPen(colours.line, 0));
        axis->setTickPen(QPen(colours.line, 0));
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelFont(monoFont(10));
        axis->setLabelFont(monoFont(10));
        axis->setTickLabelColor(colours.faint);
        axis->setLabelColor(colours.faint);
        axis->grid()->setPen(QPen(colours.line, 0));
        axis->grid()->setZeroLinePen(QPen(colours.line, 0));
    }
    m_plot->xAxis->grid()->setVisible(false);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) applyTheme();
    QWidget::changeEvent(event);
}

void PlotView::setLabels(const QString& x, const QString& y) {
    m_plot->xAxis->setLabel(x);
    m_plot->yAxis->setLabel(y);
}

void PlotView::setLogY(bool on, bool reversed) {
    m_plot->yAxis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    m_plot->yAxis->setTicker(
        on ? QSharedPointer<QCPAxisTicker>(new ShortLogTicker) : QSharedPointer<QCPAxisTicker>(new ShortTicker));
    m_plot->yAxis->setRangeReversed(reversed);
}

void PlotView::setLines(const QVector<PlotLine>& lines, bool keepRange) {
    m_plot->clearPlottables();
    m_names.clear();
    double low = std::numeric_limits<double>::infinity(), high = -low, left = low, right = -low;
    for (const PlotLine& line : lines) {
        QCPGraph* graph = m_plot->addGraph();
        graph->setAdaptiveSampling(false);
        graph->setData(line.x, line.y, true);
        graph->setName(line.name);
        QColor colour = seriesColour(line.style);
        if (line.isGhost) colour.setAlphaF(0.28f);
        QPen pen(colour, line.dense || line.isGhost ? 0 : 1.6,
            line.dense || line.isGhost ? Qt::SolidLine : seriesDash(line.style));
        graph->setPen(pen);
        if (!line.labels.isEmpty()) {
            graph->setLineStyle(QCPGraph::lsNone);
            graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, 7));
            for (qsizetype i = 0; i < std::min(line.labels.size(), line.x.size()); ++i)
                m_names.append({line.labels[i], line.x[i], line.y[i]});
        }
        for (qsizetype i = 0; i < line.y.size(); ++i) {
            left = std::min(left, line.x[i]), right = std::max(right, line.x[i]);
            if (!std::isfinite(line.y[i])) continue;
            low = std::min(low, line.y[i]), high = std::max(high, line.y[i]);
        }
    }
    m_internal = true;
    // Discs and their names stay clear of the edges.
    const double margin = m_names.isEmpty() ? 0 : (right - left) * 0.08;
    if (!keepRange && left <= right)
        m_plot->xAxis->setRange(left - margin, right > left ? right + 1.5 * margin : left + 1);
    if (low <= high && !m_boxed) {
        if (m_plot->yAxis->scaleType() == QCPAxis::stLogarithmic)
            m_plot->yAxis->setRange(std::max(low, 0.5) * 0.8, high * 1.3);
        else
            m_plot->yAxis->setRange(low - (high - low) * 0.06 - (high == low ? 0.5 : 0),
                high + (high - low) * (m_names.isEmpty() ? 0.06 : 0.16) + (high == low ? 0.5 : 0));
    }
    m_internal = false;
    setMarker(m_marker);
}

void PlotView::setXRange(double from, double to) {
    m_internal = true;
    m_plot->xAxis->setRange(from, to);
    m_internal = false;
}

void PlotView::setLegend(bool on, Qt::Alignment corner) {
    m_plot->legend->setVisible(on);
    m_plot->axisRect()->insetLayout()->setInsetAlignment(0, corner);
    const Palette& colours = kit::palette();
    m_plot->legend->setBrush(colours.surface);
    m_plot->legend->setBorderPen(QPen(colours.line, 0));
    m_plot->legend->setFont(monoFont(10));
    m_plot->legend->setTextColor(colours.text);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotView::setMarker(double x) {
    m_marker = x;
    m_plot->clearItems();
    if (std::isfinite(x)) {
        auto* line = new QCPItemStraightLine(m_plot);
        line->setPen(QPen(kit::palette().warn, 1, Qt::DashLine));
        line->point1->setCoords(x, 1);
        line->point2->setCoords(x, 2);
    }
    for (const Name& name : m_names) {
        auto* text = new QCPItemText(m_plot);
        text->position->setCoords(name.x, name.y);
        text->setPositionAlignment(Qt::AlignLeft | Qt::AlignBottom);
        text->setPadding(QMargins(5, 0, 0, 2));
        text->setText(name.text);
        text->setFont(monoFont(10));
        text->setColor(kit::palette().text);
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

double PlotView::xFrom() const { return m_plot->xAxis->range().lower; }
double PlotView::xTo() const { return m_plot->xAxis->range().upper; }
int PlotView::plotColumns() const {
    return std::max(64, static_cast<int>(m_plot->axisRect()->width() * devicePixelRatioF()));
}

void PlotView::resetZoom() {
    m_zoomed = m_boxed = false;
    Q_EMIT zoomReset();
}

}  // namespace dubito::kit
