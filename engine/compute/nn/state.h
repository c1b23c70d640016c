// A training state as files: NAME.safetensors for tensors, NAME.json for the rest. Used by every checkpoint.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"

namespace dubito::nn {

struct TrainingState {
    struct Entry {
        std::string name;
        at::Tensor value;
    };
    std::vector<Entry> tensors;
    Json rest = Json::object();  ///< numbers are written so that they read back to the same bits

    void put(std::string name, const at::Tensor& value) { tensors.push_back({std::move(name), value}); }
    const at::Tensor* find(std::string_view name) const;
    /// Copies a stored tensor into one of this run. @error NotFound, ShapeMismatch (both shapes and types)
    Result<void> into(std::string_view name, at::Tensor& target) const;
    /// A stored whole number within bounds. @error CorruptData
    Result<std::int64_t> integer(std::string_view key, std::int64_t low, std::int64_t high) const;
};

/// @return the two files' names, items of a checkpoint. Each appears whole or not at all.
/// @error Io (disk full), InvalidArgument (a number that is none), Unsupported (element type)
Result<std::vector<std::string>> writeState(const fs::path& folder, std::string_view name, const TrainingState& state);
/// Somebody else may have laid out the folder: every length and type is checked before memory is sized by it.
/// @error NotFound, Io, CorruptData, Unsupported
Result<TrainingState> readState(const fs::path& folder, std::string_view name);

}  // namespace dubito::nn
