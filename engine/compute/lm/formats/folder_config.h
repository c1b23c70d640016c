// The configuration of a model folder in the terms of GGUF metadata, each key accounted for.
#pragma once

#include "base/json.h"
#include "lm/formats/account.h"
#include "lm/formats/gguf.h"

namespace dubito::lm {

struct FolderConfig {
    std::map<std::string, GgufValue, std::less<>> metadata;
    Account account;
    std::string type;       ///< model_type as given
    bool tied = false;      ///< the configuration ties the head to the embedding
    bool attnBias = false;  ///< q, k and v have a bias, as the reference builds them
    bool outBias = false, mlpBias = false;
};

/// Missing keys get the defaults of their model_type. What cannot be read is told in the account, not as an error.
/// @error Unsupported (another model_type)
Result<FolderConfig> readFolderConfig(const Json& config);

}  // namespace dubito::lm
