// What tokenizer_config.json changes of a tokenizer.json beside it.
#pragma once

#include "base/json.h"

namespace dubito::lm {

/// add_bos_token and add_eos_token, where they stand in the file, say alone what is put around a text; tokens of
/// added_tokens_decoder that tokenizer.json lacks are added. Other keys name files, classes and texts for batches, and
/// change no ids. @error Unsupported (a key and its value that would change ids), CorruptData
Result<void> applyTokenizerConfig(const Json& settings, Json& tokenizer);

}  // namespace dubito::lm
