// Texts that do not fit where they stand: told whole when the pointer rests on them.
#pragma once

#include <QPoint>
#include <QString>

class QObject;
class QWidget;

namespace dubito::kit {

/// For all tables, lists, trees, headers and choices of the application, those without a tool tip of their own.
void tellWholeTexts(QObject* application);
/// What is elided at a place of the widget; empty: all of it can be read, or it tells itself.
QString wholeTextAt(QWidget* widget, QPoint at);

}  // namespace dubito::kit
