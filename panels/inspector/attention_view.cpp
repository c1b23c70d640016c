// Long texts show the last places that fit.
#include "inspector/attention_view.h"

#include <QHBoxLayout>

#include "kit/token_strip.h"

namespace dubito::inspector {

AttentionView::AttentionView(QWidget* parent)
    : QWidget(parent), m_sinks(new MatrixView), m_heads(new MatrixView), m_row(new QHBoxLayout(this)) {
    m_sinks->setAccessibleName(tr("Attention: weight on the first place, by layer and head"));
    m_heads->setAccessibleName(tr("Attention of one layer"));
    m_row->setContentsMargins(12, 4, 12, 4);
    m_row->addWidget(m_sinks, 2);
    m_row->addWidget(m_heads, 5);
    connect(m_sinks, &MatrixView::cellClicked, this, [this](int layer, int) { Q_EMIT layerAsked(layer + 1); });
}

void AttentionView::resizeEvent(QResizeEvent*) {
    constexpr int kSideBySide = 480;
    m_row->setDirection(width() < kSideBySide ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

void AttentionView::show(const PositionDetail& detail, const Sequence& sequence, int layer, int position) {
    constexpr int kPlaces = 64;
    QStringList words;
    for (int i = 0; i <= position && i < static_cast<int>(sequence.positions.size()); ++i)
        words << kit::tokenSign(sequence.positions[static_cast<std::size_t>(i)].text).trimmed();
    Matrix sinks, heads;
    if (detail.layers == 0) {
        sinks.caption = tr("Attention was not captured in this run.");
    } else {
        const auto weight = [&](int l, int h, int place) {
            return detail.attention[static_cast<std::size_t>((l * detail.heads + h) * detail.view + place)];
        };
        sinks.caption = tr("Weight on position 0, by layer and head");
        sinks.rows = detail.layers;
        sinks.columns = detail.heads;
        sinks.bottomUp = true;
        for (int l = 0; l < detail.layers; ++l) {
            sinks.rowNames << QString::number(l + 1);
            for (int h = 0; h < detail.heads; ++h) sinks.values << weight(l, h, 0);
        }
        heads.caption = detail.rest.empty()
                            ? tr("Layer %1: where each head looks from “%2”").arg(layer).arg(words.value(position))
                            : tr("Layer %1: the eight strongest places of each head from “%2”")
                                  .arg(layer)
                                  .arg(words.value(position));
        const int from = std::max(0, detail.view - kPlaces);
        heads.rows = detail.heads;
        heads.columns = detail.view - from;
        for (int h = 0; h < detail.heads; ++h) {
            sinks.columnNames << QString::number(h);
            heads.rowNames << QStringLiteral("H%1").arg(h);
            for (int place = from; place < detail.view; ++place)
                heads.values << weight(std::min(layer, detail.layers) - 1, h, place);
        }
        heads.columnNames = words.mid(from);
    }
    m_sinks->setMatrix(sinks);
    m_sinks->setCurrent(layer - 1, -1);
    m_heads->setMatrix(heads);
}

}  // namespace dubito::inspector
