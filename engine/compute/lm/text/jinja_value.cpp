// Values: truth, equality, order, and how they are printed.
#include "lm/text/jinja_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "lm/text/jinja_text.h"

namespace dubito::lm::jinja {
namespace {

constexpr std::size_t kLongest = 4u << 20;  ///< bytes of one written value; lists may hold each other many times

Text templateText(std::string bytes) { return Text(std::move(bytes), kFromTemplate); }

std::string floatText(double value) {
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    if (std::isnan(value)) return "nan";
    std::string out = fmt::format("{}", value);
    if (out.find_first_of(".en") == std::string::npos) out += ".0";
    return out;
}

std::string wholeText(const Value& value) { return value.isHuge() ? value.text.bytes() : std::to_string(value.whole); }

/// Python's repr of a string: what is not printable is escaped.
std::string quoted(const std::string& text) {
    const char quote = text.find('\'') != std::string::npos && text.find('"') == std::string::npos ? '"' : '\'';
    std::string out(1, quote);
    forEachCharacter(text, [&](std::string_view bytes, std::int32_t code) {
        if (code == quote || code == '\\') (out += '\\') += static_cast<char>(code);
        else if (code == '\n') out += "\\n";
        else if (code == '\t') out += "\\t";
        else if (code == '\r') out += "\\r";
        else if (code >= 0 && !isPrintable(code))
            out += code < 0x100     ? fmt::format("\\x{:02x}", code)
                   : code < 0x10000 ? fmt::format("\\u{:04x}", code)
                                    : fmt::format("\\U{:08x}", code);
        else out += bytes;
    });
    return out + quote;
}

void reprInto(const Value& value, Text& out, int depth) {
    constexpr int kDeepest = 64;
    if (depth > kDeepest) return out.append(templateText("..."));
    if (out.size() > kLongest) fail(0, "a value is too large to be written", Code::Limit);
    switch (value.kind) {
        case Kind::String:
            return out.append(
                Text(value.isSafe ? fmt::format("Markup({})", quoted(value.text.bytes())) : quoted(value.text.bytes()),
                    value.text.empty() ? kFromTemplate : value.text.source()));
        case Kind::List: {
            out.append(templateText(value.isTuple ? "(" : "["));
            bool isFirst = true;
            for (const Value& item : *value.list) {
                if (!std::exchange(isFirst, false)) out.append(templateText(", "));
                reprInto(item, out, depth + 1);
            }
            if (value.isTuple && value.list->size() == 1) out.append(templateText(","));
            return out.append(templateText(value.isTuple ? ")" : "]"));
        }
        case Kind::Dict: {
            if (value.isObject) fail(0, "an object of the template is printed, which would write an address");
            out.append(templateText("{"));
            bool isFirst = true;
            for (const auto& [key, item] : *value.dict) {
                if (!std::exchange(isFirst, false)) out.append(templateText(", "));
                reprInto(key, out, depth + 1);
                out.append(templateText(": "));
                reprInto(item, out, depth + 1);
            }
            return out.append(templateText("}"));
        }
        case Kind::Undefined: return out.append(templateText("Undefined"));
        case Kind::View: {
            if (value.isRange()) return out.append(value.text);
            Value items = value;
            items.kind = Kind::List;
            out.append(templateText(value.text.bytes() + "("));
            reprInto(items, out, depth + 1);
            return out.append(templateText(")"));
        }
        default: return out.append(printed(value));
    }
}

class JsonWriter {
public:
    JsonWriter(const JsonStyle& style, int line) : m_style(style), m_line(line) {}
    std::string take() { return std::move(m_out); }
    void write(const Value& value, int level) {
        constexpr int kDeepest = 256;
        if (level > kDeepest) fail(m_line, "tojson is given too deep a value", Code::Limit);
        if (m_out.size() > kLongest) fail(m_line, "tojson is given too large a value", Code::Limit);
        switch (value.kind) {
            case Kind::String: return writeText(value.text.bytes());
            case Kind::Bool: m_out += value.boolean ? "true" : "false"; return;
            case Kind::Int: m_out += wholeText(value); return;
            case Kind::Float: m_out += realText(value.real); return;
            case Kind::None: m_out += "null"; return;
            case Kind::List: return writeItems(value, level);
            case Kind::Dict:
                if (!value.isObject) return writeMembers(value, level);
                [[fallthrough]];
            default: fail(m_line, fmt::format("tojson cannot write {}", kindName(value)));
        }
    }

private:
    static std::string realText(double value) {
        if (std::isnan(value)) return "NaN";
        if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
        return floatText(value);
    }
    void newLine(int level) {
        if (!m_style.indent) return;
        m_out += '\n';
        for (int i = 0; i < level; ++i) m_out += *m_style.indent;
    }
    void writeText(const std::string& text) {
        m_out += '"';
        forEachCharacter(text, [&](std::string_view bytes, std::int32_t code) {
            switch (code) {
                case '"': m_out += "\\\""; return;
                case '\\': m_out += "\\\\"; return;
                case '\n': m_out += "\\n"; return;
                case '\r': m_out += "\\r"; return;
                case '\t': m_out += "\\t"; return;
                case '\b': m_out += "\\b"; return;
                case '\f': m_out += "\\f"; return;
                default: break;
            }
            const bool isEscaped = code >= 0 && (code < 0x20 || (m_style.ascii && code > 0x7e));
            if (!isEscaped) m_out += bytes;
            else if (code < 0x10000) m_out += fmt::format("\\u{:04x}", code);
            else m_out += fmt::format("\\u{:04x}\\u{:04x}", 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
        });
        m_out += '"';
    }
    void writeItems(const Value& value, int level) {
        m_out += '[';
        for (std::size_t i = 0; i < value.list->size(); ++i) {
            if (i) m_out += m_style.itemSeparator;
            newLine(level + 1);
            write((*value.list)[i], level + 1);
        }
        if (!value.list->empty()) newLine(level);
        m_out += ']';
    }
    void writeMembers(const Value& value, int level) {
        Dict members = *value.dict;
        if (m_style.sorted)
            std::stable_sort(members.begin(), members.end(), [&](const auto& a, const auto& b) {
                const auto first = order(a.first, b.first);
                if (!first) fail(m_line, "tojson cannot sort names of several kinds");
                return *first < 0;
            });
        m_out += '{';
        bool isFirst = true;
        for (const auto& [key, item] : members) {
            if (!std::exchange(isFirst, false)) m_out += m_style.itemSeparator;
            newLine(level + 1);
            writeKey(key);
            m_out += m_style.keySeparator;
            write(item, level + 1);
        }
        if (!members.empty()) newLine(level);
        m_out += '}';
    }
    void writeKey(const Value& key) {
        if (key.isString()) return writeText(key.text.bytes());
        if (!key.isNumber() && !key.is(Kind::None)) fail(m_line, "tojson cannot write this name of a member");
        m_out += '"';
        write(key, 0);
        m_out += '"';
    }

    const JsonStyle& m_style;
    const int m_line;
    std::string m_out;
};

/// Who wrote the strings in it: kFromTemplate when there are none, kFromOutside when several did.
std::int32_t writerOf(const Value& value, int depth = 0) {
    constexpr int kDeepest = 256;
    if (depth > kDeepest) return kFromOutside;
    if (value.is(Kind::String)) return value.text.empty() ? kFromTemplate : value.text.source();
    std::int32_t out = kFromTemplate;
    const auto add = [&](const Value& part) {
        const std::int32_t writer = writerOf(part, depth + 1);
        if (writer != kFromTemplate) out = out == kFromTemplate || out == writer ? writer : kFromOutside;
    };
    if (value.is(Kind::List)) std::for_each(value.list->begin(), value.list->end(), add);
    if (value.is(Kind::Dict))
        for (const auto& [key, item] : *value.dict) add(key), add(item);
    return out;
}

}  // namespace

double Value::number() const {
    if (kind == Kind::Float) return real;
    if (kind == Kind::Bool) return boolean ? 1 : 0;
    return isHuge() ? std::strtod(text.bytes().c_str(), nullptr) : static_cast<double>(whole);
}

bool Value::isTrue() const {
    switch (kind) {
        case Kind::Undefined:
        case Kind::None: return false;
        case Kind::Bool: return boolean;
        case Kind::Int: return whole != 0 || isHuge();
        case Kind::Float: return real != 0;
        case Kind::String: return !text.empty();
        case Kind::List:
        case Kind::View: return !list->empty();
        case Kind::Dict: return isObject || !dict->empty();
        case Kind::Function:
        case Kind::Iterator: return true;
    }
    return false;
}

const Value* Value::find(const Value& key) const {
    if (kind != Kind::Dict) return nullptr;
    for (const auto& [name, value] : *dict)
        if (equal(name, key)) return &value;
    return nullptr;
}
const Value* Value::find(std::string_view key) const {
    if (kind != Kind::Dict) return nullptr;
    for (const auto& [name, value] : *dict)
        if (name.isString() && name.text.bytes() == key) return &value;
    return nullptr;
}
void Value::set(const Value& key, const Value& item) {
    for (auto& [name, value] : *dict)
        if (equal(name, key)) return (void)(value = item);
    dict->emplace_back(key, item);
}

Value object(std::vector<std::pair<std::string, Value>> members) {
    Dict out;
    for (auto& [name, value] : members) out.emplace_back(Value::word(name), std::move(value));
    Value made = Value::of(std::move(out));
    made.isObject = true;
    return made;
}

const char* kindName(const Value& value) {
    constexpr const char* kNames[] = {"an undefined value", "none", "a truth value", "a whole number", "a number",
        "a string", "a list", "a mapping", "a function", "a view", "an iterator"};
    return kNames[static_cast<int>(value.kind)];
}

namespace {

thread_local std::int64_t comparisonsLeft = INT64_MAX;
thread_local int nesting = 0;

/// How deep one comparison, or one reading of an iterator, stands inside others.
struct Nested {
    explicit Nested(int most) {
        if (++nesting <= most) return;
        --nesting;
        throw Failure{Code::Limit, "values are nested too deeply", 0};
    }
    ~Nested() { --nesting; }
};
constexpr int kDeepestValue = 500;

/// Views of keys and of items compare as sets do.
bool areSameSets(const Value& a, const Value& b) {
    if (a.text.bytes() == "dict_values" || b.text.bytes() == "dict_values") return a.list == b.list;
    return a.list->size() == b.list->size() && std::all_of(a.list->begin(), a.list->end(), [&](const Value& one) {
        return std::any_of(b.list->begin(), b.list->end(), [&](const Value& other) { return equal(one, other); });
    });
}

}  // namespace

void Undertaker::bury(void* dead, void (*remove)(void*)) {
    thread_local std::vector<std::pair<void*, void (*)(void*)>> waiting;
    thread_local bool isBusy = false;
    waiting.emplace_back(dead, remove);
    if (std::exchange(isBusy, true)) return;
    while (!waiting.empty()) {
        const auto [next, how] = waiting.back();
        waiting.pop_back();
        how(next);
    }
    isBusy = false;
}

void Source::open() {
    if (!make) return;
    const Nested nested(kDeepestValue);
    const auto made = std::exchange(make, nullptr);
    items = made();
}
std::optional<Value> Source::next() {
    open();
    return at < items.size() ? std::optional(items[at++]) : std::nullopt;
}
List Source::rest() {
    open();
    List out(items.begin() + static_cast<std::ptrdiff_t>(at), items.end());
    at = items.size();
    return out;
}

Value Value::range(std::int64_t from, std::int64_t to, std::int64_t by, List items) {
    Value out = view("range", std::move(items));
    out.whole = from;
    out.real = static_cast<double>(by);
    out.text = Text(by == 1 ? fmt::format("range({}, {})", from, to) : fmt::format("range({}, {}, {})", from, to, by),
        kFromTemplate);
    return out;
}
Value Value::iterator(std::function<List()> make) {
    Value out = of(Kind::Iterator);
    out.source = shared<Source>();
    out.source->make = std::move(make);
    return out;
}

EqualityBudget::EqualityBudget(std::int64_t most) : m_outer(std::exchange(comparisonsLeft, most)) {}
EqualityBudget::~EqualityBudget() { comparisonsLeft = m_outer; }

/// Wide enough for whole numbers and for others.
static long double exact(const Value& value) {
    return value.is(Kind::Int) && !value.isHuge() ? static_cast<long double>(value.whole) : value.number();
}

bool equal(const Value& a, const Value& b) {
    if (a.isNumber() && b.isNumber()) {
        if (a.isHuge() || b.isHuge()) return a.isHuge() && b.isHuge() && a.text.bytes() == b.text.bytes();
        return a.isWhole() && b.isWhole() ? a.integer() == b.integer() : exact(a) == exact(b);
    }
    if (a.kind != b.kind) return false;
    const bool isContainer = a.is(Kind::List) || a.is(Kind::Dict) || a.is(Kind::View);
    if (isContainer && --comparisonsLeft < 0)
        throw Failure{Code::Limit, "the template compares more values than it may", 0};
    const Nested nested(kDeepestValue);
    switch (a.kind) {
        case Kind::String: return a.text.bytes() == b.text.bytes();
        case Kind::List:
            if (a.list == b.list) return a.isTuple == b.isTuple;
            return a.isTuple == b.isTuple && a.list->size() == b.list->size() &&
                   std::equal(a.list->begin(), a.list->end(), b.list->begin(), equal);
        case Kind::Dict:
            if (a.dict == b.dict || a.isObject || b.isObject) return a.dict == b.dict;
            return a.dict->size() == b.dict->size() &&
                   std::all_of(a.dict->begin(), a.dict->end(), [&](const auto& entry) {
                       const Value* other = b.find(entry.first);
                       return other && equal(entry.second, *other);
                   });
        case Kind::Function: return a.function == b.function;
        case Kind::Iterator: return a.source == b.source;
        case Kind::View:
            if (a.isRange() == b.isRange() && !a.isRange()) return areSameSets(a, b);
            return a.isRange() && b.isRange() && a.list->size() == b.list->size() &&
                   std::equal(a.list->begin(), a.list->end(), b.list->begin(), equal);
        default: return true;
    }
}

std::optional<int> order(const Value& a, const Value& b) {
    if (a.isNumber() && b.isNumber()) {
        if (a.isWhole() && b.isWhole() && !a.isHuge() && !b.isHuge())
            return (a.integer() > b.integer()) - (a.integer() < b.integer());
        return (exact(a) > exact(b)) - (exact(a) < exact(b));
    }
    if (a.isString() && b.isString()) {
        const int compared = a.text.bytes().compare(b.text.bytes());  // UTF-8 sorts as its code points do
        return (compared > 0) - (compared < 0);
    }
    if (!a.is(Kind::List) || !b.is(Kind::List) || a.isTuple != b.isTuple) return std::nullopt;
    const Nested nested(kDeepestValue);
    for (std::size_t i = 0; i < std::min(a.list->size(), b.list->size()); ++i) {
        if (equal((*a.list)[i], (*b.list)[i])) continue;
        return order((*a.list)[i], (*b.list)[i]);
    }
    return (a.list->size() > b.list->size()) - (a.list->size() < b.list->size());
}

Text printed(const Value& value) {
    switch (value.kind) {
        case Kind::Undefined: return {};
        case Kind::None: return templateText("None");
        case Kind::Bool: return templateText(value.boolean ? "True" : "False");
        case Kind::Int: return templateText(wholeText(value));
        case Kind::Float: return templateText(floatText(value.real));
        case Kind::String: return value.text;
        case Kind::Function: fail(0, "a function is printed, which would write an address: brackets are missing");
        case Kind::Iterator: fail(0, "an iterator is printed, which would write an address: |list is missing");
        default: return represented(value);
    }
}

Text represented(const Value& value) {
    Text out;
    reprInto(value, out, 0);
    return out;
}

Text asJson(const Value& value, const JsonStyle& style, int line) {
    JsonWriter writer(style, line);
    writer.write(value, 0);
    return Text(writer.take(), writerOf(value));
}

Value fromJson(const Json& json, std::int32_t source) {
    if (json.is_boolean()) return Value::of(json.get<bool>());
    if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
        Value out = Value::of(std::int64_t{0});
        out.text = templateText(std::to_string(json.get<std::uint64_t>()));
        return out;
    }
    if (json.is_number_integer()) return Value::of(json.get<std::int64_t>());
    if (json.is_number()) return Value::of(json.get<double>());
    if (json.is_string()) return Value::of(Text(json.get<std::string>(), source));
    if (json.is_array()) {
        List out;
        for (const Json& item : json) out.push_back(fromJson(item, source));
        return Value::of(std::move(out));
    }
    if (json.is_object()) {
        Dict out;
        for (const auto& [key, item] : json.items())
            out.emplace_back(Value::of(Text(key, source)), fromJson(item, source));
        return Value::of(std::move(out));
    }
    return Value::none();
}

}  // namespace dubito::lm::jinja
