// A painted widget, not an item view: 31 x 2,048 cells redraw within a frame.
#include "inspector/layer_map.h"

#include <QHelpEvent>
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

namespace {

constexpr int kLeft = 34, kTop = 34;

/// A token's word without its leading space, clipped to the width, never dropped.
QString fitted(const QString& token, const QFontMetrics& metrics, int width) {
    QString word = kit::tokenSign(token);
    if (word.startsWith(QLatin1Char(' '))) word.remove(0, 1);
    while (word.size() > 1 && metrics.horizontalAdvance(word) > width) word.chop(1);
    return word;
}

}  // namespace

LayerMap::LayerMap(QWidget* parent) : QAbstractScrollArea(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    viewport()->setMouseTracking(true);
    setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    connect(horizontalScrollBar(), &QScrollBar::valueChanged, viewport(), qOverload<>(&QWidget::update));
    connect(verticalScrollBar(), &QScrollBar::valueChanged, viewport(), qOverload<>(&QWidget::update));
}

int LayerMap::rowHeight() const {
    const int layers = m_data ? m_data->layers + 1 : 1;
    return std::clamp((viewport()->height() - kTop - 4) / std::max(1, layers), 14, 24);
}

void LayerMap::setData(const InspectorData* data, const Sequence* sequence, int statistic) {
    m_data = data;
    m_sequence = sequence;
    m_statistic = statistic;
    m_readOut = sequence ? sequence->readOut() : 0;
    updateRange();
    updateScroll();
    viewport()->update();
}

void LayerMap::setOther(const Sequence* other) {
    m_other = other;
    updateRange();
    viewport()->update();
}

void LayerMap::setMarkedLayer(int layer) {
    m_marked = layer;
    viewport()->update();
}

void LayerMap::setCell(int layer, int position) {
    m_layer = layer;
    m_position = position;
    ensureCell();
    viewport()->update();
}

void LayerMap::ensureCell() {
    if (!m_data || m_position < 0 || m_layer < 0) return;
    const auto ensure = [](QScrollBar* bar, int from, int size, int head, int room) {
        if (from - bar->value() < head) bar->setValue(from - head);
        else if (from + size - bar->value() > room) bar->setValue(from + size - room);
    };
    ensure(horizontalScrollBar(), kLeft + m_position * columnWidth(), columnWidth(), kLeft, viewport()->width());
    ensure(
        verticalScrollBar(), kTop + (m_data->layers - m_layer) * rowHeight(), rowHeight(), kTop, viewport()->height());
}

bool LayerMap::isCellInView() const {
    return m_data && m_position >= 0 && m_layer >= 0 &&
           viewport()->rect().adjusted(kLeft, kTop, 0, 0).contains(cellRect(m_layer, m_position));
}

double LayerMap::valueAt(int layer, int position) const {
    if (!m_sequence || position < 0 || position >= static_cast<int>(m_sequence->positions.size())) return std::nan("");
    const double own = m_sequence->positions[static_cast<std::size_t>(position)].at(layer, m_statistic);
    if (!m_other) return own;
    if (position >= static_cast<int>(m_other->positions.size())) return std::nan("");
    const double theirs = m_other->positions[static_cast<std::size_t>(position)].at(layer, m_statistic);
    return m_statistic == kRank ? std::log10(theirs + 1) - std::log10(own + 1) : own - theirs;
}

void LayerMap::updateRange() {
    m_low = 0;
    m_high = 1;
    if (!m_data || !m_sequence) return;
    if (m_statistic == kRank && !m_other) {
        m_high = std::log10(std::max(10, m_data->vocabulary));
        return;
    }
    if ((m_statistic == kProbability || m_statistic == kAgree) && !m_other) return;
    std::vector<double> values;
    for (int position = 1; position < m_readOut; ++position)  // position 0 is a giant and would hide the rest
        for (int layer = 0; layer <= m_data->layers; ++layer)
            if (const double value = valueAt(layer, position); std::isfinite(value))
                values.push_back(m_other ? std::abs(value) : value);
    if (values.size() < 2) return;
    const auto percentile = [&](double p) {
        const auto at = values.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1));
        std::nth_element(values.begin(), at, values.end());
        return *at;
    };
    m_low = m_other ? 0 : percentile(0.01);
    m_high = std::max(m_low + 1e-6, percentile(0.99));
}

