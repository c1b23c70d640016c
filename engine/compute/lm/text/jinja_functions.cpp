// What the language can do with values: filters, tests, methods.
#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "lm/text/jinja_value.h"
#include "lm/text/pretokenizer.h"

namespace dubito::lm::jinja {
namespace {

using Kind = Value::Kind;

[[noreturn]] void fail(int line, std::string what, Code code = Code::InvalidArgument) {
    throw Failure{code, std::move(what), line};
}

const Value* argument(const Arguments& arguments, std::size_t place, std::string_view name) {
    for (const auto& [key, value] : arguments.named)
        if (key == name) return &value;
    return place < arguments.positional.size() ? &arguments.positional[place] : nullptr;
}

bool isSpaceAt(const std::string& text, std::size_t at) {
    return std::string_view(" \t\n\r\f\v").find(text[at]) != std::string_view::npos;
}

Text stripped(const Text& text, bool left, bool right, const std::string* characters) {
    const std::string& bytes = text.bytes();
    const auto goes = [&](std::size_t at) {
        return characters ? characters->find(bytes[at]) != std::string::npos : isSpaceAt(bytes, at);
    };
    std::size_t begin = 0, end = bytes.size();
    while (left && begin < end && goes(begin)) ++begin;
    while (right && end > begin && goes(end - 1)) --end;
    return text.part(begin, end - begin);
}

template <class Map>
Text mapped(const Text& text, Map map) {
    Text out;
    std::size_t begin = 0;
    for (const auto& run : text.runs()) {
        std::string bytes;
        for (std::size_t at = begin; at < run.end;) {
            utf8proc_int32_t code = 0;
            const auto n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.bytes().data()) + at,
                static_cast<utf8proc_ssize_t>(run.end - at), &code);
            if (n <= 0) {
                bytes += text.bytes()[at++];
                continue;
            }
            utf8proc_uint8_t buffer[4];
            bytes.append(
                reinterpret_cast<char*>(buffer), static_cast<std::size_t>(utf8proc_encode_char(map(code), buffer)));
            at += static_cast<std::size_t>(n);
        }
        out.append(Text(std::move(bytes), run.source));
        begin = run.end;
    }
    return out;
}

Text replaced(const Text& text, const std::string& from, const Text& to, std::int64_t most = -1) {
    if (from.empty()) return text;
    Text out;
    std::size_t at = 0;
    for (; most != 0; --most) {
        const auto found = text.bytes().find(from, at);
        if (found == std::string::npos) break;
        out.append(text.part(at, found - at));
        out.append(to);
        at = found + from.size();
    }
    out.append(text.part(at, text.size() - at));
    return out;
}

List split(const Text& text, const Value* separator, std::int64_t most, bool fromRight) {
    List out;
    const std::string& bytes = text.bytes();
    if (!separator || separator->is(Kind::None)) {
        std::size_t at = 0;
        for (;;) {
            while (at < bytes.size() && isSpaceAt(bytes, at)) ++at;
            if (at >= bytes.size()) return out;
            std::size_t end = at;
            while (end < bytes.size() && !isSpaceAt(bytes, end)) ++end;
            if (most == 0) end = bytes.size();
            out.push_back(Value::of(text.part(at, end - at)));
            at = end;
            --most;
        }
    }
    const std::string& by = separator->text.bytes();
    if (by.empty()) return {Value::of(text)};
    std::vector<std::size_t> cuts;
    for (std::size_t at = bytes.find(by); at != std::string::npos; at = bytes.find(by, at + by.size()))
        cuts.push_back(at);
    if (most >= 0 && cuts.size() > static_cast<std::size_t>(most))
        fromRight ? (void)cuts.erase(cuts.begin(), cuts.end() - most) : cuts.resize(static_cast<std::size_t>(most));
    std::size_t at = 0;
    for (const auto cut : cuts) {
        out.push_back(Value::of(text.part(at, cut - at)));
        at = cut + by.size();
    }
    out.push_back(Value::of(text.part(at, bytes.size() - at)));
    return out;
}

