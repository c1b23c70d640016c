// An unknown keyword is an error, so that no rule is silently ignored.
#include "run/param_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <regex>

namespace dubito::run {
namespace {

constexpr std::array<std::string_view, 20> kKeywords = {"type", "properties", "required", "additionalProperties", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "enum", "oneOf", "maxLength", "minLength", "pattern", "items", "minItems", "maxItems", "default", "title", "description"};
constexpr int kMaxDepth = 16;

Error wrong(std::string_view pointer, std::string_view what) {
    return Error(Code::InvalidParameters, fmt::format("{} {}", pointer.empty() ? "the parameters" : pointer, what));
}

std::string shown(const Json& value) {
    std::string text = jsonText(value);
    if (text.size() > 60) text = text.substr(0, 57) + "...";
    return text;
}

std::string rangeText(const Json& schema) {
    const auto bound = [&](const char* inclusive, const char* exclusive, const char* word) -> std::string {
        if (schema.contains(inclusive)) return jsonText(schema[inclusive]);
        if (schema.contains(exclusive)) return fmt::format("{} {}", word, jsonText(schema[exclusive]));
        return {};
    };
    const std::string low = bound("minimum", "exclusiveMinimum", "above"), high = bound("maximum", "exclusiveMaximum", "below");
    if (!low.empty() && !high.empty()) return fmt::format("allowed {} to {}", low, high);
    return low.empty() ? "allowed up to " + high : "allowed from " + low;
}

Result<void> checkOne(const Json& schema, const std::string& pointer, int depth);
Result<Json> applyOne(const Json& schema, const Json& value, const std::string& pointer, int depth);

Result<void> checkOne(const Json& schema, const std::string& pointer, int depth) {
    if (depth > kMaxDepth) return wrong(pointer, "nests too deep in the schema");
    if (!schema.is_object()) return wrong(pointer, "has no schema object");
    for (const auto& [key, rule] : schema.items()) {
        if (key.starts_with("x-")) continue;
        if (std::find(kKeywords.begin(), kKeywords.end(), key) == kKeywords.end()) return wrong(pointer, "uses the schema keyword \"" + key + "\", which Dubito does not check");
        const bool wantsNumber = key == "minimum" || key == "maximum" || key == "exclusiveMinimum" || key == "exclusiveMaximum" || key == "multipleOf";
        const bool wantsCount = key == "maxLength" || key == "minLength" || key == "minItems" || key == "maxItems";
        if (wantsNumber && !rule.is_number()) return wrong(pointer, key + " must be a number");
        if (wantsCount && !rule.is_number_unsigned()) return wrong(pointer, key + " must be a count");
        if ((key == "title" || key == "description" || key == "pattern") && !rule.is_string()) return wrong(pointer, key + " must be text");
        if (key == "pattern" && rule.get_ref<const std::string&>().size() > 200) return wrong(pointer, "pattern is longer than 200 characters");
        if (key == "enum" && (!rule.is_array() || rule.empty())) return wrong(pointer, "enum must be a list");
        if (key == "required" && !rule.is_array()) return wrong(pointer, "required must be a list");
        if (key == "multipleOf" && rule.get<double>() <= 0) return wrong(pointer, "multipleOf must be above 0");
    }
    if (schema.contains("oneOf")) {
        if (!schema["oneOf"].is_array()) return wrong(pointer, "oneOf must be a list");
        for (const Json& choice : schema["oneOf"])
            if (!choice.is_object() || !choice.contains("const")) return wrong(pointer, "each choice of oneOf needs const");
    }
    const std::string type = textOr(schema, "type", "");
    if (type == "object") {
        if (!memberOf(schema, "properties").is_object()) return wrong(pointer, "is an object without properties");
        for (const auto& [name, child] : schema["properties"].items()) {
            if (name.empty() || name.find('.') != std::string::npos || name.find('/') != std::string::npos) return wrong(pointer, "has a member with an unusable name");
            DUBITO_CHECK(checkOne(child, pointer + "/" + name, depth + 1));
        }
    } else if (type == "array") {
        DUBITO_CHECK(checkOne(memberOf(schema, "items"), pointer + "/items", depth + 1));
        const std::string inner = textOr(schema["items"], "type", "");
        if (inner == "object" || inner == "array") return wrong(pointer, "may only list single values");
    } else if (type != "boolean" && type != "integer" && type != "number" && type != "string") {
        return wrong(pointer, "has the type \"" + type + "\"; known are boolean, integer, number, string, array, object");
    }
    if (schema.contains("default")) DUBITO_CHECK([&]() -> Result<void> {
        if (auto applied = applyOne(schema, schema["default"], pointer, depth); !applied) return std::move(applied).error().in("its default");
        return {};
    }());
    return {};
}

Result<void> checkNumber(const Json& schema, double value, const Json& original, const std::string& pointer) {
    if (!std::isfinite(value)) return wrong(pointer, "is not a finite number");
    const bool inside = (!schema.contains("minimum") || value >= schema["minimum"].get<double>()) && (!schema.contains("maximum") || value <= schema["maximum"].get<double>()) &&
                        (!schema.contains("exclusiveMinimum") || value > schema["exclusiveMinimum"].get<double>()) &&
                        (!schema.contains("exclusiveMaximum") || value < schema["exclusiveMaximum"].get<double>());
    if (!inside) return wrong(pointer, fmt::format("is {}; {}", shown(original), rangeText(schema)));
    if (schema.contains("multipleOf")) {
        const double quotient = value / schema["multipleOf"].get<double>();
        if (std::abs(quotient - std::round(quotient)) > 1e-9) return wrong(pointer, fmt::format("is {}; must be a multiple of {}", shown(original), jsonText(schema["multipleOf"])));
    }
    return {};
}

Result<Json> applyOne(const Json& schema, const Json& value, const std::string& pointer, int depth) {
    if (depth > kMaxDepth) return wrong(pointer, "nests too deep");
    const std::string type = textOr(schema, "type", "");
    Json out = value;
    if (type == "boolean") {
        if (!value.is_boolean()) return wrong(pointer, "is " + shown(value) + "; must be true or false");
    } else if (type == "integer") {
        if (!value.is_number_integer()) return wrong(pointer, "is " + shown(value) + "; must be a whole number");
        const double number = value.get<double>();
        if (std::abs(number) > 9007199254740991.0) return wrong(pointer, "is beyond 2^53-1");
        DUBITO_CHECK(checkNumber(schema, number, value, pointer));
    } else if (type == "number") {
        if (!value.is_number()) return wrong(pointer, "is " + shown(value) + "; must be a number");
        out = value.get<double>();
        DUBITO_CHECK(checkNumber(schema, value.get<double>(), value, pointer));
    } else if (type == "string") {
        if (!value.is_string()) return wrong(pointer, "is " + shown(value) + "; must be text");
        const std::string& text = value.get_ref<const std::string&>();
        if (schema.contains("maxLength") && text.size() > schema["maxLength"].get<std::size_t>())
            return wrong(pointer, fmt::format("is {} bytes long; at most {}", text.size(), schema["maxLength"].get<std::size_t>()));
        if (schema.contains("minLength") && text.size() < schema["minLength"].get<std::size_t>()) return wrong(pointer, "is too short");
        if (schema.contains("pattern") && text.size() <= 4096) {
            try {  // std::regex reports a bad pattern only by throwing
                if (!std::regex_match(text, std::regex(schema["pattern"].get<std::string>(), std::regex::ECMAScript))) return wrong(pointer, "does not have the required form " + schema["pattern"].get<std::string>());
            } catch (const std::regex_error&) {
                return wrong(pointer, "has a pattern that cannot be read");
            }
        }
    } else if (type == "array") {
        if (!value.is_array()) return wrong(pointer, "must be a list");
        if (schema.contains("minItems") && value.size() < schema["minItems"].get<std::size_t>()) return wrong(pointer, "has too few items");
        if (schema.contains("maxItems") && value.size() > schema["maxItems"].get<std::size_t>()) return wrong(pointer, "has too many items");
        for (std::size_t i = 0; i < value.size(); ++i) {
            DUBITO_TRY(out[i], applyOne(schema["items"], value[i], fmt::format("{}/{}", pointer, i), depth + 1));
        }
    } else if (type == "object") {
        if (!value.is_object()) return wrong(pointer, "must be an object");
        const Json& properties = memberOf(schema, "properties");
        for (const auto& [name, child] : value.items())
            if (!properties.contains(name)) return wrong(pointer + "/" + name, "is not a parameter here");
        out = Json::object();
        for (const auto& [name, child] : properties.items()) {
            const std::string at = pointer + "/" + name;
            if (value.contains(name)) {
                DUBITO_TRY(out[name], applyOne(child, value[name], at, depth + 1));
            } else if (child.contains("default")) {
                DUBITO_TRY(out[name], applyOne(child, child["default"], at, depth + 1));
            } else if (textOr(child, "type", "") == "object") {
                DUBITO_TRY(out[name], applyOne(child, Json::object(), at, depth + 1));
            } else {
                const Json& required = memberOf(schema, "required");
                if (required.is_array() && std::find(required.begin(), required.end(), Json(name)) != required.end()) return wrong(at, "is required");
            }
        }
    } else {
        return wrong(pointer, "has no type in the schema");
    }
    if (schema.contains("enum")) {
        bool member = false;
        for (const Json& choice : schema["enum"]) member |= choice == out;
        if (!member) return wrong(pointer, fmt::format("is {}; allowed {}", shown(value), jsonText(schema["enum"])));
    }
    if (schema.contains("oneOf")) {
        bool member = false;
        for (const Json& choice : schema["oneOf"]) member |= memberOf(choice, "const") == out;
        if (!member) return wrong(pointer, "is " + shown(value) + ", which is none of the choices");
    }
    return out;
}

void walkLeaves(const Json& schema, const std::string& path, const std::string& group, std::vector<ParameterLeaf>& out) {
    if (textOr(schema, "type", "") != "object") {
        ParameterLeaf leaf;
        leaf.path = path;
        leaf.type = textOr(schema, "type", "");
        leaf.title = textOr(schema, "title", path);
        leaf.description = textOr(schema, "description", "");
        leaf.unit = textOr(schema, "x-unit", "");
        leaf.group = textOr(schema, "x-group", group);
        leaf.schema = schema;
        leaf.defaultValue = memberOf(schema, "default");
        leaf.advanced = boolOr(schema, "x-advanced", false);
        out.push_back(std::move(leaf));
        return;
    }
    for (const auto& [name, child] : memberOf(schema, "properties").items())
        walkLeaves(child, path.empty() ? name : path + "." + name, path.empty() ? "" : textOr(schema, "title", path), out);
}

}  // namespace

Result<void> checkSchema(const Json& schema) {
    if (textOr(schema, "type", "") != "object") return wrong("", "must have a schema of type object");
    return checkOne(schema, "", 0);
}

Result<Json> applySchema(const Json& schema, const Json& value) { return applyOne(schema, value, "", 0); }

Json defaultsOf(const Json& schema) {
    if (schema.contains("default")) return schema["default"];
    Json out = Json::object();
    if (textOr(schema, "type", "") == "object")
        for (const auto& [name, child] : memberOf(schema, "properties").items())
            if (child.contains("default") || textOr(child, "type", "") == "object") out[name] = defaultsOf(child);
    return out;
}

std::vector<ParameterLeaf> parameterLeaves(const Json& schema) {
    std::vector<ParameterLeaf> out;
    walkLeaves(schema, "", "", out);
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
        if (!properties.is_object() || !properties.contains(name)) return wrong(pointer, "is not a parameter of this plugin");
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
