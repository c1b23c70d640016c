// A folder of config.json, safetensors shards and tokenizer.json, seen as the GGUF file it would be.
#pragma once

#include "lm/formats/gguf.h"

namespace dubito::lm {

/// A GGUF file, or a folder with config.json, model.safetensors (or its index and shards) and tokenizer.json.
/// @error as GgufFile::open and SafetensorsFile::open; NotFound (config.json, shard), Unsupported (model_type,
/// tokenizer), CorruptData
Result<std::shared_ptr<GgufFile>> openModel(const fs::path& path);

}  // namespace dubito::lm
