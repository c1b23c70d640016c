// The tokenizer of a model as the files that other programs read.
#pragma once

#include "lm/text/vocabulary.h"

namespace dubito::lm {

/// tokenizer.json of a byte-level BPE vocabulary. @error Unsupported (another kind), as vocabularyOf
Result<Json> tokenizerJson(const GgufFile& model);
/// tokenizer_config.json: special tokens by name, and the chat template.
Json tokenizerConfigJson(const GgufFile& model);

}  // namespace dubito::lm
