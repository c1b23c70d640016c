// Methods of strings, mappings and lists: a name gives a function that holds its value. Those that would change the
// value are not there: the reference runs templates where nothing can be changed.
#include <algorithm>

#include "lm/text/jinja_call.h"

namespace dubito::lm::jinja {
namespace {

/// The value a method belongs to, kept alive by it.
struct Bound {
    Value value;
    std::string name;
    int line;

    const Text& text() const { return value.text; }
    const std::string& bytes() const { return value.text.bytes(); }
    const Text& textArgument(const Arguments& arguments, std::size_t place, std::string_view key) const {
        return needText(argument(arguments, place, key), line, name);
    }
    std::int64_t whole(
        const Arguments& arguments, std::size_t place, std::string_view key, std::int64_t standard) const {
        return needWhole(argument(arguments, place, key), standard, line, name);
    }
};
using Method = Value (*)(const Bound&, const Arguments&);

constexpr std::int64_t kWidest = 10'000;

// --- Strings -------------------------------------------------------------------------------------------------------

Value strip(const Bound& self, const Arguments& arguments) {
    const Value* set = argument(arguments, 0, "chars");
    return Value::of(stripped(self.text(), self.name != "rstrip", self.name != "lstrip",
        set && set->isString() ? &set->text.bytes() : nullptr));
}

Value splitBy(const Bound& self, const Arguments& arguments) {
    return Value::of(split(self.text(), argument(arguments, 0, "sep"), self.whole(arguments, 1, "maxsplit", -1),
        self.name == "rsplit", self.line));
}

Value splitLines(const Bound& self, const Arguments& arguments) {
    const Value* keep = argument(arguments, 0, "keepends");
    List lines;
    for (Text& line : linesOf(self.text(), keep && keep->isTrue())) lines.push_back(Value::of(std::move(line)));
    return Value::of(std::move(lines));
}

Value partition(const Bound& self, const Arguments& arguments) {
    const std::string& by = self.textArgument(arguments, 0, "sep").bytes();
    if (by.empty()) fail(self.line, self.name + " is given an empty separator");
    const bool fromRight = self.name == "rpartition";
    const auto at = fromRight ? self.bytes().rfind(by) : self.bytes().find(by);
    const auto empty = [] { return Value::of(Text()); };
    if (at == std::string::npos)
        return fromRight ? Value::tuple({empty(), empty(), self.value}) : Value::tuple({self.value, empty(), empty()});
    return Value::tuple({Value::of(self.text().part(0, at)), Value::of(self.text().part(at, by.size())),
        Value::of(self.text().part(at + by.size(), self.bytes().size()))});
}

Value removeEnd(const Bound& self, const Arguments& arguments) {
    const std::string& end = self.textArgument(arguments, 0, "prefix").bytes();
    const Text& text = self.text();
    if (self.name == "removeprefix")
        return Value::of(self.bytes().starts_with(end) ? text.part(end.size(), text.size()) : text);
    return Value::of(self.bytes().ends_with(end) ? text.part(0, text.size() - end.size()) : text);
}

/// The part of the text that `start` and `end` name, as offsets; both count characters, from the end when negative.
std::pair<std::size_t, std::size_t> window(const Bound& self, const Arguments& arguments) {
    const std::int64_t n = characters(self.bytes());
    const auto bound = [&](std::size_t place, std::string_view key, std::int64_t standard) {
        const std::int64_t at = self.whole(arguments, place, key, standard);
        return offsetOf(self.bytes(), std::clamp<std::int64_t>(at < 0 ? at + n : at, 0, n));
    };
    return {bound(1, "start", 0), bound(2, "end", n)};
}

Value beginsOrEnds(const Bound& self, const Arguments& arguments) {
    const Value* given = argument(arguments, 0, "prefix");
    if (!given) fail(self.line, self.name + " needs a string");
    const auto [from, to] = window(self, arguments);
    const std::string_view text = std::string_view(self.bytes()).substr(from, to - std::min(from, to));
    const auto fits = [&](const Value& part) {
        const std::string& bytes = needText(&part, self.line, self.name).bytes();
        return self.name == "startswith" ? text.starts_with(bytes) : text.ends_with(bytes);
    };
    if (given->is(Kind::List) && given->isTuple)
        return Value::of(std::any_of(given->list->begin(), given->list->end(), fits));
    return Value::of(fits(*given));
}

Value find(const Bound& self, const Arguments& arguments) {
    const std::string& wanted = self.textArgument(arguments, 0, "sub").bytes();
    const auto [from, to] = window(self, arguments);
    const std::string_view text = std::string_view(self.bytes()).substr(from, to - std::min(from, to));
    const bool fromRight = self.name.starts_with("r");
    const auto at = fromRight ? text.rfind(wanted) : text.find(wanted);
    if (at != std::string::npos) return Value::of(characters(std::string_view(self.bytes()).substr(0, from + at)));
    if (self.name.ends_with("index")) fail(self.line, "the string does not hold what index looks for");
    return Value::of(std::int64_t{-1});
}

Value count(const Bound& self, const Arguments& arguments) {
    const std::string& wanted = self.textArgument(arguments, 0, "sub").bytes();
    const auto [from, to] = window(self, arguments);
    const std::string_view text = std::string_view(self.bytes()).substr(from, to - std::min(from, to));
    if (wanted.empty()) return Value::of(characters(text) + 1);
    std::int64_t n = 0;
    for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + wanted.size())) ++n;
    return Value::of(n);
}