double LayerMap::shade(int layer, int position) const {
    const double value = valueAt(layer, position);
    if (!std::isfinite(value)) return value;
    if (m_other) return value / m_high;
    if (m_statistic == kRank) return 1 - std::log10(value + 1) / m_high;  // dark: the token is near the top
    if (m_statistic == kProbability || m_statistic == kAgree) return value;
    return 1 - (value - m_low) / (m_high - m_low);
}

void LayerMap::updateScroll() {
    const int layers = m_data ? m_data->layers + 1 : 0;
    horizontalScrollBar()->setRange(0, std::max(0, kLeft + m_readOut * columnWidth() - viewport()->width()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setSingleStep(columnWidth());
    verticalScrollBar()->setRange(0, std::max(0, kTop + layers * rowHeight() - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
}

QRect LayerMap::cellRect(int layer, int position) const {
    const int height = rowHeight();
    return {kLeft + position * columnWidth() - horizontalScrollBar()->value(),
        kTop + (m_data->layers - layer) * height - verticalScrollBar()->value(), columnWidth() - 1, height - 1};
}

bool LayerMap::cellAt(const QPoint& at, int& layer, int& position) const {
    if (!m_data || at.x() < kLeft || at.y() < kTop) return false;
    position = (at.x() - kLeft + horizontalScrollBar()->value()) / columnWidth();
    layer = m_data->layers - (at.y() - kTop + verticalScrollBar()->value()) / rowHeight();
    return position < m_readOut && layer >= 0 && layer <= m_data->layers;
}

void LayerMap::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    const kit::Palette& colours = kit::palette();
    painter.fillRect(viewport()->rect(), colours.surface);
    if (!m_data || !m_sequence || m_readOut == 0) return;
    const int scrolled = horizontalScrollBar()->value();
    const int first = std::max(0, scrolled / columnWidth()),
              last = std::min(m_readOut - 1, (scrolled + viewport()->width() - kLeft) / columnWidth());
    paintCells(painter, first, last);
    painter.fillRect(0, 0, viewport()->width(), kTop, colours.surface);
    for (int position = first; position <= last; ++position) paintHead(painter, position);
    painter.fillRect(0, 0, kLeft, viewport()->height(), colours.surface);
    paintLayerNames(painter);
    paintMarks(painter, first, last);
}

void LayerMap::paintCells(QPainter& painter, int first, int last) {
    const QFont font = kit::monoFont(9);
    const QFontMetrics metrics(font);
    painter.setFont(font);
    const bool hasRoom = rowHeight() >= 12;
    const auto k = static_cast<std::size_t>(std::max(1, m_data->topK));
    for (int position = first; position <= last; ++position) {
        const auto& cell = m_sequence->positions[static_cast<std::size_t>(position)];
        for (int layer = 0; layer <= m_data->layers; ++layer) {
            const QRect box = cellRect(layer, position);
            if (box.bottom() < kTop || box.top() > viewport()->height()) continue;
            const double t = shade(layer, position);
            const QColor fill = m_other ? kit::divergingColour(t) : kit::sequentialColour(t);
            painter.fillRect(box, fill);
            const std::size_t index = static_cast<std::size_t>(layer) * k;
            if (index >= cell.topId.size() || !hasRoom) continue;
            painter.setPen(kit::textOn(fill));
            painter.drawText(box, Qt::AlignCenter, fitted(m_data->wordOf(cell.topId[index]), metrics, box.width()));
        }
    }
}

void LayerMap::paintHead(QPainter& painter, int position) {
    const kit::Palette& colours = kit::palette();
    const QRect column(kLeft + position * columnWidth() - horizontalScrollBar()->value(), 0, columnWidth() - 1, kTop);
    if (position == m_position) painter.fillRect(column, colours.accentBg);
    const auto after = static_cast<std::size_t>(position) + 1;
    if (after >= m_sequence->positions.size()) return;
    const auto& next = m_sequence->positions[after];
    const QFont font = kit::monoFont(10);
    painter.setFont(font);
    const bool isPrompt = position + 1 < m_sequence->promptLength;
    painter.setPen(isPrompt ? colours.faint : colours.text);
    painter.drawText(column.adjusted(-2, 4, 2, 0), Qt::AlignHCenter | Qt::AlignTop,
        fitted(next.text, QFontMetrics(font), columnWidth()));
    if (!std::isfinite(next.logprob)) return;
    painter.setFont(kit::monoFont(9));
    painter.setPen(colours.faint);
    painter.drawText(column.adjusted(-2, 0, 2, -3), Qt::AlignHCenter | Qt::AlignBottom,
        QString::number(std::exp(static_cast<double>(next.logprob)), 'f', 2));
}

void LayerMap::paintLayerNames(QPainter& painter) {
    const kit::Palette& colours = kit::palette();
    for (int layer = 0; layer <= m_data->layers; ++layer) {
        const QRect row(0, cellRect(layer, 0).top(), kLeft - 5, rowHeight() - 1);
        if (row.top() < kTop - 2) continue;
        painter.setPen(layer == m_marked ? colours.accent : colours.faint);
        QFont font = kit::monoFont(9);
        font.setBold(layer == m_marked);
        painter.setFont(font);
        painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, layer == 0 ? tr("emb") : QString::number(layer));
    }
}

void LayerMap::paintMarks(QPainter& painter, int first, int last) {
    const kit::Palette& colours = kit::palette();
    painter.setClipRect(QRect(kLeft - 1, kTop - 1, viewport()->width(), viewport()->height()));
    painter.setPen(QPen(colours.accent, 1));
    const auto frame = [&](const QRect& from, const QRect& to) {
        painter.drawRect(QRect(from.topLeft(), to.bottomRight()).adjusted(-1, -1, 0, 0));
    };
    if (m_marked >= 0 && m_marked <= m_data->layers) frame(cellRect(m_marked, first), cellRect(m_marked, last));
    if (m_position >= 0 && m_position < m_readOut) {
        frame(cellRect(m_data->layers, m_position), cellRect(0, m_position));
        if (m_layer >= 0) {
            painter.setPen(QPen(colours.warn, 2));
            painter.drawRect(cellRect(m_layer, m_position));
        }
    }
    if (!hasFocus()) return;
    painter.setClipping(false);
    painter.setPen(QPen(colours.accent, 1));
    painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
}

void LayerMap::mousePressEvent(QMouseEvent* event) {
    int layer = 0, position = 0;
    if (cellAt(event->pos(), layer, position)) Q_EMIT cellClicked(layer, position);
}

void LayerMap::keyPressEvent(QKeyEvent* event) {
    if (!m_data || m_readOut == 0) return QAbstractScrollArea::keyPressEvent(event);
    int layer = std::max(0, m_layer), position = std::max(0, m_position);
    switch (event->key()) {
        case Qt::Key_Left: --position; break;
        case Qt::Key_Right: ++position; break;
        case Qt::Key_Up: ++layer; break;
        case Qt::Key_Down: --layer; break;
        case Qt::Key_Home: position = 0; break;
        case Qt::Key_End: position = m_readOut - 1; break;
        default: return QAbstractScrollArea::keyPressEvent(event);
    }
    Q_EMIT cellClicked(std::clamp(layer, 0, m_data->layers), std::clamp(position, 0, m_readOut - 1));
}

bool LayerMap::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        int layer = 0, position = 0;
        if (!cellAt(help->pos(), layer, position)) {
            QToolTip::hideText();
            return true;
        }
        const auto& cell = m_sequence->positions[static_cast<std::size_t>(position)];
        QString text = tr("layer %1, position %2: %3")
                           .arg(layer == 0 ? tr("embedding") : QString::number(layer))
                           .arg(position)
                           .arg(kit::shortNumber(valueAt(layer, position)));
        const int k = std::max(1, m_data->topK);
        for (int i = 0; i < std::min(k, 10); ++i) {
            const auto index = static_cast<std::size_t>(layer * k + i);
            if (index >= cell.topId.size() || index >= cell.topLogp.size()) break;
            text += QStringLiteral("\n%1  %2")
                        .arg(std::exp(static_cast<double>(cell.topLogp[index])), 0, 'f', 3)
                        .arg(kit::tokenSign(m_data->wordOf(cell.topId[index])));
        }
        QToolTip::showText(help->globalPos(), text, viewport());
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void LayerMap::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) viewport()->update();
    QAbstractScrollArea::changeEvent(event);
}

}  // namespace dubito::inspector
