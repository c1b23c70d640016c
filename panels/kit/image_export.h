// A widget's picture as PNG, SVG or PDF.
#pragma once

#include <QString>

class QWidget;

namespace dubito::kit {

/// By the file's ending; PNG at twice the screen's resolution. False with `error` set when it cannot be written.
bool exportWidget(QWidget* widget, const QString& path, QString* error);

}  // namespace dubito::kit