Value likeFilter(const Bound& self, const Arguments& arguments) {
    return applyFilter(self.name, self.value, arguments, self.line);
}

Value join(const Bound& self, const Arguments& arguments) {
    if (arguments.positional.empty()) fail(self.line, "join needs a list");
    Text out;
    bool isFirst = true;
    for (const Value& item : itemsOf(arguments.positional[0], self.line, "join")) {
        if (!std::exchange(isFirst, false)) out.append(self.text());
        out.append(needText(&item, self.line, "join"));
    }
    return Value::of(std::move(out));
}

Value inOtherCase(const Bound& self, const Arguments&) {
    return Value::of(inCase(self.text(), self.name == "title"      ? Letters::Title
                                         : self.name == "swapcase" ? Letters::Swap
                                                                   : Letters::Fold));
}

Value justify(const Bound& self, const Arguments& arguments) {
    const std::int64_t width = std::min(self.whole(arguments, 0, "width", 0), kWidest);
    const Value* given = argument(arguments, 1, "fillchar");
    const Text fill = given ? needText(given, self.line, self.name) : Text(" ", kFromTemplate);
    if (characters(fill.bytes()) != 1) fail(self.line, self.name + " fills with one character");
    const std::int64_t missing = std::max<std::int64_t>(0, width - characters(self.bytes()));
    const std::int64_t left = self.name == "rjust"    ? missing
                              : self.name == "center" ? missing / 2 + (missing & width & 1)
                                                      : 0;
    Text out;
    for (std::int64_t i = 0; i < left; ++i) out.append(fill);
    out.append(self.text());
    for (std::int64_t i = left; i < missing; ++i) out.append(fill);
    return Value::of(std::move(out));
}

Value zeroFilled(const Bound& self, const Arguments& arguments) {
    const std::int64_t missing = std::min(self.whole(arguments, 0, "width", 0), kWidest) - characters(self.bytes());
    if (missing <= 0) return self.value;
    const std::size_t sign = self.bytes().starts_with('-') || self.bytes().starts_with('+');
    Text out = self.text().part(0, sign);
    out.append(Text(std::string(static_cast<std::size_t>(missing), '0'), kFromTemplate));
    out.append(self.text().part(sign, self.bytes().size()));
    return Value::of(std::move(out));
}

Value format(const Bound& self, const Arguments& arguments) {
    return Value::of(braceFormatted(self.text(), arguments, self.line));
}

Value expandTabs(const Bound& self, const Arguments& arguments) {
    const std::int64_t size = std::clamp<std::int64_t>(self.whole(arguments, 0, "tabsize", 8), 0, 64);
    Text out;
    std::int64_t column = 0;
    for (const Value& character : itemsOf(self.value, self.line, self.name)) {
        if (character.text.bytes() == "\t") {
            const std::int64_t n = size ? size - column % size : 0;
            out.append(Text(std::string(static_cast<std::size_t>(n), ' '), kFromTemplate));
            column += n;
            continue;
        }
        column = character.text.bytes() == "\n" || character.text.bytes() == "\r" ? 0 : column + 1;
        out.append(character.text);
    }
    return Value::of(std::move(out));
}

bool isDigit(std::int32_t code) { return utf8proc_category(code) == UTF8PROC_CATEGORY_ND; }
bool isNumeric(std::int32_t code) {
    const auto category = utf8proc_category(code);
    return category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL || category == UTF8PROC_CATEGORY_NO;
}

