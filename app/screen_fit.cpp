// Geometry alone, so that screens of any size can be tried without having them.
#include "screen_fit.h"

#include <QGuiApplication>
#include <QScreen>
#include <QWidget>
#include <QWindow>

namespace dubito::app {

QRect fitted(const QRect& client, const QMargins& frame, const QRect& available) {
    const QRect room = available.marginsRemoved(frame);
    if (!room.isValid()) return client;
    QRect out(client.topLeft(), client.size().boundedTo(room.size()));
    out.moveLeft(std::clamp(out.left(), room.left(), room.right() - out.width() + 1));
    out.moveTop(std::clamp(out.top(), room.top(), room.bottom() - out.height() + 1));
    return out;
}

QRect availableFor(const QWidget& window) {
    const QScreen* screen = QGuiApplication::screenAt(window.geometry().center());
    if (!screen) screen = QGuiApplication::primaryScreen();
    return screen ? screen->availableGeometry() : QRect();
}

QMargins frameOf(const QWidget& window) {
    const QWindow* handle = window.windowHandle();
    return handle ? handle->frameMargins() : QMargins();
}

}  // namespace dubito::app
