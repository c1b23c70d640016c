// Source of the steps: the BERT release (clean, CJK spacing, accents, case, punctuation).
#include "lm/text/word_piece.h"

#include <utf8proc.h>

#include <algorithm>
#include <string>

namespace dubito::lm {
namespace {

constexpr std::string_view kWordStart = "\xE2\x96\x81";  // U+2581

bool isCjk(utf8proc_int32_t c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
           (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}
bool isPunctuation(utf8proc_int32_t c) {
    if ((c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126)) return true;
    const auto category = utf8proc_category(c);
    return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}
/// White space of the references: Zs, Zl and Zp besides tab and line ends.
bool isSpace(utf8proc_int32_t c) {
    const auto category = utf8proc_category(c);
    return c == '\t' || c == '\n' || c == '\r' || category == UTF8PROC_CATEGORY_ZS ||
           category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}
bool isDropped(utf8proc_int32_t c) {
    if (c == 0 || c == 0xFFFD) return true;
    const auto category = utf8proc_category(c);
    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_CO;
}

}  // namespace

WordPiece::WordPiece(const std::vector<std::string>& tokens, const std::vector<std::int32_t>& types, TokenId unknown)
    : m_unknown(unknown) {
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (types[i] == 1) m_ids.add(tokens[i], static_cast<TokenId>(i));
}

void WordPiece::encodeWord(std::string_view word, std::size_t characters, std::vector<TokenId>& out) const {
    if (characters > 100) return out.push_back(m_unknown);
    const std::size_t before = out.size();
    std::string spelled(kWordStart);
    spelled += word;
    for (std::size_t at = 0; at < spelled.size();) {
        std::size_t end = spelled.size();
        std::optional<TokenId> found;
        const std::size_t least = at == 0 ? kWordStart.size() : at;
        for (; end > least; --end) {
            if (end < spelled.size() && (static_cast<unsigned char>(spelled[end]) & 0xC0) == 0x80)
                continue;  // inside a character
            // Inside a word the mark is a character like any other, and no token goes on with it.
            const std::string_view part = std::string_view(spelled).substr(at, end - at);
            if (at > 0 && part.starts_with(kWordStart)) continue;
            if ((found = m_ids.find(part))) break;
        }
        if (!found) {
            out.resize(before);
            return out.push_back(m_unknown);
        }
        out.push_back(*found);
        at = end;
    }
}

void WordPiece::encode(std::string_view text, std::vector<TokenId>& out) const {
    std::string word;
    std::size_t characters = 0;
    const auto flush = [&] {
        if (characters) encodeWord(word, characters, out);
        word.clear();
        characters = 0;
    };
    const auto take = [&](utf8proc_int32_t c) {
        utf8proc_uint8_t bytes[4];
        word.append(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(utf8proc_encode_char(c, bytes)));
        ++characters;
    };
    for (std::size_t at = 0; at < text.size();) {
        utf8proc_int32_t code = 0;
        const auto n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
            static_cast<utf8proc_ssize_t>(text.size() - at), &code);
        if (n <= 0) {  // no text: dropped like U+FFFD
            ++at;
            continue;
        }
        at += static_cast<std::size_t>(n);
        if (isSpace(code)) {
            flush();
            continue;
        }
        if (isDropped(code)) continue;
        if (isCjk(code)) {
            flush();
            take(code);
            flush();
            continue;
        }
        utf8proc_int32_t parts[32];
        int boundary = 0;
        const auto count = utf8proc_decompose_char(code, parts, 32, UTF8PROC_DECOMPOSE, &boundary);
        for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(count, 32); ++i) {
            if (utf8proc_category(parts[i]) == UTF8PROC_CATEGORY_MN) continue;
            const utf8proc_int32_t lower = utf8proc_tolower(parts[i]);
            if (isPunctuation(lower)) {
                flush();
                take(lower);
                flush();
            } else {
                take(lower);
            }
        }
    }
    flush();
}

}  // namespace dubito::lm
