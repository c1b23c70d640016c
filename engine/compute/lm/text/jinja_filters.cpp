// Filters of strings, numbers and single values; the tests.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "lm/text/jinja_call.h"

namespace dubito::lm::jinja {
namespace {

Value textOf(Text text) { return Value::of(std::move(text)); }

Value asText(const Call& call) { return textOf(printed(call.value)); }
Value asSafe(const Call& call) {
    Value out = textOf(printed(call.value));
    out.isSafe = true;
    return out;
}

Value escape(const Call& call) {
    Value out = textOf(call.value.isSafe ? call.value.text : escaped(printed(call.value)));
    out.isSafe = true;
    return out;
}

Value toJson(const Call& call) {
    JsonStyle style;
    style.ascii = call.flag(0, "ensure_ascii", false);
    const Value *indent = call.argument(1, "indent"), *separators = call.argument(2, "separators");
    style.sorted = call.flag(3, "sort_keys", false);
    if (indent && indent->isString()) style.indent = indent->text.bytes();
    else if (indent && !indent->is(Kind::None)) {
        constexpr std::int64_t kWidest = 64;
        const auto n = std::clamp<std::int64_t>(needWhole(indent, 0, call.line, "tojson"), 0, kWidest);
        style.indent = std::string(static_cast<std::size_t>(n), ' ');
    }
    if (style.indent) style.itemSeparator = ",";
    if (separators && !separators->is(Kind::None)) {
        const List two = itemsOf(*separators, call.line, "tojson");
        if (two.size() != 2) fail(call.line, "tojson needs two separators");
        style.itemSeparator = needText(&two[0], call.line, "tojson").bytes();
        style.keySeparator = needText(&two[1], call.line, "tojson").bytes();
    }
    return textOf(asJson(call.value, style, call.line));
}

Value orDefault(const Call& call) {
    const Value* other = call.argument(0, "default_value");
    const bool isMissing = call.value.is(Kind::Undefined) || (call.flag(1, "boolean", false) && !call.value.isTrue());
    if (!isMissing) return call.value;
    return other ? *other : textOf(Text());
}

Value trim(const Call& call) {
    const Value* set = call.argument(0, "chars");
    return textOf(stripped(printed(call.value), true, true, set && set->isString() ? &set->text.bytes() : nullptr));
}

Value upper(const Call& call) { return textOf(inCase(printed(call.value), Letters::Upper)); }
Value lower(const Call& call) { return textOf(inCase(printed(call.value), Letters::Lower)); }
Value capitalize(const Call& call) { return textOf(inCase(printed(call.value), Letters::Capital)); }

/// A word begins behind - ( { [ < and white space, and nowhere else.
Value title(const Call& call) {
    const Text text = printed(call.value);
    Text out;
    std::size_t begin = 0, at = 0;
    const auto put = [&](std::size_t end) {
        const Text word = text.part(begin, end - begin);
        const std::size_t first = offsetOf(word.bytes(), 1);
        out.append(inCase(word.part(0, first), Letters::Upper));
        out.append(inCase(word.part(first, word.size() - first), Letters::Lower));
        begin = end;
    };
    forEachCharacter(text.bytes(), [&](std::string_view bytes, std::int32_t code) {
        const bool cuts =
            code == '-' || code == '(' || code == '{' || code == '[' || code == '<' || (code >= 0 && isSpace(code));
        if (cuts) {
            put(at);
            out.append(text.part(at, bytes.size()));
            begin = at + bytes.size();
        }
        at += bytes.size();
    });
    put(text.size());
    return textOf(std::move(out));
}

Value replace(const Call& call) {
    const Text from = printed(call.argument(0, "old") ? *call.argument(0, "old") : Value());
    const Value* to = call.argument(1, "new");
    if (!to) fail(call.line, "replace needs what is put in");
    return textOf(replaced(printed(call.value), from.bytes(), printed(*to), call.whole(2, "count", -1)));
}

Value center(const Call& call) {
    constexpr std::int64_t kWidest = 10'000;
    const Text text = printed(call.value);
    const std::int64_t width = std::min(call.whole(0, "width", 80), kWidest), n = characters(text.bytes());
    if (width <= n) return textOf(text);
    const std::int64_t missing = width - n, left = missing / 2 + (missing & width & 1);
    Text out(std::string(static_cast<std::size_t>(left), ' '), kFromTemplate);
    out.append(text);
    out.append(Text(std::string(static_cast<std::size_t>(missing - left), ' '), kFromTemplate));
    return textOf(std::move(out));
}

Value indent(const Call& call) {
    const Value* width = call.argument(0, "width");
    constexpr std::int64_t kWidest = 1'000;
    const std::int64_t n =
        width && width->isString() ? 0 : std::clamp<std::int64_t>(call.whole(0, "width", 4), 0, kWidest);
    const Text space =
        width && width->isString() ? width->text : Text(std::string(static_cast<std::size_t>(n), ' '), kFromTemplate);
    const bool first = call.flag(1, "first", false), blank = call.flag(2, "blank", false);
    const Text newline("\n", kFromTemplate);
    Text all = needText(&call.value, call.line, "indent");
    all.append(newline);
    Text out;
    bool isFirst = true;
    for (const Text& line : linesOf(all)) {
        if (!isFirst) out.append(newline);
        if (isFirst ? first : blank || !line.empty()) out.append(space);
        out.append(line);
        isFirst = false;
    }
    return textOf(std::move(out));
}

Value truncate(const Call& call) {
    constexpr std::int64_t kFar = 1ll << 40;  // beyond any text, and sums stay whole numbers
    const std::int64_t length = std::clamp(call.whole(0, "length", 255), -kFar, kFar),
                       leeway = std::clamp(call.whole(3, "leeway", 5), -kFar, kFar);
    const Value* given = call.argument(2, "end");
    const Text end = given ? printed(*given) : Text("...", kFromTemplate);
    if (call.value.is(Kind::Iterator)) fail(call.line, "truncate needs a string, not an iterator");
    if (!call.value.isString() && static_cast<std::int64_t>(call.items().size()) <= length + leeway) return call.value;
    const Text text = needText(&call.value, call.line, "truncate");
    if (characters(text.bytes()) <= length + leeway) return textOf(text);
    const std::int64_t kept = length - characters(end.bytes());
    if (kept < 0) fail(call.line, "truncate is given a length shorter than its end");
    Text out = text.part(0, offsetOf(text.bytes(), kept));
    if (!call.flag(1, "killwords", false))
        if (const auto space = out.bytes().rfind(' '); space != std::string::npos) out = out.part(0, space);
    out.append(end);
    return textOf(std::move(out));
}

Value wordCount(const Call& call) {
    std::int64_t n = 0;
    bool inWord = false;
    forEachCharacter(printed(call.value).bytes(), [&](std::string_view, std::int32_t code) {
        const auto category = code < 0 ? UTF8PROC_CATEGORY_CN : utf8proc_category(code);
        const bool isWord = code == '_' || (code >= 0 && isLetter(code)) || category == UTF8PROC_CATEGORY_ND ||
                            category == UTF8PROC_CATEGORY_NL || category == UTF8PROC_CATEGORY_NO;
        n += isWord && !inWord;
        inWord = isWord;
    });
    return Value::of(n);
}

Value format(const Call& call) {
    if (!call.arguments.named.empty() && !call.arguments.positional.empty())
        fail(call.line, "format takes values by place or by name, not both");
    Dict named;
    for (const auto& [name, value] : call.arguments.named) named.emplace_back(Value::word(name), value);
    const Value given = named.empty() ? Value::tuple(call.arguments.positional) : Value::of(std::move(named));
    return textOf(percentFormatted(printed(call.value), given, call.line, call.value.isSafe));
}

Value attribute(const Call& call) {
    const Value* name = call.argument(0, "name");
    const std::string& wanted = needText(name, call.line, "attr").bytes();
    if (call.value.is(Kind::Dict) && !call.value.isObject) {
        const auto method = methodOf(call.value, wanted, call.line);
        return method ? *method : Value();
    }
    return attributeOf(call.value, wanted, call.line);
}

Value length(const Call& call) {
    if (call.value.isString()) return Value::of(characters(call.value.text.bytes()));
    if (call.value.is(Kind::Iterator)) fail(call.line, call.name + " is asked of an iterator: |list is missing");
    return Value::of(static_cast<std::int64_t>(call.items().size()));
}

// --- Numbers -------------------------------------------------------------------------------------------------------

std::optional<Value> wholeOf(double value) {
    if (std::isnan(value) || std::isinf(value)) return std::nullopt;
    constexpr double kFar = 9.2e18;
    if (std::abs(value) < kFar) return Value::of(static_cast<std::int64_t>(value));
    Value out = Value::of(std::int64_t{0});
    out.text = Text(fmt::format("{:.0f}", value), kFromTemplate);
    return out;
}

void needDefined(const Call& call) {
    if (call.value.is(Kind::Undefined)) fail(call.line, call.name + " is asked of an undefined value");
}

Value asInteger(const Call& call) {
    needDefined(call);
    const Value* given = call.argument(0, "default");
    const Value other = given ? *given : Value::of(std::int64_t{0});
    if (call.value.isWhole()) return call.value.is(Kind::Bool) ? Value::of(call.value.integer()) : call.value;
    if (call.value.is(Kind::Float)) return wholeOf(call.value.real).value_or(other);
    if (!call.value.isString()) return other;
    const std::string& bytes = call.value.text.bytes();
    if (auto whole = wholeFrom(bytes, static_cast<int>(std::clamp<std::int64_t>(call.whole(1, "base", 10), 0, 99))))
        return *whole;
    const auto real = realFrom(bytes);
    return real ? wholeOf(*real).value_or(other) : other;
}

Value asFloat(const Call& call) {
    needDefined(call);
    const Value* other = call.argument(0, "default");
    if (call.value.isNumber()) return Value::of(call.value.number());
    const auto real = call.value.isString() ? realFrom(call.value.text.bytes()) : std::nullopt;
    return real ? Value::of(*real) : other ? *other : Value::of(0.0);
}

Value absolute(const Call& call) {
    if (!call.value.isNumber()) fail(call.line, "abs needs a number");
    if (call.value.is(Kind::Float)) return Value::of(std::abs(call.value.real));
    if (call.value.isHuge()) {
        Value out = call.value;
        if (out.text.bytes()[0] == '-') out.text = out.text.part(1, out.text.size());
        return out;
    }
    if (call.value.integer() == INT64_MIN) fail(call.line, "a number grows too large");
    return Value::of(std::abs(call.value.integer()));
}

/// Halves go to the even neighbour, judged by the number as it is stored.
double roundedTo(double value, int digits) {
    if (!std::isfinite(value) || digits > 308) return value;
    if (digits < 0) {
        const double unit = std::pow(10.0, -digits), scaled = value / unit;
        return std::isfinite(unit) ? std::nearbyint(scaled) * unit : std::copysign(0.0, value);
    }
    char buffer[700];
    std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
    return std::strtod(buffer, nullptr);
}

Value round(const Call& call) {
    if (!call.value.isNumber()) fail(call.line, fmt::format("round needs a number, not {}", kindName(call.value)));
    const int digits = static_cast<int>(std::clamp<std::int64_t>(call.whole(0, "precision", 0), -400, 400));
    const Value* given = call.argument(1, "method");
    const std::string method = given ? needText(given, call.line, "round").bytes() : "common";
    if (method == "common") {
        if (!call.value.isWhole()) return Value::of(roundedTo(call.value.real, digits));
        if (call.value.isHuge()) return call.value;
        if (digits >= 0) return Value::of(call.value.integer());
        return *wholeOf(roundedTo(call.value.number(), digits));
    }
    if (method != "ceil" && method != "floor") fail(call.line, "round knows the methods common, ceil and floor");
    const double unit = std::pow(10.0, digits), scaled = call.value.number() * unit;
    if (!std::isfinite(scaled)) fail(call.line, "round cannot make a whole number of this");
    const double whole = (method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) + 0.0;  // no zero with a sign
    return Value::of(whole / unit);
}

}  // namespace

const Filters kTextFilters = {
    {"abs", absolute},
    {"attr", attribute},
    {"capitalize", capitalize},
    {"center", center},
    {"count", length},
    {"d", orDefault},
    {"default", orDefault},
    {"e", escape},
    {"escape", escape},
    {"float", asFloat},
    {"forceescape", [](const Call& call) { return textOf(escaped(printed(call.value))); }},
    {"format", format},
    {"indent", indent},
    {"int", asInteger},
    {"length", length},
    {"lower", lower},
    {"replace", replace},
    {"round", round},
    {"safe", asSafe},
    {"string", asText},
    {"title", title},
    {"tojson", toJson},
    {"trim", trim},
    {"truncate", truncate},
    {"upper", upper},
    {"wordcount", wordCount},
};

/// Filters whose result is Markup where the value is.
static bool keepsSafe(std::string_view name) {
    constexpr std::string_view kNames[] = {
        "capitalize", "center", "format", "indent", "last", "lower", "reverse", "string", "trim", "truncate", "upper"};
    return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

Value applyFilter(const std::string& name, const Value& value, const Arguments& arguments, int line) {
    for (const Filters* filters : {&kTextFilters, &kListFilters})
        if (const auto found = filters->find(name); found != filters->end()) {
            Value out = found->second({name, value, arguments, line});
            if (value.isSafe && out.isString() && keepsSafe(name)) out.isSafe = true;
            return out;
        }
    fail(line, "the filter '" + name + "' is not known", Code::Unsupported);
}

}  // namespace dubito::lm::jinja
