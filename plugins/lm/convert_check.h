// What was written, read back and asked the same as its source.
#pragma once

#include <functional>

#include "lm/formats/convert.h"
#include "models.h"

namespace dubito::lmtask {

struct ConvertCheck {
    std::vector<std::string> prompts;
    std::vector<std::string> source, written;     ///< the likeliest first token of each
    std::vector<double> kl;                       ///< of the token behind the prompt, nats: written against source
    std::vector<double> typeKl;                   ///< the same of the weights in the new type before they were written
    std::string sourceTemplate, writtenTemplate;  ///< SHA-256 of the chat templates; empty: none
    std::size_t agreeing() const;
    double meanKl() const;
    double meanTypeKl() const;
};

/// Models are opened one after the other, as stored, so that only one is in memory.
/// @param copied options of a copy in memory; its type unset: the weights are as they were
/// @error what opening and reading give, Cancelled
Result<ConvertCheck> checkConverted(const std::shared_ptr<lm::GgufFile>& source, const fs::path& written,
    const lm::ConvertOptions& copied, int threads, const std::function<bool()>& goOn);

/// `quant/check`, a row a prompt; a warning where the file says something else than its weights. @throws Refusal
void publishCheck(const sdk::Host& host, const ConvertCheck& check);

}  // namespace dubito::lmtask
