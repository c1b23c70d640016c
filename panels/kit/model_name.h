// What people call a model: the name of its file where that says something, else what the file says of itself.
#pragma once

#include <QString>

namespace dubito::kit {

/// "SmolLM2-135M-Instruct.Q4_1.gguf" is "SmolLM2-135M-Instruct Q4_1", whatever its metadata say; "model.gguf" is called
/// by its metadata. @param file name or path, also of a folder; both may be empty
QString modelName(const QString& metadata, const QString& file);

}  // namespace dubito::kit
