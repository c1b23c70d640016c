// A text as a tokenizer cuts it, as one record.
#pragma once

#include "lm/text/tokenizer.h"
#include "models.h"

namespace dubito::lmtask {

/// Arrays text, piece, id, end (bytes up to and with each piece), special, and mask (a token in the loss is 1; may be
/// empty).
void publishPieces(const sdk::Host& host, const sdk::Series& series, std::int64_t step, const std::string& metaJson,
    const lm::Tokenizer& tokenizer, const std::string& text, const std::vector<lm::TokenId>& ids,
    const std::vector<std::uint8_t>& mask = {});

}  // namespace dubito::lmtask
