// What little there is stays in sight: two pixels.
#include "kit/share_bar.h"

#include <QPainter>

#include <algorithm>

#include "kit/colours.h"

namespace dubito::kit {

ShareBar::ShareBar(double share, QWidget* parent) : QWidget(parent), m_share(share) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFixedHeight(8);
    setMinimumWidth(24);
}

void ShareBar::setShare(double share) {
    if (m_share == share) return;
    m_share = share;
    update();
}

void ShareBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    const QRectF all(0, 0.5, width(), 7);
    painter.setBrush(kit::palette().hover);
    painter.drawRoundedRect(all, 3.5, 3.5);
    painter.setBrush(kit::palette().accent);
    QRectF own = all;
    own.setWidth(std::max(2.0, all.width() * std::clamp(m_share, 0.0, 1.0)));
    painter.drawRoundedRect(own, 3.5, 3.5);
}

}  // namespace dubito::kit
