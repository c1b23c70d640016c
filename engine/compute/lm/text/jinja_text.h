// What filters, tests and methods share: refusing, arguments by place or name, strings that remember their writers.
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
/// Without white space, or without the bytes in `characters`, at the named ends.
Text stripped(const Text& text, bool left, bool right, const std::string* characters);
/// @param most replacements; negative: all
Text replaced(const Text& text, const std::string& from, const Text& to, std::int64_t most = -1);
/// @param separator null or none: runs of white space  @param most cuts; negative: all
List split(const Text& text, const Value* separator, std::int64_t most, bool fromRight);
/// Characters of UTF-8 text.
std::int64_t characters(const std::string& text);
/// The list, empty for an undefined value. Fails for anything else.
const List& needList(const Value& value, int line, std::string_view what);
const Text& needText(const Value* value, int line, std::string_view what);
/// "a.b" of an item; undefined when it is not there.
Value pathOf(const Value& item, const std::string& path);

/// Every character through `map` (code point to code point); bytes that are no UTF-8 stay as they are.
template <class Map>
Text mapped(const Text& text, Map map) {
    Text out;
    std::size_t begin = 0;
    for (const auto& run : text.runs()) {
        std::string bytes;
        for (std::size_t at = begin; at < run.end;) {
            utf8proc_int32_t code = 0;
            const auto n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.bytes().data()) + at,
                static_cast<utf8proc_ssize_t>(run.end - at), &code);
            if (n <= 0) {
                bytes += text.bytes()[at++];
                continue;
            }
            utf8proc_uint8_t buffer[4];
            bytes.append(
                reinterpret_cast<char*>(buffer), static_cast<std::size_t>(utf8proc_encode_char(map(code), buffer)));
            at += static_cast<std::size_t>(n);
        }
        out.append(Text(std::move(bytes), run.source));
        begin = run.end;
    }
    return out;
}

}  // namespace dubito::lm::jinja
