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

/// The code point when a terminal would obey it instead of showing a letter: a C1 control, or one that embeds,
/// overrides or isolates the direction of text (U+202A to U+202E, U+2066 to U+2069); else 0.
int obeyed(std::string_view character) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(character[i]); };
    if (character.size() == 2 && byte(0) == 0xC2 && byte(1) < 0xA0) return byte(1);
    if (character.size() != 3 || byte(0) != 0xE2) return 0;
    const int code = 0x2000 + ((byte(1) & 0x3F) << 6) + (byte(2) & 0x3F);
    return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ? code : 0;
}

}  // namespace

std::string printable(std::string_view text, bool keepsLines) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto first = static_cast<std::uint8_t>(text[0]);
        const std::size_t length = characterAt(text);
        const int code = obeyed(text.substr(0, length));
        if (first == '\n' || first == '\t') out += keepsLines ? std::string(1, text[0]) : first == '\n' ? "\\n" : "\\t";
        else if (code > 0) out += code < 0x100 ? fmt::format("\\x{:02x}", code) : fmt::format("\\u{:04x}", code);
        else if (length == 0 || first < 0x20 || first == 0x7F) out += fmt::format("\\x{:02x}", first);
        else out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(1, length));
    }
    return out;
}

std::string printableJson(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    while (!json.empty()) {
        const std::size_t length = std::max<std::size_t>(1, characterAt(json));
        const int code = json[0] == '\x7F' ? 0x7F : obeyed(json.substr(0, length));
        if (code > 0) out += fmt::format("\\u{:04x}", code);
        else out += json.substr(0, length);
        json.remove_prefix(length);
    }
    return out;
}

}  // namespace dubito
