#include "inspector/scale_legend.h"

#include <QPainter>

#include <cmath>

#include "kit/colours.h"

namespace dubito::inspector {

constexpr double kBand = 84, kBandHeight = 8, kGap = 6;
constexpr int kSteps = 32;

QString ColourScale::words() const {
    QString out = isEmpty() ? QString() : low + QStringLiteral(" – ") + high;
    if (!note.isEmpty()) out += (out.isEmpty() ? QString() : QStringLiteral(" · ")) + note;
    return out;
}

double scaleWidth(const ColourScale& scale, const QFontMetricsF& metrics) {
    double out = 0;
    if (!scale.isEmpty())
        out += metrics.horizontalAdvance(scale.low) + metrics.horizontalAdvance(scale.high) + kBand + 2 * kGap;
    if (!scale.note.isEmpty()) out += metrics.horizontalAdvance(scale.note) + (out > 0 ? 2 * kGap : 0);
    return out;
}

void paintScale(QPainter& painter, const QRectF& room, const ColourScale& scale) {
    const QFontMetricsF metrics(painter.font());
    painter.setPen(kit::palette().faint);
    double x = room.left();
    const auto text = [&](const QString& words) {
        const double width = std::min(metrics.horizontalAdvance(words), room.right() - x);
        if (width <= 0) return;
        painter.drawText(QRectF(x, room.top(), width + 1, room.height()), Qt::AlignLeft | Qt::AlignVCenter,
            metrics.elidedText(words, Qt::ElideRight, width + 0.5));
        x += width;
    };
    if (!scale.isEmpty()) {
        text(scale.low);
        x += kGap;
        const double width = std::min(kBand, room.right() - x), top = room.center().y() - kBandHeight / 2;
        for (int i = 0; i < kSteps && width > 0; ++i) {
            const double t = i / (kSteps - 1.0);
            painter.fillRect(QRectF(x + i * width / kSteps, top, width / kSteps + 0.5, kBandHeight),
                scale.isDiverging ? kit::divergingColour(2 * t - 1) : kit::sequentialColour(t));
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(kit::palette().line, 0));
        if (width > 0) painter.drawRect(QRectF(x, top, width, kBandHeight));
        painter.setPen(kit::palette().faint);
        x += std::max(0.0, width) + kGap;
        text(scale.high);
        x += 2 * kGap;
    }
    text(scale.note);
}

namespace {
QFont small(QFont font) {
    constexpr int kPixels = 11;  // whatever a style sheet says of other words
    font.setPixelSize(kPixels);
    return font;
}
}  // namespace

ScaleLegend::ScaleLegend(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void ScaleLegend::setScale(const ColourScale& scale) {
    m_scale = scale;
    setAccessibleName(scale.words());
    setToolTip(scale.words());
    updateGeometry();
    update();
}

QSize ScaleLegend::sizeHint() const {
    return {static_cast<int>(std::ceil(scaleWidth(m_scale, QFontMetricsF(small(font()))))) + 2, 18};
}

void ScaleLegend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(small(font()));
    paintScale(painter, rect(), m_scale);
}

}  // namespace dubito::inspector
