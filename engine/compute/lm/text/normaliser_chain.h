// What a tokenizer does to a text before it is split.
#pragma once

#include <functional>
#include <vector>

#include "base/json.h"
#include "lm/text/aligned_text.h"

namespace dubito::lm {

/// [any] after parse().
class NormaliserChain {
public:
    /// The normaliser of tokenizer.json; null: none. @error Unsupported (kind, field, pattern), CorruptData
    static Result<NormaliserChain> parse(const Json& normalizer);
    bool isEmpty() const { return m_steps.empty(); }
    /// Valid UTF-8 to valid UTF-8. @throws TooMuchWork
    AlignedText apply(const TextPiece& piece) const;

private:
    using Step = std::function<void(const TextPiece&, AlignedText&)>;
    Result<void> add(const Json& normalizer, int depth);
    Result<void> addBert(const Json& normalizer);
    Result<void> addPrecompiled(const Json& json);
    Result<void> addReplace(const Json& normalizer);
    std::vector<Step> m_steps;
};

}  // namespace dubito::lm
