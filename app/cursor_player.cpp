// A short axis is walked step by step, a long one in half a minute.
#include "cursor_player.h"

#include <QHBoxLayout>
#include <QSlider>
#include <QTimer>
#include <QToolButton>

#include <algorithm>
#include <cmath>

#include "kit/controls.h"

namespace dubito::app {
namespace {

constexpr double kSpeeds[] = {0.5, 1, 2, 4};
constexpr int kTickMs = 50;

}  // namespace

CursorPlayer::CursorPlayer(QSlider* cursor)
    : m_cursor(cursor), m_back(kit::wordButton(QStringLiteral("◀"))), m_play(kit::wordButton({})),
      m_speed(kit::wordButton({})), m_timer(new QTimer(this)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    for (QToolButton* one : {m_back, m_play, m_speed}) row->addWidget(one);
    m_back->setToolTip(tr("One step back"));
    m_back->setAccessibleName(m_back->toolTip());
    m_timer->setInterval(kTickMs);
    connect(m_back, &QToolButton::clicked, this, [this] { m_cursor->setValue(m_cursor->value() - 1); });
    connect(m_play, &QToolButton::clicked, this, &CursorPlayer::toggle);
    connect(m_speed, &QToolButton::clicked, this, &CursorPlayer::nextSpeed);
    connect(m_timer, &QTimer::timeout, this, &CursorPlayer::advance);
    showState();
}

bool CursorPlayer::isPlaying() const { return m_timer->isActive(); }

void CursorPlayer::toggle() {
    if (isPlaying()) {
        m_timer->stop();
    } else {
        if (m_cursor->value() >= m_cursor->maximum()) m_cursor->setValue(m_cursor->minimum());
        m_rest = 0;
        m_timer->start();
    }
    showState();
}

void CursorPlayer::nextSpeed() {
    m_at = (m_at + 1) % static_cast<int>(std::size(kSpeeds));
    showState();
}

double CursorPlayer::rate() const {
    constexpr double kSlowest = 4, kWholeInSeconds = 30;
    return std::max(kSlowest, (m_cursor->maximum() - m_cursor->minimum()) / kWholeInSeconds) * kSpeeds[m_at];
}

void CursorPlayer::advance() {
    m_rest += rate() * kTickMs / 1000;
    const double whole = std::floor(m_rest);
    m_rest -= whole;
    if (whole > 0) m_cursor->setValue(m_cursor->value() + static_cast<int>(whole));
    if (m_cursor->value() < m_cursor->maximum()) return;
    m_timer->stop();
    showState();
}

void CursorPlayer::showState() {
    m_play->setText(isPlaying() ? QStringLiteral("❚❚") : QStringLiteral("▶"));
    m_play->setToolTip(isPlaying() ? tr("Hold") : tr("Play"));
    m_play->setAccessibleName(m_play->toolTip());
    m_speed->setText(tr("%1×").arg(kSpeeds[m_at]));
    m_speed->setToolTip(tr("How fast it plays"));
    m_speed->setAccessibleName(tr("Speed: %1").arg(m_speed->text()));
}

void CursorPlayer::hideEvent(QHideEvent*) {
    if (isPlaying()) toggle();
}

}  // namespace dubito::app
