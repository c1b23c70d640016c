// Operators as Python's; whole numbers stay within 64 bits and say so when they do not.
#include "lm/text/jinja_arithmetic.h"

#include <fmt/format.h>
#include <locale.h>
#include <time.h>

#include <cmath>
#include <cstdio>

#include "lm/text/jinja_text.h"

namespace dubito::lm::jinja {
namespace {

constexpr std::size_t kMostItems = 100'000;

Value repeated(const Value& what, const Value& number, ArithmeticLimits limits) {
    if (number.isHuge()) fail(limits.line, "a number has more than 64 bits", Code::Unsupported);
    const std::int64_t times = std::max<std::int64_t>(number.integer(), 0);
    const std::size_t size = what.isString() ? what.text.size() : what.list->size();
    const std::size_t most = what.isString() ? limits.bytes : kMostItems;
    if (size && static_cast<std::uint64_t>(times) > most / size)
        fail(limits.line, what.isString() ? "a string grows too long" : "a list grows beyond 100,000 items",
            Code::Limit);
    if (what.isString()) {
        Text out;
        for (std::int64_t i = 0; i < times && size; ++i) out.append(what.text);
        Value all = Value::of(std::move(out));
        all.isSafe = what.isSafe;
        return all;
    }
    List out;
    for (std::int64_t i = 0; i < times && size; ++i) out.insert(out.end(), what.list->begin(), what.list->end());
    return what.isTuple ? Value::tuple(std::move(out)) : Value::of(std::move(out));
}

/// Nothing: numbers are meant.
std::optional<Value> ofSequences(const std::string& op, const Value& a, const Value& b, ArithmeticLimits limits) {
    const auto isSequence = [](const Value& value) { return value.isString() || value.is(Kind::List); };
    if (op == "%" && a.isString()) {
        Value out = Value::of(percentFormatted(a.text, b, limits.line, a.isSafe));
        out.isSafe = a.isSafe;
        return out;
    }
    if (op == "+" && a.isString() && b.isString()) {
        Value out = joined(a, b);
        if (out.text.size() > limits.bytes) fail(limits.line, "a string grows too long", Code::Limit);
        return out;
    }
    if (op == "+" && a.is(Kind::List) && b.is(Kind::List) && a.isTuple == b.isTuple) {
        List out = *a.list;
        out.insert(out.end(), b.list->begin(), b.list->end());
        if (out.size() > kMostItems) fail(limits.line, "a list grows beyond 100,000 items", Code::Limit);
        return a.isTuple ? Value::tuple(std::move(out)) : Value::of(std::move(out));
    }
    if (op == "*" && isSequence(a) && b.isWhole()) return repeated(a, b, limits);
    if (op == "*" && isSequence(b) && a.isWhole()) return repeated(b, a, limits);
    return std::nullopt;
}

double ofReals(const std::string& op, double x, double y) {
    if (op == "+") return x + y;
    if (op == "-") return x - y;
    if (op == "*") return x * y;
    const double rest = std::fmod(x, y);
    const bool isOther = rest != 0 && (rest < 0) != (y < 0);
    if (op == "%") return isOther ? rest + y : rest == 0 ? std::copysign(0.0, y) : rest;
    const double quotient = (x - rest) / y - (isOther ? 1 : 0), down = std::floor(quotient);
    if (quotient == 0) return std::copysign(0.0, x / y);
    return quotient - down > 0.5 ? down + 1 : down;
}

Value power(double x, double y, int line) {
    if (x == 0 && y < 0) fail(line, "a division by zero");
    if (x < 0 && std::isfinite(x) && std::isfinite(y) && y != std::floor(y))
        fail(line, "a number would be complex", Code::Unsupported);
    const double out = std::pow(x, y);
    if (std::isinf(out) && std::isfinite(x) && std::isfinite(y)) fail(line, "a number grows too large");
    return Value::of(out);
}

/// Nothing: it has more than 64 bits.
std::optional<std::int64_t> ofWholes(const std::string& op, std::int64_t x, std::int64_t y) {
    std::int64_t out = 0;
    bool overflows = false;
    if (op == "+") overflows = __builtin_add_overflow(x, y, &out);
    else if (op == "-") overflows = __builtin_sub_overflow(x, y, &out);
    else if (op == "*") overflows = __builtin_mul_overflow(x, y, &out);
    else if (op == "**") {
        out = 1;
        const bool isFlat = x == 0 || x == 1 || x == -1;
        if (isFlat) return x == -1 && y % 2 == 0 ? 1 : y == 0 ? 1 : x;
        for (std::int64_t i = 0; i < y && !overflows; ++i) overflows = __builtin_mul_overflow(out, x, &out);
    } else if (y == -1) {
        overflows = op == "//" && __builtin_sub_overflow(std::int64_t{0}, x, &out);
    } else {
        const std::int64_t quotient = x / y - ((x % y != 0) && ((x < 0) != (y < 0)));
        out = op == "//" ? quotient : x - quotient * y;
    }
    return overflows ? std::nullopt : std::optional(out);
}

}  // namespace

Value arithmetic(const std::string& op, const Value& a, const Value& b, ArithmeticLimits limits) {
    if (auto out = ofSequences(op, a, b, limits)) return std::move(*out);
    if (!a.isNumber() || !b.isNumber())
        fail(limits.line, fmt::format("'{}' cannot join {} and {}", op, kindName(a), kindName(b)));
    if ((op == "/" || op == "//" || op == "%") && b.number() == 0) fail(limits.line, "a division by zero");
    if (op == "/") return Value::of(a.number() / b.number());
    const bool isPower = op == "**";
    if (isPower && b.isWhole() && !b.isHuge() && b.integer() == 0 && a.isWhole()) return Value::of(std::int64_t{1});
    const bool isReal = !a.isWhole() || !b.isWhole() || (isPower && !b.isHuge() && b.integer() < 0);
    if (isReal && isPower) return power(a.number(), b.number(), limits.line);
    if (isReal) return Value::of(ofReals(op, a.number(), b.number()));
    if (a.isHuge() || b.isHuge()) fail(limits.line, "a number has more than 64 bits", Code::Unsupported);
    const auto out = ofWholes(op, a.integer(), b.integer());
    if (!out) fail(limits.line, "a number grows too large");
    return Value::of(*out);
}

Value signedBy(const std::string& sign, const Value& value, int line) {
    if (!value.isNumber()) fail(line, fmt::format("'{}' needs a number, not {}", sign, kindName(value)));
    if (sign == "+") return value.is(Kind::Bool) ? Value::of(value.integer()) : value;
    if (value.is(Kind::Float)) return Value::of(-value.real);
    if (!value.isHuge() && value.integer() != INT64_MIN) return Value::of(-value.integer());
    Value out = value;
    const std::string digits = printed(value).bytes();
    out.whole = 0;
    out.text = Text(digits[0] == '-' ? digits.substr(1) : "-" + digits, kFromTemplate);
    return out;
}

std::optional<std::string> formattedTime(const std::string& now, const std::string& format) {
    struct tm when {};
    if (std::sscanf(now.c_str(), "%4d-%2d-%2d %2d:%2d:%2d", &when.tm_year, &when.tm_mon, &when.tm_mday, &when.tm_hour,
            &when.tm_min, &when.tm_sec) < 3)
        return std::nullopt;
    when.tm_year -= 1900;
    when.tm_mon -= 1;
    struct tm counted = when;
    if (timegm(&counted) == -1 && when.tm_year != 69) return std::nullopt;
    when.tm_wday = counted.tm_wday;
    when.tm_yday = counted.tm_yday;
    std::string asked;  // what the C library does not know, or knows of another clock
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%' || i + 1 >= format.size()) {
            asked += format[i];
            continue;
        }
        const char kind = format[++i];
        if (kind == 'f') asked += "000000";
        else if (kind != 'z' && kind != 'Z') (asked += '%') += kind;
    }
    if (asked.empty()) return std::string();
    constexpr std::size_t kLongest = 4096;
    if (asked.size() > kLongest) return std::nullopt;
    static const locale_t kC = newlocale(LC_ALL_MASK, "C", nullptr);
    std::string out(kLongest * 4, '\0');
    asked += '|';  // an empty result is told from one that does not fit
    const std::size_t n = strftime_l(out.data(), out.size(), asked.c_str(), &when, kC);
    if (n == 0) return std::nullopt;
    out.resize(n - 1);
    return out;
}

}  // namespace dubito::lm::jinja
