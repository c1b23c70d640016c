// Filters of lists and mappings.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lm/text/jinja_call.h"

namespace dubito::lm::jinja {
namespace {

constexpr std::size_t kMostItems = 100'000;

/// What is made when the first item is read, as by a generator of Python's; errors come then, too.
template <List (*make)(const Call&)>
Value lazily(const Call& call) {
    return Value::iterator([name = call.name, value = call.value, arguments = call.arguments, line = call.line] {
        return make({name, value, arguments, line});
    });
}

/// Strings without their case, unless it counts.
Value keyOf(const Value& value, bool caseCounts) {
    return value.isString() && !caseCounts ? Value::of(inCase(value.text, Letters::Lower)) : value;
}

/// The value of an attribute, or several of "a,b" as a list; the item itself without one.
Value keyAt(const Call& call, const Value& item, const Value* attribute, bool caseCounts) {
    if (!attribute || attribute->is(Kind::None)) return keyOf(item, caseCounts);
    if (attribute->isWhole()) return keyOf(itemOf(item, *attribute, call.line), caseCounts);
    const std::string& names = needText(attribute, call.line, call.name).bytes();
    if (names.find(',') == std::string::npos) return keyOf(pathOf(item, names, call.line), caseCounts);
    List out;
    for (std::size_t begin = 0; begin <= names.size();) {
        const auto end = std::min(names.find(',', begin), names.size());
        out.push_back(keyOf(pathOf(item, names.substr(begin, end - begin), call.line), caseCounts));
        begin = end + 1;
    }
    return Value::of(std::move(out));
}

int needOrder(const Call& call, const Value& a, const Value& b) {
    const auto out = order(a, b);
    if (!out) fail(call.line, fmt::format("{} cannot compare {} and {}", call.name, kindName(a), kindName(b)));
    return *out;
}

struct Keyed {
    Value key, item;
};
List sortedBy(const Call& call, std::vector<Keyed> all, bool isReversed) {
    std::stable_sort(all.begin(), all.end(), [&](const Keyed& a, const Keyed& b) {
        if (call.name == "sort" && equal(a.key, b.key)) return false;  // also what has no order, as undefined values
        return isReversed ? needOrder(call, b.key, a.key) < 0 : needOrder(call, a.key, b.key) < 0;
    });
    List out;
    for (Keyed& one : all) out.push_back(std::move(one.item));
    return out;
}

std::vector<Keyed> keyed(const Call& call, const Value* attribute, bool caseCounts) {
    std::vector<Keyed> out;
    for (const Value& item : call.items()) out.push_back({keyAt(call, item, attribute, caseCounts), item});
    return out;
}

// --- Order ---------------------------------------------------------------------------------------------------------

Value sort(const Call& call) {
    return Value::of(sortedBy(call, keyed(call, call.argument(2, "attribute"), call.flag(1, "case_sensitive", false)),
        call.flag(0, "reverse", false)));
}

Value dictSort(const Call& call) {
    if (!call.value.is(Kind::Dict)) fail(call.line, "dictsort needs a mapping");
    const Value* by = call.argument(1, "by");
    const std::string way = by ? needText(by, call.line, "dictsort").bytes() : "key";
    if (way != "key" && way != "value") fail(call.line, "dictsort sorts by key or by value");
    const bool caseCounts = call.flag(0, "case_sensitive", false);
    std::vector<Keyed> all;
    for (const auto& [key, item] : *call.value.dict)
        all.push_back({keyOf(way == "key" ? key : item, caseCounts), Value::tuple({key, item})});
    return Value::of(sortedBy(call, std::move(all), call.flag(2, "reverse", false)));
}

List unique(const Call& call) {
    List seen, out;
    for (Keyed& one : keyed(call, call.argument(1, "attribute"), call.flag(0, "case_sensitive", false))) {
        needHash(one.key, call.line);
        if (std::any_of(seen.begin(), seen.end(), [&](const Value& key) { return equal(key, one.key); })) continue;
        seen.push_back(std::move(one.key));
        out.push_back(std::move(one.item));
    }
    return out;
}

Value smallestOrLargest(const Call& call) {
    const auto all = keyed(call, call.argument(1, "attribute"), call.flag(0, "case_sensitive", false));
    if (all.empty()) return {};
    const Keyed* best = &all[0];
    for (std::size_t i = 1; i < all.size(); ++i) {
        const int compared = needOrder(call, all[i].key, best->key);
        if (call.name == "min" ? compared < 0 : compared > 0) best = &all[i];
    }
    return best->item;
}

Value groupBy(const Call& call) {
    const Value *attribute = call.argument(0, "attribute"), *standard = call.argument(1, "default");
    const bool caseCounts = call.flag(2, "case_sensitive", false);
    std::vector<Keyed> all;
    for (const Value& item : call.items()) {
        Value key = keyAt(call, item, attribute, true);
        if (key.is(Kind::Undefined) && standard) key = *standard;
        all.push_back({keyOf(key, caseCounts), Value::tuple({std::move(key), item})});
    }
    List out;
    Value last;
    for (const Value& pair : sortedBy(call, std::move(all), false)) {
        const Value key = keyOf((*pair.list)[0], caseCounts);
        if (out.empty() || !equal(key, last)) out.push_back(Value::tuple({(*pair.list)[0], Value::of(List())}));
        last = key;
        out.back().list->back().list->push_back((*pair.list)[1]);
    }
    return Value::of(std::move(out));
}

Value reverse(const Call& call) {
    if (call.value.isString()) return Value::of(reversed(call.value.text));
    List out = call.items();
    std::reverse(out.begin(), out.end());
    if (call.value.is(Kind::Iterator)) return Value::of(std::move(out));
    return Value::iterator([out = std::move(out)] { return out; });
}

// --- Parts ---------------------------------------------------------------------------------------------------------

Value firstOrLast(const Call& call) {
    if (call.value.is(Kind::Iterator)) {
        if (call.name == "last") fail(call.line, "last is asked of an iterator: |list is missing");
        return call.value.source->next().value_or(Value());
    }
    const List all = call.items();
    if (all.empty()) return {};
    return call.name == "first" ? all.front() : all.back();
}

Value asList(const Call& call) { return Value::of(call.items()); }

List items(const Call& call) {
    List out;
    if (call.value.is(Kind::Undefined)) return out;
    if (!call.value.is(Kind::Dict) || call.value.isObject) fail(call.line, "items needs a mapping");
    for (const auto& [key, item] : *call.value.dict) out.push_back(Value::tuple({key, item}));
    return out;
}

List batch(const Call& call) {
    const std::int64_t size = call.whole(0, "linecount", 0);
    const Value* fill = call.argument(1, "fill_with");
    if (size < 1 || size > static_cast<std::int64_t>(kMostItems)) fail(call.line, "batch needs a number above 0");
    List out;
    for (const Value& item : call.items()) {
        if (out.empty() || out.back().list->size() == static_cast<std::size_t>(size)) out.push_back(Value::of(List()));
        out.back().list->push_back(item);
    }
    while (fill && !fill->is(Kind::None) && !out.empty() && out.back().list->size() < static_cast<std::size_t>(size))
        out.back().list->push_back(*fill);
    return out;
}

List slice(const Call& call) {
    const std::int64_t n = call.whole(0, "slices", 0);
    const Value* fill = call.argument(1, "fill_with");
    if (n < 1 || n > static_cast<std::int64_t>(kMostItems)) fail(call.line, "slice needs a number above 0");
    const List all = call.items();
    const std::size_t slices = static_cast<std::size_t>(n), each = all.size() / slices, longer = all.size() % slices;
    List out;
    std::size_t at = 0;
    for (std::size_t i = 0; i < slices; ++i) {
        const std::size_t size = each + (i < longer);
        List part(all.begin() + static_cast<std::ptrdiff_t>(at), all.begin() + static_cast<std::ptrdiff_t>(at + size));
        at += size;
        if (fill && !fill->is(Kind::None) && i >= longer) part.push_back(*fill);
        out.push_back(Value::of(std::move(part)));
    }
    return out;
}

/// What a filter of items keeps nothing of when there are none: Jinja asks only whether the value is true.
List itemsOrNone(const Call& call) { return call.value.isTrue() ? call.items() : List(); }

List select(const Call& call) {
    const bool byAttribute = call.name.ends_with("attr"), keeps = call.name.starts_with("select");
    const auto& given = call.arguments.positional;
    const std::size_t test = byAttribute ? 1 : 0;
    if (byAttribute && given.empty()) fail(call.line, call.name + " needs the name of an attribute");
    List out;
    for (const Value& item : itemsOrNone(call)) {
        const Value at = !byAttribute ? item
                         : given[0].isWhole()
                             ? itemOf(item, given[0], call.line)
                             : pathOf(item, needText(&given[0], call.line, call.name).bytes(), call.line);
        const bool passes =
            given.size() <= test
                ? at.isTrue()
                : applyTest(needText(&given[test], call.line, call.name).bytes(), at,
                      {{given.begin() + static_cast<std::ptrdiff_t>(test) + 1, given.end()}, call.arguments.named},
                      call.line);
        if (passes == keeps) out.push_back(item);
    }
    return out;
}

List map(const Call& call) {
    const auto& given = call.arguments.positional;
    const Value* attribute = nullptr;
    const Value* standard = nullptr;
    if (given.empty()) {
        for (const auto& [name, value] : call.arguments.named) {
            if (name == "attribute") attribute = &value;
            else if (name == "default") standard = &value;
            else fail(call.line, "map does not know the argument '" + name + "'");
        }
        if (!attribute) fail(call.line, "map needs a filter or an attribute");
    }
    List out;
    for (const Value& item : itemsOrNone(call)) {
        if (attribute) {
            Value at = standard && attribute->isString() ? pathOf(item, attribute->text.bytes(), call.line, standard)
                                                         : keyAt(call, item, attribute, true);
            out.push_back(at.is(Kind::Undefined) && standard ? *standard : std::move(at));
        } else {
            out.push_back(applyFilter(needText(&given[0], call.line, "map").bytes(), item,
                {{given.begin() + 1, given.end()}, call.arguments.named}, call.line));
        }
    }
    return out;
}

// --- Together ------------------------------------------------------------------------------------------------------

Value join(const Call& call) {
    const Value *by = call.argument(0, "d"), *attribute = call.argument(1, "attribute");
    Text out;
    bool isFirst = true;
    for (const Value& item : call.items()) {
        if (!std::exchange(isFirst, false) && by) out.append(printed(*by));
        out.append(printed(attribute ? keyAt(call, item, attribute, true) : item));
    }
    return Value::of(std::move(out));
}

Value sum(const Call& call) {
    const Value *attribute = call.argument(0, "attribute"), *start = call.argument(1, "start");
    Value out = start ? *start : Value::of(std::int64_t{0});
    for (const Value& item : call.items()) {
        const Value one = attribute ? keyAt(call, item, attribute, true) : item;
        if (!one.isNumber() || !out.isNumber() || one.isHuge() || out.isHuge())
            fail(call.line, fmt::format("sum cannot add {} and {}", kindName(out), kindName(one)));
        std::int64_t whole = 0;
        if (!one.isWhole() || !out.isWhole()) out = Value::of(out.number() + one.number());
        else if (__builtin_add_overflow(out.integer(), one.integer(), &whole))
            fail(call.line, "a number grows too large");
        else out = Value::of(whole);
    }
    return out;
}

}  // namespace

const Filters kListFilters = {
    {"batch", lazily<batch>},
    {"dictsort", dictSort},
    {"first", firstOrLast},
    {"groupby", groupBy},
    {"items", lazily<items>},
    {"join", join},
    {"last", firstOrLast},
    {"list", asList},
    {"map", lazily<map>},
    {"max", smallestOrLargest},
    {"min", smallestOrLargest},
    {"reject", lazily<select>},
    {"rejectattr", lazily<select>},
    {"reverse", reverse},
    {"select", lazily<select>},
    {"selectattr", lazily<select>},
    {"slice", lazily<slice>},
    {"sort", sort},
    {"sum", sum},
    {"unique", lazily<unique>},
};

}  // namespace dubito::lm::jinja
