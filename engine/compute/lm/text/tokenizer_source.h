// A tokenizer from any file that holds one.
#pragma once

#include "base/files.h"
#include "lm/text/tokenizer.h"

namespace dubito::lm {

/// A GGUF file, a model folder, tokenizer.json, vocab.txt (WordPiece), tokenizer.model (SentencePiece, or lines of
/// base64 ranks) or *.tiktoken. Rank files do not say how text is split: those named qwen split digits one by one,
/// others by threes.
/// @error NotFound, Io, CorruptData, Unsupported
Result<std::shared_ptr<const Tokenizer>> openTokenizer(const fs::path& path);

}  // namespace dubito::lm
