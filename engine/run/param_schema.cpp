// An unknown keyword is an error, so that no rule is silently ignored.
#include "run/param_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "run/pattern.h"

namespace dubito::run {
namespace {

constexpr int kMaxDepth = 16;

Error wrong(std::string_view pointer, std::string_view what) {
    return Error(Code::InvalidParameters, fmt::format("{} {}", pointer.empty() ? "the parameters" : pointer, what));
}

std::string shown(const Json& value) {
    std::string text = jsonText(value);
    if (text.size() > 60) text = text.substr(0, 57) + "...";
    return text;
}

/// Characters of UTF-8 text; a byte that continues one counts for nothing.
std::size_t codePoints(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string rangeText(const Json& schema) {
    const auto bound = [&](const char* inclusive, const char* exclusive, const char* word) -> std::string {
        if (schema.contains(inclusive)) return jsonText(schema[inclusive]);
        if (schema.contains(exclusive)) return fmt::format("{} {}", word, jsonText(schema[exclusive]));
        return {};
    };
    const std::string low = bound("minimum", "exclusiveMinimum", "above");
    const std::string high = bound("maximum", "exclusiveMaximum", "below");
    if (!low.empty() && !high.empty()) return fmt::format("allowed {} to {}", low, high);
    return low.empty() ? "allowed up to " + high : "allowed from " + low;
}

/// The values a schema allows by name; empty: it names none.
Json choicesIn(const Json& schema) {
    if (schema.contains("enum")) return schema["enum"];
    Json out = Json::array();
    for (const Json& choice : memberOf(schema, "oneOf")) out.push_back(memberOf(choice, "const"));
    return out;
}

// --- The schema itself ---------------------------------------------------------------------------------------------

Result<void> checkOne(const Json& schema, const std::string& pointer, int depth);
Result<Json> applyOne(const Json& schema, const Json& value, const std::string& pointer, int depth);

/// What is wrong with the value of a keyword; empty: nothing.
using KeywordCheck = std::string (*)(const Json& rule);

std::string any(const Json&) { return {}; }
std::string number(const Json& rule) { return rule.is_number() ? "" : "must be a number"; }
std::string count(const Json& rule) { return rule.is_number_unsigned() ? "" : "must be a count"; }
std::string text(const Json& rule) { return rule.is_string() ? "" : "must be text"; }
std::string list(const Json& rule) { return rule.is_array() ? "" : "must be a list"; }
std::string choices(const Json& rule) { return rule.is_array() && !rule.empty() ? "" : "must be a list"; }
std::string divisor(const Json& rule) {
    if (!rule.is_number()) return "must be a number";
    return rule.get<double>() > 0 ? "" : "must be above 0";
}
std::string pattern(const Json& rule) {
    if (!rule.is_string()) return "must be text";
    const auto compiled = Pattern::compile(rule.get_ref<const std::string&>());
    return compiled ? "" : compiled.error().message();
}
std::string localised(const Json& rule) {
    const auto text = localText(rule);
    return text ? std::string() : text.error().message();
}
std::string namedChoices(const Json& rule) {
    if (!rule.is_array() || rule.empty()) return "must be a list";
    for (const Json& choice : rule) {
        if (!choice.is_object() || !choice.contains("const")) return "needs const in each choice";
        if (choice.contains("title"))
            if (const std::string problem = localised(choice["title"]); !problem.empty())
                return "has a choice whose title " + problem;
    }
    return {};
}
std::string flag(const Json& rule) { return rule.is_boolean() ? "" : "must be true or false"; }
std::string condition(const Json& rule) {
    const auto read = visibleWhen(rule);
    return read ? std::string() : read.error().message();
}
std::string fileNames(const Json& rule) {
    const auto isName = [](const Json& name) {
        return name.is_string() && !name.get_ref<const std::string&>().empty() &&
               name.get_ref<const std::string&>().size() <= 64 &&
               name.get_ref<const std::string&>().find_first_of("/;()\n") == std::string::npos;
    };
    const bool isSound =
        rule.is_array() && !rule.empty() && rule.size() <= 16 && std::all_of(rule.begin(), rule.end(), isName);
    return isSound ? "" : "must list 1 to 16 patterns of file names, as \"*.txt\"";
}
std::string scale(const Json& rule) { return rule == "log" || rule == "linear" ? "" : "must be \"log\" or \"linear\""; }

std::string fill(const Json& rule) { return rule == "today" ? "" : "must be \"today\""; }

constexpr struct {
    std::string_view name;
    KeywordCheck check;
} kKeywords[] = {
    {"type", any},
    {"properties", any},
    {"required", list},
    {"additionalProperties", any},
    {"minimum", number},
    {"maximum", number},
    {"exclusiveMinimum", number},
    {"exclusiveMaximum", number},
    {"multipleOf", divisor},
    {"enum", choices},
    {"oneOf", namedChoices},
    {"maxLength", count},
    {"minLength", count},
    {"pattern", pattern},
    {"items", any},
    {"minItems", count},
    {"maxItems", count},
    {"default", any},
    {"title", localised},
    {"description", localised},
    {"x-group", localised},
    {"x-unit", text},
    {"x-widget", text},
    {"x-advanced", flag},
    {"x-visible-when", condition},
    {"x-filter", fileNames},
    {"x-scale", scale},
    {"x-fill", fill},
};

Result<void> checkKeywords(const Json& schema, const std::string& pointer) {
    for (const auto& [key, rule] : schema.items()) {
        const auto known = std::find_if(
            std::begin(kKeywords), std::end(kKeywords), [&](const auto& each) { return each.name == key; });
        if (known == std::end(kKeywords) && key.starts_with("x-")) continue;
        if (known == std::end(kKeywords))
            return wrong(pointer, "uses the schema keyword \"" + key + "\", which Dubito does not check");
        if (const std::string problem = known->check(rule); !problem.empty())
            return wrong(pointer, key + " " + problem);
    }
    return {};
}

Result<void> checkMembers(const Json& schema, const std::string& pointer, int depth) {
    if (!memberOf(schema, "properties").is_object()) return wrong(pointer, "is an object without properties");
    for (const auto& [name, child] : schema["properties"].items()) {
        if (name.empty() || name.find('.') != std::string::npos || name.find('/') != std::string::npos)
            return wrong(pointer, "has a member with an unusable name");
        DUBITO_CHECK(checkOne(child, pointer + "/" + name, depth + 1));
    }
    return {};
}

/// What the schema itself names as values: its choices and its default.
Result<void> checkValues(const Json& schema, const std::string& pointer, int depth) {
    if (schema.contains("enum") && schema.contains("oneOf"))
        return wrong(pointer, "has both enum and oneOf; one of them names the choices");
    for (const auto& choice : choicesIn(schema))
        if (auto possible = applyOne(schema, choice, pointer, depth); !possible)
            return std::move(possible).error().in("its choices");
    if (!schema.contains("default")) return {};
    auto applied = applyOne(schema, schema["default"], pointer, depth);
    if (!applied) return std::move(applied).error().in("its default");
    return {};
}

Result<void> checkOne(const Json& schema, const std::string& pointer, int depth) {
    if (depth > kMaxDepth) return wrong(pointer, "nests too deep in the schema");
    if (!schema.is_object()) return wrong(pointer, "has no schema object");
    DUBITO_CHECK(checkKeywords(schema, pointer));
    const std::string type = textOr(schema, "type", "");
    if (type == "object") {
        DUBITO_CHECK(checkMembers(schema, pointer, depth));
    } else if (type == "array") {
        DUBITO_CHECK(checkOne(memberOf(schema, "items"), pointer + "/items", depth + 1));
        const std::string inner = textOr(schema["items"], "type", "");
        if (inner == "object" || inner == "array") return wrong(pointer, "may only list single values");
    } else if (type != "boolean" && type != "integer" && type != "number" && type != "string") {
        return wrong(
            pointer, "has the type \"" + type + "\"; known are boolean, integer, number, string, array, object");
    }
    if (schema.contains("x-scale") && type != "number" && type != "integer")
        return wrong(pointer, "has an x-scale, which only numbers have");
    if (schema.contains("x-fill") && type != "string") return wrong(pointer, "has an x-fill, which only texts have");
    return checkValues(schema, pointer, depth);
}

// --- Conditions: they point to other parameters, so they are looked at when the whole schema is known ---------------

Result<void> checkCondition(const Json& root, const Json& rule, const std::string& pointer) {
    DUBITO_TRY(const VisibleWhen condition, visibleWhen(rule));
    const Json& other = schemaAt(root, condition.pointer);
    if (!other.is_object() || textOr(other, "type", "") == "object")
        return wrong(pointer, "has an x-visible-when that points to " + condition.pointer + ", which is no parameter");
    if ((condition.pointer + "/").starts_with(pointer + "/"))
        return wrong(pointer, "has an x-visible-when that points to itself");
    for (const Json& value : condition.equals)
        if (auto possible = applyOne(other, value, condition.pointer, 0); !possible)
            return std::move(possible).error().in("the x-visible-when of " + pointer);
    return {};
}

Result<void> checkConditions(const Json& root, const Json& schema, const std::string& pointer) {
    if (schema.contains("x-visible-when")) DUBITO_CHECK(checkCondition(root, schema["x-visible-when"], pointer));
    for (const auto& [name, child] : memberOf(schema, "properties").items())
        DUBITO_CHECK(checkConditions(root, child, pointer + "/" + name));
    return {};
}

// --- Values against a schema: a function a type --------------------------------------------------------------------

Result<void> checkNumber(const Json& schema, double value, const Json& original, const std::string& pointer) {
    if (!std::isfinite(value)) return wrong(pointer, "is not a finite number");
    const auto holds = [&](const char* key, auto compare) {
        return !schema.contains(key) || compare(value, schema[key].get<double>());
    };
    const bool inside = holds("minimum", std::greater_equal<>()) && holds("maximum", std::less_equal<>()) &&
                        holds("exclusiveMinimum", std::greater<>()) && holds("exclusiveMaximum", std::less<>());
    if (!inside) return wrong(pointer, fmt::format("is {}; {}", shown(original), rangeText(schema)));
    if (schema.contains("multipleOf")) {
        const double quotient = value / schema["multipleOf"].get<double>();
        if (std::abs(quotient - std::round(quotient)) > 1e-9)
            return wrong(pointer,
                fmt::format("is {}; must be a multiple of {}", shown(original), jsonText(schema["multipleOf"])));
    }
    return {};
}

Result<Json> applyBoolean(const Json&, const Json& value, const std::string& pointer, int) {
    if (!value.is_boolean()) return wrong(pointer, "is " + shown(value) + "; must be true or false");
    return value;
}

Result<Json> applyInteger(const Json& schema, const Json& value, const std::string& pointer, int) {
    if (!value.is_number_integer()) return wrong(pointer, "is " + shown(value) + "; must be a whole number");
    const double number = value.get<double>();
    if (std::abs(number) > 9007199254740991.0) return wrong(pointer, "is beyond 2^53-1");
    DUBITO_CHECK(checkNumber(schema, number, value, pointer));
    return value;
}

Result<Json> applyReal(const Json& schema, const Json& value, const std::string& pointer, int) {
    if (!value.is_number()) return wrong(pointer, "is " + shown(value) + "; must be a number");
    DUBITO_CHECK(checkNumber(schema, value.get<double>(), value, pointer));
    return Json(value.get<double>());
}

Result<Json> applyText(const Json& schema, const Json& value, const std::string& pointer, int) {
    if (!value.is_string()) return wrong(pointer, "is " + shown(value) + "; must be text");
    const std::string& text = value.get_ref<const std::string&>();
    const std::size_t length = codePoints(text);
    if (schema.contains("maxLength") && length > schema["maxLength"].get<std::size_t>())
        return wrong(
            pointer, fmt::format("is {} characters long; at most {}", length, schema["maxLength"].get<std::size_t>()));
    if (schema.contains("minLength") && length < schema["minLength"].get<std::size_t>())
        return wrong(
            pointer, fmt::format("is {} characters long; at least {}", length, schema["minLength"].get<std::size_t>()));
    if (schema.contains("pattern")) {
        const std::string& form = schema["pattern"].get_ref<const std::string&>();
        const auto compiled = Pattern::compile(form);
        if (!compiled) return wrong(pointer, "has a pattern that " + compiled.error().message());
        const auto matches = compiled->matchesWhole(text);
        if (!matches) return wrong(pointer, matches.error().message());
        if (!*matches) return wrong(pointer, "does not have the required form " + form);
    }
    return value;
}

Result<Json> applyList(const Json& schema, const Json& value, const std::string& pointer, int depth) {
    if (!value.is_array()) return wrong(pointer, "must be a list");
    if (schema.contains("minItems") && value.size() < schema["minItems"].get<std::size_t>())
        return wrong(pointer, "has too few items");
    if (schema.contains("maxItems") && value.size() > schema["maxItems"].get<std::size_t>())
        return wrong(pointer, "has too many items");
    Json out = Json::array();
    for (std::size_t i = 0; i < value.size(); ++i) {
        DUBITO_TRY(Json item, applyOne(schema["items"], value[i], fmt::format("{}/{}", pointer, i), depth + 1));
        out.push_back(std::move(item));
    }
    return out;
}

Result<Json> applyObject(const Json& schema, const Json& value, const std::string& pointer, int depth) {
    if (!value.is_object()) return wrong(pointer, "must be an object");
    const Json& properties = memberOf(schema, "properties");
    for (const auto& [name, child] : value.items())
        if (!properties.contains(name)) return wrong(pointer + "/" + name, "is not a parameter here");
    const Json& required = memberOf(schema, "required");
    Json out = Json::object();
    for (const auto& [name, child] : properties.items()) {
        const std::string at = pointer + "/" + name;
        if (value.contains(name)) {
            DUBITO_TRY(out[name], applyOne(child, value[name], at, depth + 1));
        } else if (child.contains("default")) {
            DUBITO_TRY(out[name], applyOne(child, child["default"], at, depth + 1));
        } else if (textOr(child, "type", "") == "object") {
            DUBITO_TRY(out[name], applyOne(child, Json::object(), at, depth + 1));
        } else if (required.is_array() && std::find(required.begin(), required.end(), Json(name)) != required.end()) {
            return wrong(at, "is required");
        }
    }
    return out;
}

constexpr struct {
    std::string_view name;
    Result<Json> (*apply)(const Json& schema, const Json& value, const std::string& pointer, int depth);
} kTypes[] = {
    {"boolean", applyBoolean},
    {"integer", applyInteger},
    {"number", applyReal},
    {"string", applyText},
    {"array", applyList},
    {"object", applyObject},
};

Result<Json> applyOne(const Json& schema, const Json& value, const std::string& pointer, int depth) {
    if (depth > kMaxDepth) return wrong(pointer, "nests too deep");
    const std::string type = textOr(schema, "type", "");
    const auto known =
        std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& each) { return each.name == type; });
    if (known == std::end(kTypes)) return wrong(pointer, "has no type in the schema");
    DUBITO_TRY(Json out, known->apply(schema, value, pointer, depth));
    if (const Json choices = choicesIn(schema); !choices.empty())
        if (std::find(choices.begin(), choices.end(), out) == choices.end())
            return wrong(pointer, fmt::format("is {}; allowed {}", shown(value), jsonText(choices)));
    return out;
}

}  // namespace

