// Values: truth, equality, and how they are printed.
#include "lm/text/jinja_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dubito::lm::jinja {
namespace {

using Kind = Value::Kind;

Text templateText(std::string bytes) { return Text(std::move(bytes), kFromTemplate); }

std::string floatText(double value) {
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    if (std::isnan(value)) return "nan";
    std::string out = fmt::format("{}", value);
    if (out.find_first_of(".en") == std::string::npos) out += ".0";
    return out;
}

/// Python's repr of a string.
std::string quoted(const std::string& text) {
    const char quote = text.find('\'') != std::string::npos && text.find('"') == std::string::npos ? '"' : '\'';
    std::string out(1, quote);
    for (const char c : text) {
        if (c == quote || c == '\\') out += '\\', out += c;
        else if (c == '\n') out += "\\n";
        else if (c == '\t') out += "\\t";
        else if (c == '\r') out += "\\r";
        else out += c;
    }
    return out + quote;
}

void reprInto(const Value& value, Text& out) {
    switch (value.kind) {
        case Kind::String:
            return out.append(
                Text(quoted(value.text.bytes()), value.text.empty() ? kFromTemplate : value.text.source()));
        case Kind::List: {
            out.append(templateText("["));
            bool isFirst = true;
            for (const Value& item : *value.list) {
                if (!std::exchange(isFirst, false)) out.append(templateText(", "));
                reprInto(item, out);
            }
            return out.append(templateText("]"));
        }
        case Kind::Dict: {
            out.append(templateText("{"));
            bool isFirst = true;
            for (const auto& [key, item] : *value.dict) {
                if (!std::exchange(isFirst, false)) out.append(templateText(", "));
                out.append(Text(quoted(key) + ": ", kFromOutside));
                reprInto(item, out);
            }
            return out.append(templateText("}"));
        }
        default: return out.append(printed(value));
    }
}

void jsonInto(const Value& value, int indent, int level, std::string& out) {
    const auto line = [&](int depth) {
        if (indent >= 0) out += '\n' + std::string(static_cast<std::size_t>(indent * depth), ' ');
    };
    const auto text = [&](const std::string& bytes) {
        out += '"';
        for (const char c : bytes) {
            switch (c) {
                case '"': out += "\\\""; break;
                case '\\': out += "\\\\"; break;
                case '\n': out += "\\n"; break;
                case '\r': out += "\\r"; break;
                case '\t': out += "\\t"; break;
                case '\b': out += "\\b"; break;
                case '\f': out += "\\f"; break;
                default:
                    if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\u{:04x}", static_cast<int>(c));
                    else out += c;
            }
        }
        out += '"';
    };
    switch (value.kind) {
        case Kind::String: return text(value.text.bytes());
        case Kind::Bool: out += value.boolean ? "true" : "false"; return;
        case Kind::Int: out += std::to_string(value.whole); return;
        case Kind::Float: out += floatText(value.real); return;
        case Kind::List:
        case Kind::Dict: {
            const bool isList = value.is(Kind::List);
            const std::size_t n = isList ? value.list->size() : value.dict->size();
            out += isList ? '[' : '{';
            for (std::size_t i = 0; i < n; ++i) {
                if (i) out += indent >= 0 ? "," : ", ";
                line(level + 1);
                if (!isList) text((*value.dict)[i].first), out += ": ";
                jsonInto(isList ? (*value.list)[i] : (*value.dict)[i].second, indent, level + 1, out);
            }
            if (n) line(level);
            out += isList ? ']' : '}';
            return;
        }
        default: out += "null";
    }
}

/// Whether every string in it is the template's own.
bool isOwn(const Value& value) {
    if (value.is(Kind::String)) return value.text.empty() || value.text.source() == kFromTemplate;
    if (value.is(Kind::List)) return std::all_of(value.list->begin(), value.list->end(), isOwn);
    return !value.is(Kind::Dict);  // keys carry no author
}

}  // namespace

bool Value::isTrue() const {
    switch (kind) {
        case Kind::Undefined:
        case Kind::None: return false;
        case Kind::Bool: return boolean;
        case Kind::Int: return whole != 0;
        case Kind::Float: return real != 0;
        case Kind::String: return !text.empty();
        case Kind::List: return !list->empty();
        case Kind::Dict: return !dict->empty();
        case Kind::Function: return true;
    }
    return false;
}

const Value* Value::find(std::string_view key) const {
    if (kind != Kind::Dict) return nullptr;
    for (const auto& [name, value] : *dict)
        if (name == key) return &value;
    return nullptr;
}

const char* kindName(const Value& value) {
    constexpr const char* kNames[] = {"an undefined value", "none", "a truth value", "a whole number", "a number",
        "a string", "a list", "a mapping", "a function"};
    return kNames[static_cast<int>(value.kind)];
}

bool equal(const Value& a, const Value& b) {
    if (a.isNumber() && b.isNumber()) return a.number() == b.number();
    if (a.kind != b.kind) return false;
    switch (a.kind) {
        case Kind::String: return a.text.bytes() == b.text.bytes();
        case Kind::List:
            return a.list->size() == b.list->size() &&
                   std::equal(a.list->begin(), a.list->end(), b.list->begin(), equal);
        case Kind::Dict:
            return a.dict->size() == b.dict->size() &&
                   std::all_of(a.dict->begin(), a.dict->end(), [&](const auto& entry) {
                       const Value* other = b.find(entry.first);
                       return other && equal(entry.second, *other);
                   });
        case Kind::Function: return a.function == b.function;
        default: return true;
    }
}

Text printed(const Value& value) {
    switch (value.kind) {
        case Kind::Undefined: return {};
        case Kind::None: return templateText("None");
        case Kind::Bool: return templateText(value.boolean ? "True" : "False");
        case Kind::Int: return templateText(std::to_string(value.whole));
        case Kind::Float: return templateText(floatText(value.real));
        case Kind::String: return value.text;
        case Kind::Function: return templateText("<function>");
        default: {
            Text out;
            reprInto(value, out);
            return out;
        }
    }
}

Text asJson(const Value& value, int indent) {
    std::string out;
    jsonInto(value, indent, 0, out);
    const bool isOneString = value.isString() && !value.text.empty();
    return Text(std::move(out), isOneString ? value.text.source() : isOwn(value) ? kFromTemplate : kFromOutside);
}

Value fromJson(const Json& json, std::int32_t source) {
    if (json.is_boolean()) return Value::of(json.get<bool>());
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
        for (const auto& [key, item] : json.items()) out.emplace_back(key, fromJson(item, source));
        return Value::of(std::move(out));
    }
    return Value::none();
}

}  // namespace dubito::lm::jinja
