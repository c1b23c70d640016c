// Text that others wrote, made safe to show.
#pragma once

#include <string>
#include <string_view>

namespace dubito {

/// Control characters (those of a terminal: ESC, BEL, C1, ...) and bytes that are no UTF-8 as \x1b, characters that
/// turn the direction of the text around them as \u202e; the rest as it is. Tabs and line breaks stay when `keepsLines`,
/// else they become \t and \n. [any]
std::string printable(std::string_view text, bool keepsLines);

/// The same for text that is JSON already: what JSON may hold raw inside a string and a terminal obeys (DEL, C1, turns
/// of direction) becomes \u009b, which reads back as the same character. [any]
std::string printableJson(std::string_view json);

}  // namespace dubito
