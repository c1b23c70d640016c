// Numbers read and written as Python does, and both of its ways to put values into a string.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "lm/text/jinja_text.h"

namespace dubito::lm::jinja {
namespace {

constexpr int kWidest = 1000;  ///< of a field: a template may not fill the memory

/// Without white space at the ends and underscores between digits; nothing: underscores stand elsewhere.
std::optional<std::string> plainNumber(std::string_view text) {
    const Text bare = stripped(Text(std::string(text), kFromTemplate), true, true, nullptr);
    std::string out;
    const std::string& bytes = bare.bytes();
    const auto isDigit = [&](std::size_t i) {
        return i < bytes.size() && std::isalnum(static_cast<unsigned char>(bytes[i])) != 0;
    };
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] != '_') out += bytes[i];
        else if (i == 0 || !isDigit(i - 1) || !isDigit(i + 1)) return std::nullopt;
    }
    return out;
}

/// How a value is put into its field.
struct Field {
    std::string fill = " ";
    char align = 0;  ///< < > ^ or =
    char sign = 0;   ///< + or space
    bool isOther = false, groups = false;
    int width = 0, precision = -1;
    char kind = 0;
};

std::string grouped(std::string digits) {
    const auto end = std::min(digits.find_first_not_of("0123456789"), digits.size());
    for (auto at = static_cast<std::ptrdiff_t>(end) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

/// Of a number without its sign.
std::string realDigits(double value, const Field& field) {
    const char kind = field.kind == '%' ? 'f' : field.kind;
    if (std::isnan(value) || std::isinf(value)) {
        std::string out = std::isnan(value) ? "nan" : "inf";
        if (kind == 'F' || kind == 'E' || kind == 'G')
            std::transform(out.begin(), out.end(), out.begin(), [](char c) { return static_cast<char>(c - 32); });
        return out;
    }
    if (field.kind == '%') value *= 100;
    const int precision = field.precision < 0 ? 6 : field.precision;
    char buffer[1400];
    const char format[] = {'%', field.isOther ? '#' : '.', field.isOther ? '.' : '*', field.isOther ? '*' : kind,
        field.isOther ? kind : '\0', '\0'};
    const int n = std::snprintf(buffer, sizeof buffer, format, precision, value);
    std::string out(buffer, static_cast<std::size_t>(std::clamp(n, 0, static_cast<int>(sizeof buffer) - 1)));
    if (field.kind == '%') out += '%';
    return out;
}

std::string wholeDigits(const Value& value, char kind) {
    if (value.isHuge()) return value.text.bytes();
    const std::int64_t n = value.integer();
    const std::uint64_t size = n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
    switch (kind) {
        case 'x': return fmt::format("{:x}", size);
        case 'X': return fmt::format("{:X}", size);
        case 'o': return fmt::format("{:o}", size);
        case 'b': return fmt::format("{:b}", size);
        default: return std::to_string(size);
    }
}

Text padded(const Text& text, const std::string& sign, const Field& field, char standardAlign) {
    const std::int64_t missing = field.width - characters(text.bytes()) - static_cast<std::int64_t>(sign.size());
    const Text front(sign, kFromTemplate);
    const auto fill = [&](std::int64_t n) {
        std::string out;
        for (; n > 0; --n) out += field.fill;
        return Text(std::move(out), kFromTemplate);
    };
    const char align = field.align ? field.align : standardAlign;
    Text out;
    const std::int64_t before = align == '>' ? missing : align == '^' ? missing / 2 : 0;
    if (missing > 0 && align != '=') out.append(fill(before));
    out.append(front);
    if (missing > 0 && align == '=') out.append(fill(missing));
    out.append(text);
    if (missing > 0 && align != '=') out.append(fill(missing - before));
    return out;
}

Text formattedNumber(const Value& value, const Field& field) {
    const bool isReal = std::string_view("eEfFgG%").find(field.kind) != std::string_view::npos;
    const bool isNegative = value.is(Kind::Float) ? std::signbit(value.real) && !std::isnan(value.real)
                                                  : value.isWhole() && !value.isHuge() && value.integer() < 0;
    std::string digits = isReal ? realDigits(std::abs(value.number()), field) : wholeDigits(value, field.kind);
    if (field.groups) digits = grouped(std::move(digits));
    std::string sign = isNegative ? "-" : field.sign ? std::string(1, field.sign) : "";
    if (field.isOther && !isReal && std::string_view("xXob").find(field.kind) != std::string_view::npos)
        sign += std::string("0") + field.kind;
    return padded(Text(std::move(digits), kFromTemplate), sign, field, '>');
}

Text cut(const Text& text, int precision) {
    return precision < 0 ? text : text.part(0, offsetOf(text.bytes(), precision));
}

/// Reads a number at `at`; refuses one that is too wide.
int takeNumber(const std::string& text, std::size_t& at, int line) {
    int out = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        out = out * 10 + (text[at++] - '0');
        if (out > kWidest) fail(line, fmt::format("a field is wider than {}", kWidest), Code::Limit);
    }
    return out;
}

// --- format % values -----------------------------------------------------------------------------------------------

Text percentField(const Value& value, const Field& field, int line) {
    switch (field.kind) {
        case 's': return padded(cut(printed(value), field.precision), "", field, '>');
        case 'r':
        case 'a': return padded(cut(represented(value), field.precision), "", field, '>');
        case 'c': {
            if (value.isString() && characters(value.text.bytes()) == 1) return padded(value.text, "", field, '>');
            fail(line, "%c needs one character");
        }
        case 'd':
        case 'i':
        case 'u':
        case 'x':
        case 'X':
        case 'o': {
            if (!value.isNumber()) fail(line, fmt::format("%{} needs a number, not {}", field.kind, kindName(value)));
            if (value.is(Kind::Float) && std::abs(value.real) >= 9.2e18) fail(line, "%d is given too large a number");
            return formattedNumber(value.is(Kind::Float) ? Value::of(value.integer()) : value, field);
        }
        default:
            if (!value.isNumber()) fail(line, fmt::format("%{} needs a number, not {}", field.kind, kindName(value)));
            return formattedNumber(value, field);
    }
}

}  // namespace

