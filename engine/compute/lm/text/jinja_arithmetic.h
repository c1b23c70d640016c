// What operators do, and the clock as text; private to the interpreter.
#pragma once

#include "lm/text/jinja_value.h"

namespace dubito::lm::jinja {

struct ArithmeticLimits {
    std::size_t bytes;  ///< of a string
    int line;
};
/// + - * / // % ** of numbers, strings and lists. @throws Failure
Value arithmetic(const std::string& op, const Value& a, const Value& b, ArithmeticLimits limits);
/// -x and +x. @throws Failure
Value signedBy(const std::string& sign, const Value& value, int line);
/// `now` ("YYYY-MM-DD hh:mm:ss") by the C library's conversions, in the C locale. Nothing: `now` is no such time, or
/// the text is too long.
std::optional<std::string> formattedTime(const std::string& now, const std::string& format);

}  // namespace dubito::lm::jinja
