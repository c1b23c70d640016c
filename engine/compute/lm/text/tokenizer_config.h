// What tokenizer_config.json changes of a tokenizer.json beside it.
#pragma once

#include "base/json.h"
#include "lm/formats/account.h"

namespace dubito::lm {

/// Every key is used, known to change no ids, or refused. Used: add_bos_token and add_eos_token say alone what is put
/// around a text; added_tokens_decoder gives tokens and their flags; tokens that are named are special.
/// @param account one row a key, and a warning for a named token that the file lacks
/// @error Unsupported (a key and its value that would change ids), CorruptData
Result<void> applyTokenizerConfig(const Json& settings, Json& tokenizer, Account& account);

}  // namespace dubito::lm
