// Filters and tests, by name.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "lm/text/jinja_text.h"
#include "lm/text/pretokenizer.h"

namespace dubito::lm::jinja {
namespace {

/// One application of a filter.
struct Call {
    const std::string& name;
    const Value& value;
    const Arguments& arguments;
    int line;

    const Value* argument(std::size_t place, std::string_view key) const {
        return jinja::argument(arguments, place, key);
    }
    const List& list() const { return needList(value, line, "the filter " + name); }
};

Value selected(const Value& value, const Arguments& arguments, bool keepTrue, int line) {
    const std::string path = needText(argument(arguments, 0, "attribute"), line, "selectattr").bytes();
    List out;
    for (const Value& item : needList(value, line, "selectattr")) {
        const Value at = pathOf(item, path);
        bool passes = at.isTrue();
        if (arguments.positional.size() > 1)
            passes = applyTest(needText(&arguments.positional[1], line, "selectattr").bytes(), at,
                {{arguments.positional.begin() + 2, arguments.positional.end()}, {}}, line);
        if (passes == keepTrue) out.push_back(item);
    }
    return Value::of(std::move(out));
}

Value asText(const Call& call) {
    return call.name == "safe" && !call.value.isString() ? call.value : Value::of(printed(call.value));
}

Value toJson(const Call& call) {
    const Value* indent = call.argument(0, "indent");
    const bool isIndented = indent && indent->is(Kind::Int);
    return Value::of(
        asJson(call.value, isIndented ? static_cast<int>(std::clamp<std::int64_t>(indent->whole, 0, 16)) : -1));
}

Value orDefault(const Call& call) {
    const Value *other = call.argument(0, "default_value"), *all = call.argument(1, "boolean");
    const bool isMissing = call.value.is(Kind::Undefined) || (all && all->isTrue() && !call.value.isTrue());
    if (!isMissing) return call.value;
    return other ? *other : Value::of(Text());
}

Value trim(const Call& call) {
    const Value* set = call.argument(0, "chars");
    return Value::of(stripped(printed(call.value), true, true, set && set->isString() ? &set->text.bytes() : nullptr));
}

Value upper(const Call& call) { return Value::of(mapped(printed(call.value), utf8proc_toupper)); }
Value lower(const Call& call) { return Value::of(mapped(printed(call.value), utf8proc_tolower)); }

Value capitalize(const Call& call) {
    bool isFirst = true;
    return Value::of(mapped(printed(call.value),
        [&](utf8proc_int32_t c) { return std::exchange(isFirst, false) ? utf8proc_toupper(c) : utf8proc_tolower(c); }));
}

Value length(const Call& call) {
    if (call.value.isString()) return Value::of(characters(call.value.text.bytes()));
    if (call.value.is(Kind::Dict)) return Value::of(static_cast<std::int64_t>(call.value.dict->size()));
    return Value::of(static_cast<std::int64_t>(needList(call.value, call.line, "the filter length").size()));
}

Value items(const Call& call) {
    if (call.value.is(Kind::Undefined)) return Value::of(List());
    return (*methodOf(call.value, "items", call.line)->function)({});
}

Value asList(const Call& call) {
    if (call.value.is(Kind::List)) return Value::of(*call.value.list);
    List out;
    if (call.value.is(Kind::Dict)) {
        for (const auto& [key, item] : *call.value.dict) out.push_back(Value::of(Text(key, kFromOutside)));
        return Value::of(std::move(out));
    }
    const Text& text = needText(&call.value, call.line, "the filter list");
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t n = std::max<std::size_t>(1, utf8Length(std::string_view(text.bytes()).substr(at)));
        out.push_back(Value::of(text.part(at, n)));
        at += n;
    }
    return Value::of(std::move(out));
}

Value asInteger(const Call& call) {
    if (call.value.isNumber()) return Value::of(call.value.integer());
    const Value* other = call.argument(0, "default");
    char* end = nullptr;
    const long long number = call.value.isString() ? std::strtoll(call.value.text.bytes().c_str(), &end, 10) : 0;
    if (end && *end == 0 && !call.value.text.empty()) return Value::of(static_cast<std::int64_t>(number));
    return other ? *other : Value::of(std::int64_t{0});
}

Value asFloat(const Call& call) {
    if (call.value.isNumber()) return Value::of(call.value.number());
    return Value::of(call.value.isString() ? std::strtod(call.value.text.bytes().c_str(), nullptr) : 0.0);
}

Value absolute(const Call& call) {
    if (!call.value.isNumber()) fail(call.line, "the filter 'abs' needs a number", Code::Unsupported);
    return call.value.is(Kind::Float) ? Value::of(std::abs(call.value.real))
                                      : Value::of(std::abs(call.value.integer()));
}

Value firstOrLast(const Call& call) {
    const bool isFirst = call.name == "first";
    if (call.value.isString()) {
        const Text& text = call.value.text;
        if (text.empty()) return Value();
        return Value::of(
            isFirst ? text.part(0, std::max<std::size_t>(1, utf8Length(text.bytes()))) : text.part(text.size() - 1, 1));
    }
    const List& list = call.list();
    if (list.empty()) return Value();
    return isFirst ? list.front() : list.back();
}

Value reversed(const Call& call) {
    List out = call.list();
    std::reverse(out.begin(), out.end());
    return Value::of(std::move(out));
}

Value join(const Call& call) {
    const Value *by = call.argument(0, "d"), *attribute = call.argument(1, "attribute");
    Text out;
    bool isFirst = true;
    for (const Value& item : call.list()) {
        if (!std::exchange(isFirst, false) && by) out.append(printed(*by));
        out.append(printed(attribute ? pathOf(item, needText(attribute, call.line, "join").bytes()) : item));
    }
    return Value::of(std::move(out));
}

Value selectedBy(const Call& call) {
    return selected(call.value, call.arguments, call.name == "selectattr", call.line);
}

Value selectOrReject(const Call& call) {
    const auto& given = call.arguments.positional;
    List out;
    for (const Value& item : call.list()) {
        const bool passes = given.empty() ? item.isTrue()
                                          : applyTest(needText(&given[0], call.line, call.name).bytes(), item,
                                                {{given.begin() + 1, given.end()}, {}}, call.line);
        if (passes == (call.name == "select")) out.push_back(item);
    }
    return Value::of(std::move(out));
}

Value map(const Call& call) {
    constexpr std::size_t kByNameOnly = 9;
    const Value *attribute = call.argument(kByNameOnly, "attribute"), *other = call.argument(kByNameOnly, "default");
    const std::string filter =
        attribute ? std::string() : needText(call.argument(0, "filter"), call.line, "map").bytes();
    const auto& given = call.arguments.positional;
    const Arguments rest{{given.begin() + (given.empty() ? 0 : 1), given.end()}, {}};
    List out;
    for (const Value& item : call.list()) {
        if (!attribute) {
            out.push_back(applyFilter(filter, item, rest, call.line));
            continue;
        }
        Value at = pathOf(item, needText(attribute, call.line, "map").bytes());
        out.push_back(at.is(Kind::Undefined) && other ? *other : std::move(at));
    }
    return Value::of(std::move(out));
}

Value replace(const Call& call) {
    const Value* count = call.argument(2, "count");
    return Value::of(replaced(printed(call.value), needText(call.argument(0, "old"), call.line, "replace").bytes(),
        needText(call.argument(1, "new"), call.line, "replace"), count && count->is(Kind::Int) ? count->whole : -1));
}

const std::map<std::string_view, Value (*)(const Call&)> kFilters = {
    {"abs", absolute},
    {"capitalize", capitalize},
    {"count", length},
    {"d", orDefault},
    {"default", orDefault},
    {"e", asText},
    {"escape", asText},
    {"first", firstOrLast},
    {"float", asFloat},
    {"int", asInteger},
    {"items", items},
    {"join", join},
    {"last", firstOrLast},
    {"length", length},
    {"list", asList},
    {"lower", lower},
    {"map", map},
    {"reject", selectOrReject},
    {"rejectattr", selectedBy},
    {"replace", replace},
    {"reverse", reversed},
    {"safe", asText},
    {"select", selectOrReject},
    {"selectattr", selectedBy},
    {"string", asText},
    {"tojson", toJson},
    {"trim", trim},
    {"upper", upper},
};

}  // namespace

