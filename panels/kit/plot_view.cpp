// The widget: mouse, keys and sizes. What it draws with stands in plot_drawing.cpp.
#include "kit/plot_view.h"

#include <qcustomplot.h>

#include <QAbstractScrollArea>
#include <QAccessible>
#include <QApplication>
#include <QEvent>
#include <QScrollBar>
#include <QTimer>
#include <QVBoxLayout>

#include <cmath>
#include <limits>

#include "kit/colours.h"
#include "kit/plot_drawing.h"
#include "kit/plot_overlay.h"

namespace dubito::kit {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kClickRoom = 4;  ///< px that a click may move
constexpr int kInset = 3;         ///< of the frame of the focus

}  // namespace

PlotView::PlotView(QWidget* parent)
    : QWidget(parent), m_plot(new QCustomPlot), m_overlay(nullptr), m_coalesce(new QTimer(this)),
      m_resample(new QTimer(this)), m_markerBefore(kNan) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kInset, kInset, kInset, kInset);
    layout->addWidget(m_plot);
    m_plot->setPlottingHints(QCP::phFastPolylines | QCP::phCacheLabels);
    m_plot->setNoAntialiasingOnDrag(true);
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->axisRect()->setRangeDrag(Qt::Horizontal);
    m_plot->axisRect()->setRangeZoom(Qt::Horizontal);
    m_plot->axisRect()->setMinimumMargins(QMargins(8, 8, 12, 4));
    setUpX(*m_plot, m_picture);
    setScale(m_plot->yAxis, false);
    setFocusPolicy(Qt::StrongFocus);
    m_plot->setFocusPolicy(Qt::NoFocus);
    m_plot->setMouseTracking(true);
    m_plot->installEventFilter(this);
    m_overlay = new PlotOverlay(this);
    m_overlay->picture = &m_picture;
    m_overlay->toPixel = [this](double x, double y) {
        const QPointF inside(m_plot->xAxis->coordToPixel(x), m_plot->yAxis->coordToPixel(y));
        return inside + QPointF(m_plot->pos());
    };
    followMouse();
    connect(m_plot, &QCustomPlot::afterReplot, this, [this] { afterReplot(); });
    applyTheme();
}

PlotView::~PlotView() = default;

void PlotView::followMouse() {
    connect(m_plot->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this](const QCPRange&) {
        if (m_internal) return;
        m_zoomed = true;
        if (!m_coalesce->isActive()) m_coalesce->start();
    });
    // One question to the store for many wheel clicks.
    m_coalesce->setSingleShot(true);
    m_coalesce->setInterval(33);
    connect(m_coalesce, &QTimer::timeout, this, [this] { Q_EMIT rangeChanged(xFrom(), xTo()); });
    m_resample->setSingleShot(true);
    m_resample->setInterval(60);
    connect(m_resample, &QTimer::timeout, this, [this] {
        if (!isVisible()) return;
        m_toldColumns = m_columns;
        Q_EMIT columnsChanged();
    });
    connect(m_plot, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
        const bool isBox = event->button() == Qt::LeftButton && (event->modifiers() & Qt::ShiftModifier);
        m_plot->setSelectionRectMode(isBox ? QCP::srmZoom : QCP::srmNone);
        m_boxed |= isBox;
        m_isPressed = event->button() == Qt::LeftButton && !isBox;
        m_pressedAt = event->position();
    });
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, [this] {
        m_isPressed = false;
        if (std::isfinite(m_markerBefore)) Q_EMIT clickedAt(m_markerBefore);
        else Q_EMIT clickTakenBack();
        resetZoom();
    });
    connect(m_plot, &QCustomPlot::mouseRelease, this, [this](QMouseEvent* event) {
        const bool isClick = m_isPressed && event->button() == Qt::LeftButton &&
                             QLineF(m_pressedAt, event->position()).length() < kClickRoom;
        m_isPressed = false;
        if (!isClick) return;
        m_markerBefore = m_overlay->marker;
        Q_EMIT clickedAt(m_plot->xAxis->pixelToCoord(event->position().x()));
    });
    connect(m_plot, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
        const bool isInside = m_plot->axisRect()->rect().contains(event->position().toPoint());
        m_isPointerHere = isInside;
        setHover(isInside ? m_plot->xAxis->pixelToCoord(event->position().x()) : kNan);
        Q_EMIT hovered(isInside ? m_plot->xAxis->pixelToCoord(event->position().x()) : kNan);
    });
}