/// Whether every character is of the kind that the method names, and there is one.
Value isAll(const Bound& self, const Arguments&) {
    const std::string_view kind = std::string_view(self.name).substr(2);
    bool all = !self.text().empty() || kind == "ascii" || kind == "printable";
    forEachCharacter(self.bytes(), [&](std::string_view, std::int32_t code) {
        all = all && code >= 0 &&
              (kind == "alpha"          ? isLetter(code)
                  : kind == "digit"     ? isDigit(code) || (isNumeric(code) && code < 0x2100 && code > 0xb0)
                  : kind == "decimal"   ? isDigit(code)
                  : kind == "numeric"   ? isNumeric(code)
                  : kind == "alnum"     ? isLetter(code) || isNumeric(code)
                  : kind == "space"     ? isSpace(code)
                  : kind == "printable" ? isPrintable(code)
                                        : code < 0x80);
    });
    return Value::of(all);
}

Value isCase(const Bound& self, const Arguments&) {
    return Value::of(applyTest(self.name.substr(2), self.value, {}, self.line));
}

Value isTitle(const Bound& self, const Arguments&) {
    bool some = false, all = true, insideWord = false;
    forEachCharacter(self.bytes(), [&](std::string_view, std::int32_t code) {
        if (code < 0) return (void)(insideWord = false);
        if (isUpper(code)) all &= !insideWord, some = true, insideWord = true;
        else if (isLower(code)) all &= insideWord, some = true, insideWord = true;
        else insideWord = false;
    });
    return Value::of(some && all);
}

// --- Mappings and lists --------------------------------------------------------------------------------------------

Value entries(const Bound& self, const Arguments&) {
    const bool isKeys = self.name == "keys", isValues = self.name == "values";
    List out;
    for (const auto& [key, item] : *self.value.dict)
        out.push_back(isKeys ? key : isValues ? item : Value::tuple({key, item}));
    return Value::view(isKeys ? "dict_keys" : isValues ? "dict_values" : "dict_items", std::move(out));
}

Value get(const Bound& self, const Arguments& arguments) {
    const Value *key = argument(arguments, 0, "key"), *other = argument(arguments, 1, "default");
    if (!key) fail(self.line, "get needs a name");
    needHash(*key, self.line);
    const Value* found = self.value.find(*key);
    return found ? *found : other ? *other : Value::none();
}

Value copy(const Bound& self, const Arguments&) {
    return self.value.is(Kind::Dict) ? Value::of(Dict(*self.value.dict)) : Value::of(List(*self.value.list));
}

Value countItems(const Bound& self, const Arguments& arguments) {
    if (arguments.positional.empty()) fail(self.line, self.name + " needs a value");
    const List& list = *self.value.list;
    const auto same = [&](const Value& item) { return equal(item, arguments.positional[0]); };
    if (self.name == "count")
        return Value::of(static_cast<std::int64_t>(std::count_if(list.begin(), list.end(), same)));
    const auto found = std::find_if(list.begin(), list.end(), same);
    if (found == list.end()) fail(self.line, "the list does not hold what index looks for");
    return Value::of(static_cast<std::int64_t>(found - list.begin()));
}

using Methods = std::map<std::string_view, Method>;
const Methods kOfStrings = {
    {"capitalize", likeFilter},
    {"casefold", inOtherCase},
    {"center", justify},
    {"count", count},
    {"endswith", beginsOrEnds},
    {"expandtabs", expandTabs},
    {"find", find},
    {"format", format},
    {"index", find},
    {"isalnum", isAll},
    {"isalpha", isAll},
    {"isascii", isAll},
    {"isdecimal", isAll},
    {"isdigit", isAll},
    {"islower", isCase},
    {"isnumeric", isAll},
    {"isprintable", isAll},
    {"isspace", isAll},
    {"istitle", isTitle},
    {"isupper", isCase},
    {"join", join},
    {"ljust", justify},
    {"lower", likeFilter},
    {"lstrip", strip},
    {"partition", partition},
    {"removeprefix", removeEnd},
    {"removesuffix", removeEnd},
    {"replace", likeFilter},
    {"rfind", find},
    {"rindex", find},
    {"rjust", justify},
    {"rpartition", partition},
    {"rsplit", splitBy},
    {"rstrip", strip},
    {"split", splitBy},
    {"splitlines", splitLines},
    {"startswith", beginsOrEnds},
    {"strip", strip},
    {"swapcase", inOtherCase},
    {"title", inOtherCase},
    {"upper", likeFilter},
    {"zfill", zeroFilled},
};
const Methods kOfMappings = {{"copy", copy}, {"get", get}, {"items", entries}, {"keys", entries}, {"values", entries}};
const Methods kOfLists = {{"copy", copy}, {"count", countItems}, {"index", countItems}};
const Methods kOfTuples = {{"count", countItems}, {"index", countItems}};

