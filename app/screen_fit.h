// Where a window may stand: within what the screen leaves, the window manager's frame included. Logical pixels.
#pragma once

#include <QMargins>
#include <QRect>

class QWidget;

namespace dubito::app {

/// The rectangle without its frame, moved and then made smaller until it and the frame lie within `available`.
QRect fitted(const QRect& client, const QMargins& frame, const QRect& available);
/// What the screen under the middle of the window leaves to windows; of the first screen when none is there.
QRect availableFor(const QWidget& window);
/// What the window manager has put around it; none before it is shown.
QMargins frameOf(const QWidget& window);

}  // namespace dubito::app