bool PlotView::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_plot) return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::Leave && m_isPointerHere) {
        m_isPointerHere = false;
        setHover(kNan);
        Q_EMIT hovered(kNan);
    }
    if (event->type() == QEvent::Wheel && !hasFocus()) {
        // A wheel that scrolls a page must not zoom what comes under it.
        for (QWidget* at = parentWidget(); at && !at->isWindow(); at = at->parentWidget())
            if (auto* area = qobject_cast<QAbstractScrollArea*>(at);
                area && area->verticalScrollBar()->maximum() > area->verticalScrollBar()->minimum()) {
                event->ignore();
                return true;
            }
    }
    return QWidget::eventFilter(watched, event);
}

void PlotView::afterReplot() {
    m_overlay->setGeometry(rect());
    m_overlay->area = m_plot->axisRect()->rect().translated(m_plot->pos());
    m_overlay->update();
    m_columns = std::max(1, static_cast<int>(m_plot->axisRect()->width() * devicePixelRatioF()));
    // The labels of the axis move its edge by some pixels; that is no new question.
    if (std::abs(m_columns - m_toldColumns) > std::max(8, m_toldColumns / 50)) m_resample->start();
}

void PlotView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    m_overlay->setGeometry(rect());
    m_overlay->raise();
    fitAxes();
}

void PlotView::fitAxes() {
    // A low plot keeps its height for the lines.
    constexpr int kRoomOfLabel = 130, kTick = 28;
    m_plot->xAxis->setLabel(height() < kRoomOfLabel ? QString() : m_picture.xLabel);
    if (!m_picture.isLogY) m_plot->yAxis->ticker()->setTickCount(std::clamp(height() / kTick, 2, 5));
}

void PlotView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_columns > 0 && m_columns != m_toldColumns) m_resample->start();
}

void PlotView::applyTheme() {
    styleAxes(*m_plot);
    rebuild(true);
}

void PlotView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) applyTheme();
    QWidget::changeEvent(event);
}

void PlotView::setLabels(const QString& x, const QString& y) {
    m_picture.xLabel = x;
    m_picture.yLabel = y;
    m_plot->yAxis->setLabel(y);
    fitAxes();
}

void PlotView::setXAxis(PlotAxis axis) {
    m_picture.isClock = axis == PlotAxis::Clock;
    m_picture.isElapsed = axis == PlotAxis::Elapsed;
    m_internal = true;
    setUpX(*m_plot, m_picture);
    m_internal = false;
}

void PlotView::setLogX(bool on) {
    m_picture.isLogX = on;
    m_internal = true;
    setUpX(*m_plot, m_picture);
    m_internal = false;
}

void PlotView::setLogY(bool on, bool reversed) {
    m_picture.isLogY = on;
    setScale(m_plot->yAxis, on);
    m_plot->yAxis->setRangeReversed(reversed);
    fitAxes();
}

void PlotView::setLines(const QVector<PlotLine>& lines, bool keepRange) {
    m_picture.lines = lines;
    rebuild(keepRange);
}

void PlotView::setMarks(const QVector<PlotMark>& marks) {
    m_picture.marks = marks;
    m_overlay->update();
}

void PlotView::rebuild(bool keepRange) {
    const Extent all = extentOf(m_picture, 0, 0);
    m_internal = true;
    // Discs and their names stay clear of the edges.
    const double margin = hasLabels(m_picture) ? (all.right - all.left) * 0.08 : 0;
    if (!keepRange && all.hasX()) {
        if (all.left == all.right && !m_picture.isLogX) m_plot->xAxis->setRange(all.left - 0.5, all.right + 0.5);
        else if (all.left == all.right) m_plot->xAxis->setRange(all.left * 0.8, all.right * 1.25);
        else m_plot->xAxis->setRange(all.left - margin, all.right + 1.5 * margin);
    }
    m_internal = false;
    fitY();
    drawLines(*m_plot, m_picture, m_highlight);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
    m_overlay->update();
}