Text percentFormatted(const Text& format, const Value& arguments, int line, bool isSafe) {
    const List given = arguments.is(Kind::List) && arguments.isTuple ? *arguments.list : List{arguments};
    const std::string& bytes = format.bytes();
    std::size_t used = 0, at = 0;
    bool byName = false;
    const auto next = [&]() -> const Value& {
        if (used >= given.size()) fail(line, "a format has more fields than values");
        return given[used++];
    };
    Text out;
    while (at < bytes.size()) {
        const auto percent = std::min(bytes.find('%', at), bytes.size());
        out.append(format.part(at, percent - at));
        if (percent == bytes.size()) break;
        at = percent + 1;
        Field field;
        std::optional<Value> named;
        if (at < bytes.size() && bytes[at] == '(') {
            const auto close = bytes.find(')', at);
            const Value* found = close == std::string::npos
                                     ? nullptr
                                     : arguments.find(std::string_view(bytes).substr(at + 1, close - at - 1));
            if (!found) fail(line, "a format names a value that is not given");
            named = *found;
            byName = true;
            at = close + 1;
        }
        for (; at < bytes.size() && std::string_view("-+ #0").find(bytes[at]) != std::string_view::npos; ++at) {
            if (bytes[at] == '-') field.align = '<';
            else if (bytes[at] == '+') field.sign = '+';
            else if (bytes[at] == ' ') field.sign = field.sign ? field.sign : ' ';
            else if (bytes[at] == '#') field.isOther = true;
            else if (!field.align) field.align = '=', field.fill = "0";
        }
        field.width = takeNumber(bytes, at, line);
        if (at < bytes.size() && bytes[at] == '.') field.precision = takeNumber(bytes, ++at, line);
        if (at >= bytes.size()) fail(line, "a format ends inside a field");
        field.kind = bytes[at++];
        if (field.kind == '%') {
            out.append(Text("%", kFromTemplate));
            continue;
        }
        if (std::string_view("srcdiuxXoeEfFgGa").find(field.kind) == std::string_view::npos)
            fail(line, fmt::format("a format has the unknown field %{}", field.kind));
        if (std::string_view("src").find(field.kind) != std::string_view::npos && field.align == '=')
            field.align = 0, field.fill = " ";
        Value value = named ? *named : next();
        if (isSafe && field.kind == 's' && !value.isSafe) value = Value::of(escaped(printed(value)));
        out.append(percentField(value, field, line));
    }
    const bool mayStay = arguments.is(Kind::Dict) || arguments.is(Kind::Undefined) || arguments.isRange() ||
                         (arguments.is(Kind::List) && !arguments.isTuple);
    if (!byName && used < given.size() && !mayStay) fail(line, "a format has fewer fields than values");
    return out;
}

