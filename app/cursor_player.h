// Moves the time cursor on by itself: one step back, play, speed.
#pragma once

#include <QWidget>

class QSlider;
class QTimer;
class QToolButton;

namespace dubito::app {

class CursorPlayer : public QWidget {
    Q_OBJECT
public:
    explicit CursorPlayer(QSlider* cursor);
    /// Plays to the end, from the start where the cursor is there already; holds while it plays.
    void toggle();
    bool isPlaying() const;

protected:
    void hideEvent(QHideEvent*) override;

private:
    void showState();
    void advance();
    void nextSpeed();
    double rate() const;  ///< steps a second
    QSlider* m_cursor;
    QToolButton *m_back, *m_play, *m_speed;
    QTimer* m_timer;
    int m_at = 1;       ///< of the speeds
    double m_rest = 0;  ///< part of a step that is not gone so far
};

}  // namespace dubito::app
