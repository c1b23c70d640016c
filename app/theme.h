// Light, dark and high contrast: palette, fonts and the one style sheet.
#pragma once

#include <QString>

namespace dubito::app {

/// "light", "dark" or "contrast"; anything else is light. Repaints open windows.
void installTheme(const QString& name);

}  // namespace dubito::app