void PlotView::fitY() {
    if (m_boxed) return;
    m_picture.from = m_zoomed ? xFrom() : 0;
    m_picture.to = m_zoomed ? xTo() : 0;
    fitYTo(*m_plot, m_picture, m_picture.from, m_picture.to);
}

void PlotView::setXRange(double from, double to) {
    m_internal = true;
    m_plot->xAxis->setRange(from, to);
    m_internal = false;
}

void PlotView::zoomTo(double from, double to) {
    if (!(from < to)) return;
    m_zoomed = true;
    setXRange(from, to);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotView::showLegend() {
    constexpr int kNamesInRow = 6;
    putLegendAbove(*m_plot);
    m_plot->legend->setWrap(kNamesInRow);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotView::setMarker(double x) {
    m_overlay->marker = x;
    m_overlay->update();
    say();
}

void PlotView::setHover(double x) {
    m_overlay->hover = x;
    m_overlay->saysValues = hasFocus() || m_isPointerHere;
    m_overlay->update();
}

void PlotView::setHighlight(qint64 id) {
    if (id == m_highlight) return;
    m_highlight = id;
    rebuild(true);
}

double PlotView::marker() const { return m_overlay->marker; }
QString PlotView::placeText(double x) const { return m_overlay->placeText(x); }
QString PlotView::readOut() const { return m_overlay->words(); }
double PlotView::xFrom() const { return m_plot->xAxis->range().lower; }
double PlotView::xTo() const { return m_plot->xAxis->range().upper; }

void PlotView::resetZoom() {
    showAll();
    Q_EMIT zoomReset();
}

void PlotView::showAll() { m_zoomed = m_boxed = false; }

void PlotView::say() {
    setAccessibleDescription(readOut());
    if (!hasFocus()) return;
    QAccessibleEvent described(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&described);
}

void PlotView::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    m_overlay->hasFocusRing = event->reason() != Qt::MouseFocusReason;
    m_overlay->saysValues = true;
    m_overlay->update();
    say();
}

void PlotView::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    m_overlay->hasFocusRing = m_overlay->saysValues = false;
    m_overlay->update();
}

void PlotView::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Left: moveBy(-1); break;
        case Qt::Key_Right: moveBy(1); break;
        case Qt::Key_Home: moveToEnd(false); break;
        case Qt::Key_End: moveToEnd(true); break;
        case Qt::Key_Plus:
        case Qt::Key_Equal: zoomBy(0.6); break;
        case Qt::Key_Minus: zoomBy(1 / 0.6); break;
        case Qt::Key_Escape:
            if (!m_zoomed && !m_boxed) return QWidget::keyPressEvent(event);
            resetZoom();
            break;
        default: return QWidget::keyPressEvent(event);
    }
    m_overlay->hasFocusRing = true;
    if (std::isfinite(m_overlay->hover)) {
        // What the keys chose is read, though the pointer rests elsewhere.
        setHover(kNan);
        Q_EMIT hovered(kNan);
        say();
    }
    event->accept();
}

void PlotView::moveBy(int direction) {
    const double from = m_overlay->marker;
    if (!std::isfinite(from)) return moveToEnd(direction < 0);
    double next = kNan;
    for (const PlotLine& line : m_picture.lines)
        for (const double x : line.x)
            if ((x - from) * direction > 0 && !(std::abs(next - from) <= std::abs(x - from))) next = x;
    if (std::isfinite(next)) Q_EMIT clickedAt(next);
}

void PlotView::moveToEnd(bool last) {
    const Extent all = extentOf(m_picture, 0, 0);
    if (all.hasX())
        Q_EMIT clickedAt(last ? std::min(all.right, m_zoomed ? xTo() : all.right)
                              : std::max(all.left, m_zoomed ? xFrom() : all.left));
}

void PlotView::zoomBy(double factor) {
    const double marker = m_overlay->marker;
    const bool isSeen = std::isfinite(marker) && marker >= xFrom() && marker <= xTo();
    m_plot->xAxis->scaleRange(factor, isSeen ? marker : m_plot->xAxis->range().center());
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

}  // namespace dubito::kit