// --- str.format ----------------------------------------------------------------------------------------------------

namespace {

Field fieldOf(const std::string& spec, int line) {
    Field out;
    std::size_t at = 0;
    std::int32_t code = 0;
    const std::size_t first = spec.empty() ? 0 : characterAt(spec, 0, code);
    if (first < spec.size() && first > 0 && std::string_view("<>^=").find(spec[first]) != std::string_view::npos) {
        out.fill = spec.substr(0, first);
        out.align = spec[first];
        at = first + 1;
    } else if (!spec.empty() && std::string_view("<>^=").find(spec[0]) != std::string_view::npos) {
        out.align = spec[at++];
    }
    if (at < spec.size() && (spec[at] == '+' || spec[at] == ' ' || spec[at] == '-')) {
        if (spec[at] != '-') out.sign = spec[at];
        ++at;
    }
    if (at < spec.size() && spec[at] == '#') out.isOther = true, ++at;
    if (at < spec.size() && spec[at] == '0' && !out.align) out.fill = "0", out.align = '=', ++at;
    out.width = takeNumber(spec, at, line);
    if (at < spec.size() && spec[at] == ',') out.groups = true, ++at;
    if (at < spec.size() && spec[at] == '.') out.precision = takeNumber(spec, ++at, line);
    if (at < spec.size()) out.kind = spec[at++];
    if (at != spec.size()) fail(line, "a format specification is not understood: " + spec);
    return out;
}

Text braceField(const Value& value, const std::string& spec, int line) {
    Field field = fieldOf(spec, line);
    if (value.isString()) {
        if (field.kind != 0 && field.kind != 's') fail(line, fmt::format("a string is no number for '{}'", spec));
        return padded(cut(value.text, field.precision), "", field, '<');
    }
    if (!value.isNumber() || (value.is(Kind::Bool) && spec.empty())) {
        if (!spec.empty()) fail(line, fmt::format("'{}' cannot format {}", spec, kindName(value)));
        return printed(value);
    }
    if (field.kind == 'n' || field.kind == 'c') fail(line, "a format specification is not known", Code::Unsupported);
    if (field.kind == 'd' && value.is(Kind::Float)) fail(line, "'d' cannot format a number that is not whole");
    if (field.kind == 0 && value.is(Kind::Float)) {
        if (field.precision < 0) {
            const std::string text = printed(value).bytes();
            const bool isNegative = text[0] == '-';
            std::string digits = text.substr(isNegative);
            if (field.groups) digits = grouped(std::move(digits));
            return padded(Text(std::move(digits), kFromTemplate),
                isNegative   ? "-"
                : field.sign ? std::string(1, field.sign)
                             : "",
                field, '>');
        }
        field.kind = 'g';
    }
    return formattedNumber(value, field);
}

class BraceFormatter {
public:
    BraceFormatter(const Arguments& arguments, int line) : m_arguments(arguments), m_line(line) {}
    Text run(const Text& format) {
        const std::string& bytes = format.bytes();
        Text out;
        for (std::size_t at = 0; at < bytes.size();) {
            const auto brace = std::min(bytes.find_first_of("{}", at), bytes.size());
            out.append(format.part(at, brace - at));
            if (brace == bytes.size()) break;
            if (brace + 1 < bytes.size() && bytes[brace + 1] == bytes[brace]) {
                out.append(format.part(brace, 1));
                at = brace + 2;
                continue;
            }
            const auto close = bytes.find('}', brace);
            if (bytes[brace] == '}' || close == std::string::npos) fail(m_line, "a format has a single brace");
            out.append(field(bytes.substr(brace + 1, close - brace - 1)));
            at = close + 1;
        }
        return out;
    }

private:
    Text field(const std::string& inside) {
        if (inside.find('{') != std::string::npos)
            fail(m_line, "fields inside a format specification are not known", Code::Unsupported);
        const auto colon = std::min(inside.find(':'), inside.size());
        const std::string spec = colon < inside.size() ? inside.substr(colon + 1) : std::string();
        std::string path = inside.substr(0, colon);
        char conversion = 0;
        if (path.size() >= 2 && path[path.size() - 2] == '!') {
            conversion = path.back();
            path.resize(path.size() - 2);
        }
        Value value = lookUp(path);
        if (conversion == 'r') value = Value::of(represented(value));
        else if (conversion == 's') value = Value::of(printed(value));
        else if (conversion) fail(m_line, fmt::format("a format has the unknown conversion !{}", conversion));
        return braceField(value, spec, m_line);
    }
    Value lookUp(const std::string& path) {
        const auto end = std::min(path.find_first_of(".["), path.size());
        const std::string first = path.substr(0, end);
        Value at = root(first);
        for (std::size_t i = end; i < path.size();) {
            if (path[i] == '.') {
                const auto next = std::min(path.find_first_of(".[", i + 1), path.size());
                at = attributeOf(at, path.substr(i + 1, next - i - 1), m_line);
                i = next;
                continue;
            }
            const auto close = path.find(']', i);
            if (path[i] != '[' || close == std::string::npos) fail(m_line, "a format field is not understood: " + path);
            const std::string key = path.substr(i + 1, close - i - 1);
            const auto index = wholeFrom(key, 10);
            at = itemOf(at, index ? *index : Value::word(key), m_line);
            i = close + 1;
        }
        return at;
    }
    Value root(const std::string& name) {
        std::size_t place = m_next;
        if (name.empty()) {
            ++m_next;
        } else if (const auto index = wholeFrom(name, 10); index && name[0] >= '0' && name[0] <= '9') {
            place = static_cast<std::size_t>(index->integer());
        } else {
            for (const auto& [key, value] : m_arguments.named)
                if (key == name) return value;
            fail(m_line, "a format names '" + name + "', which is not given");
        }
        if (place >= m_arguments.positional.size()) fail(m_line, "a format has more fields than values");
        return m_arguments.positional[place];
    }

