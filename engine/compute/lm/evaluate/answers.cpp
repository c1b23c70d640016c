// Numbers are found by hand, character by character: what stands in front of one decides its sign.
#include "lm/evaluate/answers.h"

#include <utf8proc.h>

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace dubito::lm {
namespace {

constexpr std::string_view kMinus = "\xE2\x88\x92";  // U+2212
constexpr std::string_view kCurrencies[] = {"$", "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5"};

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isDigitAt(std::string_view text, std::size_t at) { return at < text.size() && isDigit(text[at]); }
bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Bytes of a sign at `at`; 0: there is none.
std::size_t signAt(std::string_view text, std::size_t at) {
    if (text.substr(at).starts_with('-')) return 1;
    return text.substr(at).starts_with(kMinus) ? kMinus.size() : 0;
}

struct Number {
    std::size_t begin = 0, end = 0;  ///< bytes, with sign and currency
    double value = 0;
};

/// Whether a letter, a digit or another number ends the text.
bool endsInWord(std::string_view text) {
    std::size_t first = text.size();
    while (first > 0 && (static_cast<unsigned char>(text[--first]) & 0xC0) == 0x80) {
    }
    utf8proc_int32_t code = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + first,
        static_cast<utf8proc_ssize_t>(text.size() - first), &code);
    if (size <= 0) return false;
    const auto category = utf8proc_category(code);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

/// Whether a hyphen behind this text is the sign of a number, and no dash or subtraction.
bool maySignFollow(std::string_view before) {
    const bool isSubtraction = before.ends_with(')') || before.ends_with(']') || endsInWord(before);
    return !isSubtraction && !before.ends_with('-') && !before.ends_with(kMinus);
}

/// "-$3" and "$-3": sign and currency in front of what begins at `begin`.
void takeFront(std::string_view text, Number& number) {
    const auto takeCurrency = [&] {
        for (const auto& currency : kCurrencies)
            if (text.substr(0, number.begin).ends_with(currency)) {
                number.begin -= currency.size();
                return;
            }
    };
    takeCurrency();
    const std::string_view before = text.substr(0, number.begin);
    if (before.ends_with('+') && maySignFollow(before.substr(0, before.size() - 1))) --number.begin;
    const std::size_t sign = before.ends_with('-') ? 1 : before.ends_with(kMinus) ? kMinus.size() : 0;
    if (sign == 0 || !maySignFollow(before.substr(0, before.size() - sign))) return;
    number.begin -= sign;
    number.value = -number.value;
    takeCurrency();
}

/// End of digits from `at` on, with commas at thousands.
std::size_t endOfWhole(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (isDigitAt(text, end)) ++end;
    const auto isGroup = [&](std::size_t comma) {
        return comma < text.size() && text[comma] == ',' && isDigitAt(text, comma + 1) && isDigitAt(text, comma + 2) &&
               isDigitAt(text, comma + 3) && !isDigitAt(text, comma + 4);
    };
    if (end - at > 3 || end == at) return end;
    while (isGroup(end)) end += 4;
    return end;
}

/// Behind an exponent at `at`; `at` itself: there is none.
std::size_t endOfExponent(std::string_view text, std::size_t at, std::string& digits) {
    if (at >= text.size() || (text[at] != 'e' && text[at] != 'E')) return at;
    std::size_t end = at + 1;
    const std::size_t sign = end < text.size() && text[end] == '+' ? 1 : signAt(text, end);
    const bool isNegative = sign > 0 && text[end] != '+';
    std::size_t first = end += sign;
    while (isDigitAt(text, end)) ++end;
    if (end == first || (end < text.size() && isLetter(text[end]))) return at;
    digits += isNegative ? "e-" : "e";
    digits += text.substr(first, end - first);
    return end;
}

/// The first number from `from` on.
std::optional<Number> numberFrom(std::string_view text, std::size_t from) {
    for (std::size_t at = from; at < text.size(); ++at) {
        const std::string_view before = text.substr(0, at);
        const bool isPoint =
            text[at] == '.' && isDigitAt(text, at + 1) && !before.ends_with('.') && !endsInWord(before);
        if (!isDigit(text[at]) && !isPoint) continue;
        Number out;
        out.begin = at;
        std::string digits;
        std::size_t end = endOfWhole(text, at);
        for (const char c : text.substr(at, end - at))
            if (c != ',') digits += c;
        if (end < text.size() && text[end] == '.' && isDigitAt(text, end + 1)) {
            const std::size_t point = end++;
            while (isDigitAt(text, end)) ++end;
            digits += (digits.empty() ? "0" : "") + std::string(text.substr(point, end - point));
        }
        out.end = endOfExponent(text, end, digits);
        const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), out.value);
        if (parsed.ec != std::errc()) out.value = std::strtod(digits.c_str(), nullptr);  // beyond a double: 0 or inf
        takeFront(text, out);
        return out;
    }
    return std::nullopt;
}

}  // namespace

std::string normalisedAnswer(std::string_view text) {
    utf8proc_uint8_t* mapped = nullptr;
    const auto n = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()), &mapped,
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
    std::string folded =
        n < 0 ? std::string(text) : std::string(reinterpret_cast<char*>(mapped), static_cast<std::size_t>(n));
    std::free(mapped);
    std::string out;
    for (std::size_t at = 0; at < folded.size();) {
        utf8proc_int32_t code = 0;
        const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(folded.data()) + at,
            static_cast<utf8proc_ssize_t>(folded.size() - at), &code);
        if (size <= 0) {
            ++at;
            continue;
        }
        const auto category = utf8proc_category(code);
        const bool isPunctuation = category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_SO;
        const bool isSpace = category == UTF8PROC_CATEGORY_ZS || (code >= 9 && code <= 13);
        if (isSpace) {
            if (!out.empty() && out.back() != ' ') out += ' ';
        } else if (!isPunctuation) {
            out.append(folded, at, static_cast<std::size_t>(size));
        }
        at += static_cast<std::size_t>(size);
    }
    while (out.ends_with(' ')) out.pop_back();
    return out;
}

std::optional<double> lastNumber(std::string_view text) {
    std::optional<double> out;
    for (std::size_t at = 0;;) {
        const auto number = numberFrom(text, at);
        if (!number) return out;
        out = number->value;
        at = number->end;
    }
}

std::optional<double> wholeNumber(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return std::nullopt;
    text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
    const auto number = numberFrom(text, 0);
    if (!number || number->begin != 0) return std::nullopt;
    const std::string_view behind = text.substr(number->end);
    if (!behind.empty() && behind != ".") return std::nullopt;
    return number->value;
}

bool isRightAnswer(std::string_view said, std::string_view right) {
    const auto want = wholeNumber(right);
    if (!want) return normalisedAnswer(said) == normalisedAnswer(right);
    const auto got = lastNumber(said);
    return got && *got == *want;
}

}  // namespace dubito::lm
