// Direct logit attribution: which component of the last residual speaks for a token.
#pragma once

#include "lm/model/language_model.h"

namespace dubito::lm {

/// Components in order: embedding, then for each layer its heads, its MLP and, where the attention has
/// one, its bias. Each is (component * g / s) . W[token]
/// with s = sqrt(mean(h^2) + eps) of the final residual held fixed; they sum to the token's logit within 1e-3.
/// @param firstRow row of the captured pass (needs residuals, outputs and heads) of the first token; tokens are those
/// of the rows after it
/// @return (tokens, 1 + N * (A + 1)) logits; (tokens, 1 + N * (A + 2)) with biases of the attention
std::vector<float> attributeLogits(
    const LanguageModel& model, const Captured& captured, std::int64_t firstRow, std::span<const TokenId> tokens);

/// "embed", "L1 H0", ..., "L1 MLP", "L1 bias", ...
std::vector<std::string> attributionNames(const ModelConfig& config);

}  // namespace dubito::lm
