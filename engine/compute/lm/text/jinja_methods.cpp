// Methods of strings, mappings and lists: a name gives a function that holds its value.
#include <algorithm>
#include <map>

#include "lm/text/jinja_text.h"

namespace dubito::lm::jinja {
namespace {

/// The value a method belongs to, kept alive by it.
struct Bound {
    Value value;
    std::string name;
    int line;

    const Text& text() const { return value.text; }
    const Text& textArgument(const Arguments& arguments, std::string_view key) const {
        return needText(argument(arguments, 0, key), line, name);
    }
};
using Method = Value (*)(const Bound&, const Arguments&);

// --- Strings -------------------------------------------------------------------------------------------------------

Value strip(const Bound& self, const Arguments& arguments) {
    const Value* set = argument(arguments, 0, "chars");
    return Value::of(stripped(self.text(), self.name != "rstrip", self.name != "lstrip",
        set && set->isString() ? &set->text.bytes() : nullptr));
}

Value splitBy(const Bound& self, const Arguments& arguments) {
    const Value* most = argument(arguments, 1, "maxsplit");
    return Value::of(split(self.text(), argument(arguments, 0, "sep"), most && most->is(Kind::Int) ? most->whole : -1,
        self.name == "rsplit"));
}

Value splitLines(const Bound& self, const Arguments&) {
    const Text& text = self.text();
    List lines;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.bytes().find('\n', at), text.size());
        lines.push_back(Value::of(text.part(at, end - at)));
        at = end + 1;
    }
    return Value::of(std::move(lines));
}

Value beginsOrEnds(const Bound& self, const Arguments& arguments) {
    const Value* given = argument(arguments, 0, "prefix");
    const auto fits = [&](const Value& part) {
        const std::string& bytes = needText(&part, self.line, self.name).bytes();
        const std::string& text = self.text().bytes();
        return self.name == "startswith" ? text.starts_with(bytes) : text.ends_with(bytes);
    };
    if (!given) fail(self.line, self.name + " needs a string");
    if (given->is(Kind::List)) return Value::of(std::any_of(given->list->begin(), given->list->end(), fits));
    return Value::of(fits(*given));
}

Value find(const Bound& self, const Arguments& arguments) {
    const std::string& bytes = self.text().bytes();
    const auto at = bytes.find(self.textArgument(arguments, "sub").bytes());
    return Value::of(at == std::string::npos ? std::int64_t{-1} : characters(bytes.substr(0, at)));
}

Value count(const Bound& self, const Arguments& arguments) {
    self.textArgument(arguments, "sub");
    const List pieces = split(self.text(), argument(arguments, 0, "sub"), -1, false);
    return Value::of(static_cast<std::int64_t>(pieces.size()) - 1);
}

Value likeFilter(const Bound& self, const Arguments& arguments) {
    return applyFilter(self.name, self.value, arguments, self.line);
}

Value join(const Bound& self, const Arguments& arguments) {
    return applyFilter(
        "join", arguments.positional.empty() ? Value() : arguments.positional[0], {{self.value}, {}}, self.line);
}

Value title(const Bound& self, const Arguments&) {
    bool startsWord = true;
    return Value::of(mapped(self.text(), [&](utf8proc_int32_t c) {
        const auto category = utf8proc_category(c);
        const bool isLetter = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
        const utf8proc_int32_t out = startsWord ? utf8proc_toupper(c) : utf8proc_tolower(c);
        startsWord = !isLetter;
        return out;
    }));
}

// --- Mappings ------------------------------------------------------------------------------------------------------

Value entries(const Bound& self, const Arguments&) {
    List out;
    for (const auto& [key, item] : *self.value.dict) {
        const Value keyValue = Value::of(Text(key, kFromOutside));
        out.push_back(self.name == "keys" ? keyValue : self.name == "values" ? item : Value::of(List{keyValue, item}));
    }
    return Value::of(std::move(out));
}

Value get(const Bound& self, const Arguments& arguments) {
    const Value *found = self.value.find(self.textArgument(arguments, "key").bytes()),
                *other = argument(arguments, 1, "default");
    return found ? *found : other ? *other : Value::none();
}

Value update(const Bound& self, const Arguments& arguments) {
    if (arguments.positional.empty() || !arguments.positional[0].is(Kind::Dict))
        fail(self.line, "update needs a mapping");
    Dict& dict = *self.value.dict;
    for (const auto& [key, item] : Dict(*arguments.positional[0].dict)) {
        const auto at =
            std::find_if(dict.begin(), dict.end(), [&key = key](const auto& entry) { return entry.first == key; });
        if (at == dict.end()) dict.emplace_back(key, item);
        else at->second = item;
    }
    return Value::none();
}

// --- Lists ---------------------------------------------------------------------------------------------------------

Value append(const Bound& self, const Arguments& arguments) {
    if (arguments.positional.size() != 1) fail(self.line, "append needs one value");
    List& list = *self.value.list;
    if (list.size() >= 100'000) fail(self.line, "a list grows beyond 100,000 items", Code::Limit);
    list.push_back(arguments.positional[0]);
    return Value::none();
}

Value pop(const Bound& self, const Arguments& arguments) {
    List& list = *self.value.list;
    const Value* at = argument(arguments, 0, "index");
    const std::int64_t index = at ? at->integer() : -1, n = static_cast<std::int64_t>(list.size());
    if (index < -n || index >= n) fail(self.line, "pop is outside the list");
    const auto place = list.begin() + (index < 0 ? index + n : index);
    Value out = *place;
    list.erase(place);
    return out;
}

using Methods = std::map<std::string_view, Method>;
const Methods kOfStrings = {
    {"capitalize", likeFilter},
    {"count", count},
    {"endswith", beginsOrEnds},
    {"find", find},
    {"join", join},
    {"lower", likeFilter},
    {"lstrip", strip},
    {"replace", likeFilter},
    {"rsplit", splitBy},
    {"rstrip", strip},
    {"split", splitBy},
    {"splitlines", splitLines},
    {"startswith", beginsOrEnds},
    {"strip", strip},
    {"title", title},
    {"upper", likeFilter},
};
const Methods kOfMappings = {
    {"get", get}, {"items", entries}, {"keys", entries}, {"update", update}, {"values", entries}};
const Methods kOfLists = {{"append", append}, {"pop", pop}};

}  // namespace

std::optional<Value> methodOf(const Value& value, const std::string& name, int line) {
    const Methods* methods = value.isString()       ? &kOfStrings
                             : value.is(Kind::Dict) ? &kOfMappings
                             : value.is(Kind::List) ? &kOfLists
                                                    : nullptr;
    if (!methods) return std::nullopt;
    const auto found = methods->find(name);
    if (found == methods->end()) return std::nullopt;
    return Value::of(Function([self = Bound{value, name, line}, method = found->second](
                                  const Arguments& arguments) { return method(self, arguments); }));
}

}  // namespace dubito::lm::jinja
