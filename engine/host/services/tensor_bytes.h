// Tensors of a plugin as the journal keeps them.
#pragma once

#include <dubito/plugin.h>

#include <vector>

#include "base/result.h"
#include "journal/blob_files.h"

namespace dubito::host {

/// One array of a record as the plugin gave it: its tensor lives as long as the plugin's call.
struct GivenArray {
    journal::Array array;  ///< without data
    const dubito_tensor* tensor = nullptr;
    std::uint64_t bytes = 0;
};
/// Adds values, offsets and validity of one array. @error as the ABI states, naming the array
Result<void> addArray(const dubito_array* array, std::vector<GivenArray>& out);
/// All bytes where they lie; nothing when they lie in strides.
std::optional<ByteSpan> inPlace(const GivenArray& given);
/// Row-major and compact, in pieces: where the tensor is so, all of it in place; else packed 1 MiB at a time.
Result<void> piecesOf(const GivenArray& given, const journal::TakePiece& take);

}  // namespace dubito::host
