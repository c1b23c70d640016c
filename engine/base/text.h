// Text that others wrote, made safe to show.
#pragma once

#include <string>
#include <string_view>

namespace dubito {

/// Control characters (those of a terminal: ESC, BEL, C1, ...) and bytes that are no UTF-8 as \x1b; the rest as it is.
/// Tabs and line breaks stay when `keepsLines`, else they become \t and \n. [any]
std::string printable(std::string_view text, bool keepsLines);

}  // namespace dubito
