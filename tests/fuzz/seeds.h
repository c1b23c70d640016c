// Small whole files of each kind, made here: what mutations begin from.
#pragma once

#include "base/bytes.h"
#include "base/json.h"

namespace dubito::fuzz {

/// A GGUF file from {"meta": [[key, type, value], ...], "tensors": [[name, dims, type], ...]}, whatever stands there:
/// a list's value is [element type, [elements]]. Numbers are cut to the width of their type; offsets follow the sizes
/// of F32.
Bytes ggufOf(const Json& described);
/// llama, 1 block, width 8, feed-forward 16, 257 tokens of bytes and "ab", a chat template.
Json tinyModel();
/// u64, the header, and `bytes` bytes behind it.
Bytes safetensorsOf(const std::string& header, std::size_t bytes);

/// tokenizer.json of every model and with every step that is read, each in one of them.
std::vector<Json> tokenizerFiles();
Bytes sentencePieceModel();
/// config.json of the kinds that are read.
std::vector<Json> modelConfigs();
/// adapter_config.json as PEFT writes it, with patterns.
Json adapterConfig();

/// A row of each shape that data comes in.
std::vector<Json> dataRows();

Bytes gzipped(std::string_view text);
Bytes zstded(std::string_view text);

}  // namespace dubito::fuzz
