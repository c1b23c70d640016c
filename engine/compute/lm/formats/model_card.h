// What a model file holds, as rows for people.
#pragma once

#include "lm/formats/model_config.h"

namespace dubito::lm {

using CardRows = std::vector<std::pair<std::string, std::string>>;

/// Name, shape, tokenizer, template, licence and the mix of tensor types. Works for files that no decoder here runs.
CardRows modelCard(const GgufFile& file);

}  // namespace dubito::lm