/// What a method of Markup gives: Markup, also in lists.
Value safe(Value out) {
    out.isSafe = out.isString();
    if (out.is(Kind::List))
        for (Value& part : *out.list) part.isSafe = part.isString();
    return out;
}
/// Markup escapes what is put into it.
Arguments safeArguments(const Bound& self, Arguments arguments) {
    if (self.name == "format")
        fail(self.line, "format of a string that is marked as safe is not known here", Code::Unsupported);
    const auto escape = [](const Value& value) {
        return value.isString() && !value.isSafe ? Value::of(escaped(value.text)) : value;
    };
    const bool isPut = self.name == "replace" || self.name == "ljust" || self.name == "rjust" || self.name == "center";
    if (isPut && arguments.positional.size() > 1) arguments.positional[1] = escape(arguments.positional[1]);
    if (self.name == "join" && !arguments.positional.empty()) {
        List items = itemsOf(arguments.positional[0], self.line, "join");
        for (Value& item : items) item = Value::of(item.isString() && item.isSafe ? item.text : escaped(printed(item)));
        arguments.positional[0] = Value::of(std::move(items));
    }
    return arguments;
}

/// Names of methods that change their value: they hide members of that name, and give nothing.
bool changes(const Value& value, std::string_view name) {
    constexpr std::string_view kOfMapping[] = {"clear", "pop", "popitem", "setdefault", "update"};
    constexpr std::string_view kOfList[] = {"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"};
    if (value.is(Kind::Dict))
        return std::find(std::begin(kOfMapping), std::end(kOfMapping), name) != std::end(kOfMapping);
    return value.is(Kind::List) && std::find(std::begin(kOfList), std::end(kOfList), name) != std::end(kOfList);
}

}  // namespace

std::optional<Value> methodOf(const Value& value, const std::string& name, int line) {
    const Methods* methods = value.isString()                          ? &kOfStrings
                             : value.is(Kind::Dict) && !value.isObject ? &kOfMappings
                             : value.is(Kind::List) && value.isTuple   ? &kOfTuples
                             : value.is(Kind::List)                    ? &kOfLists
                                                                       : nullptr;
    if (!methods) return std::nullopt;
    const auto found = methods->find(name);
    if (found == methods->end()) return std::nullopt;
    return Value::of(Function([self = Bound{value, name, line}, method = found->second](const Arguments& arguments) {
        return self.value.isSafe ? safe(method(self, safeArguments(self, arguments))) : method(self, arguments);
    }));
}

Value attributeOf(const Value& value, const std::string& name, int line) {
    if (value.is(Kind::Undefined)) fail(line, "'" + name + "' is asked of an undefined value");
    if (!value.isObject) {
        if (auto method = methodOf(value, name, line)) return *method;
        if (changes(value, name)) return {};
    }
    const Value* found = value.find(std::string_view(name));
    return found ? *found : Value();
}

Value itemOf(const Value& value, const Value& index, int line) {
    if (value.is(Kind::Undefined)) fail(line, "an item is asked of an undefined value");
    if (value.is(Kind::Dict)) {
        const Value* found = value.find(index);
        if (found) return *found;
    } else if (index.isWhole() && (value.is(Kind::List) || value.isRange() || value.isString())) {
        const auto n =
            value.isString() ? characters(value.text.bytes()) : static_cast<std::int64_t>(value.list->size());
        const std::int64_t at = index.integer() < 0 ? index.integer() + n : index.integer();
        if (index.isHuge() || at < 0 || at >= n) return {};
        if (value.list) return (*value.list)[static_cast<std::size_t>(at)];
        const auto from = offsetOf(value.text.bytes(), at);
        std::int32_t code = 0;
        Value out = Value::of(value.text.part(from, characterAt(value.text.bytes(), from, code)));
        out.isSafe = value.isSafe;
        return out;
    }
    if (!index.isString()) return {};
    const auto method = methodOf(value, index.text.bytes(), line);
    return method ? *method : Value();
}

}  // namespace dubito::lm::jinja
