// A terminal obeys what it is sent: a title or a log line must not be able to send it anything but letters.
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace dubito {
namespace {

/// Bytes of the well-formed UTF-8 character at the front, 0 when there is none (Unicode 15, table 3-7).
std::size_t characterAt(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0; };
    const auto isIn = [&](std::size_t i, int low, int high) { return byte(i) >= low && byte(i) <= high; };
    const int first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return isIn(1, 0x80, 0xBF) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const int low = first == 0xE0 ? 0xA0 : 0x80, high = first == 0xED ? 0x9F : 0xBF;
        return isIn(1, low, high) && isIn(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const int low = first == 0xF0 ? 0x90 : 0x80, high = first == 0xF4 ? 0x8F : 0xBF;
        return isIn(1, low, high) && isIn(2, 0x80, 0xBF) && isIn(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

}  // namespace

std::string printable(std::string_view text, bool keepsLines) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto first = static_cast<std::uint8_t>(text[0]);
        const std::size_t length = characterAt(text);
        const bool isC1 = length == 2 && first == 0xC2 && static_cast<std::uint8_t>(text[1]) < 0xA0;
        if (first == '\n' || first == '\t') out += keepsLines ? std::string(1, text[0]) : first == '\n' ? "\\n" : "\\t";
        else if (isC1) out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text[1]));
        else if (length == 0 || first < 0x20 || first == 0x7F) out += fmt::format("\\x{:02x}", first);
        else out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(1, length));
    }
    return out;
}

}  // namespace dubito
