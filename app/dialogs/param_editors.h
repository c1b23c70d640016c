// One editor for a parameter, by the type and the hints of its schema.
#pragma once

#include <QString>
#include <functional>
#include <vector>

#include "run/param_schema.h"

class QWidget;

namespace dubito::app {

/// What a person sees and edits of one value.
struct ParamEditor {
    QWidget* widget = nullptr;
    QWidget* focus = nullptr;  ///< what takes the keys
    /// The value as the schema's type; exactly what was given while nobody edited it; null when it is left empty and
    /// empty is no value of its type; otherwise the text as it stands, which the schema refuses.
    std::function<Json()> read;
    /// Of a field that takes several in one line; empty: it takes one, and more have editors of their own.
    std::function<std::vector<Json>()> readAll;
    std::function<void(const std::vector<Json>&)> writeAll;
};

/// `changed` is called after each edit of a person. `language` chooses the words of named choices. [gui]
ParamEditor makeParamEditor(const run::ParameterLeaf& leaf, const Json& given, const std::string& language,
    QWidget* dialogParent, const std::function<void()>& changed);

/// What is wrong with a value, in one translated sentence without the parameter's name; empty: nothing.
QString faultOf(const run::ParameterLeaf& leaf, const Json& value);

}  // namespace dubito::app
