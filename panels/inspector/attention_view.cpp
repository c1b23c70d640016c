// Most heads rest on the first place: shades go with the square root, so that where they look besides is seen.
#include "inspector/attention_view.h"

#include <QCoreApplication>

#include "inspector/map_model.h"

namespace dubito::inspector {
namespace {

QString say(const char* text) { return QCoreApplication::translate("dubito::inspector::AttentionView", text); }

ColourScale weightScale() {
    return {
        QStringLiteral("0"), say(QT_TRANSLATE_NOOP("dubito::inspector::AttentionView", "1, shaded by square root"))};
}

float weight(const PositionDetail& detail, int layer, int head, int place) {
    const auto index = static_cast<std::size_t>((layer * detail.heads + head) * detail.view + place);
    return index < detail.attention.size() ? detail.attention[index] : 0;
}

}  // namespace

Matrix sinkMatrix(const PositionDetail& detail) {
    Matrix out;
    if (detail.layers == 0) {
        out.caption =
            say(QT_TRANSLATE_NOOP("dubito::inspector::AttentionView", "Attention was not captured in this run."));
        return out;
    }
    out.caption = say(QT_TRANSLATE_NOOP("dubito::inspector::AttentionView", "Weight on position 0, by layer and head"));
    out.rows = detail.layers;
    out.columns = detail.heads;
    out.bottomUp = true;
    out.isRoot = true;
    out.rowAxis = say(QT_TRANSLATE_NOOP("dubito::inspector::AttentionView", "layer"));
    out.columnAxis = say(QT_TRANSLATE_NOOP("dubito::inspector::AttentionView", "head"));
    out.scale = weightScale();
    for (int l = 0; l < detail.layers; ++l) {
        out.rowNames << QString::number(l + 1);
        for (int h = 0; h < detail.heads; ++h) out.values << weight(detail, l, h, 0);
    }
    for (int h = 0; h < detail.heads; ++h) out.columnNames << QString::number(h);
    return out;
}

Matrix headMatrix(const PositionDetail& detail, const Sequence& sequence, int layer, int position) {
    constexpr int kPlaces = 64;
    Matrix out;
    if (detail.layers == 0) return out;
    QStringList words;
    for (int i = 0; i <= position && i < static_cast<int>(sequence.positions.size()); ++i)
        words << wordOf(sequence.positions[static_cast<std::size_t>(i)].text);
    const int from = std::max(0, detail.view - kPlaces);
    QString caption = (detail.rest.empty() ? say(QT_TRANSLATE_NOOP("dubito::inspector::AttentionView",
                                                 "Layer %1: where each head looks from “%2”"))
                                           : say(QT_TRANSLATE_NOOP("dubito::inspector::AttentionView",
                                                 "Layer %1: the eight strongest places of each head from “%2”")))
                          .arg(QString::number(layer), words.value(position));
    if (from > 0)
        caption += say(QT_TRANSLATE_NOOP("dubito::inspector::AttentionView", "; the last %1 of %2 places"))
                       .arg(QString::number(detail.view - from), QString::number(detail.view));
    out.caption = caption;
    out.rows = detail.heads;
    out.columns = detail.view - from;
    out.isRoot = true;
    out.scale = weightScale();
    out.columnAxis = say(QT_TRANSLATE_NOOP("dubito::inspector::AttentionView", "place that is looked at"));
    for (int h = 0; h < detail.heads; ++h) {
        out.rowNames << QStringLiteral("H%1").arg(h);
        for (int place = from; place < detail.view; ++place)
            out.values << weight(detail, std::clamp(layer, 1, detail.layers) - 1, h, place);
    }
    out.columnNames = words.mid(from);
    return out;
}

AttentionView::AttentionView(QWidget* parent)
    : QWidget(parent), m_sinks(new MatrixView), m_heads(new MatrixView), m_row(new QHBoxLayout(this)) {
    m_sinks->setAccessibleName(tr("Attention: weight on the first place, by layer and head"));
    m_heads->setAccessibleName(tr("Attention of one layer"));
    m_row->setContentsMargins(12, 4, 12, 4);
    m_row->setSpacing(16);
    m_row->addWidget(m_sinks, 2);
    m_row->addWidget(m_heads, 5);
    connect(m_sinks, &MatrixView::cellClicked, this, [this](int layer, int) { Q_EMIT layerAsked(layer + 1); });
}

void AttentionView::resizeEvent(QResizeEvent*) {
    constexpr int kSideBySide = 480;
    m_row->setDirection(width() < kSideBySide ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

void AttentionView::show(const PositionDetail& detail, const Sequence& sequence, int layer, int position) {
    m_sinks->setMatrix(sinkMatrix(detail));
    m_sinks->setCurrent(layer - 1, -1);
    m_heads->setMatrix(headMatrix(detail, sequence, layer, position));
    m_heads->setVisible(detail.layers > 0);
}

}  // namespace dubito::inspector
