// Writes safetensors files, alone or as shards with an index.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/files.h"

namespace dubito::lm {

struct TensorToWrite {
    std::string name, dtype;          ///< "F32", "F16", "BF16", "I64" ...
    std::vector<std::int64_t> shape;  ///< row-major
    ByteSpan data;                    ///< bytes of shape times dtype, alive until written
};

/// The file appears whole or not at all; tensors are written in the order of their names.
/// @error InvalidArgument (a size that is not shape times dtype, a name twice), Io
Result<void> writeSafetensors(const fs::path& path, const std::vector<TensorToWrite>& tensors,
    const std::map<std::string, std::string>& metadata = {});

/// model.safetensors, or model-00001-of-0000N.safetensors with model.safetensors.index.json when more than
/// `shardBytes`.
Result<void> writeShards(const fs::path& folder, const std::vector<TensorToWrite>& tensors, std::uint64_t shardBytes);

}  // namespace dubito::lm
