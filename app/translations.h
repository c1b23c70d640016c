// English and Simplified Chinese, with Qt's own catalogue.
#pragma once

#include <QString>
#include <string>

namespace dubito::app {

/// "en" or "zh_CN": the language of the window, as manifests name it.
std::string languageCode();

/// The same; before any window is made.
void installTranslations(const QString& code);

}  // namespace dubito::app