    const Arguments& m_arguments;
    const int m_line;
    std::size_t m_next = 0;
};

}  // namespace

Text braceFormatted(const Text& format, const Arguments& arguments, int line) {
    return BraceFormatter(arguments, line).run(format);
}

// --- Reading numbers -----------------------------------------------------------------------------------------------

std::optional<Value> wholeFrom(std::string_view text, int base) {
    const auto plain = plainNumber(text);
    if (!plain || plain->empty()) return std::nullopt;
    std::string_view digits = *plain;
    const bool isNegative = digits[0] == '-';
    if (digits[0] == '-' || digits[0] == '+') digits.remove_prefix(1);
    const auto prefix = digits.size() > 2 && digits[0] == '0' ? static_cast<char>(digits[1] | 0x20) : ' ';
    const int prefixed = prefix == 'x' ? 16 : prefix == 'o' ? 8 : prefix == 'b' ? 2 : 0;
    if (prefixed && (base == prefixed || base == 0)) digits.remove_prefix(2), base = prefixed;
    if (base == 0) base = 10;
    if (base < 2 || base > 36) return std::nullopt;
    std::uint64_t size = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), size, base);
    if (read.ptr != digits.data() + digits.size() || digits.empty()) return std::nullopt;
    const bool fits = read.ec == std::errc() && size <= static_cast<std::uint64_t>(INT64_MAX);
    if (fits) return Value::of(isNegative ? -static_cast<std::int64_t>(size) : static_cast<std::int64_t>(size));
    if (base != 10) return std::nullopt;
    Value out = Value::of(std::int64_t{0});
    const auto first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
    out.text = Text((isNegative ? "-" : "") + std::string(digits.substr(first)), kFromTemplate);
    return out;
}

std::optional<double> realFrom(std::string_view text) {
    const auto plain = plainNumber(text);
    if (!plain || plain->empty()) return std::nullopt;
    // strtod also takes what Python does not: 0x1p3, nan(1).
    std::string low = *plain;
    std::transform(
        low.begin(), low.end(), low.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::string bare = low.substr(low[0] == '-' || low[0] == '+');
    const bool isWord = bare == "nan" || bare == "inf" || bare == "infinity";
    if (!isWord && bare.find_first_not_of("0123456789.e+-") != std::string::npos) return std::nullopt;
    char* end = nullptr;
    const double out = std::strtod(low.c_str(), &end);
    return *end == 0 ? std::optional(out) : std::nullopt;
}

}  // namespace dubito::lm::jinja
