// English and Simplified Chinese, with Qt's own catalogue.
#pragma once

#include <QString>

namespace dubito::app {

/// "en" or "zh_CN"; before any window is made.
void installTranslations(const QString& code);

}  // namespace dubito::app
