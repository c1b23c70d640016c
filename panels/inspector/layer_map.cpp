// The horizontal bar counts columns, the vertical one pixels.
#include "inspector/layer_map.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/token_strip.h"

namespace dubito::inspector {

LayerMap::LayerMap(QWidget* parent) : QAbstractScrollArea(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    viewport()->setMouseTracking(true);
    setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    connect(horizontalScrollBar(), &QScrollBar::valueChanged, this, [this] {
        layCells();
        Q_EMIT scrolled();
    });
    connect(verticalScrollBar(), &QScrollBar::valueChanged, viewport(), qOverload<>(&QWidget::update));
}

void LayerMap::setData(const InspectorData* data, const Sequence* sequence, const Sequence* other, int statistic) {
    m_model.data = data;
    m_model.sequence = sequence;
    m_model.other = other;
    m_model.statistic = statistic;
    m_model.fit();
    m_hoverPosition = -1;
    updateScroll();
    setAccessibleDescription(spoken());
}

void LayerMap::setMarkedLayer(int layer) {
    m_marks.marked = layer;
    viewport()->update();
}

void LayerMap::setCell(int layer, int position) {
    m_marks.layer = layer;
    m_marks.position = position;
    ensureCell();
    setAccessibleDescription(spoken());
    viewport()->update();
}

void LayerMap::resizeEvent(QResizeEvent*) {
    updateScroll();
    ensureCell();
    Q_EMIT resized();
}

void LayerMap::updateScroll() {
    const int width = viewport()->width();
    horizontalScrollBar()->setRange(0, m_model.isEmpty() ? 0 : firstFor(m_model, width - 1, m_model.columns - 1));
    layCells();
    horizontalScrollBar()->setPageStep(std::max(1, m_grid.shown()));
    const int all = m_model.isEmpty() ? 0 : static_cast<int>(std::ceil(m_grid.bottom()));
    verticalScrollBar()->setRange(0, std::max(0, all - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    Q_EMIT scrolled();
}

void LayerMap::layCells() {
    m_grid = layOut(m_model, viewport()->size(), horizontalScrollBar()->value());
    viewport()->update();
}

void LayerMap::ensureCell() {
    if (m_model.isEmpty() || m_marks.position < 0 || m_marks.layer < 0) return;
    QScrollBar* across = horizontalScrollBar();
    const int position = std::min(m_marks.position, m_model.columns - 1);
    if (position < m_grid.first) across->setValue(position);
    else if (position > m_grid.last()) {
        // One step goes one step; a jump shows what comes behind.
        const bool isStep = position - m_grid.last() <= 2;
        across->setValue(isStep ? firstFor(m_model, viewport()->width() - 1, position) : position);
    }
    QScrollBar* down = verticalScrollBar();
    const double top = (m_grid.layers - m_marks.layer) * m_grid.rowHeight,
                 room = viewport()->height() - m_grid.top - m_grid.rowHeight;
    if (top < down->value()) down->setValue(static_cast<int>(top));
    else if (top - down->value() > room) down->setValue(static_cast<int>(std::ceil(top - room)));
}

QRect LayerMap::cellRect(int layer, int position) const {
    if (m_model.isEmpty()) return {};
    const QRectF box = m_grid.cell(layer, position).translated(0, -verticalScrollBar()->value());
    return box.isEmpty() ? QRect() : box.toAlignedRect();
}

bool LayerMap::isCellInView() const {
    const QRect box = cellRect(m_marks.layer, m_marks.position);
    return m_marks.layer >= 0 && !box.isEmpty() &&
           viewport()->rect().adjusted(0, static_cast<int>(m_grid.top) - 1, 1, 1).contains(box);
}

int LayerMap::neededHeight() const {
    const int layers = m_model.isEmpty() ? 0 : m_model.data->layers + 1;
    return static_cast<int>(MapGrid().top + layers * kLowestRow) + 4 + horizontalScrollBar()->sizeHint().height();
}

ColourScale LayerMap::scale() const {
    ColourScale out = m_model.scale();
    if (m_model.isEmpty()) return out;
    const int before = m_grid.first, behind = m_model.columns - 1 - m_grid.last();
    QStringList note;
    if (before > 0) note << tr("◀ %n earlier token(s)", nullptr, before);
    if (behind > 0) note << tr("%n later token(s) ▶", nullptr, behind);
    out.note = note.join(QStringLiteral(" · "));
    return out;
}

QString LayerMap::spoken() const {
    const int layer = m_marks.layer, position = m_marks.position;
    if (m_model.isEmpty() || layer < 0 || position < 0 || position >= m_model.columns) return {};
    const Position& at = m_model.sequence->positions[static_cast<std::size_t>(position)];
    const Position* said = m_model.next(position);
    const auto index = static_cast<std::size_t>(layer * std::max(1, m_model.data->topK));
    QString out = tr("layer %1, “%2”, next “%3”: %4")
                      .arg(layer == 0 ? tr("embedding") : QString::number(layer), wordOf(at.text),
                          said ? wordOf(said->text) : QString(), m_model.valueText(layer, position));
    if (index < at.topId.size() && index < at.topLogp.size())
        out += tr("; would say “%1” with p = %2")
                   .arg(wordOf(m_model.data->wordOf(at.topId[index])))
                   .arg(std::exp(static_cast<double>(at.topLogp[index])), 0, 'f', 2);
    return out;
}

bool LayerMap::cellAt(const QPoint& at, int& layer, int& position) const {
    if (m_model.isEmpty() || at.x() < m_grid.left || at.y() < m_grid.top || at.x() >= m_grid.right()) return false;
    const auto edge = std::upper_bound(m_grid.edges.begin(), m_grid.edges.end(), static_cast<double>(at.x()));
    position = m_grid.first + static_cast<int>(edge - m_grid.edges.begin()) - 1;
    layer = m_grid.layers - static_cast<int>((at.y() - m_grid.top + verticalScrollBar()->value()) / m_grid.rowHeight);
    return m_grid.has(position) && layer >= 0 && layer <= m_grid.layers;
}

void LayerMap::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), kit::palette().surface);
    paintMap(painter, viewport()->size(), m_model, m_grid, m_marks, verticalScrollBar()->value());
    if (!hasFocus()) return;
    painter.setPen(QPen(kit::palette().accent, 1));
    painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
}

