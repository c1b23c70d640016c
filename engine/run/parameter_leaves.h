// A parameter schema as forms, help and completion see it: one leaf an editable value, its texts in every language.
#pragma once

#include <utility>

#include "run/plugin_description.h"

namespace dubito::run {

/// A leaf is shown only while another parameter has one of these values. What is hidden keeps its value and is hashed.
struct VisibleWhen {
    std::string pointer;       ///< JSON pointer of the other parameter
    std::vector<Json> equals;  ///< at least one
};

struct ParameterLeaf {
    std::string path, type, title, description, unit, group;  ///< texts in English; path is dotted ("model.path")
    LocalText titles, descriptions, groupTitles;
    Json schema, defaultValue;
    std::vector<std::pair<Json, LocalText>> choices;  ///< of "enum" or "oneOf"; empty: any value the schema allows
    std::vector<VisibleWhen> visibleWhen;             ///< all must hold; those of its groups first
    bool advanced = false;
};
/// In the order of the schema, which must have passed checkSchema.
std::vector<ParameterLeaf> parameterLeaves(const Json& schema);

/// @param parameters complete ones: defaults filled in
bool isVisible(const ParameterLeaf& leaf, const Json& parameters);

/// The value at a JSON pointer through objects; null when there is none, and for the empty pointer.
const Json& valueAt(const Json& parameters, std::string_view pointer);
/// The same to write to; nullptr when there is none.
Json* placeAt(Json& parameters, std::string_view pointer);
/// The schema of the parameter or group at a pointer; null when there is none.
const Json& schemaAt(const Json& schema, std::string_view pointer);

/// A text (then English), or texts by language with "en" among them. @error InvalidArgument
Result<LocalText> localText(const Json& value);
/// {"pointer": "/train/mode", "equals": "lora" or a list of values}. @error InvalidArgument
Result<VisibleWhen> visibleWhen(const Json& rule);

}  // namespace dubito::run
