// Scores of a model on text, on options and on answers.
#pragma once

#include <functional>

#include "lm/model/language_model.h"

namespace dubito::lm {

/// false cancels.
using GoOn = std::function<bool(double share)>;

struct TextScore {
    double nats = 0;  ///< sum over scored tokens
    std::int64_t tokens = 0, bytes = 0;
    double perToken() const { return tokens ? nats / static_cast<double>(tokens) : 0; }
    double bitsPerByte() const;  ///< nats / (ln 2 * UTF-8 bytes)
};
/// Windows of `window` tokens, half overlapping; every token but the first is scored once, with at least half a window
/// before it where there is that much. @error InvalidArgument (fewer than two tokens), Cancelled
Result<TextScore> scoreText(const LanguageModel& model, const Tokenizer& tokenizer, std::string_view text,
    std::int64_t window, const GoOn& goOn);

struct Comparison {
    std::int64_t positions = 0;
    double kl = 0, klMax = 0;               ///< nats, reference against model
    double top1 = 0;                        ///< share of positions with the same first candidate
    double rmsP = 0;                        ///< root mean square change of the right token's probability
    double nllModel = 0, nllReference = 0;  ///< nats/token
};
/// A reference's logits over one text and window, computed once for several comparisons as far as they fit.
struct KeptReference {
    const LanguageModel& model;
    std::size_t mostBytes = std::size_t{1} << 30;
    std::vector<std::vector<float>> windows{};  ///< the first ones: (rows that are scored, V)
    std::size_t bytes = 0;
};
/// @param reference kept logits are of these ids and this window
/// @error ShapeMismatch (vocabularies), as scoreText
Result<Comparison> compareModels(const LanguageModel& model, KeptReference& reference, std::span<const TokenId> ids,
    std::int64_t window, const GoOn& goOn);
Result<Comparison> compareModels(const LanguageModel& model, const LanguageModel& reference,
    std::span<const TokenId> ids, std::int64_t window, const GoOn& goOn);

struct OptionScores {
    std::vector<double> sum, perToken, perByte, perCharacter;  ///< nats
};
/// Options are tokenised in context: each is scored from the first token where prompt and option together differ from
/// the prompt alone. The prompt is computed once. @error InvalidArgument (no options), Limit (longer than the context)
Result<OptionScores> scoreOptions(const LanguageModel& model, const Tokenizer& tokenizer, std::string_view prompt,
    const std::vector<std::string>& options);

}  // namespace dubito::lm
