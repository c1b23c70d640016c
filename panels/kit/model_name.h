// What people call a model: the name of its file where that says something, else what the file says of itself.
#pragma once

#include <QString>

#include "store/queries.h"

namespace dubito::kit {

/// "SmolLM2-135M-Instruct.Q4_1.gguf" is "SmolLM2-135M-Instruct Q4_1", whatever its metadata say; "model.gguf" is called
/// by its metadata. @param file name or path, also of a folder; both may be empty
QString modelName(const QString& metadata, const QString& file);
/// Name of the file that a run was given as its model; a spec names no path. Empty: none is known.
QString modelFileOf(store::Database& db, std::int64_t runNo);

}  // namespace dubito::kit
