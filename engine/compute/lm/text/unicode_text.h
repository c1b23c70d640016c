// Properties of code points and normal forms, as the references of the tokenizers see them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dubito::lm::unicode {

using Code = std::int32_t;

/// The code point at the front and its length in bytes; 0: no valid UTF-8.
std::size_t take(std::string_view text, Code& code);
void append(std::string& out, Code code);
/// Every code point of valid UTF-8 with the byte behind it.
template <class Each>
void each(std::string_view text, Each&& use) {
    Code code = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t n = take(text.substr(at), code);
        if (n == 0) return;
        use(at, at + n, code);
        at += n;
    }
}

bool isSpace(Code code);        ///< White_Space
bool isNumber(Code code);       ///< N*
bool isPunctuation(Code code);  ///< P*, and what ASCII counts to it
bool isMark(Code code);         ///< M*
bool isNonspacing(Code code);   ///< Mn
bool isOther(Code code);        ///< Cc, Cf, Co
bool isWord(Code code);         ///< letters, marks, decimal digits, connectors, joiners
/// Lower case without regard to what stands around.
void appendLower(std::string& out, Code code);

enum class Form { Nfc, Nfd, Nfkc, Nfkd };
/// Text that holds valid UTF-8 in a normal form.
std::string normalForm(std::string_view text, Form form);
/// For each code point of the normal form `made` of a text, which code point of the text it begins with.
std::vector<std::size_t> normalOrigins(std::string_view text, std::string_view made, Form form);

}  // namespace dubito::lm::unicode
