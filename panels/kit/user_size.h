// What the user's font size makes of the sizes of the look.
#pragma once

namespace dubito::kit {

double userScale();               ///< 1 at the usual size. [gui]
void setUserScale(double scale);  ///< the shell's call, before widgets are made
/// A font size, or the height of a row or control that text stands in, in logical pixels: 13 is 13 at the usual size.
int userSize(double pixels);

}  // namespace dubito::kit
