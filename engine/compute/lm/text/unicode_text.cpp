// The tables are utf8proc's; where the references depart from the categories, it is said.
#include "lm/text/unicode_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>

namespace dubito::lm::unicode {
namespace {

bool isBetween(Code code, Code first, Code last) { return code >= first && code <= last; }

/// Symbols that count as letters: numbers and letters in circles and squares.
bool isEnclosedLetter(Code code) {
    return isBetween(code, 0x24B6, 0x24E9) || isBetween(code, 0x1F130, 0x1F149) || isBetween(code, 0x1F150, 0x1F169) ||
           isBetween(code, 0x1F170, 0x1F189);
}

/// A code point of a full decomposition.
struct Part {
    Code code = 0;
    bool isMore = false;  ///< not the first that its code point becomes
};

/// Adds what a code point decomposes to.
void decompose(Code code, bool isCompatible, std::vector<Part>& out) {
    utf8proc_int32_t parts[32];  // the longest has 18
    int last = UTF8PROC_BOUNDCLASS_START;
    const auto options =
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | (isCompatible ? UTF8PROC_COMPAT : 0));
    const auto n =
        utf8proc_decompose_char(code, parts, static_cast<utf8proc_ssize_t>(std::size(parts)), options, &last);
    for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(n, std::size(parts)); ++i)
        out.push_back({parts[i], i > 0});
}

int combiningClass(const Part& part) { return utf8proc_get_property(part.code)->combining_class; }

}  // namespace

std::size_t take(std::string_view text, Code& code) {
    if (text.empty()) return 0;
    if (const auto first = static_cast<unsigned char>(text[0]); first < 0x80) {
        code = first;
        return 1;
    }
    const auto n = utf8proc_iterate(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &code);
    return n > 0 ? static_cast<std::size_t>(n) : 0;
}

void append(std::string& out, Code code) {
    utf8proc_uint8_t bytes[4];
    out.append(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(utf8proc_encode_char(code, bytes)));
}

bool isSpace(Code c) {
    return isBetween(c, 9, 13) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || isBetween(c, 0x2000, 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}
bool isNumber(Code code) {
    const auto category = utf8proc_category(code);
    return category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
}
bool isPunctuation(Code c) {
    if (isBetween(c, 33, 47) || isBetween(c, 58, 64) || isBetween(c, 91, 96) || isBetween(c, 123, 126)) return true;
    const auto category = utf8proc_category(c);
    return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}
bool isMark(Code code) {
    const auto category = utf8proc_category(code);
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}
bool isNonspacing(Code code) { return utf8proc_category(code) == UTF8PROC_CATEGORY_MN; }
bool isOther(Code code) {
    const auto category = utf8proc_category(code);
    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_CO;
}
bool isWord(Code code) {
    const auto category = utf8proc_category(code);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NL) || category == UTF8PROC_CATEGORY_PC ||
           code == 0x200C || code == 0x200D || isEnclosedLetter(code);
}

void appendLower(std::string& out, Code code) {
    constexpr Code kDottedI = 0x130, kDotAbove = 0x307;
    append(out, code == kDottedI ? 'i' : utf8proc_tolower(code));
    if (code == kDottedI) append(out, kDotAbove);
}

std::string normalForm(std::string_view text, Form form) {
    int options = UTF8PROC_STABLE;
    options |= form == Form::Nfc || form == Form::Nfkc ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
    if (form == Form::Nfkc || form == Form::Nfkd) options |= UTF8PROC_COMPAT;
    utf8proc_uint8_t* out = nullptr;
    const auto n = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()), &out, static_cast<utf8proc_option_t>(options));
    if (n < 0) return std::string(text);
    std::string result(reinterpret_cast<char*>(out), static_cast<std::size_t>(n));
    std::free(out);
    return result;
}

std::vector<std::size_t> normalOrigins(std::string_view text, std::string_view made, Form form) {
    const bool isCompatible = form == Form::Nfkc || form == Form::Nfkd;
    std::vector<Part> parts;
    each(text, [&](std::size_t, std::size_t, Code code) { decompose(code, isCompatible, parts); });
    for (auto at = parts.begin(); at != parts.end();) {  // marks stand in the order of their classes
        const auto end = std::find_if(at, parts.end(), [](const Part& part) { return combiningClass(part) == 0; });
        std::stable_sort(at, end, [](const Part& a, const Part& b) { return combiningClass(a) < combiningClass(b); });
        at = end == parts.end() ? end : end + 1;
    }
    // A code point that several became takes the place of the first; one of several that one became, that one's.
    std::vector<std::size_t> out;
    std::vector<Part> own;
    std::size_t next = 0, at = 0;
    each(made, [&](std::size_t, std::size_t, Code code) {
        own.assign(1, {});
        if (form == Form::Nfc || form == Form::Nfkc) own.clear(), decompose(code, false, own);
        std::size_t taken = 0;
        for (std::size_t i = 0; i < own.size() && at < parts.size(); ++i) taken += parts[at++].isMore ? 0 : 1;
        out.push_back(taken > 0 ? next : std::max<std::size_t>(next, 1) - 1);
        next += taken;
    });
    return out;
}

}  // namespace dubito::lm::unicode