void LayerMap::mousePressEvent(QMouseEvent* event) {
    int layer = 0, position = 0;
    if (cellAt(event->pos(), layer, position)) Q_EMIT cellClicked(layer, position);
}

void LayerMap::mouseMoveEvent(QMouseEvent* event) {
    int layer = -1, position = -1;
    if (!cellAt(event->pos(), layer, position)) layer = position = -1;
    if (layer == m_hoverLayer && position == m_hoverPosition) return;
    m_hoverLayer = layer;
    m_hoverPosition = position;
    showHover(event->globalPosition().toPoint());
}

void LayerMap::wheelEvent(QWheelEvent* event) {
    // Where all rows are in view, the wheel goes along the text.
    if (verticalScrollBar()->maximum() == 0 && event->angleDelta().x() == 0) {
        const int by = event->angleDelta().y() > 0 ? -1 : 1;
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() + by);
        event->accept();
        return;
    }
    QAbstractScrollArea::wheelEvent(event);
}

void LayerMap::keyPressEvent(QKeyEvent* event) {
    if (m_model.isEmpty()) return QAbstractScrollArea::keyPressEvent(event);
    int layer = std::max(0, m_marks.layer), position = std::max(0, m_marks.position);
    const int page = std::max(1, m_grid.shown() - 1);
    switch (event->key()) {
        case Qt::Key_Left: --position; break;
        case Qt::Key_Right: ++position; break;
        case Qt::Key_Up: ++layer; break;
        case Qt::Key_Down: --layer; break;
        case Qt::Key_PageUp: position -= page; break;
        case Qt::Key_PageDown: position += page; break;
        case Qt::Key_Home: position = 0; break;
        case Qt::Key_End: position = m_model.columns - 1; break;
        default: return QAbstractScrollArea::keyPressEvent(event);
    }
    Q_EMIT cellClicked(std::clamp(layer, 0, m_grid.layers), std::clamp(position, 0, m_model.columns - 1));
}

void LayerMap::showHover(const QPoint& at) {
    if (m_hoverPosition < 0) return QToolTip::hideText();
    const Position& cell = m_model.sequence->positions[static_cast<std::size_t>(m_hoverPosition)];
    QString text = tr("layer %1, position %2: %3")
                       .arg(m_hoverLayer == 0 ? tr("embedding") : QString::number(m_hoverLayer))
                       .arg(m_hoverPosition)
                       .arg(m_model.valueText(m_hoverLayer, m_hoverPosition));
    const int k = std::max(1, m_model.data->topK);
    for (int i = 0; i < std::min(k, 10); ++i) {
        const auto index = static_cast<std::size_t>(m_hoverLayer * k + i);
        if (index >= cell.topId.size() || index >= cell.topLogp.size()) break;
        text += QStringLiteral("\n%1  %2")
                    .arg(std::exp(static_cast<double>(cell.topLogp[index])), 0, 'f', 3)
                    .arg(kit::tokenSign(m_model.data->wordOf(cell.topId[index])));
    }
    QToolTip::showText(at, kit::plainToolTip(text), viewport());
}

bool LayerMap::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) return true;  // shown as the pointer moves
    if (event->type() == QEvent::Leave) m_hoverLayer = m_hoverPosition = -1;
    return QAbstractScrollArea::viewportEvent(event);
}

void LayerMap::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) viewport()->update();
    QAbstractScrollArea::changeEvent(event);
}

}  // namespace dubito::inspector
