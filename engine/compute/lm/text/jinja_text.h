// What filters, tests and methods share: refusing, arguments by place or name, strings that remember their writers.
// Strings are cut and counted by character, as Python does; bytes that are no UTF-8 count as one each.
#pragma once

#include <utf8proc.h>

#include "lm/text/jinja_value.h"

namespace dubito::lm::jinja {

using Kind = Value::Kind;

[[noreturn]] inline void fail(int line, std::string what, Code code = Code::InvalidArgument) {
    throw Failure{code, std::move(what), line};
}

/// By name, else by place; null: not given.
const Value* argument(const Arguments& arguments, std::size_t place, std::string_view name);
/// The list; for a string its characters, for a mapping its keys, for an undefined value nothing. Fails for the rest.
List itemsOf(const Value& value, int line, std::string_view what);
const Text& needText(const Value* value, int line, std::string_view what);
/// A whole number of 64 bits; `standard` where nothing or none is given.
std::int64_t needWhole(const Value* value, std::int64_t standard, int line, std::string_view what);

/// Length of the character at `at`, 1 for a byte that is no UTF-8; its code point, or -1.
std::size_t characterAt(std::string_view bytes, std::size_t at, std::int32_t& code);
/// visit(bytes of the character, code point or -1)
template <class Visit>
void forEachCharacter(std::string_view bytes, Visit visit) {
    std::int32_t code = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t n = characterAt(bytes, at, code);
        visit(bytes.substr(at, n), code);
        at += n;
    }
}
std::int64_t characters(std::string_view bytes);  ///< how many
/// Byte offset of character `index`; the size when there are fewer.
std::size_t offsetOf(std::string_view bytes, std::int64_t index);
Text reversed(const Text& text);

bool isSpace(std::int32_t code);      ///< Python's str.isspace of one character
bool isPrintable(std::int32_t code);  ///< Python's str.isprintable
bool isLetter(std::int32_t code);     ///< str.isalpha
bool isUpper(std::int32_t code);
bool isLower(std::int32_t code);

/// & < > ' " as entities of HTML.
Text escaped(Text text);
/// One behind the other; a safe one makes the other escaped, as Markup does.
Value joined(const Value& a, const Value& b);
/// Without white space, or without the characters of `set`, at the named ends.
Text stripped(const Text& text, bool left, bool right, const std::string* set);
/// @param most replacements; negative: all
Text replaced(const Text& text, const std::string& from, const Text& to, std::int64_t most = -1);
/// @param separator null or none: runs of white space  @param most cuts; negative: all
List split(const Text& text, const Value* separator, std::int64_t most, bool fromRight, int line);
/// Lines without what ends them: \n, \r, \r\n, \v, \f, U+001C..1E, U+0085, U+2028, U+2029.
std::vector<Text> linesOf(const Text& text, bool keepEnds = false);

enum class Letters { Upper, Lower, Title, Swap, Capital, Fold };
/// Letters of the text in another case; a title's word begins after what is no letter.
Text inCase(const Text& text, Letters letters);

/// `format % arguments` as Python's: %s %r %d %i %f %e %g %x %o %c %%, flags, width, precision, names in brackets.
/// @param isSafe what is put in is escaped
Text percentFormatted(const Text& format, const Value& arguments, int line, bool isSafe = false);
/// str.format: {}, {0}, {name}, {0.name}, {name[key]}, conversions !s !r, and the format specification.
Text braceFormatted(const Text& format, const Arguments& arguments, int line);
/// Python's int("..") in a base of 2 to 36. Nothing: it is no number; huge ones keep their digits.
std::optional<Value> wholeFrom(std::string_view text, int base);
std::optional<double> realFrom(std::string_view text);  ///< Python's float("..")

/// Fails for what Python cannot hash: a list, a mapping, a tuple of them.
void needHash(const Value& value, int line);
/// "a.b.0" of an item; undefined when it is not there. @param standard stands in for each part that is not there
Value pathOf(const Value& item, const std::string& path, int line, const Value* standard = nullptr);

}  // namespace dubito::lm::jinja