Value applyFilter(const std::string& name, const Value& value, const Arguments& arguments, int line) {
    const auto found = kFilters.find(name);
    if (found == kFilters.end()) fail(line, "the filter '" + name + "' is not known", Code::Unsupported);
    return found->second({name, value, arguments, line});
}

bool applyTest(const std::string& name, const Value& value, const Arguments& arguments, int line) {
    const auto other = [&]() -> const Value& {
        if (arguments.positional.empty()) fail(line, "the test '" + name + "' needs a value to compare with");
        return arguments.positional[0];
    };
    if (name == "defined") return !value.is(Kind::Undefined);
    if (name == "undefined") return value.is(Kind::Undefined);
    if (name == "none") return value.is(Kind::None);
    if (name == "string") return value.isString();
    if (name == "mapping") return value.is(Kind::Dict);
    if (name == "sequence" || name == "iterable")
        return value.isString() || value.is(Kind::List) || value.is(Kind::Dict);
    if (name == "number") return value.isNumber();
    if (name == "integer") return value.is(Kind::Int);
    if (name == "float") return value.is(Kind::Float);
    if (name == "boolean") return value.is(Kind::Bool);
    if (name == "true") return value.is(Kind::Bool) && value.boolean;
    if (name == "false") return value.is(Kind::Bool) && !value.boolean;
    if (name == "callable") return value.is(Kind::Function);
    if (name == "equalto" || name == "eq" || name == "==") return equal(value, other());
    if (name == "ne" || name == "!=") return !equal(value, other());
    if (name == "odd") return value.integer() % 2 != 0;
    if (name == "even") return value.integer() % 2 == 0;
    if (name == "in") {
        const Value& all = other();
        if (all.isString()) return value.isString() && all.text.bytes().find(value.text.bytes()) != std::string::npos;
        if (all.is(Kind::Dict)) return value.isString() && all.find(value.text.bytes()) != nullptr;
        const List& list = needList(all, line, "the test 'in'");
        return std::any_of(list.begin(), list.end(), [&](const Value& item) { return equal(item, value); });
    }
    fail(line, "the test '" + name + "' is not known", Code::Unsupported);
}

}  // namespace dubito::lm::jinja