Result<void> checkSchema(const Json& schema) {
    if (textOr(schema, "type", "") != "object") return wrong("", "must have a schema of type object");
    DUBITO_CHECK(checkOne(schema, "", 0));
    return checkConditions(schema, schema, "");
}

Result<Json> applySchema(const Json& schema, const Json& value) { return applyOne(schema, value, "", 0); }

std::vector<std::string> fillIn(const Json& schema, Json& value, std::string_view today) {
    std::vector<std::string> out;
    for (const auto& [name, child] : memberOf(schema, "properties").items()) {
        const auto member = value.find(name);
        if (member == value.end()) continue;
        if (member->is_object()) {
            for (const auto& inner : fillIn(child, *member, today)) out.push_back("/" + name + inner);
        } else if (child.contains("x-fill") && *member == "") {
            *member = std::string(today);
            out.push_back("/" + name);
        }
    }
    return out;
}

Json defaultsOf(const Json& schema) {
    if (schema.contains("default")) return schema["default"];
    Json out = Json::object();
    if (textOr(schema, "type", "") == "object")
        for (const auto& [name, child] : memberOf(schema, "properties").items())
            if (child.contains("default") || textOr(child, "type", "") == "object") out[name] = defaultsOf(child);
    return out;
}

Result<void> setByPath(const Json& schema, Json& value, std::string_view path, std::string_view text) {
    const Json* rule = &schema;
    Json* place = &value;
    std::string pointer;
    for (std::size_t start = 0; start <= path.size();) {
        const std::size_t end = std::min(path.find('.', start), path.size());
        const std::string name(path.substr(start, end - start));
        pointer += "/" + name;
        const Json& properties = memberOf(*rule, "properties");
        if (!properties.is_object() || !properties.contains(name))
            return wrong(pointer, "is not a parameter of this plugin");
        rule = &properties[name];
        if (!place->is_object()) *place = Json::object();
        place = &(*place)[name];
        start = end + 1;
    }
    const std::string type = textOr(*rule, "type", "");
    if (type == "string") {
        *place = std::string(text);
        return {};
    }
    auto parsed = parseJson(text);
    if (!parsed && type == "array") parsed = parseJson("[" + std::string(text) + "]");
    if (!parsed) return wrong(pointer, fmt::format("cannot be read from \"{}\"; a {} is expected", text, type));
    *place = type == "array" && !parsed->is_array() ? Json::array({*parsed}) : *parsed;
    return {};
}

}  // namespace dubito::run