std::int64_t characters(const std::string& text) {
    return std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

const List& needList(const Value& value, int line, std::string_view what) {
    static const List kEmpty;
    if (value.is(Kind::Undefined)) return kEmpty;
    if (!value.is(Kind::List)) fail(line, fmt::format("{} needs a list, not {}", what, kindName(value)));
    return *value.list;
}
const Text& needText(const Value* value, int line, std::string_view what) {
    if (!value || !value->isString())
        fail(line, fmt::format("{} needs a string, not {}", what, value ? kindName(*value) : "nothing"));
    return value->text;
}

/// "a.b" of an item; undefined when it is not there.
Value pathOf(const Value& item, const std::string& path) {
    Value at = item;
    for (std::size_t begin = 0; begin <= path.size();) {
        const auto end = std::min(path.find('.', begin), path.size());
        const Value* next = at.find(path.substr(begin, end - begin));
        if (!next) return {};
        Value copy = *next;
        at = std::move(copy);
        begin = end + 1;
    }
    return at;
}

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

}  // namespace

Value applyFilter(const std::string& name, const Value& value, const Arguments& arguments, int line) {
    const auto needString = [&]() -> const Text& { return needText(&value, line, "the filter " + name); };
    if (name == "safe" || name == "string" || name == "e" || name == "escape")
        return name == "safe" && !value.isString() ? value : Value::of(printed(value));
    if (name == "tojson") {
        const Value* indent = argument(arguments, 0, "indent");
        return Value::of(asJson(value,
            indent && indent->is(Kind::Int) ? static_cast<int>(std::clamp<std::int64_t>(indent->whole, 0, 16)) : -1));
    }
    if (name == "default" || name == "d") {
        const Value *other = argument(arguments, 0, "default_value"), *all = argument(arguments, 1, "boolean");
        const bool missing = value.is(Kind::Undefined) || (all && all->isTrue() && !value.isTrue());
        return missing ? (other ? *other : Value::of(Text())) : value;
    }
    if (name == "trim") {
        const Value* set = argument(arguments, 0, "chars");
        return Value::of(stripped(printed(value), true, true, set && set->isString() ? &set->text.bytes() : nullptr));
    }
    if (name == "upper") return Value::of(mapped(printed(value), utf8proc_toupper));
    if (name == "lower") return Value::of(mapped(printed(value), utf8proc_tolower));
    if (name == "capitalize") {
        bool isFirst = true;
        return Value::of(mapped(printed(value), [&](utf8proc_int32_t c) {
            return std::exchange(isFirst, false) ? utf8proc_toupper(c) : utf8proc_tolower(c);
        }));
    }
    if (name == "length" || name == "count") {
        if (value.isString()) return Value::of(characters(value.text.bytes()));
        if (value.is(Kind::Dict)) return Value::of(static_cast<std::int64_t>(value.dict->size()));
        return Value::of(static_cast<std::int64_t>(needList(value, line, "the filter length").size()));
    }
    if (name == "items") {
        if (value.is(Kind::Undefined)) return Value::of(List());
        return (*methodOf(value, "items", line)->function)({});
    }
    if (name == "list") {
        if (value.is(Kind::List)) return Value::of(*value.list);
        List out;
        if (value.is(Kind::Dict))
            for (const auto& [key, item] : *value.dict) out.push_back(Value::of(Text(key, kFromOutside)));
        else
            for (std::size_t at = 0; at < needString().size();) {
                const std::size_t n =
                    std::max<std::size_t>(1, utf8Length(std::string_view(value.text.bytes()).substr(at)));
                out.push_back(Value::of(value.text.part(at, n)));
                at += n;
            }
        return Value::of(std::move(out));
    }
    if (name == "int") {
        if (value.isNumber()) return Value::of(value.integer());
        const Value* other = argument(arguments, 0, "default");
        char* end = nullptr;
        const long long number = value.isString() ? std::strtoll(value.text.bytes().c_str(), &end, 10) : 0;
        return end && *end == 0 && !value.text.empty() ? Value::of(static_cast<std::int64_t>(number))
               : other                                 ? *other
                                                       : Value::of(std::int64_t{0});
    }
    if (name == "float")
        return Value::of(value.isNumber()   ? value.number()
                         : value.isString() ? std::strtod(value.text.bytes().c_str(), nullptr)
                                            : 0.0);
    if (name == "abs" && value.isNumber())
        return value.is(Kind::Float) ? Value::of(std::abs(value.real)) : Value::of(std::abs(value.integer()));
    if (name == "first" || name == "last") {
        if (value.isString())
            return value.text.empty()
                       ? Value()
                       : Value::of(name == "first"
                                       ? value.text.part(0, std::max<std::size_t>(1, utf8Length(value.text.bytes())))
                                       : value.text.part(value.text.size() - 1, 1));
        const List& list = needList(value, line, "the filter " + name);
        return list.empty() ? Value() : name == "first" ? list.front() : list.back();
    }
    if (name == "reverse") {
        List out = needList(value, line, "the filter reverse");
        std::reverse(out.begin(), out.end());
        return Value::of(std::move(out));
    }
    if (name == "join") {
        const Value *by = argument(arguments, 0, "d"), *attribute = argument(arguments, 1, "attribute");
        Text out;
        bool isFirst = true;
        for (const Value& item : needList(value, line, "the filter join")) {
            if (!std::exchange(isFirst, false) && by) out.append(printed(*by));
            out.append(printed(attribute ? pathOf(item, needText(attribute, line, "join").bytes()) : item));
        }
        return Value::of(std::move(out));
    }
    if (name == "selectattr" || name == "rejectattr") return selected(value, arguments, name == "selectattr", line);
    if (name == "select" || name == "reject") {
        List out;
        for (const Value& item : needList(value, line, "the filter " + name)) {
            const bool passes = arguments.positional.empty()
                                    ? item.isTrue()
                                    : applyTest(needText(&arguments.positional[0], line, name).bytes(), item,
                                          {{arguments.positional.begin() + 1, arguments.positional.end()}, {}}, line);
            if (passes == (name == "select")) out.push_back(item);
        }
        return Value::of(std::move(out));
    }
    if (name == "map") {
        List out;
        const Value *attribute = argument(arguments, 9, "attribute"), *other = argument(arguments, 9, "default");
        const std::string filter =
            attribute ? std::string() : needText(argument(arguments, 0, "filter"), line, "map").bytes();
        const Arguments rest{
            {arguments.positional.begin() + (arguments.positional.empty() ? 0 : 1), arguments.positional.end()}, {}};
        for (const Value& item : needList(value, line, "the filter map")) {
            if (attribute) {
                Value at = pathOf(item, needText(attribute, line, "map").bytes());
                out.push_back(at.is(Kind::Undefined) && other ? *other : std::move(at));
            } else {
                out.push_back(applyFilter(filter, item, rest, line));
            }
        }
        return Value::of(std::move(out));
    }
    if (name == "replace") {
        const Value* count = argument(arguments, 2, "count");
        return Value::of(replaced(printed(value), needText(argument(arguments, 0, "old"), line, "replace").bytes(),
            needText(argument(arguments, 1, "new"), line, "replace"),
            count && count->is(Kind::Int) ? count->whole : -1));
    }
    fail(line, "the filter '" + name + "' is not known", Code::Unsupported);
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

std::optional<Value> methodOf(const Value& value, const std::string& name, int line) {
    const auto function = [](Function body) { return Value::of(std::move(body)); };
    if (value.isString()) {
        const Text text = value.text;
        if (name == "strip" || name == "lstrip" || name == "rstrip")
            return function([text, name](const Arguments& arguments) {
                const Value* set = argument(arguments, 0, "chars");
                return Value::of(stripped(
                    text, name != "rstrip", name != "lstrip", set && set->isString() ? &set->text.bytes() : nullptr));
            });
        if (name == "split" || name == "rsplit")
            return function([text, name](const Arguments& arguments) {
                const Value* most = argument(arguments, 1, "maxsplit");
                return Value::of(split(text, argument(arguments, 0, "sep"),
                    most && most->is(Kind::Int) ? most->whole : -1, name == "rsplit"));
            });
        if (name == "splitlines")
            return function([text](const Arguments&) {
                List lines = split(text, nullptr, 0, false);
                lines.clear();
                std::size_t at = 0;
                while (at < text.size()) {
                    const auto end = std::min(text.bytes().find('\n', at), text.size());
                    lines.push_back(Value::of(text.part(at, end - at)));
                    at = end + 1;
                }
                return Value::of(std::move(lines));
            });
        if (name == "startswith" || name == "endswith")
            return function([text, name, line](const Arguments& arguments) {
                const Value* given = argument(arguments, 0, "prefix");
                const auto fits = [&](const Value& part) {
                    const std::string& bytes = needText(&part, line, name).bytes();
                    return name == "startswith" ? text.bytes().starts_with(bytes) : text.bytes().ends_with(bytes);
                };
                if (given && given->is(Kind::List))
                    return Value::of(std::any_of(given->list->begin(), given->list->end(), fits));
                if (!given) fail(line, name + " needs a string");
                return Value::of(fits(*given));
            });
        if (name == "find")
            return function([text, line](const Arguments& arguments) {
                const auto at = text.bytes().find(needText(argument(arguments, 0, "sub"), line, "find").bytes());
                return Value::of(at == std::string::npos ? std::int64_t{-1} : characters(text.bytes().substr(0, at)));
            });
        if (name == "count")
            return function([text, line](const Arguments& arguments) {
                return Value::of(
                    static_cast<std::int64_t>(split(text,
                        &(needText(argument(arguments, 0, "sub"), line, "count"), *argument(arguments, 0, "sub")), -1,
                        false)
                                                  .size()) -
                    1);
            });
        if (name == "replace" || name == "upper" || name == "lower" || name == "capitalize")
            return function(
                [value, name, line](const Arguments& arguments) { return applyFilter(name, value, arguments, line); });
        if (name == "join")
            return function([value, line](const Arguments& arguments) {
                return applyFilter(
                    "join", arguments.positional.empty() ? Value() : arguments.positional[0], {{value}, {}}, line);
            });
        if (name == "title")
            return function([text](const Arguments&) {
                bool starts = true;
                return Value::of(mapped(text, [&](utf8proc_int32_t c) {
                    const auto category = utf8proc_category(c);
                    const bool isLetter = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
                    const utf8proc_int32_t out = starts ? utf8proc_toupper(c) : utf8proc_tolower(c);
                    starts = !isLetter;
                    return out;
                }));
            });
    }
    if (value.is(Kind::Dict)) {
        const auto dict = value.dict;
        if (name == "items" || name == "keys" || name == "values")
            return function([dict, name](const Arguments&) {
                List out;
                for (const auto& [key, item] : *dict) {
                    const Value keyValue = Value::of(Text(key, kFromOutside));
                    out.push_back(name == "keys"     ? keyValue
                                  : name == "values" ? item
                                                     : Value::of(List{keyValue, item}));
                }
                return Value::of(std::move(out));
            });
        if (name == "get")
            return function([value, line](const Arguments& arguments) {
                const Value *found = value.find(needText(argument(arguments, 0, "key"), line, "get").bytes()),
                            *other = argument(arguments, 1, "default");
                return found ? *found : other ? *other : Value::none();
            });
        if (name == "update")
            return function([dict, line](const Arguments& arguments) {
                if (arguments.positional.empty() || !arguments.positional[0].is(Kind::Dict))
                    fail(line, "update needs a mapping");
                for (const auto& [key, item] : Dict(*arguments.positional[0].dict)) {
                    const auto at = std::find_if(
                        dict->begin(), dict->end(), [&key = key](const auto& entry) { return entry.first == key; });
                    at == dict->end() ? (void)dict->emplace_back(key, item) : (void)(at->second = item);
                }
                return Value::none();
            });
    }
    if (value.is(Kind::List)) {
        const auto list = value.list;
        if (name == "append")
            return function([list, line](const Arguments& arguments) {
                if (arguments.positional.size() != 1) fail(line, "append needs one value");
                if (list->size() >= 100'000) fail(line, "a list grows beyond 100,000 items", Code::Limit);
                list->push_back(arguments.positional[0]);
                return Value::none();
            });
        if (name == "pop")
            return function([list, line](const Arguments& arguments) {
                const Value* at = argument(arguments, 0, "index");
                const std::int64_t index = at ? at->integer() : -1, n = static_cast<std::int64_t>(list->size());
                if (index < -n || index >= n) fail(line, "pop is outside the list");
                const auto place = list->begin() + (index < 0 ? index + n : index);
                Value out = *place;
                list->erase(place);
                return out;
            });
    }
    return std::nullopt;
}

}  // namespace dubito::lm::jinja
