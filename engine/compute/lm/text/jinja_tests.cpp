// What stands behind "is".
#include <algorithm>

#include "lm/text/jinja_arithmetic.h"
#include "lm/text/jinja_call.h"

namespace dubito::lm::jinja {
namespace {

struct Asked {
    const std::string& name;
    const Value& value;
    const Arguments& arguments;
    int line;

    const Value& other() const {
        if (arguments.positional.empty()) fail(line, "the test '" + name + "' needs a value to compare with");
        return arguments.positional[0];
    }
    int ordered() const {
        const auto out = order(value, other());
        if (!out)
            fail(line, std::string("'") + name + "' cannot compare " + kindName(value) + " and " + kindName(other()));
        return *out;
    }
    /// Whether the value, divided by `by`, leaves `rest`.
    bool leaves(const Value& by, std::int64_t rest) const {
        constexpr std::size_t kMostBytes = 1u << 20;
        if (value.isHuge() && by.is(Kind::Int) && by.whole == 2) return ((value.text.bytes().back() - '0') & 1) == rest;
        return equal(arithmetic("%", value, by, {kMostBytes, line}), Value::of(rest));
    }
};
using Test = bool (*)(const Asked&);

bool isIn(const Asked& asked) {
    const Value &value = asked.value, &all = asked.other();
    if (all.isString()) {
        if (!value.isString()) fail(asked.line, "only a string can be in a string");
        return all.text.bytes().find(value.text.bytes()) != std::string::npos;
    }
    if (all.is(Kind::Dict)) return needHash(value, asked.line), all.find(value) != nullptr;
    if (all.is(Kind::Iterator)) {
        while (const auto item = all.source->next())
            if (equal(*item, value)) return true;
        return false;
    }
    const List list = itemsOf(all, asked.line, "the test 'in'");
    return std::any_of(list.begin(), list.end(), [&](const Value& item) { return equal(item, value); });
}

bool isSame(const Asked& asked) {
    const Value &a = asked.value, &b = asked.other();
    if (a.kind != b.kind) return false;
    if (a.is(Kind::List)) return a.list == b.list;
    if (a.is(Kind::Dict)) return a.dict == b.dict;
    if (a.is(Kind::View)) return a.list == b.list;
    return equal(a, b);
}

/// Every letter of the printed value in one case, and at least one letter.
bool hasCase(const Asked& asked) {
    bool some = false, all = true;
    forEachCharacter(printed(asked.value).bytes(), [&](std::string_view, std::int32_t code) {
        if (code < 0) return;
        some |= asked.name == "upper" ? isUpper(code) : isLower(code);
        all &= asked.name == "upper" ? !isLower(code) : !isUpper(code);
    });
    return some && all;
}

const std::map<std::string_view, Test> kTests = {
    {"!=", [](const Asked& a) { return !equal(a.value, a.other()); }},
    {"<", [](const Asked& a) { return a.ordered() < 0; }},
    {"<=", [](const Asked& a) { return a.ordered() <= 0; }},
    {"==", [](const Asked& a) { return equal(a.value, a.other()); }},
    {">", [](const Asked& a) { return a.ordered() > 0; }},
    {">=", [](const Asked& a) { return a.ordered() >= 0; }},
    {"boolean", [](const Asked& a) { return a.value.is(Kind::Bool); }},
    {"callable", [](const Asked& a) { return a.value.is(Kind::Function) || a.value.is(Kind::Undefined); }},
    {"defined", [](const Asked& a) { return !a.value.is(Kind::Undefined); }},
    {"divisibleby", [](const Asked& a) { return a.leaves(a.other(), 0); }},
    {"eq", [](const Asked& a) { return equal(a.value, a.other()); }},
    {"equalto", [](const Asked& a) { return equal(a.value, a.other()); }},
    {"escaped", [](const Asked&) { return false; }},
    {"even", [](const Asked& a) { return a.leaves(Value::of(std::int64_t{2}), 0); }},
    {"false", [](const Asked& a) { return a.value.is(Kind::Bool) && !a.value.boolean; }},
    {"filter",
        [](const Asked& a) {
            const std::string& name = needText(&a.value, a.line, "the test 'filter'").bytes();
            return kTextFilters.contains(name) || kListFilters.contains(name);
        }},
    {"float", [](const Asked& a) { return a.value.is(Kind::Float); }},
    {"ge", [](const Asked& a) { return a.ordered() >= 0; }},
    {"greaterthan", [](const Asked& a) { return a.ordered() > 0; }},
    {"gt", [](const Asked& a) { return a.ordered() > 0; }},
    {"in", isIn},
    {"integer", [](const Asked& a) { return a.value.is(Kind::Int); }},
    {"iterable",
        [](const Asked& a) {
            return a.value.isString() || a.value.is(Kind::List) || a.value.is(Kind::Undefined) ||
                   a.value.is(Kind::View) || a.value.is(Kind::Iterator) ||
                   (a.value.is(Kind::Dict) && !a.value.isObject);
        }},
    {"le", [](const Asked& a) { return a.ordered() <= 0; }},
    {"lessthan", [](const Asked& a) { return a.ordered() < 0; }},
    {"lower", hasCase},
    {"lt", [](const Asked& a) { return a.ordered() < 0; }},
    {"mapping", [](const Asked& a) { return a.value.is(Kind::Dict) && !a.value.isObject; }},
    {"ne", [](const Asked& a) { return !equal(a.value, a.other()); }},
    {"none", [](const Asked& a) { return a.value.is(Kind::None); }},
    {"number", [](const Asked& a) { return a.value.isNumber(); }},
    {"odd", [](const Asked& a) { return a.leaves(Value::of(std::int64_t{2}), 1); }},
    {"sameas", isSame},
    {"sequence",
        [](const Asked& a) {
            return a.value.isString() || a.value.is(Kind::List) || a.value.is(Kind::Undefined) || a.value.isRange() ||
                   (a.value.is(Kind::Dict) && !a.value.isObject);
        }},
    {"string", [](const Asked& a) { return a.value.isString(); }},
    {"true", [](const Asked& a) { return a.value.is(Kind::Bool) && a.value.boolean; }},
    {"undefined", [](const Asked& a) { return a.value.is(Kind::Undefined); }},
    {"upper", hasCase},
};

}  // namespace

bool applyTest(const std::string& name, const Value& value, const Arguments& arguments, int line) {
    const auto found = kTests.find(name);
    if (found == kTests.end()) fail(line, "the test '" + name + "' is not known", Code::Unsupported);
    return found->second({name, value, arguments, line});
}

}  // namespace dubito::lm::jinja
