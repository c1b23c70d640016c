// A walk over properties; texts and conditions are read as they are found.
#include "run/parameter_leaves.h"

#include <algorithm>

namespace dubito::run {
namespace {

constexpr std::size_t kMostText = 2000;
constexpr std::size_t kMostLanguages = 32;
constexpr std::size_t kMostValues = 64;

Error wrong(const char* what) { return Error(Code::InvalidArgument, what); }

bool isLanguage(std::string_view name) {
    return name.size() >= 2 && name.size() <= 16 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

LocalText textOf(const Json& schema, const char* key, const std::string& otherwise) {
    if (const Json& value = memberOf(schema, key); !value.is_null())
        if (auto text = localText(value)) return *text;
    return otherwise.empty() ? LocalText() : LocalText{{"en", otherwise}};
}

std::string shownAs(const Json& value) { return value.is_string() ? value.get<std::string>() : jsonText(value); }

std::vector<std::pair<Json, LocalText>> choicesOf(const Json& schema) {
    std::vector<std::pair<Json, LocalText>> out;
    for (const Json& value : memberOf(schema, "enum")) out.emplace_back(value, LocalText{{"en", shownAs(value)}});
    for (const Json& choice : memberOf(schema, "oneOf"))
        out.emplace_back(memberOf(choice, "const"), textOf(choice, "title", shownAs(memberOf(choice, "const"))));
    return out;
}

/// What the leaves of a group have in common.
struct Group {
    LocalText titles;
    std::vector<VisibleWhen> conditions;
};

void addCondition(const Json& schema, std::vector<VisibleWhen>& conditions) {
    if (const Json& rule = memberOf(schema, "x-visible-when"); !rule.is_null())
        if (auto condition = visibleWhen(rule)) conditions.push_back(std::move(*condition));
}

ParameterLeaf leafOf(const Json& schema, const std::string& path, const Group& group) {
    ParameterLeaf leaf;
    leaf.path = path;
    leaf.type = textOr(schema, "type", "");
    leaf.titles = textOf(schema, "title", path);
    leaf.title = textIn(leaf.titles, "en", path);
    leaf.descriptions = textOf(schema, "description", "");
    leaf.description = textIn(leaf.descriptions, "en", "");
    leaf.unit = textOr(schema, "x-unit", "");
    leaf.groupTitles = schema.contains("x-group") ? textOf(schema, "x-group", "") : group.titles;
    leaf.group = textIn(leaf.groupTitles, "en", "");
    leaf.schema = schema;
    leaf.defaultValue = memberOf(schema, "default");
    leaf.choices = choicesOf(schema);
    leaf.visibleWhen = group.conditions;
    addCondition(schema, leaf.visibleWhen);
    leaf.advanced = boolOr(schema, "x-advanced", false);
    return leaf;
}

/// One step a name of the pointer.
template <class Step>
const Json& follow(const Json& from, std::string_view pointer, Step step) {
    static const Json kNone;
    if (pointer.empty() || pointer.front() != '/') return kNone;
    const Json* place = &from;
    for (std::size_t at = 1; at <= pointer.size() && !place->is_null();) {
        const std::size_t end = std::min(pointer.find('/', at), pointer.size());
        place = &step(*place, pointer.substr(at, end - at));
        at = end + 1;
    }
    return *place;
}

void walk(const Json& schema, const std::string& path, const Group& outer, std::vector<ParameterLeaf>& out) {
    if (textOr(schema, "type", "") != "object") {
        out.push_back(leafOf(schema, path, outer));
        return;
    }
    Group group = outer;
    group.titles = path.empty() ? LocalText() : textOf(schema, "title", path);
    addCondition(schema, group.conditions);
    for (const auto& [name, child] : memberOf(schema, "properties").items())
        walk(child, path.empty() ? name : path + "." + name, group, out);
}

}  // namespace

std::vector<ParameterLeaf> parameterLeaves(const Json& schema) {
    std::vector<ParameterLeaf> out;
    walk(schema, "", {}, out);
    return out;
}

bool isVisible(const ParameterLeaf& leaf, const Json& parameters) {
    return std::all_of(leaf.visibleWhen.begin(), leaf.visibleWhen.end(), [&](const VisibleWhen& condition) {
        const Json& value = valueAt(parameters, condition.pointer);
        return std::find(condition.equals.begin(), condition.equals.end(), value) != condition.equals.end();
    });
}

const Json& valueAt(const Json& parameters, std::string_view pointer) {
    return follow(parameters, pointer,
        [](const Json& place, std::string_view name) -> const Json& { return memberOf(place, name); });
}

Json* placeAt(Json& parameters, std::string_view pointer) {
    const Json& place = valueAt(parameters, pointer);
    return place.is_null() ? nullptr : const_cast<Json*>(&place);  // a part of what the caller may write to
}

const Json& schemaAt(const Json& schema, std::string_view pointer) {
    return follow(schema, pointer, [](const Json& place, std::string_view name) -> const Json& {
        return memberOf(memberOf(place, "properties"), name);
    });
}

Result<LocalText> localText(const Json& value) {
    LocalText out;
    if (value.is_string()) out["en"] = value.get<std::string>();
    else if (!value.is_object() || textOr(value, "en", "").empty())
        return wrong("must be a text, or texts by language with an English one under \"en\"");
    else if (value.size() > kMostLanguages) return wrong("has more than 32 languages");
    else
        for (const auto& [language, text] : value.items()) {
            if (!text.is_string() || !isLanguage(language))
                return wrong("holds something that is no text of a language");
            out[language] = text.get<std::string>();
        }
    for (const auto& [language, text] : out)
        if (text.size() > kMostText) return wrong("is longer than 2,000 bytes");
    return out;
}

Result<VisibleWhen> visibleWhen(const Json& rule) {
    VisibleWhen out;
    out.pointer = textOr(rule, "pointer", "");
    if (out.pointer.size() < 2 || out.pointer.front() != '/')
        return wrong("needs a \"pointer\" to another parameter, as \"/train/mode\"");
    const Json& equals = memberOf(rule, "equals");
    if (equals.is_array()) out.equals.assign(equals.begin(), equals.end());
    else if (!equals.is_null()) out.equals.push_back(equals);
    if (out.equals.empty()) return wrong("needs \"equals\": a value, or a list of values");
    if (out.equals.size() > kMostValues) return wrong("lists more than 64 values");
    return out;
}

}  // namespace dubito::run
