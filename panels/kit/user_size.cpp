// One factor: proportions of the look stay what they are.
#include "kit/user_size.h"

#include <algorithm>
#include <cmath>

namespace dubito::kit {
namespace {

double g_scale = 1;

}  // namespace

double userScale() { return g_scale; }
void setUserScale(double scale) { g_scale = std::isfinite(scale) ? std::clamp(scale, 0.75, 3.0) : 1; }
int userSize(double pixels) { return static_cast<int>(std::lround(pixels * g_scale)); }

}  // namespace dubito::kit
